//! Protocols as trees, interpreted with the whole stream at hand: what the framing core is held against.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

/// What comes out of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Message { rule: usize, len: usize, record: Option<Range<usize>>, parts: Vec<Range<usize>> },
    Bad,
    Passed(u64),
    Stopped,
}

/// Arbitrary bytes to make choices by; zeros when they are used up.
pub(super) struct Bytes<'d> {
    data: &'d [u8],
}

impl<'d> Bytes<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self { data }
    }

    fn below(&mut self, most: usize) -> usize {
        match self.data.split_first() {
            Some((&first, rest)) => {
                self.data = rest;
                usize::from(first) % most
            }
            None => 0,
        }
    }

    pub(super) fn rest(self) -> &'d [u8] {
        self.data
    }
}

pub(super) struct ProtocolModel {
    rules: Vec<RuleModel>,
}

struct RuleModel {
    when: Option<Tree>,
    times: Option<usize>,
    prefix: usize,
    trim: usize,
    has_record: bool,
    length: Option<Tree>,
    resync: Option<Tree>,
    part: Option<PartModel>,
    remember: Option<(Tree, Tree)>,
    max: usize,
}

struct PartModel {
    at: usize,
    /// `None`: to the end.
    count: Option<Tree>,
}

/// An expression.
enum Tree {
    Number(usize),
    Byte(usize),
    Big(usize),
    Little(usize),
    Remaining,
    Recall(Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
}

/// Why a tree has no value.
#[derive(Clone, Copy, PartialEq)]
enum No {
    /// The stream ends before what it reads.
    Beyond,
    Error,
}

struct Context<'m> {
    bytes: &'m [u8],
    max: usize,
    memory: &'m HashMap<i128, i128>,
}

#[derive(Clone, Default)]
struct State {
    times: HashMap<usize, usize>,
    memory: HashMap<i128, i128>,
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Byte(at) => format!("u8({at})"),
            Self::Big(at) => format!("be16({at})"),
            Self::Little(at) => format!("le16({at})"),
            Self::Remaining => "remaining()".to_owned(),
            Self::Recall(key) => format!("recall(t, {}, 3)", key.text()),
            Self::Binary(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
        }
    }

    fn value(&self, context: &Context<'_>) -> Result<i128, No> {
        let byte = |at: usize| match context.bytes.get(at) {
            _ if at >= context.max => Err(No::Error),
            Some(&byte) => Ok(i128::from(byte)),
            None => Err(No::Beyond),
        };
        Ok(match self {
            Self::Number(number) => *number as i128,
            Self::Byte(at) => byte(*at)?,
            // The last byte decides whether both are there.
            Self::Big(at) => byte(at + 1)? + 256 * byte(*at)?,
            Self::Little(at) => 256 * byte(at + 1)? + byte(*at)?,
            Self::Remaining if context.bytes.len() > context.max => return Err(No::Error),
            Self::Remaining => context.bytes.len() as i128,
            Self::Recall(key) => *context.memory.get(&key.value(context)?).unwrap_or(&3),
            Self::Binary("&&", a, b) => {
                i128::from(a.value(context)? != 0 && b.value(context)? != 0)
            }
            Self::Binary("||", a, b) => {
                i128::from(a.value(context)? != 0 || b.value(context)? != 0)
            }
            Self::Binary(op, a, b) => {
                let (a, b) = (a.value(context)?, b.value(context)?);
                match *op {
                    "+" => a + b,
                    "*" => a * b,
                    "&" => a & b,
                    "<" => i128::from(a < b),
                    "%" if b == 0 => return Err(No::Error),
                    "%" => a % b,
                    _ => i128::from(a == b),
                }
            }
        })
    }

    fn operand(bytes: &mut Bytes<'_>) -> Self {
        let at = bytes.below(6);
        match bytes.below(16) {
            0..=8 => Self::Byte(at),
            9 | 10 => Self::Big(at),
            11 | 12 => Self::Little(at),
            13 => Self::Remaining,
            _ => Self::Recall(Box::new(Self::Byte(at))),
        }
    }

    fn binary(op: &'static str, a: Self, b: Self) -> Self {
        Self::Binary(op, Box::new(a), Box::new(b))
    }

    fn condition(bytes: &mut Bytes<'_>) -> Self {
        let operand = Self::operand(bytes);
        let number = Self::Number(bytes.below(8));
        let simple = match bytes.below(4) {
            0 => Self::binary("<", operand, number),
            1 => Self::binary("&", operand, number),
            _ => Self::binary("==", operand, number),
        };
        match bytes.below(8) {
            // Not 0, which comes for ever when no bytes are left.
            6 => Self::binary("&&", simple, Self::condition(bytes)),
            7 => Self::binary("||", simple, Self::condition(bytes)),
            _ => simple,
        }
    }

    fn length(bytes: &mut Bytes<'_>) -> Self {
        let more = Self::Number(bytes.below(8));
        match bytes.below(8) {
            0 => more,
            1 => Self::binary("%", Self::operand(bytes), Self::operand(bytes)),
            2 | 3 => {
                let scaled = Self::binary("*", Self::operand(bytes), Self::Number(bytes.below(4)));
                Self::binary("+", scaled, more)
            }
            _ => Self::binary("+", Self::operand(bytes), more),
        }
    }
}

impl ProtocolModel {
    pub(super) fn generate(bytes: &mut Bytes<'_>) -> Self {
        let count = 1 + bytes.below(4);
        Self { rules: (0..count).map(|_| RuleModel::generate(bytes)).collect() }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for rule in &self.rules {
            rule.write(&mut text).expect("writing to a string");
        }
        // What nobody remembers cannot be recalled.
        if self.rules.iter().all(|rule| rule.remember.is_none()) {
            text.push_str("remember = { table = 't', key = 300, value = 1 }\n");
        }
        text
    }

    pub(super) fn longest(&self) -> usize {
        self.rules.iter().map(|rule| rule.max).max().unwrap_or(0)
    }

    /// The events of a whole stream.
    pub(super) fn frame(&self, stream: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let mut state = State::default();
        let mut rest = stream;
        while !rest.is_empty() {
            let mut after = state.clone();
            let found = self.message(rest, &state).filter(|(_, len)| *len <= rest.len());
            if let Some((index, len)) = found {
                let message = rest.get(..len).unwrap_or_default();
                events.push(self.event(index, message, &state));
                self.take(index, message, &mut after);
                state = after;
                rest = rest.get(len..).unwrap_or_default();
                continue;
            }
            if !self.rules.iter().any(RuleModel::is_guarded) {
                events.push(Event::Stopped);
                return events;
            }
            for (index, rule) in self.rules.iter().enumerate() {
                if !rule.is_guarded() {
                    state.times.insert(index, usize::MAX);
                }
            }
            let places = (1..rest.len())
                .find(|&at| self.is_plausible(rest.get(at..).unwrap_or_default(), &state));
            let passed = places.unwrap_or(rest.len());
            events.extend([Event::Bad, Event::Passed(passed as u64)]);
            rest = rest.get(passed..).unwrap_or_default();
        }
        events
    }

    /// The rule that fits, unless a condition before it has no value.
    fn fitting(&self, bytes: &[u8], state: &State) -> Option<usize> {
        for (index, rule) in self.rules.iter().enumerate() {
            let done = state.times.get(&index).copied().unwrap_or(0);
            if rule.times.is_some_and(|most| done >= most) {
                continue;
            }
            match rule.holds(rule.when.as_ref(), bytes, state) {
                Ok(true) => return Some(index),
                Ok(false) => {}
                Err(()) => return None,
            }
        }
        None
    }

    fn message(&self, bytes: &[u8], state: &State) -> Option<(usize, usize)> {
        let index = self.fitting(bytes, state)?;
        let len = self.rules.get(index)?.len(bytes, state).ok()?;
        Some((index, len))
    }

    fn take(&self, index: usize, message: &[u8], state: &mut State) {
        let times = state.times.entry(index).or_default();
        *times = times.saturating_add(1);
        let Some((rule, (key, value))) =
            self.rules.get(index).and_then(|rule| Some((rule, rule.remember.as_ref()?)))
        else {
            return;
        };
        let memory = state.memory.clone();
        let context = Context { bytes: message, max: rule.max, memory: &memory };
        if let (Ok(key), Ok(value)) = (key.value(&context), value.value(&context)) {
            state.memory.insert(key, value);
        }
    }

    fn is_plausible(&self, bytes: &[u8], state: &State) -> bool {
        let Some((index, len)) = self.message(bytes, state) else { return false };
        let Some(rule) = self.rules.get(index) else { return false };
        let looks = rule.holds(rule.resync.as_ref(), bytes, state) == Ok(true);
        if !rule.is_guarded() || !looks || len > bytes.len() {
            return false;
        }
        let (message, behind) = bytes.split_at(len);
        if behind.is_empty() {
            return true;
        }
        let mut after = state.clone();
        self.take(index, message, &mut after);
        let Some(next) = self.fitting(behind, &after).and_then(|index| self.rules.get(index))
        else {
            return false;
        };
        let looks = next.holds(next.resync.as_ref(), behind, &after) == Ok(true);
        looks && !matches!(next.len(behind, &after), Err(No::Error))
    }

    fn event(&self, index: usize, message: &[u8], state: &State) -> Event {
        let Some(rule) = self.rules.get(index) else { return Event::Stopped };
        let end = message.len() - rule.trim;
        let record = rule.has_record.then_some(rule.prefix..end);
        let mut parts = Vec::new();
        if let Some(part) = &rule.part {
            let context = Context { bytes: message, max: rule.max, memory: &state.memory };
            let count = part.count.as_ref().map(|count| count.value(&context));
            let count = count.unwrap_or(Ok(i128::MAX)).unwrap_or(0);
            let mut at = part.at;
            while at < end && (parts.len() as i128) < count {
                let announced = message.get(at + 1).filter(|_| at + 1 < end);
                let len = announced.map_or(end - at, |&len| 2 + usize::from(len)).min(end - at);
                parts.push(at..at + len);
                at += len;
            }
        }
        Event::Message { rule: index, len: message.len(), record, parts }
    }
}

impl RuleModel {
    fn generate(bytes: &mut Bytes<'_>) -> Self {
        let choices = bytes.below(256);
        let is = |bit: usize| choices >> bit & 1 == 1;
        Self {
            when: (choices & 3 != 0).then(|| Tree::condition(bytes)),
            times: is(2).then(|| 1 + bytes.below(2)),
            prefix: bytes.below(3),
            trim: if is(3) { 1 } else { 0 },
            has_record: is(4),
            length: (!is(4) || is(3) || is(5)).then(|| Tree::length(bytes)),
            resync: (bytes.below(4) == 0).then(|| Tree::condition(bytes)),
            part: is(6).then(|| PartModel {
                at: bytes.below(8),
                count: (bytes.below(2) == 0).then(|| Tree::operand(bytes)),
            }),
            remember: is(7).then(|| (Tree::operand(bytes), Tree::operand(bytes))),
            max: 8 + bytes.below(48),
        }
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "[[message]]\nprefix = {}\nmax = {}", self.prefix, self.max)?;
        if self.trim > 0 {
            writeln!(text, "trim = {}", self.trim)?;
        }
        for (key, tree) in
            [("when", &self.when), ("length", &self.length), ("resync", &self.resync)]
        {
            if let Some(tree) = tree {
                writeln!(text, "{key} = '{}'", tree.text())?;
            }
        }
        if let Some(times) = self.times {
            writeln!(text, "times = {times}")?;
        }
        if self.has_record {
            writeln!(text, "record = 'head'")?;
        }
        if let Some(PartModel { at, count }) = &self.part {
            let count = count.as_ref().map_or("rest".to_owned(), Tree::text);
            writeln!(
                text,
                "part = {{ record = 'tlv', at = {at}, count = '{count}', length = '2 + len' }}"
            )?;
        }
        if let Some((key, value)) = &self.remember {
            let (key, value) = (key.text(), value.text());
            writeln!(text, "remember = {{ table = 't', key = '{key}', value = '{value}' }}")?;
        }
        Ok(())
    }

    fn is_guarded(&self) -> bool {
        self.when.is_some() || self.resync.is_some()
    }

    /// A condition; one that is not there is true.
    fn holds(&self, condition: Option<&Tree>, bytes: &[u8], state: &State) -> Result<bool, ()> {
        let context = Context { bytes, max: self.max, memory: &state.memory };
        match condition.map_or(Ok(1), |condition| condition.value(&context)) {
            Ok(value) => Ok(value != 0),
            Err(No::Beyond) => Ok(false),
            Err(No::Error) => Err(()),
        }
    }

    fn len(&self, bytes: &[u8], state: &State) -> Result<usize, No> {
        let context = Context { bytes, max: self.max, memory: &state.memory };
        let len = match &self.length {
            Some(length) => length.value(&context)?,
            None => self.prefix as i128 + 4,
        };
        let least = (self.prefix + self.trim).max(1);
        usize::try_from(len).ok().filter(|len| (least..=self.max).contains(len)).ok_or(No::Error)
    }
}

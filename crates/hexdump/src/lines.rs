//! Dumps with an offset in every line: where their bytes belong.

use crate::error::DumpError;
use crate::line::{self, Data, Line};
use crate::offset::{Offset, Radixes};
use crate::reader::Out;

/// What is known of the dump that is being read.
#[derive(Debug, Default)]
enum State {
    /// No line of it has come.
    #[default]
    Between,
    /// Its first line waits for the second, which tells the base of offsets.
    Starting(Offset),
    /// Where the next byte belongs.
    Running(u64),
}

/// Reads line by line.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    state: State,
    radixes: Option<Radixes>,
    /// Bytes of the last line, for `*`.
    previous: Vec<u8>,
    /// Whether `*` stands between the last line and the next.
    starred: bool,
    /// The last word of a line: zeros that fill it up may not belong to the dump.
    held: Vec<u8>,
    /// Bytes of that word; 0 where bytes stand alone.
    word: usize,
    little_groups: bool,
    /// Bytes of the line at hand.
    bytes: Vec<u8>,
}

/// Where a line is, for what is said of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) line: u64,
    pub(crate) max_repeat: u64,
}

impl At {
    fn problem(self, column: usize, message: String, is_final: bool) -> DumpError {
        DumpError { line: self.line, column: column as u64 + 1, message, is_final }
    }
}

/// Whether a line was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    /// The line after it is needed to tell what it means; nothing was done.
    NeedsNext,
}

impl Lines {
    /// Takes a line. `next` is the line after it, if that has come; `is_last`: none will.
    pub(crate) fn take(
        &mut self,
        text: &[u8],
        next: Option<&[u8]>,
        is_last: bool,
        at: At,
        out: &mut Out,
    ) -> Taken {
        let mut bytes = std::mem::take(&mut self.bytes);
        let taken = match line::parse(text, self.little_groups, &mut bytes) {
            Ok(Line::Blank) => Taken::Yes,
            Ok(Line::Star) => {
                self.star(at, out);
                Taken::Yes
            }
            Ok(Line::Data(data)) => {
                let next = Next { line: next, is_last };
                self.data(data, text, &mut bytes, &next, at, out)
            }
            Err(error) => {
                out.problem(at.problem(error.column, error.message, false));
                Taken::Yes
            }
        };
        self.bytes = bytes;
        taken
    }

    /// The dump has ended.
    pub(crate) fn finish(&mut self, at: At, out: &mut Out) {
        self.begin(out);
        self.release(out);
        if self.starred {
            let message = "the offset up to which `*` repeats the line above is needed, found none";
            out.problem(at.problem(0, message.to_owned(), false));
        }
        *self = Self::default();
    }

    fn star(&mut self, at: At, out: &mut Out) {
        if self.previous.is_empty() {
            let message = "a line that `*` repeats is needed, found none";
            out.problem(at.problem(0, message.to_owned(), false));
        } else {
            self.starred = true;
        }
    }

    fn data(
        &mut self,
        data: Data<'_>,
        text: &[u8],
        bytes: &mut Vec<u8>,
        next: &Next<'_>,
        at: At,
        out: &mut Out,
    ) -> Taken {
        if data.is_binary(bytes) {
            let message = "hexadecimal digits are needed, found binary ones (`xxd -b`)";
            out.problem(at.problem(data.column, message.to_owned(), true));
            return Taken::Yes;
        }
        if self.advance(&data, bytes.len(), next, at, out) == Taken::NeedsNext {
            return Taken::NeedsNext;
        }
        if bytes.is_empty() {
            // The offset of the end. What follows is another dump, from anywhere.
            self.release(out);
            *self = Self::default();
            return Taken::Yes;
        }
        if data.is_words
            && !data.text.is_empty()
            && bytes.len() - data.text.len().min(bytes.len()) < data.digits / 2
        {
            // Zeros that fill up the last word have no character beside them.
            bytes.truncate(data.text.len());
        }
        if !self.in_order(&data, text, bytes) {
            let message = "groups in the order of the file are needed; the text beside them shows \
                           little-endian ones (`xxd -e`)";
            out.problem(at.problem(data.column, message.to_owned(), true));
            return Taken::Yes;
        }
        self.previous.clear();
        self.previous.extend_from_slice(bytes);
        self.word = if data.is_words { data.digits / 2 } else { 0 };
        // The first line is kept in `previous` until the base of its offset is known.
        if let State::Running(position) = &mut self.state {
            *position = position.saturating_add(bytes.len() as u64);
            self.put(out);
        }
        Taken::Yes
    }

    /// Brings the groups of a line into the order of the file. `false` if they are not, and the lines
    /// before were taken as if they were.
    fn in_order(&mut self, data: &Data<'_>, text: &[u8], bytes: &mut Vec<u8>) -> bool {
        let may_be_little = data.has_colon && !data.is_words && data.digits > 2;
        if !may_be_little || self.little_groups || data.text.is_empty() || data.shows(bytes) {
            return true;
        }
        let mut ordered = Vec::new();
        let shows = match line::parse(text, true, &mut ordered) {
            Ok(Line::Data(data)) => data.shows(&ordered),
            _ => false,
        };
        if !shows {
            // The text is in another character set, or was edited.
            return true;
        }
        self.little_groups = true;
        *bytes = ordered;
        self.previous.is_empty()
    }

    /// Goes to the offset of a line with `count` bytes: over repeated lines, missing bytes, or to the
    /// beginning of another dump.
    fn advance(
        &mut self,
        data: &Data<'_>,
        count: usize,
        next: &Next<'_>,
        at: At,
        out: &mut Out,
    ) -> Taken {
        let offset = data.offset;
        let is_restart = offset.is_zero() && !matches!(self.state, State::Between) && count > 0;
        if is_restart {
            self.finish(at, out);
        }
        let from = match self.state {
            State::Between => {
                self.start(data);
                if offset.is_zero() {
                    self.begin(out);
                }
                return Taken::Yes;
            }
            State::Starting(start) => Start::At(start, self.previous.len() as u64),
            State::Running(position) => Start::Known(position),
        };
        let Some(radixes) = self.fitting(offset, from, count, next) else {
            return Taken::NeedsNext;
        };
        self.radixes = Some(radixes);
        self.begin(out);
        self.go_to(data, count == 0, at, out);
        Taken::Yes
    }

    fn start(&mut self, data: &Data<'_>) {
        self.state = State::Starting(data.offset);
        self.radixes = Some(Radixes::of(data.offset, data.has_colon, data.digits));
        self.previous.clear();
    }

    /// The bases that make sense of `offset`, or, where none does, those that did before it. `None`: the
    /// next line is needed.
    fn fitting(
        &self,
        offset: Offset,
        from: Start,
        count: usize,
        next: &Next<'_>,
    ) -> Option<Radixes> {
        let known = self.radixes.clone().unwrap_or_else(|| Radixes::of(offset, true, 2));
        if known.is_known() {
            return Some(known);
        }
        let line = self.previous.len() as u64;
        let fits = |radix| {
            let (Some(from), Some(offset)) = (from.of(radix), offset.of(radix)) else {
                return false;
            };
            match offset.checked_sub(from) {
                Some(0) => !self.starred,
                Some(more) => self.starred && more.checked_rem(line) == Some(0),
                // The end, inside the last word, which zeros fill up.
                None => {
                    count == 0
                        && from - offset < self.word as u64
                        && self.ends_with_zeros(from - offset)
                }
            }
        };
        let Some(mut fitting) = known.that_fit(fits) else { return Some(known) };
        if self.starred && !fitting.is_known() {
            // How many lines `*` stands for depends on the base. The next line may tell.
            match next.offset() {
                NextOffset::NotYet => return None,
                NextOffset::None => {}
                NextOffset::Is(after) => {
                    let grows = |radix| {
                        let here = offset.of(radix)?.checked_add(count as u64)?;
                        Some(after.of(radix)? == here)
                    };
                    if let Some(sure) = fitting.that_fit(|radix| grows(radix) == Some(true)) {
                        fitting = sure;
                    }
                }
            }
            let likeliest = fitting.first();
            fitting.settle(likeliest);
        }
        Some(fitting)
    }

    fn ends_with_zeros(&self, count: u64) -> bool {
        let zeros = self.previous.iter().rev().take_while(|&&byte| byte == 0).count();
        zeros as u64 >= count
    }

    /// Hands out the beginning of a dump, and its first line, when the base of its offset is known.
    fn begin(&mut self, out: &mut Out) {
        let State::Starting(start) = self.state else { return };
        let radix = self.radixes.as_ref().map(Radixes::first);
        let offset = radix.and_then(|radix| start.of(radix)).unwrap_or(0);
        out.begin(offset);
        self.state = State::Running(offset.saturating_add(self.previous.len() as u64));
        self.put(out);
    }

    /// Hands out the line in `previous`, but for its last word.
    fn put(&mut self, out: &mut Out) {
        let whole = self.previous.len().saturating_sub(self.word);
        let (now, later) = self.previous.split_at(whole);
        out.bytes(now);
        self.held.extend_from_slice(later);
    }

    fn release(&mut self, out: &mut Out) {
        out.bytes(&self.held);
        self.held.clear();
    }

    fn go_to(&mut self, data: &Data<'_>, is_end: bool, at: At, out: &mut Out) {
        let State::Running(position) = self.state else { return };
        let radix = self.radixes.as_ref().map(Radixes::first);
        let starred = std::mem::take(&mut self.starred);
        let Some(offset) = radix.and_then(|radix| data.offset.of(radix)) else {
            let message = "an offset in the base of those before it is needed".to_owned();
            out.problem(at.problem(data.column, message, false));
            return;
        };
        if let Some(over @ 1..) = position.checked_sub(offset) {
            if is_end && over < self.held.len() as u64 {
                let kept = self.held.len().saturating_sub(usize::try_from(over).unwrap_or(0));
                self.held.truncate(kept);
            } else {
                self.release(out);
                let message = format!("offset {position:#x} is needed, found {offset:#x}");
                out.problem(at.problem(data.column, message, false));
                out.begin(offset);
            }
        } else {
            self.release(out);
            let more = offset - position;
            if more > 0 && starred && more <= at.max_repeat {
                out.repeat(&self.previous, more);
            } else if more > 0 {
                if starred {
                    let message =
                        format!("`*` may stand for {} bytes at most, found {more}", at.max_repeat);
                    out.problem(at.problem(data.column, message, false));
                }
                out.gap(more);
            }
        }
        self.state = State::Running(offset);
    }
}

/// Where the bytes before an offset end.
#[derive(Clone, Copy)]
enum Start {
    Known(u64),
    /// So many bytes after an offset whose base is not known.
    At(Offset, u64),
}

impl Start {
    fn of(self, radix: crate::offset::Radix) -> Option<u64> {
        match self {
            Self::Known(position) => Some(position),
            Self::At(offset, bytes) => offset.of(radix)?.checked_add(bytes),
        }
    }
}

/// The line after the one at hand.
struct Next<'a> {
    line: Option<&'a [u8]>,
    is_last: bool,
}

enum NextOffset {
    /// It has not come.
    NotYet,
    None,
    Is(Offset),
}

impl Next<'_> {
    fn offset(&self) -> NextOffset {
        let Some(text) = self.line else {
            return if self.is_last { NextOffset::None } else { NextOffset::NotYet };
        };
        match line::parse(text, false, &mut Vec::new()) {
            Ok(Line::Data(data)) if !data.offset.is_zero() => NextOffset::Is(data.offset),
            _ => NextOffset::None,
        }
    }
}

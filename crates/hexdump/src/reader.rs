//! Text in, bytes out.

use std::collections::VecDeque;

use crate::detect::{DETECTION, Form, form_of_dump, without_mark};
use crate::error::DumpError;
use crate::lines::{At, Lines, Taken};
use crate::tokens::Tokens;

/// Longest line of a dump with offsets, in bytes: 64 KiB.
pub const MAX_LINE: usize = 64 << 10;

/// Most bytes that one `*` stands for, unless another limit is set: 64 GiB.
pub const MAX_REPEAT: u64 = 64 << 30;

/// Bytes handed out at once, about.
const RUN: usize = 64 << 10;

/// What comes out of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A dump begins; its first byte has this offset.
    Begin {
        /// As the dump says.
        offset: u64,
    },
    /// The bytes that follow.
    Bytes(&'a [u8]),
    /// Bytes are missing here: the next offset is higher than what came before explains.
    Gap {
        /// How many.
        missing: u64,
    },
    /// Something is not as it should be. Where the error is not [final](DumpError::is_final), the rest
    /// follows.
    Problem(DumpError),
}

/// Reads one dump, or several in a row.
///
/// [Push](Self::push) text, ask for [events](Self::next) until there are none, push more. That way no
/// more than the text of one push and 64 KiB of bytes are held.
#[derive(Debug)]
pub struct DumpReader {
    text: Vec<u8>,
    /// What of `text` has been read.
    at: usize,
    is_finished: bool,
    reading: Reading,
    /// Lines before `at`, for a dump with offsets.
    line: u64,
    max_repeat: u64,
    out: Out,
    /// Whether the bytes of `out` were handed out, and are to be dropped.
    is_handed: bool,
}

#[derive(Debug)]
enum Reading {
    /// The form is not known.
    Unknown,
    Lines(Lines),
    /// Inside a line that is too long.
    Skipping(Lines),
    Tokens(Tokens),
    Ended,
}

impl Default for DumpReader {
    fn default() -> Self {
        Self::new()
    }
}

impl DumpReader {
    /// A reader of a dump that has not begun. How it is written, its beginning tells.
    #[must_use]
    pub fn new() -> Self {
        Self {
            text: Vec::new(),
            at: 0,
            is_finished: false,
            reading: Reading::Unknown,
            line: 0,
            max_repeat: MAX_REPEAT,
            out: Out::default(),
            is_handed: false,
        }
    }

    /// Sets how many bytes one `*` may stand for; default [`MAX_REPEAT`].
    #[must_use]
    pub fn max_repeat(mut self, bytes: u64) -> Self {
        self.max_repeat = bytes;
        self
    }

    /// Appends text, whose lines may be cut anywhere.
    pub fn push(&mut self, text: &[u8]) {
        self.text.drain(..self.at.min(self.text.len()));
        self.at = 0;
        self.text.extend_from_slice(text);
    }

    /// Says that no more text follows.
    pub fn finish(&mut self) {
        self.is_finished = true;
    }

    /// The next event; `None` when more text is needed, or, after [`finish`](Self::finish), at the end.
    #[expect(clippy::should_implement_trait, reason = "the bytes are lent")]
    pub fn next(&mut self) -> Option<Event<'_>> {
        if std::mem::take(&mut self.is_handed) {
            self.out.ready.clear();
        }
        loop {
            let is_event = self.out.settle();
            if self.out.ready.len() >= RUN || (is_event && !self.out.ready.is_empty()) {
                break;
            }
            if is_event {
                return self.out.event();
            }
            if !self.step() {
                break;
            }
        }
        self.is_handed = true;
        (!self.out.ready.is_empty()).then_some(Event::Bytes(&self.out.ready))
    }

    /// Reads a line, or, where there are none, what has come; `false` if that takes more text.
    fn step(&mut self) -> bool {
        if self.out.is_stopped {
            return false;
        }
        match &mut self.reading {
            Reading::Unknown => self.find_form(),
            Reading::Lines(_) => self.take_line(),
            Reading::Skipping(_) => self.skip_line(),
            Reading::Tokens(tokens) => {
                let text = self.text.get(self.at..).unwrap_or_default();
                let text = text.get(..RUN).unwrap_or(text);
                if text.is_empty() {
                    if self.is_finished {
                        tokens.finish(&mut self.out);
                        self.reading = Reading::Ended;
                        return true;
                    }
                    return false;
                }
                tokens.take(text, &mut self.out);
                self.at += text.len();
                true
            }
            Reading::Ended => false,
        }
    }

    fn find_form(&mut self) -> bool {
        let text = without_mark(&self.text);
        let is_whole = self.is_finished || text.len() >= DETECTION;
        let mark = self.text.len() - text.len();
        if text.trim_ascii().is_empty() && self.is_finished {
            self.reading = Reading::Ended;
            return false;
        }
        // Line by line, so that it does not depend on the pieces in which the text came.
        let sample = text.get(..DETECTION).unwrap_or(text);
        let ends = sample.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let by_lines = ends.filter_map(|(end, _)| form_of_dump(sample.get(..=end)?, false)).next();
        let at_end = || if is_whole { form_of_dump(sample, true) } else { None };
        let Some(form) = by_lines.or_else(at_end) else { return false };
        self.at = mark;
        self.reading = match form {
            Form::Lines => Reading::Lines(Lines::default()),
            Form::Bare => Reading::Tokens(Tokens::new(false)),
            Form::C => Reading::Tokens(Tokens::new(true)),
        };
        true
    }

    fn take_line(&mut self) -> bool {
        let Reading::Lines(lines) = &mut self.reading else { return false };
        let text = self.text.get(self.at..).unwrap_or_default();
        let at = At { line: self.line + 1, max_repeat: self.max_repeat };
        let Some((line, rest)) = split_line(text, self.is_finished) else {
            if self.is_finished && text.is_empty() {
                lines.finish(at, &mut self.out);
                self.reading = Reading::Ended;
                return true;
            }
            if text.len() > MAX_LINE {
                let message =
                    format!("a line of at most {MAX_LINE} bytes is needed, found a longer");
                let (line, column) = (at.line, 1);
                self.out.problem(DumpError { line, column, message, is_final: false });
                self.reading = Reading::Skipping(std::mem::take(lines));
                return true;
            }
            return false;
        };
        let length = text.len() - rest.len();
        let next = split_line(rest, self.is_finished).map(|(line, _)| line);
        let is_last = self.is_finished && rest.is_empty();
        if lines.take(line, next, is_last, at, &mut self.out) == Taken::NeedsNext {
            return false;
        }
        self.at += length;
        self.line += 1;
        true
    }

    fn skip_line(&mut self) -> bool {
        let Reading::Skipping(lines) = &mut self.reading else { return false };
        let text = self.text.get(self.at..).unwrap_or_default();
        match text.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                self.at += end + 1;
                self.line += 1;
                self.reading = Reading::Lines(std::mem::take(lines));
                true
            }
            None => {
                self.at = self.text.len();
                if self.is_finished {
                    self.reading = Reading::Lines(std::mem::take(lines));
                }
                self.is_finished
            }
        }
    }
}

/// The first line without its end, and what follows. The last line needs no end.
fn split_line(text: &[u8], is_finished: bool) -> Option<(&[u8], &[u8])> {
    let (line, rest) = match text.iter().position(|&byte| byte == b'\n') {
        Some(end) => {
            let (line, rest) = text.split_at(end);
            (line, rest.get(1..).unwrap_or_default())
        }
        None if is_finished && !text.is_empty() => (text, &b""[..]),
        None => return None,
    };
    (line.len() <= MAX_LINE).then_some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// What was read and not handed out.
#[derive(Debug, Default)]
pub(crate) struct Out {
    /// Bytes before everything in `queue`.
    ready: Vec<u8>,
    queue: VecDeque<Pending>,
    /// Whether nothing can be read after what is in here.
    is_stopped: bool,
}

#[derive(Debug)]
enum Pending {
    Begin(u64),
    Bytes(Vec<u8>),
    /// A line over and over, so many bytes in all.
    Repeat(Vec<u8>, u64),
    Gap(u64),
    Problem(DumpError),
}

impl Out {
    pub(crate) fn begin(&mut self, offset: u64) {
        self.queue.push_back(Pending::Begin(offset));
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        match self.queue.back_mut() {
            None => self.ready.push(byte),
            Some(Pending::Bytes(bytes)) => bytes.push(byte),
            Some(_) => self.queue.push_back(Pending::Bytes(vec![byte])),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        match self.queue.back_mut() {
            None => self.ready.extend_from_slice(bytes),
            Some(_) if bytes.is_empty() => {}
            Some(Pending::Bytes(before)) => before.extend_from_slice(bytes),
            Some(_) => self.queue.push_back(Pending::Bytes(bytes.to_vec())),
        }
    }

    pub(crate) fn repeat(&mut self, line: &[u8], bytes: u64) {
        self.queue.push_back(Pending::Repeat(line.to_vec(), bytes));
    }

    pub(crate) fn gap(&mut self, missing: u64) {
        self.queue.push_back(Pending::Gap(missing));
    }

    pub(crate) fn problem(&mut self, error: DumpError) {
        self.is_stopped |= error.is_final;
        self.queue.push_back(Pending::Problem(error));
    }

    /// How many bytes were read.
    pub(crate) fn count(&self) -> usize {
        let pending = self.queue.iter().map(|it| match it {
            Pending::Bytes(bytes) => bytes.len(),
            _ => 0,
        });
        self.ready.len() + pending.sum::<usize>()
    }

    pub(crate) fn has_problem(&self) -> bool {
        self.queue.iter().any(|it| matches!(it, Pending::Problem(_)))
    }

    /// Moves bytes that come first to the others, up to a run of them. Whether something else is next.
    fn settle(&mut self) -> bool {
        while let Some(first) = self.queue.front_mut() {
            match first {
                Pending::Bytes(bytes) => self.ready.append(bytes),
                Pending::Repeat(line, left) => {
                    while *left > 0 && self.ready.len() < RUN {
                        let count =
                            usize::try_from(*left).map_or(line.len(), |it| it.min(line.len()));
                        self.ready.extend_from_slice(line.get(..count).unwrap_or(line));
                        *left -= count as u64;
                    }
                    if *left > 0 {
                        return false;
                    }
                }
                Pending::Begin(_) | Pending::Gap(_) | Pending::Problem(_) => return true,
            }
            self.queue.pop_front();
        }
        false
    }

    fn event(&mut self) -> Option<Event<'static>> {
        Some(match self.queue.pop_front()? {
            Pending::Begin(offset) => Event::Begin { offset },
            Pending::Gap(missing) => Event::Gap { missing },
            Pending::Problem(error) => Event::Problem(error),
            // `settle` leaves none in front.
            Pending::Bytes(_) | Pending::Repeat(..) => return None,
        })
    }
}

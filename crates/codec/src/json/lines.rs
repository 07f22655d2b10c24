//! Runs of equal records as JSON Lines.

use std::io::Write;
use std::sync::Arc;

use super::number::push_uint;
use super::out::Out;
use super::program::{Literal, Program};
use super::string::push_string;
use super::text::Text;
use crate::plan::{Findings, Plan, Short};

/// Bytes of text that are handed on at once.
const BUFFER: usize = 128 << 10;

/// Writes runs of records of one plan as JSON Lines, as in
/// `{"type": "record", "record": "CTestData", "offset": 0, "fields": {"a": "A", "b": 300}}`.
#[derive(Clone)]
pub struct JsonLines {
    plan: Plan,
    /// What comes before the offset.
    head: Arc<[u8]>,
    head_literal: Literal,
    /// The rest of the line; `None` if only going through the plan's tree writes it.
    program: Option<Arc<Program>>,
    buffer: Vec<u8>,
    /// What comes before the offset, with members of the caller's.
    line: Vec<u8>,
    scan_padding: bool,
}

/// What became of a run of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// Records written.
    pub records: usize,
    /// Bytes of the input that they were.
    pub consumed: usize,
    /// Findings of all of them; the place of an invalid field is that from the start of the run.
    pub findings: Findings,
}

/// What is written around the offset of a record.
#[derive(Clone, Copy)]
enum Around<'a> {
    /// The record's name alone.
    Own,
    Text {
        before: &'a [u8],
        after: &'a [u8],
    },
}

impl<'a> Around<'a> {
    fn texts(self, own: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        match self {
            Around::Own => (own, &[]),
            Around::Text { before, after } => (before, after),
        }
    }
}

/// What comes before the offset.
const OFFSET: &[u8] = b", \"offset\": ";

/// What comes between the offset and the fields.
const FIELDS: &[u8] = b", \"fields\": ";

impl JsonLines {
    /// Lines of the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let mut head = b"{\"type\": \"record\", \"record\": ".to_vec();
        push_string(&mut head, plan.record());
        head.extend_from_slice(OFFSET);
        let before = [FIELDS, b"{"].concat();
        let program = match plan.0.has_steps() {
            true => Program::between(&plan.0, &before, b"}}\n").map(Arc::new),
            false => None,
        };
        Self {
            plan: plan.clone(),
            head_literal: Literal::new(&head),
            head: head.into(),
            program,
            buffer: Vec::new(),
            line: Vec::new(),
            scan_padding: false,
        }
    }

    /// Whether runs are searched for padding that is not zero, which takes time; default: no.
    #[must_use]
    pub fn scan_padding(mut self, scan: bool) -> Self {
        self.scan_padding = scan;
        self
    }

    /// Writes whole records, the first of which has the offset `offset` in its file, to `sink`, in
    /// pieces of whole lines. What is left of `bytes` at the end is less than a record. A record that
    /// ends in a flexible array is taken to have [`Plan::size`] bytes; of a record without any bytes
    /// there are none.
    ///
    /// # Errors
    ///
    /// Those of `sink`.
    pub fn write_run<E>(
        &mut self,
        bytes: &[u8],
        offset: u64,
        sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Run, E> {
        self.write(Around::Own, bytes, offset, sink)
    }

    /// Appends whole records to `text`; otherwise as [`write_run`](Self::write_run).
    pub fn append_run(&mut self, bytes: &[u8], offset: u64, text: &mut Text) -> Run {
        self.append(Around::Own, bytes, offset, text)
    }

    /// Writes whole records as [`write_run`](Self::write_run) does, with more members in each line:
    /// `before` comes in front of `"offset"`, `after` behind it. Both are members with a comma and a space
    /// behind each in `before` (`"stream": 0, `), in front of each in `after` (`, "packet": 7`).
    ///
    /// # Errors
    ///
    /// Those of `sink`.
    pub fn write_run_with<E>(
        &mut self,
        (before, after): (&[u8], &[u8]),
        bytes: &[u8],
        offset: u64,
        sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Run, E> {
        let line = self.line(before);
        let run = self.write(Around::Text { before: &line, after }, bytes, offset, sink);
        self.line = line;
        run
    }

    /// The same, appended to `text`.
    pub fn append_run_with(
        &mut self,
        (before, after): (&[u8], &[u8]),
        bytes: &[u8],
        offset: u64,
        text: &mut Text,
    ) -> Run {
        let line = self.line(before);
        let run = self.append(Around::Text { before: &line, after }, bytes, offset, text);
        self.line = line;
        run
    }

    /// What comes before the offset, with more members.
    fn line(&mut self, before: &[u8]) -> Vec<u8> {
        let key = self.head.len().saturating_sub(OFFSET.len());
        let (kind, key) = self.head.split_at_checked(key).unwrap_or_default();
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        for part in [kind, b", ", before, key.strip_prefix(b", ").unwrap_or(key)] {
            line.extend_from_slice(part);
        }
        line
    }

    fn write<E>(
        &mut self,
        around: Around<'_>,
        bytes: &[u8],
        offset: u64,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Run, E> {
        let (bytes, mut run) = self.whole(bytes);
        match &self.program {
            Some(program) => {
                let lines =
                    Lines::new(program, around, &self.head, (bytes, self.plan.size()), offset);
                let len = BUFFER.max(lines.longest * 2);
                if self.buffer.len() < len {
                    self.buffer.resize(len, 0);
                }
                let mut out = Out::new(&mut self.buffer);
                let mut at = 0;
                while at < bytes.len() {
                    at = lines.fill(at, &self.head_literal, &mut out, &mut run.findings);
                    sink(out.take())?;
                }
            }
            None => self.slow(around, bytes, offset, &mut run.findings, &mut sink)?,
        }
        self.look_for_padding(bytes, &mut run.findings);
        Ok(run)
    }

    fn append(&mut self, around: Around<'_>, bytes: &[u8], offset: u64, text: &mut Text) -> Run {
        /// Bytes that there is room for at least, unless fewer are needed.
        const ROOM: usize = 64 << 10;
        let (bytes, mut run) = self.whole(bytes);
        let findings = &mut run.findings;
        match &self.program {
            Some(program) => {
                let lines =
                    Lines::new(program, around, &self.head, (bytes, self.plan.size()), offset);
                let mut at = 0;
                while at < bytes.len() {
                    let left = (bytes.len() - at) / lines.size;
                    let at_once = left.min((ROOM / lines.longest).max(1));
                    let mut out = Out::new(text.room(at_once * lines.longest));
                    at = lines.fill(at, &self.head_literal, &mut out, findings);
                    let written = out.pos();
                    text.advance(written);
                }
            }
            None => {
                let mut sink = |piece: &[u8]| text.write_all(piece);
                let done = self.slow(around, bytes, offset, findings, &mut sink);
                debug_assert!(done.is_ok(), "memory takes everything");
            }
        }
        self.look_for_padding(bytes, findings);
        run
    }

    /// The records that are whole.
    fn whole<'a>(&self, bytes: &'a [u8]) -> (&'a [u8], Run) {
        let size = self.plan.size();
        let records = bytes.len().checked_div(size).unwrap_or(0);
        let consumed = records * size;
        let run = Run { records, consumed, findings: Findings::default() };
        (bytes.get(..consumed).unwrap_or(bytes), run)
    }

    fn look_for_padding(&self, bytes: &[u8], findings: &mut Findings) {
        if self.scan_padding && !findings.padding {
            let mut records = bytes.chunks_exact(self.plan.size().max(1));
            findings.padding = records.any(|record| self.plan.0.has_padding(record));
        }
    }

    fn slow<E>(
        &mut self,
        around: Around<'_>,
        bytes: &[u8],
        offset: u64,
        findings: &mut Findings,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let size = self.plan.size();
        let (before, after) = around.texts(&self.head);
        let text = &mut self.buffer;
        text.clear();
        for (index, record) in bytes.chunks_exact(size.max(1)).enumerate() {
            let at = index as u64 * size as u64;
            text.extend_from_slice(before);
            push_uint(text, u128::from(offset) + u128::from(at));
            text.extend_from_slice(after);
            text.extend_from_slice(FIELDS);
            // Records here are whole, and that is all that can be wrong with them.
            if let Ok(found) = self.plan.write_json(record, Short::Cut, text) {
                findings.padding |= found.padding;
                if let Some(invalid) = found.invalid {
                    findings.invalid.get_or_insert(at * 8 + invalid);
                }
            }
            text.extend_from_slice(b"}\n");
            if text.len() >= BUFFER {
                sink(text)?;
                text.clear();
            }
        }
        match text.is_empty() {
            true => Ok(()),
            false => sink(text),
        }
    }
}

/// The lines of a run.
struct Lines<'a> {
    program: &'a Program,
    around: Around<'a>,
    bytes: &'a [u8],
    offset: u64,
    size: usize,
    /// Bytes of the longest line.
    longest: usize,
}

impl<'a> Lines<'a> {
    fn new(
        program: &'a Program,
        around: Around<'a>,
        head: &'a [u8],
        (bytes, size): (&'a [u8], usize),
        offset: u64,
    ) -> Self {
        let (before, after) = around.texts(head);
        // 20 digits of the offset.
        let longest = before.len() + 20 + after.len() + program.max_len;
        Self { program, around, bytes, offset, size, longest }
    }

    /// Writes lines from `at` on while there is room, and says where the next record begins.
    fn fill(&self, at: usize, head: &Literal, out: &mut Out<'_>, findings: &mut Findings) -> usize {
        match self.around {
            Around::Own => {
                let head = |text: &mut Out<'_>, offset| {
                    head.write(text);
                    text.uint(offset);
                };
                self.fill_with(at, head, out, findings)
            }
            Around::Text { before, after } => {
                let head = |text: &mut Out<'_>, offset| {
                    text.bytes(before);
                    text.uint(offset);
                    text.bytes(after);
                };
                self.fill_with(at, head, out, findings)
            }
        }
    }

    #[inline(never)]
    fn fill_with(
        &self,
        mut at: usize,
        head: impl Fn(&mut Out<'_>, u64),
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) -> usize {
        let &Self { program, bytes, offset, size, longest, .. } = self;
        // A position of its own, which no other function sees, stays in a register.
        let mut text = out.reborrow();
        while at < bytes.len() && text.room() >= longest {
            head(&mut text, offset.wrapping_add(at as u64));
            program.record(bytes, at, &mut text, findings);
            at += size;
        }
        let pos = text.pos();
        out.advance_to(pos);
        at
    }
}

impl std::fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonLines").field("plan", &self.plan).finish_non_exhaustive()
    }
}

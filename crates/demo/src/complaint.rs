//! What goes to standard error.

use std::fmt;
use std::io::{self, Write};

/// Most lines of complaint about one input.
const MAX_LINES: u64 = 10;

/// Writes a line to standard error. That nobody reads it is no reason to stop.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// `1 record`, `2 records`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The complaints about one input: ten lines, then a count.
#[derive(Debug)]
pub struct Complaints {
    program: &'static str,
    input: String,
    count: u64,
}

impl Complaints {
    /// None yet.
    #[must_use]
    pub fn new(program: &'static str, input: impl fmt::Display) -> Self {
        Self { program, input: input.to_string(), count: 0 }
    }

    /// Says `PROGRAM: INPUT: WHAT`.
    pub fn add(&mut self, what: impl fmt::Display) {
        self.count += 1;
        if self.count <= MAX_LINES {
            say(format_args!("{}: {}: {what}", self.program, self.input));
        }
    }

    /// Says how many were not said, and returns whether there were any.
    #[must_use]
    pub fn finish(self) -> bool {
        if let Some(more @ 1..) = self.count.checked_sub(MAX_LINES) {
            let more = counted(more, "more complaint");
            say(format_args!("{}: {}: {more}", self.program, self.input));
        }
        self.count > 0
    }
}

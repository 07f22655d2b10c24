//! What goes to standard error.

use std::fmt;
use std::io::{self, Write};

use cwire_codec::frame::protocol::ProtocolError;
use cwire_header::HeaderError;

use crate::args::Color;
use crate::output;
use crate::paint::{Paint, Role};

/// Most lines of complaint about one input.
const MAX_LINES: u64 = 10;

/// Writes a line to standard error. That nobody reads it is no reason to stop.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// `1 record`, `2 records`.
pub(crate) fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Says why the program ends.
pub(crate) fn fatal(error: &anyhow::Error, color: Color) {
    let paint = output::is_coloured(&io::stderr(), color);
    match error.downcast_ref::<HeaderError>() {
        Some(header) => {
            say(header_error(header.to_string().trim_end(), paint));
            // What stands around the header's own message: for which of several ABIs it was read.
            let around = error.to_string();
            if around != header.to_string() {
                say(format_args!("{} {around}", paint.show(Role::Remark, "note:")));
            }
        }
        // As those of headers, with its place in front.
        None if error.downcast_ref::<ProtocolError>().is_some() || has_caret(error) => {
            say(header_error(error.to_string().trim_end(), paint));
        }
        None => say(format_args!("{} {error:#}", paint.show(Role::Error, "cwire:"))),
    }
}

/// Whether a message shows what it is about, with a caret below.
fn has_caret(error: &anyhow::Error) -> bool {
    error.to_string().lines().last().is_some_and(|line| line.trim_start().starts_with('^'))
}

/// A compiler's message with its parts in the colours that compilers use: position, `error:`, caret.
fn header_error(message: &str, paint: Paint) -> String {
    if !paint.0 {
        return message.to_owned();
    }
    let lines: Vec<String> = message.lines().map(|line| message_line(line, paint)).collect();
    lines.join("\n")
}

fn message_line(line: &str, paint: Paint) -> String {
    if let Some((position, what)) = line.split_once(": error: ") {
        let error = paint.show(Role::Error, "error:");
        let (position, what) =
            (paint.show(Role::Heading, position), paint.show(Role::Heading, what));
        return format!("{position}: {error} {what}");
    }
    match line.find('^') {
        Some(at) if line.chars().all(|c| matches!(c, ' ' | '\t' | '|' | '^' | '~')) => {
            let (bar, caret) = line.split_at(at);
            format!("{bar}{}", paint.show(Role::Error, caret))
        }
        _ => line.to_owned(),
    }
}

/// The complaints about one input: ten lines, then a count.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    quiet: bool,
    count: u64,
    /// Lines for somebody else to say, if they are not said at once.
    kept: Option<Vec<String>>,
}

impl Complaints {
    /// None yet; with `quiet` they are counted and not said.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// None yet; they are not said but [kept](Self::drain), as many as anybody says.
    pub(crate) fn kept() -> Self {
        Self { kept: Some(Vec::new()), ..Self::default() }
    }

    /// Says `cwire: WHAT`.
    pub(crate) fn add(&mut self, what: impl fmt::Display) {
        self.count += 1;
        if self.count > MAX_LINES {
            return;
        }
        match &mut self.kept {
            Some(kept) => kept.push(what.to_string()),
            None if self.quiet => {}
            None => say(format_args!("cwire: {what}")),
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Those that were kept.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = String> {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default().into_iter()
    }

    /// Counts those of others that kept theirs: of `count`, the first were added here one by one.
    pub(crate) fn add_unsaid(&mut self, count: u64) {
        self.count += count.saturating_sub(MAX_LINES);
    }

    /// Says how many were not said, and returns whether there were any.
    pub(crate) fn finish(self) -> bool {
        if let (false, Some(more @ 1..)) = (self.quiet, self.count.checked_sub(MAX_LINES)) {
            say(format_args!("cwire: {}", counted(more, "more complaint")));
        }
        self.count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "In file included from a.h:3:\n\
                           b.h:7:14: error: `;` is needed, found `}`\n\
                           \x20   7 |     int count }\n\
                           \x20     |               ^";

    #[test]
    fn a_header_error_is_the_same_text_with_colours_and_without() {
        assert_eq!(header_error(MESSAGE, Paint(false)), MESSAGE);
        let coloured = header_error(MESSAGE, Paint(true));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), MESSAGE);
        assert!(coloured.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"), "{coloured:?}");
        assert!(coloured.ends_with("^\u{1b}[0m"), "{coloured:?}");
    }

    #[test]
    fn things_are_counted_in_english() {
        assert_eq!(counted(1_u64, "record"), "1 record");
        assert_eq!(counted(0_u64, "record"), "0 records");
    }
}

//! What is wrong with a dump, and where.

use std::fmt;

/// A place of a dump that is not as it should be.
///
/// Displays as `line 3, column 11: two hexadecimal digits are needed, found `zz``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpError {
    /// From 1.
    pub line: u64,
    /// Byte of the line, from 1.
    pub column: u64,
    /// What was needed, and what was found.
    pub message: String,
    /// Whether nothing after it can be read, because it would not be known where it belongs.
    pub is_final: bool,
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for DumpError {}

/// The beginning of what was found, short enough for a message, and printable.
pub(crate) fn quoted(found: &[u8]) -> String {
    const LONGEST: usize = 24;
    let shown = found.get(..LONGEST).unwrap_or(found);
    let more = if shown.len() < found.len() { "…" } else { "" };
    format!("`{}{more}`", shown.escape_ascii())
}

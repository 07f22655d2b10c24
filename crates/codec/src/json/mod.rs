//! Records as JSON.
//!
//! One form for the whole of cwire: a space after `:` and `,`, and none elsewhere.

mod lines;
mod number;
mod out;
mod program;
pub(crate) mod read;
mod string;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod writer;

use std::fmt;

pub use lines::{JsonLines, Run};
pub(crate) use program::Program;
pub(crate) use string::hex_digit;
pub use string::push_string;
pub use text::Text;
pub(crate) use writer::JsonWriter;

use crate::EncodeError;
use crate::value::Value;

/// Why a record could not be read from JSON.
///
/// Displays as `column 17: b: 300 does not fit …`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    column: usize,
    kind: JsonErrorKind,
}

/// What is wrong with a record in JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// It is no JSON.
    Syntax {
        /// What was needed.
        needed: &'static str,
        /// What was found.
        found: String,
    },
    /// It does not fit the record.
    Encode(EncodeError),
}

impl JsonError {
    pub(crate) fn syntax(column: usize, needed: &'static str, found: String) -> Self {
        Self { column, kind: JsonErrorKind::Syntax { needed, found } }
    }

    pub(crate) fn encode(column: usize, error: EncodeError) -> Self {
        Self { column, kind: JsonErrorKind::Encode(error) }
    }

    /// The byte of the text where it is, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// The same, where the text is part of a longer one and `by` bytes come before it.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        self.column += by;
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &JsonErrorKind {
        &self.kind
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: ", self.column)?;
        match &self.kind {
            JsonErrorKind::Syntax { needed, found } => write!(f, "needs {needed}, found {found}"),
            JsonErrorKind::Encode(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for JsonError {}

impl Value {
    /// Reads JSON; integers are exact to 128 bits.
    ///
    /// # Errors
    ///
    /// The text is no JSON, more than one value, has more than 512 lists and objects inside each other, or
    /// a number beyond the range of a `double`.
    pub fn from_json(json: &[u8]) -> Result<Self, JsonError> {
        tree::parse(json)
    }

    /// Appends the value as JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        writer::write_value(self, out);
    }
}

//! The record that is exchanged.

use std::fmt;

use cwire_codec::{CChar, CharArray, Record};

/// `struct CTestData { char a; int b; char c[15]; };`, as `cpp/ctestdata.h` declares it.
///
/// Displays as `a='A' b=300 c="hello"`.
#[derive(Clone, Copy, Debug, PartialEq, Record)]
pub struct CTestData {
    /// One character.
    pub a: CChar,
    /// A number.
    pub b: i32,
    /// A text of up to 15 bytes.
    pub c: CharArray<15>,
}

impl fmt::Display for CTestData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a={:?} b={} c={:?}", self.a.to_char(), self.b, self.c.to_string_lossy())
    }
}

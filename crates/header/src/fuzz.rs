//! Fuzz body of the whole reader: text to layouts.

use std::io;
use std::path::Path;

use cwire_layout::Types;
use cwire_layout::abi::Abi;

use crate::{Files, Lang, Limits, Options};

/// One text under every name that is asked for first, and nothing else.
struct Text<'a>(&'a [u8]);

impl Files for Text<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.to_str() {
            Some("fuzz.h" | "./fuzz.h") => Ok(self.0.to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Reads arbitrary bytes as a header, for an ABI and in a language that the first byte chooses.
///
/// # Panics
///
/// A record breaks a law, a refusal has no position, or the same text is read in two ways.
pub fn header(data: &[u8]) {
    let Some(types) = types(data) else { return };
    for &record in types.records() {
        cwire_layout::fuzz::check(&types, record);
    }
}

/// The types of such a header; `None` where it is refused.
///
/// # Panics
///
/// A refusal has no position.
#[must_use]
pub fn types(data: &[u8]) -> Option<Types> {
    let (&first, text) = data.split_first()?;
    let abi = Abi::ALL.get(usize::from(first >> 2) % Abi::ALL.len());
    let mut options = Options::new(abi.copied().unwrap_or(Abi::X86_64_LINUX));
    options.lang =
        [Some(Lang::C), Some(Lang::Cxx), None].get(usize::from(first & 3)).copied().flatten();
    // Small, so that a fuzzer does not spend its time on what is only long.
    options.limits = Limits { expansion_tokens: 1 << 16, text_bytes: 1 << 20, ..Limits::default() };
    match crate::read(&Text(text), Path::new("fuzz.h"), &options) {
        Err(error) => {
            assert!(error.line() > 0, "a refusal has a position: {error}");
            None
        }
        Ok(header) => Some(header.types),
    }
}

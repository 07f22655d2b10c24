//! Body of the fuzz target of the preprocessor; a stable test calls it, too.

use std::io;
use std::path::Path;

use cwire_layout::abi::Abi;

use super::{Preprocessed, preprocess};
use crate::{Files, HeaderError, Lang, Limits, Options, TokenKind};

/// Two files out of arbitrary bytes, each of which may include both.
struct Two<'a>(&'a [u8], &'a [u8]);

impl Files for Two<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.to_str() {
            Some("a.h") => Ok(self.0.to_vec()),
            Some("b.h") => Ok(self.1.to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Arbitrary text, read for an ABI and a language that its first two bytes choose: it ends, within
/// its limits, with tokens whose positions are known or with an error at a position.
pub fn preprocess_bytes(data: &[u8]) {
    let Some((&[abi, lang], text)) = data.split_first_chunk() else { return };
    let abi = Abi::ALL.iter().cycle().nth(usize::from(abi)).copied().unwrap_or(Abi::X86_64_LINUX);
    let lang = if lang & 1 == 0 { Lang::C } else { Lang::Cxx };
    let limits =
        Limits { include_depth: 8, expansion_tokens: 1 << 14, nesting: 64, text_bytes: 1 << 18 };
    let options = Options { limits, ..Options::new(abi) };
    // The second file begins at the first form feed, which no header needs.
    let cut = text.iter().position(|&byte| byte == b'\x0c').unwrap_or(text.len());
    let (first, second) = text.split_at_checked(cut).unwrap_or((text, &[]));
    let read = || preprocess(&Two(first, second), Path::new("a.h"), &options, lang);
    match read() {
        Ok(preprocessed) => accepted(preprocessed, limits),
        Err(error) => refused(&error),
    }
}

fn accepted(mut preprocessed: Preprocessed, limits: Limits) {
    let most = limits.expansion_tokens + 2 * limits.text_bytes;
    assert!(preprocessed.tokens.len() <= most, "{} tokens", preprocessed.tokens.len());
    let last = preprocessed.tokens.last().map(|token| token.kind);
    assert_eq!(last, Some(TokenKind::End));
    for token in &preprocessed.tokens {
        let position = preprocessed.sources.position(token.loc);
        assert!(position.line > 0 && position.column > 0, "{position:?}");
    }
    for object in preprocessed.object_macros() {
        let name = preprocessed.symbols.text(object.name).to_owned();
        if let Err(error) = preprocessed.expand(&name) {
            refused(&error);
        }
    }
}

fn refused(error: &HeaderError) {
    assert!(!error.message().is_empty());
    assert!(error.to_string().contains(": error: "), "{error}");
}

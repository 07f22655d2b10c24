use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use cwire_layout::abi::Abi;

use super::*;

mod builtin;
mod compilers;
mod conditions;
mod errors;
mod expansion;
mod includes;
mod predefined;
mod system;

/// Files that exist for one test alone.
#[derive(Default)]
pub(super) struct Memory(pub(super) HashMap<PathBuf, Vec<u8>>);

impl Memory {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let entry = |&(path, text): &(&str, &str)| (PathBuf::from(path), text.as_bytes().to_vec());
        Self(files.iter().map(entry).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Preprocesses `main.h` of some files.
pub(super) fn run(files: &[(&str, &str)], options: &Options) -> Result<Preprocessed, HeaderError> {
    let lang = options.lang.unwrap_or(Lang::C);
    preprocess(&Memory::new(files), Path::new("main.h"), options, lang)
}

/// The tokens of a text after preprocessing, joined by spaces; pragmas as `#pragma …`.
#[track_caller]
pub(super) fn expand(text: &str) -> String {
    match run(&[("main.h", text)], &linux()) {
        Ok(preprocessed) => spellings(&preprocessed).join(" "),
        Err(error) => panic!("{error}"),
    }
}

/// The message of the error that a text ends with, and its line and column.
#[track_caller]
pub(super) fn refuse(text: &str) -> (String, u32, u32) {
    match run(&[("main.h", text)], &linux()) {
        Ok(preprocessed) => panic!("it was read: {}", spellings(&preprocessed).join(" ")),
        Err(error) => (error.message().to_owned(), error.line(), error.column()),
    }
}

pub(super) fn linux() -> Options {
    Options::new(Abi::X86_64_LINUX)
}

pub(super) fn spellings(preprocessed: &Preprocessed) -> Vec<String> {
    let text = |token: &Token| preprocessed.symbols.text(token.text).to_owned();
    let tokens = preprocessed.tokens.iter().filter(|token| token.kind != TokenKind::End);
    tokens
        .map(|token| match token.kind {
            TokenKind::Pragma => format!("#pragma {}", text(token)),
            _ => text(token),
        })
        .collect()
}

/// The tokens of a text as a compiler prints it after preprocessing.
pub(super) fn tokens_of_output(text: &str) -> Vec<String> {
    let mut names = Interner::new();
    let tokens = crate::lex::tokens(text, Loc(0), &mut names);
    tokens.iter().map(|token| names.text(token.text).to_owned()).collect()
}

/// Our tokens, pragmas taken apart, to be compared with a compiler's.
pub(super) fn flat(preprocessed: &Preprocessed) -> Vec<String> {
    let mut flat = Vec::new();
    for token in &preprocessed.tokens {
        let text = preprocessed.symbols.text(token.text);
        match token.kind {
            TokenKind::End => {}
            TokenKind::Pragma => flat.extend(tokens_of_output(&format!("#pragma {text}"))),
            _ => flat.push(text.to_owned()),
        }
    }
    flat
}

/// Where two sequences of tokens part, with what stands there.
pub(super) fn difference(ours: &[String], theirs: &[String]) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let at = ours.iter().zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let around = |tokens: &[String]| {
        tokens.iter().skip(at.saturating_sub(8)).take(20).cloned().collect::<Vec<_>>().join(" ")
    };
    Some(format!("token {at}:\n  ours: {}\n  theirs: {}", around(ours), around(theirs)))
}

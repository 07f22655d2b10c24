//! Reads C and C++ headers into types that are laid out for an ABI.
//!
//! ```text
//! text --preprocess--> tokens --parse--> declarations --resolve--> cwire_layout::Types
//! ```

#![warn(missing_docs)]

use std::path::{Path, PathBuf};

use cwire_layout::Types;
use cwire_layout::abi::Abi;

mod constant;
pub mod decl;
mod error;
mod eval;
#[doc(hidden)]
pub mod fuzz;
mod lex;
mod parse;
#[doc(hidden)]
#[path = "parse/fuzz.rs"]
pub mod parse_fuzz;
pub mod preprocess;
mod read;
mod resolve;
mod source;
mod token;

pub use error::{HeaderError, HeaderErrorKind};
pub use source::{Disk, Files, Loc, Origin, Position, Sources};
pub use token::{Interner, Punct, Symbol, Token, TokenKind, kw};

/// The language that a header is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// C11, C23 and GNU's extensions.
    C,
    /// The C++ that protocol headers use.
    Cxx,
}

/// One `-D` or `-U`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MacroFlag {
    /// `-D NAME` (value `1`) or `-D NAME=VALUE`; function-like macros as `NAME(a)=VALUE`.
    Define {
        /// What stands before `=`.
        name: String,
        /// What stands after it.
        value: String,
    },
    /// `-U NAME`.
    Undef(String),
}

/// How headers are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The ABI whose macros are defined and whose rules place the members.
    pub abi: Abi,
    /// The language; `None`: by the name (`.hh .hpp .hxx .h++` are C++), and others as C and then,
    /// where that fails, as C++.
    pub lang: Option<Lang>,
    /// Where included headers are looked for, in this order; the built-in ones come last.
    pub include_dirs: Vec<PathBuf>,
    /// `-D` and `-U`, in the order of the command line.
    pub macros: Vec<MacroFlag>,
    /// Limits on what a header may ask for.
    pub limits: Limits,
}

/// Limits on what a header may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `#include`s inside each other; default 200.
    pub include_depth: usize,
    /// Tokens that macros may expand to, over the whole header; default 1 Mi.
    pub expansion_tokens: usize,
    /// Nesting of declarations, expressions and conditions; default 256.
    pub nesting: usize,
    /// Bytes of text read, included files counted each time; default 256 MiB.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { include_depth: 200, expansion_tokens: 1 << 20, nesting: 256, text_bytes: 256 << 20 }
    }
}

/// What a header declares.
#[derive(Debug)]
pub struct Header {
    /// Its types, records, enums and typedefs, those of included headers too.
    pub types: Types,
    /// The language that it was read as.
    pub lang: Lang,
    /// What names mean, for [`Header::constant`].
    names: resolve::Names,
    /// Spellings, positions and macros.
    text: preprocess::Preprocessed,
}

impl Options {
    /// The defaults for an ABI: no directories, no macros.
    #[must_use]
    pub fn new(abi: Abi) -> Self {
        Self {
            abi,
            lang: None,
            include_dirs: Vec::new(),
            macros: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Reads a header from disk.
///
/// # Errors
///
/// The header, or one that it includes, is missing or malformed, or a `static_assert` fails.
pub fn read_file(path: &Path, options: &Options) -> Result<Header, HeaderError> {
    read(&Disk, path, options)
}

/// Reads a header from any set of files.
///
/// # Errors
///
/// As [`read_file`].
pub fn read(files: &dyn Files, path: &Path, options: &Options) -> Result<Header, HeaderError> {
    read::read(files, path, options)
}

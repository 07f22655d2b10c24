//! Writes random headers.
//!
//! A header is text only: what the compiler makes of it is asked by the names that are noted here,
//! and no size or value is worked out on this side.

mod class;
mod enums;
mod expression;
mod files;
mod member;
mod record;
mod scalar;

use cwire_header::Lang;

use super::rng::Random;
use super::target::Target;

/// A header, the file that it includes, and what to ask of it.
#[derive(Clone)]
pub(super) struct Header {
    /// Its name without `.h`, with which all names in it begin.
    pub(super) prefix: String,
    pub(super) text: String,
    /// Text of `<prefix>_part.h`.
    pub(super) part: String,
    pub(super) records: Vec<RecordNames>,
    /// Constants and enumerators.
    pub(super) constants: Vec<String>,
}

/// A record and its members by name.
#[derive(Clone)]
pub(super) struct RecordNames {
    /// As C or C++ writes the type.
    pub(super) spelling: String,
    /// Qualified, as layouts name it.
    pub(super) name: String,
    pub(super) members: Vec<MemberName>,
}

/// A member by its path through unnamed bodies: `a.b[0].c`.
#[derive(Clone)]
pub(super) struct MemberName {
    pub(super) path: String,
    pub(super) kind: MemberKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberKind {
    Plain,
    /// No `sizeof`: `T x[]`.
    Flexible,
    BitField,
    /// Its address cannot be had.
    Reference,
}

/// A type that members can have.
#[derive(Clone)]
struct Ty {
    spelling: String,
    /// Widest bit-field of it.
    width: Option<usize>,
    record: Option<RecordTraits>,
    /// Natural alignment is that of `int` or less, so that `alignas(16)` raises it.
    small: bool,
}

/// What decides where a record can be used.
#[derive(Clone, Copy, Default)]
struct RecordTraits {
    /// Ends in a flexible array.
    flexible: bool,
    /// Has constructors or the like, which anonymous members must not have.
    class: bool,
    is_final: bool,
    is_union: bool,
    /// Has bit-fields.
    bits: bool,
    /// An object without initialiser can be made of it.
    constructible: bool,
}

/// A header in the making.
struct Writer<'a> {
    random: Random,
    target: &'a Target,
    lang: Lang,
    prefix: String,
    out: String,
    indent: usize,
    count: usize,
    types: Vec<Ty>,
    /// Names of small integer constants.
    small: Vec<String>,
    records: Vec<RecordNames>,
    constants: Vec<String>,
    /// Namespace or class around, with `::` behind.
    scope: String,
    /// Whether the helper macros are defined.
    macros: bool,
}

/// The header of a seed.
pub(super) fn header(target: &Target, lang: Lang, seed: u64, prefix: &str) -> Header {
    let writer = Writer {
        random: Random::new(seed),
        target,
        lang,
        prefix: prefix.to_owned(),
        out: String::new(),
        indent: 0,
        count: 0,
        types: Vec::new(),
        small: Vec::new(),
        records: Vec::new(),
        constants: Vec::new(),
        scope: String::new(),
        macros: false,
    };
    writer.header()
}

impl Writer<'_> {
    fn cxx(&self) -> bool {
        self.lang == Lang::Cxx
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    /// A name that is nowhere else.
    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{}_{what}{}", self.prefix, self.count)
    }

    fn line(&mut self, text: &str) {
        for line in text.lines() {
            if !line.starts_with('#') {
                for _ in 0..self.indent {
                    self.out.push_str("    ");
                }
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn alignof(&self) -> &'static str {
        if self.cxx() { "alignof" } else { "_Alignof" }
    }
}

//! C expressions over the fields of a record.
//!
//! Lengths of messages, conditions on records and tags of unions are said in them: [`Filter`] is a
//! condition for users to type, [`Expr`] an integer, [`Formula`] one that is put into a field. Text is
//! compiled once; what is left are steps over bytes, without names.
//!
//! # What is in an expression
//!
//! | | |
//! |---|---|
//! | operators | all of C's that compute: `?:`, <code>&#124;&#124;</code>, `&&`, <code>&#124;</code>, `^`, `&`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `<<`, `>>`, `+`, `-`, `*`, `/`, `%`, unary `!`, `~`, `+`, `-`; casts to integer types |
//! | integers | decimal, `0x`, `0b`, octal with `0`; `'` between digits; C's suffixes |
//! | characters | `'A'`, `'\\n'`, `'\\x41'`: with the sign of the ABI's `char`; `'AB'` is 0x4142 |
//! | fields | by path: `header.len`, `dlength[2]`, `legs[n - 1].price`; bit-fields, enums, pointers, members of anonymous members and of base classes |
//! | constants | enumerators and macros of the header |
//! | `sizeof` | of a record, type or field: `sizeof(struct head)`, `sizeof head`, `sizeof(body)` |
//! | raw reads | `u8(n) le16(n) be16(n) le24(n) be24(n) le32(n) be32(n) le48(n) be48(n) le64(n) be64(n)`: unsigned, at an offset, in the byte order that they name |
//! | `align(x, n)` | the least multiple of `n` that is not below `x` |
//! | `remaining()` | the bytes that are there |
//! | `recall(table, key, default)` | in a protocol file: what an earlier message remembered |
//! | `number()`, `now_ns()`, `crc32(from, len)` and the like | in a [`Formula`]: see there |
//!
//! A name is a field before it is a constant. Integers are computed in 128 bits whatever C would do;
//! what does not fit is an error, not a wrong number. `&&`, `||` and `?:` evaluate no more than they
//! need, and so do not read it, either.
//!
//! # Limits
//!
//! A text has at most 64 KiB, and 256 levels of nesting. Evaluating takes time in proportion to the text,
//! and no memory that the input decides.

mod arith;
mod compile;
mod error;
mod field;
mod filter;
mod formula;
mod lex;
mod program;
mod read;
mod text;
mod types;

#[cfg(feature = "protocol")]
pub(crate) use compile::refusal;
pub(crate) use compile::{Compiler, Fields, Kind};
pub use error::{EvalError, EvalErrorKind, ExprError};
#[cfg(feature = "protocol")]
pub(crate) use field::{did_you_mean, field_type, has_path, names as field_names};
pub use filter::Filter;
pub use formula::{Formula, Occasion};
#[cfg(feature = "protocol")]
pub(crate) use program::Recall;
pub(crate) use program::{Left, Scope, Stop};

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;
use program::Program;

use crate::plan::TextEncoding;

/// What names mean that are no fields: the macros and enumerators of a header.
///
/// A closure is one, too. Enumerators are looked up in the [`Types`] as well, so
/// that [`NoNames`] does where there are no macros.
pub trait Names {
    /// The integer that a name stands for; `None` if there is no such name.
    ///
    /// # Errors
    ///
    /// The name is known and has no integer value: why not.
    fn constant(&mut self, name: &str) -> Result<Option<i128>, String>;
}

impl<F: FnMut(&str) -> Result<Option<i128>, String>> Names for F {
    fn constant(&mut self, name: &str) -> Result<Option<i128>, String> {
        self(name)
    }
}

/// No macros.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn constant(&mut self, _: &str) -> Result<Option<i128>, String> {
        Ok(None)
    }
}

/// An integer expression over the fields of a record, compiled.
///
/// # Example
///
/// ```
/// use cwire_codec::expr::{Expr, NoNames};
/// use cwire_layout::Types;
/// use cwire_layout::abi::{Abi, Endian};
/// use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind};
///
/// let mut types = Types::new(Abi::X86_64_LINUX);
/// let short = types.basic(Basic::UShort);
/// let head = types.add_record(RecordKind::Struct, "head", None);
/// let members = vec![MemberDef::new("kind", short), MemberDef::new("len", short)];
/// types.define_record(head, RecordDef { members, ..RecordDef::default() })?;
///
/// let expr = Expr::compile("sizeof(head) + len * 2", &types, head, Endian::Big, &mut NoNames)?;
/// assert_eq!(expr.value(b"\0\x01\0\x03")?, Some(10));
/// assert_eq!(expr.value(b"\0\x01")?, None); // the record ends before `len`
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expr {
    program: Program,
}

impl Expr {
    /// Compiles a text over `record`, whose fields are in byte order `endian`. Offsets of raw reads count
    /// from the start of the record, and `remaining()` is how many bytes it has.
    ///
    /// # Errors
    ///
    /// The text is no expression, or names what the record and `names` do not know, or has no value
    /// whatever the bytes.
    pub fn compile(
        text: &str,
        types: &Types,
        record: RecordId,
        endian: Endian,
        names: &mut dyn Names,
    ) -> Result<Self, ExprError> {
        let fields = Some(Fields { record, base: 0, endian });
        let encoding = TextEncoding::Utf8;
        Compiler { types, fields, names, tables: None, kind: Kind::Number, encoding }.expr(text)
    }

    /// The value over the bytes of a record; `None` where they end before what it reads.
    ///
    /// # Errors
    ///
    /// The expression has no value for these bytes: it divides by 0, overflows, or indexes outside an
    /// array.
    pub fn value(&self, record: &[u8]) -> Result<Option<i128>, EvalError> {
        match self.eval(&Scope::of_record(record)) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Need(_)) => Ok(None),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// The value over what is there of a message.
    #[inline]
    pub(crate) fn eval(&self, scope: &Scope<'_>) -> Result<i128, Stop> {
        self.program.eval(scope)
    }

    /// The number that it always is.
    #[must_use]
    pub fn constant(&self) -> Option<i128> {
        self.program.constant()
    }

    /// Whether both do the same whatever the bytes; not all that do are found.
    #[cfg(feature = "protocol")]
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.program.ops == other.program.ops
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! C types, and the offset, size and alignment that an ABI gives them.
//!
//! This crate knows no header text, no bytes and no Rust macros. It answers one question: given an
//! [`Abi`](abi::Abi) and the members of a record, where does a compiler for that ABI put each of them?
//!
//! ```text
//! struct CTestData { char a; int b; char c[15]; };      on x86_64-unknown-linux-gnu
//!
//! byte   0    1    2    3    4    5    6    7    8                          22   23
//!      +----+--------------+-------------------+------------------- … ---------+----+
//!      | a  |  (padding)   |         b         |              c                | pad|
//!      +----+--------------+-------------------+------------------- … ---------+----+
//! ```
//!
//! Everything is a `const fn`, so that a Rust macro can let the compiler do the arithmetic: the
//! offsets of a derived record are constants of the program.
//!
//! # Example
//!
//! ```
//! use cwire_layout::abi::{Abi, Scalar};
//! use cwire_layout::place::{Member, Placer, RecordAttrs};
//!
//! # fn main() -> Result<(), cwire_layout::LayoutError> {
//! let abi = Abi::X86_64_LINUX;
//! let mut placer = Placer::new(abi, RecordAttrs::NONE);
//! let a = placer.push(&Member::new(abi.scalar(Scalar::Char)))?;
//! let b = placer.push(&Member::new(abi.scalar(Scalar::Int)))?;
//! let c = placer.push(&Member::new(abi.scalar(Scalar::Char).array(15)?))?;
//! let record = placer.finish()?;
//!
//! assert_eq!((a.offset_bits, b.offset_bits, c.offset_bits), (0, 32, 64));
//! assert_eq!((record.size, record.align), (24, 4));
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

pub mod abi;
mod class;
mod error;
mod field;
#[doc(hidden)]
pub mod fuzz;
pub mod place;
mod record;
mod size;
mod spell;
mod triple;
mod ty;
pub mod types;

pub use error::{LayoutError, LayoutErrorKind};
pub use field::{Field, FieldKind};
pub use record::RecordLayout;
pub use ty::TypeLayout;
pub use types::Types;

//! Reads and writes C structs as they lie in memory, for any ABI.
//!
//! A C or C++ program that does `send(sock, &s, sizeof s)` puts the memory of a struct on the wire:
//! members at the offsets that its compiler chose, padding between them, integers in the byte
//! order of its processor. This crate turns such bytes into Rust structs and back.
//!
//! - [`Record`], derived for a Rust struct, mirrors a C struct. One Rust struct serves every ABI:
//!   `decode_abi::<abi::I686Windows>` differs from `decode` in constants only.
//! - `FooView`, which the derive writes beside `Foo`, reads members in place, from any slice.
//! - [`frame`] cuts a byte stream into records, chunks, length-prefixed messages or lines.
//! - The feature `dynamic` brings records that are known at run time only (`plan`, `value`, `json`,
//!   `columns`), and C expressions over their fields (`expr`); `protocol` brings `frame::protocol`, which
//!   cuts a stream into messages as a protocol file says.
//!
//! Nothing here does I/O, reads a clock, or trusts a length that came from a peer.
//!
//! # C types and their Rust counterparts
//!
//! | C | Rust |
//! |---|---|
//! | `int8_t` … `uint64_t`, `float`, `double` | `i8` … `u64`, `f32`, `f64` |
//! | `signed char`, `unsigned char`, `short`, `int`, `long long` | the same, or [`CSChar`], [`CUChar`], [`CShort`], [`CInt`], [`CLongLong`] … |
//! | `char` | [`CChar`] (a character); `i8` or `u8` (a number) |
//! | `char[N]` | [`CharArray<N>`](CharArray) (text); `[u8; N]` (bytes) |
//! | `long`, `unsigned long`, `size_t`, `wchar_t` | [`CLong`], [`CULong`], [`CSize`], [`CWchar`]: as wide as the ABI says |
//! | `_Bool`, `bool` | `bool` (0 or 1), or [`CBool`] (any byte) |
//! | `T *` | [`CPtr`]: an opaque address |
//! | `enum E` | `Open<E>` with `#[derive(CEnum)]` on `E` (any value), or `E` (enumerators only) |
//! | `T[N][M]` | `[[T; M]; N]` |
//! | `struct S` | `S` with `#[derive(Record)]` |
//! | `unsigned a : 3;` | `#[cwire(bits = 3)] a: u32` |
//! | `int : 0;` | `#[cwire(bits = 0)] _end: Unnamed<i32>` |
//! | `#pragma pack(N)` | `#[cwire(pack = N)]` on the struct |
//! | `__attribute__((packed))` | `#[cwire(packed)]` on the struct |
//! | `alignas(N)`, `__attribute__((aligned(N)))`, `__declspec(align(N))` | `#[cwire(align = N)]` on the struct or field |
//! | a field sent through `htonl` | `#[cwire(endian = "big")]` on the field or the struct |

#![warn(missing_docs)]

// The code that the derives write names `::cwire_codec`; this lets it be used in here too.
extern crate self as cwire_codec;

#[doc(hidden)]
#[allow(missing_docs, reason = "called by generated code only")]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "dynamic")]
pub mod columns;
mod error;
#[cfg(feature = "dynamic")]
pub mod expr;
pub mod frame;
#[cfg(feature = "dynamic")]
pub mod json;
#[cfg(feature = "dynamic")]
pub mod plan;
#[doc(hidden)]
#[cfg(feature = "dynamic")]
#[path = "plan/fuzz.rs"]
pub mod plan_fuzz;
mod scalar;
mod typed;
#[doc(hidden)]
#[cfg(feature = "derive")]
#[path = "typed/fuzz.rs"]
pub mod typed_fuzz;
#[cfg(feature = "dynamic")]
pub mod value;

pub use cwire_layout::abi;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use typed::{
    ArrayView, ArrayViewIter, BitField, CBool, CChar, CEnum, CInt, CLong, CLongLong, CPtr, CSChar,
    CShort, CSize, CType, CUChar, CUInt, CULong, CULongLong, CUShort, CWchar, CharArray,
    CharArrayView, Enumerator, FieldLayout, FixedType, Open, Padding, Record, RecordLayout,
    RecordType, Records, TextTooLong, Unnamed, Views,
};

#[cfg(feature = "derive")]
pub use cwire_derive::{CEnum, Record};

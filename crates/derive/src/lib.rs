//! The derive macros of `cwire-codec`. Use them through that crate, which documents them.
//!
//! `attrs` reads what users wrote in `#[cwire(…)]`, `model` checks it against the rules of C,
//! `expand` writes the code. Offsets of nested types are unknown while a macro runs, so the code
//! holds constant expressions over the layout rules and the compiler does the arithmetic.

#![warn(missing_docs)]

mod attrs;
mod errors;
mod expand;
mod model;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `cwire_codec::Record` for a struct that mirrors a C struct, and writes `FooView`,
/// which reads the members of a `Foo` in place.
///
/// Members are placed in the order of the fields. Keys of `#[cwire(…)]` on the struct:
///
/// | key | C |
/// |---|---|
/// | `pack = N` | `#pragma pack(N)` |
/// | `packed` | `__attribute__((packed))` |
/// | `align = N` | `__attribute__((aligned(N)))`, `alignas(N)`, `__declspec(align(N))` |
/// | `endian = "big"` or `"little"` | byte order of all members, nested ones too unless they say otherwise |
/// | `abi = PATH` | the ABI of methods that do not name one; default `abi::X86_64Linux` |
/// | `name = "N"` | the struct's name in C, where it differs |
/// | `view = NAME` | name of the view; default `FooView` |
/// | `crate = PATH` | where `cwire_codec` is, if renamed |
///
/// and on a field:
///
/// | key | C |
/// |---|---|
/// | `bits = N` | a bit-field of N bits, 0 only with the type `Unnamed<T>` |
/// | `align = N` | `alignas(N)` and the like on the member |
/// | `endian = "big"` or `"little"` | byte order of the member |
/// | `name = "N"` | the member's name in C, where it differs |
///
/// A getter of the view has the field's name; where that is `split`, `iter`, `split_abi`,
/// `iter_abi`, `as_bytes` or `decode`, which every view has, an underscore follows.
#[proc_macro_derive(Record, attributes(cwire))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::Record::new(&input)
        .map_or_else(|error| error.to_compile_error(), |record| expand::record(&record))
        .into()
}

/// Implements `cwire_codec::CEnum` for an enum that mirrors a C enum.
///
/// Enumerators are variants without fields. `#[repr(u8)]` and the like fix the type that holds the
/// enum, as `enum E : uint8_t` does in C++; without it the ABI chooses. `#[cwire(name = "N")]`
/// gives the name in C of the enum or of an enumerator, and `#[cwire(crate = PATH)]` says where
/// `cwire_codec` is, if renamed.
#[proc_macro_derive(CEnum, attributes(cwire))]
pub fn derive_c_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::Enum::new(&input)
        .map_or_else(|error| error.to_compile_error(), |model| expand::c_enum(&model))
        .into()
}

//! The built-in types of CodeView: numbers below 0x1000.
//!
//! Source: "CodeView Type Records" in LLVM's documentation, and `cvinfo.h` of microsoft-pdb.

use crate::graph::{Base, Encoding, Graph, Node, Ref, TooManyNames};

/// The node of a number, if it is one.
pub(super) fn node(
    graph: &mut Graph,
    number: u32,
    reference: impl Fn(u32) -> Ref,
) -> Result<Option<Node>, TooManyNames> {
    // `std::nullptr_t` is a near pointer to nothing.
    if number == 0x103 {
        let name = graph.names.intern("std::nullptr_t")?;
        let base = Base { name, encoding: Encoding::NullPtr, size: 0, bits: None };
        return Ok(Some(Node::Base(base)));
    }
    let kind = number & 0xff;
    // Bits 8 to 11: how a pointer is wide.
    let pointer = match number >> 8 {
        0 => None,
        4 => Some(4),
        6 => Some(8),
        _ => return Ok(None),
    };
    if pointer.is_some() && (kind == 3 || base(kind).is_some()) {
        return Ok(Some(Node::Pointer { target: reference(kind), size: pointer }));
    }
    if kind == 3 && pointer.is_none() {
        return Ok(Some(Node::Void));
    }
    let Some((name, encoding, size)) = base(kind) else { return Ok(None) };
    if pointer.is_some() {
        return Ok(None);
    }
    let name = graph.names.intern(name)?;
    Ok(Some(Node::Base(Base { name, encoding, size, bits: None })))
}

/// Name, kind and bytes of a built-in type. CodeView names types by what they are: `long` is what is
/// not `int` but as wide.
fn base(kind: u32) -> Option<(&'static str, Encoding, u64)> {
    Some(match kind {
        0x08 => ("long", Encoding::Signed, 4), // HRESULT
        0x10 => ("signed char", Encoding::SignedChar, 1),
        0x20 => ("unsigned char", Encoding::UnsignedChar, 1),
        0x68 => ("signed char", Encoding::SignedChar, 1),
        0x69 => ("unsigned char", Encoding::UnsignedChar, 1),
        0x70 => ("char", Encoding::SignedChar, 1),
        0x71 => ("wchar_t", Encoding::Unsigned, 2),
        0x7a => ("char16_t", Encoding::Utf, 2),
        0x7b => ("char32_t", Encoding::Utf, 4),
        0x7c => ("char8_t", Encoding::Utf, 1),
        0x11 | 0x72 => ("short", Encoding::Signed, 2),
        0x21 | 0x73 => ("unsigned short", Encoding::Unsigned, 2),
        0x12 => ("long", Encoding::Signed, 4),
        0x22 => ("unsigned long", Encoding::Unsigned, 4),
        0x74 => ("int", Encoding::Signed, 4),
        0x75 => ("unsigned int", Encoding::Unsigned, 4),
        0x13 | 0x76 => ("long long", Encoding::Signed, 8),
        0x23 | 0x77 => ("unsigned long long", Encoding::Unsigned, 8),
        0x14 | 0x78 => ("__int128", Encoding::Signed, 16),
        0x24 | 0x79 => ("unsigned __int128", Encoding::Unsigned, 16),
        0x46 => ("_Float16", Encoding::Float, 2),
        0x40 => ("float", Encoding::Float, 4),
        0x41 => ("double", Encoding::Float, 8),
        0x43 => ("_Float128", Encoding::Float, 16),
        0x30 => ("bool", Encoding::Bool, 1),
        0x31 => ("unsigned short", Encoding::Bool, 2),
        0x32 => ("unsigned int", Encoding::Bool, 4),
        0x33 => ("unsigned long long", Encoding::Bool, 8),
        0x50 => ("_Complex float", Encoding::Complex, 8),
        0x51 => ("_Complex double", Encoding::Complex, 16),
        _ => return None,
    })
}

//! What a random header declares, kept as types whose values a test can follow.

use cwire_header::Lang;
use cwire_layout::abi::{self, Abi};

/// A header and what is in it.
pub(super) struct Header {
    /// Unlike that of every other header of a batch; all its names begin with it.
    pub(super) prefix: String,
    pub(super) lang: Lang,
    /// Whether `wchar_t` holds UTF-16.
    pub(super) short_wchar: bool,
    pub(super) text: String,
    pub(super) enums: Vec<Enum>,
    pub(super) records: Vec<Record>,
}

pub(super) struct Enum {
    /// As C++ needs it for a cast; C takes it too.
    pub(super) spelling: String,
    pub(super) values: Vec<(String, i128)>,
}

pub(super) struct Record {
    /// As layouts name it.
    pub(super) name: String,
    pub(super) spelling: String,
    pub(super) body: Body,
    /// Elements that a message of this test has in the flexible array at its end.
    pub(super) tail: Option<usize>,
}

/// Members of a struct or union.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) is_union: bool,
    /// Records that it is derived from.
    pub(super) bases: Vec<usize>,
    pub(super) members: Vec<Member>,
}

#[derive(Clone)]
pub(super) struct Member {
    /// Empty for an anonymous body.
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) bits: Option<u32>,
}

#[derive(Clone)]
pub(super) enum Ty {
    Scalar(Scalar),
    Enum(usize),
    Record(usize),
    Body(Body),
    /// The length is that of the values, for a flexible array too.
    Array(Box<Self>, usize),
    Vector(Scalar, usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bool,
    Char,
    /// Text of wide characters.
    Wide,
    Signed,
    Unsigned,
    /// Of 16 bytes.
    Wide128 {
        signed: bool,
    },
    Half,
    Float,
    Double,
    /// What C converts to `double`.
    Longer,
    ComplexFloat,
    ComplexDouble,
    ComplexLonger,
    Pointer,
}

/// A scalar type of C.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scalar {
    pub(super) c: &'static str,
    pub(super) kind: Kind,
    /// Whose size it has, if it is an integer of at most 64 bits.
    pub(super) size: Option<abi::Scalar>,
}

impl Scalar {
    pub(super) fn bits(self, abi: &Abi) -> u32 {
        let size = self.size.map_or(8, |scalar| abi.scalar(scalar).size);
        u32::try_from(size * 8).unwrap()
    }

    pub(super) fn is_complex(self) -> bool {
        matches!(self.kind, Kind::ComplexFloat | Kind::ComplexDouble | Kind::ComplexLonger)
    }
}

impl Header {
    /// The members that a value of a body has, those of bases and anonymous bodies included.
    pub(super) fn members<'a>(&'a self, body: &'a Body) -> Vec<&'a Member> {
        let mut members = Vec::new();
        for &base in &body.bases {
            members.extend(self.members(&self.records[base].body));
        }
        for member in &body.members {
            match &member.ty {
                Ty::Body(inner) if member.name.is_empty() => members.extend(self.members(inner)),
                _ => members.push(member),
            }
        }
        members
    }
}

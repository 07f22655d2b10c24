//! A record as the tree of its parts, with every offset worked out.

use std::collections::HashMap;
use std::sync::Arc;

use super::annotations::{CountFn, Tag};
use super::enumerators::Enumerators;
use super::float::FloatFormat;
use super::visit::Key;

/// A struct, union or class.
#[derive(Clone)]
pub(crate) struct Object {
    /// Name of the record; empty for an unnamed one.
    pub(crate) name: Box<str>,
    /// Bytes.
    pub(crate) size: usize,
    /// Whether there are values in it. An object without any is never missing from a frame: a
    /// `[[no_unique_address]]` one may lie behind the last byte of its record.
    pub(crate) has_values: bool,
    /// Its members, those of anonymous members and of bases among them, in the order of their
    /// declaration.
    pub(crate) members: Vec<Member>,
    /// Which of them are there together, and which instead of each other.
    pub(crate) parts: Parts,
    /// Members by name.
    pub(crate) index: HashMap<Box<str>, usize>,
}

/// Members of a struct, which are all there, or of a union, which lie on top of each other.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) is_union: bool,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone)]
pub(crate) enum Part {
    /// Index of a member.
    Member(usize),
    /// An anonymous member or a base.
    Group(Parts),
}

#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) key: Key,
    /// Bytes from the start of the object; of a bit-field, those of its first byte.
    pub(crate) offset: usize,
    pub(crate) node: Node,
    /// What chooses among the members of a union.
    pub(crate) tag: Option<Choice>,
}

/// A tag, and what it chooses from.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) tag: Tag,
    /// Bytes from the start of the object to that of the record that the tag is a function of.
    pub(crate) owner: usize,
    /// For each name the tag chooses from, the index of the union's member.
    pub(crate) members: Box<[usize]>,
}

#[derive(Clone)]
pub(crate) enum Node {
    Scalar(ScalarNode),
    Text(TextNode),
    List(List),
    Object(Box<Object>),
}

#[derive(Clone)]
pub(crate) struct ScalarNode {
    /// Index into the leaves.
    pub(crate) leaf: usize,
    pub(crate) kind: Kind,
    /// Bytes to read.
    pub(crate) size: usize,
    /// First bit in those bytes, counted from where the byte order begins to fill a byte.
    pub(crate) first_bit: u32,
    /// Bits of the value; the others are padding or belong to neighbours.
    pub(crate) width: u32,
}

impl ScalarNode {
    /// Whether its bits are all bits of its bytes.
    pub(crate) fn is_whole(&self) -> bool {
        self.size as u64 * 8 == u64::from(self.width)
    }
}

#[derive(Clone)]
pub(crate) enum Kind {
    Int,
    UInt,
    Bool,
    Enum(Arc<Enumerators>),
    Char,
    Float(FloatFormat),
    /// An unsigned or signed integer of more than 128 bits.
    Wide,
}

#[derive(Clone)]
pub(crate) struct TextNode {
    pub(crate) leaf: usize,
    pub(crate) unit: Unit,
    /// Units, not bytes.
    pub(crate) len: Len,
}

/// One element of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    /// `char`, in the encoding of the options.
    Char,
    /// `char8_t`.
    Utf8,
    Utf16,
    Utf32,
}

impl Unit {
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Char | Self::Utf8 => 1,
            Self::Utf16 => 2,
            Self::Utf32 => 4,
        }
    }
}

#[derive(Clone)]
pub(crate) struct List {
    pub(crate) element: Box<Node>,
    /// Bytes from an element to the next.
    pub(crate) stride: usize,
    pub(crate) len: Len,
}

/// How many elements an array has.
#[derive(Clone)]
pub(crate) struct Len {
    /// As declared; `None`: what the frame has room for.
    pub(crate) fixed: Option<usize>,
    pub(crate) count: Option<Count>,
}

/// What says how many elements count.
#[derive(Clone)]
pub(crate) struct Count {
    pub(crate) count: Arc<CountFn>,
    /// Bytes from the start of the object to that of the record that the count is a function of.
    pub(crate) owner: usize,
}

impl Len {
    /// How many elements of `stride` bytes are at `offset` of the frame, and of how many; `object` is
    /// where the object starts that has the array.
    pub(crate) fn in_frame(
        &self,
        frame: &[u8],
        object: usize,
        offset: usize,
        stride: usize,
        partial: bool,
    ) -> Elements {
        let room = frame.len().saturating_sub(offset);
        let whole = room.checked_div(stride).unwrap_or(0);
        let declared = match self.fixed {
            _ if stride == 0 => 0,
            Some(fixed) => fixed,
            None => whole,
        };
        let counted = self.count.as_ref().and_then(|count| {
            let record = frame.get(object.saturating_add(count.owner)..)?;
            (count.count)(record)
        });
        let wanted = match counted {
            Some(counted) => usize::try_from(counted).map_or(declared, |n| n.min(declared)),
            None => declared,
        };
        let there = if partial { room.div_ceil(stride.max(1)) } else { whole };
        Elements { wanted, there: wanted.min(there) }
    }
}

pub(crate) struct Elements {
    /// Elements that the array has.
    pub(crate) wanted: usize,
    /// Elements of them that the frame has.
    pub(crate) there: usize,
}

impl Node {
    /// Whether a part of it makes sense where the frame ends inside it.
    pub(crate) fn has_parts(&self) -> bool {
        !matches!(self, Self::Scalar(_))
    }

    /// Whether there are values in it, as far as that does not depend on the frame.
    pub(crate) fn has_values(&self) -> bool {
        match self {
            Self::Scalar(_) => true,
            Self::Text(_) => self.size() > 0,
            Self::List(list) => self.size() > 0 && list.element.has_values(),
            Self::Object(object) => object.has_values,
        }
    }

    /// Bytes, as far as they do not depend on the frame.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.size,
            Self::Text(text) => text.unit.size().saturating_mul(text.len.fixed.unwrap_or(0)),
            Self::List(list) => list.stride.saturating_mul(list.len.fixed.unwrap_or(0)),
            Self::Object(object) => object.size,
        }
    }
}

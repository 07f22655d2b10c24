//! What a decoded record is told to.

use std::borrow::Cow;

/// Told of the parts of a record in the order of their declaration.
///
/// An object is `begin_object`, for each member `key` and the member, `end_object`; a list is
/// `begin_list`, its elements, `end_list`. What a visitor has no method for is passed over.
pub trait Visitor {
    /// A struct or union begins.
    fn begin_object(&mut self) {}
    /// The member of this key follows.
    fn key(&mut self, key: &Key) {
        let _ = key;
    }
    /// The struct or union ends.
    fn end_object(&mut self) {}
    /// An array begins.
    fn begin_list(&mut self) {}
    /// The array ends.
    fn end_list(&mut self) {}
    /// A scalar or text.
    fn scalar(&mut self, item: &Item<'_>) {
        let _ = item;
    }
    /// A field that the frame ends before.
    fn null(&mut self, leaf: Option<usize>, offset_bits: u64) {
        let _ = (leaf, offset_bits);
    }
}

/// The name of a member in its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub(crate) name: Box<str>,
    /// `"name": ` with what JSON escapes.
    pub(crate) json: Box<str>,
}

impl Key {
    pub(crate) fn new(name: &str) -> Self {
        let mut json = Vec::new();
        crate::json::push_string(&mut json, name);
        json.extend_from_slice(b": ");
        let json = String::from_utf8(json).expect("made of text").into();
        Self { name: name.into(), json }
    }

    /// The name: that of the member in C. A member that hides one of a base class leaves it the
    /// class's name and `::` in front.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as a JSON string, with the colon and the space behind it.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// A scalar or text of a record, and where it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Item<'a> {
    /// The value.
    pub scalar: Scalar<'a>,
    /// Index into [`Plan::leaves`](super::Plan::leaves).
    pub leaf: usize,
    /// First bit from the start of the record, counted as in [`Leaf`](super::Leaf).
    pub offset_bits: u64,
    /// Number of bits.
    pub size_bits: u64,
    /// The bytes that it is in; of a bit-field, with its neighbours' bits.
    pub raw: &'a [u8],
    /// Whether the value tells all of its bits. Always true unless
    /// [`lossless`](super::PlanOptions::lossless) is asked for, since it costs time to find out.
    pub exact: bool,
    /// Whether the bits are no value of their type, as in a `bool` that holds 2.
    pub invalid: bool,
}

/// The value of a scalar or text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scalar<'a> {
    /// An integer; of unsigned 128-bit ones those below 2^127.
    Int(i128),
    /// An integer of 2^127 and more.
    UInt(u128),
    /// `bool`.
    Bool(bool),
    /// A value of an enum that has an enumerator.
    Enum {
        /// The first enumerator of the value.
        name: &'a str,
        /// The value.
        value: i128,
    },
    /// `float` and `_Float16`.
    Float32(f32),
    /// `double`, and `long double` as its nearest `double`.
    Float64(f64),
    /// One character.
    Char(char),
    /// Text.
    Text(Cow<'a, str>),
    /// An integer of more than 128 bits: `0x` and all its hex digits.
    Wide(String),
}

//! The scalars and texts that a record is made of.

/// A field without parts of its own: what a row, a column or a byte of a hex view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leaf {
    /// C path from the record, without array indices: `legs[].price`, `matrix[][]`, `name`. A text is
    /// one leaf, without brackets for its characters.
    pub path: String,
    /// C type of one element, or of the text as a whole, as a header spells it.
    pub ctype: String,
    /// First bit of the first element, counted as layouts count: from the least significant bit of a
    /// byte in little-endian records, from the most significant in big-endian ones.
    pub offset_bits: u64,
    /// Bits of one element; 0 for a text whose length the frame decides.
    pub size_bits: u64,
    /// What it is.
    pub kind: LeafKind,
    /// The arrays that it is inside of, outermost first.
    pub dimensions: Vec<Dimension>,
}

impl Leaf {
    /// How many there are, all arrays multiplied; `None` if the frame decides.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.dimensions.iter().try_fold(1u64, |all, one| Some(all.saturating_mul(one.len?)))
    }
}

/// One array around a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Elements; `None` for an array whose length the frame or a count decides.
    pub len: Option<u64>,
    /// Bytes from an element to the next.
    pub stride: u64,
}

/// What a leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeafKind {
    /// A signed integer.
    Int,
    /// An unsigned integer.
    UInt,
    /// A pointer, or another address that is opaque.
    Pointer,
    /// `bool`.
    Bool,
    /// An enum.
    Enum,
    /// A floating-point number.
    Float,
    /// One character.
    Char,
    /// An array of characters.
    Text,
    /// An integer of more than 128 bits, as text of hex digits.
    Wide,
}

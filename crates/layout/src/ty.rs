//! Size and alignment of a complete C type.

use crate::error::{LayoutError, LayoutErrorKind};

/// Largest size that is laid out, in bytes: eight times as many bits still fit in a `u64`.
pub(crate) const MAX_SIZE: u64 = 1 << 60;

/// Size and alignment of a C type inside a record, in bytes.
///
/// On i386 Linux the alignment of a `double` inside a record (4) differs from that of a variable;
/// what counts here is the record (System V i386 psABI, table 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeLayout {
    /// `sizeof`, tail padding included.
    pub size: u64,
    /// Alignment as a member of a record.
    pub align: u64,
    /// The part of the alignment that `#pragma pack` does not lower under the MSVC rules: what
    /// `__declspec(align(N))` asked for, here or in a member. 1 where nothing was asked for.
    pub required_align: u64,
}

impl TypeLayout {
    /// A type of `size` bytes that is aligned to `align` bytes and asks for no more.
    #[must_use]
    pub const fn new(size: u64, align: u64) -> Self {
        Self { size, align, required_align: 1 }
    }

    /// The layout of an array of `len` elements of this type (C11 6.2.5p20: no gaps between them).
    ///
    /// # Errors
    ///
    /// The array is larger than 2^60 bytes.
    pub const fn array(self, len: u64) -> Result<Self, LayoutError> {
        match self.size.checked_mul(len) {
            Some(size) if size <= MAX_SIZE => Ok(Self { size, ..self }),
            _ => Err(LayoutError::new(LayoutErrorKind::TooLarge)),
        }
    }
}

/// `value` rounded up to a multiple of `align`, a power of two.
pub(crate) const fn round_up(value: u64, align: u64) -> Result<u64, LayoutError> {
    match value.checked_add(align - 1) {
        Some(sum) if sum <= MAX_SIZE * 8 => Ok(sum & !(align - 1)),
        _ => Err(LayoutError::new(LayoutErrorKind::TooLarge)),
    }
}

/// `a + b`, both counted in bits.
pub(crate) const fn add_bits(a: u64, b: u64) -> Result<u64, LayoutError> {
    match a.checked_add(b) {
        Some(sum) if sum <= MAX_SIZE * 8 => Ok(sum),
        _ => Err(LayoutError::new(LayoutErrorKind::TooLarge)),
    }
}

/// The number of bits in `size` bytes.
pub(crate) const fn bits(size: u64) -> Result<u64, LayoutError> {
    if size > MAX_SIZE {
        return Err(LayoutError::new(LayoutErrorKind::TooLarge));
    }
    Ok(size * 8)
}

pub(crate) const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

pub(crate) const fn min(a: u64, b: u64) -> u64 {
    if a < b { a } else { b }
}

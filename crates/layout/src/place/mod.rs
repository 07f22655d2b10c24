//! Places the members of a record.
//!
//! [`Placer`] takes the members of a `struct` in the order of their declaration and says where each
//! one goes. What an ABI decides is decided once, in [`Placer::push`], which hands the member to
//! one of three sets of rules: `sysv` (System V and AAPCS), `msvc`, `mingw`.
//!
//! ```text
//! unsigned a:3, b:5, c:30;      System V             MSVC
//!                               a  bits  0..3        a  bits  0..3   ┐ one unit
//!                               b  bits  3..8        b  bits  3..8   ┘ of 4 bytes
//!                               c  bits 32..62       c  bits 32..62
//! ```
//!
//! Offsets count from the start of the record. Those of bit-fields count in the order in which the
//! ABI fills a byte: on little-endian ABIs bit 0 is the least significant bit of byte 0, on
//! big-endian ones the most significant.

mod mingw;
mod msvc;
mod sysv;

use crate::abi::{Abi, BitFieldRule};
use crate::error::{LayoutError, LayoutErrorKind};
use crate::ty::{MAX_SIZE, TypeLayout, bits};

/// `?` for `const fn`, where the trait behind the operator is not available.
macro_rules! attempt {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}
use attempt;

/// Places the members of one `struct`, in the order in which they are declared.
#[derive(Clone, Debug)]
pub struct Placer {
    abi: Abi,
    attrs: RecordAttrs,
    /// First bit after the members so far; under the MSVC rules after the storage unit of the last
    /// bit-field.
    end_bits: u64,
    /// Alignment of the record so far, in bytes.
    align: u64,
    /// See [`TypeLayout::required_align`].
    required_align: u64,
    /// The storage unit that the next bit-field may share. Not used by System V.
    unit: Option<Unit>,
    /// Members so far, for errors.
    members: usize,
}

/// A storage unit that bit-fields have begun to fill.
#[derive(Clone, Copy, Debug)]
struct Unit {
    /// Size of the declared type that opened it.
    size_bits: u64,
    /// Bits at its end that are still free.
    free_bits: u64,
}

/// What is said about a record as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordAttrs {
    /// `#pragma pack(N)`: no member is aligned to more than N bytes.
    pub pack: Option<u64>,
    /// `__attribute__((packed))`: members are aligned to 1 byte, bit-fields to 1 bit.
    pub packed: bool,
    /// `__attribute__((aligned(N)))`, `alignas(N)`, `__declspec(align(N))`: at least N bytes.
    pub align: Option<u64>,
}

impl RecordAttrs {
    /// A record without attributes.
    pub const NONE: Self = Self { pack: None, packed: false, align: None };
}

/// One member of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    ty: TypeLayout,
    width_bits: Option<u32>,
    named: bool,
    align: Option<u64>,
}

impl Member {
    /// A member of type `ty`.
    #[must_use]
    pub const fn new(ty: TypeLayout) -> Self {
        Self { ty, width_bits: None, named: true, align: None }
    }

    /// The same as a bit-field of `width_bits` bits.
    #[must_use]
    pub const fn bits(self, width_bits: u32) -> Self {
        Self { width_bits: Some(width_bits), ..self }
    }

    /// The same without a name, as in `int : 0;`.
    #[must_use]
    pub const fn unnamed(self) -> Self {
        Self { named: false, ..self }
    }

    /// The same with an alignment of at least `align` bytes. Bit-fields do not take one.
    #[must_use]
    pub const fn aligned(self, align: u64) -> Self {
        Self { align: Some(align), ..self }
    }
}

/// Where a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// First bit, counted from the start of the record.
    pub offset_bits: u64,
    /// Number of bits.
    pub size_bits: u64,
}

impl Placer {
    /// Starts a record without members.
    #[must_use]
    pub const fn new(abi: Abi, attrs: RecordAttrs) -> Self {
        Self { abi, attrs, end_bits: 0, align: 1, required_align: 1, unit: None, members: 0 }
    }

    /// Places the next member.
    ///
    /// # Errors
    ///
    /// The member breaks a constraint of C (a bit-field wider than its type, a named bit-field of
    /// width 0, an alignment that is no power of two), or the record grows beyond 2^60 bytes. The
    /// record then has no layout.
    pub const fn push(&mut self, member: &Member) -> Result<Place, LayoutError> {
        let placed = match self.check(member) {
            Err(error) => Err(error),
            Ok(()) => match (self.abi.bit_field_rule(), member.width_bits) {
                (BitFieldRule::SysV | BitFieldRule::Aapcs, None) => self.sysv_field(member),
                (BitFieldRule::SysV | BitFieldRule::Aapcs, Some(width)) => {
                    self.sysv_bit_field(member, width)
                }
                (BitFieldRule::Msvc, None) => self.msvc_field(member),
                (BitFieldRule::Msvc, Some(width)) => self.msvc_bit_field(member, width),
                (BitFieldRule::MinGw, None) => self.mingw_field(member),
                (BitFieldRule::MinGw, Some(width)) => self.mingw_bit_field(member, width),
            },
        };
        match placed {
            Ok(place) => {
                self.members += 1;
                Ok(place)
            }
            Err(error) => Err(error.at(self.members)),
        }
    }

    /// The layout of the record with the members so far.
    ///
    /// # Errors
    ///
    /// The record's own alignment is no power of two, or it is larger than 2^60 bytes.
    pub const fn finish(&self) -> Result<TypeLayout, LayoutError> {
        attempt!(check_align(self.attrs.align));
        attempt!(check_align(self.attrs.pack));
        match self.abi.bit_field_rule() {
            BitFieldRule::Msvc => self.msvc_finish(),
            BitFieldRule::SysV | BitFieldRule::Aapcs | BitFieldRule::MinGw => self.sysv_finish(),
        }
    }

    /// The constraints that hold on every ABI.
    const fn check(&self, member: &Member) -> Result<(), LayoutError> {
        attempt!(check_align(member.align));
        attempt!(check_align(Some(member.ty.align)));
        attempt!(check_align(Some(member.ty.required_align)));
        attempt!(check_align(self.attrs.pack));
        let size_bits = attempt!(bits(member.ty.size));
        match member.width_bits {
            Some(0) if member.named => Err(LayoutError::new(LayoutErrorKind::NamedZeroWidth)),
            Some(width_bits) if width_bits as u64 > size_bits => {
                Err(LayoutError::new(LayoutErrorKind::BitFieldTooWide {
                    width_bits,
                    type_size: member.ty.size,
                }))
            }
            _ => Ok(()),
        }
    }
}

/// Alignments are powers of two (C11 6.2.8p4).
const fn check_align(align: Option<u64>) -> Result<(), LayoutError> {
    match align {
        Some(align) if !align.is_power_of_two() => {
            Err(LayoutError::new(LayoutErrorKind::Alignment { align }))
        }
        // No record with it is small enough, and eight times as much would not fit a `u64`.
        Some(align) if align > MAX_SIZE => Err(LayoutError::new(LayoutErrorKind::TooLarge)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

//! Places the members of a record.
//!
//! [`Placer`] takes the members of a `struct` in the order of their declaration and says where each
//! one goes. What an ABI decides is decided once, in [`Placer::push`], which hands the member to
//! one of the sets of rules: `sysv` (System V and AAPCS), `apple`, `msvc`, `mingw`.
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

mod apple;
mod mingw;
mod msvc;
mod sysv;

use crate::abi::{Abi, BitFieldRule, ClassRule};
use crate::error::{LayoutError, LayoutErrorKind};
use crate::ty::{MAX_SIZE, TypeLayout, bits, max};

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
    /// Bytes of the largest member; used in unions only.
    union_size: u64,
    /// Whether the members lie on top of each other.
    union: bool,
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
    /// Whether the last bit-field in it has width 0. Used by MinGW only.
    closed: bool,
}

/// What is said about a record as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordAttrs {
    /// `#pragma pack(N)`: no member is aligned to more than N bytes.
    pub pack: Option<u64>,
    /// `__attribute__((packed))`: members are aligned to 1 byte, bit-fields to 1 bit.
    pub packed: bool,
    /// `__attribute__((aligned(N)))`, `alignas(N)`, `__declspec(align(N))`: at least N bytes.
    pub align: Option<u64>,
    /// `ms_struct` (true) and `gcc_struct` (false), which choose between the bit-field rules of
    /// Windows and System V (gcc manual, "x86 Type Attributes"). No effect on MSVC's ABIs.
    pub ms_struct: Option<bool>,
}

impl RecordAttrs {
    /// A record without attributes.
    pub const NONE: Self = Self { pack: None, packed: false, align: None, ms_struct: None };
}

/// One member of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    ty: TypeLayout,
    width_bits: Option<u32>,
    named: bool,
    align: Option<u64>,
    packed: bool,
}

impl Member {
    /// A member of type `ty`.
    #[must_use]
    pub const fn new(ty: TypeLayout) -> Self {
        Self { ty, width_bits: None, named: true, align: None, packed: false }
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

    /// The same with an alignment of at least `align` bytes.
    #[must_use]
    pub const fn aligned(self, align: u64) -> Self {
        Self { align: Some(align), ..self }
    }

    /// The same with another size and alignment.
    pub(crate) const fn with_layout(self, ty: TypeLayout) -> Self {
        Self { ty, ..self }
    }

    /// `align`, or more if the member asks for it.
    const fn at_least(&self, align: u64) -> u64 {
        match self.align {
            Some(asked) => max(asked, align),
            None => align,
        }
    }

    /// The same with `__attribute__((packed))` on this member alone.
    #[must_use]
    pub const fn packed(self) -> Self {
        Self { packed: true, ..self }
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
        let attrs = match attrs.pack {
            None => RecordAttrs { pack: abi.default_pack(), ..attrs },
            Some(_) => attrs,
        };
        Self {
            abi,
            attrs,
            end_bits: 0,
            union_size: 0,
            union: false,
            align: 1,
            required_align: 1,
            unit: None,
            members: 0,
        }
    }

    /// Starts a union without members.
    #[must_use]
    pub const fn new_union(abi: Abi, attrs: RecordAttrs) -> Self {
        Self { union: true, ..Self::new(abi, attrs) }
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
            Ok(()) if self.union => self.union_member(member),
            Ok(()) => match (self.rule(), member.width_bits) {
                (BitFieldRule::SysV | BitFieldRule::Aapcs, None) => self.sysv_field(member),
                (BitFieldRule::SysV, Some(width)) if self.is_apple() => {
                    self.apple_bit_field(member, width)
                }
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
        match self.rule() {
            BitFieldRule::Msvc => self.msvc_finish(),
            BitFieldRule::MinGw => self.mingw_finish(),
            BitFieldRule::SysV | BitFieldRule::Aapcs => self.sysv_finish(self.end_bits),
        }
    }

    const fn is_apple(&self) -> bool {
        matches!(self.abi.class_rule(), ClassRule::AppleX86_64 | ClassRule::AppleArm64)
    }

    /// The rules for this record's bit-fields.
    const fn rule(&self) -> BitFieldRule {
        match (self.abi.bit_field_rule(), self.attrs.ms_struct) {
            (BitFieldRule::SysV | BitFieldRule::Aapcs, Some(true)) => BitFieldRule::MinGw,
            (BitFieldRule::MinGw, Some(false)) => BitFieldRule::SysV,
            (rule, _) => rule,
        }
    }

    /// A member of a union: it begins where the union does, and what it would do to the alignment
    /// of a struct it does to that of the union.
    const fn union_member(&mut self, member: &Member) -> Result<Place, LayoutError> {
        let msvc = matches!(self.rule(), BitFieldRule::Msvc);
        if msvc && let Some(width) = member.width_bits {
            return self.msvc_union_bit_field(member, width);
        }
        let mut alone = Self { end_bits: 0, union: false, unit: None, ..*self };
        let place = attempt!(alone.push(member));
        self.align = alone.align;
        self.required_align = alone.required_align;
        self.unit = None;
        self.union_size = max(self.union_size, place.size_bits.div_ceil(8));
        self.end_bits = attempt!(bits(self.union_size));
        Ok(Place { offset_bits: 0, ..place })
    }

    /// First bit after the members so far.
    pub(crate) const fn end_bits(&self) -> u64 {
        self.end_bits
    }

    /// The same with the open storage unit counted as a whole.
    pub(crate) const fn unit_end_bits(&self) -> Result<u64, LayoutError> {
        match self.rule() {
            BitFieldRule::MinGw => self.mingw_end(),
            _ => Ok(self.end_bits),
        }
    }

    /// Leaves room up to `end_bits`, and raises the alignment to `align` bytes.
    pub(crate) const fn reserve(&mut self, end_bits: u64, align: u64) {
        self.end_bits = max(self.end_bits, end_bits);
        self.align = max(self.align, align);
        self.unit = None;
    }

    /// Raises the alignment to `align` bytes for a part without room of its own, after which the open
    /// storage unit goes on.
    pub(crate) const fn raise_align(&mut self, align: u64) {
        self.align = max(self.align, align);
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
pub(crate) const fn check_align(align: Option<u64>) -> Result<(), LayoutError> {
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

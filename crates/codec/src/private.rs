//! What the code that the derives write calls. No other use is supported.

pub use std::marker::PhantomData;

pub use cwire_layout::TypeLayout;
pub use cwire_layout::abi::{Abi, Big, Little, Target, X86_64Linux};
pub use cwire_layout::place::{Member, Place, RecordAttrs};

pub use crate::error::{DecodeError, EncodeError};
pub use crate::scalar::to_usize;
pub use crate::typed::bits::{
    Kind, Window, bits_always_fit, bits_always_valid, check_fits, fits, misfit, read_bits,
    shifted_bits, view_bits,
};
pub use crate::typed::enumeration::{
    Enumerator, FixedType, closed_always_fits, closed_from_bits, read_closed,
};
pub use crate::typed::record::Views;
pub use crate::typed::{
    BitField, CEnum, CType, FieldLayout, Open, Padding, Record, RecordLayout, RecordType,
};

use cwire_layout::LayoutErrorKind;
use cwire_layout::place::Placer;

/// The members of a record, placed.
#[derive(Clone, Copy, Debug)]
pub struct Placed<const N: usize> {
    pub places: [Place; N],
    pub layout: TypeLayout,
}

/// Places the members of a record while the program is compiled.
///
/// # Panics
///
/// The record has no layout; as a compile error that says why.
#[must_use]
#[allow(clippy::indexing_slicing, reason = "evaluated at compile time; bounded by N")]
pub const fn place<const N: usize>(
    abi: Abi,
    attrs: RecordAttrs,
    members: &[Member; N],
) -> Placed<N> {
    let mut placer = Placer::new(abi, attrs);
    let mut places = [Place { offset_bits: 0, size_bits: 0 }; N];
    let mut index = 0;
    while index < N {
        places[index] = match placer.push(&members[index]) {
            Ok(place) => place,
            Err(error) => refuse(error.kind()),
        };
        index += 1;
    }
    match placer.finish() {
        Ok(layout) => Placed { places, layout },
        Err(error) => refuse(error.kind()),
    }
}

const fn refuse(kind: LayoutErrorKind) -> ! {
    match kind {
        LayoutErrorKind::BitFieldTooWide { .. } => panic!("a bit-field is wider than its type"),
        LayoutErrorKind::NamedZeroWidth => panic!("a bit-field of width 0 has no name in C"),
        LayoutErrorKind::Alignment { .. } => panic!("an alignment is a power of two"),
        _ => panic!("the record is larger than 2^60 bytes"),
    }
}

/// A member of type `T`.
#[must_use]
pub const fn member<A: Target, T: CType<A>>() -> Member {
    Member::new(T::LAYOUT)
}

/// A bit-field of type `T`.
///
/// # Panics
///
/// `T` takes no bit-field of this width; as a compile error.
#[must_use]
pub const fn bit_member<A: Target, T: BitField<A>>(width: u32) -> Member {
    assert!(width <= T::MAX_WIDTH, "a bit-field is wider than its type");
    let member = Member::new(T::LAYOUT).bits(width);
    if T::NAMED { member } else { member.unnamed() }
}

/// The bytes of exactly one record, so that the compiler sees every access inside them.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "`CType` takes exactly SIZE bytes")]
pub fn exactly<A: Target, T: CType<A>>(bytes: &[u8]) -> &[u8] {
    assert_eq!(bytes.len(), T::SIZE, "`CType` takes exactly SIZE bytes");
    bytes
}

/// As [`exactly`], to write to.
#[inline(always)]
pub fn exactly_mut<A: Target, T: CType<A>>(bytes: &mut [u8]) -> &mut [u8] {
    assert_eq!(bytes.len(), T::SIZE, "`CType` takes exactly SIZE bytes");
    bytes
}

/// Decodes the member `name` at `place` out of the bytes of its record.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "a member lies inside its record")]
pub fn read_field<A: Target, T: CType<A>>(
    record: &[u8],
    offset: usize,
    name: &str,
) -> Result<T, DecodeError> {
    T::read(&record[offset..offset + T::SIZE]).map_err(|error| error.within(name, offset))
}

/// Decodes the member `name` over `out`.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "a member lies inside its record")]
pub fn read_field_into<A: Target, T: CType<A>>(
    record: &[u8],
    offset: usize,
    name: &str,
    out: &mut T,
) -> Result<(), DecodeError> {
    T::read_into(&record[offset..offset + T::SIZE], out).map_err(|error| error.within(name, offset))
}

/// Encodes the member `name` into the bytes of its record.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "a member lies inside its record")]
pub fn write_field<A: Target, T: CType<A>>(
    value: &T,
    record: &mut [u8],
    offset: usize,
    name: &str,
) -> Result<(), EncodeError> {
    value.write(&mut record[offset..offset + T::SIZE]).map_err(|error| error.within(name, offset))
}

/// The member at `offset`, in place.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "a member lies inside its record")]
pub fn view_field<A: Target, T: CType<A>>(record: &[u8], offset: usize) -> T::View<'_> {
    T::view(&record[offset..offset + T::SIZE])
}

/// The record at the front of `bytes` in place, with the bytes after it.
///
/// # Errors
///
/// There are fewer bytes than one record.
#[inline(always)]
pub fn split_view<A: Target, T: CType<A>>(
    bytes: &[u8],
) -> Result<(T::View<'_>, &[u8]), DecodeError> {
    match bytes.split_at_checked(T::SIZE) {
        Some((record, rest)) => Ok((T::view(record), rest)),
        None => Err(DecodeError::truncated(T::SIZE, bytes.len())),
    }
}

/// Scans the padding inside the member at `offset`.
#[allow(clippy::indexing_slicing, reason = "a member lies inside its record")]
pub fn scan_field<A: Target, T: CType<A>>(record: &[u8], offset: usize, padding: &mut Padding) {
    padding.within(offset, |padding| {
        T::scan_padding(&record[offset..offset + T::SIZE], padding);
    });
}

/// Writes zeros between two members.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "members lie inside their record")]
pub fn zero(record: &mut [u8], from: usize, to: usize) {
    record[from..to].fill(0);
}

/// First byte of a member that is no bit-field.
#[must_use]
pub const fn offset(place: Place) -> usize {
    to_usize(place.offset_bits / 8)
}

/// First byte after a member that is no bit-field.
#[must_use]
pub const fn end(place: Place) -> usize {
    to_usize((place.offset_bits + place.size_bits) / 8)
}

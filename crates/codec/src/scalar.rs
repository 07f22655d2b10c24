//! Loads and stores of scalars in either byte order.
//!
//! The byte order is a constant of the ABI wherever these are called, so each compiles to a load
//! or store and at most one byte swap.

use byteorder::{BigEndian, ByteOrder, LittleEndian};
use cwire_layout::abi::Endian;

/// A size or offset of a target as a size of the host, at compile time.
///
/// # Panics
///
/// The target's record does not fit the host's address space. In a constant this is an error of
/// the program that names the record.
#[allow(clippy::cast_possible_truncation, reason = "checked in the line above the cast")]
pub const fn to_usize(size: u64) -> usize {
    assert!(size <= usize::MAX as u64, "the record is larger than the host's address space");
    size as usize
}

/// Generates a load and a store that pick the byte order.
macro_rules! load_store {
    ($($load:ident, $store:ident: $ty:ident, $read:ident, $write:ident;)*) => { $(
        #[inline(always)]
        pub(crate) fn $load(bytes: &[u8], endian: Endian) -> $ty {
            match endian {
                Endian::Little => LittleEndian::$read(bytes),
                Endian::Big => BigEndian::$read(bytes),
            }
        }

        #[inline(always)]
        pub(crate) fn $store(bytes: &mut [u8], value: $ty, endian: Endian) {
            match endian {
                Endian::Little => LittleEndian::$write(bytes, value),
                Endian::Big => BigEndian::$write(bytes, value),
            }
        }
    )* };
}

load_store! {
    load_u16, store_u16: u16, read_u16, write_u16;
    load_u32, store_u32: u32, read_u32, write_u32;
    load_u64, store_u64: u64, read_u64, write_u64;
    load_i16, store_i16: i16, read_i16, write_i16;
    load_i32, store_i32: i32, read_i32, write_i32;
    load_i64, store_i64: i64, read_i64, write_i64;
    load_f32, store_f32: f32, read_f32, write_f32;
    load_f64, store_f64: f64, read_f64, write_f64;
}

/// Loads an unsigned integer of 1, 2, 4, 8 or 16 bytes, or of any length up to 16.
#[inline(always)]
pub(crate) fn load_uint(bytes: &[u8], endian: Endian) -> u128 {
    match *bytes {
        [byte] => u128::from(byte),
        [_, _] => u128::from(load_u16(bytes, endian)),
        [_, _, _, _] => u128::from(load_u32(bytes, endian)),
        [_, _, _, _, _, _, _, _] => u128::from(load_u64(bytes, endian)),
        _ => match endian {
            Endian::Little => LittleEndian::read_uint128(bytes, bytes.len()),
            Endian::Big => BigEndian::read_uint128(bytes, bytes.len()),
        },
    }
}

/// Stores the low bits of `value` over all of `bytes`.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "stores the low bits by contract")]
pub(crate) fn store_uint(bytes: &mut [u8], value: u128, endian: Endian) {
    match bytes {
        [byte] => *byte = value as u8,
        [_, _] => store_u16(bytes, value as u16, endian),
        [_, _, _, _] => store_u32(bytes, value as u32, endian),
        [_, _, _, _, _, _, _, _] => store_u64(bytes, value as u64, endian),
        _ => {
            let len = bytes.len();
            let kept = value & low_mask(len as u32 * 8);
            match endian {
                Endian::Little => LittleEndian::write_uint128(bytes, kept, len),
                Endian::Big => BigEndian::write_uint128(bytes, kept, len),
            }
        }
    }
}

/// The `width` lowest bits set; `width` is at most 128.
#[inline(always)]
pub(crate) const fn low_mask(width: u32) -> u128 {
    if width == 0 { 0 } else { u128::MAX >> (128 - width) }
}

/// `raw`, an integer of `width` bits, with its sign bit spread over the bits above.
#[inline(always)]
#[allow(clippy::cast_possible_wrap, reason = "reinterprets the bits")]
pub(crate) const fn sign_extend(raw: u64, width: u32) -> i64 {
    let unused = 64 - width;
    ((raw << unused) as i64) >> unused
}

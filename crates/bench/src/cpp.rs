//! The C++ peers of the codec: `memcpy` into structs and out of them.
//!
//! The only unsafe code of the workspace. Each call is wrapped so that the lengths that C++ takes
//! on trust are those of the slices.

#![expect(unsafe_code, reason = "C++ is called over FFI")]

use std::ffi::c_void;

unsafe extern "C" {
    fn cwire_small_decode(bytes: *const u8, count: usize, out: *mut c_void);
    fn cwire_small_encode(records: *const c_void, count: usize, out: *mut u8);
    fn cwire_small_sum(bytes: *const u8, count: usize) -> i64;
    fn cwire_quote_decode(bytes: *const u8, count: usize, out: *mut c_void);
    fn cwire_quote_encode(records: *const c_void, count: usize, out: *mut u8);
    fn cwire_quote_sum(bytes: *const u8, count: usize) -> i64;
    fn cwire_small_json(
        bytes: *const u8,
        count: usize,
        offset: u64,
        out: *mut u8,
        room: usize,
        written: *mut usize,
    ) -> usize;
    fn cwire_dynamic_quote_json(
        bytes: *const u8,
        count: usize,
        offset: u64,
        out: *mut u8,
        room: usize,
        written: *mut usize,
    ) -> usize;
}

/// Room for an object of a C++ struct of N bytes that is aligned to at most 8.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct Object<const N: usize>(pub [u8; N]);

impl<const N: usize> Default for Object<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

macro_rules! peers {
    ($size:literal, $decode:ident = $raw_decode:ident, $encode:ident = $raw_encode:ident, $sum:ident = $raw_sum:ident) => {
        /// Copies records out of bytes, one `memcpy` each.
        ///
        /// # Panics
        ///
        /// There are not as many bytes as records.
        pub fn $decode(bytes: &[u8], out: &mut [Object<$size>]) {
            assert_eq!(bytes.len(), out.len() * $size);
            // SAFETY: C++ reads `count * size` bytes and writes as many; the line above compares
            // both with the slices, which do not overlap. The struct takes every bit pattern.
            unsafe { $raw_decode(bytes.as_ptr(), out.len(), out.as_mut_ptr().cast()) }
        }

        /// Copies records into bytes, one `memcpy` each.
        ///
        /// # Panics
        ///
        /// There are not as many bytes as records.
        pub fn $encode(records: &[Object<$size>], out: &mut [u8]) {
            assert_eq!(out.len(), records.len() * $size);
            // SAFETY: as above, with the roles exchanged.
            unsafe { $raw_encode(records.as_ptr().cast(), records.len(), out.as_mut_ptr()) }
        }

        /// Sums some members of all records.
        #[must_use]
        pub fn $sum(bytes: &[u8]) -> i64 {
            // SAFETY: C++ reads `count * size` bytes, no more than there are.
            unsafe { $raw_sum(bytes.as_ptr(), bytes.len() / $size) }
        }
    };
}

peers!(
    24,
    small_decode = cwire_small_decode,
    small_encode = cwire_small_encode,
    small_sum = cwire_small_sum
);
peers!(
    88,
    quote_decode = cwire_quote_decode,
    quote_encode = cwire_quote_encode,
    quote_sum = cwire_quote_sum
);

macro_rules! json_peers {
    ($size:literal, $json:ident = $raw_json:ident) => {
        /// Writes records as JSON Lines, as many as `out` has room for; returns how many, and the bytes
        /// written.
        #[must_use]
        pub fn $json(bytes: &[u8], offset: u64, out: &mut [u8]) -> (usize, usize) {
            let mut written = 0;
            // SAFETY: C++ reads no more than `count * size` bytes, which there are, and writes no more
            // than `out.len()`.
            let records = unsafe {
                let count = bytes.len() / $size;
                $raw_json(
                    bytes.as_ptr(),
                    count,
                    offset,
                    out.as_mut_ptr(),
                    out.len(),
                    &raw mut written,
                )
            };
            (records, written)
        }
    };
}

json_peers!(24, small_json = cwire_small_json);
json_peers!(64, dynamic_quote_json = cwire_dynamic_quote_json);

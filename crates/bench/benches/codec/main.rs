//! Cost of decoding and encoding one record, in nanoseconds, beside code that does the same.
//!
//! Two records: `CTestData` (24 bytes) and `Quote` (88 bytes; bit-fields, doubles, arrays, a nested
//! struct). Each over 1,000,000 records, which no cache holds, and over 1,000 records again and
//! again, which stay in it.
//!
//! - `decode`, `encode`: owned records from bytes and back, into memory that is there already.
//!   C++ copies structs with `memcpy`; `hand-written` is Rust with `from_le_bytes` and shifts.
//! - `sum`: reads some members of every record in place.
//!
//! The ratio is that to the first line of a table. cwire's encoder refuses values that do not fit
//! their bit-field; the hand-written one cuts them off.

mod quote;
mod small;

use std::hint::black_box;
use std::io::Cursor;

use binrw::meta::{ReadEndian, WriteEndian};
use binrw::{BinRead, BinWrite};
use clap::Parser;
use cwire_bench::cpp::Object;
use cwire_bench::{Options, compare, timed};
use cwire_codec::Record;
use deku::{DekuContainerRead, DekuContainerWrite};
use zerocopy::{FromBytes, Immutable, IntoBytes};

fn main() {
    let options = Options::parse();
    let sizes =
        if options.smoke { [(1_000, 1), (10_000, 1)] } else { [(1_000, 500), (1_000_000, 1)] };
    for (records, passes) in sizes {
        small::run(&options, records, passes);
        quote::run(&options, records, passes);
    }
}

/// What somebody writes who has no library: `from_le_bytes`, `to_le_bytes`, shifts and masks.
trait HandWritten<const N: usize>: Sized {
    fn decode(bytes: &[u8; N]) -> Self;

    /// Over a record that is there already, which is less work than to build one and move it.
    #[inline]
    fn decode_in_place(&mut self, bytes: &[u8; N]) {
        *self = Self::decode(bytes);
    }
    fn encode(&self, bytes: &mut [u8; N]);
}

/// A number out of a record, by which contestants are compared.
trait Probe {
    fn probe(&self) -> i64;
}

/// Decoding and encoding of owned records of one type, which has N bytes.
struct Contest<C, const N: usize> {
    name: &'static str,
    passes: usize,
    cpp_decode: fn(&[u8], &mut [Object<N>]),
    cpp_encode: fn(&[Object<N>], &mut [u8]),
    values: Vec<C>,
}

impl<C: Record + Probe, const N: usize> Contest<C, N>
where
    Object<N>: Probe,
{
    /// Runs the contest and returns the bytes of the records.
    fn owned<H, Z, B, D>(mut self, options: &Options) -> Vec<u8>
    where
        H: HandWritten<N> + Probe,
        Z: FromBytes + IntoBytes + Immutable + Probe,
        B: for<'a> BinRead<Args<'a> = ()> + ReadEndian + Probe,
        B: for<'a> BinWrite<Args<'a> = ()> + WriteEndian,
        D: for<'a> DekuContainerRead<'a> + DekuContainerWrite + Probe,
    {
        let (count, passes) = (self.values.len(), self.passes);
        let mut bytes = vec![0; count * N];
        C::encode_slice(&self.values, &mut bytes).expect("every value fits");
        let bytes = &bytes;
        let mut objects = vec![Object::default(); count];
        let mut hand: Vec<H> = chunks(bytes).map(H::decode).collect();
        let mut zerocopy: Vec<Z> = chunks(bytes).map(read_zerocopy::<Z, N>).collect();
        let mut binrw: Vec<B> =
            chunks::<N>(bytes).map(|b| read_binrw(&mut Cursor::new(b))).collect();
        let mut deku: Vec<D> = chunks::<N>(bytes).map(|b| read_deku(b)).collect();

        let title = format!("decode {}, {count} records", self.name);
        if options.wants(&title) {
            let (cwire, cpp_decode) = (&mut self.values, self.cpp_decode);
            let contestants = vec![
                timed("C++ memcpy", passes, count, || {
                    cpp_decode(black_box(bytes), black_box(&mut objects));
                    objects[count - 1].probe()
                }),
                timed("cwire", passes, count, || {
                    C::decode_slice(black_box(bytes), black_box(cwire)).expect("decodes");
                    cwire[count - 1].probe()
                }),
                timed("hand-written from_le_bytes", passes, count, || {
                    for (out, b) in black_box(&mut hand).iter_mut().zip(chunks(black_box(bytes))) {
                        out.decode_in_place(b);
                    }
                    hand[count - 1].probe()
                }),
                timed("zerocopy", passes, count, || {
                    let outs = black_box(&mut zerocopy).iter_mut();
                    for (out, b) in outs.zip(chunks(black_box(bytes))) {
                        *out = read_zerocopy::<Z, N>(b);
                    }
                    zerocopy[count - 1].probe()
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&bytes[..]));
                    for out in black_box(&mut binrw) {
                        *out = read_binrw(&mut cursor);
                    }
                    binrw[count - 1].probe()
                }),
                timed("deku", passes, count, || {
                    let outs = black_box(&mut deku).iter_mut();
                    for (out, b) in outs.zip(chunks::<N>(black_box(bytes))) {
                        *out = read_deku(b);
                    }
                    deku[count - 1].probe()
                }),
            ];
            compare(options, &title, "ns per record", contestants);
        }

        let title = format!("encode {}, {count} records", self.name);
        if options.wants(&title) {
            (self.cpp_decode)(bytes, &mut objects);
            let (cwire, cpp_encode) = (&self.values, self.cpp_encode);
            let mut outs: [Vec<u8>; 6] = std::array::from_fn(|_| vec![0; count * N]);
            let [out0, out1, out2, out3, out4, out5] = &mut outs;
            let last = |out: &[u8]| i64::from(le_i32(out, (count - 1) * N + 4));
            let contestants = vec![
                timed("C++ memcpy", passes, count, || {
                    cpp_encode(black_box(&objects), black_box(out0));
                    last(out0)
                }),
                timed("cwire", passes, count, || {
                    C::encode_slice(black_box(cwire), black_box(out1)).expect("encodes");
                    last(out1)
                }),
                timed("hand-written to_le_bytes", passes, count, || {
                    for (record, out) in black_box(&hand).iter().zip(chunks_mut(black_box(out2))) {
                        record.encode(out);
                    }
                    last(out2)
                }),
                timed("zerocopy", passes, count, || {
                    let records = black_box(&zerocopy).iter();
                    for (record, out) in records.zip(chunks_mut::<N>(black_box(out3))) {
                        record.write_to(out).expect("there is room");
                    }
                    last(out3)
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&mut out4[..]));
                    for record in black_box(&binrw) {
                        record.write(&mut cursor).expect("there is room");
                    }
                    last(out4)
                }),
                timed("deku", passes, count, || {
                    let records = black_box(&deku).iter();
                    for (record, out) in records.zip(chunks_mut::<N>(black_box(out5))) {
                        record.to_slice(out).expect("there is room");
                    }
                    last(out5)
                }),
            ];
            compare(options, &title, "ns per record", contestants);
            for out in &outs[1..] {
                assert!(*out == outs[0], "{title}: not all contestants wrote the same bytes");
            }
        }
        bytes.clone()
    }
}

#[inline]
fn read_zerocopy<Z: FromBytes, const N: usize>(bytes: &[u8; N]) -> Z {
    Z::read_from_bytes(bytes).expect("as many bytes as the struct has")
}

#[inline]
fn read_binrw<B, T: AsRef<[u8]>>(cursor: &mut Cursor<T>) -> B
where
    B: for<'a> BinRead<Args<'a> = ()> + ReadEndian,
{
    B::read(cursor).expect("as many bytes as the struct has")
}

#[inline]
fn read_deku<D: for<'a> DekuContainerRead<'a>>(bytes: &[u8]) -> D {
    D::from_bytes((bytes, 0)).expect("as many bytes as the struct has").1
}

/// The records in a buffer.
fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = &[u8; N]> {
    bytes.chunks_exact(N).map(|chunk| chunk.try_into().expect("N bytes"))
}

fn chunks_mut<const N: usize>(bytes: &mut [u8]) -> impl Iterator<Item = &mut [u8; N]> {
    bytes.chunks_exact_mut(N).map(|chunk| chunk.try_into().expect("N bytes"))
}

fn le_i32(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

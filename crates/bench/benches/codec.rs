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

use std::hint::black_box;
use std::io::Cursor;

use binrw::{BinRead, BinWrite};
use clap::Parser;
use cwire_bench::{Options, compare, cpp, timed};
use cwire_codec::{CChar, CharArray, Record};
use deku::{DekuContainerRead, DekuContainerWrite, DekuRead, DekuWrite};
use zerocopy::little_endian::{F32, F64, I32, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

fn main() {
    let options = Options::parse();
    let sizes =
        if options.smoke { [(1_000, 1), (10_000, 1)] } else { [(1_000, 500), (1_000_000, 1)] };
    for (records, passes) in sizes {
        small(&options, records, passes);
        quote(&options, records, passes);
    }
}

/// `struct CTestData { char a; int b; char c[15]; };`
mod small {
    use super::*;

    pub(super) const SIZE: usize = 24;

    #[derive(Clone, Record)]
    pub(super) struct Cwire {
        pub(super) a: CChar,
        pub(super) b: i32,
        pub(super) c: CharArray<15>,
    }

    #[derive(Clone, Default)]
    pub(super) struct Hand {
        pub(super) a: u8,
        pub(super) b: i32,
        pub(super) c: [u8; 15],
    }

    impl Hand {
        #[inline]
        pub(super) fn decode(bytes: &[u8; SIZE]) -> Self {
            let [a, _, _, _, b0, b1, b2, b3, c @ .., _] = *bytes;
            Self { a, b: i32::from_le_bytes([b0, b1, b2, b3]), c }
        }

        #[inline]
        pub(super) fn encode(&self, bytes: &mut [u8; SIZE]) {
            bytes[0] = self.a;
            bytes[1..4].fill(0);
            bytes[4..8].copy_from_slice(&self.b.to_le_bytes());
            bytes[8..23].copy_from_slice(&self.c);
            bytes[23] = 0;
        }
    }

    #[derive(Clone, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
    #[repr(C)]
    pub(super) struct Zerocopy {
        pub(super) a: u8,
        _pad: [u8; 3],
        pub(super) b: I32,
        pub(super) c: [u8; 15],
        _tail: u8,
    }

    #[derive(Clone, BinRead, BinWrite)]
    #[brw(little)]
    pub(super) struct Binrw {
        #[brw(pad_after = 3)]
        pub(super) a: u8,
        pub(super) b: i32,
        #[brw(pad_after = 1)]
        pub(super) c: [u8; 15],
    }

    #[derive(Clone, DekuRead, DekuWrite)]
    #[deku(endian = "little")]
    pub(super) struct Deku {
        #[deku(pad_bytes_after = "3")]
        pub(super) a: u8,
        pub(super) b: i32,
        #[deku(pad_bytes_after = "1")]
        pub(super) c: [u8; 15],
    }
}

fn small(options: &Options, count: usize, passes: usize) {
    use small::{Binrw, Cwire, CwireView, Deku, Hand, SIZE, Zerocopy};

    let text = CharArray::new("hello").expect("5 of 15 bytes");
    let value = |index: usize| Cwire {
        a: CChar(b'A' + u8::try_from(index % 26).expect("below 26")),
        b: i32::try_from(index).expect("below a million"),
        c: text,
    };
    let mut cwire: Vec<_> = (0..count).map(value).collect();
    let mut bytes = vec![0; count * SIZE];
    Cwire::encode_slice(&cwire, &mut bytes).expect("there is room");
    let mut hand: Vec<_> = chunks::<SIZE>(&bytes).map(Hand::decode).collect();
    let mut objects = vec![cpp::Object::<SIZE>::default(); count];
    let mut zerocopy: Vec<_> = chunks::<SIZE>(&bytes).map(read::<Zerocopy, SIZE>).collect();
    let mut binrw: Vec<_> = chunks::<SIZE>(&bytes)
        .map(|b| Binrw::read(&mut Cursor::new(b)).expect("24 bytes"))
        .collect();
    let mut deku: Vec<_> =
        chunks::<SIZE>(&bytes).map(|b| Deku::from_bytes((b, 0)).expect("24 bytes").1).collect();

    let title = format!("decode CTestData, {count} records");
    if options.wants(&title) {
        let bytes = &bytes;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("C++ memcpy", passes, count, || {
                    cpp::small_decode(black_box(bytes), black_box(&mut objects));
                    i64::from(le_i32(&objects[count - 1].0, 4))
                }),
                timed("cwire", passes, count, || {
                    Cwire::decode_slice(black_box(bytes), black_box(&mut cwire)).expect("decodes");
                    i64::from(cwire[count - 1].b)
                }),
                timed("hand-written from_le_bytes", passes, count, || {
                    for (out, b) in black_box(&mut hand).iter_mut().zip(chunks(black_box(bytes))) {
                        *out = Hand::decode(b);
                    }
                    i64::from(hand[count - 1].b)
                }),
                timed("zerocopy", passes, count, || {
                    for (out, b) in
                        black_box(&mut zerocopy).iter_mut().zip(chunks(black_box(bytes)))
                    {
                        *out = read::<Zerocopy, SIZE>(b);
                    }
                    i64::from(zerocopy[count - 1].b.get())
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&bytes[..]));
                    for out in black_box(&mut binrw) {
                        *out = Binrw::read(&mut cursor).expect("decodes");
                    }
                    i64::from(binrw[count - 1].b)
                }),
                timed("deku", passes, count, || {
                    for (out, b) in
                        black_box(&mut deku).iter_mut().zip(chunks::<SIZE>(black_box(bytes)))
                    {
                        *out = Deku::from_bytes((b, 0)).expect("decodes").1;
                    }
                    i64::from(deku[count - 1].b)
                }),
            ],
        );
    }

    let title = format!("encode CTestData, {count} records");
    if options.wants(&title) {
        let mut outs: [Vec<u8>; 6] = std::array::from_fn(|_| vec![0; count * SIZE]);
        cpp::small_decode(&bytes, &mut objects);
        let [out0, out1, out2, out3, out4, out5] = &mut outs;
        let last = (count - 1) * SIZE + 4;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("C++ memcpy", passes, count, || {
                    cpp::small_encode(black_box(&objects), black_box(out0));
                    i64::from(le_i32(out0, last))
                }),
                timed("cwire", passes, count, || {
                    Cwire::encode_slice(black_box(&cwire), black_box(out1)).expect("encodes");
                    i64::from(le_i32(out1, last))
                }),
                timed("hand-written to_le_bytes", passes, count, || {
                    for (record, out) in black_box(&hand).iter().zip(chunks_mut(black_box(out2))) {
                        record.encode(out);
                    }
                    i64::from(le_i32(out2, last))
                }),
                timed("zerocopy", passes, count, || {
                    for (record, out) in
                        black_box(&zerocopy).iter().zip(chunks_mut::<SIZE>(black_box(out3)))
                    {
                        record.write_to(out).expect("there is room");
                    }
                    i64::from(le_i32(out3, last))
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&mut out4[..]));
                    for record in black_box(&binrw) {
                        record.write(&mut cursor).expect("there is room");
                    }
                    i64::from(le_i32(out4, last))
                }),
                timed("deku", passes, count, || {
                    for (record, out) in
                        black_box(&deku).iter().zip(chunks_mut::<SIZE>(black_box(out5)))
                    {
                        record.to_slice(out).expect("there is room");
                    }
                    i64::from(le_i32(out5, last))
                }),
            ],
        );
    }

    let title = format!("sum CTestData, {count} records");
    if options.wants(&title) {
        let bytes = &bytes;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("zerocopy", passes, count, || {
                    let records =
                        <[Zerocopy]>::ref_from_bytes(black_box(bytes)).expect("whole records");
                    records.iter().map(|r| i64::from(r.b.get()) + i64::from(r.a)).sum()
                }),
                timed("cwire view", passes, count, || {
                    let views = CwireView::iter(black_box(bytes)).expect("whole records");
                    views.map(|r| i64::from(r.b()) + i64::from(r.a().0)).sum()
                }),
                timed("cwire iter", passes, count, || {
                    let records = Cwire::iter(black_box(bytes)).expect("whole records");
                    records.flatten().map(|r| i64::from(r.b) + i64::from(r.a.0)).sum()
                }),
                timed("hand-written from_le_bytes", passes, count, || {
                    let records = chunks::<SIZE>(black_box(bytes));
                    records.map(|b| i64::from(le_i32(b, 4)) + i64::from(b[0])).sum()
                }),
                timed("C++ memcpy", passes, count, || cpp::small_sum(black_box(bytes))),
            ],
        );
    }
}

/// A quote as `cpp/codec.cpp` declares it.
mod quote {
    use super::*;

    pub(super) const SIZE: usize = 88;

    #[derive(Clone, Record)]
    pub(super) struct Level {
        pub(super) price: f32,
        pub(super) size: f32,
        pub(super) id: u64,
    }

    #[derive(Clone, Record)]
    pub(super) struct Cwire {
        pub(super) seq: u64,
        #[cwire(bits = 12)]
        pub(super) lots: u16,
        #[cwire(bits = 4)]
        pub(super) venue: u16,
        #[cwire(bits = 20)]
        pub(super) tick: u32,
        #[cwire(bits = 1)]
        pub(super) open: bool,
        #[cwire(bits = 7)]
        pub(super) skew: i32,
        pub(super) bid: f64,
        pub(super) ask: f64,
        pub(super) depth: [f32; 4],
        pub(super) symbol: CharArray<12>,
        pub(super) best: Level,
        pub(super) side: i32,
    }

    #[derive(Clone)]
    pub(super) struct Hand {
        pub(super) seq: u64,
        pub(super) lots: u16,
        pub(super) venue: u16,
        pub(super) tick: u32,
        pub(super) open: bool,
        pub(super) skew: i32,
        pub(super) bid: f64,
        pub(super) ask: f64,
        pub(super) depth: [f32; 4],
        pub(super) symbol: [u8; 12],
        pub(super) best: (f32, f32, u64),
        pub(super) side: i32,
    }

    macro_rules! le {
        ($ty:ty, $bytes:expr, $at:expr) => {
            <$ty>::from_le_bytes($bytes[$at..$at + size_of::<$ty>()].try_into().expect("in range"))
        };
    }

    impl Hand {
        #[inline]
        pub(super) fn decode(b: &[u8; SIZE]) -> Self {
            let (low, high) = (le!(u16, b, 8), le!(u32, b, 12));
            Self {
                seq: le!(u64, b, 0),
                lots: low & 0xfff,
                venue: low >> 12,
                tick: high & 0xf_ffff,
                open: high >> 20 & 1 != 0,
                skew: (high << 4).cast_signed() >> 25,
                bid: le!(f64, b, 16),
                ask: le!(f64, b, 24),
                depth: [le!(f32, b, 32), le!(f32, b, 36), le!(f32, b, 40), le!(f32, b, 44)],
                symbol: b[48..60].try_into().expect("in range"),
                best: (le!(f32, b, 64), le!(f32, b, 68), le!(u64, b, 72)),
                side: le!(i32, b, 80),
            }
        }

        #[inline]
        pub(super) fn encode(&self, b: &mut [u8; SIZE]) {
            let low = self.lots & 0xfff | self.venue << 12;
            let skew = (self.skew.cast_unsigned() & 0x7f) << 21;
            let high = self.tick & 0xf_ffff | u32::from(self.open) << 20 | skew;
            b[0..8].copy_from_slice(&self.seq.to_le_bytes());
            b[8..10].copy_from_slice(&low.to_le_bytes());
            b[10..12].fill(0);
            b[12..16].copy_from_slice(&high.to_le_bytes());
            b[16..24].copy_from_slice(&self.bid.to_le_bytes());
            b[24..32].copy_from_slice(&self.ask.to_le_bytes());
            for (index, depth) in self.depth.iter().enumerate() {
                b[32 + 4 * index..][..4].copy_from_slice(&depth.to_le_bytes());
            }
            b[48..60].copy_from_slice(&self.symbol);
            b[60..64].fill(0);
            b[64..68].copy_from_slice(&self.best.0.to_le_bytes());
            b[68..72].copy_from_slice(&self.best.1.to_le_bytes());
            b[72..80].copy_from_slice(&self.best.2.to_le_bytes());
            b[80..84].copy_from_slice(&self.side.to_le_bytes());
            b[84..88].fill(0);
        }
    }

    /// Bit-fields stay in their units: zerocopy, binrw and deku here read what surrounds them.
    #[derive(Clone, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
    #[repr(C)]
    pub(super) struct Zerocopy {
        pub(super) seq: U64,
        pub(super) low: U16,
        _pad: [u8; 2],
        pub(super) high: U32,
        pub(super) bid: F64,
        pub(super) ask: F64,
        pub(super) depth: [F32; 4],
        pub(super) symbol: [u8; 12],
        _pad2: [u8; 4],
        pub(super) price: F32,
        pub(super) size: F32,
        pub(super) id: U64,
        pub(super) side: I32,
        _tail: [u8; 4],
    }

    #[derive(Clone, BinRead, BinWrite)]
    #[brw(little)]
    pub(super) struct Binrw {
        pub(super) seq: u64,
        #[brw(pad_after = 2)]
        pub(super) low: u16,
        pub(super) high: u32,
        pub(super) bid: f64,
        pub(super) ask: f64,
        pub(super) depth: [f32; 4],
        #[brw(pad_after = 4)]
        pub(super) symbol: [u8; 12],
        pub(super) price: f32,
        pub(super) size: f32,
        pub(super) id: u64,
        #[brw(pad_after = 4)]
        pub(super) side: i32,
    }

    #[derive(Clone, DekuRead, DekuWrite)]
    #[deku(endian = "little")]
    pub(super) struct Deku {
        pub(super) seq: u64,
        #[deku(pad_bytes_after = "2")]
        pub(super) low: u16,
        pub(super) high: u32,
        pub(super) bid: f64,
        pub(super) ask: f64,
        pub(super) depth: [f32; 4],
        #[deku(pad_bytes_after = "4")]
        pub(super) symbol: [u8; 12],
        pub(super) price: f32,
        pub(super) size: f32,
        pub(super) id: u64,
        #[deku(pad_bytes_after = "4")]
        pub(super) side: i32,
    }
}

fn quote(options: &Options, count: usize, passes: usize) {
    use quote::{Binrw, Cwire, CwireView, Deku, Hand, Level, SIZE, Zerocopy};

    let symbol = CharArray::new("ACME.XNAS").expect("9 of 12 bytes");
    let value = |index: usize| {
        let number = u16::try_from(index % 4096).expect("below 4096");
        Cwire {
            seq: index as u64,
            lots: number,
            venue: number % 16,
            tick: u32::from(number) * 250,
            open: number % 2 == 0,
            skew: i32::from(number % 128) - 64,
            bid: f64::from(number) + 0.25,
            ask: f64::from(number) + 0.5,
            depth: [1.0, 2.0, f32::from(number), 4.0],
            symbol,
            best: Level { price: 1.5, size: f32::from(number), id: index as u64 * 3 },
            side: i32::from(number % 2),
        }
    };
    let mut cwire: Vec<_> = (0..count).map(value).collect();
    let mut bytes = vec![0; count * SIZE];
    Cwire::encode_slice(&cwire, &mut bytes).expect("every value fits");
    let mut hand: Vec<_> = chunks::<SIZE>(&bytes).map(Hand::decode).collect();
    let mut objects = vec![cpp::Object::<SIZE>::default(); count];
    let mut zerocopy: Vec<_> = chunks::<SIZE>(&bytes).map(read::<Zerocopy, SIZE>).collect();
    let mut binrw: Vec<_> = chunks::<SIZE>(&bytes)
        .map(|b| Binrw::read(&mut Cursor::new(b)).expect("88 bytes"))
        .collect();
    let mut deku: Vec<_> =
        chunks::<SIZE>(&bytes).map(|b| Deku::from_bytes((b, 0)).expect("88 bytes").1).collect();

    let title = format!("decode Quote, {count} records");
    if options.wants(&title) {
        let bytes = &bytes;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("C++ memcpy", passes, count, || {
                    cpp::quote_decode(black_box(bytes), black_box(&mut objects));
                    i64::from(le_i32(&objects[count - 1].0, 12) & 0xf_ffff)
                }),
                timed("cwire", passes, count, || {
                    Cwire::decode_slice(black_box(bytes), black_box(&mut cwire)).expect("decodes");
                    i64::from(cwire[count - 1].tick)
                }),
                timed("hand-written from_le_bytes", passes, count, || {
                    for (out, b) in black_box(&mut hand).iter_mut().zip(chunks(black_box(bytes))) {
                        *out = Hand::decode(b);
                    }
                    i64::from(hand[count - 1].tick)
                }),
                timed("zerocopy", passes, count, || {
                    for (out, b) in
                        black_box(&mut zerocopy).iter_mut().zip(chunks(black_box(bytes)))
                    {
                        *out = read::<Zerocopy, SIZE>(b);
                    }
                    i64::from(zerocopy[count - 1].high.get() & 0xf_ffff)
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&bytes[..]));
                    for out in black_box(&mut binrw) {
                        *out = Binrw::read(&mut cursor).expect("decodes");
                    }
                    i64::from(binrw[count - 1].high & 0xf_ffff)
                }),
                timed("deku", passes, count, || {
                    for (out, b) in
                        black_box(&mut deku).iter_mut().zip(chunks::<SIZE>(black_box(bytes)))
                    {
                        *out = Deku::from_bytes((b, 0)).expect("decodes").1;
                    }
                    i64::from(deku[count - 1].high & 0xf_ffff)
                }),
            ],
        );
    }

    let title = format!("encode Quote, {count} records");
    if options.wants(&title) {
        let mut outs: [Vec<u8>; 6] = std::array::from_fn(|_| vec![0; count * SIZE]);
        cpp::quote_decode(&bytes, &mut objects);
        let [out0, out1, out2, out3, out4, out5] = &mut outs;
        let last = (count - 1) * SIZE + 12;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("C++ memcpy", passes, count, || {
                    cpp::quote_encode(black_box(&objects), black_box(out0));
                    i64::from(le_i32(out0, last))
                }),
                timed("cwire", passes, count, || {
                    Cwire::encode_slice(black_box(&cwire), black_box(out1)).expect("encodes");
                    i64::from(le_i32(out1, last))
                }),
                timed("hand-written to_le_bytes", passes, count, || {
                    for (record, out) in black_box(&hand).iter().zip(chunks_mut(black_box(out2))) {
                        record.encode(out);
                    }
                    i64::from(le_i32(out2, last))
                }),
                timed("zerocopy", passes, count, || {
                    for (record, out) in
                        black_box(&zerocopy).iter().zip(chunks_mut::<SIZE>(black_box(out3)))
                    {
                        record.write_to(out).expect("there is room");
                    }
                    i64::from(le_i32(out3, last))
                }),
                timed("binrw", passes, count, || {
                    let mut cursor = Cursor::new(black_box(&mut out4[..]));
                    for record in black_box(&binrw) {
                        record.write(&mut cursor).expect("there is room");
                    }
                    i64::from(le_i32(out4, last))
                }),
                timed("deku", passes, count, || {
                    for (record, out) in
                        black_box(&deku).iter().zip(chunks_mut::<SIZE>(black_box(out5)))
                    {
                        record.to_slice(out).expect("there is room");
                    }
                    i64::from(le_i32(out5, last))
                }),
            ],
        );
    }

    let title = format!("sum Quote, {count} records");
    if options.wants(&title) {
        let bytes = &bytes;
        compare(
            options,
            &title,
            "ns per record",
            vec![
                timed("zerocopy", passes, count, || {
                    let records =
                        <[Zerocopy]>::ref_from_bytes(black_box(bytes)).expect("whole records");
                    let sum = |r: &Zerocopy| {
                        let lots = u64::from(r.low.get() & 0xfff);
                        (r.seq.get() + lots + r.id.get()).cast_signed() + r.bid.get() as i64
                    };
                    records.iter().map(sum).sum()
                }),
                timed("cwire view", passes, count, || {
                    let views = CwireView::iter(black_box(bytes)).expect("whole records");
                    let sum = |r: CwireView<'_>| {
                        let lots = u64::from(r.lots());
                        (r.seq() + lots + r.best().id()).cast_signed() + r.bid() as i64
                    };
                    views.map(sum).sum()
                }),
                timed("hand-written from_le_bytes", passes, count, || {
                    let sum = |b: &[u8; SIZE]| {
                        let r = Hand::decode(b);
                        (r.seq + u64::from(r.lots) + r.best.2).cast_signed() + r.bid as i64
                    };
                    chunks(black_box(bytes)).map(sum).sum()
                }),
                timed("C++ memcpy", passes, count, || cpp::quote_sum(black_box(bytes))),
            ],
        );
    }
}

/// The records in a buffer.
fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = &[u8; N]> {
    bytes.chunks_exact(N).map(|chunk| chunk.try_into().expect("N bytes"))
}

fn chunks_mut<const N: usize>(bytes: &mut [u8]) -> impl Iterator<Item = &mut [u8; N]> {
    bytes.chunks_exact_mut(N).map(|chunk| chunk.try_into().expect("N bytes"))
}

#[inline]
fn read<T: FromBytes, const N: usize>(bytes: &[u8; N]) -> T {
    T::read_from_bytes(bytes).expect("as many bytes as the struct has")
}

fn le_i32(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

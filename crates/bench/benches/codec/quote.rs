//! A quote as `cpp/codec.cpp` declares it.

use std::hint::black_box;

use binrw::{BinRead, BinWrite};
use cwire_bench::{Options, compare, cpp, timed};
use cwire_codec::{CharArray, Record};
use deku::{DekuRead, DekuWrite};
use zerocopy::little_endian::{F32, F64, I32, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{Contest, HandWritten, Probe, chunks, le_i32};

pub(crate) const SIZE: usize = 88;

#[derive(Clone, Record)]
pub(crate) struct Level {
    pub(crate) price: f32,
    pub(crate) size: f32,
    pub(crate) id: u64,
}

#[derive(Clone, Record)]
pub(crate) struct Cwire {
    pub(crate) seq: u64,
    #[cwire(bits = 12)]
    pub(crate) lots: u16,
    #[cwire(bits = 4)]
    pub(crate) venue: u16,
    #[cwire(bits = 20)]
    pub(crate) tick: u32,
    #[cwire(bits = 1)]
    pub(crate) open: bool,
    #[cwire(bits = 7)]
    pub(crate) skew: i32,
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    pub(crate) depth: [f32; 4],
    pub(crate) symbol: CharArray<12>,
    pub(crate) best: Level,
    pub(crate) side: i32,
}

#[derive(Clone)]
pub(crate) struct Hand {
    pub(crate) seq: u64,
    pub(crate) lots: u16,
    pub(crate) venue: u16,
    pub(crate) tick: u32,
    pub(crate) open: bool,
    pub(crate) skew: i32,
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    pub(crate) depth: [f32; 4],
    pub(crate) symbol: [u8; 12],
    pub(crate) best: (f32, f32, u64),
    pub(crate) side: i32,
}

macro_rules! le {
    ($ty:ty, $bytes:expr, $at:expr) => {
        <$ty>::from_le_bytes($bytes[$at..$at + size_of::<$ty>()].try_into().expect("in range"))
    };
}

impl HandWritten<SIZE> for Hand {
    #[inline]
    fn decode(b: &[u8; SIZE]) -> Self {
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
    fn encode(&self, b: &mut [u8; SIZE]) {
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
pub(crate) struct Zerocopy {
    pub(crate) seq: U64,
    pub(crate) low: U16,
    _pad: [u8; 2],
    pub(crate) high: U32,
    pub(crate) bid: F64,
    pub(crate) ask: F64,
    pub(crate) depth: [F32; 4],
    pub(crate) symbol: [u8; 12],
    _pad2: [u8; 4],
    pub(crate) price: F32,
    pub(crate) size: F32,
    pub(crate) id: U64,
    pub(crate) side: I32,
    _tail: [u8; 4],
}

#[derive(Clone, BinRead, BinWrite)]
#[brw(little)]
pub(crate) struct Binrw {
    pub(crate) seq: u64,
    #[brw(pad_after = 2)]
    pub(crate) low: u16,
    pub(crate) high: u32,
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    pub(crate) depth: [f32; 4],
    #[brw(pad_after = 4)]
    pub(crate) symbol: [u8; 12],
    pub(crate) price: f32,
    pub(crate) size: f32,
    pub(crate) id: u64,
    #[brw(pad_after = 4)]
    pub(crate) side: i32,
}

#[derive(Clone, DekuRead, DekuWrite)]
#[deku(endian = "little")]
pub(crate) struct Deku {
    pub(crate) seq: u64,
    #[deku(pad_bytes_after = "2")]
    pub(crate) low: u16,
    pub(crate) high: u32,
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    pub(crate) depth: [f32; 4],
    #[deku(pad_bytes_after = "4")]
    pub(crate) symbol: [u8; 12],
    pub(crate) price: f32,
    pub(crate) size: f32,
    pub(crate) id: u64,
    #[deku(pad_bytes_after = "4")]
    pub(crate) side: i32,
}

/// The low 20 bits of the second unit of bit-fields.
fn tick(high: u32) -> i64 {
    i64::from(high & 0xf_ffff)
}

impl Probe for Cwire {
    fn probe(&self) -> i64 {
        i64::from(self.tick)
    }
}

impl Probe for Hand {
    fn probe(&self) -> i64 {
        i64::from(self.tick)
    }
}

impl Probe for cpp::Object<SIZE> {
    fn probe(&self) -> i64 {
        tick(le_i32(&self.0, 12).cast_unsigned())
    }
}

impl Probe for Zerocopy {
    fn probe(&self) -> i64 {
        tick(self.high.get())
    }
}

impl Probe for Binrw {
    fn probe(&self) -> i64 {
        tick(self.high)
    }
}

impl Probe for Deku {
    fn probe(&self) -> i64 {
        tick(self.high)
    }
}

pub(crate) fn run(options: &Options, count: usize, passes: usize) {
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
    let contest = Contest {
        name: "Quote",
        passes,
        cpp_decode: cpp::quote_decode,
        cpp_encode: cpp::quote_encode,
        values: (0..count).map(value).collect(),
    };
    let bytes = contest.owned::<Hand, Zerocopy, Binrw, Deku>(options);

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

//! `struct CTestData { char a; int b; char c[15]; };`

use std::hint::black_box;

use binrw::{BinRead, BinWrite};
use cwire_bench::{Options, compare, cpp, timed};
use cwire_codec::{CChar, CharArray, Record};
use deku::{DekuRead, DekuWrite};
use zerocopy::little_endian::I32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{Contest, HandWritten, Probe, chunks, le_i32};

pub(crate) const SIZE: usize = 24;

#[derive(Clone, Record)]
pub(crate) struct Cwire {
    pub(crate) a: CChar,
    pub(crate) b: i32,
    pub(crate) c: CharArray<15>,
}

#[derive(Clone, Default)]
pub(crate) struct Hand {
    pub(crate) a: u8,
    pub(crate) b: i32,
    pub(crate) c: [u8; 15],
}

impl HandWritten<SIZE> for Hand {
    #[inline]
    fn decode(bytes: &[u8; SIZE]) -> Self {
        Self {
            a: bytes[0],
            b: i32::from_le_bytes(bytes[4..8].try_into().expect("in range")),
            c: bytes[8..23].try_into().expect("in range"),
        }
    }

    #[inline]
    fn decode_in_place(&mut self, bytes: &[u8; SIZE]) {
        self.a = bytes[0];
        self.b = i32::from_le_bytes(bytes[4..8].try_into().expect("in range"));
        self.c.copy_from_slice(&bytes[8..23]);
    }

    #[inline]
    fn encode(&self, bytes: &mut [u8; SIZE]) {
        bytes[0] = self.a;
        bytes[1..4].fill(0);
        bytes[4..8].copy_from_slice(&self.b.to_le_bytes());
        bytes[8..23].copy_from_slice(&self.c);
        bytes[23] = 0;
    }
}

#[derive(Clone, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Zerocopy {
    pub(crate) a: u8,
    _pad: [u8; 3],
    pub(crate) b: I32,
    pub(crate) c: [u8; 15],
    _tail: u8,
}

#[derive(Clone, BinRead, BinWrite)]
#[brw(little)]
pub(crate) struct Binrw {
    #[brw(pad_after = 3)]
    pub(crate) a: u8,
    pub(crate) b: i32,
    #[brw(pad_after = 1)]
    pub(crate) c: [u8; 15],
}

#[derive(Clone, DekuRead, DekuWrite)]
#[deku(endian = "little")]
pub(crate) struct Deku {
    #[deku(pad_bytes_after = "3")]
    pub(crate) a: u8,
    pub(crate) b: i32,
    #[deku(pad_bytes_after = "1")]
    pub(crate) c: [u8; 15],
}

impl Probe for Cwire {
    fn probe(&self) -> i64 {
        i64::from(self.b)
    }
}

impl Probe for Hand {
    fn probe(&self) -> i64 {
        i64::from(self.b)
    }
}

impl Probe for cpp::Object<SIZE> {
    fn probe(&self) -> i64 {
        i64::from(le_i32(&self.0, 4))
    }
}

impl Probe for Zerocopy {
    fn probe(&self) -> i64 {
        i64::from(self.b.get())
    }
}

impl Probe for Binrw {
    fn probe(&self) -> i64 {
        i64::from(self.b)
    }
}

impl Probe for Deku {
    fn probe(&self) -> i64 {
        i64::from(self.b)
    }
}

pub(crate) fn run(options: &Options, count: usize, passes: usize) {
    let text = CharArray::new("hello").expect("5 of 15 bytes");
    let value = |index: usize| Cwire {
        a: CChar(b'A' + u8::try_from(index % 26).expect("below 26")),
        b: i32::try_from(index).expect("below a million"),
        c: text,
    };
    let contest = Contest {
        name: "CTestData",
        passes,
        cpp_decode: cpp::small_decode,
        cpp_encode: cpp::small_encode,
        values: (0..count).map(value).collect(),
    };
    let bytes = contest.owned::<Hand, Zerocopy, Binrw, Deku>(options);

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

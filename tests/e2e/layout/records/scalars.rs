//! Scalars, arrays, enums, and records in records.

use cwire_codec::abi;
use cwire_codec::{
    CBool, CChar, CEnum, CLong, CPtr, CSize, CULong, CWchar, CharArray, Open, Record,
};

use super::{Case, Mirror, text};

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum Side {
    Buy = 1,
    Sell = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum Level {
    Low = -3,
    High = 1000,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[expect(clippy::enum_clike_unportable_variant, reason = "these tests run on 64-bit hosts")]
pub(super) enum Wide {
    One = 1,
    Most = 0x1_0000_0000,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[expect(clippy::enum_clike_unportable_variant, reason = "these tests run on 64-bit hosts")]
pub(super) enum Unsigned {
    One = 1,
    Top = 0xffff_fffe,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[repr(u8)]
pub(super) enum Fixed {
    A = 7,
    B = 200,
}

crate::decode::typed::show::show_enums!(Side, Level, Wide, Unsigned, Fixed);

cases! {
    in C "struct test_data { char a; int b; char c[15]; };",
        "{ .a = 'A', .b = 300, .c = \"hello\" }";
    #[cwire(name = "test_data")]
    struct TestData {
        a: CChar = CChar(b'A'),
        b: i32 = 300,
        c: CharArray<15> = text("hello"),
    }

    in C "struct fixed_signed { int8_t a; int16_t b; int8_t c; int32_t d; int8_t e; int64_t f; };",
        "{ .a = -1, .b = -2, .c = 3, .d = -4, .e = 5, .f = -6000000000 }";
    #[cwire(name = "fixed_signed")]
    struct FixedSigned {
        a: i8 = -1,
        b: i16 = -2,
        c: i8 = 3,
        d: i32 = -4,
        e: i8 = 5,
        f: i64 = -6_000_000_000,
    }

    in C "struct fixed_unsigned { uint8_t a; uint64_t f; uint8_t c; uint16_t b; uint8_t e; uint32_t d; };",
        "{ .a = 255, .f = 0xfedcba9876543210, .c = 3, .b = 65534, .e = 5, .d = 4000000000 }";
    #[cwire(name = "fixed_unsigned")]
    struct FixedUnsigned {
        a: u8 = 255,
        f: u64 = 0xfedc_ba98_7654_3210,
        c: u8 = 3,
        b: u16 = 65534,
        e: u8 = 5,
        d: u32 = 4_000_000_000,
    }

    // i386 aligns `double` in structs to 4.
    in C "struct floats { char a; float b; char c; double d; };",
        "{ .a = 'x', .b = 1.5f, .c = 'y', .d = -2.25 }";
    #[cwire(name = "floats")]
    struct Floats {
        a: CChar = CChar(b'x'),
        b: f32 = 1.5,
        c: CChar = CChar(b'y'),
        d: f64 = -2.25,
    }

    in C "struct char_double { char c; double d; };", "{ .c = 'c', .d = 0.1 }";
    #[cwire(name = "char_double")]
    struct CharDouble { c: CChar = CChar(b'c'), d: f64 = 0.1 }

    in C "struct char_long_long { char c; long long d; };", "{ .c = 'c', .d = 1 }";
    #[cwire(name = "char_long_long")]
    struct CharLongLong { c: CChar = CChar(b'c'), d: cwire_codec::CLongLong = 1 }

    in C "struct int32_int64 { int32_t a; int64_t b; };", "{ .a = 1, .b = 2 }";
    #[cwire(name = "int32_int64")]
    struct Int32Int64 { a: i32 = 1, b: i64 = 2 }

    in C "struct chars { char a; signed char b; unsigned char c; };",
        "{ .a = 'q', .b = -100, .c = 200 }";
    #[cwire(name = "chars")]
    struct Chars {
        a: CChar = CChar(b'q'),
        b: cwire_codec::CSChar = -100,
        c: cwire_codec::CUChar = 200,
    }

    in C "struct named_integers { short a; unsigned short b; int c; unsigned d; char e; long f; unsigned long g; char h; long long i; unsigned long long j; };",
        "{ .a = -1, .b = 2, .c = -3, .d = 4, .e = 'e', .f = -6, .g = 7, .h = 'h', .i = -9, .j = 10 }";
    #[cwire(name = "named_integers")]
    struct NamedIntegers {
        a: cwire_codec::CShort = -1,
        b: cwire_codec::CUShort = 2,
        c: cwire_codec::CInt = -3,
        d: cwire_codec::CUInt = 4,
        e: CChar = CChar(b'e'),
        f: CLong = CLong(-6),
        g: CULong = CULong(7),
        h: CChar = CChar(b'h'),
        i: cwire_codec::CLongLong = -9,
        j: cwire_codec::CULongLong = 10,
    }

    in C "struct sizes { char a; size_t b; char c; void *d; char e; };",
        "{ .a = 1, .b = 4000000000u, .c = 2, .d = (void *)0x1234, .e = 3 }";
    #[cwire(name = "sizes")]
    struct Sizes {
        a: i8 = 1,
        b: CSize = CSize(4_000_000_000),
        c: i8 = 2,
        d: CPtr = CPtr(0x1234),
        e: i8 = 3,
    }

    in C "struct bools { bool a; char b; bool c[3]; };",
        "{ .a = true, .b = 'b', .c = { false, true, true } }";
    #[cwire(name = "bools")]
    struct Bools {
        a: bool = true,
        b: CChar = CChar(b'b'),
        c: [CBool; 3] = [CBool(0), CBool(1), CBool(1)],
    }

    in C "struct wide_chars { char a; wchar_t b; char c; wchar_t d[3]; };",
        "{ .a = 'a', .b = L'b', .c = 'c', .d = { L'x', 0x20ac, 0 } }";
    #[cwire(name = "wide_chars")]
    struct WideChars {
        a: CChar = CChar(b'a'),
        b: CWchar = CWchar(0x62),
        c: CChar = CChar(b'c'),
        d: [CWchar; 3] = [CWchar(0x78), CWchar(0x20ac), CWchar(0)],
    }

    in C "struct texts { char a[3]; short b; char c[1]; char d[8]; };",
        "{ .a = { 'a', 'b', 'c' }, .b = -2, .c = { 'z' }, .d = \"hi\" }";
    #[cwire(name = "texts")]
    struct Texts {
        a: CharArray<3> = text("abc"),
        b: i16 = -2,
        c: CharArray<1> = text("z"),
        d: CharArray<8> = text("hi"),
    }

    in C "struct byte_arrays { uint8_t a[5]; int32_t b; uint8_t c[3]; };",
        "{ .a = { 1, 2, 3, 4, 5 }, .b = 6, .c = { 7, 8, 9 } }";
    #[cwire(name = "byte_arrays")]
    struct ByteArrays { a: [u8; 5] = [1, 2, 3, 4, 5], b: i32 = 6, c: [u8; 3] = [7, 8, 9] }

    in C "struct grids { char a; int16_t b[2][3]; double c[2]; char d; };",
        "{ .a = 1, .b = { { 1, 2, 3 }, { -1, -2, -3 } }, .c = { 0.5, -0.5 }, .d = 2 }";
    #[cwire(name = "grids")]
    struct Grids {
        a: i8 = 1,
        b: [[i16; 3]; 2] = [[1, 2, 3], [-1, -2, -3]],
        c: [f64; 2] = [0.5, -0.5],
        d: i8 = 2,
    }

    in C "struct cube { char a; uint32_t b[2][2][2]; };",
        "{ .a = 1, .b = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } } }";
    #[cwire(name = "cube")]
    struct Cube {
        a: i8 = 1,
        b: [[[u32; 2]; 2]; 2] = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
    }

    in C "struct inner { char a; double b; };", "{ .a = 'i', .b = 1.0 }";
    #[cwire(name = "inner")]
    struct Inner { a: CChar = CChar(b'i'), b: f64 = 1.0 }

    in C "struct outer { char a; struct inner b; char c; struct inner d[2]; };",
        "{ .a = 1, .b = { 'x', 2.0 }, .c = 3, .d = { { 'y', 4.0 }, { 'z', 5.0 } } }";
    #[cwire(name = "outer")]
    struct Outer {
        a: i8 = 1,
        b: Inner = Inner { a: CChar(b'x'), b: 2.0 },
        c: i8 = 3,
        d: [Inner; 2] = [Inner { a: CChar(b'y'), b: 4.0 }, Inner { a: CChar(b'z'), b: 5.0 }],
    }

    in C "enum side { BUY = 1, SELL = 2 };\nstruct enums { char a; enum side b; char c; enum side d[2]; };",
        "{ .a = 1, .b = SELL, .c = 2, .d = { BUY, (enum side)9 } }";
    #[cwire(name = "enums")]
    struct Enums {
        a: i8 = 1,
        b: Side = Side::Sell,
        c: i8 = 2,
        d: [Open<Side>; 2] = [Open::Known(Side::Buy), Open::Unknown(9)],
    }

    in C "enum level { LOW = -3, HIGH = 1000 };\nstruct levels { char a; enum level b; enum level c; };",
        "{ .a = 1, .b = LOW, .c = (enum level)-200 }";
    #[cwire(name = "levels")]
    struct Levels {
        a: i8 = 1,
        b: Level = Level::Low,
        c: Open<Level> = Open::Unknown(-200),
    }

    // 8 bytes with gcc and clang, 4 on MSVC.
    in C "enum wide { ONE = 1, MOST = 0x100000000ll };\nstruct wide_enums { char a; enum wide b; };",
        "{ .a = 1, .b = ONE }";
    #[cwire(name = "wide_enums")]
    struct WideEnums { a: i8 = 1, b: Wide = Wide::One }

    in C "enum top { TOP_ONE = 1, TOP = 0xfffffffe };\nstruct unsigned_enums { char a; enum top b; };",
        "{ .a = 1, .b = TOP }";
    #[cwire(name = "unsigned_enums")]
    struct UnsignedEnums { a: i8 = 1, b: Unsigned = Unsigned::Top }

    // `enum E : uint8_t` of C++ and C23, spelled so that every C compiler takes it.
    in C "typedef uint8_t fixed_enum;\nstruct fixed_enums { fixed_enum a; short b; fixed_enum c[3]; };",
        "{ .a = 200, .b = 1, .c = { 7, 200, 9 } }";
    #[cwire(name = "fixed_enums")]
    struct FixedEnums {
        a: Fixed = Fixed::B,
        b: i16 = 1,
        c: [Open<Fixed>; 3] = [Fixed::A.into(), Fixed::B.into(), Open::Unknown(9)],
    }

    // Members with a byte order of their own, as after `htons` and `htonl`.
    in C "struct net_head { char a; uint16_t port; uint32_t address; uint32_t local; };",
        "{ .a = 1, .port = NET16(0x1234), .address = NET32(0x7f000001), .local = 2 }";
    #[cwire(name = "net_head")]
    struct NetHead {
        a: i8 = 1,
        #[cwire(endian = "big")] port: u16 = 0x1234,
        #[cwire(endian = "big")] address: u32 = 0x7f00_0001,
        local: u32 = 2,
    }

    in C "struct virtio_blk_outhdr { uint32_t type; uint32_t ioprio; uint64_t sector; };",
        "{ .type = 1, .ioprio = 2, .sector = 0x123456789abcdef0 }";
    #[cwire(name = "virtio_blk_outhdr")]
    struct VirtioBlkOuthdr { r#type: u32 = 1, ioprio: u32 = 2, sector: u64 = 0x1234_5678_9abc_def0 }
}

//! Bit-fields, with and without packing.

use cwire_codec::abi;
use cwire_codec::{CChar, CLong, CULong, Open, Record, Unnamed};

use super::scalars::{Level, Side};
use super::{Case, Mirror};

cases! {
    in C "struct bits_simple { unsigned a : 3, b : 5; };", "{ .a = 5, .b = 19 }";
    #[cwire(name = "bits_simple")]
    struct BitsSimple { #[cwire(bits = 3)] a: u32 = 5, #[cwire(bits = 5)] b: u32 = 19 }

    in C "struct bits_signed { int8_t a : 3; int16_t b : 9; int c : 13; int64_t d : 33; };",
        "{ .a = -2, .b = -200, .c = 4000, .d = -4294967296 }";
    #[cwire(name = "bits_signed")]
    struct BitsSigned {
        #[cwire(bits = 3)] a: i8 = -2,
        #[cwire(bits = 9)] b: i16 = -200,
        #[cwire(bits = 13)] c: i32 = 4000,
        #[cwire(bits = 33)] d: i64 = -4_294_967_296,
    }

    in C "struct bits_mixed { signed char a : 4; int b : 4; };", "{ .a = -8, .b = 7 }";
    #[cwire(name = "bits_mixed")]
    struct BitsMixed { #[cwire(bits = 4)] a: i8 = -8, #[cwire(bits = 4)] b: i32 = 7 }

    in C "struct bits_after_char { char a; int b : 20; };", "{ .a = 1, .b = -300000 }";
    #[cwire(name = "bits_after_char")]
    struct BitsAfterChar { a: i8 = 1, #[cwire(bits = 20)] b: i32 = -300_000 }

    in C "struct bits_long { int a; long long b : 40; };", "{ .a = -1, .b = 0x123456789a }";
    #[cwire(name = "bits_long")]
    struct BitsLong { a: i32 = -1, #[cwire(bits = 40)] b: i64 = 0x12_3456_789a }

    in C "struct bits_packed { int a : 30; int b : 5; } __attribute__((packed));",
        "{ .a = -5, .b = 15 }";
    #[cwire(name = "bits_packed", packed)]
    struct BitsPacked { #[cwire(bits = 30)] a: i32 = -5, #[cwire(bits = 5)] b: i32 = 15 }

    in C "#pragma pack(push, 1)\nstruct bits_pack1 { char a; int b : 17, c : 17; };\n#pragma pack(pop)",
        "{ .a = 1, .b = -65536, .c = 65535 }";
    #[cwire(name = "bits_pack1", pack = 1)]
    struct BitsPack1 {
        a: i8 = 1,
        #[cwire(bits = 17)] b: i32 = -65_536,
        #[cwire(bits = 17)] c: i32 = 65_535,
    }

    in C "struct bits_zero { char a; int : 0; char b; };", "{ .a = 1, .b = 2 }";
    #[cwire(name = "bits_zero")]
    struct BitsZero { a: i8 = 1, #[cwire(bits = 0)] _end: Unnamed<i32> = Unnamed::new(), b: i8 = 2 }

    in C "struct bits_unnamed { char a; int : 5; char b; };", "{ .a = 1, .b = 2 }";
    #[cwire(name = "bits_unnamed")]
    struct BitsUnnamed { a: i8 = 1, #[cwire(bits = 5)] _pad: Unnamed<i32> = Unnamed::new(), b: i8 = 2 }

    in C "struct zero_first { int : 0; char b; };\nstruct bits_zero_inside { char a; struct zero_first in; };",
        "{ .a = 1, .in = { .b = 2 } }";
    #[cwire(name = "bits_zero_inside")]
    struct BitsZeroInside { a: i8 = 1, r#in: ZeroFirst = ZeroFirst { _end: Unnamed::new(), b: 2 } }

    in C "", "{ .b = 3 }";
    #[cwire(name = "zero_first")]
    struct ZeroFirst { #[cwire(bits = 0)] _end: Unnamed<i32> = Unnamed::new(), b: i8 = 3 }

    in C "struct bits_zero_packed { int a : 3; int : 0; int b : 3; } __attribute__((packed));",
        "{ .a = -4, .b = 3 }";
    #[cwire(name = "bits_zero_packed", packed)]
    struct BitsZeroPacked {
        #[cwire(bits = 3)] a: i32 = -4,
        #[cwire(bits = 0)] _end: Unnamed<i32> = Unnamed::new(),
        #[cwire(bits = 3)] b: i32 = 3,
    }

    in C "struct bits_bool { bool a : 1; bool b : 1; unsigned char c : 6; bool d : 1; unsigned e : 20; };",
        "{ .a = true, .b = false, .c = 33, .d = true, .e = 0xabcde }";
    #[cwire(name = "bits_bool")]
    struct BitsBool {
        #[cwire(bits = 1)] a: bool = true,
        #[cwire(bits = 1)] b: bool = false,
        #[cwire(bits = 6)] c: u8 = 33,
        #[cwire(bits = 1)] d: bool = true,
        #[cwire(bits = 20)] e: u32 = 0xabcde,
    }

    in C "struct bits_enum { enum side a : 3; enum side b : 4; unsigned c : 25; };",
        "{ .a = SELL, .b = BUY, .c = 0x1555555 }";
    #[cwire(name = "bits_enum")]
    struct BitsEnum {
        #[cwire(bits = 3)] a: Side = Side::Sell,
        #[cwire(bits = 4)] b: Open<Side> = Open::Known(Side::Buy),
        #[cwire(bits = 25)] c: u32 = 0x155_5555,
    }

    in C "struct bits_long_type { unsigned long a : 7; long b : 9; unsigned long c : 31; };",
        "{ .a = 100, .b = -250, .c = 0x7ffffffe }";
    #[cwire(name = "bits_long_type")]
    struct BitsLongType {
        #[cwire(bits = 7)] a: CULong = CULong(100),
        #[cwire(bits = 9)] b: CLong = CLong(-250),
        #[cwire(bits = 31)] c: CULong = CULong(0x7fff_fffe),
    }

    in C "struct bits_full { uint64_t a : 64; uint32_t b : 32; uint16_t c : 16; uint8_t d : 8; };",
        "{ .a = 0x0123456789abcdef, .b = 0x89abcdef, .c = 0xcdef, .d = 0xef }";
    #[cwire(name = "bits_full")]
    struct BitsFull {
        #[cwire(bits = 64)] a: u64 = 0x0123_4567_89ab_cdef,
        #[cwire(bits = 32)] b: u32 = 0x89ab_cdef,
        #[cwire(bits = 16)] c: u16 = 0xcdef,
        #[cwire(bits = 8)] d: u8 = 0xef,
    }

    // A 64-bit field that starts inside a byte lies in nine bytes.
    in C "struct bits_nine { uint8_t a : 4; uint64_t b : 64; uint8_t c : 4; } __attribute__((packed));",
        "{ .a = 9, .b = 0xfedcba9876543210, .c = 6 }";
    #[cwire(name = "bits_nine", packed)]
    struct BitsNine {
        #[cwire(bits = 4)] a: u8 = 9,
        #[cwire(bits = 64)] b: u64 = 0xfedc_ba98_7654_3210,
        #[cwire(bits = 4)] c: u8 = 6,
    }

    in C "struct bits_overlap { unsigned a : 1; unsigned short b : 16; };", "{ .a = 1, .b = 0xbeef }";
    #[cwire(name = "bits_overlap")]
    struct BitsOverlap { #[cwire(bits = 1)] a: u32 = 1, #[cwire(bits = 16)] b: u16 = 0xbeef }

    in C "struct bits_5_4_15 { unsigned a : 5, b : 4, c : 15; } __attribute__((packed));",
        "{ .a = 21, .b = 10, .c = 0x5a5a }";
    #[cwire(name = "bits_5_4_15", packed)]
    struct Bits5415 {
        #[cwire(bits = 5)] a: u32 = 21,
        #[cwire(bits = 4)] b: u32 = 10,
        #[cwire(bits = 15)] c: u32 = 0x5a5a,
    }

    in C "#pragma pack(push, 1)\nstruct bits_11_12_23 { unsigned a : 11, b : 12, c : 23; };\n#pragma pack(pop)",
        "{ .a = 0x555, .b = 0xaaa, .c = 0x123456 }";
    #[cwire(name = "bits_11_12_23", pack = 1)]
    struct Bits111223 {
        #[cwire(bits = 11)] a: u32 = 0x555,
        #[cwire(bits = 12)] b: u32 = 0xaaa,
        #[cwire(bits = 23)] c: u32 = 0x12_3456,
    }

    in C "struct bits_6_32 { unsigned a : 6, b : 32; } __attribute__((packed));",
        "{ .a = 42, .b = 0xdeadbeef }";
    #[cwire(name = "bits_6_32", packed)]
    struct Bits632 { #[cwire(bits = 6)] a: u32 = 42, #[cwire(bits = 32)] b: u32 = 0xdead_beef }

    in C "struct bits_8_9 { unsigned a : 8, b : 9; } __attribute__((packed));", "{ .a = 200, .b = 300 }";
    #[cwire(name = "bits_8_9", packed)]
    struct Bits89 { #[cwire(bits = 8)] a: u32 = 200, #[cwire(bits = 9)] b: u32 = 300 }

    // Packed on Windows: `b` at byte 4, not 2.
    in C "struct bits_then_u16 { unsigned a : 16; uint16_t b; uint32_t c; } __attribute__((packed));",
        "{ .a = 1, .b = 2, .c = 3 }";
    #[cwire(name = "bits_then_u16", packed)]
    struct BitsThenU16 { #[cwire(bits = 16)] a: u32 = 1, b: u16 = 2, c: u32 = 3 }

    in C "struct bits_run { uint16_t a : 12, b : 4; uint32_t c : 20; bool d : 1; int e : 7; char f; uint64_t g : 50; uint8_t h; };",
        "{ .a = 0xabc, .b = 13, .c = 0x98765, .d = true, .e = -60, .f = 'f', .g = 0x2aaaaaaaaaaaa, .h = 8 }";
    #[cwire(name = "bits_run")]
    struct BitsRun {
        #[cwire(bits = 12)] a: u16 = 0xabc,
        #[cwire(bits = 4)] b: u16 = 13,
        #[cwire(bits = 20)] c: u32 = 0x98765,
        #[cwire(bits = 1)] d: bool = true,
        #[cwire(bits = 7)] e: i32 = -60,
        f: CChar = CChar(b'f'),
        #[cwire(bits = 50)] g: u64 = 0x2_aaaa_aaaa_aaaa,
        h: u8 = 8,
    }

    // Size decides on Windows which types share a unit, not the type.
    in C "struct bits_one_size { int a : 4; unsigned b : 5; long c : 6; unsigned d : 17; };",
        "{ .a = -7, .b = 30, .c = -31, .d = 0x1ffff }";
    #[cwire(name = "bits_one_size")]
    struct BitsOneSize {
        #[cwire(bits = 4)] a: i32 = -7,
        #[cwire(bits = 5)] b: u32 = 30,
        #[cwire(bits = 6)] c: CLong = CLong(-31),
        #[cwire(bits = 17)] d: u32 = 0x1_ffff,
    }

    in C "struct bits_negative_enum { enum level a : 12; short b : 3; };", "{ .a = LOW, .b = -4 }";
    #[cwire(name = "bits_negative_enum")]
    struct BitsNegativeEnum {
        #[cwire(bits = 12)] a: Level = Level::Low,
        #[cwire(bits = 3)] b: i16 = -4,
    }

    in C "struct bits_before_tail { uint32_t a : 5; uint32_t b : 11; uint16_t tail[0]; };",
        "{ .a = 21, .b = 1025 }";
    #[cwire(name = "bits_before_tail")]
    struct BitsBeforeTail {
        #[cwire(bits = 5)] a: u32 = 21,
        #[cwire(bits = 11)] b: u32 = 1025,
        tail: [u16; 0] = [],
    }

    in C "#pragma pack(push, 2)\nstruct bits_pack2 { char a; int b : 17, c : 17; char d; uint64_t e : 50; };\n#pragma pack(pop)",
        "{ .a = 1, .b = -65536, .c = 65535, .d = 2, .e = 0x2aaaaaaaaaaaa }";
    #[cwire(name = "bits_pack2", pack = 2)]
    struct BitsPack2 {
        a: i8 = 1,
        #[cwire(bits = 17)] b: i32 = -65_536,
        #[cwire(bits = 17)] c: i32 = 65_535,
        d: i8 = 2,
        #[cwire(bits = 50)] e: u64 = 0x2_aaaa_aaaa_aaaa,
    }

    in C "#pragma pack(push, 4)\nstruct bits_pack4 { uint16_t a : 9; uint64_t b : 33; int : 0; uint8_t c : 3; bool d : 1; };\n#pragma pack(pop)",
        "{ .a = 300, .b = 0x123456789, .c = 5, .d = true }";
    #[cwire(name = "bits_pack4", pack = 4)]
    struct BitsPack4 {
        #[cwire(bits = 9)] a: u16 = 300,
        #[cwire(bits = 33)] b: u64 = 0x1_2345_6789,
        #[cwire(bits = 0)] _end: Unnamed<i32> = Unnamed::new(),
        #[cwire(bits = 3)] c: u8 = 5,
        #[cwire(bits = 1)] d: bool = true,
    }

    // `#pragma pack` decides what the bit-field asks of the record, not `packed`.
    in C "#pragma pack(push, 2)\nstruct bits_pack2_packed { int a : 5; char b; } __attribute__((packed));\n#pragma pack(pop)",
        "{ .a = -16, .b = 1 }";
    #[cwire(name = "bits_pack2_packed", pack = 2, packed)]
    struct BitsPack2Packed { #[cwire(bits = 5)] a: i32 = -16, b: i8 = 1 }
}

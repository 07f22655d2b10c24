//! Records as C declares them and as Rust mirrors them, side by side, each with a value.

use cwire_codec::abi::{self, Abi};
use cwire_codec::{
    CBool, CChar, CEnum, CLong, CPtr, CSize, CULong, CWchar, CharArray, DecodeError, EncodeError,
    Open, Record, RecordLayout, Unnamed,
};

/// A record in both languages.
pub(crate) struct Case {
    /// Name of the struct in C.
    pub(crate) name: &'static str,
    /// Declarations in C.
    pub(crate) declaration: &'static str,
    /// Initializer of an object in C.
    pub(crate) initializer: &'static str,
    /// The Rust side, per ABI in the order of [`Abi::ALL`].
    pub(crate) rust: Vec<Mirror>,
}

/// The Rust side of a case under one ABI.
pub(crate) struct Mirror {
    pub(crate) abi: Abi,
    pub(crate) layout: RecordLayout,
    /// The bytes of the value.
    pub(crate) encoded: Result<Vec<u8>, EncodeError>,
    /// Whether these bytes are those of the value.
    pub(crate) decodes: fn(&[u8]) -> Result<bool, DecodeError>,
}

/// Defines records and the list of them.
///
/// `in C declaration, initializer; struct Name { … } = { … };`
macro_rules! cases {
    ($(
        in C $declaration:literal, $initializer:literal;
        $(#[$attr:meta])*
        struct $name:ident { $($(#[$field_attr:meta])* $field:ident: $ty:ty = $value:expr),* $(,)? }
    )*) => {
        $(
            #[derive(Debug, PartialEq, Record)]
            $(#[$attr])*
            struct $name { $($(#[$field_attr])* $field: $ty),* }

            impl $name {
                fn value() -> Self {
                    Self { $($field: $value),* }
                }
            }
        )*

        pub(crate) fn cases() -> Vec<Case> {
            vec![$(
                Case {
                    name: <$name as Record>::layout().name,
                    declaration: $declaration,
                    initializer: $initializer,
                    rust: mirrors!(
                        $name:
                        X86_64Linux, I686Linux, Aarch64Linux, ArmLinux, ArmNoneEabi, Riscv64Linux,
                        PowerPcLinux, PowerPc64Linux, PowerPc64LeLinux, MipsLinux, S390xLinux,
                        X86_64Windows, I686Windows, Aarch64Windows, X86_64WindowsGnu,
                        I686WindowsGnu, Aarch64Apple, X86_64Apple,
                    ),
                }
            ),*]
        }
    };
}

macro_rules! mirrors {
    ($name:ident: $($abi:ident),* $(,)?) => {
        vec![$(
            Mirror {
                abi: <abi::$abi as abi::Target>::ABI,
                layout: $name::layout_abi::<abi::$abi>(),
                encoded: $name::value().to_vec_abi::<abi::$abi>(),
                decodes: |bytes| {
                    Ok($name::decode_abi::<abi::$abi>(bytes)? == $name::value())
                },
            }
        ),*]
    };
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
enum Side {
    Buy = 1,
    Sell = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
enum Level {
    Low = -3,
    High = 1000,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[expect(clippy::enum_clike_unportable_variant, reason = "these tests run on 64-bit hosts")]
enum Wide {
    One = 1,
    Most = 0x1_0000_0000,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[expect(clippy::enum_clike_unportable_variant, reason = "these tests run on 64-bit hosts")]
enum Unsigned {
    One = 1,
    Top = 0xffff_fffe,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[repr(u8)]
enum Fixed {
    A = 7,
    B = 200,
}

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

    in C "#pragma pack(push, 2)\nstruct pack2_tail { int a; char b; };\n#pragma pack(pop)",
        "{ .a = -1, .b = 2 }";
    #[cwire(name = "pack2_tail", pack = 2)]
    struct Pack2Tail { a: i32 = -1, b: i8 = 2 }

    in C "#pragma pack(push, 4)\nstruct pack4 { char a; double b; short c; int64_t d; };\n#pragma pack(pop)",
        "{ .a = 1, .b = 2.5, .c = 3, .d = 4 }";
    #[cwire(name = "pack4", pack = 4)]
    struct Pack4 { a: i8 = 1, b: f64 = 2.5, c: i16 = 3, d: i64 = 4 }

    in C "#pragma pack(push, 8)\nstruct pack8 { char a; double b; };\n#pragma pack(pop)",
        "{ .a = 1, .b = 2.5 }";
    #[cwire(name = "pack8", pack = 8)]
    struct Pack8 { a: i8 = 1, b: f64 = 2.5 }

    in C "struct packed { char a; double b; short c; } __attribute__((packed));",
        "{ .a = 1, .b = 2.5, .c = 3 }";
    #[cwire(name = "packed", packed)]
    struct Packed { a: i8 = 1, b: f64 = 2.5, c: i16 = 3 }

    // `packed` on the outer struct does not reach the inside of a member.
    in C "struct packed_outer { char a; struct inner b; char c; } __attribute__((packed));",
        "{ .a = 1, .b = { 'x', 2.5 }, .c = 3 }";
    #[cwire(name = "packed_outer", packed)]
    struct PackedOuter { a: i8 = 1, b: Inner = Inner { a: CChar(b'x'), b: 2.5 }, c: i8 = 3 }

    in C "struct holds_packed { char a; struct packed b; int c; };",
        "{ .a = 1, .b = { 2, 3.5, 4 }, .c = 5 }";
    #[cwire(name = "holds_packed")]
    struct HoldsPacked { a: i8 = 1, b: Packed = Packed { a: 2, b: 3.5, c: 4 }, c: i32 = 5 }

    in C "struct aligned8 { int a; char b; } __attribute__((aligned(8)));", "{ .a = 1, .b = 2 }";
    #[cwire(name = "aligned8", align = 8)]
    struct Aligned8 { a: i32 = 1, b: i8 = 2 }

    in C "struct aligned16 { int a; } __attribute__((aligned(16)));\nstruct holds_aligned { char a; struct aligned16 b; char c; };",
        "{ .a = 1, .b = { 2 }, .c = 3 }";
    #[cwire(name = "holds_aligned")]
    struct HoldsAligned { a: i8 = 1, b: Aligned16 = Aligned16 { a: 2 }, c: i8 = 3 }

    in C "", "{ .a = 4 }";
    #[cwire(name = "aligned16", align = 16)]
    struct Aligned16 { a: i32 = 4 }

    in C "#pragma pack(push, 1)\nstruct pack1_holds_aligned { char a; struct aligned16 b; };\n#pragma pack(pop)",
        "{ .a = 1, .b = { 2 } }";
    #[cwire(name = "pack1_holds_aligned", pack = 1)]
    struct Pack1HoldsAligned { a: i8 = 1, b: Aligned16 = Aligned16 { a: 2 } }

    in C "struct member_aligned { char a; int b __attribute__((aligned(8))); char c; };",
        "{ .a = 1, .b = 2, .c = 3 }";
    #[cwire(name = "member_aligned")]
    struct MemberAligned { a: i8 = 1, #[cwire(align = 8)] b: i32 = 2, c: i8 = 3 }

    in C "#pragma pack(push, 1)\nstruct pack1_member_aligned { char a; int b __attribute__((aligned(8))); };\n#pragma pack(pop)",
        "{ .a = 1, .b = 2 }";
    #[cwire(name = "pack1_member_aligned", pack = 1)]
    struct Pack1MemberAligned { a: i8 = 1, #[cwire(align = 8)] b: i32 = 2 }

    in C "struct packed_member_aligned { char a; short b __attribute__((aligned(4))); int c; } __attribute__((packed));",
        "{ .a = 1, .b = 2, .c = 3 }";
    #[cwire(name = "packed_member_aligned", packed)]
    struct PackedMemberAligned { a: i8 = 1, #[cwire(align = 4)] b: i16 = 2, c: i32 = 3 }

    in C "struct packed_aligned4 { char a; int b; short c; } __attribute__((packed, aligned(4)));",
        "{ .a = 1, .b = 2, .c = 3 }";
    #[cwire(name = "packed_aligned4", packed, align = 4)]
    struct PackedAligned4 { a: i8 = 1, b: i32 = 2, c: i16 = 3 }

    in C "struct everything { struct outer a; struct bits_run b[2]; enum side c; void *d[2]; struct packed e; long f; };",
        "{ .a = { .a = 1, .b = { 'x', 2.0 }, .c = 3, .d = { { 'y', 4.0 }, { 'z', 5.0 } } }, .b = { [1] = { .a = 0xabc, .b = 13, .c = 0x98765, .d = true, .e = -60, .f = 'f', .g = 0x2aaaaaaaaaaaa, .h = 8 } }, .c = BUY, .d = { 0, (void *)0x7ffffff0 }, .e = { 1, 2.5, 3 }, .f = -7 }";
    #[cwire(name = "everything")]
    struct Everything {
        a: Outer = Outer::value(),
        b: [BitsRun; 2] = [
            BitsRun { a: 0, b: 0, c: 0, d: false, e: 0, f: CChar(0), g: 0, h: 0 },
            BitsRun::value(),
        ],
        c: Side = Side::Buy,
        d: [CPtr; 2] = [CPtr(0), CPtr(0x7fff_fff0)],
        e: Packed = Packed::value(),
        f: CLong = CLong(-7),
    }
}

fn text<const N: usize>(text: &str) -> CharArray<N> {
    CharArray::new(text).expect("the case's text fits its array")
}

//! `pack`, `packed` and `align`.

use cwire_codec::abi;
use cwire_codec::{CChar, CLong, CPtr, Record};

use super::bits::BitsRun;
use super::scalars::{Inner, Outer, Side};
use super::{Case, Mirror};

cases! {
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
        "{ .a = { .a = 1, .b = { 'x', 2.0 }, .c = 3, .d = { { 'y', 4.0 }, { 'z', 5.0 } } }, .b = { { 0 }, { .a = 0xabc, .b = 13, .c = 0x98765, .d = true, .e = -60, .f = 'f', .g = 0x2aaaaaaaaaaaa, .h = 8 } }, .c = BUY, .d = { 0, (void *)0x7ffffff0 }, .e = { 1, 2.5, 3 }, .f = -7 }";
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

    in C "#pragma pack(push, 1)\nstruct pack1_member_aligned16 { char a; int b __attribute__((aligned(16))); };\n#pragma pack(pop)",
        "{ .a = 1, .b = 2 }";
    #[cwire(name = "pack1_member_aligned16", pack = 1)]
    struct Pack1MemberAligned16 { a: i8 = 1, #[cwire(align = 16)] b: i32 = 2 }

    in C "struct packed_holds_aligned { char a; struct aligned16 b; short c; } __attribute__((packed));",
        "{ .a = 1, .b = { 2 }, .c = 3 }";
    #[cwire(name = "packed_holds_aligned", packed)]
    struct PackedHoldsAligned { a: i8 = 1, b: Aligned16 = Aligned16 { a: 2 }, c: i16 = 3 }

    in C "struct array_aligned { char a; short b[3] __attribute__((aligned(8))); char c; };",
        "{ .a = 1, .b = { 2, -3, 4 }, .c = 5 }";
    #[cwire(name = "array_aligned")]
    struct ArrayAligned { a: i8 = 1, #[cwire(align = 8)] b: [i16; 3] = [2, -3, 4], c: i8 = 5 }
}

//! Random records, written by `generate`: their C header and their mirrors in Rust.

use cwire_codec::{
    CBool, CChar, CEnum, CLong, CLongLong, CPtr, CShort, CSize, CUInt, CULong, CWchar, CharArray, Open,
    Record, Unnamed,
};

use super::Generated;
use super::show::show_record;

pub(super) const SEED: u64 = 5;

pub(super) const HEADER: &str = "\
#include <stddef.h>
#include <stdint.h>
enum E0 { E0_0 = -95, E0_1 = 208, E0_2 = 268, };
enum E1 { E1_0 = 136, E1_1 = 146, };
enum E2 { E2_0 = -131, E2_1 = 226, E2_2 = 248, E2_3 = 283, };
enum E3 { E3_0 = 17, E3_1 = 149, E3_2 = 226, E3_3 = 310, };
struct R0 { short m0[4]; uint8_t m1[3]; int : 7; char m3[3]; uint64_t m4; long long m5[4]; long m6[1][2]; int8_t m7; uint32_t m8 : 26; int32_t m9 : 28; } __attribute__((aligned(16)));
struct R1 { uint16_t m0[4][2]; int16_t m1[4]; uint16_t m2[3]; enum E0 m3; int32_t m4 : 8; };
struct R2 { char m0[16]; _Bool m1 : 1; long long m2 : 43; } __attribute__((packed));
struct R3 { uint8_t m0[4]; uint8_t m1; _Bool m2 : 1; };
#pragma pack(push, 2)
struct R4 { uint64_t m0; wchar_t m1; int64_t m2 __attribute__((aligned(16))); short m3 : 9; long long m4 : 22; unsigned long m5[1][3]; short m6; };
#pragma pack(pop)
struct R5 { int32_t m0 : 27; int64_t m1[3][1]; int : 5; _Bool m3 : 1; uint16_t m4; struct R1 m5; enum E0 m6; _Bool m7[4]; struct R3 m8; int8_t m9[1]; };
struct R6 { _Bool m0 : 1; long long m1; _Bool m2 : 1; long m3[4][2]; int64_t m4; struct R3 m5[2]; };
struct R7 { long long m0; int : 9; long long m2[1]; struct R1 m3[1]; unsigned m4; } __attribute__((packed));
struct R8 { double m0[2]; int : 1; struct R4 m2; };
struct R9 { int16_t m0[3]; int64_t m1 : 20; enum E1 m2; } __attribute__((packed));
struct R10 { uint64_t m0[3]; char m1[17]; void * m2[1][1]; int : 10; struct R3 m4[2][1]; uint8_t m5 : 2; void * m6; } __attribute__((packed));
struct R11 { _Bool m0; enum E0 m1; int8_t m2; uint32_t m3 : 12; long long m4[2]; long m5; } __attribute__((packed));
struct R12 { enum E3 m0; int8_t m1; enum E3 m2; _Bool m3[3][1]; enum E0 m4; _Bool m5[3][2]; int : 6; };
struct R13 { _Bool m0 : 1; int : 10; enum E1 m2; int : 1; long m4[3][4]; uint64_t m5[4][1]; unsigned long m6; char m7; double m8; };
struct R14 { size_t m0; unsigned long m1; char m2[15]; double m3; int : 6; int32_t m5[3]; char m6[9]; int16_t m7; };
struct R15 { enum E0 m0; short m1; enum E3 m2; long long m3 : 9; };
struct R16 { int64_t m0 : 63; char m1; float m2; short m3 : 4; uint16_t m4; uint16_t m5; uint8_t m6; };
struct R17 { size_t m0; int32_t m1 : 31; int : 11; enum E3 m3; short m4[1][1]; char m5; char m6[10]; uint32_t m7[4]; };
#pragma pack(push, 4)
struct R18 { struct R0 m0; enum E2 m1; long long m2 : 3; unsigned m3; uint32_t m4 __attribute__((aligned(16))); double m5[1]; };
#pragma pack(pop)
#pragma pack(push, 4)
struct R19 { enum E0 m0; int16_t m1; enum E2 m2; int64_t m3 __attribute__((aligned(16))); long long m4 : 41; };
#pragma pack(pop)
struct R20 { unsigned long m0; unsigned m1[1]; enum E2 m2; char m3[4]; };
struct R21 { int : 9; uint32_t m1[3]; char m2[3]; struct R2 m3[1]; int : 3; _Bool m5; int : 8; uint64_t m7; unsigned m8 __attribute__((aligned(16))); enum E3 m9; };
struct R22 { struct R8 m0; unsigned m1; uint32_t m2 __attribute__((aligned(16))); char m3; char m4[15]; void * m5[3][3]; enum E1 m6; struct R11 m7[1][2]; struct R1 m8; };
struct R23 { long long m0; int : 8; enum E1 m2; size_t m3[2]; void * m4; enum E2 m5; };
";

macro_rules! records {
    ($($name:ident)*) => { vec![$(records!(@on $name:
        X86_64Linux I686Linux Aarch64Linux ArmLinux ArmNoneEabi Riscv64Linux PowerPcLinux
        PowerPc64Linux PowerPc64LeLinux MipsLinux S390xLinux X86_64Windows I686Windows
        Aarch64Windows X86_64WindowsGnu I686WindowsGnu Aarch64Apple X86_64Apple
    )),*] };
    (@on $name:ident: $($abi:ident)*) => {
        Generated {
            name: stringify!($name),
            on_abi: [$(|bytes| {
                let record = $name::decode_abi::<cwire_codec::abi::$abi>(bytes).unwrap();
                let abi = <cwire_codec::abi::$abi as cwire_codec::abi::Target>::ABI;
                let again = record.to_vec_abi::<cwire_codec::abi::$abi>().unwrap();
                (super::show::Show::show(&record, &abi).unwrap(), again)
            }),*],
        }
    };
}

pub(super) fn records() -> Vec<Generated> {
    records! { R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 R16 R17 R18 R19 R20 R21 R22 R23 }
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum E0 {
    V0 = -95,
    V1 = 208,
    V2 = 268,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum E1 {
    V0 = 136,
    V1 = 146,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum E2 {
    V0 = -131,
    V1 = 226,
    V2 = 248,
    V3 = 283,
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
pub(super) enum E3 {
    V0 = 17,
    V1 = 149,
    V2 = 226,
    V3 = 310,
}

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(align = 16)]
pub(super) struct R0 {
    m0: [CShort; 4],
    m1: [u8; 3],
    #[cwire(bits = 7)]
    m2: Unnamed<i32>,
    m3: CharArray<3>,
    m4: u64,
    m5: [CLongLong; 4],
    m6: [[CLong; 2]; 1],
    m7: i8,
    #[cwire(bits = 26)]
    m8: u32,
    #[cwire(bits = 28)]
    m9: i32,
}

show_record!(R0 { m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R1 {
    m0: [[u16; 2]; 4],
    m1: [i16; 4],
    m2: [u16; 3],
    m3: Open<E0>,
    #[cwire(bits = 8)]
    m4: i32,
}

show_record!(R1 { m0, m1, m2, m3, m4 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(packed)]
pub(super) struct R2 {
    m0: CharArray<16>,
    #[cwire(bits = 1)]
    m1: bool,
    #[cwire(bits = 43)]
    m2: CLongLong,
}

show_record!(R2 { m0, m1, m2 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R3 {
    m0: [u8; 4],
    m1: u8,
    #[cwire(bits = 1)]
    m2: bool,
}

show_record!(R3 { m0, m1, m2 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(pack = 2)]
pub(super) struct R4 {
    m0: u64,
    m1: CWchar,
    #[cwire(align = 16)]
    m2: i64,
    #[cwire(bits = 9)]
    m3: CShort,
    #[cwire(bits = 22)]
    m4: CLongLong,
    m5: [[CULong; 3]; 1],
    m6: CShort,
}

show_record!(R4 { m0, m1, m2, m3, m4, m5, m6 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R5 {
    #[cwire(bits = 27)]
    m0: i32,
    m1: [[i64; 1]; 3],
    #[cwire(bits = 5)]
    m2: Unnamed<i32>,
    #[cwire(bits = 1)]
    m3: bool,
    m4: u16,
    m5: R1,
    m6: Open<E0>,
    m7: [CBool; 4],
    m8: R3,
    m9: [i8; 1],
}

show_record!(R5 { m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R6 {
    #[cwire(bits = 1)]
    m0: bool,
    m1: CLongLong,
    #[cwire(bits = 1)]
    m2: bool,
    m3: [[CLong; 2]; 4],
    m4: i64,
    m5: [R3; 2],
}

show_record!(R6 { m0, m1, m2, m3, m4, m5 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(packed)]
pub(super) struct R7 {
    m0: CLongLong,
    #[cwire(bits = 9)]
    m1: Unnamed<i32>,
    m2: [CLongLong; 1],
    m3: [R1; 1],
    m4: CUInt,
}

show_record!(R7 { m0, m1, m2, m3, m4 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R8 {
    m0: [f64; 2],
    #[cwire(bits = 1)]
    m1: Unnamed<i32>,
    m2: R4,
}

show_record!(R8 { m0, m1, m2 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(packed)]
pub(super) struct R9 {
    m0: [i16; 3],
    #[cwire(bits = 20)]
    m1: i64,
    m2: Open<E1>,
}

show_record!(R9 { m0, m1, m2 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(packed)]
pub(super) struct R10 {
    m0: [u64; 3],
    m1: CharArray<17>,
    m2: [[CPtr; 1]; 1],
    #[cwire(bits = 10)]
    m3: Unnamed<i32>,
    m4: [[R3; 1]; 2],
    #[cwire(bits = 2)]
    m5: u8,
    m6: CPtr,
}

show_record!(R10 { m0, m1, m2, m3, m4, m5, m6 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(packed)]
pub(super) struct R11 {
    m0: CBool,
    m1: Open<E0>,
    m2: i8,
    #[cwire(bits = 12)]
    m3: u32,
    m4: [CLongLong; 2],
    m5: CLong,
}

show_record!(R11 { m0, m1, m2, m3, m4, m5 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R12 {
    m0: Open<E3>,
    m1: i8,
    m2: Open<E3>,
    m3: [[CBool; 1]; 3],
    m4: Open<E0>,
    m5: [[CBool; 2]; 3],
    #[cwire(bits = 6)]
    m6: Unnamed<i32>,
}

show_record!(R12 { m0, m1, m2, m3, m4, m5, m6 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R13 {
    #[cwire(bits = 1)]
    m0: bool,
    #[cwire(bits = 10)]
    m1: Unnamed<i32>,
    m2: Open<E1>,
    #[cwire(bits = 1)]
    m3: Unnamed<i32>,
    m4: [[CLong; 4]; 3],
    m5: [[u64; 1]; 4],
    m6: CULong,
    m7: CChar,
    m8: f64,
}

show_record!(R13 { m0, m1, m2, m3, m4, m5, m6, m7, m8 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R14 {
    m0: CSize,
    m1: CULong,
    m2: CharArray<15>,
    m3: f64,
    #[cwire(bits = 6)]
    m4: Unnamed<i32>,
    m5: [i32; 3],
    m6: CharArray<9>,
    m7: i16,
}

show_record!(R14 { m0, m1, m2, m3, m4, m5, m6, m7 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R15 {
    m0: Open<E0>,
    m1: CShort,
    m2: Open<E3>,
    #[cwire(bits = 9)]
    m3: CLongLong,
}

show_record!(R15 { m0, m1, m2, m3 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R16 {
    #[cwire(bits = 63)]
    m0: i64,
    m1: CChar,
    m2: f32,
    #[cwire(bits = 4)]
    m3: CShort,
    m4: u16,
    m5: u16,
    m6: u8,
}

show_record!(R16 { m0, m1, m2, m3, m4, m5, m6 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R17 {
    m0: CSize,
    #[cwire(bits = 31)]
    m1: i32,
    #[cwire(bits = 11)]
    m2: Unnamed<i32>,
    m3: Open<E3>,
    m4: [[CShort; 1]; 1],
    m5: CChar,
    m6: CharArray<10>,
    m7: [u32; 4],
}

show_record!(R17 { m0, m1, m2, m3, m4, m5, m6, m7 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(pack = 4)]
pub(super) struct R18 {
    m0: R0,
    m1: Open<E2>,
    #[cwire(bits = 3)]
    m2: CLongLong,
    m3: CUInt,
    #[cwire(align = 16)]
    m4: u32,
    m5: [f64; 1],
}

show_record!(R18 { m0, m1, m2, m3, m4, m5 });

#[derive(Clone, Debug, PartialEq, Record)]
#[cwire(pack = 4)]
pub(super) struct R19 {
    m0: Open<E0>,
    m1: i16,
    m2: Open<E2>,
    #[cwire(align = 16)]
    m3: i64,
    #[cwire(bits = 41)]
    m4: CLongLong,
}

show_record!(R19 { m0, m1, m2, m3, m4 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R20 {
    m0: CULong,
    m1: [CUInt; 1],
    m2: Open<E2>,
    m3: CharArray<4>,
}

show_record!(R20 { m0, m1, m2, m3 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R21 {
    #[cwire(bits = 9)]
    m0: Unnamed<i32>,
    m1: [u32; 3],
    m2: CharArray<3>,
    m3: [R2; 1],
    #[cwire(bits = 3)]
    m4: Unnamed<i32>,
    m5: CBool,
    #[cwire(bits = 8)]
    m6: Unnamed<i32>,
    m7: u64,
    #[cwire(align = 16)]
    m8: CUInt,
    m9: Open<E3>,
}

show_record!(R21 { m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R22 {
    m0: R8,
    m1: CUInt,
    #[cwire(align = 16)]
    m2: u32,
    m3: CChar,
    m4: CharArray<15>,
    m5: [[CPtr; 3]; 3],
    m6: Open<E1>,
    m7: [[R11; 2]; 1],
    m8: R1,
}

show_record!(R22 { m0, m1, m2, m3, m4, m5, m6, m7, m8 });

#[derive(Clone, Debug, PartialEq, Record)]
pub(super) struct R23 {
    m0: CLongLong,
    #[cwire(bits = 8)]
    m1: Unnamed<i32>,
    m2: Open<E1>,
    m3: [CSize; 2],
    m4: CPtr,
    m5: Open<E2>,
}

show_record!(R23 { m0, m1, m2, m3, m4, m5 });

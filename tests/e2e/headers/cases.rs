//! Layouts that other tools got wrong, with numbers that are known beforehand.
//!
//! The numbers were read off gcc 12, MinGW gcc 12 and clang 19, and for `*-windows-msvc` off cl.exe,
//! from which clang differs in places.

use cwire_header::{Files, Lang, Options};
use cwire_layout::abi::Abi;
use cwire_layout::types::{RecordId, Type};
use std::path::Path;

const X86_64: &[&str] = &["x86_64-unknown-linux-gnu"];
const I686: &[&str] = &["i686-unknown-linux-gnu"];
const S390X: &[&str] = &["s390x-unknown-linux-gnu"];
const AAPCS: &[&str] =
    &["aarch64-unknown-linux-gnu", "arm-unknown-linux-gnueabihf", "arm-none-eabi"];
const MSVC: &[&str] =
    &["x86_64-pc-windows-msvc", "i686-pc-windows-msvc", "aarch64-pc-windows-msvc"];
const MINGW: &[&str] = &["x86_64-pc-windows-gnu", "i686-pc-windows-gnu"];
const APPLE: &[&str] = &["aarch64-apple-darwin", "x86_64-apple-darwin"];

struct Text<'a>(&'a str);

impl Files for Text<'_> {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match path.to_str() {
            Some("case.h") => Ok(self.0.as_bytes().to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

/// All ABIs but those of the sets.
fn but(sets: &[&[&'static str]]) -> Vec<&'static str> {
    let all = Abi::ALL.iter().map(Abi::triple);
    all.filter(|triple| !sets.iter().any(|set| set.contains(triple))).collect()
}

/// Size of the record `S` of a text, and the bit offset of one of its members.
fn lay_out(text: &str, lang: Lang, triple: &str, field: &str) -> (u64, u64) {
    let mut options = Options::new(Abi::from_triple(triple).unwrap());
    options.lang = Some(lang);
    let header = cwire_header::read(&Text(text), Path::new("case.h"), &options)
        .unwrap_or_else(|error| panic!("{triple}: {error}"));
    let types = &header.types;
    assert!(types.refused().is_empty(), "{triple}: {:?}", types.refused());
    let ty = types.strip(types.find("S").expect("the record is called `S`"));
    let Type::Record(id) = *types.get(ty) else { panic!("`S` is a record") };
    let size = types.layout_of(ty).unwrap().size;
    (size, offset(types, id, field))
}

fn offset(types: &cwire_layout::Types, id: RecordId, field: &str) -> u64 {
    let fields = types.fields(id);
    let found = fields.iter().find(|known| known.name == field);
    found.unwrap_or_else(|| panic!("no field `{field}`")).place.offset_bits
}

/// A size, and the bit offset of a member, on some ABIs.
type Case<'a> = (&'a [&'static str], u64, u64);

fn check(lang: Lang, text: &str, field: &str, cases: &[Case<'_>]) {
    for (triples, size, offset) in cases {
        for triple in *triples {
            assert_eq!(lay_out(text, lang, triple, field), (*size, *offset), "{triple}: {text}");
        }
    }
}

fn c(text: &str, field: &str, cases: &[Case<'_>]) {
    check(Lang::C, text, field, cases);
}

fn cxx(text: &str, field: &str, cases: &[Case<'_>]) {
    check(Lang::Cxx, text, field, cases);
}

#[test]
fn i386_aligns_double_to_four_in_records() {
    let others = but(&[I686]);
    c("struct S {char c; double d;};", "d", &[(I686, 12, 32), (&others, 16, 64)]);
    c("struct S {char c; long long d;};", "d", &[(I686, 12, 32), (&others, 16, 64)]);
}

#[test]
fn int64_after_int32_is_aligned() {
    let others = but(&[I686]);
    c("struct S {int32_t a; int64_t b;};", "b", &[(&others, 16, 64), (I686, 12, 32)]);
}

#[test]
fn long_double_has_the_size_of_the_abi() {
    c(
        "struct S {char c; long double d;};",
        "d",
        &[(I686, 16, 32), (S390X, 24, 64), (MSVC, 16, 64)],
    );
    let eight = ["arm-unknown-linux-gnueabihf", "mips-unknown-linux-gnu", "aarch64-apple-darwin"];
    c("struct S {char c; long double d;};", "d", &[(&eight, 16, 64), (X86_64, 32, 128)]);
}

#[test]
fn bit_fields_of_types_of_other_sizes_begin_units_on_windows() {
    let others = but(&[MSVC, MINGW]);
    let text = "struct S {char a:4; int b:4;};";
    c(text, "b", &[(&others, 4, 4), (MSVC, 8, 32), (MINGW, 8, 32)]);
    let text = "struct S {char a; int b:20;};";
    c(text, "b", &[(&others, 4, 8), (MSVC, 8, 32), (MINGW, 8, 32)]);
}

#[test]
fn bit_fields_of_two_sizes_do_not_overlap() {
    c("struct S {unsigned a:1; unsigned short b:16;};", "b", &[(X86_64, 4, 16)]);
}

#[test]
fn long_long_bit_fields_of_i386_are_aligned_to_four() {
    let others = but(&[I686]);
    c("struct S {int a; long long b:40;};", "b", &[(I686, 12, 32), (&others, 16, 64)]);
}

#[test]
fn packed_bit_fields_are_adjacent() {
    let others = but(&[MSVC, MINGW]);
    let text = "struct __attribute__((packed)) S {int a:30; int b:5;};";
    c(text, "b", &[(&others, 5, 30), (MSVC, 8, 32), (MINGW, 8, 32)]);
    let text = "struct __attribute__((packed)) S {unsigned a:5, b:4, c:15;};";
    c(text, "c", &[(&others, 3, 9)]);
    let text = "struct __attribute__((packed)) S {unsigned a:6; unsigned b:32;};";
    c(text, "b", &[(&others, 5, 6)]);
    let text = "#pragma pack(1)\nstruct S {unsigned a:11, b:12, c:23;};";
    c(text, "c", &[(&others, 6, 23)]);
    let text = "#pragma pack(1)\nstruct S {char a; int b:17, c:17;};";
    c(text, "c", &[(&others, 6, 25), (MSVC, 9, 40), (MINGW, 9, 40)]);
}

#[test]
fn packed_sixteen_bits_are_followed_at_four_on_windows() {
    let text = "#pragma pack(1)\nstruct S {uint32_t a:16; uint16_t b; uint32_t c;};";
    c(text, "b", &[(MSVC, 10, 32), (MINGW, 10, 32), (X86_64, 8, 16)]);
}

#[test]
fn zero_width_ends_a_unit_by_the_rules_of_each_abi() {
    let plain = but(&[AAPCS, MSVC, MINGW]);
    let text = "struct S {char a; int :0; char b;};";
    c(text, "b", &[(&plain, 5, 32), (AAPCS, 8, 32), (MSVC, 2, 8), (MINGW, 2, 8)]);
    let text = "struct S {char a; int :5; char b;};";
    c(text, "b", &[(&plain, 3, 16), (AAPCS, 4, 16), (MSVC, 12, 64), (MINGW, 12, 64)]);
    let text = "struct S {char a; struct {int :0; char b;} in;};";
    c(text, "in", &[(&plain, 2, 8), (AAPCS, 8, 32)]);
    let text = "struct __attribute__((packed)) S {int a:3; int :0; int b:3;};";
    c(text, "b", &[(&plain, 5, 32), (AAPCS, 8, 32), (MINGW, 8, 32), (MSVC, 8, 32)]);
}

#[test]
fn unions_of_bit_fields_are_as_large_as_their_unit() {
    c("union S {char c:3; int b:9;};", "b", &[(&but(&[]), 4, 0)]);
    let text = "union __attribute__((packed)) S {int b:9;};";
    c(text, "b", &[(&but(&[MSVC]), 2, 0), (MSVC, 4, 0)]);
}

#[test]
fn packed_on_one_bit_field() {
    let text = "struct S {int a:4; int b:4 __attribute__((packed)); char c;};";
    c(text, "c", &[(&but(&[MSVC, MINGW]), 4, 8), (MSVC, 8, 32), (MINGW, 8, 32)]);
}

#[test]
fn pack_does_not_move_a_bit_field_that_is_aligned() {
    let text = "#pragma pack(2)\nstruct S {bool m; int x:32 __attribute__((aligned(4)));};";
    let text = format!("#include <stdbool.h>\n{text}");
    c(&text, "x", &[(X86_64, 6, 16)]);
}

#[test]
fn bit_fields_of_over_aligned_typedefs() {
    let text = "typedef int T __attribute__((aligned(8)));\nstruct S {char a; T b:3;};";
    c(text, "b", &[(&but(&[APPLE]), 16, 64), (APPLE, 8, 8)]);
}

#[test]
fn packed_counts_after_the_keyword_and_after_the_brace_only() {
    let all = but(&[]);
    let text = "typedef struct {char c; int i;} S __attribute__((packed));";
    c(text, "i", &[(&all, 8, 32)]);
    let text = "__attribute__((packed)) struct S {char c; int i;};";
    c(text, "i", &[(&all, 8, 32)]);
    let text = "struct S {char c; int i;} __attribute__((packed));";
    c(text, "i", &[(&all, 5, 8)]);
}

#[test]
fn msvc_does_not_lower_what_is_asked_for() {
    let others = but(&[MSVC]);
    let text = "#pragma pack(1)\nstruct S {char a; int b __attribute__((aligned(8)));};";
    c(text, "b", &[(&others, 5, 8), (MSVC, 16, 64)]);
    let text = "#pragma pack(1)\nstruct S {char a; alignas(16) int b;};";
    cxx(text, "b", &[(&others, 5, 8), (MSVC, 32, 128)]);
    let text = "struct A {int x;} __attribute__((aligned(16)));\n\
                #pragma pack(1)\nstruct S {char a; struct A b;};";
    c(text, "b", &[(&others, 17, 8), (MSVC, 32, 128)]);
}

/// cl.exe; clang says 4.
#[test]
fn declspec_align_below_the_members_is_kept_inside_pack_on_msvc() {
    let text = "#pragma pack(1)\n__declspec(align(2)) struct X {int a;};\n\
                struct S {char c; struct X x;};";
    c(text, "x", &[(MSVC, 6, 16)]);
}

/// cl.exe; gcc's attribute does lower it.
#[test]
fn declspec_align_does_not_lower_a_typedef() {
    let text = "typedef __declspec(align(8)) int T;\ntypedef __declspec(align(1)) T U;\n\
                struct S {char a; U b;};";
    c(text, "b", &[(MSVC, 16, 64)]);
    let text = "typedef int T __attribute__((aligned(8)));\ntypedef T U __attribute__((aligned(1)));\n\
                struct S {char a; U b;};";
    c(text, "b", &[(X86_64, 5, 8)]);
}

#[test]
fn enums_beyond_int_have_eight_bytes_but_on_msvc() {
    let others = but(&[MSVC, I686]);
    let text = "enum E {A = 0x100000000ll};\nstruct S {char a; enum E e;};";
    c(text, "e", &[(&others, 16, 64), (MSVC, 8, 32), (I686, 12, 32)]);
    let text = "enum __attribute__((packed)) E {A};\nstruct S {char a; enum E e;};";
    c(text, "e", &[(&but(&[MSVC]), 2, 8), (MSVC, 8, 32)]);
}

#[test]
fn enumerators_above_int_are_negative_on_msvc() {
    let text = "enum E {A = 0xffffffff};\nstruct S {char x[A < 0 ? 3 : 5];};";
    c(text, "x", &[(MSVC, 3, 0), (X86_64, 5, 0)]);
}

#[test]
fn aligned_enums_are_ignored_by_gcc() {
    let text = "enum E {A} __attribute__((aligned(8)));\nstruct S {char a; enum E e;};";
    let short = &["arm-none-eabi"][..];
    c(text, "e", &[(&but(&[MSVC, APPLE, short]), 8, 32), (short, 2, 8)]);
}

#[test]
fn tail_padding_of_no_pod_is_used_again() {
    let others = but(&[MSVC]);
    let text = "struct B {B(); int i; char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(&others, 8, 40), (MSVC, 12, 64)]);
    let text = "struct B {int i = 0; char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(&others, 8, 40), (MSVC, 12, 64)]);
    let text = "struct B {int i; private: char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(&others, 8, 40), (MSVC, 12, 64)]);
}

#[test]
fn tail_padding_of_private_and_defaulted_classes() {
    let gcc = but(&[MSVC, APPLE]);
    let arm64 = &["aarch64-apple-darwin"][..];
    let text = "class B {int i; char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(&gcc, 8, 40), (arm64, 12, 64), (MSVC, 12, 64)]);
    let text = "struct B {B() = default; int i; char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(X86_64, 8, 40), (MINGW, 8, 40)]);
    let text = "struct B {B(const B &) = delete; int i; char c;}; struct S : B {char d;};";
    cxx(text, "d", &[(X86_64, 8, 40), (MINGW, 8, 40), (APPLE, 8, 40)]);
}

#[test]
fn empty_bases_of_one_type_do_not_share_an_address() {
    let others = but(&[MSVC]);
    let text = "struct E {}; struct F {}; struct S : E, F {int x;};";
    cxx(text, "x", &[(&others, 4, 0), (MSVC, 8, 32)]);
    let text = "struct E {}; struct S : E {E e;};";
    cxx(text, "e", &[(&others, 2, 8), (MSVC, 1, 0)]);
}

#[test]
fn alignas_of_a_base_pads_it_but_on_msvc() {
    let text = "struct alignas(16) A {int a;}; struct S : A {int b;};";
    cxx(text, "b", &[(&but(&[MSVC]), 32, 128), (MSVC, 16, 32)]);
}

#[test]
fn empty_structs() {
    let text = "struct E {};\nstruct S {struct E e; char c;};";
    c(text, "c", &[(&but(&[MSVC]), 1, 0), (MSVC, 5, 32)]);
    cxx("struct E {}; struct S {E e; char c;};", "c", &[(&but(&[]), 2, 8)]);
}

#[test]
fn data_begins_inside_the_tail_padding() {
    let text = "struct S {int a[4]; short b; char data[0];};";
    c(text, "data", &[(X86_64, 20, 144)]);
}

#[test]
fn typedef_of_an_array_aligned_to_eight_on_arm() {
    let text = "typedef int T[2] __attribute__((aligned(8)));\nstruct S {char a; T b;};";
    c(text, "b", &[(&["arm-unknown-linux-gnueabihf"], 16, 64), (X86_64, 16, 64)]);
}

#[test]
fn virtio_blk_outhdr_has_sixteen_bytes() {
    let text = "struct S {uint32_t type; uint32_t ioprio; uint64_t sector;};";
    c(text, "sector", &[(I686, 16, 64), (X86_64, 16, 64)]);
}

//! Headers as texts, against facts that do not come from this crate: the C and C++ standards, gcc's
//! documentation, and offsets that compilers gave.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use cwire_layout::abi::Abi;
use cwire_layout::types::{Type, Types};

use crate::{Files, Header, HeaderError, HeaderErrorKind, Lang, Options};

/// Files in memory.
struct Texts(HashMap<PathBuf, String>);

impl Files for Texts {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }
}

fn read_with(files: &[(&str, &str)], abi: Abi, lang: Option<Lang>) -> Result<Header, HeaderError> {
    let texts = files.iter().map(|&(name, text)| (PathBuf::from(name), text.to_owned()));
    let mut options = Options::new(abi);
    options.lang = lang;
    let (main, _) = files[0];
    crate::read(&Texts(texts.collect()), Path::new(main), &options)
}

fn read(text: &str, abi: Abi, lang: Lang) -> Header {
    read_with(&[("test.h", text)], abi, Some(lang)).unwrap_or_else(|error| panic!("{error}"))
}

fn c(text: &str) -> Header {
    read(text, Abi::X86_64_LINUX, Lang::C)
}

fn cxx(text: &str) -> Header {
    read(text, Abi::X86_64_LINUX, Lang::Cxx)
}

/// Size and alignment of a type by its name.
fn size(types: &Types, name: &str) -> (u64, u64) {
    let ty = types.find(name).unwrap_or_else(|| panic!("`{name}` is not known"));
    let layout = types.layout_of(ty).unwrap();
    (layout.size, layout.align)
}

/// Offset of a field in bits.
fn offset(types: &Types, name: &str, field: &str) -> u64 {
    let ty = types.strip(types.find(name).unwrap());
    let Type::Record(id) = *types.get(ty) else { panic!("`{name}` is a record") };
    let fields = types.fields(id);
    fields.iter().find(|found| found.name == field).unwrap().place.offset_bits
}

fn refused(header: &Header) -> Vec<(&str, &str)> {
    header.types.refused().iter().map(|refused| (&*refused.name, refused.reason.as_str())).collect()
}

#[test]
fn what_cannot_be_laid_out_stops_nothing_else() {
    let header = c("struct bad { unknown_t x; };\nstruct holds { int a; struct bad b; };\n\
                    struct after { struct bad *p; int n; };\nstruct never *q;\nstruct vla { int n[x]; };");
    assert_eq!(
        refused(&header),
        [
            ("bad", "unknown type name `unknown_t`"),
            ("holds", "member `b` needs the size of `struct bad`, which cannot be laid out"),
            ("vla", "`x` is not declared"),
        ]
    );
    assert_eq!(size(&header.types, "after"), (16, 8));
    assert_eq!(header.types.refused()[1].origin.as_ref().unwrap().line, 2);
}

#[test]
fn a_reason_names_its_line_where_it_is_not_the_first() {
    let header = c("struct s {\n  int a;\n  float b : 3;\n};");
    assert_eq!(
        refused(&header),
        [("s", "needs an integer type for a bit-field, found `float`, at line 3")]
    );
}

#[test]
fn constraints_on_members_are_checked() {
    for (text, reason) in [
        ("struct s { int a : 33; };", "needs a width of at most 32 bits, found 33"),
        ("struct s { int a : 1 - 2; };", "needs a bit-field width of at least 0, found -1"),
        ("struct s { char a[2 - 3]; };", "needs an array size of at least 0, found -1"),
        ("struct s { char a[]; int b; };", "needs the flexible array `a` to be the last member"),
        ("struct s { int a; char a; };", "member `a` is declared twice"),
        ("struct s { int f(void); };", "needs a type with a size, member `f` is a function"),
        ("struct s { void v; };", "member `v` needs the size of `void`, which has none"),
        (
            "struct s { int a __attribute__((aligned(3))); };",
            "an alignment is a power of two, not 3",
        ),
        (
            "struct s { struct s t; };",
            "member `t` needs the size of `struct s`, which is declared but not defined",
        ),
        ("struct s { int a[1 / 0]; };", "division by zero is not a constant expression"),
        (
            "struct s { int a[0x7fffffff + 1]; };",
            "needs a constant that fits `int`, this one overflows",
        ),
        ("struct s { int a[1 << 32]; };", "needs a shift by 0 to 31 bits, found 32"),
        (
            "struct __attribute__((scalar_storage_order(\"big-endian\"))) s { int a; };",
            "needs members in the ABI's byte order, found `scalar_storage_order(\"big-endian\")`",
        ),
    ] {
        let header = c(text);
        let found = refused(&header);
        assert!(
            matches!(found.as_slice(), [("s", found)] if *found == reason),
            "{text}\n{found:?}"
        );
    }
}

#[test]
fn a_failing_static_assert_refuses_the_header() {
    let text = "struct s { long a; };\n_Static_assert(sizeof(struct s) == 8, \"for 64 bits\");";
    assert!(read_with(&[("a.h", text)], Abi::X86_64_LINUX, None).is_ok());
    let error = read_with(&[("a.h", text)], Abi::I686_LINUX, None).unwrap_err();
    assert_eq!(error.kind(), HeaderErrorKind::StaticAssert);
    assert_eq!(error.line(), 2);
    assert!(error.message().ends_with("for 64 bits"), "{error}");
    // What cannot be evaluated asserts nothing.
    c("int f(int); _Static_assert(f(1), \"\");");
}

#[test]
fn fixed_width_names_are_known_without_an_include() {
    let header = c("struct p { uint32_t a; u_int16_t b; __be16 c; size_t d; uint8_t e[3]; };");
    assert_eq!(size(&header.types, "p"), (24, 8));
    // A real typedef takes the place of a known one.
    let header = c("typedef char uint32_t; struct p { uint32_t a; };");
    assert_eq!(size(&header.types, "p"), (1, 1));
}

#[test]
fn assertions_in_bounds_hold_or_refuse() {
    let assert = "#define OFP_ASSERT(e) \\\n extern int (*build_assert(void))[sizeof(struct { unsigned int f : (e) ? 1 : -1; })]\n";
    let text = format!(
        "{assert}struct ofp_header {{ uint8_t v, t; uint16_t l; uint32_t x; }};\nOFP_ASSERT(sizeof(struct ofp_header) == 8);\nOFP_ASSERT(sizeof(struct ofp_header) == 9);"
    );
    let header = c(&text);
    assert_eq!(size(&header.types, "ofp_header"), (8, 4));
}

#[test]
fn pack_reaches_across_files() {
    let files = [
        (
            "main.h",
            "#include \"pshpack2.h\"\nstruct a { char c; int i; };\n#include \"poppack.h\"\nstruct b { char c; int i; };",
        ),
        ("pshpack2.h", "#pragma pack(push, 2)\n"),
        ("poppack.h", "#pragma pack(pop)\n"),
    ];
    for abi in [Abi::X86_64_LINUX, Abi::X86_64_WINDOWS] {
        let header = read_with(&files, abi, Some(Lang::C)).unwrap();
        assert_eq!(size(&header.types, "a"), (6, 2));
        assert_eq!(size(&header.types, "b"), (8, 4));
    }
}

#[test]
fn macros_of_kernel_headers_make_members() {
    let header = c("
        typedef unsigned long long __aligned_u64 __attribute__((aligned(8)));
        #define __struct_group(TAG, NAME, ATTRS, MEMBERS...) \\
            union { struct { MEMBERS } ATTRS; struct TAG { MEMBERS } ATTRS NAME; } ATTRS
        #define __DECLARE_FLEX_ARRAY(TYPE, NAME) struct { struct { } __empty_ ## NAME; TYPE NAME[]; }
        struct message {
            __u8 kind;
            __struct_group(message_head, head, __attribute__((packed)), __u8 a; __u32 b;);
            __aligned_u64 c;
            union { __DECLARE_FLEX_ARRAY(__u8, bytes); __DECLARE_FLEX_ARRAY(__u32, words); };
        };");
    assert_eq!(size(&header.types, "message"), (16, 8));
    assert_eq!(size(&header.types, "message_head"), (5, 1));
    assert_eq!(offset(&header.types, "message", "b"), 16);
    assert_eq!(offset(&header.types, "message", "words"), 128);
    // `unsigned long long` alone would be at 4 on i386.
    let text =
        "typedef unsigned long long u64 __attribute__((aligned(8))); struct s { int a; u64 b; };";
    assert_eq!(offset(&read(text, Abi::I686_LINUX, Lang::C).types, "s", "b"), 64);
}

#[test]
fn byte_order_takes_its_own_branch() {
    let text = "
        #include <endian.h>
        struct iphdr {
        #if __BYTE_ORDER == __LITTLE_ENDIAN
            unsigned int ihl:4; unsigned int version:4;
        #elif __BYTE_ORDER == __BIG_ENDIAN
            unsigned int version:4; unsigned int ihl:4;
        #else
        #error no byte order
        #endif
            uint8_t tos;
        };";
    for (abi, ihl, version) in [(Abi::X86_64_LINUX, 0, 4), (Abi::S390X_LINUX, 4, 0)] {
        let header = read(text, abi, Lang::C);
        assert_eq!(offset(&header.types, "iphdr", "ihl"), ihl);
        assert_eq!(offset(&header.types, "iphdr", "version"), version);
    }
}

#[test]
fn the_data_may_begin_in_the_tail_padding() {
    let header = c("struct m { long long a; long long b; short c; char data[0]; };
                    struct n { int a[4]; short c; char data[0]; };");
    assert_eq!(size(&header.types, "n"), (20, 4));
    assert_eq!(offset(&header.types, "n", "data"), 144);
}

#[test]
fn typedefs_name_the_unnamed() {
    let header = c(
        "typedef struct { int x; } point; typedef enum { UP, DOWN } way; typedef struct { char c; } *only_pointer;",
    );
    let names: Vec<_> =
        header.types.records().iter().map(|&id| &*header.types.record(id).name).collect();
    assert_eq!(names, ["point", ""]);
    assert_eq!(&*header.types.enumeration(header.types.enums()[0]).name, "way");
}

#[test]
fn names_of_cxx_are_qualified() {
    let header = cxx("namespace a { inline namespace v { struct s { struct t { int x; }; enum class e : short { A }; t y; e z; }; } }
                      namespace { struct hidden { a::s::t t; }; }");
    let names: Vec<_> =
        header.types.records().iter().map(|&id| &*header.types.record(id).name).collect();
    assert_eq!(names, ["a::v::s::t", "a::v::s", "hidden"]);
    assert_eq!(size(&header.types, "a::v::s"), (8, 4));
}

#[test]
fn what_cxx_cannot_lay_out_is_refused_with_its_reason() {
    let header = cxx("template <class T> struct g { T t; };
        struct a { g<int> x; }; struct b { virtual ~b(); }; struct c : virtual a { }; struct d : b { };
        struct e { g<int> *p; std::array<short, 3> s; };");
    let names: Vec<_> = refused(&header).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(size(&header.types, "e"), (16, 8));
    assert!(header.types.find("std::array<short, 3>").is_some());
}

#[test]
fn enums_have_the_type_that_holds_their_values() {
    let text = "enum small { A }; enum large { B = 0x100000000ll }; enum negative { C = -1 };
                enum __attribute__((packed)) tiny { D = 200 }; enum above { E = 0xffffffff };";
    for (abi, sizes) in [
        (Abi::X86_64_LINUX, [4, 8, 4, 1, 4]),
        (Abi::X86_64_WINDOWS, [4, 4, 4, 4, 4]),
        (Abi::ARM_NONE_EABI, [1, 8, 1, 1, 4]),
    ] {
        let header = read(text, abi, Lang::C);
        let found =
            ["small", "large", "negative", "tiny", "above"].map(|name| size(&header.types, name).0);
        assert_eq!(found, sizes, "{}", abi.triple());
    }
    // cl.exe keeps `int`.
    assert_eq!(read(text, Abi::X86_64_WINDOWS, Lang::C).constant("E"), Ok(Some(-1)));
    assert_eq!(c(text).constant("E"), Ok(Some(0xffff_ffff)));
}

#[test]
fn constants_are_found_by_name() {
    let mut header = cxx("#define PORT 0x1f90\n#define SCALED(n) ((n) * PORT)\n#define TWICE SCALED(2)\n#define TEXT \"x\"\n#define CAST ((uint8_t)-1)
        namespace n { enum side { BUY = 1, SELL }; enum class k { X = 7 }; constexpr int depth = SELL * 5; }
        static const unsigned limit{3};");
    for (name, value) in [
        ("PORT", 8080),
        ("TWICE", 16160),
        ("n::BUY", 1),
        ("n::side::SELL", 2),
        ("n::k::X", 7),
        ("n::depth", 10),
        ("limit", 3),
        ("CAST", 255),
    ] {
        assert_eq!(header.constant(name), Ok(Some(value)), "{name}");
    }
    assert_eq!(header.constant("nothing"), Ok(None));
    assert_eq!(header.constant("n::k::Y"), Ok(None));
    let error = header.constant("TEXT").unwrap_err();
    assert_eq!(error.message(), "needs a constant expression");
    assert_eq!(header.evaluate("SCALED(n::depth) + sizeof(int)"), Ok(80804));
    let error = header.evaluate("1 + missing").unwrap_err();
    assert_eq!((error.message(), error.column()), ("`missing` is not declared", 5));
}

#[test]
fn the_language_is_chosen_by_name_and_content() {
    let lang =
        |name, text| read_with(&[(name, text)], Abi::X86_64_LINUX, None).map(|header| header.lang);
    assert_eq!(lang("a.h", "struct s { int a; };"), Ok(Lang::C));
    assert_eq!(lang("a.hpp", "struct s { int a; };"), Ok(Lang::Cxx));
    assert_eq!(lang("a.h", "namespace n { struct s { int a; }; }"), Ok(Lang::Cxx));
    assert_eq!(lang("a.h", "struct s { int a; }; struct t { s b; };"), Ok(Lang::Cxx));
    assert_eq!(lang("a.h", "struct s { unknown_t a; };"), Ok(Lang::C));
    // The mistake that is reported is that of the language that got further.
    let error = lang("a.h", "namespace n {\nstruct s { int };\n").unwrap_err();
    assert!(error.line() >= 2, "{error}");
}

#[test]
fn deep_expressions_and_types_end() {
    let deep = format!("struct s {{ char a[{}1{}]; }};", "(".repeat(200), ")".repeat(200));
    assert_eq!(size(&c(&deep).types, "s"), (1, 1));
    let sum = format!("enum {{ SUM = {} }};", vec!["1"; 200].join("+"));
    assert_eq!(c(&sum).constant("SUM"), Ok(Some(200)));
    let chain: String = (0..20_000).map(|n| format!("typedef struct {{ int a; }} t{n};")).collect();
    assert_eq!(c(&chain).types.records().len(), 20_000);
    let pointers = format!("struct s {{ int {}p; }};", "*".repeat(100));
    assert_eq!(size(&c(&pointers).types, "s"), (8, 8));
}

#[test]
fn decimal_floats_are_aligned_as_gcc_does() {
    // `gcc -m64` and `gcc -m32` agree on these; s390x aligns all to at most 8.
    let text = "struct s { char a; _Decimal32 b; char c; _Decimal64 d; char e; _Decimal128 f; };";
    for abi in [Abi::X86_64_LINUX, Abi::I686_LINUX] {
        assert_eq!(size(&read(text, abi, Lang::C).types, "s"), (48, 16));
    }
    assert_eq!(size(&read(text, Abi::S390X_LINUX, Lang::C).types, "s"), (48, 8));
}

#[test]
fn the_size_of_a_bit_precise_type_is_no_construction() {
    // `sizeof` is one of C++'s operators whose operand may be a type (C++20 expr.sizeof p1).
    let header = cxx("struct s { char c[sizeof(_BitInt(33))]; };");
    assert_eq!(size(&header.types, "s"), (8, 1));
}

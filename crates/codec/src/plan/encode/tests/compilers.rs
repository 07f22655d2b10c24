//! The bytes that compilers put into object files.

use std::path::PathBuf;

use cwire_tests::{run, tool};

use super::*;

/// `.data` of a source that is compiled; `None` if there is no such compiler here.
fn data_of(prefix: &str, flags: &[&str], name: &str, source: &str) -> Option<Vec<u8>> {
    let (mut compiler, mut objcopy) =
        (tool(&format!("{prefix}gcc"))?, tool(&format!("{prefix}objcopy"))?);
    let dir = std::env::temp_dir().join(format!("cwire-encode-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = |ending: &str| -> PathBuf { dir.join(format!("{name}.{ending}")) };
    std::fs::write(path("c"), source).unwrap();
    run(compiler.args(flags).arg("-c").arg("-o").arg(path("o")).arg(path("c")));
    run(objcopy.args(["-O", "binary", "-j", ".data"]).arg(path("o")).arg(path("bin")));
    Some(std::fs::read(path("bin")).unwrap())
}

/// Each ABI with the compiler that defines it.
const COMPILERS: [(&str, &str, &[&str], Abi); 10] = [
    ("x86_64", "", &["-m64"], Abi::X86_64_LINUX),
    ("i686", "", &["-m32"], Abi::I686_LINUX),
    ("aarch64", "aarch64-linux-gnu-", &[], Abi::AARCH64_LINUX),
    ("arm", "arm-linux-gnueabihf-", &[], Abi::ARM_LINUX),
    ("riscv64", "riscv64-linux-gnu-", &[], Abi::RISCV64_LINUX),
    ("powerpc", "powerpc-linux-gnu-", &[], Abi::POWERPC_LINUX),
    ("powerpc64", "powerpc64-linux-gnu-", &[], Abi::POWERPC64_LINUX),
    ("powerpc64le", "powerpc64le-linux-gnu-", &[], Abi::POWERPC64LE_LINUX),
    ("mips", "mips-linux-gnu-", &[], Abi::MIPS_LINUX),
    ("s390x", "s390x-linux-gnu-", &[], Abi::S390X_LINUX),
];

const RECORD: &str = r#"
enum side { BUY, SELL = 5 };
struct inner { short x; char y; };
struct R {
    char a; int b; char c[15];
    unsigned f1 : 3; int f2 : 7; unsigned long long f3 : 40; unsigned : 0; signed char f4 : 2;
    float g; double h; long double i; _Bool j; short k[2][3]; enum side l;
    union { int m; char n[8]; } u;
    struct inner o[2];
    void *p; __WCHAR_TYPE__ q[4]; __CHAR16_TYPE__ r[4]; __CHAR32_TYPE__ s; unsigned char t[3];
    long v; unsigned long long w; struct { short x1, x2; }; double _Complex y;
} r = {
    'A', -300, "hello",
    5, -9, 0x123456789aULL, -2,
    1.1f, 0.1, (long double)0.1, 1, {{1, -2, 3}, {4, 5, -6}}, SELL,
    {.n = "\xfe\xff\xff\xffzy"},
    {{1, 'x'}, {-2, 'y'}},
    (void *)0x1234, L"h\u00e9", u"\u20acx", U'\U0001f600', {1, 2, 255},
    -1, 0xffffffffffffffffULL, {-3, 4}, 1.5 - 2.0 * __builtin_complex(0.0, 1.0),
};
"#;

const RECORD_JSON: &str = r#"{"a": "A", "b": -300, "c": "hello",
    "f1": 5, "f2": -9, "f3": 78187493530, "f4": -2,
    "g": 1.1, "h": 0.1, "i": 0.1, "j": true, "k": [[1, -2, 3], [4, 5, -6]], "l": "SELL",
    "u": {"n": {"hex": "fefffffF7a790000"}},
    "o": [{"x": 1, "y": "x"}, {"x": -2, "y": "y"}],
    "p": 4660, "q": "h\u00e9", "r": "€x", "s": "\ud83d\ude00", "t": [1, 2, 255],
    "v": -1, "w": 18446744073709551615, "x1": -3, "x2": 4, "y": [1.5, -2.0]}"#;

fn record(abi: Abi) -> Plan {
    use Basic::{Bool, Char, Char16, Char32, Double, Float, Int, Long, LongDouble, Short, UChar};
    let mut build = Build::new(abi);
    let side = build.side();
    let union = vec![field("m", build.basic(Int)), field("n", build.array(Char, 8))];
    let union = build.record_type(RecordKind::Union, "", union);
    let inner = vec![field("x", build.basic(Short)), field("y", build.basic(Char))];
    let inner = build.record_type(RecordKind::Struct, "inner", inner);
    let inner = build.types.array(inner, Some(2));
    let row = build.array(Short, 3);
    let rows = build.types.array(row, Some(2));
    let void = build.types.intern(Type::Void);
    let pointer = build.types.pointer(void);
    let pair = vec![field("x1", build.basic(Short)), field("x2", build.basic(Short))];
    let pair = build.record_type(RecordKind::Struct, "", pair);
    let complex = build.types.intern(Type::Complex(Double));
    let uint = build.basic(Basic::UInt);
    let members = vec![
        field("a", build.basic(Char)),
        field("b", build.basic(Int)),
        field("c", build.array(Char, 15)),
        bits("f1", uint, 3),
        bits("f2", build.basic(Int), 7),
        bits("f3", build.basic(Basic::ULongLong), 40),
        bits("", uint, 0),
        bits("f4", build.basic(Basic::SChar), 2),
        field("g", build.basic(Float)),
        field("h", build.basic(Double)),
        field("i", build.basic(LongDouble)),
        field("j", build.basic(Bool)),
        field("k", rows),
        field("l", side),
        field("u", union),
        field("o", inner),
        field("p", pointer),
        field("q", build.array(Basic::WChar, 4)),
        field("r", build.array(Char16, 4)),
        field("s", build.basic(Char32)),
        field("t", build.array(UChar, 3)),
        field("v", build.basic(Long)),
        field("w", build.basic(Basic::ULongLong)),
        field("", pair),
        field("y", complex),
    ];
    let id = build.record(RecordKind::Struct, "R", members);
    build.plan(id)
}

#[test]
fn every_kind_has_the_bytes_of_each_compiler() {
    for (name, prefix, flags, abi) in COMPILERS {
        let Some(mut bytes) = data_of(prefix, flags, &format!("record-{name}"), RECORD) else {
            continue;
        };
        let plan = record(abi);
        assert!(bytes.len() >= plan.size(), "{name}: {} {}", bytes.len(), plan.size());
        bytes.truncate(plan.size());
        assert_eq!(encoded(&plan, RECORD_JSON), bytes, "{name}");
    }
}

const FLOATS: &str = "struct R { float a[8]; double b[7]; long double c[8]; } r = {
    {0.1f, -0.0f, 1e-45f, 3.4028234663852886e38f, 16777217, 1.17549421e-38f, __builtin_inff(), 8388608.5f},
    {0.1, -0.0, 5e-324, 1.7976931348623157e308, 9007199254740993, 2.2250738585072011e-308, -__builtin_inf()},
    {(double)0.1, -0.0, (double)5e-324, 1.7976931348623157e308, -1, 3, (double)2.2250738585072011e-308, __builtin_inf()},
};";

const FLOATS_JSON: &str = r#"{
    "a": [0.1, -0.0, 1e-45, 3.4028234663852886e38, 16777217, 1.17549421e-38, "Infinity", 8388608.5],
    "b": [0.1, -0.0, 5e-324, 1.7976931348623157e308, 9007199254740993, 2.2250738585072011e-308,
          "-Infinity"],
    "c": [0.1, -0, 5e-324, 1.7976931348623157e308, -1, 3, 2.2250738585072011e-308, "Infinity"]}"#;

#[test]
fn floats_have_the_bytes_of_each_compiler() {
    for (name, prefix, flags, abi) in COMPILERS {
        let Some(mut bytes) = data_of(prefix, flags, &format!("floats-{name}"), FLOATS) else {
            continue;
        };
        let mut build = Build::new(abi);
        let members = vec![
            field("a", build.array(Basic::Float, 8)),
            field("b", build.array(Basic::Double, 7)),
            field("c", build.array(Basic::LongDouble, 8)),
        ];
        let id = build.record(RecordKind::Struct, "R", members);
        let plan = build.plan(id);
        bytes.truncate(plan.size());
        let found = encoded(&plan, FLOATS_JSON);
        assert_eq!(found, bytes, "{name}");
    }
}

#[test]
fn half_precision_is_rounded_as_gcc_does() {
    let source =
        "_Float16 a[] = {0.1, 65504, 6e-8, -2, 1.00048828125, 1.00146484375, 5.9e-8, 65519};";
    let Some(mut bytes) = data_of("", &["-m64"], "half", source) else { return };
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members = vec![field("a", build.array(Basic::Float16, 8))];
    let id = build.record(RecordKind::Struct, "R", members);
    let json = r#"{"a": [0.1, 65504, 6e-8, -2, 1.00048828125, 1.00146484375, 5.9e-8, 65519]}"#;
    bytes.truncate(16);
    assert_eq!(encoded(&build.plan(id), json), bytes);
}

/// A program that fills what the compiler's initializers cannot say.
#[test]
fn integers_of_128_bits_are_those_of_gcc() {
    let source = "__int128 a[] = {((__int128)-1 << 127), ((__int128)0x0123456789abcdef << 64) | 7};
                  unsigned __int128 b = ~(unsigned __int128)0;";
    let Some(mut bytes) = data_of("", &["-m64"], "wide", source) else { return };
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members =
        vec![field("a", build.array(Basic::Int128, 2)), field("b", build.basic(Basic::UInt128))];
    let id = build.record(RecordKind::Struct, "R", members);
    let json = r#"{"a": [-170141183460469231731687303715884105728, 1512366075204170928967596825190072327],
                   "b": 340282366920938463463374607431768211455}"#;
    bytes.truncate(48);
    assert_eq!(encoded(&build.plan(id), json), bytes);
}

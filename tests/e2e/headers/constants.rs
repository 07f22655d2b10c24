//! Constant expressions have the values and types that compilers give them.

use std::fmt::Write as _;

use cwire_header::{Lang, Options};
use cwire_layout::abi::Abi;
use cwire_tests::{run, tool};
use object::{Endian as _, Object as _, ObjectSection as _, ObjectSymbol as _};

/// What both sides declare first.
const DECLARATIONS: &str = "
typedef unsigned char u8;
typedef __UINT32_TYPE__ u32;
struct point { short x; short y; };
struct frame {
    char kind; unsigned width : 3; unsigned long long wide : 40; int big : 31;
    struct point corners[4]; union { int number; char bytes[12]; }; char rest[];
};
enum side { BUY = 1, SELL = 2, LAST = SELL + 40 };
enum large { LARGE = 0x100000000ll, LESS = -1 };
enum flags { HIGH = 0x80000000u };
static const char name[] = \"hello\";
extern struct frame frames[7];
extern double ratio;
int count(struct point *p, unsigned long n);
";

/// Expressions that are constants in C and in C++.
const COMMON: &[&str] = &[
    "1 + 2 * 3 - 4",
    "7 / 2",
    "-7 / 2",
    "-7 % 3",
    "7 % -3",
    "1 << 31",
    "-1 << 3",
    "-8 >> 1",
    "0x80000000 >> 31",
    "1u << 31",
    "~0",
    "~0u",
    "~0ul",
    "~(u8)0",
    "!5",
    "!0",
    "-1 < 0u",
    "-1 < (unsigned char)1",
    "-1 > 0ul",
    "0x7fffffff",
    "0x80000000",
    "0xffffffff",
    "2147483648",
    "4294967296",
    "0x100000000",
    "0x8000000000000000",
    "9223372036854775807",
    "18446744073709551615u",
    "017777777777",
    "0b1011",
    "1ull << 63",
    "10ul",
    "10ll",
    "1lu",
    "1 ? 2 : 3",
    "0 ? 1 : 2u",
    "1 ? -1 : 0u",
    "1 ? (char)1 : (short)2",
    "0 ? 1.5 : 2",
    "1 || 1 / 0",
    "0 && 1 / 0",
    "1 ? 5 : 1 / 0",
    "2 > 1",
    "2 == 2.0",
    "1.5 < 2",
    "(int)3.99",
    "(int)-3.99",
    "(unsigned char)300",
    "(signed char)200",
    "(char)200",
    "(char)200 < 0",
    "(_Bool)42",
    "(long long)-1",
    "(unsigned long)-1",
    "(u32)-1",
    "(short)40000",
    "'a'",
    "'\\377'",
    "'\\n'",
    "'\\x41'",
    "'\\0'",
    "L'a'",
    "u'a'",
    "U'a'",
    "sizeof(int)",
    "sizeof(long)",
    "sizeof(void *)",
    "sizeof(long double)",
    "sizeof(struct frame)",
    "sizeof(struct point)",
    "sizeof \"hello\"",
    "sizeof(\"a\" \"bc\")",
    "sizeof(L\"ab\")",
    "sizeof name",
    "sizeof frames",
    "sizeof(frames) / sizeof(frames[0])",
    "sizeof frames[0].corners",
    "sizeof(frames->corners[0].x)",
    "sizeof ratio",
    "sizeof(ratio + 1)",
    "sizeof(count(0, 0))",
    "sizeof(((struct frame *)0)->corners)",
    "sizeof(char[3][5])",
    "sizeof(int (*)[5])",
    "sizeof(int *[5])",
    "sizeof(BUY)",
    "sizeof(enum side)",
    "sizeof(enum large)",
    "sizeof(LARGE)",
    "sizeof(HIGH)",
    "sizeof(enum flags)",
    "sizeof('a')",
    "sizeof(1 == 1)",
    "sizeof(+(char)1)",
    "sizeof((char)1 + (char)1)",
    "sizeof((char)1)",
    "sizeof(1 ? 'a' : 1.0)",
    "sizeof(1 ? 1 : 1ll)",
    "sizeof(1u + 1l)",
    "sizeof(1.0f)",
    "sizeof(1.0f + 1)",
    "sizeof(1.0l)",
    "sizeof(1.0f * 2.0)",
    "sizeof(&frames)",
    "sizeof(*frames)",
    "sizeof(*&frames)",
    "sizeof(!1.0)",
    "sizeof((short)1 << 1ll)",
    "sizeof(frames[0].width + 1)",
    "sizeof(frames[0].big + 1)",
    "sizeof(0x7fffffff)",
    "sizeof(0xffffffff)",
    "sizeof(4294967295)",
    "sizeof(2147483648)",
    "sizeof(0x100000000)",
    "sizeof(-2147483648)",
    "sizeof(sizeof(int))",
    "sizeof(&frames[1] - &frames[0])",
    "sizeof(__builtin_offsetof(struct frame, kind))",
    "_Alignof(double)",
    "_Alignof(long long)",
    "__alignof__(double)",
    "__alignof__(long long)",
    "_Alignof(struct frame)",
    "__alignof__(struct frame)",
    "__alignof__(((struct frame *)0)->corners)",
    "__builtin_offsetof(struct frame, corners)",
    "__builtin_offsetof(struct frame, corners[2].y)",
    "__builtin_offsetof(struct frame, bytes[3])",
    "__builtin_offsetof(struct frame, rest)",
    "__builtin_offsetof(struct frame, rest[9])",
    "(unsigned long)&((struct frame *)0)->corners",
    "(unsigned long)&((struct frame *)0)->corners[1]",
    "(unsigned long)(((struct frame *)0)->bytes + 2)",
    "(unsigned long)&((struct frame *)0x1000)->number",
    "(long)((char *)&((struct frame *)0)->rest - (char *)0)",
    "(long)(&((int *)0)[5])",
    "BUY | SELL",
    "LAST",
    "LAST * 2 - BUY",
    "LARGE >> 30",
    "LESS",
    "HIGH",
    "HIGH > 0",
    "__builtin_bswap16(0x1234)",
    "__builtin_bswap32(0x12345678)",
    "__builtin_bswap64(0x123456789abcdef0ull)",
    "__builtin_expect(7, 0)",
    "__builtin_constant_p(3)",
    "__builtin_popcount(0xff0)",
    "__builtin_ctz(8)",
    "__builtin_clz(1)",
    "__builtin_ffs(0)",
    "__builtin_clzll(1)",
    "__builtin_types_compatible_p(int, const int)",
    "(1 ? 1u : -1) > 0",
    "((u8)250 + (u8)10)",
    "(u8)((u8)250 + (u8)10)",
    "0xffu == -1u >> 24",
    "3 - 5u > 0",
    "(int)(3 - 5u)",
    "5 & 3 ^ 6 | 8",
    "1 + 1 << 2",
    "1 < 2 < 3",
    "2 < 1 == 0",
    "-(-2147483647 - 1ll)",
    "(unsigned short)-1 * 2",
    "sizeof(int) * -1 > 0",
    "(int)sizeof(int) * -1",
    "0x1p4 == 16",
    "(long long)1e15",
    ".5 * 4 == 2",
    "1e3f == 1000",
];

/// What only C has.
const C: &[&str] = &[
    "_Generic(1, int: 10, long: 20, default: 30)",
    "_Generic(1u, int: 10, default: 30)",
    "_Generic('a', char: 1, int: 2)",
    "_Generic(ratio, float: 1, double: 2)",
    "_Generic(&frames[0], struct frame *: 5, default: 6)",
    "_Generic(\"x\", char *: 7, default: 8)",
    "_Generic((u8)1, unsigned char: 1, default: 2)",
    "_Generic(BUY, int: 1, unsigned: 2)",
    "_Generic((enum side)1, int: 1, unsigned: 2)",
    "_Generic((short)1 + (short)1, short: 1, int: 2)",
    "_Generic(1l, long: 1, long long: 2)",
    "_Generic(sizeof 1, unsigned: 1, unsigned long: 2, default: 3)",
    "__builtin_choose_expr(1, 4, 1 / 0)",
    "__builtin_choose_expr(0, 4, 5ll)",
    "sizeof(__builtin_choose_expr(0, 4, 5ll))",
    "sizeof(struct { char a; int b; })",
    "sizeof(void)",
    "sizeof(__typeof__(frames))",
    "sizeof(__typeof__(1 + 1ll))",
    "sizeof(union { char c; double d; })",
    "sizeof(enum { ONLY_HERE })",
    "__builtin_types_compatible_p(__typeof__(frames[0]), struct frame)",
    "1 ?: 1 / 0",
    "0 ?: 9",
    "sizeof((char *)0 == 0)",
];

/// What only C++ has.
const CXX: &[&str] = &[
    "true",
    "sizeof(true)",
    "true + true",
    "alignof(int)",
    "static_cast<unsigned char>(300)",
    "int(3.5)",
    "u8(257)",
    "int{3}",
    "sizeof(frame::corners)",
    "sizeof(point)",
    "side::SELL",
    "sizeof(1 < 2)",
    "(int)nullptr_is_zero",
    "limit * 2",
    "sizeof(limit)",
    "inner::depth + 1",
    "inner::E::B == inner::E::B",
    "(int)inner::E::B",
    "holder::size * 2",
    "sizeof(decltype(limit))",
    "sizeof(char16_t)",
    "sizeof(wchar_t)",
    "sizeof(holder::part)",
    "holder::K",
    "unsigned{7} - 8 > 0",
];

const CXX_DECLARATIONS: &str = "
constexpr int nullptr_is_zero = 0;
static const long long limit = 1 << 20;
namespace inner { constexpr unsigned depth{4}; enum class E : u8 { A, B = 9 }; }
struct holder { static constexpr int size = sizeof(point) * 3; enum { K = size + 1 }; struct part { char c[K]; }; int a; char b[sizeof(a)]; };
";

/// Values that a compiler gives expressions; `None`: it is not installed.
fn ask(
    compiler: &str,
    flags: &[&str],
    declarations: &str,
    expressions: &[&str],
    extension: &str,
) -> Option<Vec<i64>> {
    let mut command = tool(compiler)?;
    let folder = std::env::temp_dir().join(format!(
        "cwire-constants-{}-{compiler}-{}",
        std::process::id(),
        flags.concat()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, object) = (folder.join(format!("probe.{extension}")), folder.join("probe.o"));
    let mut text = format!(
        "{declarations}\nextern const long long values[];\nconst long long values[] = {{\n"
    );
    for expression in expressions {
        writeln!(text, "(long long)({expression}),").unwrap();
    }
    text.push_str("};\n");
    if extension == "cc" {
        text = text
            .replace("extern const long long", "extern \"C\" const long long")
            .replace("_Alignof", "alignof")
            .replace("_Bool", "bool")
            .replace("u8 ratio", "u8");
    }
    std::fs::write(&source, text).unwrap();
    run(command.args(flags).args(["-w", "-c", "-o"]).arg(&object).arg(&source));
    let bytes = std::fs::read(&object).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let symbol = file
        .symbols()
        .find(|symbol| matches!(symbol.name(), Ok("values" | "_values")))
        .expect("it is defined");
    let section = file.section_by_index(symbol.section_index().unwrap()).unwrap();
    let start = usize::try_from(symbol.address() - section.address()).unwrap();
    let data = section.data().unwrap();
    let little =
        if file.is_little_endian() { object::Endianness::Little } else { object::Endianness::Big };
    let values = data[start..].chunks_exact(8).take(expressions.len());
    let values = values.map(|chunk| little.read_i64_bytes(chunk.try_into().unwrap())).collect();
    std::fs::remove_dir_all(&folder).unwrap();
    Some(values)
}

/// Compares our values with a compiler's.
fn compare(compiler: &str, flags: &[&str], abi: Abi, lang: Lang) {
    let mut expressions = COMMON.to_vec();
    let mut declarations = DECLARATIONS.to_owned();
    if lang == Lang::C {
        expressions.extend(C);
    } else {
        expressions.extend(CXX);
        // Flexible arrays in the middle of nothing, and C's keywords, are no C++.
        declarations.push_str(CXX_DECLARATIONS);
        // `offsetof` of C++ wants constants, and a cast of a null pointer is none there.
        expressions.retain(|expression| {
            !expression.contains("&((")
                && !expression.contains("(long)")
                && !expression.contains("(unsigned long)(")
                && !expression.contains("types_compatible")
        });
    }
    let extension = if lang == Lang::C { "c" } else { "cc" };
    let Some(theirs) = ask(compiler, flags, &declarations, &expressions, extension) else { return };
    let mut text = declarations;
    for (index, expression) in expressions.iter().enumerate() {
        writeln!(text, "#define VALUE_{index} (long long)({expression})").unwrap();
    }
    if lang == Lang::Cxx {
        text = text.replace("_Alignof", "alignof").replace("_Bool", "bool");
    }
    let path = std::env::temp_dir().join(format!(
        "cwire-constants-{}-{}-{extension}.h",
        std::process::id(),
        abi.triple()
    ));
    std::fs::write(&path, text).unwrap();
    let mut options = Options::new(abi);
    options.lang = Some(lang);
    let mut header = cwire_header::read_file(&path, &options).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut wrong = String::new();
    for (index, (expression, theirs)) in expressions.iter().zip(theirs).enumerate() {
        match header.constant(&format!("VALUE_{index}")) {
            // The compiler's answer is cut off to 64 bits.
            Ok(Some(ours)) if ours as i64 == theirs => {}
            other => writeln!(wrong, "{expression}: {other:?}, {compiler} says {theirs}").unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{} {lang:?}\n{wrong}", abi.triple());
}

#[test]
fn constants_equal_gcc_on_x86_64() {
    compare("gcc", &["-m64"], Abi::X86_64_LINUX, Lang::C);
    compare("g++", &["-m64"], Abi::X86_64_LINUX, Lang::Cxx);
}

#[test]
fn constants_equal_gcc_on_i686() {
    compare("gcc", &["-m32"], Abi::I686_LINUX, Lang::C);
    compare("g++", &["-m32"], Abi::I686_LINUX, Lang::Cxx);
}

#[test]
fn constants_equal_the_compilers_of_other_abis() {
    for (prefix, abi) in [
        ("aarch64-linux-gnu", Abi::AARCH64_LINUX),
        ("arm-linux-gnueabihf", Abi::ARM_LINUX),
        ("riscv64-linux-gnu", Abi::RISCV64_LINUX),
        ("powerpc-linux-gnu", Abi::POWERPC_LINUX),
        ("powerpc64-linux-gnu", Abi::POWERPC64_LINUX),
        ("powerpc64le-linux-gnu", Abi::POWERPC64LE_LINUX),
        ("s390x-linux-gnu", Abi::S390X_LINUX),
        ("mips-linux-gnu", Abi::MIPS_LINUX),
        ("x86_64-w64-mingw32", Abi::X86_64_WINDOWS_GNU),
        ("i686-w64-mingw32", Abi::I686_WINDOWS_GNU),
    ] {
        compare(&format!("{prefix}-gcc"), &[], abi, Lang::C);
        compare(&format!("{prefix}-g++"), &[], abi, Lang::Cxx);
    }
}

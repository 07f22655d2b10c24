//! Macros that an ABI's compiler defines by itself, so that a header's own `#if` takes the branch
//! that it takes there: those of gcc 12 (Linux, bare-metal ARM, MinGW), of clang (Apple), and of
//! cl.exe (MSVC; Microsoft documentation, "Predefined macros").
//!
//! What follows from the sizes of the ABI is computed from them. Left out are limits of `float`,
//! flags of instruction sets, and what else no declaration depends on; the test
//! `predefined_macros_are_those_of_the_compilers` lists it all.

use std::fmt::Write;

use cwire_layout::abi::{Abi, Endian, EnumRule, Scalar};

use crate::Lang;
use crate::token::{Symbol, kw};

/// The compiler whose rules an ABI follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compiler {
    Gcc,
    MinGw,
    Msvc,
    AppleClang,
}

impl Compiler {
    pub(super) fn of(abi: &Abi) -> Self {
        let triple = abi.triple();
        if triple.ends_with("-msvc") {
            Self::Msvc
        } else if triple.contains("-windows-") {
            Self::MinGw
        } else if triple.contains("-apple-") {
            Self::AppleClang
        } else {
            Self::Gcc
        }
    }

    pub(super) fn is_windows(self) -> bool {
        matches!(self, Self::Msvc | Self::MinGw)
    }
}

/// An integer type as macros spell it.
#[derive(Clone, Copy)]
struct Integer {
    signed: &'static str,
    unsigned: &'static str,
    bits: u64,
    suffix: &'static str,
}

impl Integer {
    /// The largest value, and the constant's suffix with it.
    fn max(self, signed: bool) -> String {
        let digits = usize::try_from(self.bits / 4).unwrap_or(16);
        // Types below `int` are promoted to it: no suffix makes them unsigned (C11 7.20.2p2).
        let u = if !signed && self.bits >= 32 { "U" } else { "" };
        let (first, suffix) = (if signed { "7" } else { "f" }, self.suffix);
        format!("0x{first}{}{u}{suffix}", "f".repeat(digits - 1))
    }
}

/// The types that one ABI gives the names of `<stdint.h>` and `<stddef.h>`.
struct Types {
    char: Integer,
    short: Integer,
    int: Integer,
    long: Integer,
    long_long: Integer,
    int32: Integer,
    int64: Integer,
    max: Integer,
    pointer: Integer,
    size: Integer,
    fast: [Integer; 4],
    wide: Integer,
    wide_is_signed: bool,
    wide_int: Integer,
    wide_int_is_signed: bool,
    char32: Integer,
}

impl Types {
    fn of(abi: &Abi) -> Self {
        let integer = |signed, unsigned, bits, suffix| Integer { signed, unsigned, bits, suffix };
        let char = integer("signed char", "unsigned char", 8, "");
        let short = integer("short int", "short unsigned int", 16, "");
        let int = integer("int", "unsigned int", 32, "");
        let long_bits = abi.scalar(Scalar::Long).size * 8;
        let long = integer("long int", "long unsigned int", long_bits, "L");
        let long_long = integer("long long int", "long long unsigned int", 64, "LL");

        let compiler = Compiler::of(abi);
        let apple = compiler == Compiler::AppleClang;
        let bare_arm = is_bare_arm(abi);
        let max = if long_bits == 64 { long } else { long_long };
        let int64 = if apple { long_long } else { max };
        let int32 = if bare_arm { long } else { int };
        let pointer = match (abi.pointer_size(), long_bits) {
            (8, 64) => long,
            (8, _) => long_long,
            _ => int,
        };
        let linux64 = compiler == Compiler::Gcc && long_bits == 64;
        let fast = match compiler {
            Compiler::Gcc if bare_arm => [int, int, int, int64],
            Compiler::Gcc if linux64 => [char, long, long, int64],
            Compiler::Gcc => [char, int, int, int64],
            _ => [char, short, int, int64],
        };
        let (wide, wide_is_signed) = match (abi.scalar(Scalar::WChar).size, arch(abi)) {
            (2, _) => (short, false),
            (_, "aarch64" | "arm") if !apple => (int, false),
            (_, "i686" | "powerpc") => (long, true),
            _ => (int, true),
        };
        let wide_int = if compiler.is_windows() { short } else { int };
        Self {
            char,
            short,
            int,
            long,
            long_long,
            int32,
            int64,
            max,
            pointer,
            size: pointer,
            fast,
            wide,
            wide_is_signed,
            wide_int,
            wide_int_is_signed: apple,
            char32: int32,
        }
    }
}

/// The first part of the triple.
fn arch(abi: &Abi) -> &'static str {
    abi.triple().split('-').next().unwrap_or("")
}

fn is_bare_arm(abi: &Abi) -> bool {
    abi.triple() == "arm-none-eabi"
}

fn is_linux(abi: &Abi) -> bool {
    abi.triple().contains("-linux-")
}

/// Whether `wchar_t` is signed, and its bits.
pub(super) fn wide(abi: &Abi) -> (bool, u64) {
    let types = Types::of(abi);
    (types.wide_is_signed, types.wide.bits)
}

/// Macros that are computed where they are used, and operators of `#if`.
pub(super) fn dynamic(abi: &Abi, lang: Lang) -> Vec<Symbol> {
    let mut names = vec![
        kw::LINE_MACRO,
        kw::FILE_MACRO,
        kw::COUNTER_MACRO,
        kw::DATE_MACRO,
        kw::TIME_MACRO,
        kw::TIMESTAMP_MACRO,
        kw::HAS_INCLUDE,
    ];
    let compiler = Compiler::of(abi);
    if compiler == Compiler::Msvc {
        if lang == Lang::Cxx {
            names.push(kw::HAS_CPP_ATTRIBUTE);
        }
        return names;
    }
    names.extend([
        kw::FILE_NAME_MACRO,
        kw::BASE_FILE_MACRO,
        kw::INCLUDE_LEVEL_MACRO,
        kw::HAS_INCLUDE_NEXT,
        kw::HAS_ATTRIBUTE,
        kw::HAS_BUILTIN,
    ]);
    if compiler == Compiler::AppleClang {
        names.extend([
            if lang == Lang::C { kw::HAS_C_ATTRIBUTE } else { kw::HAS_CPP_ATTRIBUTE },
            kw::HAS_FEATURE,
            kw::HAS_EXTENSION,
            kw::HAS_DECLSPEC_ATTRIBUTE,
            kw::HAS_WARNING,
            kw::IS_IDENTIFIER,
            kw::IS_TARGET_ARCH,
            kw::IS_TARGET_VENDOR,
            kw::IS_TARGET_OS,
            kw::IS_TARGET_ENVIRONMENT,
            kw::BUILDING_MODULE,
        ]);
    } else {
        names.extend([kw::HAS_CPP_ATTRIBUTE, kw::HAS_C_ATTRIBUTE]);
    }
    names
}

/// Collects `#define`s.
struct Defines(String);

impl Defines {
    fn set(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "#define {name} {value}");
    }

    fn set_all(&mut self, names: &str) {
        for name in names.split_ascii_whitespace() {
            match name.split_once('=') {
                Some((name, value)) => self.set(name, value),
                None => self.set(name, 1),
            }
        }
    }
}

/// The predefined macros, as directives.
pub(super) fn text(abi: &Abi, lang: Lang) -> String {
    let mut out = Defines(String::with_capacity(1 << 13));
    let compiler = Compiler::of(abi);
    language(&mut out, compiler, lang);
    if compiler == Compiler::Msvc {
        msvc(&mut out, abi, lang);
        return out.0;
    }
    gnu(&mut out, abi, lang);
    integers(&mut out, abi);
    if lang == Lang::Cxx && compiler != Compiler::AppleClang {
        out.set("__CHAR8_TYPE__", "unsigned char");
    }
    system(&mut out, abi);
    machine(&mut out, abi);
    out.0
}

/// C17 and C++20, since what C++20 calls an aggregate decides about tail padding
/// (`cwire_layout::abi::ClassRule::Gcc`).
fn language(out: &mut Defines, compiler: Compiler, lang: Lang) {
    match (compiler, lang) {
        // cl.exe without /Zc:__cplusplus and /std.
        (Compiler::Msvc, Lang::Cxx) => out.set_all(
            "__cplusplus=199711L _MSVC_LANG=201402L _CPPRTTI _CPPUNWIND _NATIVE_WCHAR_T_DEFINED \
             _WCHAR_T_DEFINED __BOOL_DEFINED _NATIVE_NULLPTR_SUPPORTED \
             __STDCPP_THREADS__ \
             _HAS_CHAR16_T_LANGUAGE_SUPPORT",
        ),
        (Compiler::Msvc, Lang::C) => {}
        (_, Lang::C) => out.set_all(
            "__STDC__ __STDC_HOSTED__ __STDC_UTF_16__ __STDC_UTF_32__ __STDC_VERSION__=201710L",
        ),
        (_, Lang::Cxx) => out.set_all(
            "__STDC__ __STDC_HOSTED__ __STDC_UTF_16__ __STDC_UTF_32__ __cplusplus=202002L \
             __DEPRECATED __EXCEPTIONS __GXX_RTTI __GXX_WEAK__ __GXX_EXPERIMENTAL_CXX0X__ \
             __cpp_aggregate_bases=201603L __cpp_aggregate_nsdmi=201304L __cpp_aggregate_paren_init=201902L \
             __cpp_alias_templates=200704L __cpp_attributes=200809L \
             __cpp_binary_literals=201304L __cpp_capture_star_this=201603L \
             __cpp_char8_t=201811L __cpp_concepts=202002L \
             __cpp_conditional_explicit=201806L __cpp_consteval=201811L \
             __cpp_constexpr=202002L __cpp_constexpr_dynamic_alloc=201907L \
             __cpp_constexpr_in_decltype=201711L __cpp_constinit=201907L __cpp_decltype=200707L __cpp_decltype_auto=201304L \
             __cpp_deduction_guides=201907L __cpp_delegating_constructors=200604L \
             __cpp_designated_initializers=201707L __cpp_digit_separators=201309L __cpp_enumerator_attributes=201411L \
             __cpp_exceptions=199711L __cpp_fold_expressions=201603L \
             __cpp_generic_lambdas=201707L __cpp_guaranteed_copy_elision=201606L \
             __cpp_hex_float=201603L __cpp_if_constexpr=201606L \
             __cpp_impl_coroutine=201902L __cpp_impl_destroying_delete=201806L \
             __cpp_impl_three_way_comparison=201907L __cpp_inheriting_constructors=201511L __cpp_init_captures=201803L \
             __cpp_initializer_lists=200806L __cpp_inline_variables=201606L \
             __cpp_lambdas=200907L __cpp_namespace_attributes=201411L \
             __cpp_nested_namespace_definitions=201411L __cpp_noexcept_function_type=201510L \
             __cpp_nontype_template_args=201911L __cpp_nontype_template_parameter_auto=201606L \
             __cpp_nsdmi=200809L __cpp_range_based_for=201603L __cpp_raw_strings=200710L \
             __cpp_ref_qualifiers=200710L __cpp_return_type_deduction=201304L \
             __cpp_rtti=199711L __cpp_rvalue_references=200610L \
             __cpp_static_assert=201411L \
             __cpp_structured_bindings=201606L __cpp_template_auto=201606L \
             __cpp_template_template_args=201611L __cpp_threadsafe_static_init=200806L \
             __cpp_unicode_characters=201411L __cpp_unicode_literals=200710L \
             __cpp_user_defined_literals=200809L __cpp_using_enum=201907L __cpp_variable_templates=201304L \
             __cpp_variadic_templates=200704L __cpp_variadic_using=201611L",
        ),
    }
}

/// What identifies gcc and clang.
fn gnu(out: &mut Defines, abi: &Abi, lang: Lang) {
    let compiler = Compiler::of(abi);
    if compiler == Compiler::AppleClang {
        out.set_all(
            "__GNUC__=4 __GNUC_MINOR__=2 __GNUC_PATCHLEVEL__=1 __GXX_ABI_VERSION=1002 __clang__ \
             __clang_major__=19 __clang_minor__=1 __clang_patchlevel__=7 __llvm__ __BLOCKS__ \
             __STDC_NO_THREADS__",
        );
        out.set("__weak", "__attribute__((objc_gc(weak)))");
        if arch(abi) == "aarch64" {
            out.set("__SSP__", 1);
        }
        out.set("__VERSION__", "\"clang 19\"");
    } else {
        let minor = if compiler == Compiler::MinGw { 0 } else { 2 };
        out.set_all("__GNUC__=12 __GXX_ABI_VERSION=1017");
        out.set("__GNUC_MINOR__", minor);
        out.set("__GNUC_PATCHLEVEL__", u8::from(is_bare_arm(abi)));
        out.set("__VERSION__", "\"12.2.0\"");
    }
    if lang == Lang::Cxx {
        // As much as `malloc` guarantees.
        let new_align = match arch(abi) {
            "arm" | "mips" | "s390x" => 8,
            _ => 16,
        };
        let suffix = if compiler == Compiler::AppleClang { "UL" } else { "" };
        out.set("__STDCPP_DEFAULT_NEW_ALIGNMENT__", format!("{new_align}{suffix}"));
    }
    match lang {
        Lang::C => {}
        Lang::Cxx if compiler == Compiler::AppleClang => {
            out.set_all("__GNUG__=4 __STDCPP_THREADS__ __private_extern__=extern")
        }
        Lang::Cxx => {
            out.set_all("__GNUG__=12 __cpp_aligned_new=201606L __cpp_sized_deallocation=201309L");
            if !is_bare_arm(abi) {
                out.set("__STDCPP_THREADS__", 1);
            }
            if is_linux(abi) {
                out.set("_GNU_SOURCE", 1);
            }
            if abi.pointer_size() == 8 {
                out.set_all("__GLIBCXX_TYPE_INT_N_0=__int128 __GLIBCXX_BITSIZE_INT_N_0=128");
            }
            if !Types::of(abi).wide_is_signed {
                out.set("__WCHAR_UNSIGNED__", 1);
            }
        }
    }
    out.set_all(
        "__CHAR_BIT__=8 __FINITE_MATH_ONLY__=0 __NO_INLINE__ \
         __ORDER_BIG_ENDIAN__=4321 __ORDER_LITTLE_ENDIAN__=1234 __ORDER_PDP_ENDIAN__=3412 \
         __PRAGMA_REDEFINE_EXTNAME __ATOMIC_RELAXED=0 __ATOMIC_CONSUME=1 __ATOMIC_ACQUIRE=2 \
         __ATOMIC_RELEASE=3 __ATOMIC_ACQ_REL=4 __ATOMIC_SEQ_CST=5",
    );
    let apple = compiler == Compiler::AppleClang;
    let gnu_inline = apple && lang == Lang::Cxx;
    out.set(if gnu_inline { "__GNUC_GNU_INLINE__" } else { "__GNUC_STDC_INLINE__" }, 1);
    out.set("__REGISTER_PREFIX__", if arch(abi) == "mips" { "$" } else { "" });
    let order = match abi.endian() {
        Endian::Little => "__ORDER_LITTLE_ENDIAN__",
        Endian::Big => "__ORDER_BIG_ENDIAN__",
    };
    out.set("__BYTE_ORDER__", order);
    if compiler != Compiler::AppleClang {
        out.set("__FLOAT_WORD_ORDER__", order);
    }
    let underscore = compiler == Compiler::AppleClang || abi.triple() == "i686-pc-windows-gnu";
    out.set("__USER_LABEL_PREFIX__", if underscore { "_" } else { "" });
}

fn integers(out: &mut Defines, abi: &Abi) {
    let types = Types::of(abi);
    let clang = Compiler::of(abi) == Compiler::AppleClang;
    let sized = [(8, types.char), (16, types.short), (32, types.int32), (64, types.int64)];
    for (bits, ty) in sized {
        exact(out, &format!("{bits}"), ty, clang);
        for (kind, ty) in [("LEAST", Some(&ty)), ("FAST", fast(&types, bits))] {
            let Some(ty) = ty else { continue };
            out.set(&format!("__INT_{kind}{bits}_TYPE__"), ty.signed);
            out.set(&format!("__INT_{kind}{bits}_MAX__"), ty.max(true));
            out.set(&format!("__INT_{kind}{bits}_WIDTH__"), ty.bits);
            out.set(&format!("__UINT_{kind}{bits}_TYPE__"), ty.unsigned);
            out.set(&format!("__UINT_{kind}{bits}_MAX__"), ty.max(false));
        }
    }
    exact(out, "MAX", types.max, clang);
    for (name, ty) in [("INTMAX", types.max), ("INTPTR", types.pointer)] {
        out.set(&format!("__{name}_WIDTH__"), ty.bits);
        if clang {
            out.set(&format!("__U{name}_WIDTH__"), ty.bits);
        }
    }
    out.set("__INTPTR_TYPE__", types.pointer.signed);
    out.set("__INTPTR_MAX__", types.pointer.max(true));
    out.set("__UINTPTR_TYPE__", types.pointer.unsigned);
    out.set("__UINTPTR_MAX__", types.pointer.max(false));
    out.set("__PTRDIFF_TYPE__", types.pointer.signed);
    out.set("__PTRDIFF_MAX__", types.pointer.max(true));
    out.set("__PTRDIFF_WIDTH__", types.pointer.bits);
    out.set("__SIZE_TYPE__", types.size.unsigned);
    out.set("__SIZE_MAX__", types.size.max(false));
    out.set("__SIZE_WIDTH__", types.size.bits);

    let basic = [
        ("SCHAR", types.char),
        ("SHRT", types.short),
        ("INT", types.int),
        ("LONG", types.long),
        ("LONG_LONG", types.long_long),
    ];
    for (name, ty) in basic {
        out.set(&format!("__{name}_MAX__"), ty.max(true));
        if !(clang && matches!(name, "SCHAR" | "LONG_LONG")) {
            out.set(&format!("__{name}_WIDTH__"), ty.bits);
        }
    }
    if clang {
        out.set("__LLONG_WIDTH__", 64);
    }
    out.set("__SIG_ATOMIC_MAX__", types.int.max(true));
    out.set("__SIG_ATOMIC_WIDTH__", types.int.bits);
    if !clang {
        out.set("__SIG_ATOMIC_TYPE__", types.int.signed);
        out.set("__SIG_ATOMIC_MIN__", "(-__SIG_ATOMIC_MAX__ - 1)");
    }
    wide_characters(out, &types, clang);
    if !abi.char_is_signed() {
        out.set("__CHAR_UNSIGNED__", 1);
    }
    sizes(out, abi, &types);
}

/// Macros of `intN_t` or, for `MAX`, of `intmax_t`.
fn exact(out: &mut Defines, name: &str, ty: Integer, clang: bool) {
    out.set(&format!("__INT{name}_TYPE__"), ty.signed);
    out.set(&format!("__INT{name}_MAX__"), ty.max(true));
    out.set(&format!("__UINT{name}_TYPE__"), ty.unsigned);
    out.set(&format!("__UINT{name}_MAX__"), ty.max(false));
    let u = if ty.bits >= 32 { "U" } else { "" };
    for (sign, suffix) in [("", ty.suffix.to_owned()), ("U", format!("{u}{}", ty.suffix))] {
        if clang {
            out.set(&format!("__{sign}INT{name}_C_SUFFIX__"), suffix);
        } else if suffix.is_empty() {
            out.set(&format!("__{sign}INT{name}_C(c)"), "c");
        } else {
            out.set(&format!("__{sign}INT{name}_C(c)"), format!("c ## {suffix}"));
        }
    }
}

fn fast(types: &Types, bits: u32) -> Option<&Integer> {
    types.fast.get(usize::try_from(bits.trailing_zeros()).ok()?.checked_sub(3)?)
}

fn wide_characters(out: &mut Defines, types: &Types, clang: bool) {
    let spelled = |ty: Integer, signed: bool| if signed { ty.signed } else { ty.unsigned };
    let wide = types.wide;
    out.set("__WCHAR_TYPE__", spelled(wide, types.wide_is_signed));
    let max = wide.max(types.wide_is_signed);
    out.set("__WCHAR_MAX__", max);
    out.set("__WCHAR_WIDTH__", wide.bits);
    out.set("__WINT_TYPE__", spelled(types.wide_int, types.wide_int_is_signed));
    out.set("__WINT_MAX__", types.wide_int.max(types.wide_int_is_signed));
    out.set("__WINT_WIDTH__", types.wide_int.bits);
    if !clang {
        let zero = if wide.bits == 16 { "0" } else { "0U" };
        out.set("__WCHAR_MIN__", if types.wide_is_signed { "(-__WCHAR_MAX__ - 1)" } else { zero });
        out.set("__WINT_MIN__", if types.wide_int.bits == 16 { "0" } else { "0U" });
    }
    out.set("__CHAR16_TYPE__", types.short.unsigned);
    out.set("__CHAR32_TYPE__", types.char32.unsigned);
}

fn sizes(out: &mut Defines, abi: &Abi, types: &Types) {
    let pointer = abi.pointer_size();
    out.set_all("__SIZEOF_SHORT__=2 __SIZEOF_INT__=4 __SIZEOF_LONG_LONG__=8 __SIZEOF_FLOAT__=4 __SIZEOF_DOUBLE__=8");
    out.set("__SIZEOF_LONG__", types.long.bits / 8);
    out.set("__SIZEOF_LONG_DOUBLE__", abi.long_double().size);
    out.set("__SIZEOF_POINTER__", pointer);
    out.set("__SIZEOF_SIZE_T__", pointer);
    out.set("__SIZEOF_PTRDIFF_T__", pointer);
    out.set("__SIZEOF_WCHAR_T__", types.wide.bits / 8);
    out.set("__SIZEOF_WINT_T__", types.wide_int.bits / 8);
    if pointer == 8 {
        out.set("__SIZEOF_INT128__", 16);
    }
    if types.long.bits == 64 {
        out.set_all("_LP64 __LP64__");
    }
    let gcc = Compiler::of(abi) != Compiler::AppleClang;
    match arch(abi) {
        "x86_64" | "i686" if gcc => {
            out.set("__SIZEOF_FLOAT80__", if pointer == 8 { 16 } else { 12 });
            out.set("__SIZEOF_FLOAT128__", 16);
        }
        "powerpc64le" => {
            out.set_all("__SIZEOF_FLOAT128__=16 __SIZEOF_IBM128__=16 __SIZEOF_IEEE128__=16")
        }
        "powerpc" | "powerpc64" => out.set("__SIZEOF_IBM128__", 16),
        _ => {}
    }
    let biggest = match arch(abi) {
        "arm" | "mips" | "s390x" => 8,
        "aarch64" if !gcc => 8,
        _ => 16,
    };
    out.set("__BIGGEST_ALIGNMENT__", biggest);
    out.set_all(
        "__FLT_RADIX__=2 __FLT_MANT_DIG__=24 __FLT_DIG__=6 __FLT_MAX_EXP__=128 __FLT_MAX_10_EXP__=38 \
         __FLT_MIN_EXP__=(-125) __FLT_MIN_10_EXP__=(-37) \
         __DBL_MANT_DIG__=53 __DBL_DIG__=15 __DBL_MAX_EXP__=1024 __DBL_MAX_10_EXP__=308 \
         __DBL_MIN_EXP__=(-1021) __DBL_MIN_10_EXP__=(-307)",
    );
    // What `std::hardware_destructive_interference_size` is taken from.
    if matches!(arch(abi), "x86_64" | "i686" | "arm" | "aarch64") {
        let apart = if arch(abi) == "aarch64" && gcc { 256 } else { 64 };
        out.set("__GCC_DESTRUCTIVE_SIZE", apart);
        out.set("__GCC_CONSTRUCTIVE_SIZE", 64);
    }
    let mantissa = match (arch(abi), abi.long_double().size) {
        (_, 8) => 53,
        ("x86_64" | "i686", _) => 64,
        ("powerpc" | "powerpc64" | "powerpc64le", _) => 106,
        _ => 113,
    };
    out.set("__LDBL_MANT_DIG__", mantissa);
    let (digits, exponent, exponent10, least, least10) = match mantissa {
        53 => (15, 1024, 308, "(-1021)", "(-307)"),
        64 => (18, 16384, 4932, "(-16381)", "(-4931)"),
        106 => (31, 1024, 308, "(-968)", "(-291)"),
        _ => (33, 16384, 4932, "(-16381)", "(-4931)"),
    };
    out.set("__LDBL_MIN_EXP__", least);
    out.set("__LDBL_MIN_10_EXP__", least10);
    out.set("__LDBL_DIG__", digits);
    out.set("__LDBL_MAX_EXP__", exponent);
    out.set("__LDBL_MAX_10_EXP__", exponent10);
    if gcc {
        out.set("__GCC_ATOMIC_TEST_AND_SET_TRUEVAL", 1);
    }
}

fn system(out: &mut Defines, abi: &Abi) {
    match Compiler::of(abi) {
        Compiler::Gcc if is_linux(abi) => out.set_all(
            "__linux __linux__ linux __gnu_linux__ __unix __unix__ unix __ELF__ __PIE__=2 __pie__=2 \
             _STDC_PREDEF_H __STDC_IEC_559__ __STDC_IEC_559_COMPLEX__ __STDC_IEC_60559_BFP__=201404L \
             __STDC_IEC_60559_COMPLEX__=201404L __STDC_ISO_10646__=201706L",
        ),
        Compiler::Gcc => out.set("__ELF__", 1),
        Compiler::AppleClang => out.set_all(
            "__APPLE__ __MACH__ __APPLE_CC__=6000 __DYNAMIC__ __CONSTANT_CFSTRINGS__ \
             __LITTLE_ENDIAN__ TARGET_OS_MAC TARGET_OS_OSX TARGET_OS_WIN32=0 TARGET_OS_WINDOWS=0 \
             TARGET_OS_UNIX=0 TARGET_OS_LINUX=0 TARGET_OS_IPHONE=0 TARGET_OS_IOS=0 TARGET_OS_TV=0 \
             TARGET_OS_WATCH=0 TARGET_OS_SIMULATOR=0 TARGET_OS_EMBEDDED=0 TARGET_OS_MACCATALYST=0 \
             TARGET_OS_DRIVERKIT=0 TARGET_OS_VISION=0 TARGET_OS_NANO=0 TARGET_OS_UIKITFORMAC=0 \
             TARGET_IPHONE_SIMULATOR=0 __strong= __unsafe_unretained= __nonnull=_Nonnull \
             __nullable=_Nullable __null_unspecified=_Null_unspecified",
        ),
        Compiler::MinGw => {
            out.set_all(
                "_WIN32 __WIN32 __WIN32__ WIN32 __WINNT __WINNT__ WINNT __MINGW32__ __MSVCRT__ \
                 _INTEGRAL_MAX_BITS=64 _REENTRANT __GXX_TYPEINFO_EQUALITY_INLINE=0",
            );
            if abi.pointer_size() == 8 {
                out.set_all("_WIN64 __WIN64 __WIN64__ WIN64 __MINGW64__ __SEH__");
            } else {
                out.set("_X86_", 1);
            }
            // gcc defines MSVC's keywords as macros.
            out.set("__declspec(x)", "__attribute__((x))");
            for name in ["cdecl", "stdcall", "fastcall", "thiscall"] {
                let attribute = format!("__attribute__((__{name}__))");
                out.set(&format!("__{name}"), &attribute);
                out.set(&format!("_{name}"), &attribute);
            }
        }
        Compiler::Msvc => {}
    }
}

fn machine(out: &mut Defines, abi: &Abi) {
    let names = match arch(abi) {
        "x86_64" => {
            "__x86_64 __x86_64__ __amd64 __amd64__ __MMX__ __SSE__ __SSE2__ __SSE_MATH__ __SSE2_MATH__ __FXSR__"
        }
        "i686" => {
            "__i386 __i386__ i386 __i686 __i686__ __pentiumpro __pentiumpro__ _ILP32 __ILP32__"
        }
        "aarch64" => {
            "__aarch64__ __AARCH64EL__ __ARM_64BIT_STATE __ARM_ARCH=8 __ARM_ARCH_ISA_A64 __ARM_NEON"
        }
        "arm" => {
            "__arm__ __ARMEL__ __ARM_EABI__ __APCS_32__ __ARM_32BIT_STATE __ARM_ARCH_ISA_ARM __VFP_FP__"
        }
        "riscv64gc" => {
            "__riscv __riscv_xlen=64 __riscv_flen=64 __riscv_float_abi_double __riscv_atomic \
                        __riscv_compressed __riscv_mul __riscv_div __riscv_muldiv __riscv_fdiv __riscv_fsqrt"
        }
        "powerpc" => {
            "__powerpc __powerpc__ powerpc __PPC __PPC__ PPC _ARCH_PPC _CALL_SYSV __BIG_ENDIAN__ _BIG_ENDIAN"
        }
        "powerpc64" => {
            "__powerpc__ __powerpc64__ __PPC__ __PPC64__ _ARCH_PPC _ARCH_PPC64 _CALL_ELF=1 _CALL_AIX \
             _CALL_AIXDESC _CALL_LINUX __BIG_ENDIAN__ _BIG_ENDIAN"
        }
        "powerpc64le" => {
            "__powerpc__ __powerpc64__ __PPC__ __PPC64__ _ARCH_PPC _ARCH_PPC64 _CALL_ELF=2 _CALL_LINUX \
             __LITTLE_ENDIAN__ _LITTLE_ENDIAN __ALTIVEC__ __VSX__"
        }
        "mips" => {
            "__mips=32 __mips__ _mips mips MIPSEB _MIPSEB __MIPSEB __MIPSEB__ _ABIO32=1 _MIPS_SIM=_ABIO32 \
             _MIPS_ISA=_MIPS_ISA_MIPS32 _MIPS_SZINT=32 _MIPS_SZLONG=32 _MIPS_SZPTR=32 \
             __mips_hard_float __mips_isa_rev=2"
        }
        "s390x" => "__s390__ __s390x__ __zarch__ __ARCH__=9",
        _ => "",
    };
    out.set_all(names);
    let apple = Compiler::of(abi) == Compiler::AppleClang;
    match arch(abi) {
        "i686" if Compiler::of(abi) == Compiler::Gcc => out.set("__code_model_32__", 1),
        "x86_64" if !apple => out.set("__MMX_WITH_SSE__", 1),
        "aarch64" if apple => out.set_all("__arm64 __arm64__ __ARM64_ARCH_8__ __AARCH64_SIMD__ __ARM_NEON__"),
        "arm" if is_bare_arm(abi) => {
            out.set_all("__ARM_ARCH=4 __ARM_ARCH_4T__ __ARM_ARCH_ISA_THUMB=1 __ARM_PCS __SOFTFP__ __THUMB_INTERWORK__");
        }
        "arm" => out.set_all(
            "__ARM_ARCH=7 __ARM_ARCH_7A__ __ARM_ARCH_PROFILE=65 __ARM_ARCH_ISA_THUMB=2 __ARM_PCS_VFP \
             __thumb__ __thumb2__ __THUMBEL__ __THUMB_INTERWORK__ __ARM_FP=12",
        ),
        "powerpc" | "powerpc64" | "powerpc64le" => {
            out.set_all("__LONG_DOUBLE_128__ __LONGDOUBLE128 __LONG_DOUBLE_IBM128__");
        }
        "s390x" => out.set("__LONG_DOUBLE_128__", 1),
        _ => {}
    }
    if matches!(arch(abi), "arm" | "aarch64") {
        let smallest = if abi.enum_rule() == EnumRule::Smallest { 1 } else { 4 };
        out.set("__ARM_SIZEOF_MINIMAL_ENUM", smallest);
        out.set("__ARM_SIZEOF_WCHAR_T", abi.scalar(Scalar::WChar).size);
    }
    if matches!(arch(abi), "x86_64" | "i686" | "arm" | "aarch64") {
        out.set("__GCC_ASM_FLAG_OUTPUTS__", 1);
    }
    let pic = match abi.triple() {
        _ if is_bare_arm(abi) || abi.triple() == "i686-pc-windows-gnu" => 0,
        "x86_64-pc-windows-gnu" => 1,
        _ if arch(abi) == "mips" => 1,
        _ => 2,
    };
    if pic > 0 {
        out.set("__PIC__", pic);
        out.set("__pic__", pic);
    }
}

/// cl.exe of Visual Studio 2022, without flags.
fn msvc(out: &mut Defines, abi: &Abi, lang: Lang) {
    out.set_all(
        "_WIN32 _MSC_VER=1933 _MSC_FULL_VER=193300000 _MSC_BUILD=1 _MSC_EXTENSIONS _INTEGRAL_MAX_BITS=64 \
         _MSVC_EXECUTION_CHARACTER_SET=65001 _M_FP_PRECISE _MT __STDC_HOSTED__",
    );
    if abi.pointer_size() == 8 {
        out.set("_WIN64", 1);
    }
    if lang == Lang::Cxx {
        let default = if abi.pointer_size() == 8 { "16ull" } else { "8u" };
        out.set("__STDCPP_DEFAULT_NEW_ALIGNMENT__", default);
    }
    match arch(abi) {
        "x86_64" => out.set_all("_M_X64=100 _M_AMD64=100"),
        "aarch64" => out.set("_M_ARM64", 1),
        _ => out.set_all("_M_IX86=600 _M_IX86_FP=2"),
    }
    if !abi.char_is_signed() {
        out.set("_CHAR_UNSIGNED", 1);
    }
}

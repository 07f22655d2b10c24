//! Predefined macros against `-dM` of each compiler that is installed.

use std::collections::BTreeMap;

use cwire_tests::{run as run_tool, tool};

use super::super::predefined::Compiler;
use super::*;

/// Compilers, their flags, and the ABI that each is the truth for. clang stands in for cl.exe, whose
/// own macros `cl_exe_has_its_own_macros` checks.
const COMPILERS: &[(&str, &[&str], Abi)] = &[
    ("gcc", &["-m64"], Abi::X86_64_LINUX),
    ("gcc", &["-m32"], Abi::I686_LINUX),
    ("aarch64-linux-gnu-gcc", &[], Abi::AARCH64_LINUX),
    ("arm-linux-gnueabihf-gcc", &[], Abi::ARM_LINUX),
    ("arm-none-eabi-gcc", &[], Abi::ARM_NONE_EABI),
    ("riscv64-linux-gnu-gcc", &[], Abi::RISCV64_LINUX),
    ("powerpc-linux-gnu-gcc", &[], Abi::POWERPC_LINUX),
    ("powerpc64-linux-gnu-gcc", &[], Abi::POWERPC64_LINUX),
    ("powerpc64le-linux-gnu-gcc", &[], Abi::POWERPC64LE_LINUX),
    ("mips-linux-gnu-gcc", &[], Abi::MIPS_LINUX),
    ("s390x-linux-gnu-gcc", &[], Abi::S390X_LINUX),
    ("x86_64-w64-mingw32-gcc", &[], Abi::X86_64_WINDOWS_GNU),
    ("i686-w64-mingw32-gcc", &[], Abi::I686_WINDOWS_GNU),
    ("clang-19", &["--target=aarch64-apple-darwin"], Abi::AARCH64_APPLE),
    ("clang-19", &["--target=x86_64-apple-darwin"], Abi::X86_64_APPLE),
    ("clang-19", &["--target=x86_64-pc-windows-msvc"], Abi::X86_64_WINDOWS),
    ("clang-19", &["--target=i686-pc-windows-msvc"], Abi::I686_WINDOWS),
    ("clang-19", &["--target=aarch64-pc-windows-msvc"], Abi::AARCH64_WINDOWS),
];

/// Beginnings of names that we do not define and that no declaration depends on: limits of floating
/// and fixed-point types, atomic operations, instruction sets, character sets, code models, formats
/// of `printf`, modes of compiling.
#[rustfmt::skip]
const LEFT_OUT: &[&str] = &[
    "__FLT", "__DBL_", "__LDBL_", "__BFLT", "__DEC", "__ACCUM_", "__FRACT_", "__LACCUM_", "__LFRACT_",
    "__LLACCUM_", "__LLFRACT_", "__SACCUM_", "__SFRACT_", "__UACCUM_", "__UFRACT_", "__ULACCUM_",
    "__ULFRACT_", "__ULLACCUM_", "__ULLFRACT_", "__USACCUM_", "__USFRACT_",
    "__DA_", "__DQ_", "__HA_", "__HQ_", "__QQ_", "__SA_", "__SQ_", "__TA_", "__TQ_", "__UDA_", "__UDQ_",
    "__UHA_", "__UHQ_", "__UQQ_", "__USA_", "__USQ_", "__UTA_", "__UTQ_",
    "__ATOMIC_", "__GCC_ATOMIC_", "__CLANG_ATOMIC_", "__GCC_HAVE_", "__GCC_IEC_559", "__GCC_CONSTRUCTIVE_SIZE",
    "__GCC_DESTRUCTIVE_SIZE", "__HAVE_", "__FP_FAST", "__FPCLASS_", "__MEMORY_SCOPE_", "__OPENCL_",
    "__STDC_EMBED_", "__OBJC_BOOL", "__GNUC_EXECUTION", "__GNUC_WIDE_EXECUTION", "__clang_", "__NO_MATH",
    "__SEG_", "__seg_", "__code_model", "__CMODEL", "__AARCH64_CMODEL", "__riscv_", "__ARM_FEATURE", "__ARM_FP",
    "__ARM_NEON", "__ARM_ALIGN", "__ARM_ARCH", "__ARM_PCS", "__ARM_ACLE", "__ARM_ASM", "__ARM_STATE", "__MMX_WITH",
    "__SSE3__", "__SSSE3__", "__LAHF_SAHF__", "__tune", "__k8", "__core2", "__GXX_", "__GLIBCXX_", "__STDCPP_DEFAULT",
    "__cpp_", "__BITINT", "__BOOL_WIDTH__", "__POINTER_WIDTH__", "__PIE__", "__pie__", "__VERSION__",
    "__builtin_", "__ENVIRONMENT_", "__block", "__weak", "__REC", "__RSQRT", "__POWER8", "__CRYPTO__", "__VEC",
    "__STRUCT_PARM", "__APPLE_ALTIVEC__", "__FLOAT128", "__float128", "__BUILTIN_CPU", "_ARCH_P", "__NEXT_RUNTIME",
    // Context-sensitive keywords of AltiVec, which are macros of their own names.
    "__bool", "__pixel", "__vector", "__QUAD_MEMORY", "_Bool", "bool", "pixel", "vector",
    "_MIPS_", "_R3000", "__R3000", "R3000", "__mips_", "LANGUAGE_C", "_LANGUAGE_C", "__LANGUAGE_C", "_MIPSEB",
    "__CET", "__USES_INITFINI__", "_ISO_VOLATILE", "_MSVC_CONSTEXPR", "_M_FP_", "__GXX_MERGED", "_GNU_SOURCE",
    "LANGUAGE_C_PLUS_PLUS", "_LANGUAGE_C_PLUS_PLUS", "__LANGUAGE_C_PLUS_PLUS",
];

/// Ends of such names.
const LEFT_OUT_ENDS: &[&str] = &["_FMTd__", "_FMTi__", "_FMTo__", "_FMTu__", "_FMTx__", "_FMTX__"];

/// Names with their parameters, and the tokens that they stand for.
fn macros_of(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("#define "));
    lines
        .map(|line| {
            let end = line.find(' ').unwrap_or(line.len());
            let (name, value) = line.split_at(end);
            (name.to_owned(), normal(value))
        })
        .collect()
}

/// A value in one of its spellings: words of a type sorted, numbers in decimal.
fn normal(value: &str) -> String {
    let mut tokens: Vec<_> = tokens_of_output(value).iter().map(|token| number(token)).collect();
    let is_word = |token: &String| token.starts_with(char::is_alphabetic);
    if tokens.len() > 1 && tokens.iter().all(is_word) {
        tokens.retain(|token| token != "int");
        tokens.sort();
    }
    tokens.join(" ")
}

fn number(token: &str) -> String {
    let lower = token.to_ascii_lowercase();
    let digits = lower.trim_end_matches(['u', 'l']);
    let suffix = &lower[digits.len()..];
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    value.map_or(token.to_owned(), |value| format!("{value}{suffix}"))
}

/// The standards that cwire reads by.
fn standard(lang: Lang) -> &'static str {
    if lang == Lang::C { "-std=gnu17" } else { "-std=gnu++20" }
}

fn left_out(name: &str) -> bool {
    LEFT_OUT.iter().any(|start| name.starts_with(start))
        || LEFT_OUT_ENDS.iter().any(|end| name.ends_with(end))
}

#[test]
fn predefined_macros_are_those_of_the_compilers() {
    let mut wrong = Vec::new();
    for &(name, flags, abi) in COMPILERS {
        for (lang, flag) in [(Lang::C, "-xc"), (Lang::Cxx, "-xc++")] {
            let Some(mut command) = tool(name) else { continue };
            let output = run_tool(command.args(flags).args([
                "-dM",
                "-E",
                flag,
                standard(lang),
                "/dev/null",
            ]));
            let theirs = macros_of(&String::from_utf8_lossy(&output.stdout));
            let ours = macros_of(&super::super::predefined::text(&abi, lang));
            let who = format!("{} {lang:?}", abi.triple());
            wrong.extend(compare(&who, &ours, &theirs, Compiler::of(&abi)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(
    who: &str,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
    compiler: Compiler,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let msvc = compiler == Compiler::Msvc;
    for (name, value) in theirs {
        match ours.get(name) {
            // clang defines its own macros, too, where it stands in for cl.exe.
            None if left_out(name) || (msvc && !name.starts_with("_M")) => {}
            None => wrong.push(format!("{who}: {name} {value} is not defined")),
            Some(our) if our != value && !differs_by_right(name, msvc) => {
                wrong.push(format!("{who}: {name} is {our}, not {value}"));
            }
            Some(_) => {}
        }
    }
    for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
        if !(msvc && differs_by_right(name, msvc)) {
            wrong.push(format!("{who}: {name} is defined by us alone"));
        }
    }
    wrong
}

/// What is another for each release, or of cl.exe where clang is asked.
fn differs_by_right(name: &str, msvc: bool) -> bool {
    let cl =
        ["__cplusplus", "_MSVC_LANG", "_MT", "_M_IX86_FP", "_M_FP_PRECISE", "__STDCPP_THREADS__"];
    name == "__VERSION__" || name.starts_with("__cpp_") || (msvc && cl.contains(&name))
}

#[test]
fn cl_exe_has_its_own_macros() {
    // Microsoft documentation, "Predefined macros".
    let text = "#if defined(__GNUC__) || defined(__SIZE_TYPE__) || defined(__BYTE_ORDER__) || defined(__clang__)\n\
        #error gcc\n#endif\n_MSC_VER _WIN32 _M_IX86 _M_X64 _WIN64 _INTEGRAL_MAX_BITS";
    let expand = |abi| {
        let preprocessed = run(&[("main.h", text)], &Options::new(abi)).expect("no gcc");
        spellings(&preprocessed).join(" ")
    };
    assert_eq!(expand(Abi::I686_WINDOWS), "1933 1 600 _M_X64 _WIN64 64");
    assert_eq!(expand(Abi::X86_64_WINDOWS), "1933 1 _M_IX86 100 1 64");
    let options = Options { lang: Some(Lang::Cxx), ..Options::new(Abi::X86_64_WINDOWS) };
    let cxx = run(&[("main.h", "__cplusplus _MSVC_LANG")], &options).expect("both are defined");
    assert_eq!(spellings(&cxx).join(" "), "199711L 201402L");
}

/// Names asked about with `__has_attribute` and its like.
const ASKED: &[(&str, &[&str])] = &[
    (
        "__has_attribute",
        &[
            "packed",
            "__packed__",
            "aligned",
            "__aligned__",
            "ms_struct",
            "gcc_struct",
            "vector_size",
            "mode",
            "scalar_storage_order",
            "transparent_union",
            "counted_by",
            "deprecated",
            "fallthrough",
            "nonnull",
            "ext_vector_type",
            "unknown_thing",
            "warn_if_not_aligned",
            "overloadable",
            "noreturn",
            "availability",
        ],
    ),
    (
        "__has_builtin",
        &[
            "__builtin_offsetof",
            "__builtin_expect",
            "__builtin_bswap16",
            "__builtin_types_compatible_p",
            "__builtin_choose_expr",
            "__builtin_dynamic_object_size",
            "__builtin_rotateleft32",
            "__builtin_fclose",
            "__sync_synchronize",
            "__atomic_load_n",
            "memcpy",
            "__builtin_available",
            "__builtin_ctzg",
        ],
    ),
];

#[test]
fn operators_answer_as_the_compilers_do() {
    let compilers = [
        ("gcc", [].as_slice(), Abi::X86_64_LINUX),
        ("clang-19", ["--target=aarch64-apple-darwin"].as_slice(), Abi::AARCH64_APPLE),
    ];
    let mut asked = String::new();
    for (operator, names) in ASKED {
        for name in *names {
            asked.push_str(&format!("#if {operator}({name})\nyes{operator} {name}\n#endif\n"));
        }
    }
    for name in [
        "nodiscard",
        "deprecated",
        "noreturn",
        "no_unique_address",
        "gnu::packed",
        "gnu::nothing",
        "likely",
    ] {
        for year in [
            1, 200_809, 201_309, 201_603, 201_803, 201_904, 201_907, 201_910, 202_003, 202_106,
            202_202,
        ] {
            asked.push_str(&format!(
                "#ifdef __has_cpp_attribute\n#if __has_cpp_attribute({name}) == {year}\ncpp {name} {year}\n#endif\n#endif\n\
                 #ifdef __has_c_attribute\n#if __has_c_attribute({name}) == {year}\nc {name} {year}\n#endif\n#endif\n"
            ));
        }
    }
    for (name, flags, abi) in compilers {
        for (lang, flag) in [(Lang::C, "-xc"), (Lang::Cxx, "-xc++")] {
            // gcc has no `::` in C, and reads no further.
            let asked =
                if lang == Lang::C { asked.replace("gnu::", "gnu_") } else { asked.clone() };
            let file = compilers::scratch(&format!("operators-{name}-{lang:?}.h"), &asked);
            let Some(mut command) = tool(name) else { continue };
            let output = run_tool(
                command.args(flags).args(["-E", "-P", "-w", flag, standard(lang)]).arg(&file),
            );
            let theirs = tokens_of_output(&String::from_utf8_lossy(&output.stdout));
            let options = Options { lang: Some(lang), ..Options::new(abi) };
            let ours = run(&[("main.h", &asked)], &options).expect("it is well-formed");
            if let Some(difference) = difference(&flat(&ours), &theirs) {
                panic!("{name} {lang:?}: {difference}");
            }
        }
    }
}

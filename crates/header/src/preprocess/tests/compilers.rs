//! Small inputs with hard corners, token by token against gcc and clang.

use std::process::Command;

use cwire_tests::tool;

use super::*;

/// A file for a compiler to read, which goes away with this.
pub(super) struct Scratch(PathBuf);

impl AsRef<Path> for Scratch {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<std::ffi::OsStr> for Scratch {
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.0.as_os_str()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for temporary files.
        let _ = std::fs::remove_file(&self.0);
        let _ = self.0.parent().map(std::fs::remove_dir);
    }
}

pub(super) fn scratch(name: &str, text: &str) -> Scratch {
    // A folder of this process and file: another run of these tests may be under way.
    let dir = std::env::temp_dir().join(format!("cwire-preprocess-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the folder for temporary files can be written to");
    let path = dir.join(name);
    std::fs::write(&path, text).expect("the folder for temporary files can be written to");
    Scratch(path)
}

/// Inputs that the compilers take, each by itself.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    // C11 6.10.3.5: the examples.
    "#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define g f\n#define z z[0]\n#define h g(~\n\
     #define m(a) a(w)\n#define w 0,1\n#define t(a) a\n#define p() int\n#define q(x) x\n#define r(x,y) x ## y\n\
     #define str(x) # x\nf(y+1) + f(f(z)) % t(t(g)(0) + t)(1);\ng(x+(3,4)-w) | h 5) & m\n(f)^m(m);\n\
     p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };\nchar c[2][6] = { str(hello), str() };",
    "#define str(s) # s\n#define xstr(s) str(s)\n#define debug(s, t) printf(\"x\" # s \"= %d, x\" # t \"= %s\", x ## s, x ## t)\n\
     #define INCFILE(n) vers ## n\n#define glue(a, b) a ## b\n#define xglue(a, b) glue(a, b)\n#define HIGHLOW \"hello\"\n\
     #define LOW LOW \", world\"\ndebug(1, 2);\nfputs(str(strncmp(\"abc\\0d\", \"abc\", '\\4') // this goes away\n== 0) str(: @\\n), s);\n\
     xstr(INCFILE(2).h)\nglue(HIGH, LOW);\nxglue(HIGH, LOW)",
    "#define t(x,y,z) x ## y ## z\nint j[] = { t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,11,), t(,,12), t(,,) };",
    "#define debug(...) fprintf(stderr, __VA_ARGS__)\n#define showlist(...) puts(#__VA_ARGS__)\n\
     #define report(test, ...) ((test)?puts(#test): printf(__VA_ARGS__))\ndebug(\"Flag\"); debug(\"X = %d\\n\", x);\n\
     showlist(The first, second, and third items.); report(x>y, \"x is %d but y is %d\", x, y);",
    // 6.10.3.3p4 and 6.10.3.4p4.
    "#define hash_hash # ## #\n#define mkstr(a) # a\n#define in_between(a) mkstr(a)\n#define join(c, d) in_between(c hash_hash d)\n\
     char p[] = join(x, y);",
    "#define f(a) a*g\n#define g(a) f(a)\nf(2)(9) g(2)(9)(3)",
    "#define NIL(xxx) xxx\n#define G_0(arg) NIL(G_1)(arg)\n#define G_1(arg) NIL(arg)\nG_0(42)",
    "#define AA BB\n#define BB AA\nAA BB\n#define foo() bar\nfoo foo()() foo\n()",
    "#define f(x) x f\nf(1)(2)(3)\n#define a a b\na",
    "#define ff(x) x(1)\n#define gg(x) ff(x)\nff(gg) gg(ff) gg(gg)(ff)",
    // Placemarkers and pasting.
    "#define cat(a,b) a##b\n#define xcat(x, y) cat(x, y)\nxcat(xcat(1, 2), 3) cat(,) x cat(,y)",
    "#define E\n#define c(a,b) [a##b]\nc(E,E) c(E x,y E) c(,E)",
    "#define p(x) L ## #x L ## 'c' x ## .5 x ## e+1\np(1)",
    "#define arrow - ## >\n#define sh < ## <=\n#define el . ## . \na arrow b sh c",
    "#define c(a) a ## 1\n#define x1 yes\nc(x) c( x) c(x )",
    // Variadic macros.
    "#define e(f, ...) <f, ## __VA_ARGS__>\ne(a) e(a,) e(a,b) e(a,b,c) e() e(,)",
    "#define e(f, args...) <f, ## args>\ne(a) e(a,) e(a,b,c)",
    "#define e(...) <x, ## __VA_ARGS__>\ne() e(a) e(,) e( )",
    "#define e(...) <x , __VA_ARGS__ ## y>\ne() e(a) e(a,b)",
    "#define B b\n#define e(a, ...) a ## __VA_ARGS__, ## __VA_ARGS__\ne(B, B) e(x)",
    "#define s(...) #__VA_ARGS__\ns() s(a , b) s( a,b  ,c ) s(\"x\\n\" , '\\'')",
    "#define O(x, ...) f(x __VA_OPT__(,) __VA_ARGS__)\nO(a) O(a,) O(a,b) O() O(,b)",
    "#define E\n#define O(x, ...) f(x __VA_OPT__(, x ## x) __VA_ARGS__)\nO(a,E) O(a,E E) O(a,E b)",
    "#define H(X, ...) __VA_OPT__(X ## X X) -\n#define P(x, ...) a ## __VA_OPT__(x) ## b\nH(a) H(a, b) P(1) P(1, 2)",
    // Stringification.
    "#define s(x) #x\ns(  a   b\t c ) s(\"a\\\"b\" '\\\\' '\"') s(a/**/b) s(a /* */ b) s(@ \\ `) s(L\"x\" u8\"y\")",
    "#define s(x) #x\n#define xs(x) s(x)\n#define E\nxs(a E b) xs(E a) xs(a E) xs(-E-) xs(-E -) xs([E]) xs(E E) s(E)",
    "#define xs(x) s(x)\n#define s(x) #x\n#define f(x, y) x y\n#define g(x) -x-\nxs(f(a,b)) xs(f(,b)) xs(g( a )) xs(g()) xs( f( a , b ) )",
    "#define s(x) #x\n#define xs(x) s(x)\n#define a b\nxs(a) s(a) xs(a-a) xs(<:a:>) s(%:)",
    "#define s(x) #x\ns(one\n  two\n\n three) s(R\"(a\nb)\")",
    // Spread over lines, directives among arguments, recursion across them.
    "#define f(x, y) [x|y]\nf\n(\n1\n,\n2\n)\nf /* c */ (1 // d\n,2)",
    "#define f(x) [x]\nf(\n#if 1\nyes\n#else\nno\n#endif\n#undef q\n#define q r\nq)",
    "#define f(x) x\nf(f)(1) f(f(f))(f)(2) f((1,2)) f(f)",
    "#define f(x, y) x+y\n#define comma ,\n#define g(x) f(x)\nf(a comma b, c) f((a,b),(c,d)) f([a,b])",
    "#define lparen (\n#define f(x) <x>\nf lparen 1) f lparen\n#define g f lparen\ng 2)",
    "#define f(x) #x\n#define g f\ng(1) g (2) g\n(3)",
    "#define LPAREN() (\n#define RPAREN() )\n#define F(x, y) x + y\n#define ELLIP_FUNC(...) __VA_ARGS__\nELLIP_FUNC(F, LPAREN(), 'a', 'b', RPAREN());",
    "#define EMPTY()\n#define DEFER(id) id EMPTY()\n#define EXPAND(...) __VA_ARGS__\n#define A() 123\nDEFER(A)() EXPAND(DEFER(A)())",
    "#define EVAL(...) EVAL1(EVAL1(EVAL1(__VA_ARGS__)))\n#define EVAL1(...) EVAL2(EVAL2(EVAL2(__VA_ARGS__)))\n#define EVAL2(...) __VA_ARGS__\n\
     #define EMPTY()\n#define DEFER(m) m EMPTY EMPTY()()\n#define R(n) n DEFER(RI)()(n n)\n#define RI() R\nEVAL(R(x))",
    // Predefined.
    "__LINE__ __COUNTER__ __COUNTER__ __INCLUDE_LEVEL__\n#define L __LINE__\n#define f(x) x __LINE__\nL\nf(\n__LINE__\nL\n)\nL",
    "#line 100\n__LINE__\n#line 7 \"foo.c\"\n__LINE__ __FILE__\n#define N 3\n#line N\n__LINE__",
    "# 33 \"bar.h\"\n__LINE__ __FILE__",
    // Conditionals.
    "#if 1\na\n#elif 1/0\nb\n#else\nc\n#endif\n#if 0\n#if 1\n#else\n#endif\n#elif 1\nd\n#endif",
    "#if 0\ndon't \" ' /* \n#endif */ \n#else x\ny\n#endif z",
    "#if 0\n#foo\n#if (\n#endif\n#elif 1\nk\n#endif\n#if 0 // /*\n#else\nl\n#endif",
    "#ifdef a\n#elifndef a\nb\n#elifdef a\nc\n#endif",
    "#if -1 > 0u\na\n#endif\n#if (2 || 1/0) && !(0 && 1/0) && (1 ? 1 : 1/0)\nb\n#endif\n#if 0x7fffffffffffffff + 1 < 0\nc\n#endif",
    "#if 'a' == 97 && 'ab' == 24930 && '\\377' < 0 && L'\\xffffffff' < 0 && '\\0' == 0 && u'\\uac00' == 0xac00\na\n#endif",
    "#if (-1 >> 1) == -1 && (1 << 63) < 0 && -7 / 2 == -3 && -7 % 2 == -1 && (5, 6) == 6 && (1 << -1) == 0\na\n#endif",
    "#if 1 ? 2 : (0, 3)\na\n#endif\n#if 0 == 0 != 1 | 4 & 2 ^ 1\nb\n#endif\n#if 10 - 4 - 3 == 3 && 2 * 3 % 4 == 2\nc\n#endif",
    "#define D defined(X)\n#define X\n#if D && defined X && !defined Y\na\n#endif\n#if X + 0 == 0\nb\n#endif\n#if __LINE__ == 7\nc\n#endif",
    "#define f(x) x\n#if f(1) && f\n(1)\n#endif\nend",
    "#if 18446744073709551615 == -1 && 0b11 == 3 && 010 == 8\na\n#endif",
    "#if __has_include(<stddef.h>) && !__has_include(\"no such file\") && defined __has_include\na\n#endif",
    "#define S <stddef.h>\n#if __has_include(S)\na\n#endif",
    // Null and odd directives.
    "#\n# /* c */\n#/**/define A 1\nA\n%:define B 2\nB\n#define C\\\n D\nC\n#def\\\nine E 3\nE",
    "#define f(x) x\\\n + 1\nf(2) // c \\\n more\nnext",
    "#ident \"x\"\n#pragma once\n#pragma STDC FP_CONTRACT ON\n#warning w\nend",
    "#define EMPTY\nEMPTY # define A\nA",
    // push_macro.
    "#define A 1\n#pragma push_macro(\"A\")\n#undef A\n#define A 2\nA\n#pragma pop_macro(\"A\")\nA\n_Pragma(\"push_macro(\\\"A\\\")\")\n#undef A\nA _Pragma(\"pop_macro(\\\"A\\\")\") A",
    // Identifiers and literals.
    "#define a$b 1\na$b \\u00c1x a\\U000000c1 u8R\"(\\n)\" 0x1p-3+1 1.e+5 .5.. 1'0",
    "a<:b:> <%x%> %:%: x+++++y a->*b :: <::> ...",
];

/// Inputs that mean something else in C++.
#[rustfmt::skip]
const TAKEN_AS_CXX: &[&str] = &[
    "#if true && !false and not 0 or 1\na\n#endif\n#if 1 bitand 1 xor 0 bitor 0 and compl 0 and 1 not_eq 0\nb\n#endif",
    "#if __cplusplus\na\n#endif\n#if bool\nb\n#endif",
    "#if 1'000 == 1000 && 0x1'0 == 16\na\n#endif",
    "a::b<::c> x<=>y R\"d(a)\" )d\" 1'000",
];

/// Inputs that compilers refuse.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "#if", "#if 1", "#else", "#endif", "#elif 1", "#if 1\n#else\n#else\n#endif", "#if 1\n#else\n#elif 1\n#endif",
    "#ifdef\n#endif", "#ifdef 3\n#endif", "#define", "#define 3", "#define defined", "#undef", "#undef 3",
    "#define f(x", "#define f(x,", "#define f(x,x) 1", "#define f(1) 1", "#define f(x y) 1", "#define f(...,x) 1",
    "#define f(x) #y", "#define a ## b", "#define a b ##", "#define f(x) x ##", "#define f(x) #",
    "#include", "#include x", "#include <x", "#include \"no such file\"", "#include <no such file>",
    "#error e", "#foo", "#!", "#if 1 +\n#endif", "#if (1\n#endif", "#if 1)\n#endif", "#if 1/0\n#endif", "#if 1%0\n#endif",
    "#if 1.0\n#endif", "#if \"a\"\n#endif", "#if 1x\n#endif", "#if x(1)\n#endif", "#if 1 2\n#endif", "#if ? 1 : 2\n#endif",
    "#if 1 ? 2\n#endif", "#if defined\n#endif", "#if defined(\n#endif", "#if defined(x\n#endif", "#if a = 1\n#endif", "#if ''\n#endif",
    "#if __has_include\n#endif", "#if __has_include(\n#endif", "#if __has_include()\n#endif", "#if __has_include(<a)\n#endif",
    "#define f(x) x\nf(1", "#define f(x) x\nf(1,2)", "#define f(x,y) x\nf(1)", "#define f() x\nf(1)", "#define f(x,y,...) x\nf(1)",
    "#define c(a,b) a##b\nc(+,x)", "#define c(a,b) a##b\nc(\"a\",b)", "/* open", "#line", "#line x",
    "_Pragma", "_Pragma(", "_Pragma(x)", "#if 0\n#else\n", "#define f(x) __VA_OPT__\n#if f(1)(\n#endif",
    "#define f(...) __VA_OPT__\nf(1)", "#define f(...) __VA_OPT__(\nf(1)", "#define f(...) __VA_OPT__(__VA_OPT__())\nf(1)",
    "#define f(...) __VA_OPT__(## x)\nf(1)",
];

fn compilers() -> Vec<(Command, Abi, &'static str)> {
    let mut compilers = Vec::new();
    for (name, flags, abi) in [
        ("gcc", [].as_slice(), Abi::X86_64_LINUX),
        ("clang-19", ["--target=aarch64-apple-darwin"].as_slice(), Abi::AARCH64_APPLE),
    ] {
        if let Some(mut command) = tool(name) {
            command.args(flags);
            compilers.push((command, abi, name));
        }
    }
    compilers
}

/// A compiler's tokens; `None` if it refuses the text.
fn theirs(command: &Command, lang: Lang, path: &Path) -> Option<Vec<String>> {
    let mut again = Command::new(command.get_program());
    let output = again
        .args(command.get_args())
        .args(["-E", "-P", "-w", "-I", "/usr/lib/gcc/x86_64-linux-gnu/12/include"])
        .args(if lang == Lang::C { ["-xc", "-std=gnu17"] } else { ["-xc++", "-std=gnu++20"] })
        .arg(path)
        .output()
        .expect("it starts");
    output.status.success().then(|| {
        let text = String::from_utf8_lossy(&output.stdout);
        let used_up =
            ["#pragma push_macro", "#pragma pop_macro", "#pragma once", "#ident", "#warning"];
        let lines =
            text.lines().filter(|line| !used_up.iter().any(|start| line.starts_with(start)));
        tokens_of_output(&lines.collect::<Vec<_>>().join("\n"))
    })
}

/// Where clang goes its own way: it accepts less or more than gcc, or leaves open what the standard
/// leaves open.
const NOT_CLANG: &[&str] = &["f(2)(9)", "f(\n__LINE__"];

#[test]
fn small_inputs_become_the_tokens_that_compilers_make_of_them() {
    let mut differences = Vec::new();
    for (command, abi, name) in compilers() {
        for (lang, inputs) in [(Lang::C, TAKEN), (Lang::Cxx, TAKEN_AS_CXX)] {
            for (number, input) in inputs.iter().enumerate() {
                if name != "gcc" && NOT_CLANG.iter().any(|part| input.contains(part)) {
                    continue;
                }
                let path = scratch(&format!("taken-{lang:?}-{number}.h"), input);
                let theirs = theirs(&command, lang, path.as_ref());
                let options = Options { lang: Some(lang), ..Options::new(abi) };
                let ours = preprocess(&crate::Disk, path.as_ref(), &options, lang);
                let difference = match (ours, theirs) {
                    (Ok(ours), Some(theirs)) => difference(&flat(&ours), &theirs),
                    (Err(error), Some(_)) => Some(error.to_string()),
                    (_, None) => Some("it refuses this".to_owned()),
                };
                if let Some(difference) = difference {
                    differences.push(format!("--- {name} {lang:?}:\n{input}\n{difference}"));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn what_compilers_refuse_is_refused_with_a_position() {
    let mut wrong = Vec::new();
    let compilers = compilers();
    for (number, input) in REFUSED.iter().enumerate() {
        let path = scratch(&format!("refused-{number}.h"), input);
        for (command, _, name) in &compilers {
            if *name == "gcc" && theirs(command, Lang::C, path.as_ref()).is_some() {
                wrong.push(format!("{name} takes: {input}"));
            }
        }
        match run(&[("main.h", input)], &linux()) {
            Ok(_) => wrong.push(format!("we take: {input}")),
            Err(error) => {
                let message = error.message();
                assert!(error.line() > 0 && error.column() > 0, "{error}");
                assert!(
                    !message.ends_with('.') && !message.starts_with(char::is_uppercase),
                    "{error}"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

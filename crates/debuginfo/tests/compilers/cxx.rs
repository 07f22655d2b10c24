//! C++: bases, templates, names, and what is refused.

use cwire_debuginfo::DebugInfo;
use cwire_layout::types::{Basic, Type};
use cwire_tests::run;

use crate::truth::{Truth, find, place};
use crate::{command, compile, folder, read};

const SOURCE: &str = r#"
#include <stddef.h>
namespace ns {
enum class Side : unsigned char { BUY = 1, SELL = 200 };
enum Level { LOW = -5, HIGH = 7 };
struct Outer {
    struct Inner { int a; char b; };
    Inner in; Side side; Level level; static int counter;
    union { int u; float f; };
    void method(int);
};
template <typename T, int N> struct Array { T items[N]; T *begin(); };
}
struct Empty {};
struct Base { Base(); int i; char c; };
struct Derived : Empty, Base { char d; };
struct Two : Base, ns::Outer::Inner { private: char e; };
struct alignas(32) Wide { int a; alignas(16) char b; };
struct Texts { char c; signed char s; unsigned char u; wchar_t w; char16_t c16; char32_t c32; bool b; };
struct Pointers {
    int ns::Outer::Inner::*member; void (ns::Outer::*method)(int); int &lref; int &&rref;
    void (*function)(int, ...); decltype(nullptr) null;
};
struct Virtual { virtual void f(); int z; };
void Virtual::f() {}
struct HasVirtual { char c; Virtual v; };
struct DerivedVirtual : Virtual { int y; };
struct VirtualBase : virtual Base { int x; };
struct Declared;
struct UsesDeclared { Declared *p; int q; };
namespace { struct Hidden { int h; }; }
ns::Outer outer; ns::Array<short, 7> array; Derived derived; Two *two; Wide wide; Texts texts;
HasVirtual has; DerivedVirtual dv; VirtualBase vb; UsesDeclared uses; Hidden hidden; Pointers *pointers;
extern "C" int entry(int n) {
    struct local { int a; short b; } l = { n, 2 };
    hidden.h = n; two->i = n; has.c = 1; dv.y = 2; vb.x = n; pointers->null = nullptr;
    return l.a + l.b;
}
Base::Base() { struct Held { char h; } held = { 1 }; c = held.h; }
extern "C" const unsigned long long s_0[] = {
    sizeof(ns::Outer), offsetof(ns::Outer, side), offsetof(ns::Outer, level), offsetof(ns::Outer, f),
    sizeof(ns::Array<short, 7>), sizeof(Derived), offsetof(Derived, i), offsetof(Derived, d),
    sizeof(Two), offsetof(Two, c), offsetof(Two, a), sizeof(Wide), alignof(Wide), offsetof(Wide, b),
    sizeof(Texts), offsetof(Texts, c32), sizeof(Pointers), offsetof(Pointers, lref),
    offsetof(Pointers, null) };
"#;

fn check_cxx(what: &str, info: &DebugInfo, truth: &Truth, says_align: bool) {
    let truth = truth.numbers("s_0", 19);
    let size = |name: &str| {
        let id = find(info, name).unwrap_or_else(|| panic!("{what}: no {name}"));
        info.types.record(id).definition.as_ref().expect("complete").layout.layout
    };
    let at = |name: &str, member: &str| {
        let id = find(info, name).unwrap_or_else(|| panic!("{what}: no {name}"));
        place(info, id, member).unwrap_or_else(|| panic!("{what}: no {member} in {name}")).0 / 8
    };
    let align = if says_align { size("Wide").align } else { truth[12] };
    let found = [
        size("ns::Outer").size,
        at("ns::Outer", "side"),
        at("ns::Outer", "level"),
        at("ns::Outer", "f"),
        info.types
            .records()
            .iter()
            .map(|&id| info.types.record(id))
            .find(|record| record.name.starts_with("ns::Array<short"))
            .and_then(|record| record.definition.as_ref())
            .unwrap_or_else(|| panic!("{what}: no ns::Array"))
            .layout
            .layout
            .size,
        size("Derived").size,
        at("Derived", "i"),
        at("Derived", "d"),
        size("Two").size,
        at("Two", "c"),
        at("Two", "a"),
        size("Wide").size,
        align,
        at("Wide", "b"),
        size("Texts").size,
        at("Texts", "c32"),
        size("Pointers").size,
        at("Pointers", "lref"),
        at("Pointers", "null"),
    ];
    assert_eq!(found[..], truth[..], "{what}");
}

/// Types of the members of a record, without typedefs and qualifiers.
fn member_types(info: &DebugInfo, name: &str) -> Vec<Type> {
    let id = find(info, name).unwrap_or_else(|| panic!("no {name}"));
    let members = &info.types.record(id).definition.as_ref().expect("complete").def.members;
    members.iter().map(|member| info.types.get(info.types.strip(member.ty)).clone()).collect()
}

fn check_names(what: &str, info: &DebugInfo) {
    let basics = [
        Basic::Char,
        Basic::SChar,
        Basic::UChar,
        Basic::WChar,
        Basic::Char16,
        Basic::Char32,
        Basic::Bool,
    ];
    assert_eq!(member_types(info, "Texts"), basics.map(Type::Basic), "{what}");
    let Some(Type::Enum(side)) = info.types.find("ns::Side").map(|ty| info.types.get(ty)) else {
        panic!("{what}: no ns::Side");
    };
    let side = info.types.enumeration(*side).definition.as_ref().expect("complete");
    assert_eq!(*side.values, [("BUY".into(), 1), ("SELL".into(), 200)], "{what}");
    let Some(Type::Enum(level)) = info.types.find("ns::Level").map(|ty| info.types.get(ty)) else {
        panic!("{what}: no ns::Level");
    };
    let level = info.types.enumeration(*level).definition.as_ref().expect("complete");
    assert_eq!(*level.values, [("LOW".into(), -5), ("HIGH".into(), 7)], "{what}");
    assert!(find(info, "(anonymous namespace)::Hidden").is_some(), "{what}");
    for (name, reason) in [
        ("Virtual", "it has virtual functions"),
        ("HasVirtual", "`v` is Virtual, which is not laid out"),
        ("VirtualBase", "it has a virtual base class"),
    ] {
        let refused = info.types.refused().iter().find(|refused| *refused.name == *name);
        assert_eq!(refused.map(|refused| &*refused.reason), Some(reason), "{what}: {name}");
        assert!(find(info, name).is_none(), "{what}: {name}");
    }
    assert!(
        info.types.refused().iter().any(|refused| *refused.name == *"DerivedVirtual"),
        "{what}"
    );
    let uses = member_types(info, "UsesDeclared");
    let Some(Type::Pointer(target)) = uses.first() else { panic!("{what}: {uses:?}") };
    let Type::Record(declared) = info.types.get(*target) else { panic!("{what}: no Declared") };
    assert_eq!(*info.types.record(*declared).name, *"Declared");
    assert!(info.types.record(*declared).definition.is_none());
}

#[test]
fn dwarf_of_cxx() {
    for (compiler, flags) in [
        ("g++", &["-g"][..]),
        ("g++", &["-g", "-gdwarf-2"]),
        ("g++", &["-g", "-gdwarf-4", "-fdebug-types-section"]),
        ("g++", &["-g", "-gdwarf-5", "-fdebug-types-section"]),
        ("g++", &["-g", "-m32"]),
        ("clang++-19", &["-g", "-fstandalone-debug"]),
        ("clang++-19", &["-g", "-gdwarf-4", "-fstandalone-debug", "-fdebug-types-section"]),
        ("aarch64-linux-gnu-g++", &["-g"]),
        ("powerpc64-linux-gnu-g++", &["-g"]),
        ("s390x-linux-gnu-g++", &["-g", "-gdwarf-3"]),
        ("x86_64-w64-mingw32-g++", &["-g"]),
        ("i686-w64-mingw32-g++", &["-g"]),
    ] {
        let what = format!("{compiler} {}", flags.join(" "));
        let dir = folder(&what.replace(' ', "-"));
        let mut all = vec!["-std=c++17"];
        all.extend(flags);
        let Some(object) = compile(&dir, "a.cpp", SOURCE, compiler, &all) else { continue };
        let info = read(&object);
        check_cxx(&what, &info, &Truth::new(&object), true);
        check_names(&what, &info);
        let inner = find(&info, "ns::Outer::Inner").unwrap_or_else(|| panic!("{what}: no Inner"));
        let origin = info.types.record(inner).origin.clone().expect("gcc and clang say where");
        assert_eq!((&*origin.file, origin.line), ("a.cpp", 7), "{what}");
        let local = find(&info, "entry()::local").unwrap_or_else(|| panic!("{what}: no local"));
        assert_eq!(place(&info, local, "b"), Some((32, 16)));
        assert!(find(&info, "Base::Base()::Held").is_some(), "{what}");
    }
}

#[test]
fn code_view_of_cxx() {
    let dir = folder("codeview-cxx");
    let flags = [
        "--target=x86_64-pc-windows-msvc",
        "-g",
        "-gcodeview",
        "-ffreestanding",
        "-fno-rtti",
        "-fstandalone-debug",
        "-std=c++17",
    ];
    let Some(object) = compile(&dir, "a.cpp", SOURCE, "clang++-19", &flags) else { return };
    let truth = Truth::new(&object);
    let Some(mut link) = command(&dir, "lld-link-19") else { return };
    let flags = [
        "/debug",
        "/nodefaultlib",
        "/force",
        "/entry:entry",
        "/subsystem:console",
        "/out:a.exe",
        "a.o",
    ];
    run(link.args(flags));
    for file in ["a.o", "a.pdb", "a.exe"] {
        let what = file;
        let info = read(&dir.join(file));
        check_cxx(file, &info, &truth, false);
        check_names(file, &info);
        let inner = find(&info, "ns::Outer::Inner").unwrap_or_else(|| panic!("{what}: no Inner"));
        let origin = info.types.record(inner).origin.clone().expect("clang says where");
        assert!(origin.file.ends_with("a.cpp"), "{origin:?}");
        assert_eq!(origin.line, 7);
        assert!(find(&info, "entry::local").is_some());
    }
}

#[test]
fn containers_of_the_standard_library() {
    let source = r#"
        #include <map>
        #include <string>
        #include <vector>
        std::vector<int> v; std::map<std::string, long> m; std::string s;
        extern "C" const unsigned long long s_0[] = { sizeof v, sizeof m, sizeof s };
    "#;
    let dir = folder("containers");
    let Some(object) = compile(&dir, "a.cpp", source, "g++", &["-g"]) else { return };
    let info = read(&object);
    let truth = Truth::new(&object).numbers("s_0", 3);
    let names = [
        "std::vector<int, std::allocator<int> >",
        "std::map<std::__cxx11::basic_string<char>, long int>",
        "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
    ];
    for (name, &size) in names.iter().zip(&truth) {
        let start = name.split(['<', '>']).next().expect("a name");
        let mut found = info.types.records().iter().filter_map(|&id| {
            let record = info.types.record(id);
            let layout = record.definition.as_ref()?.layout.layout;
            (record.name.starts_with(&format!("{start}<")) && !record.name.contains(">::"))
                .then_some(layout.size)
        });
        assert!(found.any(|found| found == size), "{name} of {size} bytes");
    }
}

/// clang 19 writes `_BitInt(37)` as a base type of 8 bytes without a width.
#[test]
fn clang_leaves_the_width_of_bit_int_out() {
    let source = "struct s { _BitInt(37) a; unsigned _BitInt(7) b; } v;\n";
    let dir = folder("bitint");
    let Some(object) = compile(&dir, "a.c", source, "clang-19", &["-g"]) else { return };
    let types = member_types(&read(&object), "s");
    let widths = [
        Type::BitInt { width_bits: 64, signed: true },
        Type::BitInt { width_bits: 8, signed: false },
    ];
    assert_eq!(types, widths);
}

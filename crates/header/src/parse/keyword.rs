//! Keywords under all their spellings.

use crate::Lang;

/// A keyword. Spellings of one meaning (`const`, `__const`, `__const__`) are one keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[rustfmt::skip]
pub(super) enum Kw {
    /// Not a keyword.
    None,
    // Types.
    Void, Char, Short, Int, Long, Float, Double, Signed, Unsigned, Bool, Complex, Int128, UInt128,
    Int8, Int16, Int32, Int64, Float16, Float32, Float64, Float128, Float32x, Float64x, Float80,
    Decimal32, Decimal64, Decimal128, WChar, Char8, Char16, Char32, BitInt, VaList,
    Struct, Union, Enum, Class, Typeof, TypeofUnqual, Decltype, Auto, AutoType, Atomic, UnderlyingType,
    // Qualifiers and what is skipped among them.
    Const, Volatile, Restrict, Ptr32, Ptr64, Modifier, CallingConvention,
    // Storage classes and function specifiers.
    Typedef, Extern, Static, Register, ThreadLocal, Mutable, Inline, Noreturn, Virtual, Explicit,
    Friend, Constexpr,
    // Around declarations.
    Extension, Attribute, Asm, Declspec, Alignas, StaticAssert, Namespace, Using, Template, Typename,
    Operator, Public, Protected, Private, Requires, Concept, Export, Default, Delete, Try, Catch,
    // Expressions.
    Sizeof, Alignof, AlignofGnu, Offsetof, Generic, True, False, Nullptr, Real, Imag, New, Throw,
    Noexcept, Typeid, NamedCast, This, BuiltinBitCast,
    // Statements: never a name.
    Statement,
    // Words with a meaning in some places only, names elsewhere.
    Final, Override, OffsetofName,
}

/// A keyword, and whether a program may have declared the word as a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    pub(super) kw: Kw,
    pub(super) soft: bool,
}

impl Keyword {
    pub(super) const NONE: Self = Self { kw: Kw::None, soft: false };

    /// What a word means in a language.
    ///
    /// Words that became keywords in C23 are soft in C: older headers declare `bool` and `true`
    /// themselves. So are names of types that one compiler builds in and another's library declares.
    pub(super) fn of(word: &str, lang: Lang) -> Self {
        let hard = common(word);
        if hard != Kw::None {
            return Self { kw: hard, soft: false };
        }
        let soft = common_soft(word);
        if soft != Kw::None {
            return Self { kw: soft, soft: true };
        }
        match lang {
            Lang::C => {
                let kw = c23(word);
                let hard = matches!(word, "restrict" | "auto");
                Self { kw, soft: kw != Kw::None && !hard }
            }
            Lang::Cxx => Self { kw: cxx(word), soft: matches!(word, "final" | "override") },
        }
    }
}

fn common(word: &str) -> Kw {
    match word {
        "void" => Kw::Void,
        "char" => Kw::Char,
        "short" => Kw::Short,
        "int" => Kw::Int,
        "long" => Kw::Long,
        "float" => Kw::Float,
        "double" => Kw::Double,
        "signed" | "__signed" | "__signed__" => Kw::Signed,
        "unsigned" | "__unsigned" | "__unsigned__" => Kw::Unsigned,
        "_Bool" => Kw::Bool,
        "_Complex" | "__complex" | "__complex__" => Kw::Complex,
        "__int128" => Kw::Int128,
        "__int8" | "_int8" => Kw::Int8,
        "__int16" | "_int16" => Kw::Int16,
        "__int32" | "_int32" => Kw::Int32,
        "__int64" | "_int64" => Kw::Int64,
        "_BitInt" | "_ExtInt" => Kw::BitInt,
        "__builtin_va_list" | "__builtin_ms_va_list" => Kw::VaList,
        "struct" => Kw::Struct,
        "union" => Kw::Union,
        "enum" => Kw::Enum,
        "typeof" | "__typeof" | "__typeof__" => Kw::Typeof,
        "__typeof_unqual" | "__typeof_unqual__" => Kw::TypeofUnqual,
        "__auto_type" => Kw::AutoType,
        "_Atomic" => Kw::Atomic,
        "const" | "__const" | "__const__" => Kw::Const,
        "volatile" | "__volatile" | "__volatile__" => Kw::Volatile,
        "__restrict" | "__restrict__" | "_Restrict" => Kw::Restrict,
        "__ptr32" | "_ptr32" => Kw::Ptr32,
        "__ptr64" | "_ptr64" => Kw::Ptr64,
        "__unaligned" | "_unaligned" | "__w64" | "_w64" | "__sptr" | "__uptr" | "_Nonnull"
        | "_Nullable" | "_Null_unspecified" | "_Nullable_result" | "__seg_fs" | "__seg_gs" => {
            Kw::Modifier
        }
        "__cdecl" | "_cdecl" | "__stdcall" | "_stdcall" | "__fastcall" | "_fastcall"
        | "__thiscall" | "_thiscall" | "__vectorcall" | "_vectorcall" | "__clrcall"
        | "__regcall" | "__pascal" => Kw::CallingConvention,
        "typedef" => Kw::Typedef,
        "extern" => Kw::Extern,
        "static" => Kw::Static,
        "register" => Kw::Register,
        "_Thread_local" | "__thread" => Kw::ThreadLocal,
        "inline" | "__inline" | "__inline__" | "_inline" | "__forceinline" | "_forceinline" => {
            Kw::Inline
        }
        "_Noreturn" => Kw::Noreturn,
        "__extension__" => Kw::Extension,
        "__attribute" | "__attribute__" => Kw::Attribute,
        "asm" | "__asm" | "__asm__" | "_asm" => Kw::Asm,
        "__declspec" | "_declspec" => Kw::Declspec,
        "_Alignas" => Kw::Alignas,
        "_Static_assert" => Kw::StaticAssert,
        "sizeof" => Kw::Sizeof,
        "_Alignof" => Kw::Alignof,
        "__alignof" | "__alignof__" | "_alignof" => Kw::AlignofGnu,
        "__builtin_offsetof" => Kw::Offsetof,
        "_Generic" => Kw::Generic,
        "__real" | "__real__" => Kw::Real,
        "__imag" | "__imag__" => Kw::Imag,
        "__builtin_bit_cast" => Kw::BuiltinBitCast,
        "__nullptr" => Kw::Nullptr,
        "break" | "continue" | "do" | "else" | "for" | "goto" | "if" | "return" | "switch"
        | "while" | "case" | "__label__" => Kw::Statement,
        "default" => Kw::Default,
        _ => Kw::None,
    }
}

fn common_soft(word: &str) -> Kw {
    match word {
        "_Float16" | "__fp16" | "__bf16" => Kw::Float16,
        "_Float32" => Kw::Float32,
        "_Float64" => Kw::Float64,
        "_Float128" | "__float128" => Kw::Float128,
        "_Float32x" => Kw::Float32x,
        "_Float64x" => Kw::Float64x,
        "__float80" | "__ibm128" => Kw::Float80,
        "_Decimal32" => Kw::Decimal32,
        "_Decimal64" => Kw::Decimal64,
        "_Decimal128" => Kw::Decimal128,
        "__int128_t" => Kw::Int128,
        "__uint128_t" => Kw::UInt128,
        "offsetof" => Kw::OffsetofName,
        _ => Kw::None,
    }
}

/// What C23 took over from C++.
fn c23_and_cxx(word: &str) -> Kw {
    match word {
        "auto" => Kw::Auto,
        "constexpr" => Kw::Constexpr,
        "bool" => Kw::Bool,
        "true" => Kw::True,
        "false" => Kw::False,
        "nullptr" => Kw::Nullptr,
        "alignas" => Kw::Alignas,
        "alignof" => Kw::Alignof,
        "static_assert" => Kw::StaticAssert,
        "thread_local" => Kw::ThreadLocal,
        _ => Kw::None,
    }
}

fn c23(word: &str) -> Kw {
    match word {
        "restrict" => Kw::Restrict,
        "typeof_unqual" => Kw::TypeofUnqual,
        _ => c23_and_cxx(word),
    }
}

fn cxx(word: &str) -> Kw {
    match word {
        "constinit" | "consteval" => Kw::Constexpr,
        "wchar_t" | "__wchar_t" => Kw::WChar,
        "char8_t" => Kw::Char8,
        "char16_t" => Kw::Char16,
        "char32_t" => Kw::Char32,
        "class" => Kw::Class,
        "decltype" | "__decltype" => Kw::Decltype,
        "__underlying_type" => Kw::UnderlyingType,
        "mutable" => Kw::Mutable,
        "virtual" => Kw::Virtual,
        "explicit" => Kw::Explicit,
        "friend" => Kw::Friend,
        "namespace" => Kw::Namespace,
        "using" => Kw::Using,
        "template" => Kw::Template,
        "typename" => Kw::Typename,
        "operator" => Kw::Operator,
        "public" => Kw::Public,
        "protected" => Kw::Protected,
        "private" => Kw::Private,
        "requires" => Kw::Requires,
        "concept" => Kw::Concept,
        "export" => Kw::Export,
        "delete" => Kw::Delete,
        "try" => Kw::Try,
        "catch" => Kw::Catch,
        "new" => Kw::New,
        "throw" => Kw::Throw,
        "noexcept" => Kw::Noexcept,
        "typeid" => Kw::Typeid,
        "static_cast" | "const_cast" | "reinterpret_cast" | "dynamic_cast" => Kw::NamedCast,
        "this" => Kw::This,
        "final" => Kw::Final,
        "override" => Kw::Override,
        "co_await" | "co_return" | "co_yield" => Kw::Statement,
        _ => c23_and_cxx(word),
    }
}

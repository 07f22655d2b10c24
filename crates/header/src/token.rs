//! Tokens: what the lexer makes of text, the preprocessor of tokens, and the parser reads.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::source::Loc;

/// An interned spelling. Keywords and other names that the reader knows have fixed symbols: [`kw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub(crate) u32);

/// One token, small and `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Whether white space stands before it.
    pub space: bool,
    /// Whether it is the first of its line.
    pub line_start: bool,
    /// An identifier that no macro replaces any more: it came up inside the macro of its own name
    /// (C11 6.10.3.4p2).
    pub(crate) painted: bool,
    /// Its spelling. For [`TokenKind::Pragma`] the text after `#pragma`, tokens joined by one space.
    pub text: Symbol,
    /// Where it begins; for a token out of a macro's definition, where the outermost macro was used.
    pub loc: Loc,
}

impl Token {
    /// A token with white space before it, in the middle of a line.
    #[must_use]
    pub fn new(kind: TokenKind, text: Symbol, loc: Loc) -> Self {
        Self { kind, space: true, line_start: false, painted: false, text, loc }
    }

    /// Whether it is this punctuation.
    #[must_use]
    pub fn is(&self, punct: Punct) -> bool {
        self.kind == TokenKind::Punct(punct)
    }

    /// Whether it is this identifier or keyword.
    #[must_use]
    pub fn is_ident(&self, name: Symbol) -> bool {
        self.kind == TokenKind::Ident && self.text == name
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An identifier or keyword.
    Ident,
    /// A preprocessing number (C11 6.4.8); the parser decides what it means.
    Number,
    /// A character constant, prefix and quotes included.
    Char,
    /// A string literal, prefix and quotes included; raw strings too.
    Str,
    /// Punctuation.
    Punct(Punct),
    /// A `#pragma` or `_Pragma` that the preprocessor did not use up itself: `pack(push, 1)`.
    Pragma,
    /// A character that begins no token, or a literal that its line does not close.
    Other,
    /// The end of the text.
    End,
}

macro_rules! puncts {
    ($($name:ident = $text:literal),* $(,)? ; $($digraph:literal),* $(,)?) => {
        /// Punctuation (C11 6.4.6, C++20 lex.operators); digraphs are the same token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "named as the standards' grammars name them")]
        pub enum Punct { $($name),* }

        impl Punct {
            /// Its usual spelling.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The symbol of its usual spelling.
            #[must_use]
            pub const fn symbol(self) -> Symbol {
                Symbol(self as u32)
            }
        }

        /// Spellings of all punctuation, in the order of [`Punct`], then of the digraphs.
        const PUNCTS: &[&str] = &[$($text,)* $($digraph),*];
    };
}

puncts! {
    LeftBracket = "[", RightBracket = "]", LeftParen = "(", RightParen = ")",
    LeftBrace = "{", RightBrace = "}",
    Dot = ".", Arrow = "->", DotStar = ".*", ArrowStar = "->*", PlusPlus = "++", MinusMinus = "--",
    Amp = "&", Star = "*", Plus = "+", Minus = "-", Tilde = "~", Bang = "!", Slash = "/",
    Percent = "%", LessLess = "<<", GreaterGreater = ">>",
    Less = "<", Greater = ">", LessEqual = "<=", GreaterEqual = ">=", Spaceship = "<=>",
    EqualEqual = "==", BangEqual = "!=",
    Caret = "^", Pipe = "|", AmpAmp = "&&", PipePipe = "||", Question = "?", Colon = ":",
    ColonColon = "::", Semicolon = ";", Ellipsis = "...",
    Equal = "=", StarEqual = "*=", SlashEqual = "/=", PercentEqual = "%=", PlusEqual = "+=",
    MinusEqual = "-=", LessLessEqual = "<<=", GreaterGreaterEqual = ">>=", AmpEqual = "&=",
    CaretEqual = "^=", PipeEqual = "|=",
    Comma = ",", Hash = "#", HashHash = "##";
    "<:", ":>", "<%", "%>", "%:", "%:%:",
}

/// Spellings to symbols and back.
///
/// An open-addressing table over one string: a header of some megabytes asks it a million times.
#[derive(Debug)]
pub struct Interner {
    text: String,
    /// Start and end of each symbol in `text`.
    spans: Vec<(u32, u32)>,
    hashes: Vec<u32>,
    /// Symbol + 1; 0 is a free slot. Its length is a power of two.
    slots: Vec<u32>,
    seed: u64,
}

impl Default for Interner {
    fn default() -> Self {
        Self::new()
    }
}

impl Interner {
    /// An interner that knows punctuation and [`kw`].
    #[must_use]
    pub fn new() -> Self {
        let mut interner = Self {
            text: String::with_capacity(1 << 16),
            spans: Vec::with_capacity(1 << 12),
            hashes: Vec::with_capacity(1 << 12),
            slots: vec![0; 1 << 13],
            seed: RandomState::new().build_hasher().finish() | 1,
        };
        for text in PUNCTS.iter().chain(kw::NAMES) {
            interner.intern(text);
        }
        interner
    }

    /// An interner that knows nothing, to stand in for one that is lent out.
    pub(crate) fn hollow() -> Self {
        Self {
            text: String::new(),
            spans: Vec::new(),
            hashes: Vec::new(),
            slots: vec![0; 2],
            seed: 1,
        }
    }

    /// The symbol of a spelling.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let hash = hash(self.seed, text.as_bytes());
        match self.find(text, hash) {
            Ok(symbol) => symbol,
            Err(slot) => self.add(text, hash, slot),
        }
    }

    /// The symbol of a spelling that has come up before.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.find(text, hash(self.seed, text.as_bytes())).ok()
    }

    /// The spelling of a symbol of this interner; empty for one of another.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let Some(&(start, end)) = self.spans.get(symbol.0 as usize) else { return "" };
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.spans.len()
    }

    /// The symbol, or the slot where it belongs.
    fn find(&self, text: &str, hash: u32) -> Result<Symbol, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Some(index) = self.slots.get(slot).and_then(|&entry| entry.checked_sub(1)) else {
                return Err(slot);
            };
            if self.hashes.get(index as usize) == Some(&hash) && self.text(Symbol(index)) == text {
                return Ok(Symbol(index));
            }
            slot = (slot + 1) & mask;
        }
    }

    fn add(&mut self, text: &str, hash: u32, slot: usize) -> Symbol {
        // Positions are 32 bits wide, and spellings are no longer than what they stand in.
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = position(self.text.len());
        self.text.push_str(text);
        let index = position(self.spans.len());
        self.spans.push((start, position(self.text.len())));
        self.hashes.push(hash);
        if let Some(entry) = self.slots.get_mut(slot) {
            *entry = index.saturating_add(1);
        }
        if self.spans.len() * 2 > self.slots.len() {
            self.grow();
        }
        Symbol(index)
    }

    fn grow(&mut self) {
        let len = self.slots.len() * 2;
        let mask = len - 1;
        self.slots.clear();
        self.slots.resize(len, 0);
        for (index, &hash) in (1..).zip(&self.hashes) {
            let mut slot = hash as usize & mask;
            while self.slots.get(slot).is_some_and(|&entry| entry != 0) {
                slot = (slot + 1) & mask;
            }
            if let Some(entry) = self.slots.get_mut(slot) {
                *entry = index;
            }
        }
    }
}

/// Folded multiplication over words of 8 bytes: names are short. The seed differs from run to run, so
/// that no header can be written whose names all fall into one slot.
#[expect(clippy::cast_possible_truncation, reason = "halves of a product, folded")]
fn hash(seed: u64, bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |hash: u64, word: [u8; 8]| {
        let product = u128::from(hash ^ u64::from_le_bytes(word)) * u128::from(FACTOR ^ seed);
        (product >> 64) as u64 ^ product as u64
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(seed ^ bytes.len() as u64, |hash, &word| fold(hash, word));
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let hash = fold(hash, last);
    ((hash >> 32) ^ hash) as u32
}

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// Names that the reader knows, with fixed symbols. To add one, add a line.
        pub mod kw {
            use super::Symbol;

            /// The spellings, in the order of their symbols; after those of the punctuation.
            pub(super) const NAMES: &[&str] = &[$($text),*];

            /// The first symbol of a name.
            #[expect(clippy::cast_possible_truncation, reason = "there are some dozens")]
            const FIRST: u32 = super::PUNCTS.len() as u32;

            #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "they number the constants")]
            #[derive(Clone, Copy)]
            enum Number { $($name),* }

            $(
                $(#[$meta])*
                #[doc = concat!("`", $text, "`")]
                pub const $name: Symbol = Symbol(FIRST + Number::$name as u32);
            )*
        }
    };
}

names! {
    EMPTY = "",
    // Keywords of C and C++, and their GNU and MSVC spellings.
    ALIGNAS = "alignas", ALIGNAS_C = "_Alignas", ALIGNOF = "alignof", ALIGNOF_C = "_Alignof",
    ALIGNOF_GNU = "__alignof__", ALIGNOF_GNU2 = "__alignof",
    ASM = "asm", ASM_GNU = "__asm__", ASM_GNU2 = "__asm", ASM_MSVC = "_asm",
    ATOMIC = "_Atomic", AUTO = "auto", AUTO_TYPE = "__auto_type",
    ATTRIBUTE = "__attribute__", ATTRIBUTE2 = "__attribute",
    BITINT = "_BitInt", BITINT_CLANG = "_ExtInt", BOOL = "bool", BOOL_C = "_Bool",
    BREAK = "break", CASE = "case", CATCH = "catch", CHAR = "char", CHAR8_T = "char8_t",
    CHAR16_T = "char16_t", CHAR32_T = "char32_t", CLASS = "class", CO_AWAIT = "co_await",
    CO_RETURN = "co_return", CO_YIELD = "co_yield",
    COMPLEX = "_Complex", COMPLEX_GNU = "__complex__", COMPLEX_GNU2 = "__complex", CONCEPT = "concept",
    CONST = "const", CONST_GNU = "__const", CONST_GNU2 = "__const__", CONST_CAST = "const_cast",
    CONSTEVAL = "consteval", CONSTEXPR = "constexpr", CONSTINIT = "constinit", CONTINUE = "continue",
    DECLSPEC = "__declspec", DECLSPEC2 = "_declspec", DECLTYPE = "decltype", DECLTYPE_GNU = "__decltype",
    DEFAULT = "default", DELETE = "delete",
    DO = "do", DOUBLE = "double", DYNAMIC_CAST = "dynamic_cast", ELSE = "else", ENUM = "enum",
    EXPLICIT = "explicit", EXPORT = "export", EXTENSION = "__extension__", EXTERN = "extern",
    FALSE = "false", FINAL = "final", FLOAT = "float", FOR = "for", FRIEND = "friend",
    GENERIC = "_Generic", GOTO = "goto", IF = "if", IMAG = "__imag__", IMAGINARY = "_Imaginary",
    INLINE = "inline",
    INLINE_GNU = "__inline", INLINE_GNU2 = "__inline__", FORCEINLINE = "__forceinline", INT = "int",
    LABEL = "__label__", LONG = "long", MUTABLE = "mutable", NAMESPACE = "namespace", NEW = "new",
    NOEXCEPT = "noexcept", NORETURN = "_Noreturn", NULLPTR = "nullptr", OPERATOR = "operator",
    OVERRIDE = "override", PRIVATE = "private", PROTECTED = "protected", PUBLIC = "public",
    REAL = "__real__", REGISTER = "register", REINTERPRET_CAST = "reinterpret_cast",
    REQUIRES = "requires", RESTRICT = "restrict", RESTRICT_GNU = "__restrict",
    RESTRICT_GNU2 = "__restrict__", RETURN = "return", SHORT = "short", SIGNED = "signed",
    SIGNED_GNU = "__signed__", SIGNED_GNU2 = "__signed", SIZEOF = "sizeof", STATIC = "static",
    STATIC_ASSERT = "static_assert", STATIC_ASSERT_C = "_Static_assert", STATIC_CAST = "static_cast",
    STRUCT = "struct", SWITCH = "switch", TEMPLATE = "template", THIS = "this",
    THREAD = "__thread", THREAD_LOCAL = "thread_local", THREAD_LOCAL_C = "_Thread_local",
    THROW = "throw", TRUE = "true", TRY = "try", TYPEDEF = "typedef", TYPEID = "typeid",
    TYPENAME = "typename", TYPEOF = "typeof", TYPEOF_GNU = "__typeof__", TYPEOF_GNU2 = "__typeof",
    TYPEOF_UNQUAL = "typeof_unqual", TYPEOF_UNQUAL_GNU = "__typeof_unqual__",
    TYPEOF_UNQUAL_GNU2 = "__typeof_unqual",
    UNDERLYING_TYPE = "__underlying_type", UNION = "union", UNSIGNED = "unsigned", USING = "using",
    VIRTUAL = "virtual", VOID = "void", VOLATILE = "volatile", VOLATILE_GNU = "__volatile__",
    VOLATILE_GNU2 = "__volatile", WCHAR_T = "wchar_t", WCHAR_T_MSVC = "__wchar_t", WHILE = "while",
    // Alternative tokens of C++ (lex.digraph).
    AND = "and", AND_EQ = "and_eq", BITAND = "bitand", BITOR = "bitor", COMPL = "compl", NOT = "not",
    NOT_EQ = "not_eq", OR = "or", OR_EQ = "or_eq", XOR = "xor", XOR_EQ = "xor_eq",
    // Types that compilers build in.
    INT128 = "__int128", INT128_T = "__int128_t", UINT128_T = "__uint128_t", INT8_MSVC = "__int8",
    INT16_MSVC = "__int16", INT32_MSVC = "__int32", INT64_MSVC = "__int64", INT64_MSVC2 = "_int64",
    FLOAT16 = "_Float16", FP16 = "__fp16", BF16 = "__bf16", FLOAT32 = "_Float32",
    FLOAT32X = "_Float32x", FLOAT64 = "_Float64", FLOAT64X = "_Float64x", FLOAT128 = "_Float128",
    FLOAT128_GNU = "__float128", FLOAT80 = "__float80", IBM128 = "__ibm128", IEEE128 = "__ieee128",
    VA_LIST = "__builtin_va_list", W64 = "__w64", UNALIGNED = "__unaligned", PTR32 = "__ptr32", PTR64 = "__ptr64",
    CDECL = "__cdecl", CDECL2 = "_cdecl", STDCALL = "__stdcall", STDCALL2 = "_stdcall", FASTCALL = "__fastcall",
    THISCALL = "__thiscall", VECTORCALL = "__vectorcall", CLRCALL = "__clrcall", PASCAL = "__pascal",
    BASED = "__based",
    // Builtins in expressions.
    BUILTIN_OFFSETOF = "__builtin_offsetof", OFFSETOF = "offsetof",
    BUILTIN_TYPES_COMPATIBLE_P = "__builtin_types_compatible_p",
    BUILTIN_CHOOSE_EXPR = "__builtin_choose_expr", BUILTIN_CONSTANT_P = "__builtin_constant_p",
    BUILTIN_EXPECT = "__builtin_expect", BUILTIN_VA_ARG = "__builtin_va_arg",
    BUILTIN_BIT_CAST = "__builtin_bit_cast", BUILTIN_HAS_ATTRIBUTE = "__builtin_has_attribute",
    FUNC = "__func__", FUNCTION = "__FUNCTION__", PRETTY_FUNCTION = "__PRETTY_FUNCTION__",
    // Attributes.
    PACKED = "packed", PACKED_GNU = "__packed__", ALIGNED = "aligned", ALIGNED_GNU = "__aligned__",
    ALIGN = "align", MODE = "mode", MODE_GNU = "__mode__", MS_STRUCT = "ms_struct",
    MS_STRUCT_GNU = "__ms_struct__", GCC_STRUCT = "gcc_struct", GCC_STRUCT_GNU = "__gcc_struct__",
    VECTOR_SIZE = "vector_size", VECTOR_SIZE_GNU = "__vector_size__", EXT_VECTOR_TYPE = "ext_vector_type",
    EXT_VECTOR_TYPE_GNU = "__ext_vector_type__",
    NO_UNIQUE_ADDRESS = "no_unique_address", SCALAR_STORAGE_ORDER = "scalar_storage_order",
    SCALAR_STORAGE_ORDER_GNU = "__scalar_storage_order__",
    TRANSPARENT_UNION = "transparent_union", TRANSPARENT_UNION_GNU = "__transparent_union__",
    GNU = "gnu", GNU_UGLY = "__gnu__", MSVC = "msvc", CLANG = "clang", CLANG_UGLY = "_Clang",
    // Names of the standard library.
    STD = "std", ARRAY = "array", BYTE = "byte", NULLPTR_T = "nullptr_t", PAIR = "pair", TUPLE = "tuple",
    STRING = "string", VECTOR = "vector",
    INT8_T = "int8_t", INT16_T = "int16_t", INT32_T = "int32_t", INT64_T = "int64_t",
    UINT8_T = "uint8_t", UINT16_T = "uint16_t", UINT32_T = "uint32_t", UINT64_T = "uint64_t",
    INTPTR_T = "intptr_t", UINTPTR_T = "uintptr_t", INTMAX_T = "intmax_t", UINTMAX_T = "uintmax_t",
    SIZE_T = "size_t", SSIZE_T = "ssize_t", PTRDIFF_T = "ptrdiff_t",
    // Directives, and operators of `#if`.
    DEFINE = "define", UNDEF = "undef", INCLUDE = "include", INCLUDE_NEXT = "include_next",
    IMPORT = "import", IFDEF = "ifdef", IFNDEF = "ifndef", ELIF = "elif", ELIFDEF = "elifdef",
    ELIFNDEF = "elifndef", ENDIF = "endif", ERROR = "error", WARNING = "warning", LINE = "line",
    IDENT = "ident", SCCS = "sccs", ASSERT = "assert", UNASSERT = "unassert", PRAGMA = "pragma",
    EMBED = "embed", DEFINED = "defined",
    HAS_INCLUDE = "__has_include", HAS_INCLUDE_NEXT = "__has_include_next",
    HAS_ATTRIBUTE = "__has_attribute", HAS_CPP_ATTRIBUTE = "__has_cpp_attribute",
    HAS_C_ATTRIBUTE = "__has_c_attribute", HAS_BUILTIN = "__has_builtin",
    HAS_FEATURE = "__has_feature", HAS_EXTENSION = "__has_extension",
    HAS_DECLSPEC_ATTRIBUTE = "__has_declspec_attribute", HAS_WARNING = "__has_warning",
    HAS_EMBED = "__has_embed", IS_IDENTIFIER = "__is_identifier",
    IS_TARGET_ARCH = "__is_target_arch", IS_TARGET_VENDOR = "__is_target_vendor",
    IS_TARGET_OS = "__is_target_os", IS_TARGET_ENVIRONMENT = "__is_target_environment",
    BUILDING_MODULE = "__building_module",
    VA_ARGS = "__VA_ARGS__", VA_OPT = "__VA_OPT__", PRAGMA_OPERATOR = "_Pragma",
    PRAGMA_MSVC = "__pragma", PRAGMA_MSVC2 = "_pragma",
    FILE_MACRO = "__FILE__", FILE_NAME_MACRO = "__FILE_NAME__", BASE_FILE_MACRO = "__BASE_FILE__",
    LINE_MACRO = "__LINE__",
    COUNTER_MACRO = "__COUNTER__", INCLUDE_LEVEL_MACRO = "__INCLUDE_LEVEL__", DATE_MACRO = "__DATE__",
    TIME_MACRO = "__TIME__", TIMESTAMP_MACRO = "__TIMESTAMP__",
    // Pragmas.
    ONCE = "once", PUSH_MACRO = "push_macro", POP_MACRO = "pop_macro", POISON = "poison",
    SYSTEM_HEADER = "system_header", GCC = "GCC", STDC = "STDC", OMP = "omp", DEPENDENCY = "dependency",
    PACK = "pack", PUSH = "push", POP = "pop", SHOW = "show", ON = "on", OFF = "off", RESET = "reset",
    OPTIONS = "options", NATURAL = "natural", POWER = "power", MAC68K = "mac68k", REGION = "region",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_symbols_are_those_of_their_spellings() {
        let mut interner = Interner::new();
        assert_eq!(interner.intern("struct"), kw::STRUCT);
        assert_eq!(interner.text(kw::REGION), "region");
        assert_eq!(interner.text(kw::EMPTY), "");
        assert_eq!(interner.intern("##"), Punct::HashHash.symbol());
        assert_eq!(interner.len(), PUNCTS.len() + kw::NAMES.len(), "no spelling is there twice");
    }

    #[test]
    fn spellings_come_back_after_the_table_has_grown() {
        let mut interner = Interner::new();
        let names: Vec<_> = (0..50_000).map(|number| format!("name_{number}")).collect();
        let symbols: Vec<_> = names.iter().map(|name| interner.intern(name)).collect();
        for (name, &symbol) in names.iter().zip(&symbols) {
            assert_eq!(interner.text(symbol), name);
            assert_eq!(interner.get(name), Some(symbol));
        }
        assert_eq!(interner.get("name_"), None);
    }

    #[test]
    fn a_token_is_small() {
        assert!(size_of::<Token>() <= 16);
    }
}

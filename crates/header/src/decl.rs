//! Declarations as they are written: parsed, names unresolved, expressions not evaluated.
//!
//! What lays nothing out is not kept: function bodies, templates' insides, initialisers that are no
//! expressions. Of a function only the name and type are kept, for `sizeof` and `typeof`.
//!
//! No tree here is deeper than [`Limits::nesting`](crate::Limits::nesting): the parser refuses such
//! text, so that code that walks the trees may recurse.

use crate::source::Loc;
use crate::token::Symbol;
use cwire_layout::types::{Access, Basic, Declared, RecordKind};

/// A name with its qualification: `a::b<3>::c`.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Whether it begins with `::`.
    pub global: bool,
    /// Its parts; one in C.
    pub parts: Vec<NamePart>,
    /// Where it begins.
    pub loc: Loc,
}

/// One part of a qualified name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamePart {
    /// The identifier.
    pub ident: Symbol,
    /// Template arguments, as in `array<int, 4>`.
    pub args: Option<Vec<TemplateArg>>,
}

/// A template argument. A name that the parser has not seen declared is given as a type, `N` in
/// `array<int, N>` too; a constant of that name is meant where there is one.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateArg {
    /// A type.
    Type(TypeName),
    /// A constant.
    Value(Expr),
}

/// What stands at file, namespace or class scope.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A declaration of variables, functions, typedefs, members; or of a type alone.
    Declaration(Declaration),
    /// `namespace a::b { … }`.
    Namespace {
        /// `[a, b]`; none for an unnamed one.
        name: Vec<Symbol>,
        /// Whether its names are visible outside: `inline`, and unnamed ones.
        inline: bool,
        /// What is in it.
        items: Vec<Self>,
        /// Where it begins.
        loc: Loc,
    },
    /// `using name = type;`
    Alias {
        /// The new name.
        name: Symbol,
        /// What it names.
        ty: TypeName,
        /// Attributes after the name.
        attrs: Attrs,
        /// Access, in a class.
        access: Access,
        /// Where the name is.
        loc: Loc,
    },
    /// `using a::name;`
    Using(Name),
    /// `using enum E;`: its enumerators are visible here.
    UsingEnum(Name),
    /// `using namespace a;`
    UsingNamespace(Name),
    /// `namespace x = a::b;`
    NamespaceAlias {
        /// `x`.
        name: Symbol,
        /// `a::b`.
        target: Name,
    },
    /// `static_assert(condition, message);`
    StaticAssert {
        /// What must not be zero.
        condition: Expr,
        /// The text between the quotes.
        message: Option<String>,
        /// Where it begins.
        loc: Loc,
    },
    /// A template, skipped. It cannot be laid out.
    Template {
        /// The class, alias or variable that it declares.
        name: Option<Symbol>,
        /// Where it begins.
        loc: Loc,
    },
    /// A member function that may decide about the record's layout. Members that are templates
    /// are here, too.
    Special {
        /// Which.
        member: Special,
        /// How it was declared where it was declared first.
        declared: Declared,
        /// Where it begins.
        loc: Loc,
    },
    /// What lays nothing out and names nothing: friends, out-of-class members, `asm`.
    Skipped(Loc),
}

/// Which special member function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// None of the constructors below.
    Constructor,
    /// One that needs no arguments.
    DefaultConstructor,
    /// `X(const X &)`.
    CopyConstructor,
    /// `X(X &&)`.
    MoveConstructor,
    /// `X &operator=(const X &)`, `X &operator=(X)`.
    CopyAssignment,
    /// `X &operator=(X &&)`.
    MoveAssignment,
    /// `~X()`.
    Destructor,
    /// Any virtual function, special or not: the record has a table pointer.
    Virtual,
}

/// `specifiers declarator, declarator;`
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// What stands before the declarators.
    pub specifiers: Specifiers,
    /// What is declared; empty for `struct X { … };` and for anonymous members.
    pub declarators: Vec<InitDeclarator>,
    /// Access of a class member.
    pub access: Access,
    /// Where it begins.
    pub loc: Loc,
}

/// Storage class of a declaration. The first of these that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// None of them.
    #[default]
    None,
    /// `typedef`.
    Typedef,
    /// `static`.
    Static,
    /// `extern`.
    Extern,
    /// `register`, `auto` of C, `thread_local`, `mutable`.
    Other,
}

/// Declaration specifiers and the attributes among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Specifiers {
    /// Storage class.
    pub storage: Storage,
    /// `constexpr`, `constinit`, `consteval`.
    pub constexpr: bool,
    /// Qualifiers of the type.
    pub qualifiers: Qualifiers,
    /// The type.
    pub ty: TypeSpec,
    /// Attributes that are not part of a record's or enum's own specifier; they count for every
    /// declarator. Where there is no declarator, `__declspec` ones count for the record.
    pub attrs: Attrs,
    /// Where they begin.
    pub loc: Loc,
}

/// Qualifiers of a type or pointer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Qualifiers {
    /// `const`.
    pub is_const: bool,
    /// `volatile`.
    pub is_volatile: bool,
    /// `_Atomic` as a qualifier.
    pub atomic: bool,
    /// Bytes of a pointer with `__ptr32` or `__ptr64` (MSVC).
    pub pointer_bytes: Option<u8>,
}

/// A type specifier.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeSpec {
    /// `void`.
    Void,
    /// An arithmetic type.
    Basic(Basic),
    /// `_Complex` of it.
    Complex(Basic),
    /// `_Decimal32` and others, by their size in bytes.
    Decimal(u8),
    /// `_BitInt(width)`.
    BitInt {
        /// Bits, the sign's included.
        width: Box<Expr>,
        /// Whether it is signed.
        signed: bool,
    },
    /// `__builtin_va_list`.
    VaList,
    /// `struct`, `union`, `class`.
    Record(Box<RecordSpec>),
    /// `enum`.
    Enum(Box<EnumSpec>),
    /// A typedef name, class name, or `std::array<…>`.
    Name(Name),
    /// `typeof(expression)`.
    TypeofExpr(Box<Expr>),
    /// `typeof(type)`.
    TypeofType(Box<TypeName>),
    /// `decltype(expression)`.
    Decltype {
        /// The operand.
        operand: Box<Expr>,
        /// `decltype((x))`: a reference if the operand is an lvalue.
        parenthesized: bool,
    },
    /// `typeof_unqual`: as `TypeofExpr` or `TypeofType`, without qualifiers.
    Unqualified(Box<Self>),
    /// `_Atomic(type)`.
    Atomic(Box<TypeName>),
    /// `__underlying_type(E)`.
    UnderlyingType(Box<TypeName>),
    /// `auto`, `__auto_type`: from the initialiser.
    Auto,
    /// No type: `f()` of old C, which returns `int`; conversion functions have the type that they
    /// convert to.
    ImplicitInt,
}

/// `struct`, `union` or `class`, with or without a body.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSpec {
    /// The keyword.
    pub kind: RecordKind,
    /// The tag.
    pub name: Option<Name>,
    /// After the keyword and after `}`: the places where they count for the record.
    pub attrs: Attrs,
    /// Bases and members.
    pub body: Option<RecordBody>,
    /// Where the keyword is.
    pub loc: Loc,
}

/// The body of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordBody {
    /// Base classes.
    pub bases: Vec<BaseSpec>,
    /// Members and what else stands there.
    pub items: Vec<Item>,
    /// `final`.
    pub is_final: bool,
    /// `#pragma pack` in force at `{` by the rules of cl.exe and clang, in bytes. `None`: the default
    /// of the command line.
    pub pack_open: Option<u64>,
    /// `#pragma pack` in force at `}` by the rules of gcc, in bytes.
    pub pack_close: Option<u64>,
    /// `#pragma ms_struct` in force at `{`; `None` if none was seen, or `reset`.
    pub ms_struct: Option<bool>,
}

/// A base class.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseSpec {
    /// The class.
    pub name: Name,
    /// Access as written or by default.
    pub access: Access,
    /// `virtual`.
    pub is_virtual: bool,
    /// Where it begins.
    pub loc: Loc,
}

/// `enum`, with or without a body.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumSpec {
    /// The tag.
    pub name: Option<Name>,
    /// `enum class`, `enum struct`.
    pub scoped: bool,
    /// `: type`.
    pub underlying: Option<TypeName>,
    /// After the keyword and after `}`.
    pub attrs: Attrs,
    /// Enumerators.
    pub body: Option<Vec<Enumerator>>,
    /// Where the keyword is.
    pub loc: Loc,
}

/// An enumerator.
#[derive(Clone, Debug, PartialEq)]
pub struct Enumerator {
    /// Its name.
    pub name: Symbol,
    /// `= value`.
    pub value: Option<Expr>,
    /// Where it is.
    pub loc: Loc,
}

/// A declarator with what may follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct InitDeclarator {
    /// Name and type.
    pub declarator: Declarator,
    /// Width of a bit-field.
    pub width: Option<Expr>,
    /// The initialiser; [`ExprKind::Opaque`] where it is none that could be a constant.
    pub init: Option<Expr>,
    /// Attributes around this declarator alone.
    pub attrs: Attrs,
}

/// A declarator: a name, and the types around it from the inside out.
///
/// `*a[3]` is `a` with parts `[Array(3), Pointer]`: an array of 3 pointers.
#[derive(Clone, Debug, PartialEq)]
pub struct Declarator {
    /// `None` for an abstract one, an unnamed bit-field, and an operator.
    pub name: Option<Name>,
    /// The types around the name.
    pub parts: Vec<DeclaratorPart>,
    /// Where the name is, or would be.
    pub loc: Loc,
}

/// One step of a declarator.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaratorPart {
    /// `*`, and `^` of Blocks.
    Pointer {
        /// Qualifiers of the pointer.
        qualifiers: Qualifiers,
        /// Attributes between `*` and what follows; they count for the pointer type.
        attrs: Attrs,
    },
    /// `&`, `&&`.
    Reference {
        /// `&&`.
        rvalue: bool,
    },
    /// `T C::*`.
    MemberPointer {
        /// The class.
        class: Name,
        /// Qualifiers of the pointer.
        qualifiers: Qualifiers,
    },
    /// `[len]`.
    Array {
        /// `None`: `[]` or `[*]`.
        len: Option<Expr>,
        /// Where `[` is.
        loc: Loc,
    },
    /// `(params)`.
    Function {
        /// Types of the parameters, `void` alone left out. Empty for names without types (K&R).
        params: Vec<TypeName>,
        /// `...`.
        variadic: bool,
        /// `-> type`.
        trailing: Option<Box<TypeName>>,
    },
}

/// A type without a name in it, as in casts and `sizeof`. As a parameter it may have a name.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// Specifiers.
    pub specifiers: Box<Specifiers>,
    /// The abstract declarator.
    pub declarator: Declarator,
}

/// Attributes that count for layout, in any syntax (`__attribute__`, `[[gnu::…]]`, `alignas`,
/// `__declspec`), in the order of the text. All others are skipped where they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs {
    /// One after the other.
    pub list: Vec<Attr>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// `packed`.
    Packed,
    /// `aligned(N)`; `None`: without a number.
    Aligned(Option<Expr>),
    /// `alignas(N)`, `_Alignas(N)`, C11 and C++11.
    Alignas(Expr),
    /// `alignas(type)`.
    AlignasType(TypeName),
    /// `__declspec(align(N))`.
    DeclspecAlign(Expr),
    /// `ms_struct`.
    MsStruct,
    /// `gcc_struct`.
    GccStruct,
    /// `mode(DI)`: `DI`, without underscores around it.
    Mode(Box<str>),
    /// `vector_size(bytes)`.
    VectorSize(Expr),
    /// clang's `ext_vector_type(elements)`.
    ExtVectorType(Expr),
    /// `[[no_unique_address]]`, `[[msvc::no_unique_address]]`.
    NoUniqueAddress {
        /// Of `msvc::`, the only one that MSVC ABIs honour.
        msvc: bool,
    },
    /// `__declspec(empty_bases)`.
    EmptyBases,
    /// `scalar_storage_order("big-endian")`, and the pragma of that name.
    StorageOrder {
        /// Whether it is big-endian.
        big: bool,
    },
    /// `transparent_union`, which changes how it is passed and not its layout.
    TransparentUnion,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it begins; of a binary operation, where the operator is.
    pub loc: Loc,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// An integer constant; the type follows from suffix and base (C11 6.4.4.1p5).
    Int {
        /// Its value.
        value: u128,
        /// `u`, `l` and others.
        suffix: IntSuffix,
        /// Whether it is written in base ten.
        decimal: bool,
    },
    /// A character constant of type `int`, `char` (C++), `wchar_t`, `char16_t` …
    Char {
        /// The bits; of several characters the first is the most significant, as gcc has it. One
        /// `char` beyond 0x7f still has to be sign-extended where `char` is signed.
        value: u32,
        /// `L`, `u8`, `u`, `U`.
        prefix: CharPrefix,
        /// Number of characters; of type `int` if it is not 1.
        len: usize,
    },
    /// A floating constant.
    Float {
        /// The nearest double.
        value: f64,
        /// By its suffix.
        ty: Basic,
    },
    /// A string literal: adjacent ones are joined.
    Str {
        /// `L`, `u8`, `u`, `U`.
        prefix: CharPrefix,
        /// Elements with the NUL; those of `L` are counted for a 32-bit `wchar_t`.
        len: u64,
    },
    /// `true`, `false`.
    Bool(bool),
    /// `nullptr`.
    Nullptr,
    /// A variable, constant, enumerator; a type where the parser has not seen it declared.
    Name(Name),
    /// `-a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a ? b : c`.
    Conditional {
        /// `a`.
        condition: Box<Expr>,
        /// `b`; `None`: GNU's `a ?: c`.
        then: Option<Box<Expr>>,
        /// `c`.
        otherwise: Box<Expr>,
    },
    /// `a = b`, `a += b` and others.
    Assign(Box<Expr>, Box<Expr>),
    /// `a, b`.
    Comma(Box<Expr>, Box<Expr>),
    /// `(T)e`, `static_cast<T>(e)`, `T(e)`, `T{e}`.
    Cast {
        /// `T`.
        ty: Box<TypeName>,
        /// `e`.
        operand: Box<Expr>,
    },
    /// `sizeof e`.
    SizeofExpr(Box<Expr>),
    /// `sizeof(T)`.
    SizeofType(Box<TypeName>),
    /// `alignof`, `_Alignof` (`preferred` false) and `__alignof__` (true), which differ on i386.
    AlignofExpr {
        /// The operand.
        operand: Box<Expr>,
        /// `__alignof__`.
        preferred: bool,
    },
    /// The same of a type.
    AlignofType {
        /// The operand.
        ty: Box<TypeName>,
        /// `__alignof__`.
        preferred: bool,
    },
    /// `offsetof(T, a.b[2])`, `__builtin_offsetof`.
    Offsetof {
        /// `T`.
        ty: Box<TypeName>,
        /// `a`, `b`, `2`.
        path: Vec<OffsetofStep>,
    },
    /// `a.b`, `a->b`.
    Member {
        /// `a`.
        base: Box<Expr>,
        /// `b`.
        name: Symbol,
        /// `->`.
        arrow: bool,
    },
    /// `a[b]`.
    Index {
        /// `a`.
        base: Box<Expr>,
        /// `b`.
        index: Box<Expr>,
    },
    /// `f(a, b)`; builtins that take types are calls, too.
    Call {
        /// `f`.
        callee: Box<Expr>,
        /// `a`, `b`.
        args: Vec<CallArg>,
    },
    /// `(T){…}`; `T{…}`, `T(…)` with none or several operands.
    CompoundLiteral {
        /// `T`.
        ty: Box<TypeName>,
        /// [`ExprKind::Braces`], or [`ExprKind::Opaque`] if it has designators.
        init: Box<Expr>,
    },
    /// `_Generic(control, T: a, default: b)`.
    Generic {
        /// Whose type chooses. A type since C2y and in clang.
        control: Box<CallArg>,
        /// Type and value; `None`: `default`.
        arms: Vec<(Option<TypeName>, Expr)>,
    },
    /// A braced initialiser without designators.
    Braces(Vec<Expr>),
    /// Something that is skipped and is no constant: statement expression, lambda, `new`, `throw`.
    Opaque,
}

/// An argument of a call; builtins take types, too.
#[derive(Clone, Debug, PartialEq)]
pub enum CallArg {
    /// An expression.
    Expr(Expr),
    /// A type, as in `__builtin_types_compatible_p(int, long)`.
    Type(TypeName),
}

/// One step of the path in `offsetof`.
#[derive(Clone, Debug, PartialEq)]
pub enum OffsetofStep {
    /// `.name`.
    Member(Symbol),
    /// `[index]`.
    Index(Expr),
}

/// Suffix of an integer constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntSuffix {
    /// `u`.
    pub unsigned: bool,
    /// 0, 1 (`l`), 2 (`ll`).
    pub longs: u8,
    /// `z` of C++23.
    pub size: bool,
    /// `wb` of C23.
    pub bit_int: bool,
    /// Bits that MSVC's `i8` to `i128` ask for; 0: none.
    pub bits: u8,
}

/// Prefix of a character constant or string literal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CharPrefix {
    /// `char`.
    #[default]
    None,
    /// `wchar_t`.
    L,
    /// `char8_t`.
    U8,
    /// `char16_t`.
    U16,
    /// `char32_t`.
    U32,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
#[expect(missing_docs, reason = "named as the operators are")]
pub enum UnaryOp {
    Plus, Minus, Not, Complement, Deref, AddressOf, PreIncrement, PreDecrement, PostIncrement, PostDecrement,
    Real, Imag,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
#[expect(missing_docs, reason = "named as the operators are")]
pub enum BinaryOp {
    Mul, Div, Rem, Add, Sub, Shl, Shr, Less, Greater, LessEqual, GreaterEqual, Equal, NotEqual,
    BitAnd, BitXor, BitOr, And, Or, Spaceship, MemberPointer,
}

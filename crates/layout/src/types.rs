//! C types with all names resolved, and the records that are made of them.
//!
//! [`Types`] is what a reader of declarations fills and what everybody else asks: the header reader
//! adds records by their members, and this crate places them; the reader of debug information adds
//! records with the places that a compiler gave them. From there on both look the same.
//!
//! Types are interned: two types that are the same have the same [`TypeId`].

use std::collections::HashMap;
use std::sync::Arc;

use crate::abi::Abi;
use crate::class::itanium::MAX_COMPARED;
use crate::error::{LayoutError, LayoutErrorKind};
use crate::field::Extent;
use crate::place::RecordAttrs;
use crate::record::{self, ClassLayout, RecordLayout};

/// A type in a [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(u32);

/// A struct, union or class in a [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u32);

/// An enum in a [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumId(u32);

/// A typedef or alias in a [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypedefId(u32);

/// The arithmetic types that C and C++ build in, by their own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Basic {
    /// `_Bool`, C++ `bool`.
    Bool,
    /// `char`; its sign is the ABI's.
    Char,
    /// `signed char`.
    SChar,
    /// `unsigned char`.
    UChar,
    /// `short`.
    Short,
    /// `unsigned short`.
    UShort,
    /// `int`.
    Int,
    /// `unsigned int`.
    UInt,
    /// `long`.
    Long,
    /// `unsigned long`.
    ULong,
    /// `long long`.
    LongLong,
    /// `unsigned long long`.
    ULongLong,
    /// `__int128`.
    Int128,
    /// `unsigned __int128`.
    UInt128,
    /// `_Float16`, `__fp16`, `__bf16`.
    Float16,
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// `long double`.
    LongDouble,
    /// `__float128`, `_Float128`.
    Float128,
    /// `wchar_t` of C++; in C it is a typedef.
    WChar,
    /// `char8_t` of C++.
    Char8,
    /// `char16_t` of C++.
    Char16,
    /// `char32_t` of C++.
    Char32,
    /// `std::nullptr_t`.
    NullPtr,
}

/// A resolved C type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// `void`.
    Void,
    /// An arithmetic type.
    Basic(Basic),
    /// `_BitInt(N)`.
    BitInt {
        /// Bits, the sign's included.
        width_bits: u32,
        /// Whether it is signed.
        signed: bool,
    },
    /// `_Complex`: two of them, real part first (C11 6.2.5p13).
    Complex(Basic),
    /// `vector_size`: `len` elements in a unit that is aligned as a whole.
    Vector {
        /// Type of one element.
        element: TypeId,
        /// Number of elements.
        len: u64,
    },
    /// A pointer.
    Pointer(TypeId),
    /// A C++ reference; as a member it takes the room of a pointer (Itanium C++ ABI 2.2).
    Reference {
        /// What it refers to.
        target: TypeId,
        /// `&&`.
        rvalue: bool,
    },
    /// A C++ pointer to a member of a class.
    MemberPointer {
        /// The class.
        class: RecordId,
        /// Type of the member; a function type for pointers to member functions.
        target: TypeId,
    },
    /// A function. Has no size.
    Function {
        /// What it returns.
        returns: TypeId,
        /// Its parameters.
        params: Box<[TypeId]>,
        /// Whether `...` follows them.
        variadic: bool,
    },
    /// An array; `len` is `None` for a flexible one (`T x[]`), 0 for GNU's `T x[0]`.
    Array {
        /// Type of one element.
        element: TypeId,
        /// Number of elements.
        len: Option<u64>,
    },
    /// A struct, union or class.
    Record(RecordId),
    /// An enum.
    Enum(EnumId),
    /// A typedef or alias, under its own name.
    Typedef(TypedefId),
    /// `const` or `volatile`.
    Qualified {
        /// The type without these qualifiers.
        ty: TypeId,
        /// `const`.
        is_const: bool,
        /// `volatile`.
        is_volatile: bool,
    },
    /// `_Atomic(T)`, which may be larger and more aligned than `T`.
    Atomic(TypeId),
}

/// Where something is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, as it was named or found.
    pub file: Arc<str>,
    /// Line, from 1; 0 if unknown.
    pub line: u32,
}

/// `struct`, `union` or `class`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// `struct`.
    Struct,
    /// `union`.
    Union,
    /// `class`.
    Class,
}

/// A struct, union or class: its declaration and, once it is complete, its layout.
#[derive(Clone, Debug)]
pub struct Record {
    /// `struct`, `union` or `class`.
    pub kind: RecordKind,
    /// Qualified name (`ns::Name`); empty for an unnamed one that no typedef names.
    pub name: Box<str>,
    /// Where its body, or else its first mention, is.
    pub origin: Option<Origin>,
    /// Members and layout; `None` while the record is incomplete.
    pub definition: Option<Definition>,
}

/// The body of a record with the place of everything in it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What was declared.
    pub def: RecordDef,
    /// Where it is.
    pub layout: RecordLayout,
    /// What classes that hold it need to know.
    pub(crate) class: ClassLayout,
    /// How many fields it is made of.
    pub(crate) extent: Extent,
}

impl Definition {
    /// Whether it is an empty class of C++: no data, in itself and in its bases (C++17
    /// meta.unary.prop). No record of C is.
    #[must_use]
    pub fn is_empty_class(&self) -> bool {
        self.class.empty
    }

    /// Whether the ABI counts it as plain old data for the purpose of layout, which keeps its tail
    /// padding to itself (Itanium C++ ABI 1.1). Says nothing on MSVC, where all classes keep theirs.
    #[must_use]
    pub fn is_pod_for_layout(&self) -> bool {
        self.class.pod
    }

    /// The empty classes inside it, itself included, with their offsets in bytes: no two of one type
    /// may be at the same address (Itanium C++ ABI 2.4). Always empty on MSVC.
    #[must_use]
    pub fn empty_classes(&self) -> &[(u64, RecordId)] {
        &self.class.empties
    }

    /// On MSVC, whether it begins and whether it ends with a part that takes no room: a base that
    /// begins so does not directly follow one that ends so (clang's observed behaviour for this
    /// target; rule `empty_bases`). Elsewhere neither.
    #[must_use]
    pub fn sizeless_ends(&self) -> (bool, bool) {
        (self.class.leads_empty, self.class.ends_empty)
    }
}

/// The body of a record.
#[derive(Clone, Debug, Default)]
pub struct RecordDef {
    /// Attributes of the record, and the `#pragma pack` in force.
    pub attrs: RecordAttrs,
    /// Base classes in the order of their declaration.
    pub bases: Vec<BaseDef>,
    /// Non-static data members in the order of their declaration.
    pub members: Vec<MemberDef>,
    /// What C++ knows of it beyond members; `None` for a record of C.
    pub class: Option<ClassTraits>,
}

/// A base class. Virtual ones are not laid out; such a record is refused by who reads it.
#[derive(Clone, Debug)]
pub struct BaseDef {
    /// The base.
    pub record: RecordId,
    /// Its access.
    pub access: Access,
}

/// A non-static data member.
#[derive(Clone, Debug)]
pub struct MemberDef {
    /// Name; empty for an unnamed bit-field and for an anonymous struct or union.
    pub name: Box<str>,
    /// Declared type.
    pub ty: TypeId,
    /// Width if it is a bit-field.
    pub width_bits: Option<u32>,
    /// `__attribute__((packed))` on this member.
    pub packed: bool,
    /// The strictest alignment asked for on this member, in bytes.
    pub align: Option<u64>,
    /// Access in C++; `Public` in C.
    pub access: Access,
    /// `[[no_unique_address]]`.
    pub no_unique_address: bool,
}

impl MemberDef {
    /// A public member without attributes.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, ty: TypeId) -> Self {
        Self {
            name: name.into(),
            ty,
            width_bits: None,
            packed: false,
            align: None,
            access: Access::Public,
            no_unique_address: false,
        }
    }
}

/// Access of a C++ member or base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// `public`.
    #[default]
    Public,
    /// `protected`.
    Protected,
    /// `private`.
    Private,
}

/// How a special member function was declared, if at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Declared {
    /// Not by the user.
    #[default]
    No,
    /// `= default` on its first declaration.
    Defaulted,
    /// `= delete`.
    Deleted,
    /// With a body, here or elsewhere.
    Provided,
}

/// What decides in C++ whether a later class may use a record's tail padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassTraits {
    /// Constructors that are neither default, copy nor move constructors: the strongest of them.
    pub constructor: Declared,
    /// Default constructor.
    pub default_constructor: Declared,
    /// Copy constructor.
    pub copy_constructor: Declared,
    /// Move constructor.
    pub move_constructor: Declared,
    /// Copy assignment.
    pub copy_assignment: Declared,
    /// Move assignment.
    pub move_assignment: Declared,
    /// Destructor.
    pub destructor: Declared,
    /// Whether a member has a default initialiser.
    pub default_initializer: bool,
    /// `final`.
    pub is_final: bool,
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Qualified name; empty for an unnamed one that no typedef names.
    pub name: Box<str>,
    /// Where its body, or else its first mention, is.
    pub origin: Option<Origin>,
    /// Enumerators and underlying type; `None` while it is incomplete.
    pub definition: Option<EnumDefinition>,
}

/// The body of an enum.
#[derive(Clone, Debug)]
pub struct EnumDefinition {
    /// Enumerators in the order of their declaration, with the values that the ABI keeps.
    pub values: Vec<(Box<str>, i128)>,
    /// The integer type that holds it.
    pub underlying: TypeId,
    /// Alignment in bytes, where an attribute changed it.
    pub align: Option<u64>,
    /// Whether the declaration says what holds it. Debug information does not tell.
    pub is_fixed: bool,
}

/// A typedef or alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typedef {
    /// Qualified name.
    pub name: Box<str>,
    /// What it names.
    pub target: TypeId,
    /// The alignment that it gives its target, in bytes: higher or, with gcc's `aligned`, lower.
    pub align: Option<u64>,
}

/// A declaration that cannot be laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Qualified name of the record or enum.
    pub name: Box<str>,
    /// Where it is declared.
    pub origin: Option<Origin>,
    /// Why, in the wording of an error message.
    pub reason: String,
}

/// All types of one program, laid out for one ABI.
#[derive(Clone, Debug)]
pub struct Types {
    abi: Abi,
    types: Vec<Type>,
    ids: HashMap<Type, TypeId>,
    records: Vec<Record>,
    enums: Vec<Enum>,
    typedefs: Vec<Typedef>,
    /// Names to types, tags and typedefs alike; a typedef wins over a tag of the same name.
    names: HashMap<Box<str>, TypeId>,
    /// Records in the order in which they became complete.
    defined: Vec<RecordId>,
    /// Enums in the order in which they became complete.
    defined_enums: Vec<EnumId>,
    refused: Vec<Refused>,
    /// How many empty classes may still be noted or compared, over all classes.
    comparisons_left: usize,
}

/// Empty classes that are noted or compared over all classes of a [`Types`].
const MAX_COMPARISONS: usize = 1 << 21;

impl Types {
    /// No types yet.
    #[must_use]
    pub fn new(abi: Abi) -> Self {
        Self {
            abi,
            types: Vec::new(),
            ids: HashMap::new(),
            records: Vec::new(),
            enums: Vec::new(),
            typedefs: Vec::new(),
            names: HashMap::new(),
            defined: Vec::new(),
            defined_enums: Vec::new(),
            refused: Vec::new(),
            comparisons_left: MAX_COMPARISONS,
        }
    }

    /// The ABI that everything here is laid out for.
    #[must_use]
    pub fn abi(&self) -> &Abi {
        &self.abi
    }

    /// The id of a type, which is the same whenever the type is.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = TypeId(index(self.types.len()));
        self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// The type of an id.
    ///
    /// # Panics
    ///
    /// The id is of another `Types`. So with the other ids below.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        entry(&self.types, id.0)
    }

    /// A type without the typedefs and qualifiers around it. [`Type::Atomic`] stays.
    #[must_use]
    pub fn strip(&self, mut id: TypeId) -> TypeId {
        loop {
            match self.get(id) {
                Type::Typedef(typedef) => id = self.typedef(*typedef).target,
                Type::Qualified { ty, .. } => id = *ty,
                _ => return id,
            }
        }
    }

    /// The record that a type is, or the elements of an array are, through any number of dimensions.
    #[must_use]
    pub fn record_of(&self, ty: TypeId) -> Option<RecordId> {
        let mut at = self.strip(ty);
        loop {
            match self.get(at) {
                Type::Array { element, .. } => at = self.strip(*element),
                Type::Record(id) => return Some(*id),
                _ => return None,
            }
        }
    }

    /// An arithmetic type.
    pub fn basic(&mut self, basic: Basic) -> TypeId {
        self.intern(Type::Basic(basic))
    }

    /// A pointer to `target`.
    pub fn pointer(&mut self, target: TypeId) -> TypeId {
        self.intern(Type::Pointer(target))
    }

    /// An array of `element`.
    pub fn array(&mut self, element: TypeId, len: Option<u64>) -> TypeId {
        self.intern(Type::Array { element, len })
    }

    /// Adds an incomplete record. An empty name is no name; a second one of a name hides the first
    /// from [`Types::find`], as an inner scope does.
    pub fn add_record(&mut self, kind: RecordKind, name: &str, origin: Option<Origin>) -> RecordId {
        let id = RecordId(index(self.records.len()));
        self.records.push(Record { kind, name: name.into(), origin, definition: None });
        let ty = self.intern(Type::Record(id));
        self.bind_tag(name, ty);
        id
    }

    /// Gives an unnamed record its name, as `typedef struct { … } Name;` does.
    pub fn name_record(&mut self, id: RecordId, name: &str) {
        entry_mut(&mut self.records, id.0).name = name.into();
    }

    /// Says where a record is declared: its body outranks its first mention.
    pub fn set_record_origin(&mut self, id: RecordId, origin: Origin) {
        entry_mut(&mut self.records, id.0).origin = Some(origin);
    }

    /// Completes a record: places its members by the ABI's rules.
    ///
    /// # Errors
    ///
    /// A member has no size or breaks a rule of C. The record stays incomplete.
    pub fn define_record(&mut self, id: RecordId, mut def: RecordDef) -> Result<(), LayoutError> {
        if self.abi.packs_records() {
            def.attrs = RecordAttrs { packed: true, pack: None, ..def.attrs };
        }
        let laid_out = record::lay_out(self, id, &def);
        self.comparisons_left -= match &laid_out {
            Ok((_, class)) => class.comparisons,
            // It may have used up all that one class may.
            Err(error) if error.kind() == LayoutErrorKind::TooComplex => MAX_COMPARED,
            Err(_) => 0,
        }
        .min(self.comparisons_left);
        let (layout, class) = laid_out?;
        self.complete(id, def, layout, class)
    }

    /// Completes a record whose members have been placed by somebody else.
    ///
    /// # Errors
    ///
    /// It has more fields than are told apart, those of its bases and anonymous members counted.
    pub fn define_placed_record(
        &mut self,
        id: RecordId,
        def: RecordDef,
        layout: RecordLayout,
    ) -> Result<(), LayoutError> {
        self.complete(id, def, layout, ClassLayout::default())
    }

    pub(crate) fn comparisons_left(&self) -> usize {
        self.comparisons_left
    }

    fn complete(
        &mut self,
        id: RecordId,
        def: RecordDef,
        layout: RecordLayout,
        class: ClassLayout,
    ) -> Result<(), LayoutError> {
        let extent = self.extent(&def)?;
        let definition = Definition { def, layout, class, extent };
        if entry_mut(&mut self.records, id.0).definition.replace(definition).is_none() {
            self.defined.push(id);
        }
        Ok(())
    }

    /// A record.
    #[must_use]
    pub fn record(&self, id: RecordId) -> &Record {
        entry(&self.records, id.0)
    }

    /// The type of a record.
    #[must_use]
    pub fn record_type(&self, id: RecordId) -> TypeId {
        let ty = self.ids.get(&Type::Record(id)).copied();
        ty.expect("an id comes from the `Types` that it is given to")
    }

    /// The complete records, in the order in which they became complete.
    #[must_use]
    pub fn records(&self) -> &[RecordId] {
        &self.defined
    }

    /// Adds an incomplete enum. An empty name is no name.
    pub fn add_enum(&mut self, name: &str, origin: Option<Origin>) -> EnumId {
        let id = EnumId(index(self.enums.len()));
        self.enums.push(Enum { name: name.into(), origin, definition: None });
        let ty = self.intern(Type::Enum(id));
        self.bind_tag(name, ty);
        id
    }

    /// Gives an unnamed enum its name.
    pub fn name_enum(&mut self, id: EnumId, name: &str) {
        entry_mut(&mut self.enums, id.0).name = name.into();
    }

    /// Says where an enum is declared: its body outranks its first mention.
    pub fn set_enum_origin(&mut self, id: EnumId, origin: Origin) {
        entry_mut(&mut self.enums, id.0).origin = Some(origin);
    }

    /// Completes an enum; again, where its type is known before its enumerators are.
    pub fn define_enum(&mut self, id: EnumId, definition: EnumDefinition) {
        if entry_mut(&mut self.enums, id.0).definition.replace(definition).is_none() {
            self.defined_enums.push(id);
        }
    }

    /// An enum.
    #[must_use]
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        entry(&self.enums, id.0)
    }

    /// The complete enums, in the order in which they became complete.
    #[must_use]
    pub fn enums(&self) -> &[EnumId] {
        &self.defined_enums
    }

    /// Adds a typedef.
    pub fn add_typedef(&mut self, typedef: Typedef) -> TypeId {
        let id = TypedefId(index(self.typedefs.len()));
        let name = typedef.name.clone();
        self.typedefs.push(typedef);
        let ty = self.intern(Type::Typedef(id));
        self.names.insert(name, ty);
        ty
    }

    /// A typedef.
    #[must_use]
    pub fn typedef(&self, id: TypedefId) -> &Typedef {
        entry(&self.typedefs, id.0)
    }

    /// The type of a qualified name: a typedef, or else a record or enum by its tag.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// Notes a declaration that cannot be laid out.
    pub fn refuse(&mut self, refused: Refused) {
        self.refused.push(refused);
    }

    /// The declarations that could not be laid out, and why.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    fn bind_tag(&mut self, name: &str, ty: TypeId) {
        if name.is_empty() {
            return;
        }
        match self.names.get(name).map(|&id| self.get(id)) {
            Some(Type::Typedef(_)) => {}
            _ => {
                self.names.insert(name.into(), ty);
            }
        }
    }
}

fn index(len: usize) -> u32 {
    u32::try_from(len).expect("declarations are read from text of less than 4 GiB")
}

fn entry<T>(entries: &[T], index: u32) -> &T {
    entries.get(index as usize).expect("an id comes from the `Types` that it is given to")
}

fn entry_mut<T>(entries: &mut [T], index: u32) -> &mut T {
    entries.get_mut(index as usize).expect("an id comes from the `Types` that it is given to")
}

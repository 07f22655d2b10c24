//! Types as C spells them.

use crate::types::{Basic, RecordId, RecordKind, Type, TypeId, Types};

/// Declarators nested deeper than this are cut short with `…`.
const MAX_DEPTH: usize = 256;

impl Types {
    /// A type as C spells it: `char[15]`, `struct point *`, `int (*)(int, char)`. Classes of C++ are
    /// spelled without their keyword, typedefs by their name.
    #[must_use]
    pub fn spell(&self, ty: TypeId) -> String {
        let mut declarator = String::new();
        let base = self.declare(ty, &mut declarator, 0);
        base + &declarator
    }

    /// Wraps `declarator` in what `ty` puts around a name; returns the specifiers before it.
    fn declare(&self, ty: TypeId, declarator: &mut String, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return "…".to_owned();
        }
        match self.get(ty) {
            Type::Pointer(target) => self.declare_pointer(*target, "*", declarator, depth),
            Type::Reference { target, rvalue } => {
                let sign = if *rvalue { "&&" } else { "&" };
                self.declare_pointer(*target, sign, declarator, depth)
            }
            Type::MemberPointer { class, target } => {
                let sign = format!("{}::*", self.record(*class).name);
                self.declare_pointer(*target, &sign, declarator, depth)
            }
            Type::Array { element, len } => {
                match len {
                    Some(len) => declarator.push_str(&format!("[{len}]")),
                    None => declarator.push_str("[]"),
                }
                self.declare(*element, declarator, depth + 1)
            }
            Type::Function { returns, params, variadic } => {
                let mut list: Vec<String> =
                    params.iter().map(|&param| self.spell_in(param, depth)).collect();
                if *variadic {
                    list.push("...".to_owned());
                }
                if list.is_empty() {
                    list.push("void".to_owned());
                }
                declarator.push_str(&format!("({})", list.join(", ")));
                let base = self.declare(*returns, declarator, depth + 1);
                if declarator.starts_with('(') { base + " " } else { base }
            }
            Type::Qualified { ty, is_const, is_volatile } => {
                let words = match (is_const, is_volatile) {
                    (true, true) => "const volatile",
                    (true, false) => "const",
                    _ => "volatile",
                };
                if matches!(self.get(*ty), Type::Pointer(_) | Type::MemberPointer { .. }) {
                    let space = if declarator.is_empty() { "" } else { " " };
                    *declarator = format!("{words}{space}{declarator}");
                    return self.declare(*ty, declarator, depth + 1);
                }
                format!("{words} {}", self.declare(*ty, declarator, depth + 1))
            }
            _ => self.spell_plain(ty, depth),
        }
    }

    fn declare_pointer(
        &self,
        target: TypeId,
        sign: &str,
        declarator: &mut String,
        depth: usize,
    ) -> String {
        let needs_parens = matches!(self.get(target), Type::Array { .. } | Type::Function { .. });
        let qualified = declarator.starts_with(|c: char| c.is_ascii_alphabetic());
        *declarator = match (needs_parens, qualified) {
            (true, true) => format!("({sign} {declarator})"),
            (true, false) => format!("({sign}{declarator})"),
            (false, true) => format!("{sign} {declarator}"),
            (false, false) => format!("{sign}{declarator}"),
        };
        let base = self.declare(target, declarator, depth + 1);
        // One space before the outermost declarator: `int *`, `int (*)[3]`.
        let inner = self.is_declared(target);
        if inner { base } else { base + " " }
    }

    /// Whether a type adds to the declarator, so that the space before it is already there.
    fn is_declared(&self, ty: TypeId) -> bool {
        match self.get(ty) {
            Type::Pointer(_) | Type::Reference { .. } | Type::MemberPointer { .. } => true,
            Type::Qualified { ty, .. } => {
                matches!(self.get(*ty), Type::Pointer(_) | Type::MemberPointer { .. })
            }
            Type::Array { element, .. } => self.is_declared(*element),
            Type::Function { .. } => true,
            _ => false,
        }
    }

    fn spell_in(&self, ty: TypeId, depth: usize) -> String {
        let mut declarator = String::new();
        let base = self.declare(ty, &mut declarator, depth + 1);
        base + &declarator
    }

    fn spell_plain(&self, ty: TypeId, depth: usize) -> String {
        match self.get(ty) {
            Type::Void => "void".to_owned(),
            Type::Basic(basic) => basic.name().to_owned(),
            Type::BitInt { width_bits, signed } => {
                let sign = if *signed { "" } else { "unsigned " };
                format!("{sign}_BitInt({width_bits})")
            }
            Type::Complex(basic) => format!("_Complex {}", basic.name()),
            Type::Vector { element, len } => {
                format!("{} __vector({len})", self.spell_in(*element, depth))
            }
            Type::Atomic(target) => format!("_Atomic({})", self.spell_in(*target, depth)),
            Type::Typedef(id) => self.typedef(*id).name.to_string(),
            Type::Record(id) => self.spell_record(*id),
            Type::Enum(id) => {
                let entry = self.enumeration(*id);
                match &*entry.name {
                    "" => unnamed("enum", entry.origin.as_ref()),
                    name => format!("enum {name}"),
                }
            }
            _ => String::new(),
        }
    }

    fn spell_record(&self, id: RecordId) -> String {
        let record = self.record(id);
        let keyword = match record.kind {
            RecordKind::Struct => "struct",
            RecordKind::Union => "union",
            RecordKind::Class => "class",
        };
        let cxx =
            record.definition.as_ref().is_some_and(|definition| definition.def.class.is_some());
        match (&*record.name, cxx) {
            ("", _) => unnamed(keyword, record.origin.as_ref()),
            (name, true) => name.to_owned(),
            (name, false) => format!("{keyword} {name}"),
        }
    }
}

fn unnamed(keyword: &str, origin: Option<&crate::types::Origin>) -> String {
    match origin {
        Some(origin) => format!("{keyword} (unnamed at {}:{})", origin.file, origin.line),
        None => format!("{keyword} (unnamed)"),
    }
}

impl Basic {
    /// Its name in C, or in C++ where only that has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Char => "char",
            Self::SChar => "signed char",
            Self::UChar => "unsigned char",
            Self::Short => "short",
            Self::UShort => "unsigned short",
            Self::Int => "int",
            Self::UInt => "unsigned int",
            Self::Long => "long",
            Self::ULong => "unsigned long",
            Self::LongLong => "long long",
            Self::ULongLong => "unsigned long long",
            Self::Int128 => "__int128",
            Self::UInt128 => "unsigned __int128",
            Self::Float16 => "_Float16",
            Self::Float => "float",
            Self::Double => "double",
            Self::LongDouble => "long double",
            Self::Float128 => "__float128",
            Self::WChar => "wchar_t",
            Self::Char8 => "char8_t",
            Self::Char16 => "char16_t",
            Self::Char32 => "char32_t",
            Self::NullPtr => "std::nullptr_t",
        }
    }
}

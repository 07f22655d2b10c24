//! What attributes ask for.
//!
//! Where an attribute counts, gcc decides by what it stands after: on a record or enum only between
//! its keyword and tag or after its `}`; elsewhere it belongs to what is declared. The parser has
//! sorted them so.

use cwire_layout::types::{Basic, Type, TypeId, Typedef};

use super::{Fail, Resolved, Resolver, target};
use crate::decl::{Attr, Attrs, DeclaratorPart, Expr, InitDeclarator, Specifiers};
use crate::eval::int_type;
use crate::source::Loc;

/// What the attributes of one declaration ask for together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) packed: bool,
    /// What `aligned(N)` asks of a type, where it may lower the alignment; with gcc `alignas` too.
    pub(crate) aligned: Option<u64>,
    /// The strictest of all alignments, in any syntax: what counts on members.
    pub(crate) strictest: Option<u64>,
    /// The strictest `__declspec(align(N))` or `alignas` of clang, which never lower one.
    pub(crate) at_least: Option<u64>,
    /// `ms_struct` or `gcc_struct`.
    pub(crate) ms_struct: Option<bool>,
    pub(crate) mode: Option<Box<str>>,
    pub(crate) vector: Option<Vector>,
    pub(crate) no_unique_address: bool,
    pub(crate) empty_bases: bool,
    /// `scalar_storage_order`: whether it is big-endian.
    pub(crate) storage_order: Option<bool>,
}

/// Size of a vector.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vector {
    Bytes(u64),
    Elements(u64),
}

impl Resolver<'_> {
    /// What `attrs` ask for, in the order of the text.
    pub(crate) fn asked(&mut self, attrs: &[&Attrs]) -> Resolved<Asked> {
        let mut asked = Asked::default();
        for attr in attrs.iter().flat_map(|attrs| &attrs.list) {
            self.ask(attr, &mut asked)?;
        }
        Ok(asked)
    }

    /// What is asked of what a declarator declares. clang counts in what stands behind its `*`, which
    /// gcc takes for attributes of the pointer's type (rule header `pointer_attributes.h`).
    pub(crate) fn asked_of(
        &mut self,
        specifiers: &Specifiers,
        declarator: &InitDeclarator,
    ) -> Resolved<Asked> {
        let mut attrs = vec![&specifiers.attrs, &declarator.attrs];
        if self.pointers_pass_attributes() {
            attrs.extend(declarator.declarator.parts.iter().filter_map(|part| match part {
                DeclaratorPart::Pointer { attrs, .. } => Some(attrs),
                _ => None,
            }));
        }
        self.asked(&attrs)
    }

    /// Whether attributes behind `*` are the declaration's, as for clang.
    pub(crate) fn pointers_pass_attributes(&self) -> bool {
        target::is_msvc(self.types.abi()) || target::is_apple(self.types.abi())
    }

    fn ask(&mut self, attr: &Attr, asked: &mut Asked) -> Resolved<()> {
        match attr {
            Attr::Packed => asked.packed = true,
            Attr::Aligned(None) => {
                let align = self.types.abi().max_align();
                self.note_align(Some(align), false, asked);
            }
            Attr::Aligned(Some(expr)) => {
                let align = self.alignment(expr)?;
                self.note_align(align, false, asked);
            }
            Attr::Alignas(expr) | Attr::DeclspecAlign(expr) => {
                let align = self.alignment(expr)?;
                self.note_align(align, true, asked);
            }
            Attr::AlignasType(name) => {
                let ty = self.type_name(name)?;
                let align = self.align_of(ty, name.declarator.loc, false)?;
                self.note_align(Some(align), true, asked);
            }
            Attr::MsStruct => asked.ms_struct = Some(true),
            Attr::GccStruct => asked.ms_struct = Some(false),
            Attr::Mode(mode) => asked.mode = Some(mode.clone()),
            Attr::VectorSize(expr) => asked.vector = Some(Vector::Bytes(self.count(expr)?)),
            Attr::ExtVectorType(expr) => asked.vector = Some(Vector::Elements(self.count(expr)?)),
            Attr::NoUniqueAddress { msvc } => {
                asked.no_unique_address |= *msvc == target::is_msvc(self.types.abi());
            }
            Attr::EmptyBases => asked.empty_bases = true,
            Attr::StorageOrder { big } => asked.storage_order = Some(*big),
            Attr::TransparentUnion => {}
        }
        Ok(())
    }

    /// Counts in an alignment. Of several on one type the last counts in gcc, `alignas` or not, and
    /// the strictest in clang (rule header `aligned_twice.hpp`).
    fn note_align(&self, align: Option<u64>, is_alignas: bool, asked: &mut Asked) {
        asked.strictest = asked.strictest.max(align);
        if target::is_gcc(self.types.abi()) {
            asked.aligned = align.or(asked.aligned);
        } else if is_alignas {
            asked.at_least = asked.at_least.max(align);
        } else {
            asked.aligned = asked.aligned.max(align);
        }
    }

    /// An alignment in bytes; `alignas(0)` is none (C11 6.7.5p6).
    fn alignment(&mut self, expr: &Expr) -> Resolved<Option<u64>> {
        let value = self.integer(expr)?;
        match u64::try_from(value) {
            Ok(0) => Ok(None),
            Ok(align) if align.is_power_of_two() => Ok(Some(align)),
            _ => Err(Fail::new(expr.loc, format!("an alignment is a power of two, not {value}"))),
        }
    }

    fn count(&mut self, expr: &Expr) -> Resolved<u64> {
        let value = self.integer(expr)?;
        u64::try_from(value).map_err(|_| {
            Fail::new(expr.loc, format!("needs a size that is not negative, found {value}"))
        })
    }

    /// The type that `mode` and `vector_size` make of `ty`, the type before the declarator.
    pub(crate) fn modified(&mut self, ty: TypeId, asked: &Asked, loc: Loc) -> Resolved<TypeId> {
        let ty = match &asked.mode {
            Some(mode) => self.moded(ty, mode, loc)?,
            None => ty,
        };
        let Some(vector) = asked.vector else { return Ok(ty) };
        let size = self.size_of(ty, loc)?;
        let len = match vector {
            Vector::Elements(len) => len,
            Vector::Bytes(bytes) if size > 0 && bytes % size == 0 => bytes / size,
            Vector::Bytes(bytes) => {
                let reason = format!("needs a vector of a multiple of {size} bytes, found {bytes}");
                return Err(Fail::new(loc, reason));
            }
        };
        Ok(self.types.intern(Type::Vector { element: ty, len }))
    }

    /// `mode(M)`: the type of the machine mode M with the sign of `ty` (gcc internals, Machine
    /// Modes).
    pub(crate) fn moded(&mut self, ty: TypeId, mode: &str, loc: Loc) -> Resolved<TypeId> {
        let signed = int_type(self.types, ty).is_none_or(|int| int.signed);
        let pick = |s: Basic, u: Basic| if signed { s } else { u };
        let abi = *self.types.abi();
        let word = if abi.pointer_size() == 8 { "DI" } else { "SI" };
        let mode = match mode {
            "byte" => "QI",
            "word" | "pointer" | "unwind_word" | "libgcc_cmp_return" | "libgcc_shift_count" => word,
            mode => mode,
        };
        let eight = if target::long_is_64(&abi) { Basic::Long } else { Basic::LongLong };
        let eight_unsigned = if target::long_is_64(&abi) { Basic::ULong } else { Basic::ULongLong };
        let basic = match mode {
            "QI" => pick(Basic::SChar, Basic::UChar),
            "HI" => pick(Basic::Short, Basic::UShort),
            "SI" => pick(Basic::Int, Basic::UInt),
            "DI" => pick(eight, eight_unsigned),
            "TI" => pick(Basic::Int128, Basic::UInt128),
            "HF" => Basic::Float16,
            "SF" => Basic::Float,
            "DF" => Basic::Double,
            "XF" => Basic::LongDouble,
            "TF" | "KF" => Basic::Float128,
            "SC" => return Ok(self.types.intern(Type::Complex(Basic::Float))),
            "DC" => return Ok(self.types.intern(Type::Complex(Basic::Double))),
            "XC" => return Ok(self.types.intern(Type::Complex(Basic::LongDouble))),
            "TC" | "KC" => return Ok(self.types.intern(Type::Complex(Basic::Float128))),
            _ => return Err(Fail::new(loc, format!("needs a machine mode, found `{mode}`"))),
        };
        Ok(self.basic(basic))
    }

    /// The alignment that attributes give a typedef of `target`.
    pub(crate) fn typedef_align(&self, asked: &Asked, target: TypeId) -> Option<u64> {
        let Some(at_least) = asked.at_least else { return asked.aligned };
        let natural = match asked.aligned {
            Some(align) => align,
            None => self.types.layout_of(target).map_or(1, |layout| layout.align),
        };
        Some(at_least.max(natural))
    }

    /// A type with another alignment and no name of its own, as an attribute on a pointer makes it.
    pub(crate) fn realigned(&mut self, ty: TypeId, align: u64) -> TypeId {
        if let Some(&id) = self.names.aligned.get(&(ty, align)) {
            return id;
        }
        let name = self.types.spell(ty);
        let id =
            self.types.add_typedef(Typedef { name: name.into(), target: ty, align: Some(align) });
        self.names.aligned.insert((ty, align), id);
        id
    }
}

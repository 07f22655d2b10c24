//! Size and alignment of types.

use crate::abi::{Abi, ClassRule, Scalar};
use crate::error::{LayoutError, LayoutErrorKind};
use crate::place::check_align;
use crate::ty::{TypeLayout, max, min};
use crate::types::{Basic, Type, TypeId, Types};

impl Types {
    /// Size and alignment of a type as a member of a record.
    ///
    /// # Errors
    ///
    /// The type has no size (`void`, a function, an incomplete record or enum), or is too large.
    pub fn layout_of(&self, ty: TypeId) -> Result<TypeLayout, LayoutError> {
        // The outermost typedef that says something about alignment wins, arrays' lengths multiply:
        // a loop, since declarations may nest them to any depth.
        let mut asked: Option<u64> = None;
        let mut len: u64 = 1;
        let mut at = ty;
        let layout = loop {
            match self.get(at) {
                Type::Typedef(id) => {
                    let typedef = self.typedef(*id);
                    asked = match (asked, typedef.align) {
                        (Some(outer), Some(inner)) if self.is_msvc() => Some(max(outer, inner)),
                        (outer, inner) => outer.or(inner),
                    };
                    at = typedef.target;
                }
                Type::Qualified { ty, .. } => at = *ty,
                Type::Array { element, len: elements } => {
                    len = len
                        .checked_mul(elements.unwrap_or(0))
                        .ok_or(LayoutError::new(LayoutErrorKind::TooLarge))?;
                    at = *element;
                }
                _ => break self.core_layout(at)?.array(len)?,
            }
        };
        check_align(asked)?;
        Ok(match asked {
            None => layout,
            // Here an alignment is never lowered, and `#pragma pack` does not reach it.
            Some(asked) if self.is_msvc() => TypeLayout {
                align: max(layout.align, asked),
                required_align: max(layout.required_align, asked),
                ..layout
            },
            Some(asked) => TypeLayout { align: asked, ..layout },
        })
    }

    /// What `__alignof__` gives for a type: on i386 Linux more than in a record for some types
    /// (System V i386 psABI, table 2.1).
    ///
    /// # Errors
    ///
    /// As [`Types::layout_of`].
    pub fn align_of(&self, ty: TypeId) -> Result<u64, LayoutError> {
        let layout = self.layout_of(ty)?;
        let mut at = ty;
        loop {
            match self.get(at) {
                Type::Typedef(id) if self.typedef(*id).align.is_some() => return Ok(layout.align),
                Type::Typedef(id) => at = self.typedef(*id).target,
                Type::Qualified { ty, .. } => at = *ty,
                Type::Array { element, .. } => at = *element,
                Type::Basic(Basic::Double | Basic::LongLong | Basic::ULongLong)
                | Type::Complex(Basic::Double) => return Ok(max(layout.align, 8)),
                // As the integer that holds it.
                Type::Enum(_) if self.layout_of(at)?.size == 8 => return Ok(max(layout.align, 8)),
                _ => return Ok(layout.align),
            }
        }
    }

    /// What C's `_Alignof` and C++'s `alignof` give for a type. gcc's stop at the ABI's largest
    /// alignment unless an attribute asked for more (observed; rule header `alignof_vectors.h`).
    ///
    /// # Errors
    ///
    /// As [`Types::layout_of`].
    pub fn standard_align_of(&self, ty: TypeId) -> Result<u64, LayoutError> {
        let align = self.layout_of(ty)?.align;
        if self.abi().class_rule() != ClassRule::Gcc || self.has_user_align(ty) {
            return Ok(align);
        }
        Ok(min(align, self.abi().max_align()))
    }

    /// Whether an attribute gave a type its alignment, in a typedef or a record.
    pub(crate) fn has_user_align(&self, mut ty: TypeId) -> bool {
        loop {
            match self.get(ty) {
                Type::Typedef(id) => {
                    let typedef = self.typedef(*id);
                    if typedef.align.is_some() {
                        return true;
                    }
                    ty = typedef.target;
                }
                Type::Qualified { ty: inner, .. } => ty = *inner,
                Type::Array { element, .. } => ty = *element,
                Type::Record(id) => {
                    let definition = self.record(*id).definition.as_ref();
                    return definition.is_some_and(|definition| definition.class.user_align);
                }
                _ => return false,
            }
        }
    }

    fn is_msvc(&self) -> bool {
        self.abi().class_rule() == ClassRule::Msvc
    }

    /// A type that is no typedef, qualified type or array.
    fn core_layout(&self, ty: TypeId) -> Result<TypeLayout, LayoutError> {
        let abi = self.abi();
        Ok(match self.get(ty) {
            Type::Basic(basic) => basic_layout(abi, *basic),
            Type::BitInt { width_bits, .. } => bit_int_layout(abi, *width_bits),
            Type::Complex(basic) => basic_layout(abi, *basic).array(2)?,
            Type::Vector { element, len } => {
                let size = self.layout_of(*element)?.array(*len)?.size;
                let float = matches!(
                    self.get(self.strip(*element)),
                    Type::Basic(Basic::Float16 | Basic::Float | Basic::Double)
                );
                TypeLayout::new(size, vector_align(abi, size, float))
            }
            Type::Pointer(_) | Type::Reference { .. } => abi.scalar(Scalar::Pointer),
            Type::MemberPointer { target, .. } => self.member_pointer_layout(*target)?,
            Type::Record(id) => match &self.record(*id).definition {
                Some(definition) => definition.layout.layout,
                None => return Err(LayoutError::new(LayoutErrorKind::Incomplete)),
            },
            Type::Enum(id) => match &self.enumeration(*id).definition {
                Some(definition) => {
                    let layout = self.core_layout(self.strip(definition.underlying))?;
                    match definition.align {
                        Some(align) => TypeLayout { align, ..layout },
                        None => layout,
                    }
                }
                None => return Err(LayoutError::new(LayoutErrorKind::Incomplete)),
            },
            Type::Atomic(target) => atomic_layout(abi, self.layout_of(*target)?),
            Type::Void | Type::Function { .. } => {
                return Err(LayoutError::new(LayoutErrorKind::NoSize));
            }
            Type::Typedef(_) | Type::Qualified { .. } | Type::Array { .. } => {
                return self.layout_of(ty);
            }
        })
    }

    /// Itanium C++ ABI 2.3: `ptrdiff_t`, and two of it for a function. Microsoft's single
    /// inheritance model: `int`, and a pointer.
    fn member_pointer_layout(&self, target: TypeId) -> Result<TypeLayout, LayoutError> {
        let pointer = self.abi().scalar(Scalar::Pointer);
        let function = matches!(self.get(self.strip(target)), Type::Function { .. });
        match (self.is_msvc(), function) {
            (true, false) => Ok(self.abi().scalar(Scalar::Int)),
            (false, true) => pointer.array(2),
            (true, true) | (false, false) => Ok(pointer),
        }
    }
}

fn basic_layout(abi: &Abi, basic: Basic) -> TypeLayout {
    let scalar = match basic {
        Basic::Bool => Scalar::Bool,
        Basic::Char | Basic::SChar | Basic::UChar | Basic::Char8 => Scalar::Char,
        Basic::Short | Basic::UShort | Basic::Char16 | Basic::Float16 => Scalar::Short,
        Basic::Int | Basic::UInt | Basic::Char32 => Scalar::Int,
        Basic::Long | Basic::ULong => Scalar::Long,
        Basic::LongLong | Basic::ULongLong => Scalar::LongLong,
        Basic::Float => Scalar::Float,
        Basic::Double => Scalar::Double,
        Basic::WChar => Scalar::WChar,
        Basic::NullPtr => Scalar::Pointer,
        Basic::LongDouble => return abi.long_double(),
        Basic::Int128 | Basic::UInt128 | Basic::Float128 => return abi.sixteen_bytes(),
    };
    abi.scalar(scalar)
}

/// Up to 64 bits as the next larger integer type, beyond that whole units of 64 bits (x86-64 psABI
/// 3.1.2 "Bit-precise integers", AAPCS64 "Bit-precise integer types": units of 128 there; i386: units
/// of 32).
fn bit_int_layout(abi: &Abi, width_bits: u32) -> TypeLayout {
    let bytes = u64::from(width_bits.div_ceil(8)).max(1);
    let unit = match abi.triple() {
        "i686-unknown-linux-gnu" => 4,
        triple if triple.starts_with("aarch64") && bytes > 8 => 16,
        _ => 8,
    };
    match bytes {
        bytes if bytes <= 8 => {
            let size = bytes.next_power_of_two();
            TypeLayout::new(size, min(size, unit))
        }
        bytes => TypeLayout::new(bytes.next_multiple_of(unit), unit),
    }
}

/// A vector is aligned as a whole, up to what the ABI's registers need (AAPCS32 and AAPCS64,
/// "Short vectors"; observed in clang for macOS).
fn vector_align(abi: &Abi, size: u64, float: bool) -> u64 {
    let size = size.max(1).next_power_of_two();
    match abi.triple() {
        triple if triple.starts_with("arm-") => min(size, 8),
        "aarch64-unknown-linux-gnu" | "aarch64-pc-windows-msvc" => min(size, 16),
        triple if triple.ends_with("-apple-darwin") => min(size, 16),
        // gcc takes 8 bytes of integers for one integer, which a record aligns to 4 (rule
        // header `modes_and_vectors.h`).
        "i686-unknown-linux-gnu" if size == 8 && !float => 4,
        _ => size,
    }
}

/// gcc aligns what an atomic instruction can hold to its size; clang makes it as large as that, too.
/// Neither is in a psABI (rule header `atomics.h`).
fn atomic_layout(abi: &Abi, layout: TypeLayout) -> TypeLayout {
    let clang = matches!(
        abi.class_rule(),
        ClassRule::Msvc | ClassRule::AppleX86_64 | ClassRule::AppleArm64
    );
    let size = layout.size.next_power_of_two();
    if layout.size == 0 || (!clang && size != layout.size) {
        return layout;
    }
    if clang {
        let widest = abi.pointer_size() * 2;
        if size > widest {
            return layout;
        }
        return TypeLayout { size, align: max(layout.align, size), ..layout };
    }
    if size > 16 {
        return layout;
    }
    TypeLayout { align: max(layout.align, min(size, abi.max_align())), ..layout }
}

//! Objects at constant addresses: `((struct s *)0)->m`, and paths of `offsetof`.

use cwire_layout::types::{RecordId, Type, TypeId, Types};

use super::typing::Typed;
use super::{Number, Value};
use crate::decl::{Expr, ExprKind, OffsetofStep, TypeName, UnaryOp};
use crate::resolve::{Entity, Fail, Found, Resolved, Resolver};
use crate::source::Loc;
use crate::token::Symbol;

/// An object at a constant address.
pub(super) struct Object {
    pub(super) ty: TypeId,
    /// Bytes.
    pub(super) address: u128,
    /// Whether it is a bit-field, which has no address.
    bit_field: bool,
}

/// A member found by name, through anonymous members and bases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundMember {
    pub(crate) ty: TypeId,
    pub(crate) offset_bits: u64,
    pub(crate) width_bits: Option<u32>,
}

/// Anonymous members and bases inside each other that a name is looked for in.
const MAX_DEPTH: usize = 64;

/// Finds a member of a complete record.
pub(crate) fn find_member(types: &Types, record: RecordId, name: &str) -> Option<FoundMember> {
    find_within(types, record, name, MAX_DEPTH)
}

fn find_within(types: &Types, record: RecordId, name: &str, depth: usize) -> Option<FoundMember> {
    let definition = types.record(record).definition.as_ref()?;
    let members = || definition.def.members.iter().zip(&definition.layout.members);
    if let Some((member, place)) = members().find(|(member, _)| &*member.name == name) {
        let width_bits = member.width_bits;
        return Some(FoundMember { ty: member.ty, offset_bits: place.offset_bits, width_bits });
    }
    let depth = depth.checked_sub(1)?;
    let anonymous = members().filter(|(member, _)| member.name.is_empty());
    let anonymous =
        anonymous.filter_map(|(member, place)| Some((record_of(types, member.ty)?, place)));
    let bases = definition.def.bases.iter().zip(&definition.layout.bases);
    let bases = bases.map(|(base, place)| (base.record, place));
    anonymous.chain(bases).find_map(|(inner, place)| {
        let found = find_within(types, inner, name, depth)?;
        let offset_bits = found.offset_bits.checked_add(place.offset_bits)?;
        Some(FoundMember { offset_bits, ..found })
    })
}

/// Alignment of a member that asks for one itself.
pub(super) fn member_align(types: &Types, record: RecordId, name: &str) -> Option<u64> {
    let definition = types.record(record).definition.as_ref()?;
    let member = definition.def.members.iter().find(|member| &*member.name == name)?;
    let packed = member.packed || definition.def.attrs.packed;
    match member.align {
        Some(align) if packed => Some(align),
        Some(align) => Some(align.max(types.align_of(member.ty).ok()?)),
        None => packed.then_some(1),
    }
}

pub(super) fn record_of(types: &Types, ty: TypeId) -> Option<RecordId> {
    match types.get(types.strip(ty)) {
        Type::Record(id) => Some(*id),
        Type::Atomic(ty) => record_of(types, *ty),
        _ => None,
    }
}

impl Resolver<'_> {
    /// The offset of a member (C11 7.19p3), in bytes.
    pub(super) fn offsetof(
        &mut self,
        ty: &TypeName,
        path: &[OffsetofStep],
        loc: Loc,
    ) -> Resolved<u64> {
        let ty = self.type_name(ty)?;
        let mut at = Object { ty, address: 0, bit_field: false };
        for step in path {
            at = match step {
                OffsetofStep::Member(name) => self.member_of(&at, *name, loc)?,
                OffsetofStep::Index(index) => {
                    let index = self.integer(index)?;
                    self.element_of(&at, index as u128, loc)?
                }
            };
        }
        self.addressable(&at, loc)?;
        u64::try_from(at.address).map_err(|_| Fail::new(loc, "needs an offset of at most 64 bits"))
    }

    fn addressable(&self, object: &Object, loc: Loc) -> Resolved<()> {
        if object.bit_field {
            return Err(Fail::new(loc, "needs a member with an address, found a bit-field"));
        }
        Ok(())
    }

    fn member_of(&mut self, object: &Object, name: Symbol, loc: Loc) -> Resolved<Object> {
        let found = self.member_named(object.ty, name, loc)?;
        Ok(Object {
            ty: found.ty,
            address: object.address.wrapping_add(u128::from(found.offset_bits / 8)),
            bit_field: found.width_bits.is_some(),
        })
    }

    /// The member `name` of a record type.
    pub(super) fn member_named(
        &mut self,
        ty: TypeId,
        name: Symbol,
        loc: Loc,
    ) -> Resolved<FoundMember> {
        let ty = self.referred(ty);
        let text = self.text(name);
        let Some(record) = record_of(self.types, ty) else {
            let spelling = self.types.spell(ty);
            return Err(Fail::new(
                loc,
                format!("needs a struct or union before `.{text}`, found `{spelling}`"),
            ));
        };
        self.complete(ty, loc)?;
        find_member(self.types, record, text).ok_or_else(|| {
            let spelling = self.types.spell(ty);
            Fail::new(loc, format!("`{spelling}` has no member `{text}`"))
        })
    }

    fn element_of(&mut self, object: &Object, index: u128, loc: Loc) -> Resolved<Object> {
        let (Type::Array { element, .. } | Type::Vector { element, .. }) =
            *self.types.get(self.types.strip(object.ty))
        else {
            let spelling = self.types.spell(object.ty);
            return Err(Fail::new(loc, format!("needs an array before `[`, found `{spelling}`")));
        };
        let size = self.size_of(element, loc)?;
        let address = object.address.wrapping_add(index.wrapping_mul(u128::from(size)));
        Ok(Object { ty: element, address, bit_field: false })
    }

    /// The object that an expression designates.
    fn place(&mut self, expr: &Expr) -> Resolved<Object> {
        self.nested(expr.loc, |this| this.place_kind(expr))
    }

    fn place_kind(&mut self, expr: &Expr) -> Resolved<Object> {
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Deref, pointer) => self.place_deref(pointer),
            ExprKind::Member { base, name, arrow } => {
                let object = if *arrow { self.place_deref(base)? } else { self.place(base)? };
                self.member_of(&object, *name, expr.loc)
            }
            ExprKind::Index { base, index } => {
                let base = self.eval(base)?;
                let index = self.eval(index)?;
                self.place_index(base, index, expr.loc)
            }
            _ => Err(super::not_constant(expr.loc)),
        }
    }

    pub(super) fn place_deref(&mut self, pointer: &Expr) -> Resolved<Object> {
        let value = self.eval(pointer)?;
        self.pointed_to(value, pointer.loc)
    }

    fn pointed_to(&mut self, pointer: Value, loc: Loc) -> Resolved<Object> {
        match (self.types.get(self.types.strip(pointer.ty)), pointer.number) {
            (Type::Pointer(target), Number::Int(address)) => {
                Ok(Object { ty: *target, address, bit_field: false })
            }
            _ => {
                let spelling = self.types.spell(pointer.ty);
                Err(Fail::new(loc, format!("needs a pointer, found `{spelling}`")))
            }
        }
    }

    fn place_index(&mut self, base: Value, index: Value, loc: Loc) -> Resolved<Object> {
        // `i[a]` is `a[i]` (C11 6.5.2.1p2).
        let is_pointer =
            |this: &Self, ty| matches!(this.types.get(this.types.strip(ty)), Type::Pointer(_));
        let (pointer, index) =
            if is_pointer(self, base.ty) { (base, index) } else { (index, base) };
        let object = self.pointed_to(pointer, loc)?;
        let Number::Int(index) = index.number else { return Err(super::not_constant(loc)) };
        let size = self.size_of(object.ty, loc)?;
        self.pointed_to(self.moved(pointer, size, index), loc)
    }

    /// The value of an object: its address if it is an array, since that is what it decays to.
    pub(super) fn place_value(&mut self, object: &Object, loc: Loc) -> Resolved<Value> {
        match self.types.get(self.types.strip(object.ty)) {
            Type::Array { .. } => {
                let ty = self.decayed(object.ty);
                Ok(Value { ty, number: Number::Int(object.address) })
            }
            _ => Err(Fail::new(loc, "needs a constant expression, this one reads memory")),
        }
    }

    pub(super) fn eval_place(&mut self, expr: &Expr) -> Resolved<Value> {
        let object = self.place_kind(expr)?;
        self.place_value(&object, expr.loc)
    }

    pub(super) fn address_of(&mut self, operand: &Expr) -> Resolved<Value> {
        let object = self.place(operand)?;
        self.addressable(&object, operand.loc)?;
        let ty = self.types.pointer(object.ty);
        Ok(Value { ty, number: Number::Int(object.address) })
    }

    /// The record that `base.` or `base->` looks into.
    pub(super) fn member_record(&mut self, base: &Expr, arrow: bool) -> Resolved<RecordId> {
        let ty = self.type_of(base)?.ty;
        let ty = if arrow { self.target_of(ty, base.loc)? } else { ty };
        let ty = self.referred(ty);
        record_of(self.types, ty).ok_or_else(|| {
            let spelling = self.types.spell(ty);
            Fail::new(base.loc, format!("needs a struct or union, found `{spelling}`"))
        })
    }

    /// What a pointer or array gives when it is dereferenced.
    pub(super) fn target_of(&mut self, ty: TypeId, loc: Loc) -> Resolved<TypeId> {
        let ty = self.referred(ty);
        match self.types.get(self.types.strip(ty)) {
            Type::Pointer(target) => Ok(*target),
            Type::Array { element, .. } => Ok(*element),
            Type::Function { .. } => Ok(ty),
            _ => {
                let spelling = self.types.spell(ty);
                Err(Fail::new(loc, format!("needs a pointer, found `{spelling}`")))
            }
        }
    }

    /// The type of `Class::member`, which may stand in operands that are not evaluated (C++17
    /// expr.prim.id p2).
    pub(super) fn qualified_member(&mut self, name: &crate::decl::Name) -> Option<Typed> {
        let (last, path) = name.parts.split_last()?;
        if path.is_empty() {
            return None;
        }
        let class = crate::decl::Name { global: name.global, parts: path.to_vec(), loc: name.loc };
        let ty = match self.find(&class).ok()?? {
            Found::Tag(tag) => self.tag_type(tag),
            Found::Entity(Entity::Type(ty), _) => ty,
            Found::Entity(..) => return None,
        };
        let found = find_member(self.types, record_of(self.types, ty)?, self.text(last.ident))?;
        Some(Typed { ty: found.ty, width: found.width_bits })
    }
}

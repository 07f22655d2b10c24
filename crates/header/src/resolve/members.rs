//! The body of a record: its members and what else is declared there.

use std::collections::HashSet;

use cwire_layout::abi::Endian;
use cwire_layout::types::{MemberDef, RecordDef, RecordKind, Type, TypeId};

use super::attrs::Asked;
use super::{Entity, Fail, Resolved, Resolver, target};
use crate::decl::{
    Attrs, Declaration, Expr, InitDeclarator, Item, RecordBody, RecordSpec, Storage, TypeSpec,
};
use crate::eval::int_type;
use crate::source::Loc;
use crate::token::Symbol;

/// A body as far as it has been read.
#[derive(Default)]
struct Body {
    def: RecordDef,
    is_union: bool,
    names: HashSet<Symbol>,
    /// A flexible array, after which nothing may follow.
    flexible: Option<Box<str>>,
}

impl Resolver<'_> {
    /// What the body of a record declares, with names looked up in the scope of its members.
    pub(crate) fn record_def(
        &mut self,
        spec: &RecordSpec,
        body: &RecordBody,
        before: Option<&Attrs>,
    ) -> Resolved<RecordDef> {
        let mut out = Body { is_union: spec.kind == RecordKind::Union, ..Body::default() };
        out.def.class = self.is_cxx().then(|| self.class_traits(body));
        self.bases(body, &mut out.def)?;
        let mut first = Ok(());
        for item in &body.items {
            // The rest is read all the same: it may declare types that others need.
            let result = self.member_item(item, &mut out);
            if matches!(&result, Err(fail) if fail.fatal) || first.is_ok() {
                first = first.and(result);
            }
        }
        first?;
        let mut asked = self.asked(&[&spec.attrs])?;
        if let Some(before) = before
            && self.msvc()
        {
            // `__declspec(align(8)) struct s { … };` aligns the struct, as there is nothing else.
            let before = self.asked(&[before])?;
            asked.at_least = asked.at_least.max(before.at_least);
            asked.empty_bases |= before.empty_bases;
        }
        self.record_attrs(&asked, body, spec.loc, &mut out.def)?;
        Ok(out.def)
    }

    fn record_attrs(
        &self,
        asked: &Asked,
        body: &RecordBody,
        loc: Loc,
        def: &mut RecordDef,
    ) -> Resolved<()> {
        let abi = self.types.abi();
        // cl.exe and clang look at `#pragma pack` when the body begins, gcc when it ends.
        let at_open = target::is_msvc(abi) || target::is_apple(abi);
        def.attrs.pack = if at_open { body.pack_open } else { body.pack_close };
        def.attrs.packed = asked.packed;
        def.attrs.ms_struct = asked.ms_struct.or(body.ms_struct);
        def.attrs.align = match (asked.aligned, asked.at_least) {
            (Some(aligned), Some(at_least)) => Some(aligned.max(at_least)),
            (aligned, at_least) => aligned.or(at_least),
        };
        if let Some(big) = asked.storage_order
            && big != (abi.endian() == Endian::Big)
        {
            let order = if big { "big-endian" } else { "little-endian" };
            let reason = format!(
                "needs members in the ABI's byte order, found `scalar_storage_order(\"{order}\")`"
            );
            return Err(Fail::new(loc, reason));
        }
        Ok(())
    }

    fn member_item(&mut self, item: &Item, out: &mut Body) -> Resolved<()> {
        match item {
            Item::Declaration(declaration) => self.member_declaration(declaration, out),
            Item::Special { member, declared, loc } => {
                self.special(*member, *declared, *loc, &mut out.def)
            }
            item => self.plain_item(item),
        }
    }

    fn member_declaration(&mut self, declaration: &Declaration, out: &mut Body) -> Resolved<()> {
        let specifiers = &declaration.specifiers;
        if specifiers.storage == Storage::Typedef {
            return self.typedefs(declaration);
        }
        if declaration.declarators.is_empty() {
            return self.without_declarator(declaration, out);
        }
        if matches!(specifiers.storage, Storage::Static | Storage::Extern) {
            return self.static_members(declaration);
        }
        // A member function that returns what is not known is no reason to refuse the class.
        if self.is_cxx() && declaration.declarators.iter().all(is_function) {
            return Ok(());
        }
        let base = self.specified(specifiers)?;
        for declarator in &declaration.declarators {
            self.nested(declarator.declarator.loc, |this| {
                this.member(declaration, base, declarator, out)
            })?;
        }
        Ok(())
    }

    /// `struct { … };`, which is an anonymous member (C11 6.7.2.1p13), and declarations of types.
    fn without_declarator(&mut self, declaration: &Declaration, out: &mut Body) -> Resolved<()> {
        let specifiers = &declaration.specifiers;
        let anonymous = match &specifiers.ty {
            TypeSpec::Record(spec) => match (&spec.name, &spec.body) {
                (None, _) => true,
                (Some(name), None) if self.is_cxx() => {
                    self.forward(spec.kind, name);
                    return Ok(());
                }
                (Some(_), _) => self.microsoft_anonymous(),
            },
            TypeSpec::Name(_) => self.microsoft_anonymous(),
            TypeSpec::Enum(_) => false,
            _ => return Ok(()),
        };
        let ty = match &specifiers.ty {
            TypeSpec::Record(spec) => self.record_type(spec, None, Some(&specifiers.attrs))?,
            _ => self.specified(specifiers)?,
        };
        if !anonymous || !matches!(self.types.get(self.types.strip(ty)), Type::Record(_)) {
            return Ok(());
        }
        self.complete(ty, declaration.loc)?;
        self.check_flexible(out, declaration.loc)?;
        let asked = self.asked(&[&specifiers.attrs])?;
        out.def.members.push(self.member_def("", ty, None, &asked, declaration));
        Ok(())
    }

    /// Whether `struct tag;` in C is an anonymous member: on Windows (cl.exe, C4201; gcc and clang
    /// with `-fms-extensions`, which is their default there).
    fn microsoft_anonymous(&self) -> bool {
        !self.is_cxx() && target::is_windows(self.types.abi())
    }

    fn member(
        &mut self,
        declaration: &Declaration,
        base: TypeId,
        declarator: &InitDeclarator,
        out: &mut Body,
    ) -> Resolved<()> {
        let loc = declarator.declarator.loc;
        let own = self.asked(&[&declarator.attrs])?;
        let base = self.modified(base, &own, loc)?;
        let ty = self.declared(base, &declarator.declarator)?;
        let asked = self.asked_of(&declaration.specifiers, declarator)?;
        let symbol = declarator.declarator.name.as_ref().and_then(|name| name.parts.last());
        let name = symbol.map_or("", |part| self.text(part.ident));
        if matches!(self.types.get(self.types.strip(ty)), Type::Function { .. }) {
            return if self.is_cxx() {
                Ok(())
            } else {
                Err(Fail::new(
                    loc,
                    format!("needs a type with a size, member `{name}` is a function"),
                ))
            };
        }
        self.check_flexible(out, loc)?;
        if let Some(part) = symbol
            && !out.names.insert(part.ident)
        {
            return Err(Fail::new(loc, format!("member `{name}` is declared twice")));
        }
        let width = match &declarator.width {
            Some(width) => Some(self.width(ty, width, loc)?),
            None => None,
        };
        let is_flexible =
            matches!(self.types.get(self.types.strip(ty)), Type::Array { len: None, .. });
        if let Err(fail) = self.complete(ty, loc) {
            return Err(Fail::new(loc, format!("member `{name}` {}", fail.reason)));
        }
        if is_flexible && !out.is_union {
            out.flexible = Some(name.into());
        }
        if self.is_cxx()
            && let Some(part) = symbol
        {
            self.names.scopes.declare(self.scope, part.ident, Entity::Object(ty));
        }
        out.def.members.push(self.member_def(name, ty, width, &asked, declaration));
        Ok(())
    }

    fn member_def(
        &self,
        name: &str,
        ty: TypeId,
        width_bits: Option<u32>,
        asked: &Asked,
        declaration: &Declaration,
    ) -> MemberDef {
        MemberDef {
            width_bits,
            packed: asked.packed,
            align: asked.strictest,
            access: declaration.access,
            no_unique_address: asked.no_unique_address,
            ..MemberDef::new(name, ty)
        }
    }

    /// Width of a bit-field of type `ty`.
    fn width(&mut self, ty: TypeId, width: &Expr, loc: Loc) -> Resolved<u32> {
        self.complete(ty, loc)?;
        let Some(int) = int_type(self.types, ty) else {
            let spelling = self.types.spell(ty);
            return Err(Fail::new(
                loc,
                format!("needs an integer type for a bit-field, found `{spelling}`"),
            ));
        };
        let value = self.integer(width)?;
        match u32::try_from(value) {
            // C++ allows more, as padding (C++17 class.bit p1).
            Ok(width_bits) if width_bits <= int.bits || self.is_cxx() => Ok(width_bits),
            Ok(_) => {
                let reason = format!("needs a width of at most {} bits, found {value}", int.bits);
                Err(Fail::new(width.loc, reason))
            }
            Err(_) => Err(Fail::new(
                width.loc,
                format!("needs a bit-field width of at least 0, found {value}"),
            )),
        }
    }

    /// Nothing may follow a flexible array (C11 6.7.2.1p3).
    fn check_flexible(&self, out: &Body, loc: Loc) -> Resolved<()> {
        match &out.flexible {
            Some(name) => {
                let reason = format!("needs the flexible array `{name}` to be the last member");
                Err(Fail::new(loc, reason))
            }
            None => Ok(()),
        }
    }
}

/// Whether a declarator declares a function, as far as can be seen without its type.
fn is_function(declarator: &InitDeclarator) -> bool {
    matches!(
        declarator.declarator.parts.first(),
        Some(crate::decl::DeclaratorPart::Function { .. })
    )
}

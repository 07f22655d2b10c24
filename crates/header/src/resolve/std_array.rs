//! `std::array<T, N>`, the one template that protocol headers use for members.

use cwire_layout::types::{ClassTraits, MemberDef, RecordDef, RecordKind, Type, TypeId};

use super::{Entity, Fail, Found, Resolved, Resolver, target};
use crate::decl::{Declarator, Name, NamePart, TemplateArg, TypeName, TypeSpec};
use crate::eval::Number;
use crate::token::kw;

impl Resolver<'_> {
    /// The type of `std::array<T, N>`; `None` for any other name.
    pub(crate) fn std_array(&mut self, name: &Name) -> Resolved<Option<TypeId>> {
        let Some((NamePart { ident, args: Some(args) }, path)) = name.parts.split_last() else {
            return Ok(None);
        };
        if *ident != kw::ARRAY || !self.in_std(name, path) {
            return Ok(None);
        }
        let [TemplateArg::Type(element), len] = args.as_slice() else {
            return Err(Fail::new(name.loc, "needs `array<type, size>`, found other arguments"));
        };
        let element = self.type_name(element)?;
        let len = self.template_size(len, name)?;
        self.complete(element, name.loc)?;
        self.array_record(element, len, name).map(Some)
    }

    /// Whether `path` is `std`, or nothing while `using namespace std` or `using std::array` holds.
    fn in_std(&mut self, name: &Name, path: &[NamePart]) -> bool {
        match path {
            [std] => std.ident == kw::STD,
            [] => match self.names.scopes.look_up(self.scope, kw::ARRAY) {
                Some(Found::Entity(Entity::Template, scope)) => {
                    &*self.names.scopes.get(scope).prefix == "std::"
                }
                Some(_) => false,
                None => !name.global,
            },
            _ => false,
        }
    }

    fn template_size(&mut self, arg: &TemplateArg, name: &Name) -> Resolved<u64> {
        let value = match arg {
            TemplateArg::Value(expr) => self.integer(expr)?,
            TemplateArg::Type(ty) => match constant_name(ty) {
                Some(constant) => self.named_integer(constant)?,
                None => {
                    return Err(Fail::new(
                        name.loc,
                        "needs a size as second argument, found a type",
                    ));
                }
            },
        };
        u64::try_from(value).map_err(|_| {
            Fail::new(name.loc, format!("needs an array size of at least 0, found {value}"))
        })
    }

    fn named_integer(&mut self, name: &Name) -> Resolved<i128> {
        match self.find(name)? {
            Some(Found::Entity(Entity::Constant(value), _)) => match value.number {
                Number::Int(bits) => Ok(bits as i128),
                Number::Float(_) => {
                    Err(Fail::new(name.loc, "needs an integer, found a floating constant"))
                }
            },
            _ => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("`{spelling}` is not a constant")))
            }
        }
    }

    fn array_record(&mut self, element: TypeId, len: u64, name: &Name) -> Resolved<TypeId> {
        if let Some(&ty) = self.names.arrays.get(&(element, len)) {
            return Ok(ty);
        }
        let spelling = format!("std::array<{}, {len}>", self.types.spell(element));
        let origin = self.origin(name.loc);
        let id = self.types.add_record(RecordKind::Struct, &spelling, Some(origin));
        let mut def = RecordDef { class: Some(ClassTraits::default()), ..RecordDef::default() };
        // Of no elements, libstdc++ makes an empty struct, libc++ and Microsoft room for one.
        let abi = self.types.abi();
        let room =
            if len == 0 && (target::is_msvc(abi) || target::is_apple(abi)) { 1 } else { len };
        if room > 0 {
            let elements = self.types.array(element, Some(room));
            def.members.push(MemberDef::new("elems", elements));
        }
        self.types
            .define_record(id, def)
            .map_err(|error| Fail::new(name.loc, error.to_string()))?;
        let ty = self.types.intern(Type::Record(id));
        self.names.arrays.insert((element, len), ty);
        Ok(ty)
    }
}

/// The name in a template argument that is given as a type because nothing said that it is a
/// constant.
fn constant_name(ty: &TypeName) -> Option<&Name> {
    let Declarator { name: None, parts, .. } = &ty.declarator else { return None };
    match &ty.specifiers.ty {
        TypeSpec::Name(name) if parts.is_empty() => Some(name),
        _ => None,
    }
}

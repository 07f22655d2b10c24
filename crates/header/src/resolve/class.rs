//! What only C++ has in a record: bases, and the member functions that decide about tail padding.

use cwire_layout::types::{BaseDef, ClassTraits, Declared, RecordDef, Type};

use super::{Fail, Resolved, Resolver};
use crate::decl::{Item, RecordBody, Special};
use crate::source::Loc;

impl Resolver<'_> {
    /// The traits of a class that its body shows without a look at types.
    pub(crate) fn class_traits(&self, body: &RecordBody) -> ClassTraits {
        let mut traits = ClassTraits::default();
        traits.is_final = body.is_final;
        traits.default_initializer = body.items.iter().any(|item| {
            matches!(item, Item::Declaration(declaration)
                if !is_static(declaration) && declaration.declarators.iter().any(|d| d.init.is_some()))
        });
        traits
    }

    /// The bases of a class; their names are visible in it.
    pub(crate) fn bases(&mut self, body: &RecordBody, def: &mut RecordDef) -> Resolved<()> {
        for base in &body.bases {
            let spelling = self.spell_name(&base.name);
            if base.is_virtual {
                return Err(Fail::new(
                    base.loc,
                    format!("virtual base `{spelling}` has no fixed place"),
                ));
            }
            let ty = self.named_type(&base.name)?;
            let Type::Record(record) = *self.types.get(self.types.strip(ty)) else {
                return Err(Fail::new(
                    base.loc,
                    format!("needs a class as base, `{spelling}` is none"),
                ));
            };
            self.complete(ty, base.loc)
                .map_err(|fail| Fail::new(base.loc, format!("base {}", fail.reason)))?;
            if let Some(scope) = self.names.scopes.of_record(record) {
                self.names.scopes.show(self.scope, scope);
            }
            def.bases.push(BaseDef { record, access: base.access });
        }
        Ok(())
    }

    /// Notes a special member function.
    pub(crate) fn special(
        &mut self,
        member: Special,
        declared: Declared,
        loc: Loc,
        def: &mut RecordDef,
    ) -> Resolved<()> {
        let Some(traits) = &mut def.class else { return Ok(()) };
        let slot = match member {
            Special::Constructor => &mut traits.constructor,
            Special::DefaultConstructor => &mut traits.default_constructor,
            Special::CopyConstructor => &mut traits.copy_constructor,
            Special::MoveConstructor => &mut traits.move_constructor,
            Special::CopyAssignment => &mut traits.copy_assignment,
            Special::MoveAssignment => &mut traits.move_assignment,
            Special::Destructor => &mut traits.destructor,
            Special::Virtual => {
                return Err(Fail::new(
                    loc,
                    "virtual functions add a pointer whose value means nothing to others",
                ));
            }
        };
        if strength(declared) > strength(*slot) {
            *slot = declared;
        }
        Ok(())
    }
}

const fn is_static(declaration: &crate::decl::Declaration) -> bool {
    matches!(
        declaration.specifiers.storage,
        crate::decl::Storage::Static | crate::decl::Storage::Extern | crate::decl::Storage::Typedef
    )
}

/// Of several constructors the one counts that says most against being trivial.
const fn strength(declared: Declared) -> u8 {
    match declared {
        Declared::No => 0,
        Declared::Defaulted => 1,
        Declared::Deleted => 2,
        Declared::Provided => 3,
    }
}

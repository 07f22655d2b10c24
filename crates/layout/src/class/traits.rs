//! What C++ calls a class: empty, POD, trivial, of standard layout.

use super::{is_empty, is_empty_member, is_reference};
use crate::abi::ClassRule;
use crate::record::{ClassLayout, user_align};
use crate::types::{
    Access, BaseDef, ClassTraits, Declared, MemberDef, RecordDef, RecordKind, Types,
};

/// Everything but the empty classes inside and Microsoft's flags.
pub(super) fn of(types: &Types, kind: RecordKind, def: &RecordDef) -> ClassLayout {
    let class = def.class.unwrap_or_default();
    let parts = parts(types, def);
    let trivial = trivial(types, &class, def) && parts.iter().all(|part| part.trivial);
    let standard_layout =
        standard_layout(types, kind, def) && parts.iter().all(|part| part.standard_layout);
    let pod = match types.abi().class_rule() {
        ClassRule::AppleArm64 => trivial && standard_layout,
        rule => pod(types, rule, &class, def) && parts.iter().all(|part| part.pod),
    };
    // What C++ does not call empty compilers still do (rule header `empty_unions.hpp`).
    let is_union = kind == RecordKind::Union && types.abi().class_rule() == ClassRule::Msvc;
    let empty = !is_union && empty(types, def);
    let user_align = user_align(types, def);
    let has_members =
        members(def).next().is_some() || def.bases.iter().any(|base| has_members(types, base));
    ClassLayout {
        empty,
        pod,
        trivial,
        standard_layout,
        has_members,
        user_align,
        ..ClassLayout::default()
    }
}

/// Its members. Unnamed bit-fields are none (C++17 class.bit p2).
fn members(def: &RecordDef) -> impl Iterator<Item = &MemberDef> {
    def.members.iter().filter(|member| !member.name.is_empty() || member.width_bits.is_none())
}

fn has_members(types: &Types, base: &BaseDef) -> bool {
    let definition = types.record(base.record).definition.as_ref();
    definition.is_some_and(|definition| definition.class.has_members)
}

/// The classes of its bases and members.
fn parts<'a>(types: &'a Types, def: &RecordDef) -> Vec<&'a ClassLayout> {
    let members = def.members.iter().filter_map(|member| types.record_of(member.ty));
    let bases = def.bases.iter().map(|base| base.record);
    let definitions = bases.chain(members).filter_map(|id| types.record(id).definition.as_ref());
    definitions.map(|definition| &definition.class).collect()
}

/// C++17 meta.unary.prop: no non-static data members but bit-fields of width 0, no bases but empty
/// ones. Members that need no address of their own do not count (Itanium C++ ABI 1.1, "empty
/// class").
fn empty(types: &Types, def: &RecordDef) -> bool {
    def.bases.iter().all(|base| is_empty(types, base.record))
        && def.members.iter().all(|member| {
            member.width_bits == Some(0)
                || (member.no_unique_address && is_empty_member(types, member))
        })
}

/// POD in the sense of C++98 (Itanium C++ ABI 1.1, "POD for the purpose of layout"), in the reading
/// of each compiler.
fn pod(types: &Types, rule: ClassRule, class: &ClassTraits, def: &RecordDef) -> bool {
    let declared = |special: Declared| match rule {
        ClassRule::AppleX86_64 => special != Declared::No,
        _ => special == Declared::Provided,
    };
    // An aggregate has no user-declared constructors (C++20 dcl.init.aggr p1).
    let constructed = [
        class.constructor,
        class.default_constructor,
        class.copy_constructor,
        class.move_constructor,
    ]
    .iter()
    .any(|&special| special != Declared::No);
    // What gcc counts is the copy assignment of C++98; that one can be moved it does not notice.
    let moved = rule == ClassRule::AppleX86_64 && declared(class.move_assignment);
    // clang takes unnamed bit-fields for no members here, too (rule header `standard_layout.hpp`).
    let counts = |member: &&MemberDef| {
        rule == ClassRule::Gcc || !member.name.is_empty() || member.width_bits.is_none()
    };
    let hidden = def.members.iter().filter(counts).any(|member| member.access != Access::Public);
    let addressless =
        rule == ClassRule::Gcc && def.members.iter().any(|member| member.no_unique_address);
    !(constructed
        || declared(class.copy_assignment)
        || moved
        || declared(class.destructor)
        || class.default_initializer
        || addressless
        || hidden
        || !def.bases.is_empty()
        || def.members.iter().any(|member| is_reference(types, member.ty)))
}

/// C++11 class p6, as far as it can be told without virtual functions.
fn trivial(types: &Types, class: &ClassTraits, def: &RecordDef) -> bool {
    let provided = [
        class.default_constructor,
        class.copy_constructor,
        class.move_constructor,
        class.copy_assignment,
        class.move_assignment,
        class.destructor,
    ]
    .contains(&Declared::Provided);
    // Any other constructor takes the default one away, unless it is asked for.
    let constructible = class.default_constructor != Declared::No
        || [class.constructor, class.copy_constructor, class.move_constructor]
            .iter()
            .all(|&special| special == Declared::No);
    constructible
        && !provided
        && !class.default_initializer
        && !def.members.iter().any(|member| is_reference(types, member.ty))
}

/// C++11 class p7: one access for all members, data in one class only, the first member no base.
fn standard_layout(types: &Types, kind: RecordKind, def: &RecordDef) -> bool {
    let first = members(def).next();
    let same_access =
        members(def).all(|member| Some(member.access) == first.map(|first| first.access));
    let with_data = def.bases.iter().filter(|base| has_members(types, base)).count();
    let own_data = usize::from(first.is_some());
    let first_class = first.and_then(|first| types.record_of(first.ty));
    let first_is_base = kind != RecordKind::Union
        && first_class.is_some_and(|class| def.bases.iter().any(|base| base.record == class));
    same_access
        && with_data + own_data <= 1
        && !first_is_base
        && !def.members.iter().any(|member| is_reference(types, member.ty))
}

use crate::abi::Abi;
use crate::error::LayoutErrorKind;
use crate::types::{ClassTraits, MemberDef, RecordDef, RecordKind, TypeId, Types};

/// `struct { T m[len]; }` as C++ has it.
fn class_of(types: &mut Types, ty: TypeId, len: u64) -> Result<TypeId, LayoutErrorKind> {
    let id = types.add_record(RecordKind::Struct, "", None);
    let members = vec![MemberDef::new("m", types.array(ty, Some(len)))];
    let def = RecordDef { members, class: Some(ClassTraits::default()), ..RecordDef::default() };
    types.define_record(id, def).map_err(|error| error.kind())?;
    Ok(types.record_type(id))
}

/// A class without members, and one that holds 64 × 64 × 16 of them.
fn class_of_empties(types: &mut Types) -> TypeId {
    let id = types.add_record(RecordKind::Struct, "E", None);
    let def = RecordDef { class: Some(ClassTraits::default()), ..RecordDef::default() };
    types.define_record(id, def).unwrap();
    let mut ty = types.record_type(id);
    for len in [64, 64, 16] {
        ty = class_of(types, ty, len).unwrap();
    }
    ty
}

#[test]
fn what_holds_many_empty_classes_is_held_by_a_few_only() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let ty = class_of_empties(&mut types);
    let results: Vec<_> = (0..10_000).map(|_| class_of(&mut types, ty, 1)).collect();
    let accepted = results.iter().filter(|result| result.is_ok()).count();
    assert!((16..256).contains(&accepted), "{accepted} classes");
    assert_eq!(results.last(), Some(&Err(LayoutErrorKind::TooComplex)));
    let noted = types.records().iter().filter_map(|&id| types.record(id).definition.as_ref());
    let noted: usize = noted.map(|definition| definition.empty_classes().len()).sum();
    assert!(noted < 1 << 22, "{noted} empty classes");
}

#[test]
fn classes_without_empty_ones_are_not_counted() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let empties = class_of_empties(&mut types);
    while class_of(&mut types, empties, 1).is_ok() {}
    let int = types.basic(crate::types::Basic::Int);
    assert!(class_of(&mut types, int, 1).is_ok());
}

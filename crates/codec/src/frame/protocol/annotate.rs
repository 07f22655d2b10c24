//! `[[union]]` and `[[array]]`: what C cannot say of a record.

use std::sync::Arc;

use cwire_layout::abi::Endian;
use cwire_layout::types::{RecordId, RecordKind, Type, TypeId};

use super::compile::Builder;
use super::error::Quoted;
use super::file::{ArrayDef, UnionDef};
use super::rule::whole;
use crate::expr::{Expr, Fields, did_you_mean, field_names, field_type};
use crate::plan::Annotations;

/// Longest record that a tag or count looks at: reads beyond have no value, as those beyond its end.
const MOST: usize = usize::MAX / 16;

/// Adds what the file says of records, whose fields are in byte order `endian`.
pub(super) fn annotate(builder: &mut Builder<'_>, endian: Endian, annotations: &mut Annotations) {
    let file = builder.file;
    for union in &file.unions {
        add_union(builder, union, endian, annotations);
    }
    for array in &file.arrays {
        add_array(builder, array, endian, annotations);
    }
}

fn add_union(
    builder: &mut Builder<'_>,
    def: &UnionDef,
    endian: Endian,
    annotations: &mut Annotations,
) -> Option<()> {
    let record = builder.record(&def.record)?;
    let ty = field(builder, record, &def.field)?;
    let types = builder.types;
    let union = match types.get(types.strip(ty)) {
        Type::Record(id) if types.record(*id).kind == RecordKind::Union => *id,
        _ => {
            let message = format!("needs a union, found `{}`", types.spell(ty));
            builder.problems.add_in(&def.field, 0, message);
            return None;
        }
    };
    let tag = builder.expr_without_recall(&def.tag, Some(Fields { record, base: 0, endian }));
    let mut members: Vec<Box<str>> = Vec::new();
    let mut cases: Vec<(i128, usize)> = Vec::new();
    for (value, case) in builder.case_values(&def.cases) {
        field(builder, union, &case.name)?;
        cases.push((value, members.len()));
        members.push(case.name.value.clone());
    }
    cases.sort_unstable();
    let tag = tag?;
    let choose = move |bytes: &[u8]| {
        let value = number(&tag, bytes)?;
        let found = cases.binary_search_by(|(case, _)| case.cmp(&value)).ok()?;
        cases.get(found).map(|(_, member)| *member)
    };
    let name = &types.record(record).name;
    annotations.union(name, &def.field.value, members, Arc::new(choose));
    Some(())
}

fn add_array(
    builder: &mut Builder<'_>,
    def: &ArrayDef,
    endian: Endian,
    annotations: &mut Annotations,
) -> Option<()> {
    let record = builder.record(&def.record)?;
    let ty = field(builder, record, &def.field)?;
    let types = builder.types;
    if !matches!(types.get(types.strip(ty)), Type::Array { .. }) {
        let message = format!("needs an array, found `{}`", types.spell(ty));
        builder.problems.add_in(&def.field, 0, message);
        return None;
    }
    let count =
        builder.expr_without_recall(&def.count, Some(Fields { record, base: 0, endian }))?;
    // A negative count is one of nothing.
    let count = move |bytes: &[u8]| {
        let number = number(&count, bytes)?;
        Some(u64::try_from(number.clamp(0, i128::from(u64::MAX))).unwrap_or(u64::MAX))
    };
    annotations.array(&types.record(record).name, &def.field.value, Arc::new(count));
    Some(())
}

/// The value over a record; `None` where it has none.
fn number(expr: &Expr, bytes: &[u8]) -> Option<i128> {
    expr.eval(&whole(bytes, MOST, &())).ok()
}

/// The type of a field, which must be there.
fn field(builder: &mut Builder<'_>, record: RecordId, name: &Quoted) -> Option<TypeId> {
    let types = builder.types;
    let found = field_type(types, record, &name.value);
    if found.is_none() {
        let near = did_you_mean(&name.value, field_names(types, record));
        let spelt = types.spell(types.record_type(record));
        let message = format!("`{}` is no field of `{spelt}`{near}", name.value);
        builder.problems.add_in(name, 0, message);
    }
    found
}

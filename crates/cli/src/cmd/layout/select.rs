//! Which records are shown.

use std::collections::HashSet;

use anyhow::bail;
use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{EnumId, Origin, RecordId, Refused, Type, TypeId};

use crate::source::{Reading, Unit};

/// What is shown for one ABI.
pub(crate) struct Sheet<'a> {
    pub(crate) abi: Abi,
    /// One per input.
    pub(crate) selections: Vec<Selection<'a>>,
}

/// What is shown of one input.
pub(crate) struct Selection<'a> {
    pub(crate) types: &'a Types,
    /// In the order of their definition.
    pub(crate) records: Vec<RecordId>,
    pub(crate) enums: Vec<EnumId>,
    pub(crate) refused: Vec<&'a Refused>,
}

impl<'a> Sheet<'a> {
    /// The records of all inputs.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&'a Types, RecordId)> + '_ {
        self.selections.iter().flat_map(|one| one.records.iter().map(|&id| (one.types, id)))
    }

    /// The declarations that could not be laid out.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &'a Refused> + '_ {
        self.selections.iter().flat_map(|one| one.refused.iter().copied())
    }
}

/// How much is shown where no record is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What the inputs themselves declare.
    Own,
    /// What included headers declare, too, but for those that are built in: nobody who shows a header
    /// of theirs asks for `max_align_t` because it includes `<stddef.h>`.
    Included,
    /// All there is.
    All,
}

/// What the built-in headers are called begins so.
const BUILT_IN: &str = "<built-in>";

/// What is in `scope`, or, if `names` are given, what those name.
///
/// # Errors
///
/// A name is declared on no ABI, or is no record's.
pub(crate) fn select<'a>(
    readings: &'a [Reading],
    names: &[String],
    scope: Scope,
) -> anyhow::Result<Vec<Sheet<'a>>> {
    for name in names {
        check(readings, name)?;
    }
    Ok(readings.iter().map(|reading| sheet(reading, names, scope)).collect())
}

fn sheet<'a>(reading: &'a Reading, names: &[String], scope: Scope) -> Sheet<'a> {
    let mut seen = HashSet::new();
    let selection = |unit: &'a Unit| {
        let mut selection =
            if names.is_empty() { everything(unit, scope) } else { named(&unit.types, names) };
        // A header that two inputs include declares its records once.
        selection.records.retain(|&id| {
            let record = unit.types.record(id);
            let origin = record.origin.as_ref().map(|origin| (&*origin.file, origin.line));
            origin.is_none() || seen.insert((&*record.name, origin))
        });
        selection
    };
    Sheet { abi: reading.abi, selections: reading.units.iter().map(selection).collect() }
}

fn everything(unit: &Unit, scope: Scope) -> Selection<'_> {
    let types = &unit.types;
    let own = |origin: &Option<Origin>| {
        let file = origin.as_ref().map(|origin| &*origin.file);
        file.is_none_or(|file| match scope {
            Scope::Own => unit.is_own(file),
            Scope::Included => !file.starts_with(BUILT_IN),
            Scope::All => true,
        })
    };
    let shown = |id: &RecordId| {
        let record = types.record(*id);
        !record.name.is_empty() && own(&record.origin)
    };
    Selection {
        types,
        records: types.records().iter().copied().filter(shown).collect(),
        enums: types
            .enums()
            .iter()
            .copied()
            .filter(|&id| own(&types.enumeration(id).origin))
            .collect(),
        refused: types.refused().iter().filter(|refused| own(&refused.origin)).collect(),
    }
}

fn named<'a>(types: &'a Types, names: &[String]) -> Selection<'a> {
    let mut records = HashSet::new();
    let mut enums = HashSet::new();
    let mut refused = HashSet::new();
    for name in names {
        match find(types, name) {
            Found::Record(id) => {
                records.insert(id);
                Uses { types, enums: &mut enums, seen: HashSet::new() }.of_record(id);
            }
            Found::Enum(id) => {
                enums.insert(id);
            }
            Found::Refused(index) => {
                refused.insert(index);
            }
            Found::Incomplete(_) | Found::Other(_) | Found::Nothing => {}
        }
    }
    let all_refused = types.refused().iter().enumerate();
    Selection {
        types,
        records: types.records().iter().copied().filter(|id| records.contains(id)).collect(),
        enums: types.enums().iter().copied().filter(|id| enums.contains(id)).collect(),
        refused: all_refused.filter(|(i, _)| refused.contains(i)).map(|(_, one)| one).collect(),
    }
}

/// The enums that the fields of a record are of.
struct Uses<'a, 'e> {
    types: &'a Types,
    enums: &'e mut HashSet<EnumId>,
    seen: HashSet<RecordId>,
}

impl Uses<'_, '_> {
    fn of_record(&mut self, record: RecordId) {
        let mut pending = vec![record];
        while let Some(record) = pending.pop() {
            if !self.seen.insert(record) {
                continue;
            }
            for field in self.types.fields(record) {
                match *self.types.get(element_of(self.types, field.ty)) {
                    Type::Enum(id) => {
                        self.enums.insert(id);
                    }
                    Type::Record(id) => pending.push(id),
                    _ => {}
                }
            }
        }
    }
}

/// A type without the arrays, typedefs and qualifiers around it.
fn element_of(types: &Types, ty: TypeId) -> TypeId {
    let mut ty = types.strip(ty);
    while let Type::Array { element, .. } = types.get(ty) {
        ty = types.strip(*element);
    }
    ty
}

/// What a name names.
pub(crate) enum Found {
    Record(RecordId),
    Enum(EnumId),
    /// Index into [`Types::refused`].
    Refused(usize),
    /// A record or enum without a body.
    Incomplete(Option<Origin>),
    /// A type that is neither.
    Other(TypeId),
    Nothing,
}

/// Looks a name up: a tag, a typedef, a qualified name, or, where that is the only one that ends
/// so, the last part of a qualified name. `struct`, `union`, `class` or `enum` may stand before it.
pub(crate) fn find(types: &Types, name: &str) -> Found {
    let (is_tag, name) = match name.split_once(char::is_whitespace) {
        Some(("struct" | "union" | "class" | "enum", name)) => (true, name.trim()),
        _ => (false, name),
    };
    let name = name.strip_prefix("::").unwrap_or(name);
    let found = match types.find(name) {
        Some(ty) if !is_tag => of_type(types, ty),
        _ => Found::Nothing,
    };
    if matches!(found, Found::Record(_) | Found::Enum(_)) {
        return found;
    }
    if let Some(index) = types.refused().iter().position(|refused| *refused.name == *name) {
        return Found::Refused(index);
    }
    // A typedef of another type hides the tag.
    match by_tag(types, name) {
        Found::Nothing => found,
        tag => tag,
    }
}

fn of_type(types: &Types, ty: TypeId) -> Found {
    match *types.get(types.strip(ty)) {
        Type::Record(id) => match &types.record(id).definition {
            Some(_) => Found::Record(id),
            None => Found::Incomplete(types.record(id).origin.clone()),
        },
        Type::Enum(id) => match &types.enumeration(id).definition {
            Some(_) => Found::Enum(id),
            None => Found::Incomplete(types.enumeration(id).origin.clone()),
        },
        _ => Found::Other(ty),
    }
}

fn by_tag(types: &Types, name: &str) -> Found {
    let records = || types.records().iter().copied();
    if let Some(id) = records().find(|&id| *types.record(id).name == *name) {
        return Found::Record(id);
    }
    let mut enums = types.enums().iter().copied();
    if let Some(id) = enums.find(|&id| *types.enumeration(id).name == *name) {
        return Found::Enum(id);
    }
    let mut endings = records().filter(|&id| {
        let whole = &types.record(id).name;
        whole.strip_suffix(name).is_some_and(|scope| scope.ends_with("::"))
    });
    match (endings.next(), endings.next()) {
        (Some(id), None) => Found::Record(id),
        _ => Found::Nothing,
    }
}

/// Whether a name can be shown for at least one ABI.
fn check(readings: &[Reading], name: &str) -> anyhow::Result<()> {
    let mut problem = None;
    for unit in readings.iter().flat_map(|reading| &reading.units) {
        match find(&unit.types, name) {
            Found::Record(_) | Found::Enum(_) | Found::Refused(_) => return Ok(()),
            Found::Incomplete(origin) => {
                let at = origin.map_or(String::new(), |at| format!(" at {}:{}", at.file, at.line));
                problem =
                    Some(format!("a record with a body is needed; `{name}` is only declared{at}"));
            }
            Found::Other(ty) => {
                let ty = unit.types.spell(unit.types.strip(ty));
                problem = Some(format!("a record is needed; `{name}` is `{ty}`"));
            }
            Found::Nothing => {}
        }
    }
    match problem {
        Some(problem) => bail!(problem),
        None => bail!("no record `{name}`{}", suggestion(readings, name)),
    }
}

/// What an unknown name may have meant, as the end of a message: the nearest names, or all if those
/// are few.
fn suggestion(readings: &[Reading], name: &str) -> String {
    let units = readings.iter().flat_map(|reading| &reading.units);
    suggest_among(units.map(|unit| &unit.types), name)
}

/// The same for one set of types.
pub(crate) fn suggest(types: &Types, name: &str) -> String {
    suggest_among(std::iter::once(types), name)
}

fn suggest_among<'a>(all: impl Iterator<Item = &'a Types>, name: &str) -> String {
    let mut near: Vec<(f64, &str)> = Vec::new();
    for types in all {
        let records = types.records().iter().map(|&id| &*types.record(id).name);
        let refused = types.refused().iter().map(|refused| &*refused.name);
        let known = records.chain(refused).filter(|known| !known.is_empty());
        near.extend(known.map(|known| (likeness(name, known), known)));
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by_key(|&mut (_, known)| known);
    let quoted = |names: &mut dyn Iterator<Item = &(f64, &str)>| {
        names.map(|(_, known)| format!("`{known}`")).collect::<Vec<_>>()
    };
    let nearest = quoted(&mut near.iter().take_while(|(likeness, _)| *likeness > 0.75).take(3));
    match (nearest.as_slice(), near.len()) {
        ([], 0) => "; none is declared".to_owned(),
        ([], 1..=12) => format!("; there are {}", quoted(&mut near.iter()).join(", ")),
        ([], _) => String::new(),
        (names, _) => format!("; did you mean {}?", names.join(" or ")),
    }
}

fn likeness(name: &str, known: &str) -> f64 {
    let last = known.rsplit("::").next().unwrap_or(known);
    let like = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
    like(known).max(like(last))
}

//! What a compiler and the header reader each say of a header, in one form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cwire_layout::Types;
use cwire_layout::types::{RecordId, Type, TypeId};

/// Records and enums by name. A tag and a typedef may share one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) records: BTreeMap<String, Vec<RecordFact>>,
    /// Size and values.
    pub(crate) enums: BTreeMap<String, Vec<EnumFact>>,
}

/// Size and values of an enum.
pub(crate) type EnumFact = (u64, BTreeMap<String, i128>);

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordFact {
    pub(crate) size: u64,
    pub(crate) fields: Vec<FieldFact>,
}

/// A field, with the path to it through unnamed records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FieldFact {
    pub(crate) name: String,
    pub(crate) bit_offset: u64,
    pub(crate) bit_size: u64,
}

impl Facts {
    /// What the header reader says.
    pub(crate) fn of(types: &Types) -> Self {
        let mut facts = Self::default();
        for &id in types.records() {
            let record = types.record(id);
            let Some(definition) = &record.definition else { continue };
            if record.name.is_empty() {
                continue;
            }
            let mut fields = Vec::new();
            fields_of(types, id, 0, "", &mut fields);
            let fact = RecordFact { size: definition.layout.layout.size, fields };
            facts.records.entry(record.name.to_string()).or_default().push(fact);
        }
        for &id in types.enums() {
            let enumeration = types.enumeration(id);
            let Some(definition) = &enumeration.definition else { continue };
            if enumeration.name.is_empty() {
                continue;
            }
            let size = types.layout_of(definition.underlying).expect("integers have a size").size;
            let values = definition.values.iter().map(|(name, value)| (name.to_string(), *value));
            let fact = (size, values.collect());
            facts.enums.entry(enumeration.name.to_string()).or_default().push(fact);
        }
        facts.sort();
        facts
    }

    pub(crate) fn sort(&mut self) {
        self.records.values_mut().for_each(|records| {
            records.sort();
            records.dedup();
        });
        self.enums.values_mut().for_each(|enums| {
            enums.sort();
            enums.dedup();
        });
    }

    /// Differences to what a compiler says, in words.
    pub(crate) fn differences(&self, compiler: &Self) -> String {
        let mut text = String::new();
        differences("record", &self.records, &compiler.records, &mut text);
        differences("enum", &self.enums, &compiler.enums, &mut text);
        text
    }
}

fn differences<T: std::fmt::Debug + PartialEq>(
    what: &str,
    ours: &BTreeMap<String, Vec<T>>,
    theirs: &BTreeMap<String, Vec<T>>,
    text: &mut String,
) {
    for (name, theirs) in theirs {
        match ours.get(name) {
            None => writeln!(text, "{what} {name} is missing").unwrap(),
            Some(ours) if ours != theirs => {
                writeln!(text, "{what} {name}:\n  ours   {ours:?}\n  theirs {theirs:?}").unwrap();
            }
            Some(_) => {}
        }
    }
    for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
        writeln!(text, "{what} {name} is unknown to the compiler").unwrap();
    }
}

fn fields_of(types: &Types, id: RecordId, base_bits: u64, path: &str, out: &mut Vec<FieldFact>) {
    let Some(definition) = &types.record(id).definition else { return };
    for (base, place) in definition.def.bases.iter().zip(&definition.layout.bases) {
        let name = format!("{path}: {}", types.record(base.record).name);
        let size =
            types.record(base.record).definition.as_ref().map_or(0, |base| base.layout.layout.size);
        let bit_offset = base_bits + place.offset_bits;
        out.push(FieldFact { name, bit_offset, bit_size: size * 8 });
        fields_of(types, base.record, bit_offset, path, out);
    }
    for (member, place) in definition.def.members.iter().zip(&definition.layout.members) {
        let inner = unnamed_record(types, member.ty);
        if member.name.is_empty() && inner.is_none() {
            continue;
        }
        let name = format!("{path}{}", member.name);
        let bit_offset = base_bits + place.offset_bits;
        // An empty class without an address of its own takes no room; its type still has a size.
        let bit_size = match types.layout_of(member.ty) {
            Ok(layout) if member.no_unique_address => layout.size * 8,
            _ => place.size_bits,
        };
        out.push(FieldFact { name: name.clone(), bit_offset, bit_size });
        if let Some(inner) = inner {
            let path = if member.name.is_empty() { path.to_owned() } else { format!("{name}.") };
            fields_of(types, inner, bit_offset, &path, out);
        }
    }
}

/// The record that a type is made of if nothing names it.
fn unnamed_record(types: &Types, ty: TypeId) -> Option<RecordId> {
    match types.get(types.strip(ty)) {
        Type::Record(id) => types.record(*id).name.is_empty().then_some(*id),
        Type::Array { element, .. } => unnamed_record(types, *element),
        _ => None,
    }
}

//! The layout as JSON: one document per ABI, an array of them for several.
//!
//! Compact but for records, enums and errors, which begin lines of their own: a machine does not
//! mind, and `grep` finds them.

use std::io::{self, BufWriter, Write};

use cwire_layout::types::{EnumId, RecordId, RecordKind, Refused, Type};
use cwire_layout::{Field, FieldKind, Types};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::select::{Selection, Sheet};

/// Writes the document, or the array of documents.
pub(crate) fn write(sheets: &[Sheet<'_>], out: &mut dyn Write) -> anyhow::Result<()> {
    // A buffer of a known type, since serde writes a few bytes at a time.
    let mut out = BufWriter::with_capacity(BUFFER, out);
    match sheets {
        [sheet] => to_lines(&Document::new(sheet), 2, &mut out)?,
        sheets => {
            let documents: Vec<_> = sheets.iter().map(Document::new).collect();
            to_lines(&documents, 3, &mut out)?;
        }
    }
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Bytes held back before they are written.
const BUFFER: usize = 64 << 10;

#[derive(Serialize)]
struct Document<'a> {
    abi: &'static str,
    records: Records<'a>,
    enums: Enums<'a>,
    errors: Errors<'a>,
}

impl<'a> Document<'a> {
    fn new(sheet: &'a Sheet<'a>) -> Self {
        let all = &sheet.selections;
        Self {
            abi: sheet.abi.triple(),
            records: Records(all),
            enums: Enums(all),
            errors: Errors(all),
        }
    }
}

struct Records<'a>(&'a [Selection<'a>]);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let records = |one: &'_ Selection<'_>| one.records.len();
        let mut list = serializer.serialize_seq(Some(self.0.iter().map(records).sum()))?;
        for one in self.0 {
            for &id in &one.records {
                list.serialize_element(&RecordObject::new(one.types, id))?;
            }
        }
        list.end()
    }
}

#[derive(Serialize)]
struct RecordObject<'a> {
    name: &'a str,
    kind: &'static str,
    size: u64,
    align: u64,
    fields: Vec<FieldObject<'a>>,
    padding: Vec<Range>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl<'a> RecordObject<'a> {
    fn new(types: &'a Types, id: RecordId) -> Self {
        let record = types.record(id);
        let layout = record.definition.as_ref().map(|definition| definition.layout.layout);
        let field = |field: Field<'a>| FieldObject::new(types, &field, 0, 0);
        let range = |place: cwire_layout::place::Place| Range {
            bit_offset: place.offset_bits,
            bit_size: place.size_bits,
        };
        Self {
            name: &record.name,
            kind: kind(record.kind),
            size: layout.map_or(0, |layout| layout.size),
            align: layout.map_or(1, |layout| layout.align),
            fields: types.fields(id).into_iter().map(field).collect(),
            padding: types.padding(id).into_iter().map(range).collect(),
            file: record.origin.as_ref().map(|origin| &*origin.file),
            line: record.origin.as_ref().map(|origin| origin.line).filter(|&line| line != 0),
        }
    }
}

fn kind(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Struct => "struct",
        RecordKind::Union => "union",
        RecordKind::Class => "class",
    }
}

#[derive(Serialize)]
struct FieldObject<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: String,
    bit_offset: u64,
    bit_size: u64,
    /// `bit-field`, `anonymous` or `base`; left out for plain members.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// How many anonymous members and bases it is inside of; left out for 0.
    #[serde(skip_serializing_if = "is_zero")]
    depth: usize,
    /// The fields of an unnamed record, which `records` has no name for; of an array, those of its first
    /// element. Their offsets count from the start of the outermost record, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Self>,
}

/// Unnamed records inside each other whose fields are listed.
const MAX_LEVEL: usize = 32;

impl<'a> FieldObject<'a> {
    fn new(types: &'a Types, field: &Field<'a>, base_bits: u64, level: usize) -> Self {
        let bit_offset = base_bits.saturating_add(field.place.offset_bits);
        let inner = |inner: Field<'a>| Self::new(types, &inner, bit_offset, level + 1);
        let unnamed = unnamed_record(types, field).filter(|_| level < MAX_LEVEL);
        Self {
            name: field.name,
            ty: types.spell(field.ty),
            bit_offset,
            bit_size: field.place.size_bits,
            kind: match field.kind {
                FieldKind::Member => None,
                FieldKind::BitField => Some("bit-field"),
                FieldKind::Anonymous => Some("anonymous"),
                FieldKind::Base => Some("base"),
            },
            depth: field.depth,
            fields: unnamed
                .map_or(Vec::new(), |record| types.fields(record).into_iter().map(inner).collect()),
        }
    }
}

/// The unnamed record that a member, or the elements of an array, are of.
fn unnamed_record(types: &Types, field: &Field<'_>) -> Option<RecordId> {
    if field.kind != FieldKind::Member {
        return None;
    }
    let mut ty = types.strip(field.ty);
    while let Type::Array { element, .. } = types.get(ty) {
        ty = types.strip(*element);
    }
    match *types.get(ty) {
        Type::Record(id) if types.record(id).name.is_empty() => Some(id),
        _ => None,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(depth: &usize) -> bool {
    *depth == 0
}

#[derive(Serialize)]
struct Range {
    bit_offset: u64,
    bit_size: u64,
}

struct Enums<'a>(&'a [Selection<'a>]);

impl Serialize for Enums<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().flat_map(|one| one.enums.iter().map(|&id| (one.types, id)));
        serializer.collect_seq(all.map(|(types, id)| EnumObject::new(types, id)))
    }
}

#[derive(Serialize)]
struct EnumObject<'a> {
    name: &'a str,
    size: u64,
    values: Values<'a>,
}

impl<'a> EnumObject<'a> {
    fn new(types: &'a Types, id: EnumId) -> Self {
        let one = types.enumeration(id);
        let (size, values) = match &one.definition {
            Some(definition) => {
                let size = types.layout_of(definition.underlying).map_or(0, |layout| layout.size);
                (size, definition.values.as_slice())
            }
            None => (0, &[][..]),
        };
        Self { name: &one.name, size, values: Values(values) }
    }
}

/// Enumerators as an object, in the order of their declaration.
struct Values<'a>(&'a [(Box<str>, i128)]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Errors<'a>(&'a [Selection<'a>]);

impl Serialize for Errors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().flat_map(|one| one.refused.iter().copied());
        serializer.collect_seq(all.map(ErrorObject::new))
    }
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    name: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    reason: &'a str,
}

impl<'a> ErrorObject<'a> {
    fn new(refused: &'a Refused) -> Self {
        Self {
            name: &refused.name,
            file: refused.origin.as_ref().map(|origin| &*origin.file),
            line: refused.origin.as_ref().map(|origin| origin.line).filter(|&line| line != 0),
            reason: &refused.reason,
        }
    }
}

/// Writes JSON whose arrays and objects less than `levels` deep have their elements on lines of
/// their own.
fn to_lines(value: &impl Serialize, levels: usize, out: impl Write) -> serde_json::Result<()> {
    let formatter = Lines { levels, depth: 0 };
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

struct Lines {
    levels: usize,
    depth: usize,
}

impl Lines {
    fn separate<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        match self.depth {
            // The outermost opens its line itself.
            depth if depth > self.levels || (depth == 1 && first) => {
                if first {
                    Ok(())
                } else {
                    out.write_all(b" ")
                }
            }
            depth => write!(out, "\n{:depth$}", ""),
        }
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        out.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        out.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

//! Paths to fields, as C writes them: `hdr.len`, `legs[3].price`.

use anyhow::{Context, bail};
use cwire_layout::types::{RecordId, Type, TypeId};
use cwire_layout::{Field, Types};

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Member(String),
    Index(u64),
}

/// A step on the way to a field.
pub(crate) enum Step<'a> {
    /// Into a member of a record, or into one of its bases.
    Member {
        /// Whose own member it is. An anonymous member on the way is a step of its own.
        record: RecordId,
        /// Its place counts from the start of `record`.
        field: Field<'a>,
    },
    /// Into an element of an array.
    Element {
        index: u64,
        /// Bytes of an element.
        size: u64,
    },
}

/// Reads a path.
///
/// # Errors
///
/// It is none.
pub(crate) fn parse(text: &str) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for name in text.split('.') {
        let (name, mut indices) = match name.split_once('[') {
            Some((name, indices)) => (name, Some(indices)),
            None => (name, None),
        };
        if name.trim().is_empty() {
            bail!("a field is needed, as in `hdr.len` or `legs[3].price`, found `{text}`");
        }
        parts.push(Part::Member(name.trim().to_owned()));
        while let Some(rest) = indices {
            let (index, rest) =
                rest.split_once(']').with_context(|| format!("`]` is missing in `{text}`"))?;
            let index = index.trim();
            let number = index.parse();
            parts
                .push(Part::Index(number.with_context(|| {
                    format!("an index is needed in `{text}`, found `{index}`")
                })?));
            indices = match rest.strip_prefix('[') {
                Some(more) => Some(more),
                None if rest.is_empty() => None,
                None => bail!("`.` or `[` is needed after `]` in `{text}`, found `{rest}`"),
            };
        }
    }
    Ok(parts)
}

/// Follows a path into a record.
///
/// # Errors
///
/// A part of it is not there.
pub(crate) fn follow<'a>(
    types: &'a Types,
    record: RecordId,
    parts: &[Part],
) -> anyhow::Result<Vec<Step<'a>>> {
    let mut steps = Vec::with_capacity(parts.len());
    let mut at = At::Record(record);
    for part in parts {
        let ty = match part {
            Part::Member(name) => member(types, &at, name, &mut steps)?,
            Part::Index(index) => element(types, &at, *index, &mut steps)?,
        };
        at = match types.get(types.strip(ty)) {
            Type::Record(record) => At::Record(*record),
            _ => At::Type(ty),
        };
    }
    Ok(steps)
}

/// What a path has led to so far.
enum At {
    Record(RecordId),
    Type(TypeId),
}

fn member<'a>(
    types: &'a Types,
    at: &At,
    name: &str,
    steps: &mut Vec<Step<'a>>,
) -> anyhow::Result<TypeId> {
    let record = match *at {
        At::Record(record) => record,
        At::Type(ty) => bail!("`{}` has no members, so no `{name}`", types.spell(ty)),
    };
    let fields = types.fields(record);
    let Some(index) = fields.iter().position(|field| field.name == name) else {
        bail!(unknown(types, record, name, &fields));
    };
    let (mut owner, mut base_bits) = (record, 0);
    let mut last = None;
    for field in around(&fields, index) {
        let mut own = field;
        own.place.offset_bits -= base_bits;
        steps.push(Step::Member { record: owner, field: own });
        if let Type::Record(inner) = types.get(types.strip(field.ty)) {
            (owner, base_bits) = (*inner, field.place.offset_bits);
        }
        last = Some(field.ty);
    }
    last.context("a field has a type")
}

/// The anonymous members and bases around a field, outermost first, and the field itself.
fn around<'a>(fields: &[Field<'a>], index: usize) -> Vec<Field<'a>> {
    let mut around: Vec<Field<'a>> = Vec::new();
    for field in fields.iter().take(index + 1).rev() {
        if around.last().is_none_or(|inner| field.depth < inner.depth) {
            around.push(*field);
        }
    }
    around.reverse();
    around
}

fn unknown(types: &Types, record: RecordId, name: &str, fields: &[Field<'_>]) -> String {
    let names: Vec<_> =
        fields.iter().map(|field| field.name).filter(|name| !name.is_empty()).collect();
    let near = names
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let suggestion = match near {
        Some((likeness, known)) if likeness > 0.75 => format!("; did you mean `{known}`?"),
        _ if names.len() <= 12 => format!("; it has {}", names.join(", ")),
        _ => String::new(),
    };
    format!("no field `{name}` in `{}`{suggestion}", types.record(record).name)
}

fn element(
    types: &Types,
    at: &At,
    index: u64,
    steps: &mut Vec<Step<'_>>,
) -> anyhow::Result<TypeId> {
    let ty = match *at {
        At::Type(ty) => ty,
        At::Record(record) => bail!("`{}` is no array", types.record(record).name),
    };
    let Type::Array { element, len } = *types.get(types.strip(ty)) else {
        bail!("`{}` is no array", types.spell(ty));
    };
    // A flexible array, or GNU's of length 0, ends where the message does.
    if let Some(len @ 1..) = len
        && index >= len
    {
        bail!("`{}` ends at [{}], before [{index}]", types.spell(ty), len - 1);
    }
    let size = types.layout_of(element)?.size;
    steps.push(Step::Element { index, size });
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_c() {
        let member = |name: &str| Part::Member(name.to_owned());
        assert_eq!(parse("b").unwrap(), [member("b")]);
        assert_eq!(
            parse("legs[3].m[0][1].px").unwrap(),
            [
                member("legs"),
                Part::Index(3),
                member("m"),
                Part::Index(0),
                Part::Index(1),
                member("px")
            ]
        );
        for bad in ["", ".", "a.", "a[", "a[x]", "a[1]b", "[1]", "a[-1]"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

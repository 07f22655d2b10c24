//! Records that are known at run time only.
//!
//! A [`Plan`] is a record of a [`Types`] compiled once: what is at which offset, and how it is written.
//!
#![doc = include_str!("lossless.md")]

mod annotations;
mod audit;
mod bits;
mod build;
mod encode;
mod enumerators;
mod error;
mod findings;
mod float;
mod leaf;
mod options;
mod padding;
mod path;
mod select;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod tree;
mod visit;
mod walk;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::place::Place;
use cwire_layout::types::RecordId;

pub use annotations::{Annotations, CountFn, TagFn};
pub use audit::{Audit, Audited};
#[doc(hidden)]
pub use encode::fuzz::encode_json as fuzz_encode_json;
pub use error::{PlanError, PlanErrorKind};
pub use findings::{Findings, Invalid};
pub use leaf::{Dimension, Leaf, LeafKind};
pub use options::{EnumForm, PlanOptions, Short, TextEncoding};
pub use visit::{Item, Key, Scalar, Visitor};

pub(crate) use bits::{load, sign_extend};
pub(crate) use enumerators::Enumerators;
pub(crate) use float::{Float, FloatFormat};
pub(crate) use padding::hex;
pub(crate) use text::Charset;
pub(crate) use walk::read;

use crate::error::DecodeErrorKind;
use crate::json::{JsonError, JsonWriter, Program};
use crate::value::{Build, Value};
use crate::{DecodeError, EncodeError};
use build::Builder;
use tree::Object;
use walk::{Extent, Walk};

/// A record compiled for decoding and encoding. Cheap to clone.
#[derive(Clone)]
pub struct Plan(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) root: Object,
    /// The same with the fields that are not selected; `None` if all are.
    whole: Option<Object>,
    /// Bytes that a frame has at least.
    needed: usize,
    has_tail: bool,
    has_unions: bool,
    pub(crate) endian: Endian,
    pub(crate) encoding: TextEncoding,
    pub(crate) lossless: bool,
    max_len: usize,
    leaves: Vec<Leaf>,
    /// For each bit of the record whether it is padding; `None` where that depends on the frame or
    /// takes too much memory.
    padding: Option<Box<[u8]>>,
    /// The name under which padding is listed: `padding`, unless a field is called so.
    padding_key: Key,
    /// Steps that write JSON; `None` if only going through the tree does.
    program: Option<Program>,
}

/// Longest record whose padding is worked out once and for all.
const MAX_PADDING_MASK: usize = 64 << 10;

impl Plan {
    /// Compiles a record.
    ///
    /// # Errors
    ///
    /// The record is incomplete, larger than memory, or made of too many fields; an annotation or
    /// selection names a field that is not there.
    pub fn new(types: &Types, record: RecordId, options: &PlanOptions) -> Result<Self, PlanError> {
        let endian = options.endian.unwrap_or(types.abi().endian());
        let mut builder = Builder::new(types, options, endian);
        let whole = builder.object(record, record, 0, true)?;
        let Builder { leaves, annotated, has_tail, .. } = builder;
        check_annotations(types, record, options, &annotated)?;
        let extent = Extent::of(&whole);
        let needed = match extent.tail {
            Some(tail) => extent.end.max(tail),
            None => whole.size,
        };
        let mut root = whole.clone();
        let mut leaves = leaves;
        if let Some(paths) = &options.select {
            select::select(&mut root, paths, &mut leaves)?;
        }
        let mut inner = Inner {
            needed,
            has_tail,
            has_unions: encode::has_unions(&whole),
            endian,
            encoding: options.encoding,
            lossless: options.lossless,
            max_len: options.max_len,
            leaves,
            padding: None,
            padding_key: padding_key(&root),
            program: None,
            whole: options.select.is_some().then_some(whole),
            root,
        };
        if !has_tail && options.annotations.is_empty() && inner.root.size <= MAX_PADDING_MASK {
            let frame = vec![0; inner.root.size];
            inner.padding = Some(inner.padding_mask(&frame).into());
        }
        if !has_tail && options.annotations.is_empty() && !options.lossless {
            inner.program = Program::new(&inner);
        }
        Ok(Self(Arc::new(inner)))
    }

    /// Name of the record.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.0.root.name
    }

    /// `sizeof` of the record, a flexible array at its end excluded.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.root.size
    }

    /// Whether it ends in a flexible or zero-length array, so that the frame decides its length.
    #[must_use]
    pub fn has_tail(&self) -> bool {
        self.0.has_tail
    }

    /// Byte order of its scalars and bit-fields.
    #[must_use]
    pub fn endian(&self) -> Endian {
        self.0.endian
    }

    /// The scalars and texts that it is made of, in the order of their declaration.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.0.leaves
    }

    /// Bytes that a frame has at least. Less than [`size`](Self::size) where the record ends in a flexible
    /// array that begins in what would be padding.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.0.needed
    }

    /// The runs of bits of a frame that no field holds, in ascending order: padding of the record and
    /// of all that is in it; behind the last element of a flexible array, what is less than an
    /// element. Bytes that follow a record without such an array are not looked at.
    #[must_use]
    pub fn padding(&self, frame: &[u8]) -> Vec<Place> {
        padding::runs(&self.0.padding_of(frame), self.0.endian)
    }

    /// Appends a frame as a JSON object of the record's fields, as in `{"a": "A", "b": 300}`.
    ///
    /// # Errors
    ///
    /// The frame ends before the record does and `short` is [`Short::Error`]; it is
    /// [`Short::Zero`] and the record longer than [`PlanOptions::max_len`]. Nothing is appended.
    pub fn write_json(
        &self,
        frame: &[u8],
        short: Short,
        out: &mut Vec<u8>,
    ) -> Result<Findings, DecodeError> {
        let inner = &*self.0;
        let frame = inner.frame(frame, short)?;
        if let Some(program) = inner.program.as_ref().filter(|_| frame.len() >= inner.needed) {
            let mut findings = program.write(&frame, out);
            findings.padding = inner.has_padding(&frame);
            return Ok(findings);
        }
        let mut writer = JsonWriter::new(out);
        writer.begin_object();
        let mut findings = inner.walk(&frame, &mut writer);
        if inner.lossless {
            inner.write_padding(&frame, &mut writer);
        }
        writer.end_object();
        findings.padding = inner.has_padding(&frame);
        Ok(findings)
    }

    /// The values of a frame.
    ///
    /// # Errors
    ///
    /// As [`Plan::write_json`].
    pub fn value(&self, frame: &[u8], short: Short) -> Result<(Value, Findings), DecodeError> {
        let inner = &*self.0;
        let frame = inner.frame(frame, short)?;
        let mut build = Build::default();
        build.begin_object();
        let mut findings = inner.walk(&frame, &mut build);
        if inner.lossless {
            inner.write_padding(&frame, &mut build);
        }
        build.end_object();
        findings.padding = inner.has_padding(&frame);
        Ok((build.finish(), findings))
    }

    /// Tells a visitor of the parts of a frame. Padding is not among them, whatever the options.
    ///
    /// # Errors
    ///
    /// As [`Plan::write_json`]. The visitor has then been told of nothing.
    pub fn visit<V: Visitor>(
        &self,
        frame: &[u8],
        short: Short,
        visitor: &mut V,
    ) -> Result<Findings, DecodeError> {
        let inner = &*self.0;
        let frame = inner.frame(frame, short)?;
        visitor.begin_object();
        let mut findings = inner.walk(&frame, visitor);
        visitor.end_object();
        findings.padding = inner.has_padding(&frame);
        Ok(findings)
    }

    /// The fields of a frame whose bits are no value of their type, at most `limit` of them.
    #[must_use]
    pub fn invalid(&self, frame: &[u8], limit: usize) -> Vec<Invalid> {
        let mut invalid = path::InvalidFields::new(&self.0.leaves, limit);
        self.0.walk(frame, &mut invalid);
        invalid.found
    }

    /// Appends the bytes of a record. Padding is zero, unless the value says otherwise.
    ///
    /// # Errors
    ///
    /// The value does not fit the record. Nothing is appended.
    pub fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode::encode(&self.0, value, out)
    }

    /// Writes one field of a frame and leaves all other bits as they are. `path` is a C path as
    /// `header.legs[2].price`; what it names is given as it is encoded, and a single `char` also as its
    /// number. What was there before of a text, an array or a struct is zeroed. Of an array whose length the
    /// frame decides, elements are set one by one.
    ///
    /// # Errors
    ///
    /// There is no such field, the value does not fit it, or the frame ends before it. Nothing is changed.
    pub fn set(&self, frame: &mut Vec<u8>, path: &str, value: &Value) -> Result<(), EncodeError> {
        encode::set(&self.0, frame, path, value)
    }

    /// Whether there is a field of this C path. Arrays whose length the frame decides have all elements.
    #[must_use]
    pub fn has_field(&self, path: &str) -> bool {
        encode::has_field(&self.0, path)
    }

    /// Appends the bytes of a record that is given as a JSON object.
    ///
    /// # Errors
    ///
    /// The text is no JSON, or the value does not fit the record. Nothing is appended.
    pub fn encode_json(&self, json: &[u8], out: &mut Vec<u8>) -> Result<(), JsonError> {
        encode::encode_json(&self.0, json, out)
    }
}

impl Inner {
    /// Whether the plan is written in steps.
    pub(crate) fn has_steps(&self) -> bool {
        self.program.is_some()
    }

    /// The frame with what `short` makes of it.
    fn frame<'a>(&self, frame: &'a [u8], short: Short) -> Result<Cow<'a, [u8]>, DecodeError> {
        if frame.len() >= self.needed {
            let len = if self.has_tail { frame.len() } else { self.needed };
            return Ok(Cow::Borrowed(frame.get(..len).unwrap_or(frame)));
        }
        match short {
            Short::Cut => Ok(Cow::Borrowed(frame)),
            Short::Zero if self.needed <= self.max_len => {
                let mut whole = frame.to_vec();
                whole.resize(self.needed, 0);
                Ok(Cow::Owned(whole))
            }
            Short::Zero | Short::Error => Err(self.truncated(frame)),
        }
    }

    /// Names the first field that is not there.
    #[cold]
    fn truncated(&self, frame: &[u8]) -> DecodeError {
        let mut missing = path::FirstMissing::default();
        self.walk(frame, &mut missing);
        let whole = || DecodeErrorKind::Truncated { needed: self.needed, left: frame.len() };
        let Some((path, leaf, offset)) = missing.found else {
            return DecodeError::new(whole());
        };
        let size_bits = leaf.and_then(|leaf| self.leaves.get(leaf)).map(|leaf| leaf.size_bits);
        let size = size_bits.and_then(|bits| usize::try_from(bits.div_ceil(8)).ok());
        let kind = match size {
            Some(needed) => {
                DecodeErrorKind::Truncated { needed, left: frame.len().saturating_sub(offset) }
            }
            None => whole(),
        };
        DecodeError::new(kind).within(&path, offset)
    }

    fn walk<V: Visitor>(&self, frame: &[u8], visitor: &mut V) -> Findings {
        let mut walk = Walk { plan: self, frame, visitor, findings: Findings::default() };
        walk.members(&self.root, 0);
        walk.findings
    }
}

/// Every annotation of the record itself is of one of its fields. Those of other records are not
/// asked for: the same annotations serve several records.
fn check_annotations(
    types: &Types,
    record: RecordId,
    options: &PlanOptions,
    annotated: &std::collections::HashSet<(Box<str>, Box<str>)>,
) -> Result<(), PlanError> {
    let name = &types.record(record).name;
    for (owner, field, _) in options.annotations.fields() {
        if owner == &**name && !annotated.contains(&(owner.into(), field.into())) {
            let fields = types.fields(record);
            let known = fields.iter().filter(|one| !one.name.is_empty());
            let known = known.map(|one| one.name.to_owned()).collect();
            let kind = PlanErrorKind::UnknownField { known };
            return Err(PlanError::new(&format!("{owner}.{field}"), kind));
        }
    }
    Ok(())
}

fn padding_key(root: &Object) -> Key {
    let mut name = "padding".to_owned();
    while root.index.contains_key(&*name) {
        name.push('_');
    }
    Key::new(&name)
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("record", &self.0.root.name)
            .field("endian", &self.0.endian)
            .field("size", &self.0.root.size)
            .field("leaves", &self.0.leaves)
            .finish_non_exhaustive()
    }
}

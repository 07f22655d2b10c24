//! Runs of equal records as one array per field.
//!
//! A field of an array has several elements per record, one after the other. Text is not decoded:
//! its column has the bytes of the array. What the frame decides the length of has no column.
//!
//! ```
//! use cwire_codec::columns::{ColumnPlan, Columns, Data};
//! use cwire_codec::plan::{Plan, PlanOptions};
//! use cwire_layout::Types;
//! use cwire_layout::abi::Abi;
//! use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut types = Types::new(Abi::X86_64_LINUX);
//! let (char, short) = (types.basic(Basic::Char), types.basic(Basic::Short));
//! let members = vec![MemberDef::new("a", char), MemberDef::new("b", short)];
//! let id = types.add_record(RecordKind::Struct, "pair", None);
//! types.define_record(id, RecordDef { members, ..RecordDef::default() })?;
//!
//! let plan = ColumnPlan::new(&Plan::new(&types, id, &PlanOptions::default())?);
//! let mut columns = Columns::default();
//! plan.decode(b"A\0\x01\0B\0\x02\0", &mut columns);
//! assert_eq!(columns.columns()[1].data(), &Data::I16(vec![1, 2]));
//! # Ok(())
//! # }
//! ```

use cwire_layout::abi::Endian;

use crate::plan::tree::{Kind, Node, Object, ScalarNode};
use crate::plan::{Float, Plan, load, sign_extend};

/// Which columns the records of a plan have.
#[derive(Clone)]
pub struct ColumnPlan {
    /// Bytes of a record.
    size: usize,
    endian: Endian,
    sources: Vec<Source>,
}

/// The values of a field over all records.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    leaf: usize,
    per_record: usize,
    data: Data,
}

/// Values of one kind.
///
/// Bit-fields and other integers take the smallest type that holds their bits; enums are their
/// numbers, characters their codes, pointers their addresses, `bool`s the bytes they are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// Signed integers of up to 8 bits.
    I8(Vec<i8>),
    /// Signed integers of up to 16 bits.
    I16(Vec<i16>),
    /// Signed integers of up to 32 bits.
    I32(Vec<i32>),
    /// Signed integers of up to 64 bits.
    I64(Vec<i64>),
    /// Signed integers of up to 128 bits.
    I128(Vec<i128>),
    /// Unsigned integers of up to 8 bits.
    U8(Vec<u8>),
    /// Unsigned integers of up to 16 bits.
    U16(Vec<u16>),
    /// Unsigned integers of up to 32 bits.
    U32(Vec<u32>),
    /// Unsigned integers of up to 64 bits.
    U64(Vec<u64>),
    /// Unsigned integers of up to 128 bits.
    U128(Vec<u128>),
    /// `float`, `_Float16`.
    F32(Vec<f32>),
    /// `double`, and `long double` as its nearest `double`.
    F64(Vec<f64>),
    /// Text, and integers of more than 128 bits: as they lie in the record.
    Bytes {
        /// Bytes of one.
        width: usize,
        /// All of them, one after the other.
        bytes: Vec<u8>,
    },
}

/// The columns of a run of records; the memory of the last run serves the next.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    records: usize,
    columns: Vec<Column>,
}

impl Columns {
    /// Number of records.
    #[must_use]
    pub fn records(&self) -> usize {
        self.records
    }

    /// The columns, in the order of the plan's leaves.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

impl Column {
    /// Index of the field among the [leaves](Plan::leaves) of the plan.
    #[must_use]
    pub fn leaf(&self) -> usize {
        self.leaf
    }

    /// How many values a record has: 1, or the elements of all arrays around the field.
    #[must_use]
    pub fn per_record(&self) -> usize {
        self.per_record
    }

    /// The values.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }
}

/// Where the values of a column come from.
#[derive(Clone)]
struct Source {
    leaf: usize,
    /// First byte of the first element.
    offset: usize,
    /// Lengths and strides of the arrays around it, outermost first.
    dimensions: Vec<(usize, usize)>,
    per_record: usize,
    load: Load,
}

/// How a value is read.
#[derive(Clone)]
enum Load {
    Int(usize),
    UInt(usize),
    F32,
    F64,
    Bytes(usize),
    /// A bit-field or a scalar that the host does not have.
    Other(ScalarNode),
    /// A bit-field in 8 bytes of the record: the first of them, and the distance of its lowest bit.
    Bits {
        shift: u32,
        width: u32,
        signed: bool,
    },
}

/// Records whose columns are filled one after the other, while they are in the nearest cache.
const BLOCK_BYTES: usize = 16 << 10;

/// Elements of a record that are columns; what has more is better read otherwise.
const MAX_PER_RECORD: usize = 1 << 20;

impl ColumnPlan {
    /// The columns of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let mut sources = Vec::new();
        let mut dimensions = Vec::new();
        let inner = &plan.0;
        collect(&inner.root, 0, &mut dimensions, &mut sources);
        let size = plan.size();
        for source in &mut sources {
            if let Load::Other(node) = &source.load
                && let Some((offset, load)) = bits_in_word(node, source, size, inner.endian)
            {
                source.offset = offset;
                source.load = load;
            }
        }
        Self { size, endian: inner.endian, sources }
    }

    /// Reads whole records; what is left at the end is less than one. What was in `columns` is gone.
    pub fn decode(&self, bytes: &[u8], columns: &mut Columns) {
        let records = bytes.len().checked_div(self.size).unwrap_or(0);
        let bytes = bytes.get(..records * self.size).unwrap_or(bytes);
        columns.records = records;
        if columns.columns.len() != self.sources.len()
            || columns
                .columns
                .iter()
                .zip(&self.sources)
                .any(|(column, source)| !source.suits(column))
        {
            columns.columns = self.sources.iter().map(Source::empty).collect();
        }
        for column in &mut columns.columns {
            column.data.resize(records * column.per_record);
        }
        if self.size == 0 {
            return;
        }
        let block = (BLOCK_BYTES / self.size).max(1);
        for (index, bytes) in bytes.chunks(block * self.size).enumerate() {
            for (source, column) in self.sources.iter().zip(&mut columns.columns) {
                let first = index * block * column.per_record;
                match self.endian {
                    Endian::Little => {
                        source.fill::<false>(bytes, self.size, &mut column.data, first)
                    }
                    Endian::Big => source.fill::<true>(bytes, self.size, &mut column.data, first),
                }
            }
        }
    }
}

impl std::fmt::Debug for ColumnPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnPlan").field("columns", &self.sources.len()).finish_non_exhaustive()
    }
}

/// Lists the columns of an object at `base`.
fn collect(
    object: &Object,
    base: usize,
    dimensions: &mut Vec<(usize, usize)>,
    sources: &mut Vec<Source>,
) {
    for member in &object.members {
        collect_node(&member.node, base + member.offset, dimensions, sources);
    }
}

fn collect_node(
    node: &Node,
    offset: usize,
    dimensions: &mut Vec<(usize, usize)>,
    sources: &mut Vec<Source>,
) {
    let (leaf, load) = match node {
        Node::Object(object) => return collect(object, offset, dimensions, sources),
        Node::List(list) => {
            let Some(len) = list.len.fixed.filter(|_| list.stride > 0) else { return };
            dimensions.push((len, list.stride));
            collect_node(&list.element, offset, dimensions, sources);
            dimensions.pop();
            return;
        }
        Node::Text(text) => {
            let Some(len) = text.len.fixed else { return };
            (text.leaf, Load::Bytes(len * text.unit.size()))
        }
        Node::Scalar(scalar) => (scalar.leaf, Load::of(scalar)),
    };
    let count = dimensions.iter().try_fold(1usize, |all, (len, _)| all.checked_mul(*len));
    let Some(per_record) = count.filter(|&count| count <= MAX_PER_RECORD) else { return };
    sources.push(Source { leaf, offset, dimensions: dimensions.clone(), per_record, load });
}

impl Load {
    fn of(node: &ScalarNode) -> Self {
        let is_power = matches!(node.size, 1 | 2 | 4 | 8 | 16);
        match &node.kind {
            Kind::Wide => Self::Bytes(node.size),
            _ if !node.is_whole() || !is_power => Self::Other(node.clone()),
            Kind::Int => Self::Int(node.size),
            Kind::Enum(names) if names.is_signed => Self::Int(node.size),
            Kind::UInt | Kind::Bool | Kind::Char | Kind::Enum(_) => Self::UInt(node.size),
            Kind::Float(crate::plan::FloatFormat::Single) => Self::F32,
            Kind::Float(crate::plan::FloatFormat::Double) => Self::F64,
            Kind::Float(_) => Self::Other(node.clone()),
        }
    }
}

/// A bit-field read out of 8 bytes of a record of `size` bytes; `None` if it is not inside of any.
fn bits_in_word(
    node: &ScalarNode,
    source: &Source,
    size: usize,
    endian: Endian,
) -> Option<(usize, Load)> {
    if !source.dimensions.is_empty() || node.width > 64 {
        return None;
    }
    let signed = match &node.kind {
        Kind::Int => true,
        Kind::Enum(names) => names.is_signed,
        Kind::UInt | Kind::Bool => false,
        _ => return None,
    };
    let start = source.offset.min(size.checked_sub(8)?);
    let before = u32::try_from(source.offset - start).ok()? * 8 + node.first_bit;
    let after = 64u32.checked_sub(before + node.width)?;
    let shift = match endian {
        Endian::Little => before,
        Endian::Big => after,
    };
    Some((start, Load::Bits { shift, width: node.width, signed }))
}

impl Source {
    fn empty(&self) -> Column {
        let (width, signed) = match &self.load {
            Load::Int(size) => (size * 8, true),
            Load::UInt(size) => (size * 8, false),
            Load::Bits { width, signed, .. } => (*width as usize, *signed),
            Load::Other(node) => match &node.kind {
                Kind::Int => (node.width as usize, true),
                Kind::Enum(names) => (node.width as usize, names.is_signed),
                _ => (node.width as usize, false),
            },
            _ => (0, false),
        };
        let data = match &self.load {
            Load::F32 => Data::F32(Vec::new()),
            Load::F64 => Data::F64(Vec::new()),
            Load::Bytes(width) => Data::Bytes { width: *width, bytes: Vec::new() },
            Load::Other(ScalarNode { kind: Kind::Float(format), .. }) => {
                match format.decode(0, Endian::Little) {
                    Float::Single(_) => Data::F32(Vec::new()),
                    Float::Double(_) => Data::F64(Vec::new()),
                }
            }
            _ => match (signed, width) {
                (true, ..=8) => Data::I8(Vec::new()),
                (true, ..=16) => Data::I16(Vec::new()),
                (true, ..=32) => Data::I32(Vec::new()),
                (true, ..=64) => Data::I64(Vec::new()),
                (true, _) => Data::I128(Vec::new()),
                (false, ..=8) => Data::U8(Vec::new()),
                (false, ..=16) => Data::U16(Vec::new()),
                (false, ..=32) => Data::U32(Vec::new()),
                (false, ..=64) => Data::U64(Vec::new()),
                (false, _) => Data::U128(Vec::new()),
            },
        };
        Column { leaf: self.leaf, per_record: self.per_record, data }
    }

    /// Whether a column is one of this field.
    fn suits(&self, column: &Column) -> bool {
        let empty = self.empty();
        let same_width = match (&empty.data, &column.data) {
            (Data::Bytes { width: one, .. }, Data::Bytes { width: other, .. }) => one == other,
            _ => true,
        };
        (empty.leaf, empty.per_record) == (column.leaf, column.per_record)
            && std::mem::discriminant(&empty.data) == std::mem::discriminant(&column.data)
            && same_width
    }

    /// Reads the values of a block of records into the column, from its element `first` on.
    #[allow(clippy::cast_possible_truncation, reason = "the type holds as many bits as there are")]
    fn fill<const BIG: bool>(&self, bytes: &[u8], size: usize, data: &mut Data, first: usize) {
        macro_rules! whole {
            ($out:expr, $ty:ty, $n:literal) => {
                self.each($out, first, bytes, size, |raw: &[u8; $n]| match BIG {
                    false => <$ty>::from_le_bytes(*raw),
                    true => <$ty>::from_be_bytes(*raw),
                })
            };
        }
        macro_rules! other {
            ($out:expr, $signed:ident => $ty:ty) => {
                match &self.load {
                    Load::Bits { shift, width, signed: _ } => {
                        let (shift, unused) = (*shift, 64 - *width);
                        self.each($out, first, bytes, size, |raw: &[u8; 8]| {
                            let word = match BIG {
                                false => u64::from_le_bytes(*raw),
                                true => u64::from_be_bytes(*raw),
                            };
                            // To the top, and down again with or without its sign.
                            let top = (word >> shift) << unused;
                            other!(@$signed top, unused) as $ty
                        })
                    }
                    Load::Other(node) => {
                        self.each_slice($out, first, bytes, size, node.size, |raw| {
                            let endian = if BIG { Endian::Big } else { Endian::Little };
                            let bits = load(raw, node.first_bit, node.width, endian);
                            other!(@wide $signed bits, node.width) as $ty
                        })
                    }
                    _ => {}
                }
            };
            (@signed $top:ident, $unused:ident) => { $top.cast_signed() >> $unused };
            (@unsigned $top:ident, $unused:ident) => { $top >> $unused };
            (@wide signed $bits:ident, $width:expr) => { sign_extend($bits, $width) };
            (@wide unsigned $bits:ident, $width:expr) => { $bits };
        }
        match (data, &self.load) {
            (Data::I8(out), Load::Int(_)) => whole!(out, i8, 1),
            (Data::I16(out), Load::Int(_)) => whole!(out, i16, 2),
            (Data::I32(out), Load::Int(_)) => whole!(out, i32, 4),
            (Data::I64(out), Load::Int(_)) => whole!(out, i64, 8),
            (Data::I128(out), Load::Int(_)) => whole!(out, i128, 16),
            (Data::U8(out), Load::UInt(_)) => whole!(out, u8, 1),
            (Data::U16(out), Load::UInt(_)) => whole!(out, u16, 2),
            (Data::U32(out), Load::UInt(_)) => whole!(out, u32, 4),
            (Data::U64(out), Load::UInt(_)) => whole!(out, u64, 8),
            (Data::U128(out), Load::UInt(_)) => whole!(out, u128, 16),
            (Data::F32(out), Load::F32) => whole!(out, f32, 4),
            (Data::F64(out), Load::F64) => whole!(out, f64, 8),
            (Data::I8(out), _) => other!(out, signed => i8),
            (Data::I16(out), _) => other!(out, signed => i16),
            (Data::I32(out), _) => other!(out, signed => i32),
            (Data::I64(out), _) => other!(out, signed => i64),
            (Data::I128(out), _) => other!(out, signed => i128),
            (Data::U8(out), _) => other!(out, unsigned => u8),
            (Data::U16(out), _) => other!(out, unsigned => u16),
            (Data::U32(out), _) => other!(out, unsigned => u32),
            (Data::U64(out), _) => other!(out, unsigned => u64),
            (Data::U128(out), _) => other!(out, unsigned => u128),
            (Data::F32(out), Load::Other(node)) => {
                self.floats::<BIG, f32>(out, first, bytes, size, node, |float| match float {
                    Float::Single(value) => value,
                    Float::Double(value) => value as f32,
                });
            }
            (Data::F64(out), Load::Other(node)) => {
                self.floats::<BIG, f64>(out, first, bytes, size, node, |float| match float {
                    Float::Single(value) => f64::from(value),
                    Float::Double(value) => value,
                });
            }
            (Data::Bytes { width, bytes: out }, _) => {
                let width = *width;
                if width > 0 {
                    self.texts(out, first, bytes, size, width);
                }
            }
            _ => {}
        }
    }

    fn floats<const BIG: bool, T>(
        &self,
        out: &mut [T],
        first: usize,
        bytes: &[u8],
        size: usize,
        node: &ScalarNode,
        value: impl Fn(Float) -> T,
    ) {
        let Kind::Float(format) = node.kind else { return };
        let endian = if BIG { Endian::Big } else { Endian::Little };
        self.each_slice(out, first, bytes, size, node.size, |raw| {
            value(format.decode(load(raw, node.first_bit, node.width, endian), endian))
        });
    }

    /// Values of N bytes.
    #[inline(always)]
    fn each<const N: usize, T>(
        &self,
        out: &mut [T],
        first: usize,
        bytes: &[u8],
        size: usize,
        value: impl Fn(&[u8; N]) -> T,
    ) {
        let out = out.get_mut(first..).unwrap_or_default();
        match self.dimensions.as_slice() {
            [] => {
                for (slot, record) in out.iter_mut().zip(bytes.chunks_exact(size)) {
                    let raw = record.get(self.offset..).and_then(<[u8]>::first_chunk::<N>);
                    if let Some(raw) = raw {
                        *slot = value(raw);
                    }
                }
            }
            &[(len, stride)] if stride == N && len > 0 => {
                let end = self.offset + len * N;
                for (slots, record) in out.chunks_exact_mut(len).zip(bytes.chunks_exact(size)) {
                    let raw = record.get(self.offset..end).unwrap_or(&[]);
                    for (slot, raw) in slots.iter_mut().zip(raw.as_chunks::<N>().0) {
                        *slot = value(raw);
                    }
                }
            }
            _ => self.each_slice(out, 0, bytes, size, N, |raw| {
                value(raw.first_chunk::<N>().unwrap_or(&[0; N]))
            }),
        }
    }

    /// Values of `len` bytes, whatever the arrays around them.
    fn each_slice<T>(
        &self,
        out: &mut [T],
        first: usize,
        bytes: &[u8],
        size: usize,
        len: usize,
        value: impl Fn(&[u8]) -> T,
    ) {
        let out = out.get_mut(first..).unwrap_or_default();
        let slots = out.chunks_exact_mut(self.per_record.max(1));
        for (slots, record) in slots.zip(bytes.chunks_exact(size)) {
            for (index, slot) in slots.iter_mut().enumerate().take(self.per_record) {
                let at = self.offset + self.element(index);
                if let Some(raw) = record.get(at..at + len) {
                    *slot = value(raw);
                }
            }
        }
    }

    /// Bytes from the first element to the one of this number.
    fn element(&self, mut index: usize) -> usize {
        let mut at = 0;
        for &(len, stride) in self.dimensions.iter().rev() {
            at += index.checked_rem(len).unwrap_or(0) * stride;
            index = index.checked_div(len).unwrap_or(0);
        }
        at
    }

    fn texts(&self, out: &mut [u8], first: usize, bytes: &[u8], size: usize, width: usize) {
        let out = out.get_mut(first * width..).unwrap_or_default();
        let per_record = width * self.per_record;
        if per_record == 0 {
            return;
        }
        for (slots, record) in out.chunks_exact_mut(per_record).zip(bytes.chunks_exact(size)) {
            if self.per_record == 1 {
                if let Some(raw) = record.get(self.offset..self.offset + width) {
                    copy(slots, raw);
                }
                continue;
            }
            for (index, slot) in slots.chunks_exact_mut(width).enumerate() {
                let at = self.offset + self.element(index);
                if let Some(raw) = record.get(at..at + width) {
                    copy(slot, raw);
                }
            }
        }
    }
}

/// Copies as many bytes, short ones in two pieces that overlap.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    #[inline(always)]
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) {
        if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
            let (first, last) = (*first, *last);
            if let Some(slot) = to.first_chunk_mut::<N>() {
                *slot = first;
            }
            if let Some(slot) = to.last_chunk_mut::<N>() {
                *slot = last;
            }
        }
    }
    match to.len() {
        8..=16 => ends::<8>(to, from),
        17..=32 => ends::<16>(to, from),
        4..=7 => ends::<4>(to, from),
        _ => {
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        }
    }
}

impl Data {
    fn resize(&mut self, len: usize) {
        match self {
            Self::I8(data) => data.resize(len, 0),
            Self::I16(data) => data.resize(len, 0),
            Self::I32(data) => data.resize(len, 0),
            Self::I64(data) => data.resize(len, 0),
            Self::I128(data) => data.resize(len, 0),
            Self::U8(data) => data.resize(len, 0),
            Self::U16(data) => data.resize(len, 0),
            Self::U32(data) => data.resize(len, 0),
            Self::U64(data) => data.resize(len, 0),
            Self::U128(data) => data.resize(len, 0),
            Self::F32(data) => data.resize(len, 0.0),
            Self::F64(data) => data.resize(len, 0.0),
            Self::Bytes { width, bytes } => bytes.resize(len.saturating_mul(*width), 0),
        }
    }
}

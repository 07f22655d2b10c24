//! The layout for one ABI as text: a table per record.
//!
//! ```text
//! x86_64-unknown-linux-gnu, little-endian
//!
//! struct CTestData (ctestdata.h:3): size 24, align 4
//!   offset  size  type      name
//!        0     1  char      a
//!        1     3            /* 3 bytes of padding */
//!        4     4  int       b
//!        8    15  char[15]  c
//!       23     1            /* 1 byte of padding */
//!   24 bytes: 20 of data, 4 of padding
//! ```
//!
//! Columns are aligned here and not by a crate for tables, since none of those knows bit-fields
//! (`4:3`, whose bytes are to stand below bytes), and all build every cell as a string first.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufWriter, Write};

use cwire_layout::Types;
use cwire_layout::abi::{Abi, Endian};
use cwire_layout::types::{Record, RecordId, RecordKind};
use unicode_width::UnicodeWidthStr;

use super::rows::{self, Row, RowKind};
use super::select::Sheet;
use crate::paint::{Paint, Role};

/// How tables are written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) paint: Paint,
    /// Whether members of record type are followed by their members.
    pub(crate) expand: bool,
}

/// Writes a table per record.
pub(crate) fn write(sheet: &Sheet<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    // A buffer of a known type: cells are a few bytes each.
    let mut out = BufWriter::with_capacity(BUFFER, out);
    write_tables(sheet, style, &mut out)?;
    out.flush()
}

/// Bytes held back before they are written.
const BUFFER: usize = 64 << 10;

fn write_tables(sheet: &Sheet<'_>, style: Style, out: &mut impl Write) -> io::Result<()> {
    let abi = sheet.abi;
    if sheet.records().next().is_none() {
        return Ok(());
    }
    let order = match abi.endian() {
        Endian::Little => "little-endian",
        Endian::Big => "big-endian",
    };
    let head = format_args!("{}, {order}", abi.triple());
    writeln!(out, "{}", style.paint.show(Role::Remark, head))?;
    let mut bits = false;
    for (types, id) in sheet.records() {
        writeln!(out)?;
        let table = Table::new(types, id, style);
        table.write(out)?;
        bits |= table.bits;
    }
    if bits {
        writeln!(out, "\n{}", style.paint.show(Role::Remark, BitLegend::of([abi])))?;
    }
    Ok(())
}

/// Says how bits are counted on some ABIs.
pub(crate) enum BitLegend {
    Little,
    Big,
    Both,
}

impl BitLegend {
    pub(crate) fn of(abis: impl IntoIterator<Item = Abi>) -> Self {
        let (mut little, mut big) = (false, false);
        for abi in abis {
            match abi.endian() {
                Endian::Little => little = true,
                Endian::Big => big = true,
            }
        }
        match (little, big) {
            (true, true) => Self::Both,
            (false, true) => Self::Big,
            (_, false) => Self::Little,
        }
    }
}

impl fmt::Display for BitLegend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("4:3 is bit 3 of byte 4, counted from the ")?;
        f.write_str(match self {
            Self::Little => "least significant bit",
            Self::Big => "most significant bit",
            Self::Both => "least significant bit, on big-endian ABIs from the most significant",
        })
    }
}

struct Table<'a> {
    types: &'a Types,
    id: RecordId,
    style: Style,
    rows: Vec<Row<'a>>,
    spelt: Vec<String>,
    /// Whether an offset is said in bits.
    bits: bool,
}

impl<'a> Table<'a> {
    fn new(types: &'a Types, id: RecordId, style: Style) -> Self {
        let rows = rows::rows(types, id, style.expand);
        let spelt = rows.iter().map(|row| type_cell(types, row)).collect();
        let bits = rows.iter().any(Row::is_in_bits);
        Self { types, id, style, rows, spelt, bits }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let record = self.types.record(self.id);
        let layout = record.definition.as_ref().map(|definition| definition.layout.layout);
        let (size, align) = layout.map_or((0, 1), |layout| (layout.size, layout.align));
        writeln!(
            out,
            "{}: size {size}, align {align}{}",
            Heading { record, paint: self.style.paint },
            if record.kind == RecordKind::Union { ", members overlap" } else { "" },
        )?;
        self.write_rows(out)?;
        let padding: u64 = self.types.padding(self.id).iter().map(|place| place.size_bits).sum();
        write!(out, "  {}", Summary { size, padding_bits: padding })?;
        let opened = |row: &Row<'_>| matches!(row.kind, RowKind::Opened { .. });
        if self.rows.iter().any(opened) {
            write!(out, ", not counting that inside members")?;
        }
        writeln!(out)
    }

    fn write_rows(&self, out: &mut impl Write) -> io::Result<()> {
        let paint = self.style.paint;
        let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or(0);
        let offset = widest(&mut self.rows.iter().map(|row| digits(row.offset_bits / 8)))
            .max("offset".len() - if self.bits { ":0".len() } else { 0 });
        let size =
            widest(&mut self.rows.iter().map(|row| SizeCell::of(row).width())).max("size".len());
        let ty = widest(&mut self.spelt.iter().map(|cell| cell.width())).max("type".len());
        let head = if self.bits { offset + 2 } else { offset };
        writeln!(
            out,
            "{}",
            paint.show(
                Role::Remark,
                format_args!("  {:>head$}  {:<size$}  {:<ty$}  name", "offset", "size", "type")
            )
        )?;
        for (row, spelt) in self.rows.iter().zip(&self.spelt) {
            let byte = row.offset_bits / 8;
            write!(out, "  {byte:>offset$}")?;
            match (self.bits, row.is_in_bits()) {
                (true, true) => write!(out, ":{}", row.offset_bits % 8)?,
                (true, false) => write!(out, "  ")?,
                (false, _) => {}
            }
            let cell = SizeCell::of(row);
            write!(out, "  {}{cell}", Blank(size - cell.width()))?;
            let name = name_cell(row);
            if name.is_empty() {
                writeln!(out, "  {}", paint.show(Role::Type, spelt))?;
                continue;
            }
            let blank = Blank(ty - spelt.width());
            let role = if row.kind == RowKind::Padding { Role::Padding } else { Role::Name };
            write!(out, "  {}{blank}  {}", paint.show(Role::Type, spelt), paint.show(role, name))?;
            writeln!(out)?;
        }
        Ok(())
    }
}

/// `struct CTestData (ctestdata.h:3)`.
pub(crate) struct Heading<'a> {
    pub(crate) record: &'a Record,
    pub(crate) paint: Paint,
}

impl fmt::Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record;
        let name = format_args!("{} {}", keyword(record.kind), record.name);
        self.paint.show(Role::Heading, name).fmt(f)?;
        match &record.origin {
            Some(origin) if origin.line != 0 => write!(f, " ({}:{})", origin.file, origin.line),
            Some(origin) => write!(f, " ({})", origin.file),
            None => Ok(()),
        }
    }
}

pub(crate) fn keyword(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Struct => "struct",
        RecordKind::Union => "union",
        RecordKind::Class => "class",
    }
}

/// `24 bytes: 20 of data, 4 of padding`.
pub(crate) struct Summary {
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) padding_bits: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.size.saturating_mul(8).saturating_sub(self.padding_bits);
        write!(f, "{}: ", Bits(self.size.saturating_mul(8)))?;
        match (data % 8, self.padding_bits) {
            (_, 0) => write!(f, "no padding"),
            (0, padding) => write!(f, "{} of data, {} of padding", data / 8, padding / 8),
            (_, padding) => write!(f, "{} of data, {} of padding", Bits(data), Bits(padding)),
        }
    }
}

/// A number of bits in words: `3 bytes`, `5 bits`, `1 byte and 3 bits`.
pub(crate) struct Bits(pub(crate) u64);

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let (bytes, bits) = (self.0 / 8, self.0 % 8);
        match (bytes, bits) {
            (_, 0) => write!(f, "{bytes} byte{}", plural(bytes)),
            (0, _) => write!(f, "{bits} bit{}", plural(bits)),
            _ => write!(f, "{bytes} byte{} and {bits} bit{}", plural(bytes), plural(bits)),
        }
    }
}

/// The cell of a size: bytes as a bare number, `3 bits` for what is no whole number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SizeCell {
    Bytes(u64),
    Bits(u64),
}

impl SizeCell {
    pub(crate) fn of(row: &Row<'_>) -> Self {
        if row.is_in_bits() { Self::Bits(row.size_bits) } else { Self::Bytes(row.size_bits / 8) }
    }

    /// A number of bits, in bytes if it is a whole number of them.
    pub(crate) fn of_bits(bits: u64) -> Self {
        if bits.is_multiple_of(8) { Self::Bytes(bits / 8) } else { Self::Bits(bits) }
    }

    pub(crate) fn width(self) -> usize {
        match self {
            Self::Bytes(bytes) => digits(bytes),
            Self::Bits(1) => "1 bit".len(),
            Self::Bits(bits) => digits(bits) + " bits".len(),
        }
    }
}

impl fmt::Display for SizeCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes}"),
            Self::Bits(1) => write!(f, "1 bit"),
            Self::Bits(bits) => write!(f, "{bits} bits"),
        }
    }
}

/// The cell of a type, indented by what is around it.
pub(crate) fn type_cell(types: &Types, row: &Row<'_>) -> String {
    let indent = 2 * row.depth;
    match row.ty {
        Some(ty) if row.name.is_empty() => {
            // The type of an anonymous member has no name that helps: say what it is.
            let keyword = match types.get(types.strip(ty)) {
                cwire_layout::types::Type::Record(id) => keyword(types.record(*id).kind),
                _ => return format!("{:indent$}{}", "", types.spell(ty)),
            };
            format!("{:indent$}{keyword}", "")
        }
        // Where an unnamed record is, is no news where its members follow.
        Some(ty) if row.is_opened() => format!("{:indent$}{}", "", bodied(types.spell(ty))),
        Some(ty) => format!("{:indent$}{}", "", types.spell(ty)),
        None => String::new(),
    }
}

/// `struct {…}[3]` for `struct (unnamed at x.h:7)[3]`.
fn bodied(mut spelt: String) -> String {
    if let Some(from) = spelt.find("(unnamed")
        && let Some(len) = spelt.get(from..).and_then(|rest| rest.find(')'))
    {
        spelt.replace_range(from..=from + len, "{\u{2026}}");
    }
    spelt
}

/// The cell of a name, with what is remarkable about the field as a comment of C.
pub(crate) fn name_cell<'r>(row: &'r Row<'_>) -> Cow<'r, str> {
    let remark = match row.kind {
        RowKind::Member | RowKind::BitField => return Cow::Borrowed(&row.name),
        RowKind::Anonymous => "anonymous",
        RowKind::AnonymousUnion => "anonymous, members overlap",
        RowKind::Base if row.size_bits == 0 => "base class, empty",
        RowKind::Base => "base class",
        RowKind::Opened { union: false, array: false } => return Cow::Borrowed(&row.name),
        RowKind::Opened { union: true, array: false } => "members overlap",
        RowKind::Opened { union: false, array: true } => "the first element:",
        RowKind::Opened { union: true, array: true } => "the first element, members overlap:",
        RowKind::Flexible => "flexible array",
        RowKind::Padding => return Cow::Owned(format!("/* {} of padding */", Bits(row.size_bits))),
    };
    // The name of a base is its type's.
    if row.kind == RowKind::Base {
        return Cow::Owned(format!("/* {remark} */"));
    }
    let space = if row.name.is_empty() { "" } else { "  " };
    Cow::Owned(format!("{}{space}/* {remark} */", row.name))
}

/// So many spaces.
pub(crate) struct Blank(pub(crate) usize);

impl fmt::Display for Blank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:1$}", "", self.0)
    }
}

pub(crate) fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

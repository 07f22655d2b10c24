//! The layouts of several ABIs side by side.
//!
//! ```text
//! struct Quote (quote.h:4)
//!                                x86_64-unknown-linux-gnu  i686-pc-windows-msvc
//!   type    name                 offset  size              offset  size
//!   char    side                      0     1                   0     1
//!           /* padding */             1     7                   1     3*
//!   long    id                        8     8                   4*    4*
//!   sizeof                                 16                         8*
//!
//! * differs from the first column
//! ```
//!
//! ABIs with the same layout of a record share a column, so that all eighteen fit on a screen.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};

use cwire_layout::Types;
use cwire_layout::types::{RecordId, RecordKind};
use unicode_width::UnicodeWidthStr;

use super::rows::{self, Row, RowKind};
use super::select::Sheet;
use super::table::{BitLegend, Blank, Heading, SizeCell, Style, digits, name_cell, type_cell};
use crate::paint::Role;

/// Writes a table per record, of the ABIs that have it.
pub(crate) fn write(sheets: &[Sheet<'_>], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (mut differs, mut bits) = (false, false);
    for (index, occurrences) in by_name(sheets).into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let columns = columns(sheets, &occurrences, style.expand);
        let comparison = Comparison::new(columns);
        comparison.write(style, out)?;
        differs |= comparison.differs();
        bits |= comparison.widths.iter().any(|widths| widths.bits);
    }
    if differs || bits {
        writeln!(out)?;
    }
    if differs {
        let legend = "* differs from the first column";
        writeln!(out, "{}", style.paint.show(Role::Difference, legend))?;
    }
    if bits {
        let legend = BitLegend::of(sheets.iter().map(|sheet| sheet.abi));
        writeln!(out, "{}", style.paint.show(Role::Remark, legend))?;
    }
    Ok(())
}

/// The records of all ABIs, those of one name together, in the order of the first ABI that has it.
///
/// Of each ABI at most one, by its index into the sheets.
pub(super) fn by_name<'a>(sheets: &[Sheet<'a>]) -> Vec<Vec<Option<(&'a Types, RecordId)>>> {
    let mut order: Vec<Vec<Option<(&Types, RecordId)>>> = Vec::new();
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        // Two inputs may each have a record of a name: the second is not the first.
        let mut times: HashMap<&str, usize> = HashMap::new();
        for (types, id) in sheet.records() {
            let name = &*types.record(id).name;
            let time = times.entry(name).or_default();
            let place = *places.entry((name, *time)).or_insert_with(|| {
                order.push(vec![None; sheets.len()]);
                order.len() - 1
            });
            *time += 1;
            if let Some(slot) = order.get_mut(place).and_then(|slots| slots.get_mut(index)) {
                *slot = Some((types, id));
            }
        }
    }
    order
}

/// One layout of a record, and the ABIs that it is the layout of.
pub(super) struct Column<'a> {
    pub(super) abis: Vec<&'static str>,
    pub(super) types: &'a Types,
    pub(super) id: RecordId,
    pub(super) rows: Vec<Row<'a>>,
    pub(super) size: u64,
    pub(super) align: u64,
    pub(super) padding_bits: u64,
}

impl<'a> Column<'a> {
    fn new(abi: &'static str, types: &'a Types, id: RecordId, expand: bool) -> Self {
        let definition = types.record(id).definition.as_ref();
        let layout = definition.map(|definition| definition.layout.layout);
        Self {
            abis: vec![abi],
            types,
            id,
            rows: rows::rows(types, id, expand),
            size: layout.map_or(0, |layout| layout.size),
            align: layout.map_or(1, |layout| layout.align),
            padding_bits: types.padding(id).iter().map(|place| place.size_bits).sum(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let place = |row: &Row<'a>| (row.offset_bits, row.size_bits, row.kind, row.depth);
        (self.size, self.align, self.rows.len()) == (other.size, other.align, other.rows.len())
            && self
                .rows
                .iter()
                .zip(&other.rows)
                .all(|(a, b)| a.name == b.name && place(a) == place(b))
    }
}

/// The different layouts of a record, and why some ABIs have none.
pub(super) struct Columns<'a> {
    pub(super) columns: Vec<Column<'a>>,
    /// ABI and reason.
    without: Vec<(&'static str, &'a str)>,
}

pub(super) fn columns<'a>(
    sheets: &[Sheet<'a>],
    occurrences: &[Option<(&'a Types, RecordId)>],
    expand: bool,
) -> Columns<'a> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    let mut without = Vec::new();
    let name = occurrences.iter().flatten().map(|(types, id)| &*types.record(*id).name).next();
    for (sheet, occurrence) in sheets.iter().zip(occurrences) {
        let abi = sheet.abi.triple();
        let Some((types, id)) = *occurrence else {
            let refused = sheet.refused().find(|refused| Some(&*refused.name) == name);
            without.push((abi, refused.map_or("not declared", |refused| &refused.reason)));
            continue;
        };
        let column = Column::new(abi, types, id, expand);
        match columns.iter_mut().find(|known| known.is_same(&column)) {
            Some(known) => known.abis.push(abi),
            None => columns.push(column),
        }
    }
    Columns { columns, without }
}

/// What a row is called in all columns: its name and how many of that name came before it; for a
/// hole, those of the row before it.
type Key = (Box<str>, usize, bool);

/// A row of the comparison.
struct Line {
    ty: String,
    name: String,
    is_padding: bool,
    /// Where it is in each column that has it.
    cells: Vec<Option<Place>>,
    /// The line after this one.
    next: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    offset_bits: u64,
    in_bits: bool,
    size: SizeCell,
}

impl Place {
    fn of(row: &Row<'_>) -> Self {
        Self { offset_bits: row.offset_bits, in_bits: row.is_in_bits(), size: SizeCell::of(row) }
    }
}

/// The rows of all columns, those that are the same field on one line.
///
/// A list linked by indices: lines that only a later column has go in between.
struct Lines {
    lines: Vec<Line>,
    first: Option<usize>,
    known: HashMap<Key, usize>,
    columns: usize,
}

impl Lines {
    fn merge(columns: &[Column<'_>]) -> Self {
        let mut lines =
            Self { lines: Vec::new(), first: None, known: HashMap::new(), columns: columns.len() };
        for (index, column) in columns.iter().enumerate() {
            lines.add(index, column);
        }
        lines
    }

    fn add(&mut self, index: usize, column: &Column<'_>) {
        let mut times: HashMap<(Box<str>, bool), usize> = HashMap::new();
        let mut last_field: Box<str> = Box::default();
        let mut before = None;
        for row in &column.rows {
            let is_padding = row.kind == RowKind::Padding;
            if !is_padding {
                last_field = Box::from(&*row.name);
            }
            let time = times.entry((last_field.clone(), is_padding)).or_default();
            let key = (last_field.clone(), *time, is_padding);
            *time += 1;
            let at = match self.known.get(&key) {
                Some(&at) => at,
                None => self.insert(key, Line::of(column.types, row, self.columns), before),
            };
            let cells = self.lines.get_mut(at).map(|line| &mut line.cells);
            if let Some(cell) = cells.and_then(|cells| cells.get_mut(index)) {
                *cell = Some(Place::of(row));
            }
            before = Some(at);
        }
    }

    /// Adds a line after the line `before`, or as the first one.
    fn insert(&mut self, key: Key, mut line: Line, before: Option<usize>) -> usize {
        let at = self.lines.len();
        let link = match before.and_then(|before| self.lines.get_mut(before)) {
            Some(before) => &mut before.next,
            None => &mut self.first,
        };
        line.next = link.replace(at);
        self.lines.push(line);
        self.known.insert(key, at);
        at
    }

    fn iter(&self) -> impl Iterator<Item = &Line> {
        let line = |at: usize| self.lines.get(at);
        std::iter::successors(self.first.and_then(line), move |before| before.next.and_then(line))
    }
}

impl Line {
    fn of(types: &Types, row: &Row<'_>, columns: usize) -> Self {
        let is_padding = row.kind == RowKind::Padding;
        Self {
            ty: type_cell(types, row),
            name: if is_padding { "/* padding */".to_owned() } else { name_cell(row).into_owned() },
            is_padding,
            cells: vec![None; columns],
            next: None,
        }
    }
}

/// Widths of the cells of one column.
#[derive(Clone, Copy)]
struct Widths {
    offset: usize,
    bits: bool,
    size: usize,
    title: usize,
}

impl Widths {
    fn of(column: &Column<'_>) -> Self {
        let rows = &column.rows;
        let bits = rows.iter().any(Row::is_in_bits);
        let offset = rows.iter().map(|row| digits(row.offset_bits / 8)).max().unwrap_or(0);
        let size = rows.iter().map(|row| SizeCell::of(row).width()).max().unwrap_or(0);
        let padding = SizeCell::of_bits(column.padding_bits).width();
        Self {
            offset: offset.max(if bits { "offs".len() } else { "offset".len() }),
            bits,
            size: size.max("size".len()).max(digits(column.size)).max(padding),
            title: column.abis.iter().map(|abi| abi.len()).max().unwrap_or(0),
        }
    }

    /// Width of an offset with its bit.
    fn whole_offset(self) -> usize {
        if self.bits { self.offset + ":0".len() } else { self.offset }
    }

    /// Width of an offset and a size, each with room for a star.
    fn cells(self) -> usize {
        self.whole_offset() + "*  ".len() + self.size + "*".len()
    }

    fn all(self) -> usize {
        self.title.max(self.cells())
    }
}

/// The table of one record.
struct Comparison<'a> {
    columns: Vec<Column<'a>>,
    without: Vec<(&'static str, &'a str)>,
    lines: Lines,
    widths: Vec<Widths>,
}

impl<'a> Comparison<'a> {
    fn new(Columns { columns, without }: Columns<'a>) -> Self {
        let lines = Lines::merge(&columns);
        let widths = columns.iter().map(Widths::of).collect();
        Self { columns, without, lines, widths }
    }

    fn differs(&self) -> bool {
        self.columns.len() > 1
    }

    fn write(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let Some(first) = self.columns.first() else { return Ok(()) };
        let record = first.types.record(first.id);
        let overlap = if record.kind == RecordKind::Union { ": members overlap" } else { "" };
        writeln!(out, "{}{overlap}", Heading { record, paint: style.paint })?;

        let ty =
            self.lines.iter().map(|line| line.ty.width()).max().unwrap_or(0).max("alignof".len());
        let name =
            self.lines.iter().map(|line| line.name.width()).max().unwrap_or(0).max("name".len());
        let left = Left { ty, name };
        self.write_titles(left, style, out)?;
        for line in self.lines.iter() {
            self.write_line(line, left, style, out)?;
        }
        self.write_sums(left, style, out)?;
        for (abi, reason) in &self.without {
            writeln!(out, "  none on {abi}: {reason}")?;
        }
        Ok(())
    }

    fn write_titles(&self, left: Left, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let height = self.columns.iter().map(|column| column.abis.len()).max().unwrap_or(0);
        for line in 0..height {
            let mut text = String::new();
            for (column, widths) in self.columns.iter().zip(&self.widths) {
                let title = column.abis.get(line).copied().unwrap_or("");
                text += &format!("   {title:<0$}", widths.all());
            }
            let text = format!("{}{text}", Blank(left.all()));
            writeln!(out, "{}", style.paint.show(Role::Heading, text.trim_end()))?;
        }
        let mut text =
            format!("  {:<ty$}  {:<name$}", "type", "name", ty = left.ty, name = left.name);
        for widths in &self.widths {
            let cells =
                format!("{:>1$}   {2:>3$} ", "offset", widths.whole_offset(), "size", widths.size);
            text += &format!("   {cells:<0$}", widths.all());
        }
        writeln!(out, "{}", style.paint.show(Role::Remark, text.trim_end()))
    }

    fn write_line(
        &self,
        line: &Line,
        left: Left,
        style: Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let paint = style.paint;
        let role = if line.is_padding { Role::Padding } else { Role::Name };
        let mut text = format!(
            "  {}{}  {}{}",
            paint.show(Role::Type, &line.ty),
            Blank(left.ty - line.ty.width()),
            paint.show(role, &line.name),
            Blank(left.name - line.name.width()),
        );
        let reference = line.cells.first().copied().flatten();
        for ((cell, widths), index) in line.cells.iter().zip(&self.widths).zip(0..) {
            text += "   ";
            match cell {
                Some(place) => {
                    let (moved, resized) = match reference {
                        _ if index == 0 => (false, false),
                        Some(reference) => (
                            place.offset_bits != reference.offset_bits,
                            place.size != reference.size,
                        ),
                        None => (true, true),
                    };
                    let offset = widths.offset_text(*place);
                    let size = format!("{}{}", Blank(widths.size - place.size.width()), place.size);
                    text += &format!(
                        "{}  {}{}",
                        Starred { text: &offset, star: moved, style },
                        Starred { text: &size, star: resized, style },
                        Blank(widths.all() - widths.cells()),
                    );
                }
                None => {
                    let dash = format!("{:>1$} ", "-", widths.offset);
                    text += &format!("{dash:<0$}", widths.all());
                }
            }
        }
        writeln!(out, "{}", text.trim_end())
    }

    /// The lines of sizes, alignments and padding.
    fn write_sums(&self, left: Left, style: Style, out: &mut dyn Write) -> io::Result<()> {
        type Sum<'a> = fn(&Column<'a>) -> SizeCell;
        let sums: [(&str, Sum<'a>); 3] = [
            ("sizeof", |column| SizeCell::Bytes(column.size)),
            ("alignof", |column| SizeCell::Bytes(column.align)),
            ("padding", |column| SizeCell::of_bits(column.padding_bits)),
        ];
        for (label, sum) in sums {
            let mut text = format!("{label:<0$}", left.all() - 2);
            let reference = self.columns.first().map(sum);
            for (column, widths) in self.columns.iter().zip(&self.widths) {
                let cell = sum(column);
                let before = widths.whole_offset() + "*  ".len() + widths.size - cell.width();
                let number = format!("{}{cell}", Blank(before));
                let star = Some(cell) != reference;
                text += &format!(
                    "   {}{}",
                    Starred { text: &number, star, style },
                    Blank(widths.all() - widths.cells())
                );
            }
            writeln!(out, "  {}", text.trim_end())?;
        }
        Ok(())
    }
}

/// Widths of what stands left of the columns.
#[derive(Clone, Copy)]
struct Left {
    ty: usize,
    name: usize,
}

impl Left {
    fn all(self) -> usize {
        "  ".len() + self.ty + "  ".len() + self.name
    }
}

impl Widths {
    fn offset_text(self, place: Place) -> String {
        let byte = place.offset_bits / 8;
        match (self.bits, place.in_bits) {
            (true, true) => format!("{byte:>0$}:{1}", self.offset, place.offset_bits % 8),
            (true, false) => format!("{byte:>0$}  ", self.offset),
            (false, _) => format!("{byte:>0$}", self.offset),
        }
    }
}

/// A cell, and the star behind it if it differs from the first column.
struct Starred<'a> {
    text: &'a str,
    star: bool,
    style: Style,
}

impl fmt::Display for Starred<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.star {
            // Right behind the number, also where the bits of others leave blanks there.
            let number = self.text.trim_end();
            let blank = Blank(self.text.len() - number.len());
            let starred = format_args!("{number}*");
            write!(f, "{}{blank}", self.style.paint.show(Role::Difference, starred))
        } else {
            write!(f, "{} ", self.text)
        }
    }
}

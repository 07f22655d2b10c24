//! Cuts a record into rows of eight bytes, and those into cells.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use cwire_layout::Types;
use cwire_layout::types::{RecordKind, Type};

use super::super::compare::Column;
use super::super::rows::{Row, RowKind};
use super::{Colors, Length, PX, ROW_BYTES, draw};

const ROW_BITS: u64 = ROW_BYTES * 8;

/// Rows that look alike and are all drawn; of more of them, the first and the last.
const UNFOLDED: u64 = 3;

/// Bands of one record after which the rest is only counted.
const MAX_BANDS: usize = 256;

/// Bits of a row that are wide enough for most names and types.
const ROOM_BITS: u64 = 32;

/// Bytes whose bits are drawn on one line.
const STRIP_BYTES: u64 = 4;

/// A record cut into bands from top to bottom.
pub(super) struct Grid {
    fields: Vec<Leaf>,
    bands: Vec<Band>,
}

/// Something that bits belong to.
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) from_bits: u64,
    pub(super) to_bits: u64,
    /// `None` for padding.
    pub(super) color: Option<usize>,
    /// Whether it begins or ends inside a byte.
    pub(super) is_bits: bool,
    /// Bits of an element, for arrays of several.
    pub(super) element_bits: Option<u64>,
    /// Members of a union lie in lanes below each other.
    lane: usize,
}

/// What is drawn from the left to the right edge.
pub(super) enum Band {
    /// A row of bytes, one lane below the other.
    Row {
        /// Byte at the left edge.
        byte: u64,
        lanes: Vec<Lane>,
    },
    /// Rows left out, with what is in them.
    Folded { from_byte: u64, to_byte: u64, leaf: Option<usize> },
    /// A flexible array: its place, and no room.
    Flexible { byte: u64, leaf: usize },
    /// The rest of a record that is too long.
    Rest { from_byte: u64, to_byte: u64 },
}

/// Cells beside each other, and below them the bytes that are drawn bit by bit.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) cells: Vec<Cell>,
    pub(super) strips: Vec<Strip>,
}

/// A part of a field in one row.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) leaf: usize,
    pub(super) from_bits: u64,
    pub(super) to_bits: u64,
    /// Whether this is the part that holds the field's name.
    pub(super) labelled: bool,
}

/// Bytes that are drawn bit by bit.
pub(super) struct Strip {
    pub(super) from_byte: u64,
    pub(super) to_byte: u64,
    pub(super) cells: Vec<Cell>,
}

impl Grid {
    pub(super) fn new(column: &Column<'_>, colors: &mut Colors) -> Self {
        let fields = leaves(column, colors);
        let bands = Cutter { fields: &fields, end_bits: column.size.saturating_mul(8) }.bands();
        Self { fields, bands }
    }

    pub(super) fn height(&self) -> Length {
        self.bands.iter().map(Band::height).sum()
    }

    pub(super) fn draw(&self, x: Length, mut y: Length, out: &mut dyn Write) -> io::Result<()> {
        draw::scale(x, y, out)?;
        y += draw::SCALE;
        for band in &self.bands {
            draw::band(band, &self.fields, x, y, out)?;
            y += band.height();
        }
        Ok(())
    }
}

impl Band {
    fn height(&self) -> Length {
        match self {
            Self::Row { lanes, .. } => lanes.iter().map(Lane::height).sum(),
            Self::Folded { .. } | Self::Rest { .. } => draw::FOLD,
            Self::Flexible { .. } => draw::ROW,
        }
    }
}

impl Lane {
    pub(super) fn height(&self) -> Length {
        let strips = u64::try_from(self.strips.len()).unwrap_or(0);
        let below = if strips == 0 { 0 } else { 8 * PX };
        draw::ROW + strips * (draw::FUNNEL + draw::STRIP) + below
    }
}

/// The rows of a record that are not opened into others.
fn leaves(column: &Column<'_>, colors: &mut Colors) -> Vec<Leaf> {
    let record = column.types.record(column.id);
    let mut lanes = Lanes::new(record.kind == RecordKind::Union);
    let mut leaves = Vec::new();
    // Depth of an array that is drawn as a whole, while what it was opened into passes by.
    let mut whole: Option<usize> = None;
    for row in &column.rows {
        if whole.is_some_and(|depth| row.depth > depth) {
            continue;
        }
        let is_array = matches!(row.kind, RowKind::Opened { array: true, .. });
        whole = is_array.then_some(row.depth);
        let lane = lanes.enter(row);
        if (row.is_opened() && !is_array) || (row.kind == RowKind::Base && row.size_bits == 0) {
            continue;
        }
        let is_padding = row.kind == RowKind::Padding;
        leaves.push(Leaf {
            name: if is_padding { "padding".to_owned() } else { row.name.to_string() },
            ty: row.ty.map_or(String::new(), |ty| column.types.spell(ty)),
            from_bits: row.offset_bits,
            to_bits: row.offset_bits.saturating_add(row.size_bits),
            color: (!is_padding).then(|| colors.of(&row.name)),
            is_bits: !(row.offset_bits.is_multiple_of(8) && row.size_bits.is_multiple_of(8)),
            element_bits: element_bits(column.types, row),
            lane,
        });
    }
    leaves
}

fn element_bits(types: &Types, row: &Row<'_>) -> Option<u64> {
    let mut ty = types.strip(row.ty?);
    let mut element = None;
    while let Type::Array { element: one, .. } = types.get(ty) {
        ty = types.strip(*one);
        element = Some(*one);
    }
    let bits = types.layout_of(element?).ok()?.size.checked_mul(8)?;
    (bits > 0 && bits < row.size_bits).then_some(bits)
}

/// Gives every member of a union a lane of its own, and members of structs the struct's.
struct Lanes {
    /// What the rows are in: depth of the members, whether they overlap, and their lane.
    around: Vec<Around>,
    /// The highest lane given out.
    highest: usize,
}

struct Around {
    depth: usize,
    overlap: bool,
    lane: usize,
    members: usize,
}

impl Lanes {
    fn new(overlap: bool) -> Self {
        Self { around: vec![Around { depth: 0, overlap, lane: 0, members: 0 }], highest: 0 }
    }

    fn enter(&mut self, row: &Row<'_>) -> usize {
        while self.around.len() > 1 && self.around.last().is_some_and(|one| one.depth > row.depth) {
            self.around.pop();
        }
        let Some(around) = self.around.last_mut() else { return 0 };
        // A hole is nobody's, in a union, too.
        if around.overlap && row.kind != RowKind::Padding {
            if around.members > 0 {
                self.highest += 1;
                around.lane = self.highest;
            }
            around.members += 1;
        }
        let lane = around.lane;
        if row.is_opened() {
            let overlap = row.overlaps();
            self.around.push(Around { depth: row.depth + 1, overlap, lane, members: 0 });
        }
        lane
    }
}

struct Cutter<'f> {
    fields: &'f [Leaf],
    end_bits: u64,
}

impl Cutter<'_> {
    fn bands(&self) -> Vec<Band> {
        let mut bands = Vec::new();
        let rows = self.end_bits.div_ceil(ROW_BITS);
        let starts = self.changes(rows);
        let ends = starts.iter().copied().skip(1).chain([rows]);
        let mut labels = self.labels();
        for (from, to) in starts.iter().copied().zip(ends) {
            if bands.len() >= MAX_BANDS {
                bands.push(Band::Rest { from_byte: from * ROW_BYTES, to_byte: self.end_bits / 8 });
                break;
            }
            if to - from <= UNFOLDED {
                bands.extend((from..to).map(|row| self.row(row, &mut labels)));
                continue;
            }
            bands.push(self.row(from, &mut labels));
            let inside = self.inside(from + 1);
            bands.push(Band::Folded {
                from_byte: (from + 1) * ROW_BYTES,
                to_byte: (to - 1) * ROW_BYTES,
                leaf: if let [leaf] = inside.as_slice() { Some(*leaf) } else { None },
            });
            bands.push(self.row(to - 1, &mut labels));
        }
        for (leaf, field) in self.fields.iter().enumerate() {
            if field.from_bits == field.to_bits && field.color.is_some() {
                bands.push(Band::Flexible { byte: field.from_bits / 8, leaf });
            }
        }
        bands
    }

    /// The rows that look different from the one before, in ascending order: those in which a field
    /// begins or ends, and the ones after. As many as fields, however long those are.
    fn changes(&self, rows: u64) -> Vec<u64> {
        let mut changes = BTreeSet::new();
        for field in self.fields.iter().filter(|field| field.from_bits < field.to_bits) {
            let (first, last) = (field.from_bits / ROW_BITS, (field.to_bits - 1) / ROW_BITS);
            changes.extend([first, last + 1]);
            if field.from_bits % ROW_BITS != 0 {
                changes.insert(first + 1);
            }
            if field.to_bits % ROW_BITS != 0 {
                changes.insert(last);
            }
        }
        changes.into_iter().filter(|&row| row < rows).collect()
    }

    /// The row in which each field's name is to stand: the first, if there is room, or the second.
    fn labels(&self) -> Vec<Option<u64>> {
        let row = |field: &Leaf| {
            let first = field.from_bits / ROW_BITS;
            let in_first = field.to_bits.min((first + 1) * ROW_BITS) - field.from_bits;
            let in_second = field.to_bits.saturating_sub((first + 1) * ROW_BITS).min(ROW_BITS);
            Some(if in_second > in_first && in_first < ROOM_BITS { first + 1 } else { first })
        };
        self.fields.iter().map(row).collect()
    }

    /// The fields that have bits in a row.
    fn inside(&self, row: u64) -> Vec<usize> {
        let (from, to) = (row * ROW_BITS, (row + 1) * ROW_BITS);
        let overlaps = |field: &Leaf| {
            field.from_bits < to && field.to_bits > from && field.from_bits < field.to_bits
        };
        let fields = self.fields.iter().enumerate();
        fields.filter(|(_, field)| overlaps(field)).map(|(leaf, _)| leaf).collect()
    }

    fn row(&self, row: u64, labels: &mut [Option<u64>]) -> Band {
        let (from, to) = (row * ROW_BITS, ((row + 1) * ROW_BITS).min(self.end_bits));
        let mut lanes: BTreeMap<usize, Lane> = BTreeMap::new();
        for leaf in self.inside(row) {
            let Some(field) = self.fields.get(leaf) else { continue };
            let label = labels.get_mut(leaf);
            let labelled = label.is_some_and(|label| label.take_if(|at| *at == row).is_some());
            lanes.entry(field.lane).or_default().cells.push(Cell {
                leaf,
                from_bits: field.from_bits.max(from),
                to_bits: field.to_bits.min(to),
                labelled,
            });
        }
        // What nothing is known of is a row, too.
        if lanes.is_empty() {
            lanes.insert(0, Lane::default());
        }
        let mut lanes: Vec<Lane> = lanes.into_values().collect();
        for lane in &mut lanes {
            lane.cells.sort_by_key(|cell| cell.from_bits);
            lane.strips = self.strips(&lane.cells);
        }
        Band::Row { byte: row * ROW_BYTES, lanes }
    }

    /// The bytes of a row that are to be drawn bit by bit.
    fn strips(&self, cells: &[Cell]) -> Vec<Strip> {
        let mut strips: Vec<Strip> = Vec::new();
        for &cell in cells {
            if !self.fields.get(cell.leaf).is_some_and(|field| field.is_bits) {
                continue;
            }
            let (mut from, to) = (cell.from_bits, cell.to_bits);
            while from < to {
                let byte = from / 8;
                let fits = |strip: &&mut Strip| {
                    byte <= strip.to_byte && byte < strip.from_byte + STRIP_BYTES
                };
                let strip = match strips.last_mut().filter(fits) {
                    Some(strip) => strip,
                    None => {
                        strips.push(Strip { from_byte: byte, to_byte: byte, cells: Vec::new() });
                        let Some(strip) = strips.last_mut() else { break };
                        strip
                    }
                };
                let end = to.min((strip.from_byte + STRIP_BYTES) * 8);
                strip.to_byte = strip.to_byte.max(end.div_ceil(8));
                strip.cells.push(Cell { from_bits: from, to_bits: end, ..cell });
                from = end;
            }
        }
        let is_field =
            |cell: &Cell| self.fields.get(cell.leaf).is_some_and(|field| field.color.is_some());
        strips.retain(|strip| strip.cells.iter().any(is_field));
        strips
    }
}

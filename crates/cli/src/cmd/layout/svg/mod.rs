//! Draws records as an SVG picture, for dark and for light pages.
//!
//! ```text
//! struct CTestData                        one block per record
//! x86_64-unknown-linux-gnu                one picture per layout, three of them beside each other
//! 24 bytes, aligned to 4 …
//!     +0   +1   +2   +3   +4   +5   +6   +7
//!   0 [a ][//padding////][b                 ]   a row per eight bytes
//!   8 [c                                    ]
//!  16 [c                                ][//]
//! ```
//!
//! Rows that bit-fields lie in are drawn a second time below, at the scale of bits. Rows inside a
//! long array are folded. The same input gives the same bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use super::compare::{self, Column};
use super::select::Sheet;
use super::table::{Bits, keyword};
use grid::Grid;
use text::{Escaped, Px};

mod draw;
mod grid;
mod text;

/// Lengths are in hundredths of a pixel, so that no fraction depends on a machine.
type Length = u64;

const PX: Length = 100;
/// Around the whole picture.
const MARGIN: Length = 24 * PX;
/// Between pictures beside each other, and between records.
const GAP: Length = 36 * PX;
/// Left of a row, for its offset.
const GUTTER: Length = 44 * PX;
/// Bytes in a row.
const ROW_BYTES: u64 = 8;
const BYTE_WIDTH: Length = 52 * PX;
const GRID_WIDTH: Length = BYTE_WIDTH * ROW_BYTES;
/// Pictures beside each other.
const ACROSS: usize = 3;
/// Different colours of fields.
const COLORS: usize = 8;

/// Draws all records.
pub(crate) fn write(sheets: &[Sheet<'_>], expand: bool, out: &mut dyn Write) -> io::Result<()> {
    let blocks: Vec<Block<'_>> = compare::by_name(sheets)
        .into_iter()
        .map(|occurrences| Block::new(compare::columns(sheets, &occurrences, expand).columns))
        .collect();
    let width = blocks.iter().map(Block::width).max().unwrap_or(0) + 2 * MARGIN;
    let gaps = GAP * u64::try_from(blocks.len().saturating_sub(1)).unwrap_or(0);
    let height = blocks.iter().map(Block::height).sum::<Length>() + gaps + 2 * MARGIN;

    let names: Vec<_> = blocks.iter().filter_map(Block::name).collect();
    draw::open(width, height, &names, out)?;
    let mut y = MARGIN;
    for block in &blocks {
        block.draw(y, out)?;
        y += block.height() + GAP;
    }
    writeln!(out, "</svg>")
}

/// One record, with a picture per layout.
struct Block<'a> {
    pictures: Vec<Picture<'a>>,
}

impl<'a> Block<'a> {
    fn new(columns: Vec<Column<'a>>) -> Self {
        let mut colors = Colors::default();
        let pictures = columns.into_iter().map(|column| Picture::new(column, &mut colors));
        Self { pictures: pictures.collect() }
    }

    fn name(&self) -> Option<&'a str> {
        let first = &self.pictures.first()?.column;
        Some(&first.types.record(first.id).name)
    }

    fn width(&self) -> Length {
        let across = u64::try_from(self.pictures.len().min(ACROSS)).unwrap_or(0);
        across * (GUTTER + GRID_WIDTH) + across.saturating_sub(1) * GAP
    }

    fn height(&self) -> Length {
        let lines = self.pictures.chunks(ACROSS).map(line_height);
        let gaps = self.pictures.chunks(ACROSS).len().saturating_sub(1);
        draw::HEADING + lines.sum::<Length>() + GAP * u64::try_from(gaps).unwrap_or(0)
    }

    fn draw(&self, mut y: Length, out: &mut dyn Write) -> io::Result<()> {
        let Some(first) = self.pictures.first() else { return Ok(()) };
        let record = first.column.types.record(first.column.id);
        let heading = format!("{} {}", keyword(record.kind), record.name);
        draw::text(MARGIN, y + 16 * PX, "heading", &heading, out)?;
        y += draw::HEADING;
        for line in self.pictures.chunks(ACROSS) {
            let mut x = MARGIN;
            for picture in line {
                picture.draw(x, y, out)?;
                x += GUTTER + GRID_WIDTH + GAP;
            }
            y += line_height(line) + GAP;
        }
        Ok(())
    }
}

fn line_height(line: &[Picture<'_>]) -> Length {
    line.iter().map(Picture::height).max().unwrap_or(0)
}

/// One layout of a record.
struct Picture<'a> {
    column: Column<'a>,
    grid: Grid,
}

impl<'a> Picture<'a> {
    fn new(column: Column<'a>, colors: &mut Colors) -> Self {
        let grid = Grid::new(&column, colors);
        Self { column, grid }
    }

    fn titles(&self) -> Length {
        u64::try_from(self.column.abis.len() + 1).unwrap_or(0) * draw::LINE
    }

    fn height(&self) -> Length {
        self.titles() + draw::SCALE + self.grid.height()
    }

    fn draw(&self, x: Length, mut y: Length, out: &mut dyn Write) -> io::Result<()> {
        let Column { abis, size, align, padding_bits, .. } = &self.column;
        let left = x + GUTTER;
        for abi in abis {
            draw::text(left, y + 11 * PX, "abi", abi, out)?;
            y += draw::LINE;
        }
        let padding = match padding_bits {
            0 => "no padding".to_owned(),
            bits => format!("{} of padding", Bits(*bits)),
        };
        let summary =
            format!("{} \u{b7} align {align} \u{b7} {padding}", Bits(size.saturating_mul(8)));
        draw::text(left, y + 11 * PX, "soft", &summary, out)?;
        y += draw::LINE;
        self.grid.draw(x, y, out)
    }
}

/// Colours by the names of fields, so that a field has the same on every ABI.
#[derive(Default)]
pub(super) struct Colors(HashMap<String, usize>);

impl Colors {
    fn of(&mut self, name: &str) -> usize {
        let next = self.0.len() % COLORS;
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}

//! One aligned line per record.

use std::collections::HashMap;
use std::io::{self, Write};

use cwire_codec::DecodeError;
use cwire_codec::plan::Findings;
use unicode_width::UnicodeWidthStr;

use super::cells::{Cell, Cells};
use super::{Record, Sink, shown_time};
use crate::paint::{Paint, Role};

/// Most elements of an array that a line shows.
const MOST_ELEMENTS: usize = 32;
/// Records that are looked at before the first is written, so that their columns stand below each other.
const AHEAD: usize = 64;
/// Widest value that others are aligned to.
const WIDEST: usize = 40;

/// Writes lines. A column is as wide as the widest value so far, so that it settles soon.
pub(crate) struct Text {
    paint: Paint,
    cells: Cells,
    held: Vec<Line>,
    /// Whether the first lines were written.
    has_begun: bool,
    names: usize,
    widths: HashMap<String, Vec<usize>>,
}

struct Line {
    place: String,
    name: String,
    cells: Vec<Cell>,
    is_cut: bool,
}

impl Text {
    pub(crate) fn new(paint: Paint) -> Self {
        Self {
            paint,
            cells: Cells::new(MOST_ELEMENTS),
            held: Vec::new(),
            has_begun: false,
            names: 0,
            widths: HashMap::new(),
        }
    }

    fn measure(&mut self, line: &Line) {
        self.names = self.names.max(line.name.width());
        let widths = match self.widths.get_mut(&line.name) {
            Some(widths) => widths,
            None => self.widths.entry(line.name.clone()).or_default(),
        };
        widths.resize(widths.len().max(line.cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(&line.cells) {
            *width = (*width).max(cell.value.width().min(WIDEST));
        }
    }

    fn write(&self, line: &Line, out: &mut dyn Write) -> io::Result<()> {
        let Line { place, name, cells, is_cut } = line;
        let pad = self.names.saturating_sub(name.width());
        write!(
            out,
            "{}  {}{:pad$}",
            self.paint.show(Role::Remark, place),
            self.paint.show(Role::Heading, name),
            ""
        )?;
        let widths = self.widths.get(name).map_or(&[][..], Vec::as_slice);
        let mut pad = 0;
        for (cell, width) in cells.iter().zip(widths) {
            write!(
                out,
                "{:pad$}  {}{}",
                "",
                self.paint.show(Role::Type, format_args!("{}=", cell.name)),
                cell.value
            )?;
            pad = width.saturating_sub(cell.value.width());
        }
        if *is_cut {
            write!(out, "  {}", self.paint.show(Role::Error, "(cut)"))?;
        }
        writeln!(out)
    }
}

impl Sink for Text {
    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, DecodeError>> {
        self.cells.clear();
        let findings = match record.plan.visit(record.bytes, record.short, &mut self.cells) {
            Ok(findings) => findings,
            Err(error) => return Ok(Err(error)),
        };
        let origin = record.origin;
        let mut place = format!("{:08x}", origin.offset);
        if origin.dump > 0 {
            place = format!("{}:{place}", origin.dump);
        }
        if let Some(file) = origin.file {
            place = format!("{file}:{place}");
        }
        if let Some(ends) = origin.ends {
            let protocol = if ends.is_datagram { "udp" } else { "" };
            place = format!("{protocol}{}  {} > {}  {place}", ends.stream, ends.src, ends.dst);
        }
        if let Some(time) = origin.arrival.and_then(shown_time) {
            place = format!("{time}  {place}");
        }
        let line = Line {
            place,
            name: record.plan.record().to_owned(),
            cells: std::mem::take(&mut self.cells.cells),
            is_cut: findings.is_cut(),
        };
        self.measure(&line);
        if self.has_begun {
            self.write(&line, out)?;
        } else {
            self.held.push(line);
            if self.held.len() >= AHEAD {
                self.flush(out)?;
            }
        }
        Ok(Ok(findings))
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.has_begun |= !held.is_empty();
        held.iter().try_for_each(|line| self.write(line, out))
    }
}

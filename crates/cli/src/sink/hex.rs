//! Bytes, characters and fields beside each other.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};
use cwire_codec::DecodeError;
use cwire_codec::plan::{Findings, Item, Key, Visitor};
use cwire_layout::abi::Endian;

use super::cells::show;
use super::{Record, Sink, shown_packet, shown_time};
use crate::paint::{Paint, Role};

/// Bytes of a row.
const ROW: usize = 8;

/// Writes a head and rows for each record.
pub(crate) struct Hex {
    paint: Paint,
    parts: Parts,
    /// Whether a record was written before.
    has_begun: bool,
}

impl Hex {
    pub(crate) fn new(paint: Paint) -> Self {
        Self { paint, parts: Parts::default(), has_begun: false }
    }
}

/// A field, or bits that no field holds.
struct Part {
    from_bits: u64,
    size_bits: u64,
    /// Path of the field; `None` for padding.
    name: Option<String>,
    ctype: String,
    value: String,
    leaf: usize,
    is_wrong: bool,
}

impl Part {
    /// First byte and the one after the last.
    fn bytes(&self) -> (usize, usize) {
        let from = usize::try_from(self.from_bits / 8).unwrap_or(usize::MAX);
        let to = self.from_bits.saturating_add(self.size_bits).div_ceil(8);
        (from, usize::try_from(to).unwrap_or(usize::MAX))
    }

    /// Whether it shares bytes with neighbours.
    fn is_bits(&self) -> bool {
        !self.from_bits.is_multiple_of(8) || !self.size_bits.is_multiple_of(8)
    }
}

/// Collects the fields of a record.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    ctypes: Vec<String>,
    path: String,
    frames: Vec<(usize, Option<usize>)>,
}

impl Parts {
    fn enter(&mut self) {
        if let Some((length, Some(index))) = self.frames.last_mut() {
            self.path.truncate(*length);
            let _ = write!(self.path, "[{index}]");
            *index += 1;
        }
    }
}

impl Visitor for Parts {
    fn begin_object(&mut self) {
        self.enter();
        self.frames.push((self.path.len(), None));
    }

    fn key(&mut self, key: &Key) {
        if let Some((length, None)) = self.frames.last() {
            self.path.truncate(*length);
        }
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key.name());
    }

    fn end_object(&mut self) {
        self.frames.pop();
    }

    fn begin_list(&mut self) {
        self.enter();
        self.frames.push((self.path.len(), Some(0)));
    }

    fn end_list(&mut self) {
        self.frames.pop();
    }

    fn scalar(&mut self, item: &Item<'_>) {
        self.enter();
        let mut value = String::new();
        show(&item.scalar, &mut value);
        self.parts.push(Part {
            from_bits: item.offset_bits,
            size_bits: item.size_bits,
            name: Some(self.path.clone()),
            ctype: self.ctypes.get(item.leaf).cloned().unwrap_or_default(),
            value,
            leaf: item.leaf,
            is_wrong: item.invalid,
        });
    }

    fn null(&mut self, leaf: Option<usize>, offset_bits: u64) {
        self.enter();
        let leaf = leaf.unwrap_or(0);
        self.parts.push(Part {
            from_bits: offset_bits,
            size_bits: 0,
            name: Some(self.path.clone()),
            ctype: self.ctypes.get(leaf).cloned().unwrap_or_default(),
            value: "(cut off)".to_owned(),
            leaf,
            is_wrong: true,
        });
    }
}

impl Sink for Hex {
    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, DecodeError>> {
        let plan = record.plan;
        self.parts.parts.clear();
        self.parts.path.clear();
        self.parts.frames.clear();
        self.parts.ctypes = plan.leaves().iter().map(|leaf| leaf.ctype.clone()).collect();
        let findings = match plan.visit(record.bytes, record.short, &mut self.parts) {
            Ok(findings) => findings,
            Err(error) => return Ok(Err(error)),
        };
        let bytes = match plan.has_tail() {
            true => record.bytes,
            false => record.bytes.get(..plan.size()).unwrap_or(record.bytes),
        };
        for place in plan.padding(bytes) {
            let size_bits = place.size_bits;
            let is_wrong = has_bits(bytes, place.offset_bits, size_bits, plan.endian());
            self.parts.parts.push(Part {
                from_bits: place.offset_bits,
                size_bits,
                name: None,
                ctype: String::new(),
                value: String::new(),
                leaf: 0,
                is_wrong,
            });
        }
        self.parts.parts.sort_by_key(|part| part.from_bits);
        let parts = joined(std::mem::take(&mut self.parts.parts));
        if std::mem::replace(&mut self.has_begun, true) {
            writeln!(out)?;
        }
        self.head(record, bytes.len(), &findings, out)?;
        let mut shown = 0;
        for part in &parts {
            self.part(record, bytes, part, &mut shown, out)?;
        }
        Ok(Ok(findings))
    }
}

impl Hex {
    fn head(
        &self,
        record: &Record<'_>,
        len: usize,
        findings: &Findings,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let origin = record.origin;
        let file = origin.file.map_or(String::new(), |file| format!("{file}: "));
        let dump = if origin.dump > 0 { format!(", dump {}", origin.dump) } else { String::new() };
        let mut from = origin.ends.map_or(String::new(), |ends| format!(", {ends}"));
        if let Some(arrival) = origin.arrival {
            from += &shown_packet(arrival).map_or(String::new(), |it| format!(", packet {it}"));
            from += &shown_time(arrival).map_or(String::new(), |time| format!(", {time}"));
        }
        let cut = if findings.is_cut() { ", cut" } else { "" };
        writeln!(
            out,
            "{file}{} {}",
            self.paint.show(Role::Heading, record.plan.record()),
            self.paint.show(
                Role::Remark,
                format_args!("at {0:#x} ({0}), {len} bytes{dump}{cut}{from}", origin.offset)
            )
        )
    }

    /// Writes the rows of a part. Bytes before `shown` stand above already.
    fn part(
        &self,
        record: &Record<'_>,
        bytes: &[u8],
        part: &Part,
        shown: &mut usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (from, to) = part.bytes();
        let from = from.max((*shown).min(to)).min(bytes.len());
        let to = to.min(bytes.len()).max(from);
        let part_bytes = bytes.get(from..to).unwrap_or_default();
        *shown = (*shown).max(to);
        let color = self.color(part);
        let mut rows = part_bytes.chunks(ROW);
        let first = rows.next().unwrap_or_default();
        let label = self.label(part);
        self.row(record.origin.offset + from as u64, first, part, color, &label, out)?;
        let mut at = from + first.len();
        for row in rows {
            self.row(record.origin.offset + at as u64, row, part, color, "", out)?;
            at += row.len();
        }
        Ok(())
    }

    fn row(
        &self,
        offset: u64,
        bytes: &[u8],
        part: &Part,
        color: Style,
        label: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut hex = String::new();
        let mut text = String::new();
        for &byte in bytes {
            let _ = write!(hex, "{byte:02x} ");
            text.push(if matches!(byte, 0x20..=0x7e) { char::from(byte) } else { '.' });
        }
        let place = match bytes {
            [] => String::new(),
            _ => format!("{offset:08x}"),
        };
        let mark = if part.is_wrong { "!" } else { " " };
        let line = format!(
            "{}{}  {}{hex:24}{} {}{text:8}{}  {label}",
            self.paint.show(Role::Error, mark),
            self.paint.show(Role::Remark, format_args!("{place:8}")),
            color.render(),
            color.render_reset(),
            color.render(),
            color.render_reset(),
        );
        writeln!(out, "{}", line.trim_end())
    }

    fn label(&self, part: &Part) -> String {
        let bits = match part.is_bits() {
            true => {
                let first = part.from_bits % 8;
                let last = first + part.size_bits.saturating_sub(1);
                match part.size_bits {
                    0 | 1 => format!(" (bit {first})"),
                    _ => format!(" (bits {first} to {last})"),
                }
            }
            false => String::new(),
        };
        let Some(name) = &part.name else {
            let not = if part.is_wrong { ", not zero" } else { "" };
            return self
                .paint
                .show(Role::Padding, format_args!("-- padding{bits}{not}"))
                .to_string();
        };
        let value = match part.is_wrong && part.size_bits > 0 {
            true => format!("{} (no value of its type)", part.value),
            false => part.value.clone(),
        };
        let role = if part.is_wrong { Role::Error } else { Role::Name };
        format!(
            "{} {name}{bits} = {}",
            self.paint.show(Role::Type, &part.ctype),
            self.paint.show(role, value)
        )
    }

    fn color(&self, part: &Part) -> Style {
        const COLORS: [AnsiColor; 6] = [
            AnsiColor::Green,
            AnsiColor::Blue,
            AnsiColor::Magenta,
            AnsiColor::Cyan,
            AnsiColor::Yellow,
            AnsiColor::BrightBlue,
        ];
        let fg = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
        match part {
            _ if !self.paint.0 => Style::new(),
            Part { is_wrong: true, .. } => fg(AnsiColor::Red).bold(),
            Part { name: None, .. } => Style::new().dimmed(),
            _ => COLORS.get(part.leaf % COLORS.len()).map_or(Style::new(), |&color| fg(color)),
        }
    }
}

/// The parts with elements of an array that fit into a row together as one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    // Index of the first element of the last part, and how many it has.
    let mut run: Option<(usize, usize)> = None;
    for part in parts {
        let index = part.name.as_deref().and_then(last_index);
        let fits = match (joined.last(), run, index) {
            (Some(before), Some((first, count)), Some(index)) => {
                let end = before.from_bits + before.size_bits;
                let sizes = before.size_bits + part.size_bits;
                before.leaf == part.leaf
                    && end == part.from_bits
                    && index == first + count
                    && sizes <= 8 * ROW as u64
                    && !(before.is_bits() || part.is_bits() || before.is_wrong || part.is_wrong)
            }
            _ => false,
        };
        match (fits, joined.last_mut(), run) {
            (true, Some(before), Some((first, count))) => {
                before.size_bits += part.size_bits;
                before.value.push_str(", ");
                before.value.push_str(&part.value);
                let name = part.name.unwrap_or_default();
                let base = name.rsplit_once('[').map_or(&*name, |(base, _)| base);
                before.name = Some(format!("{base}[{first}..{}]", first + count + 1));
                run = Some((first, count + 1));
            }
            _ => {
                run = index.map(|index| (index, 1));
                joined.push(part);
            }
        }
    }
    joined
}

/// The index that a path ends with.
fn last_index(path: &str) -> Option<usize> {
    path.strip_suffix(']')?.rsplit_once('[')?.1.parse().ok()
}

/// Whether a run of bits has one that is set.
fn has_bits(bytes: &[u8], from: u64, size: u64, endian: Endian) -> bool {
    (from..from.saturating_add(size)).any(|bit| {
        let byte = usize::try_from(bit / 8).ok().and_then(|at| bytes.get(at)).copied().unwrap_or(0);
        let shift = match endian {
            Endian::Little => bit % 8,
            Endian::Big => 7 - bit % 8,
        };
        byte >> shift & 1 == 1
    })
}

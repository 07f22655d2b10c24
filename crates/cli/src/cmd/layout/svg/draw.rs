//! Writes the elements of the picture.

use std::io::{self, Write};

use super::grid::{Band, Cell, Lane, Leaf, Strip};
use super::text::{Font, NAME, NARROW, TYPE};
use super::{BYTE_WIDTH, Escaped, GRID_WIDTH, GUTTER, Length, PX, Px, ROW_BYTES};
use crate::cmd::layout::table::Bits;

/// Height of a record's name with what is below it.
pub(super) const HEADING: Length = 30 * PX;
/// Height of a line of text above a grid.
pub(super) const LINE: Length = 17 * PX;
/// Height of the byte numbers above a grid.
pub(super) const SCALE: Length = 22 * PX;
/// Height of a row of bytes.
pub(super) const ROW: Length = 46 * PX;
/// Height of bytes drawn bit by bit.
pub(super) const STRIP: Length = 70 * PX;
/// Height of what leads from the bytes to their bits.
pub(super) const FUNNEL: Length = 10 * PX;
/// Height of rows left out.
pub(super) const FOLD: Length = 26 * PX;

/// Colours are muted ones with dark text on light pages and the other way round on dark ones.
const STYLE: &str = "\
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;\
font-size:12px;fill:#1f2328}
.heading{font-size:16px;font-weight:700}
.abi{font-size:12px;font-weight:700}
.soft{font-size:11px;fill:#656d76}
.name{font-size:13px;font-weight:600}
.type,.narrow{font-size:10.5px}
.type{fill:#454c54}
.narrow{font-weight:600}
.again{font-size:10.5px;fill:#454c54;font-style:italic}
.bit{font-size:8px;fill:#57606a}
.card{fill:#fff;stroke:#d0d7de}
.cell{stroke:#fff;stroke-width:1.5}
.open{fill:none;stroke:#8c959f;stroke-dasharray:4 3}
.tick{stroke:#1f2328;stroke-opacity:.22}
.funnel{fill:#8c959f;fill-opacity:.16}
.hatch{stroke:#afb8c1;stroke-width:1.6}
.pad{fill:#f3f5f7}
.c0{fill:#b6dcff}.c1{fill:#ffd3a8}.c2{fill:#bfe8bf}.c3{fill:#e3ccff}
.c4{fill:#ffc4cf}.c5{fill:#b3e9e6}.c6{fill:#f5e6a0}.c7{fill:#d6dde8}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.soft{fill:#9198a1}
.type,.again,.bit{fill:#c5ced8}
.card{fill:#0d1117;stroke:#30363d}
.cell{stroke:#0d1117}
.open{stroke:#6e7681}
.tick{stroke:#e6edf3}
.hatch{stroke:#484f58}
.pad{fill:#161b22}
.c0{fill:#1f4e79}.c1{fill:#7a4a14}.c2{fill:#285c33}.c3{fill:#553a80}
.c4{fill:#7b2f42}.c5{fill:#1d5b5c}.c6{fill:#665812}.c7{fill:#3d4755}
}
";

/// The beginning of the document.
pub(super) fn open(
    width: Length,
    height: Length,
    names: &[&str],
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = format!("Layout of {}", names.join(", "));
    let (width, height) = (Px(width), Px(height));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<style>\n{STYLE}</style>",
        Escaped(&title),
    )?;
    writeln!(
        out,
        "<defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"pad\" width=\"7\" height=\"7\"/>\
         <path class=\"hatch\" d=\"M0 0V7\"/></pattern></defs>"
    )?;
    writeln!(
        out,
        "<rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
        Px(width.0.saturating_sub(PX)),
        Px(height.0.saturating_sub(PX)),
    )
}

/// A line of text.
pub(super) fn text(
    x: Length,
    y: Length,
    class: &str,
    text: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
        Px(x),
        Px(y),
        Escaped(text)
    )
}

fn centred(x: Length, y: Length, class: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        Px(x),
        Px(y),
        Escaped(text)
    )
}

/// The numbers of the bytes of a row.
pub(super) fn scale(x: Length, y: Length, out: &mut dyn Write) -> io::Result<()> {
    for byte in 0..ROW_BYTES {
        let middle = x + GUTTER + byte * BYTE_WIDTH + BYTE_WIDTH / 2;
        centred(middle, y + 16 * PX, "soft", &format!("+{byte}"), out)?;
    }
    Ok(())
}

/// A word left of a row: the offset of its first byte, or that it shares its bytes with the one above.
fn beside(x: Length, y: Length, word: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<text class=\"soft\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{word}</text>",
        Px(x + GUTTER - 8 * PX),
        Px(y)
    )
}

/// One band, from its upper left corner.
pub(super) fn band(
    band: &Band,
    fields: &[Leaf],
    x: Length,
    y: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    let left = x + GUTTER;
    match band {
        Band::Row { byte, lanes } => {
            beside(x, y + ROW / 2 + 4 * PX, &byte.to_string(), out)?;
            let mut y = y;
            for (index, lane) in lanes.iter().enumerate() {
                if index > 0 {
                    beside(x, y + ROW / 2 + 4 * PX, "or", out)?;
                }
                self::lane(lane, *byte, fields, left, y, out)?;
                y += lane.height();
            }
            Ok(())
        }
        Band::Folded { from_byte, to_byte, leaf } => {
            let bytes = to_byte - from_byte;
            let field = leaf.and_then(|leaf| fields.get(leaf));
            let name = field.map_or(String::new(), |field| format!(" of {}", field.name));
            let text = format!("\u{22ee}  {bytes} more bytes{name}");
            if let Some(field) = field {
                rect(field, left, y, GRID_WIDTH, FOLD, out)?;
            }
            centred(left + GRID_WIDTH / 2, y + FOLD / 2 + 4 * PX, "type", &text, out)
        }
        Band::Rest { from_byte, to_byte } => {
            let text = format!("\u{22ee}  {} more bytes", to_byte.saturating_sub(*from_byte));
            centred(left + GRID_WIDTH / 2, y + FOLD / 2 + 4 * PX, "type", &text, out)
        }
        Band::Flexible { byte, leaf } => match fields.get(*leaf) {
            Some(field) => {
                beside(x, y + ROW / 2 + 4 * PX, &byte.to_string(), out)?;
                flexible(field, left, y, out)
            }
            None => Ok(()),
        },
    }
}

fn flexible(field: &Leaf, x: Length, y: Length, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<g><title>{}</title><rect class=\"open\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/></g>",
        Escaped(&described(field)),
        Px(x + PX),
        Px(y + 2 * PX),
        Px(GRID_WIDTH - 2 * PX),
        Px(ROW - 4 * PX),
    )?;
    label(field, x, y, GRID_WIDTH, ROW, out)
}

/// One lane of a row, and below it the bits of its bit-fields.
fn lane(
    lane: &Lane,
    row: u64,
    fields: &[Leaf],
    left: Length,
    y: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    for cell in &lane.cells {
        let Some(field) = fields.get(cell.leaf) else { continue };
        let x = left + bit_x(cell.from_bits - row * 8);
        let width = bit_x(cell.to_bits - cell.from_bits);
        rect(field, x, y, width, ROW, out)?;
        if field.is_bits {
            continue;
        }
        ticks(field, cell, x, y, out)?;
        if cell.labelled {
            label(field, x, y, width, ROW, out)?;
        } else if field.color.is_some()
            && let Some(name) = TYPE.fit(&field.name, width.saturating_sub(8 * PX))
        {
            centred(x + width / 2, y + ROW / 2 + 4 * PX, "again", &name, out)?;
        }
    }
    let mut below = y + ROW;
    for strip in &lane.strips {
        self::strip(strip, row, fields, left, below, out)?;
        below += FUNNEL + STRIP;
    }
    Ok(())
}

/// Where a bit of a row is.
fn bit_x(bits: u64) -> Length {
    bits * BYTE_WIDTH / 8
}

/// The box of a part of a field.
fn rect(
    field: &Leaf,
    x: Length,
    y: Length,
    width: Length,
    height: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "<g><title>{}</title><rect ", Escaped(&described(field)))?;
    match field.color {
        Some(color) => write!(out, "class=\"cell c{color}\"")?,
        None => write!(out, "class=\"cell\" fill=\"url(#hatch)\"")?,
    }
    writeln!(
        out,
        " x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/></g>",
        Px(x),
        Px(y),
        Px(width),
        Px(height)
    )
}

/// What a pointer that rests on a field is told.
fn described(field: &Leaf) -> String {
    let bits = field.to_bits - field.from_bits;
    let at = if field.is_bits {
        format!("{}:{}", field.from_bits / 8, field.from_bits % 8)
    } else {
        format!("{}", field.from_bits / 8)
    };
    let space = if field.ty.is_empty() { "" } else { ": " };
    format!("{}{space}{}, {} at {at}", field.name, field.ty, Bits(bits))
}

/// Marks where the elements of an array begin.
fn ticks(field: &Leaf, cell: &Cell, x: Length, y: Length, out: &mut dyn Write) -> io::Result<()> {
    let Some(element) = field.element_bits else { return Ok(()) };
    let before = (cell.from_bits - field.from_bits) / element;
    let mut path = String::new();
    // A row has 64 bits, so these are at most 64.
    for index in before + 1.. {
        let at = field.from_bits.saturating_add(index.saturating_mul(element));
        if at >= cell.to_bits {
            break;
        }
        path += &format!("M{} {}v-5", Px(x + bit_x(at - cell.from_bits)), Px(y + ROW - PX));
    }
    if path.is_empty() {
        return Ok(());
    }
    writeln!(out, "<path class=\"tick\" d=\"{path}\"/>")
}

/// Name and type of a field, as far as they fit, one below the other or turned by a quarter.
fn label(
    field: &Leaf,
    x: Length,
    y: Length,
    width: Length,
    height: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (middle, centre) = (x + width / 2, y + height / 2);
    let room = width.saturating_sub(8 * PX);
    if field.color.is_none() {
        let word = ["padding", "pad"].into_iter().find(|word| TYPE.fits(word, room));
        return match word {
            Some(word) => centred(middle, centre + 4 * PX, "again", word, out),
            None => Ok(()),
        };
    }
    let (name, ty) = (NAME.fit(short(&field.name, NAME, room), room), TYPE.fit(&field.ty, room));
    match (name, ty) {
        (Some(name), Some(ty)) => {
            centred(middle, centre - 2 * PX, NAME.class, &name, out)?;
            centred(middle, centre + 13 * PX, TYPE.class, &ty, out)
        }
        (Some(name), None) => centred(middle, centre + 4 * PX, NAME.class, &name, out),
        (None, _) => turned(&field.name, middle, centre, height, out),
    }
}

/// The name of a member of a member, without what is around it if it does not fit otherwise.
fn short(name: &str, font: Font, room: Length) -> &str {
    match name.rsplit_once('.') {
        Some((_, last)) if !font.fits(name, room) => last,
        _ => name,
    }
}

fn turned(
    name: &str,
    middle: Length,
    centre: Length,
    height: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    let room = height.saturating_sub(6 * PX);
    let Some(name) = NARROW.fit(short(name, NARROW, room), room) else { return Ok(()) };
    let (x, y) = (Px(middle + 4 * PX), Px(centre));
    writeln!(
        out,
        "<text class=\"{}\" text-anchor=\"middle\" transform=\"translate({x} {y}) rotate(-90)\">{}</text>",
        NARROW.class,
        Escaped(&name)
    )
}

/// Bytes drawn bit by bit, with what leads to them from their row.
fn strip(
    strip: &Strip,
    row: u64,
    fields: &[Leaf],
    left: Length,
    y: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    let first = strip.from_byte * 8;
    let bits = (strip.to_byte - strip.from_byte) * 8;
    let at = |bit: u64| left + (bit - first) * GRID_WIDTH / bits.max(1);
    writeln!(
        out,
        "<path class=\"funnel\" d=\"M{} {y}H{}L{} {bottom}H{}Z\"/>",
        Px(left + bit_x(first - row * 8)),
        Px(left + bit_x(strip.to_byte * 8 - row * 8)),
        Px(left + GRID_WIDTH),
        Px(left),
        y = Px(y),
        bottom = Px(y + FUNNEL),
    )?;
    let top = y + FUNNEL;
    // The byte that its bits are counted from.
    beside(left - GUTTER, top + STRIP / 2 + 4 * PX, &strip.from_byte.to_string(), out)?;
    for cell in &strip.cells {
        let Some(field) = fields.get(cell.leaf) else { continue };
        let (x, width) = (at(cell.from_bits), at(cell.to_bits) - at(cell.from_bits));
        rect(field, x, top, width, STRIP, out)?;
        bit_numbers(cell, first, x, top, width, out)?;
        label(field, x, top + 8 * PX, width, STRIP - 8 * PX, out)?;
    }
    Ok(())
}

/// The numbers of a bit-field's first and last bit, counted from the strip's first byte.
fn bit_numbers(
    cell: &Cell,
    first: u64,
    x: Length,
    y: Length,
    width: Length,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (from, last) = (cell.from_bits - first, cell.to_bits - first - 1);
    let text = if from == last { format!("{from}") } else { format!("{from}\u{2013}{last}") };
    centred(x + width / 2, y + 10 * PX, "bit", &text, out)
}

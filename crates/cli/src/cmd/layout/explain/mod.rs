//! Why a field is where it is, rule by rule.
//!
//! ```text
//! hdr.len of struct message (message.h:7), on x86_64-unknown-linux-gnu
//!   at byte 12: 4 bytes, uint32_t
//!
//!   hdr is at byte 8 of struct message:
//!     - the first free byte is 5, after `side`
//!     - `struct header` is aligned to 4 bytes, as its strictest part is, `len` (System V …)
//!     - the next multiple of 4 is byte 8: 3 bytes of padding before it
//!   len is at byte 4 of struct header:
//!     - …
//!   8 + 4 = 12
//! ```

use std::fmt;
use std::io::{self, Write};

use anyhow::bail;
use cwire_layout::abi::Abi;
use cwire_layout::types::{RecordId, RecordKind, Type, TypeId};
use cwire_layout::{Field, FieldKind, Types};

use rules::{Width, explain};

use super::path::{self, Step};
use super::select::Sheet;
use super::table::{BitLegend, Bits, Heading, keyword};
use crate::paint::{Paint, Role};

mod align;
mod bits;
mod classes;
mod rules;
mod source;
#[cfg(test)]
mod tests;

/// Explains the place of `field` in every record that has it, on every ABI.
///
/// # Errors
///
/// It is no path, or no record has it; the output does not take what is written.
pub(crate) fn write(
    sheets: &[Sheet<'_>],
    field: &str,
    paint: Paint,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let parts = path::parse(field)?;
    let mut failed = Vec::new();
    let mut written = 0;
    for sheet in sheets {
        for (types, record) in sheet.records() {
            let steps = match path::follow(types, record, &parts) {
                Ok(steps) => steps,
                Err(error) => {
                    failed.push(error);
                    continue;
                }
            };
            if written > 0 {
                writeln!(out)?;
            }
            written += 1;
            let explanation = Explanation { abi: &sheet.abi, types, record, field, steps, paint };
            explanation.write(out)?;
        }
    }
    match (written, failed.pop()) {
        (1.., _) => Ok(()),
        (0, Some(error)) if failed.is_empty() => Err(error),
        _ => bail!("no record has a field `{field}`"),
    }
}

struct Explanation<'a> {
    abi: &'a Abi,
    types: &'a Types,
    record: RecordId,
    field: &'a str,
    steps: Vec<Step<'a>>,
    paint: Paint,
}

impl Explanation<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let record = self.types.record(self.record);
        writeln!(
            out,
            "{} of {}, on {}",
            self.paint.show(Role::Heading, self.field),
            Heading { record, paint: self.paint },
            self.abi.triple(),
        )?;
        self.write_place(out)?;
        writeln!(out)?;
        for step in &self.steps {
            match step {
                Step::Member { record, field } => self.write_member(*record, field, out)?,
                Step::Element { index, size } => writeln!(
                    out,
                    "  [{index}] is at byte {} of the array: elements of {size} bytes follow each other",
                    index.saturating_mul(*size),
                )?,
            }
        }
        self.write_sum(out)
    }

    /// Where the field is after all, and what it is.
    fn write_place(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut what: Option<(TypeId, u64)> = None;
        for step in &self.steps {
            what = match (step, what) {
                (Step::Member { field, .. }, _) => Some((field.ty, field.place.size_bits)),
                (Step::Element { size, .. }, Some((ty, _))) => {
                    let element = match *self.types.get(self.types.strip(ty)) {
                        Type::Array { element, .. } => element,
                        _ => ty,
                    };
                    Some((element, size.saturating_mul(8)))
                }
                (Step::Element { .. }, None) => None,
            };
        }
        let Some((ty, size_bits)) = what else { return Ok(()) };
        let offset_bits = self.offsets().sum();
        let ty = self.types.spell(ty);
        let ty = self.paint.show(Role::Type, &ty);
        let is_bit_field = matches!(
            self.steps.last(),
            Some(Step::Member { field, .. }) if field.kind == FieldKind::BitField
        );
        match is_bit_field {
            true => writeln!(out, "  at {}: {}, {ty}", At(offset_bits), Width(size_bits))?,
            false => writeln!(out, "  at {}: {}, {ty}", At(offset_bits), Bits(size_bits))?,
        }
        if offset_bits % 8 != 0 {
            let legend = BitLegend::of([*self.abi]);
            writeln!(out, "  {}", self.paint.show(Role::Remark, legend))?;
        }
        Ok(())
    }

    fn write_member(
        &self,
        record: RecordId,
        field: &Field<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let name = match (field.name, self.types.get(self.types.strip(field.ty))) {
            ("", Type::Record(id)) => {
                format!("the anonymous {}", keyword(self.types.record(*id).kind))
            }
            (name, _) => name.to_owned(),
        };
        writeln!(
            out,
            "  {} is at {} of {}:",
            self.paint.show(Role::Name, name),
            At(field.place.offset_bits),
            Owner(self.types, record),
        )?;
        let explained = explain(self.types, record, field);
        for reason in explained.reasons {
            writeln!(out, "    - {reason}")?;
        }
        if !explained.arrives {
            let at = At(field.place.offset_bits);
            writeln!(out, "    - no rule that is known here explains why it is at {at}")?;
        }
        Ok(())
    }

    fn offsets(&self) -> impl Iterator<Item = u64> + '_ {
        self.steps.iter().map(|step| match step {
            Step::Member { field, .. } => field.place.offset_bits,
            Step::Element { index, size } => index.saturating_mul(*size).saturating_mul(8),
        })
    }

    fn write_sum(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.steps.len() < 2 {
            return Ok(());
        }
        let terms: Vec<String> = self.offsets().map(|bits| Number(bits).to_string()).collect();
        writeln!(out, "  {} = {}", terms.join(" + "), Number(self.offsets().sum()))
    }
}

/// `byte 4`, `bit 3 of byte 4`.
struct At(u64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 8 {
            0 => write!(f, "byte {}", self.0 / 8),
            bit => write!(f, "bit {bit} of byte {}", self.0 / 8),
        }
    }
}

/// `4`, `4:3`.
struct Number(u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 8 {
            0 => write!(f, "{}", self.0 / 8),
            bit => write!(f, "{}:{bit}", self.0 / 8),
        }
    }
}

/// The record that a member is of: `struct message`, `the anonymous union`.
struct Owner<'a>(&'a Types, RecordId);

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0.record(self.1);
        match (record.kind, &*record.name) {
            (RecordKind::Union, "") => f.write_str("that union"),
            (_, "") => f.write_str("that struct"),
            (kind, name) => write!(f, "{} {name}", keyword(kind)),
        }
    }
}

//! Which bits of a frame no field holds.

use std::borrow::Cow;

use cwire_layout::abi::Endian;
use cwire_layout::place::Place;

use super::visit::{Item, Scalar, Visitor};
use super::walk::Cover;
use super::{Inner, Key};

/// Consecutive bytes of a frame that have padding in them.
pub(crate) struct Run {
    pub(crate) start: usize,
    /// The bits that are padding; others are zero.
    pub(crate) bits: Vec<u8>,
}

impl Inner {
    /// For each bit of a frame whether it is padding.
    pub(crate) fn padding_of(&self, frame: &[u8]) -> Cow<'_, [u8]> {
        let len = if self.has_tail { frame.len() } else { frame.len().min(self.root.size) };
        match &self.padding {
            Some(mask) => Cow::Borrowed(mask.get(..len).unwrap_or(mask)),
            None => Cow::Owned(self.padding_mask(frame.get(..len).unwrap_or(frame))),
        }
    }

    pub(crate) fn padding_mask(&self, frame: &[u8]) -> Vec<u8> {
        let mut mask = vec![0; frame.len()];
        Cover { plan: self, frame, mask: &mut mask }
            .object(self.whole.as_ref().unwrap_or(&self.root), 0);
        for byte in &mut mask {
            *byte = !*byte;
        }
        mask
    }

    /// Whether some padding of a frame is not zero.
    pub(crate) fn has_padding(&self, frame: &[u8]) -> bool {
        let mask = self.padding_of(frame);
        let nonzero = frame.iter().zip(&*mask).fold(0, |all, (byte, mask)| all | byte & mask);
        nonzero != 0
    }

    /// The runs of padding that a lossless form lists: those that are not zero and, since they tell
    /// how long the frame is, those behind the last field of a record without an end of its own.
    fn listed_padding(&self, frame: &[u8]) -> Vec<Run> {
        let mask = self.padding_of(frame);
        let mut runs: Vec<Run> = Vec::new();
        for (at, (&byte, &mask)) in frame.iter().zip(&*mask).enumerate() {
            if mask == 0 {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.start + run.bits.len() == at => run.bits.push(byte & mask),
                _ => runs.push(Run { start: at, bits: vec![byte & mask] }),
            }
        }
        let ends = |run: &Run| {
            let end = run.start + run.bits.len();
            self.has_tail && end == frame.len() && end > self.needed
        };
        runs.retain(|run| run.bits.iter().any(|&byte| byte != 0) || ends(run));
        runs
    }

    /// Tells a visitor of the padding that is not zero, as a member of the record.
    pub(crate) fn write_padding<V: Visitor>(&self, frame: &[u8], visitor: &mut V) {
        let runs = self.listed_padding(frame);
        if runs.is_empty() {
            return;
        }
        visitor.key(&self.padding_key);
        visitor.begin_object();
        for run in runs {
            visitor.key(&Key::new(&format!("{}..{}", run.start, run.start + run.bits.len())));
            visitor.scalar(&Item {
                scalar: Scalar::Text(hex(&run.bits).into()),
                leaf: usize::MAX,
                offset_bits: run.start as u64 * 8,
                size_bits: run.bits.len() as u64 * 8,
                raw: &run.bits,
                exact: true,
                invalid: false,
            });
        }
        visitor.end_object();
    }
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|nibble| char::from(crate::json::hex_digit(nibble))).collect()
}

/// The runs of bits that are set, in the order in which a byte fills.
pub(crate) fn runs(mask: &[u8], endian: Endian) -> Vec<Place> {
    let mut runs: Vec<Place> = Vec::new();
    let mut add = |offset_bits: u64, size_bits: u64| match runs.last_mut() {
        Some(last) if last.offset_bits + last.size_bits == offset_bits => {
            last.size_bits += size_bits;
        }
        _ => runs.push(Place { offset_bits, size_bits }),
    };
    for (at, &mask) in mask.iter().enumerate() {
        let first = at as u64 * 8;
        match mask {
            0 => {}
            0xff => add(first, 8),
            _ => {
                for bit in 0..8 {
                    let is_set = match endian {
                        Endian::Little => mask >> bit & 1 == 1,
                        Endian::Big => mask << bit & 0x80 != 0,
                    };
                    if is_set {
                        add(first + bit, 1);
                    }
                }
            }
        }
    }
    runs
}

//! Padding that is not zero: what a peer leaks from its memory.

use std::ops::Range;

use cwire_layout::abi::Endian;
use cwire_layout::place::Place;

/// Collects which bytes hold padding that is not zero.
///
/// A C compiler leaves padding as it finds it, so a peer that sends a struct from its stack sends
/// what lay there before.
#[derive(Clone, Debug, Default)]
pub struct Padding {
    /// Bytes from the start of the buffer to what is scanned now.
    base: usize,
    /// Bytes as they were found: those between members first, then those inside them.
    nonzero: Vec<Range<usize>>,
}

impl Padding {
    /// Byte ranges with padding that is not zero, in ascending order, from the start of the
    /// outermost record.
    #[must_use]
    pub fn into_ranges(mut self) -> Vec<Range<usize>> {
        self.nonzero.sort_unstable_by_key(|range| range.start);
        self.nonzero.dedup_by(|next, last| {
            let joined = next.start <= last.end;
            if joined {
                last.end = last.end.max(next.end);
            }
            joined
        });
        self.nonzero
    }

    /// Scans something `offset` bytes further on.
    pub fn within(&mut self, offset: usize, scan: impl FnOnce(&mut Self)) {
        self.base += offset;
        scan(self);
        self.base -= offset;
    }

    /// Scans bytes that are padding as a whole.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for (index, &byte) in bytes.iter().enumerate() {
            self.byte(index, byte);
        }
    }

    /// Scans what lies between the members of a record, at `places` in ascending order.
    pub fn between(&mut self, record: &[u8], places: &[Place], endian: Endian) {
        let end_bits = record.len() as u64 * 8;
        let mut free_bits = 0;
        for &Place { offset_bits, size_bits } in places {
            self.gap(record, free_bits..offset_bits, endian);
            free_bits = free_bits.max(offset_bits + size_bits);
        }
        self.gap(record, free_bits..end_bits, endian);
    }

    /// Scans a run of bits that no member holds.
    fn gap(&mut self, record: &[u8], bits: Range<u64>, endian: Endian) {
        if bits.is_empty() {
            return;
        }
        for (index, &byte) in record.iter().enumerate() {
            let first_bit = index as u64 * 8;
            // Bits are counted from the end at which the ABI begins to fill a byte.
            let holds_padding = |bit: u8| bits.contains(&(first_bit + u64::from(bit)));
            let padding = (0..8).filter(|&bit| holds_padding(bit)).map(|bit| match endian {
                Endian::Little => byte & (1 << bit),
                Endian::Big => byte & (0x80 >> bit),
            });
            self.byte(index, padding.sum());
        }
    }

    /// Notes one byte, `padding` being its bits that belong to no member.
    fn byte(&mut self, index: usize, padding: u8) {
        if padding == 0 {
            return;
        }
        let at = self.base + index;
        match self.nonzero.last_mut() {
            Some(last) if at == last.end => last.end += 1,
            _ => self.nonzero.push(at..at + 1),
        }
    }
}

//! The bytes of one layer, and what the capture lacks of them.

use super::counts::Fate;
use crate::file::Packet;

/// The bytes of a layer from some header on: those that were captured, and how many there were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    /// What was captured.
    pub(super) data: &'a [u8],
    /// Bytes after those that were not.
    pub(super) missing: usize,
    /// Bytes at the end of data and missing that are the frame's checksum, as far as is known. Only
    /// layers without a length of their own need to know.
    pub(super) trailer: usize,
}

impl<'a> Span<'a> {
    /// All of a packet.
    #[inline]
    pub(super) fn of(packet: &Packet<'a>) -> Self {
        let original = usize::try_from(packet.original_len).unwrap_or(usize::MAX);
        let missing = original.saturating_sub(packet.data.len());
        Self { data: packet.data, missing, trailer: usize::from(packet.fcs_len) }
    }

    /// Bytes of the layer, captured or not.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.data.len().saturating_add(self.missing)
    }

    /// The header of `N` bytes in front, and what follows it.
    #[inline]
    pub(super) fn head<const N: usize>(self) -> Result<(&'a [u8; N], Self), Fate> {
        match self.data.split_first_chunk() {
            Some((head, data)) => Ok((head, Self { data, ..self })),
            None => Err(self.short(N)),
        }
    }

    /// The header of `len` bytes in front, and what follows it.
    #[inline]
    pub(super) fn split(self, len: usize) -> Result<(&'a [u8], Self), Fate> {
        match self.data.split_at_checked(len) {
            Some((head, data)) => Ok((head, Self { data, ..self })),
            None => Err(self.short(len)),
        }
    }

    /// What follows `len` bytes.
    #[inline]
    pub(super) fn skip(self, len: usize) -> Result<Self, Fate> {
        self.split(len).map(|(_, rest)| rest)
    }

    /// What is to be said where `needed` bytes are not there: the capture cut them off, or the layer
    /// never had them.
    #[cold]
    pub(super) fn short(self, needed: usize) -> Fate {
        if needed <= self.len() { Fate::Truncated } else { Fate::Malformed }
    }

    /// Exactly the first `len` bytes, as a header promises them. What is not there was not captured,
    /// even if the capture does not say so.
    #[inline]
    pub(super) fn limit(self, len: usize) -> Self {
        match self.data.get(..len) {
            Some(data) => Self { data, missing: 0, trailer: 0 },
            None => Self { missing: len - self.data.len(), trailer: 0, ..self },
        }
    }

    /// All up to the end of the frame, for layers that do not say how long they are.
    #[inline]
    pub(super) fn to_end(self) -> Self {
        self.limit(self.len().saturating_sub(self.trailer))
    }
}

/// A number of two bytes in network order.
#[inline]
pub(super) fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

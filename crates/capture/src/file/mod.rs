//! Capture files: which packets they hold.

use crate::time::{Arrival, Timestamp};

/// Longest packet that is taken: 16 MiB. (libpcap takes 256 KiB, and 128 MiB for USB.)
pub const MAX_PACKET_LEN: usize = 16 << 20;

/// One captured packet, its bytes in the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// From 1, over the whole file, as Wireshark counts.
    pub number: u64,
    /// When it was captured.
    pub time: Option<Timestamp>,
    /// Whether its clock ticks in less than a microsecond.
    pub is_fine: bool,
    /// Link type of its interface, as in the registry at <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// Bytes at the end of a whole frame that are its checksum (FCS), where the file says so.
    pub fcs_len: u8,
    /// Bytes that the packet had on the wire, at least those that are here.
    pub original_len: u32,
    /// What was captured of it.
    pub data: &'a [u8],
}

impl Packet<'_> {
    /// Where what is in the packet comes from.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        Arrival { packet: self.number, time: self.time, is_fine: self.is_fine }
    }
}

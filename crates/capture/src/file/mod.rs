//! Capture files: which packets they hold.
//!
//! ```text
//! pcap      file head: magic, version, snap length, link type
//!           packet head: time, captured length, original length | the packet's bytes
//!           packet head … | …
//!
//! pcapng    section head: byte order
//!           interface description: link type, snap length, options (resolution of times …)
//!           packet block: interface, time, lengths | the packet's bytes | options
//!           …         each block: type, length | body | length once more
//! ```
//!
//! [`Packets`] reads both: pcap in both byte orders with micro- and nanoseconds, its variants with longer
//! heads (Kuznetzov's 0xa1b2cd34, SuSE 6.3's of the same number, IXIA's), and AIX's links; pcapng with any
//! number of sections and interfaces. It does no I/O: the caller brings the bytes of the file, in pieces of
//! any size, and each packet is handed out in the caller's buffer.
//!
//! Files of Red Hat 6.1 and of Nokia's firewalls have longer heads, too, under the number of standard
//! files, and are not told apart from them: their first packet may look like a standard one.
//!
//! The sources are draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng, and for the variants the
//! manual page pcap-savefile(5) and <https://wiki.wireshark.org/Development/LibpcapFileFormat>.
//!
//! # Damaged files
//!
//! A length is checked before it is believed. A file that ends too early gives all packets before. Where
//! pcap is damaged nothing tells where the next packet begins, so reading stops. Blocks of pcapng say
//! their length at both ends, so reading goes on with the next that does.
//!
//! # Example
//!
//! ```
//! use cwire_capture::file::{Packets, Step};
//!
//! let file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0\
//!              \x25\x7f\x57\x69\x06\0\0\0\x03\0\0\0\x3c\0\0\0abc";
//! let (mut packets, mut rest) = (Packets::new(), &file[..]);
//! loop {
//!     match packets.next(rest, true) {
//!         Step::Skipped(len) => rest = &rest[len..],
//!         Step::Packet { packet, len } => {
//!             assert_eq!((packet.number, packet.link, packet.data), (1, 1, &b"abc"[..]));
//!             assert_eq!(packet.time.unwrap().to_string(), "2026-01-02T08:17:41.000006Z");
//!             rest = &rest[len..];
//!         }
//!         Step::End => break,
//!         other => panic!("{other:?}"),
//!     }
//! }
//! ```

mod error;
mod pcap;
mod pcapng;

pub use error::{FileError, FileErrorKind, Part};
pub use pcapng::MAX_INTERFACES;

use crate::time::{Arrival, Timestamp};
use pcap::Pcap;
use pcapng::Pcapng;

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

/// What comes next in a file. The caller drops the bytes that it says and asks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'b> {
    /// At least so many bytes have to be there, counted from the first that were given.
    Need(usize),
    /// A packet, which is in the first `len` bytes.
    Packet {
        /// It.
        packet: Packet<'b>,
        /// Bytes to drop: those of its head too.
        len: usize,
    },
    /// So many bytes hold no packet, at least one.
    Skipped(usize),
    /// Something is damaged. There is nothing to drop; what comes next says whether reading goes on.
    Problem(FileError),
    /// There are no more packets.
    End,
}

/// What the first bytes of a file tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// It is a capture.
    Capture,
    /// It is none.
    Other,
    /// There are too few to tell.
    Undecided,
}

/// Tells a capture from other files. `is_finished` says that `begin` is all there is.
#[must_use]
pub fn detect(begin: &[u8], is_finished: bool) -> Detected {
    match begin.first_chunk::<4>() {
        Some(magic) if pcapng::is_magic(*magic) || pcap::Kind::of(*magic).is_some() => {
            Detected::Capture
        }
        None if !is_finished => Detected::Undecided,
        _ => Detected::Other,
    }
}

/// The packets of one file.
#[derive(Debug, Default)]
pub struct Packets {
    /// Bytes of the file that were dropped.
    offset: u64,
    /// Packets so far.
    count: u64,
    format: Format,
}

#[derive(Debug, Default)]
enum Format {
    /// Not known yet.
    #[default]
    Unknown,
    Pcap(Pcap),
    Pcapng(Pcapng),
    /// Nothing more can be read.
    Stopped,
}

/// What a format finds at the front of some bytes.
enum Found<'b> {
    Need(usize),
    Packet {
        packet: Packet<'b>,
        len: usize,
    },
    Skipped(usize),
    /// Reading goes on, behind so many bytes.
    Bad(FileErrorKind),
    /// Reading ends.
    Fatal(FileErrorKind),
    End,
}

impl Packets {
    /// The packets of a file that begins.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where in the file the bytes begin that are given next.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What comes next. `buf` holds what was not dropped yet, followed by what has arrived since;
    /// `is_finished` says that nothing will follow.
    ///
    /// Whatever the pieces in which a file arrives, the same packets and problems come out. Never more is
    /// needed than a packet of [`MAX_PACKET_LEN`] bytes with its head.
    #[inline]
    pub fn next<'b>(&mut self, buf: &'b [u8], is_finished: bool) -> Step<'b> {
        let number = self.count + 1;
        let found = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(buf, is_finished, number),
            Format::Pcapng(pcapng) => pcapng.next(buf, is_finished, number),
            Format::Unknown => self.begin(buf, is_finished),
            Format::Stopped => Found::End,
        };
        match found {
            Found::Need(needed) => Step::Need(needed),
            Found::Packet { packet, len } => {
                self.count = number;
                self.offset += len as u64;
                Step::Packet { packet, len }
            }
            Found::Skipped(len) => {
                self.offset += len as u64;
                Step::Skipped(len)
            }
            Found::Bad(kind) => Step::Problem(FileError { offset: self.offset, kind }),
            Found::Fatal(kind) => {
                self.format = Format::Stopped;
                Step::Problem(FileError { offset: self.offset, kind })
            }
            Found::End => Step::End,
        }
    }

    fn begin<'b>(&mut self, buf: &'b [u8], is_finished: bool) -> Found<'b> {
        let Some(magic) = buf.first_chunk::<4>() else {
            return short(buf, 4, Part::FileHead, is_finished);
        };
        if pcapng::is_magic(*magic) {
            self.format = Format::Pcapng(Pcapng::default());
            return Found::Skipped(0);
        }
        let Some(kind) = pcap::Kind::of(*magic) else {
            return Found::Fatal(FileErrorKind::Magic { found: u32::from_le_bytes(*magic) });
        };
        let Some(head) = buf.get(..kind.file_head_len()) else {
            return short(buf, kind.file_head_len(), Part::FileHead, is_finished);
        };
        match Pcap::new(kind, head) {
            Ok(pcap) => self.format = Format::Pcap(pcap),
            Err(kind) => return Found::Fatal(kind),
        }
        Found::Skipped(head.len())
    }
}

/// What to do with fewer bytes than are needed.
fn short(buf: &[u8], needed: usize, what: Part, is_finished: bool) -> Found<'static> {
    match is_finished {
        false => Found::Need(needed),
        true => Found::Fatal(FileErrorKind::Truncated {
            what,
            needed: needed as u64,
            left: buf.len() as u64,
        }),
    }
}

#[cfg(test)]
mod tests;

//! The newer format.

use std::io::Cursor;

use binrw::{BinRead, Endian};

use super::{FileErrorKind, Found, MAX_PACKET_LEN, Packet, Part, short};
use crate::time::Timestamp;

/// Most interfaces of a section: 65,536.
pub const MAX_INTERFACES: usize = 1 << 16;

/// Longest block that is looked at as a whole: a packet's, with its head and room for its options.
const MAX_BLOCK_LEN: usize = MAX_PACKET_LEN + (1 << 20);

/// Longest block that is a place to go on behind damage.
const MAX_PLAUSIBLE_LEN: usize = 1 << 20;

/// Types of blocks (draft-ietf-opsawg-pcapng §4, §11.1).
mod block {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    /// Obsolete.
    pub(super) const PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
    /// Those without packets that are common: names, statistics, journal, secrets, custom ones.
    pub(super) const OTHERS: [u32; 6] = [4, 5, 9, 10, 0x0bad, 0x4000_0bad];
}

/// Options of an interface.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const TSRESOL: u16 = 9;
    pub(super) const FCSLEN: u16 = 13;
    pub(super) const TSOFFSET: u16 = 14;
}

/// Whether a file begins with a section.
pub(super) fn is_magic(magic: [u8; 4]) -> bool {
    u32::from_le_bytes(magic) == block::SECTION
}

/// A file that is being read.
#[derive(Debug)]
pub(super) struct Pcapng {
    endian: Endian,
    /// Those of this section; `None` where the description is damaged.
    interfaces: Vec<Option<Interface>>,
    state: State,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { endian: Endian::Little, interfaces: Vec::new(), state: State::Between }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A block begins here.
    Between,
    /// What was said of the block here was told; so many bytes are to be skipped.
    Skipping(u64),
    /// The same of a block that is too long to be looked at, with its length, which is to stand at its end.
    SkippingTo(u64, u32),
    /// The next block is looked for; so many bytes were passed over.
    Searching(u64),
}

/// The fields of an interface description.
#[derive(BinRead, Debug)]
struct InterfaceHead {
    link: u16,
    _reserved: u16,
    snap_len: u32,
}

/// What packets are captured on.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// 0: packets are not cut.
    snap_len: u32,
    fcs_len: u8,
    resolution: Resolution,
    /// Seconds to add to times.
    offset: i64,
}

/// How long a tick of a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    /// 10 to the minus this, in seconds.
    Decimal(u32),
    /// 2 to the minus this.
    Binary(u32),
}

impl Resolution {
    fn is_fine(self) -> bool {
        matches!(self, Self::Decimal(7..) | Self::Binary(20..))
    }

    /// Seconds and nanoseconds of a number of ticks, rounded down.
    pub(super) fn split(self, ticks: u64) -> (u64, u32) {
        const NANOS: u128 = 1_000_000_000;
        let wide = u128::from(ticks);
        let nanos = match self {
            Self::Decimal(digits @ 0..=9) => wide * 10_u128.pow(9 - digits),
            Self::Decimal(digits) => 10_u128.checked_pow(digits - 9).map_or(0, |unit| wide / unit),
            Self::Binary(bits) => (wide * NANOS).checked_shr(bits).unwrap_or(0),
        };
        let seconds = u64::try_from(nanos / NANOS).unwrap_or(u64::MAX);
        (seconds, u32::try_from(nanos % NANOS).unwrap_or_default())
    }
}

impl Interface {
    fn time(&self, ticks: u64) -> Timestamp {
        let (seconds, nanos) = self.resolution.split(ticks);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Timestamp::new(seconds.saturating_add(self.offset), nanos)
    }
}

impl Pcapng {
    #[inline]
    pub(super) fn next<'b>(&mut self, buf: &'b [u8], is_finished: bool, number: u64) -> Found<'b> {
        match self.state {
            State::Between => self.block(buf, is_finished, number),
            State::Skipping(left) => self.skip(buf, is_finished, left, |left| match left {
                0 => State::Between,
                left => State::Skipping(left),
            }),
            State::SkippingTo(0, len) => self.end(buf, is_finished, len),
            State::SkippingTo(left, len) => {
                self.skip(buf, is_finished, left, |left| State::SkippingTo(left, len))
            }
            State::Searching(passed) => self.search(buf, is_finished, passed),
        }
    }

    fn u16(&self, bytes: [u8; 2]) -> u16 {
        match self.endian {
            Endian::Big => u16::from_be_bytes(bytes),
            Endian::Little => u16::from_le_bytes(bytes),
        }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        match self.endian {
            Endian::Big => u32::from_be_bytes(bytes),
            Endian::Little => u32::from_le_bytes(bytes),
        }
    }

    /// Drops bytes that were dealt with.
    fn skip<'b>(
        &mut self,
        buf: &'b [u8],
        is_finished: bool,
        left: u64,
        then: impl Fn(u64) -> State,
    ) -> Found<'b> {
        let now = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        if now == 0 {
            return short(buf, 1, Part::Block, is_finished);
        }
        self.state = then(left - now as u64);
        Found::Skipped(now)
    }

    /// The end of a block that was skipped.
    fn end<'b>(&mut self, buf: &'b [u8], is_finished: bool, needed: u32) -> Found<'b> {
        let Some(end) = buf.first_chunk::<4>() else {
            return short(buf, 4, Part::Block, is_finished);
        };
        let found = self.u32(*end);
        if found != needed {
            self.state = State::Searching(0);
            return Found::Bad(FileErrorKind::BlockEnd { needed, found });
        }
        self.state = State::Between;
        Found::Skipped(4)
    }

    /// A block that begins here.
    #[inline]
    fn block<'b>(&mut self, buf: &'b [u8], is_finished: bool, number: u64) -> Found<'b> {
        let Some(&[a, b, c, d, e, f, g, h]) = buf.first_chunk::<8>() else {
            return match buf.is_empty() && is_finished {
                true => Found::End,
                false => short(buf, 8, Part::BlockHead, is_finished),
            };
        };
        let kind = self.u32([a, b, c, d]);
        if kind == block::SECTION {
            let Some(order) = buf.get(8..12).and_then(<[u8]>::first_chunk) else {
                return short(buf, 12, Part::BlockHead, is_finished);
            };
            // Whatever becomes of this section, the one before has ended.
            self.interfaces.clear();
            match u32::from_le_bytes(*order) {
                0x1a2b_3c4d => self.endian = Endian::Little,
                0x4d3c_2b1a => self.endian = Endian::Big,
                found => return self.damaged(kind, FileErrorKind::ByteOrder { found }),
            }
        }
        let len = self.u32([e, f, g, h]);
        if len < 12 || !len.is_multiple_of(4) {
            return self.damaged(kind, FileErrorKind::BlockLen { block: kind, found: len });
        }
        let whole = usize::try_from(len).unwrap_or(usize::MAX);
        if whole > MAX_BLOCK_LEN {
            if is_looked_at(kind) {
                return self.damaged(kind, FileErrorKind::BlockLen { block: kind, found: len });
            }
            self.state = State::SkippingTo(u64::from(len) - 4, len);
            return Found::Skipped(0);
        }
        let Some((body, end)) = buf.get(8..whole).and_then(<[u8]>::split_last_chunk::<4>) else {
            return match short(buf, whole, Part::Block, is_finished) {
                // It may be the length that is wrong, and not the end of the file.
                Found::Fatal(error) => self.damaged(kind, error),
                found => found,
            };
        };
        let end = self.u32(*end);
        if end != len {
            return self.damaged(kind, FileErrorKind::BlockEnd { needed: len, found: end });
        }
        match self.look(kind, body, number) {
            Ok(Some(packet)) => Found::Packet { packet, len: whole },
            Ok(None) => Found::Skipped(whole),
            // What its blocks mean is not known.
            Err(kind @ FileErrorKind::Version { .. }) => Found::Fatal(kind),
            Err(kind) => {
                self.state = State::Skipping(u64::from(len));
                Found::Bad(kind)
            }
        }
    }

    /// Where the block ends is not known.
    fn damaged(&mut self, block: u32, kind: FileErrorKind) -> Found<'static> {
        // Those that follow keep their numbers.
        if block == block::INTERFACE && self.interfaces.len() < MAX_INTERFACES {
            self.interfaces.push(None);
        }
        self.state = State::Searching(0);
        Found::Bad(kind)
    }

    /// What is in a block; a packet, or what is to be known of others.
    #[inline]
    fn look<'b>(
        &mut self,
        kind: u32,
        body: &'b [u8],
        number: u64,
    ) -> Result<Option<Packet<'b>>, FileErrorKind> {
        match kind {
            block::ENHANCED_PACKET => self.packet(body, number, false).map(Some),
            block::PACKET => self.packet(body, number, true).map(Some),
            block::SIMPLE_PACKET => self.simple(body, number).map(Some),
            block::INTERFACE => self.interface(body).map(|()| None),
            block::SECTION => self.version(body).map(|()| None),
            _ => Ok(None),
        }
    }

    /// An enhanced packet block, or the packet block that it replaces, whose interface has 16 bits and a
    /// number of drops behind it.
    #[inline]
    fn packet<'b>(
        &self,
        body: &'b [u8],
        number: u64,
        is_obsolete: bool,
    ) -> Result<Packet<'b>, FileErrorKind> {
        let what = Part::PacketHead(number);
        let (head, rest) = body.split_first_chunk::<20>().ok_or_else(|| lacks(what, 20, body))?;
        let ([interface, high, low, captured, original], _) = head.as_chunks::<4>() else {
            return Err(lacks(what, 20, body));
        };
        let interface = match *interface {
            [a, b, ..] if is_obsolete => u32::from(self.u16([a, b])),
            bytes => self.u32(bytes),
        };
        let index = usize::try_from(interface).unwrap_or(usize::MAX);
        let of = self.interfaces.get(index).and_then(Option::as_ref);
        let of = of.ok_or_else(|| self.unknown(interface, number))?;
        let captured = self.u32(*captured);
        let data = take(rest, captured, number)?;
        let ticks = u64::from(self.u32(*high)) << 32 | u64::from(self.u32(*low));
        Ok(Packet {
            number,
            time: Some(of.time(ticks)),
            is_fine: of.resolution.is_fine(),
            link: of.link,
            fcs_len: of.fcs_len,
            original_len: self.u32(*original).max(captured),
            data,
        })
    }

    /// A simple packet block, of the first interface. It has no time and no captured length: that is what
    /// the snap length leaves.
    fn simple<'b>(&self, body: &'b [u8], number: u64) -> Result<Packet<'b>, FileErrorKind> {
        let what = Part::PacketHead(number);
        let (original, rest) = body.split_first_chunk::<4>().ok_or_else(|| lacks(what, 4, body))?;
        let of = self.interfaces.first().and_then(Option::as_ref);
        let of = of.ok_or_else(|| self.unknown(0, number))?;
        let original = self.u32(*original);
        let most = if of.snap_len == 0 { u32::MAX } else { of.snap_len };
        let data = take(rest, original.min(most), number)?;
        Ok(Packet {
            number,
            time: None,
            is_fine: false,
            link: of.link,
            fcs_len: of.fcs_len,
            original_len: original,
            data,
        })
    }

    #[cold]
    fn unknown(&self, found: u32, packet: u64) -> FileErrorKind {
        FileErrorKind::Interface { packet, known: self.interfaces.len(), found }
    }

    /// Whether the version of a section is known. That of 1.2 is to be read as 1.0 (§4.1).
    fn version(&self, body: &[u8]) -> Result<(), FileErrorKind> {
        let Some(&[a, b, c, d]) = body.get(4..).and_then(<[u8]>::first_chunk) else {
            return Err(lacks(Part::BlockHead, 8, body));
        };
        match (self.u16([a, b]), self.u16([c, d])) {
            (1, 0 | 2) => Ok(()),
            found => Err(FileErrorKind::Version { needed: "1.0 or 1.2", found }),
        }
    }

    fn interface(&mut self, body: &[u8]) -> Result<(), FileErrorKind> {
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(FileErrorKind::Interfaces { most: MAX_INTERFACES });
        }
        let head = InterfaceHead::read_options(&mut Cursor::new(body), self.endian, ());
        let Ok(InterfaceHead { link, snap_len, .. }) = head else {
            self.interfaces.push(None);
            return Err(lacks(Part::BlockHead, 8, body));
        };
        let mut interface =
            Interface { link, snap_len, fcs_len: 0, resolution: Resolution::Decimal(6), offset: 0 };
        self.options(body.get(8..).unwrap_or_default(), &mut interface);
        self.interfaces.push(Some(interface));
        Ok(())
    }

    /// Reads options as far as there is room for what they say that they have.
    fn options(&self, options: &[u8], interface: &mut Interface) {
        let mut rest = options;
        while let Some((&[a, b, c, d], values)) = rest.split_first_chunk::<4>() {
            let (code, len) = (self.u16([a, b]), usize::from(self.u16([c, d])));
            let Some(value) = values.get(..len) else { return };
            match (code, value) {
                (option::END, _) => return,
                (option::TSRESOL, &[resolution]) => {
                    let power = u32::from(resolution & 0x7f);
                    interface.resolution = match resolution & 0x80 {
                        0 => Resolution::Decimal(power),
                        _ => Resolution::Binary(power),
                    };
                }
                (option::FCSLEN, &[len]) => interface.fcs_len = len,
                (option::TSOFFSET, value) => {
                    if let Ok(bytes) = <[u8; 8]>::try_from(value) {
                        interface.offset = match self.endian {
                            Endian::Big => i64::from_be_bytes(bytes),
                            Endian::Little => i64::from_le_bytes(bytes),
                        };
                    }
                }
                _ => {}
            }
            rest = values.get(len.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    /// Looks for a block that says its length twice.
    fn search<'b>(&mut self, buf: &'b [u8], is_finished: bool, passed: u64) -> Found<'b> {
        // The block that is damaged may be whole in all but its type or length, so it is not one to go on
        // with.
        let mut at = if passed == 0 { 4 } else { 0 };
        loop {
            let rest = buf.get(at..).unwrap_or_default();
            match self.plausible(rest) {
                Plausible::Yes => break,
                Plausible::No => at += 4,
                Plausible::Needs(needed) if !is_finished => {
                    if at > 0 && at <= buf.len() {
                        self.state = State::Searching(passed + at as u64);
                        return Found::Skipped(at);
                    }
                    return Found::Need(at.saturating_add(needed));
                }
                Plausible::Needs(_) if rest.len() < 12 => {
                    at = buf.len();
                    break;
                }
                Plausible::Needs(_) => at += 4,
            }
        }
        if at > 0 {
            self.state = State::Searching(passed + at as u64);
            return Found::Skipped(at);
        }
        self.state = State::Between;
        match buf.is_empty() {
            true => Found::End,
            false => Found::Bad(FileErrorKind::Passed { count: passed }),
        }
    }

    /// Whether a block begins here.
    fn plausible(&self, bytes: &[u8]) -> Plausible {
        let ([kind, len, order], _) = match bytes.first_chunk::<12>() {
            Some(head) => match head.as_chunks::<4>() {
                (&[kind, len, order], rest) => ([kind, len, order], rest),
                _ => return Plausible::No,
            },
            None => return Plausible::Needs(12),
        };
        let endian = match u32::from_le_bytes(order) {
            _ if u32::from_le_bytes(kind) != block::SECTION => self.endian,
            0x1a2b_3c4d => Endian::Little,
            0x4d3c_2b1a => Endian::Big,
            _ => return Plausible::No,
        };
        let read = |bytes: [u8; 4]| match endian {
            Endian::Big => u32::from_be_bytes(bytes),
            Endian::Little => u32::from_le_bytes(bytes),
        };
        let (kind, len) = (read(kind), usize::try_from(read(len)).unwrap_or(usize::MAX));
        let is_known = is_looked_at(kind) || block::OTHERS.contains(&kind);
        if !is_known || !(12..=MAX_PLAUSIBLE_LEN).contains(&len) || !len.is_multiple_of(4) {
            return Plausible::No;
        }
        match bytes.get(..len).and_then(<[u8]>::last_chunk::<4>) {
            None => Plausible::Needs(len),
            Some(end) if usize::try_from(read(*end)) == Ok(len) => Plausible::Yes,
            Some(_) => Plausible::No,
        }
    }
}

enum Plausible {
    Yes,
    No,
    /// So many bytes tell.
    Needs(usize),
}

/// Whether what is in a block is needed.
fn is_looked_at(kind: u32) -> bool {
    matches!(
        kind,
        block::SECTION
            | block::INTERFACE
            | block::PACKET
            | block::SIMPLE_PACKET
            | block::ENHANCED_PACKET
    )
}

#[cold]
fn lacks(what: Part, needed: u64, body: &[u8]) -> FileErrorKind {
    FileErrorKind::BlockShort { what, needed, left: body.len() as u64 }
}

/// The bytes of a packet, which its block must have.
fn take(bytes: &[u8], len: u32, packet: u64) -> Result<&[u8], FileErrorKind> {
    let wanted = usize::try_from(len).unwrap_or(usize::MAX);
    if wanted > MAX_PACKET_LEN {
        let found = u64::from(len);
        return Err(FileErrorKind::PacketLen { packet, most: MAX_PACKET_LEN, found });
    }
    bytes.get(..wanted).ok_or_else(|| lacks(Part::Packet(packet), u64::from(len), bytes))
}

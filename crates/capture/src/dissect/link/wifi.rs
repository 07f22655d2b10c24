//! Wi-Fi (IEEE 802.11), and the headers in which captures say how a frame was received.

use super::number;
use crate::dissect::counts::Fate;
use crate::dissect::layer::Layer;
use crate::dissect::span::{Span, be16};

/// Bytes of a frame's checksum.
const FCS_LEN: usize = 4;

/// A frame, with the header that the link type says in front.
pub(super) fn open(link: u16, span: Span<'_>) -> Result<Layer<'_>, Fate> {
    match link {
        number::WIFI_RADIOTAP => radiotap(span),
        number::WIFI_PRISM => prism(span),
        number::WIFI_AVS => avs(span),
        _ => frame(span, false),
    }
}

/// A data frame (IEEE 802.11-2020, 9.2 and 9.3.2); `is_padded` if its header is, to 32 bits.
fn frame(span: Span<'_>, is_padded: bool) -> Result<Layer<'_>, Fate> {
    const TO_AND_FROM_DS: u8 = 0x03;
    const PROTECTED: u8 = 0x40;
    const HT_CONTROL: u8 = 0x80;
    let (&[kind, flags], _) = span.head::<2>()?;
    let (is_qos, is_empty) = (kind & 0x80 != 0, kind & 0x40 != 0);
    if kind & 0x0f != 0x08 || is_empty {
        return Err(Fate::NotIp);
    }
    if flags & PROTECTED != 0 {
        return Err(Fate::Encrypted);
    }
    let qos: usize = if flags & TO_AND_FROM_DS == TO_AND_FROM_DS { 30 } else { 24 };
    let len: usize = match (is_qos, flags & HT_CONTROL != 0) {
        (false, _) => qos,
        (true, false) => qos + 2,
        (true, true) => qos + 6,
    };
    let padded = if is_padded { len.next_multiple_of(4) } else { len };
    let (header, rest) = span.split(padded)?;
    // Of a fragmented frame only the first has headers of LLC and IP; the others count as missing there.
    if header.get(22).is_some_and(|sequence| sequence & 0x0f != 0) {
        return Err(Fate::NotIp);
    }
    let is_aggregate = is_qos && header.get(qos).is_some_and(|control| control & 0x80 != 0);
    Ok(if is_aggregate { Layer::Aggregate(rest.to_end()) } else { Layer::Llc(rest) })
}

/// One frame of an aggregate (A-MSDU; IEEE 802.11-2020, 9.3.2.2), and the frames after it.
pub(in crate::dissect) fn subframe(span: Span<'_>) -> Result<(Layer<'_>, Option<Span<'_>>), Fate> {
    let (&[.., high, low], body) = span.head::<14>()?;
    let len = usize::from(be16(high, low));
    if len > body.len() {
        return Err(Fate::Malformed);
    }
    let rest = span.skip((14 + len).next_multiple_of(4)).ok();
    Ok((Layer::Llc(body.limit(len)), rest.filter(|rest| rest.len() > 0)))
}

/// Radiotap (<https://www.radiotap.org>), which says whether a checksum is at the end.
fn radiotap(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    const HAS_FCS: u8 = 0x10;
    const IS_PADDED: u8 = 0x20;
    const IS_DAMAGED: u8 = 0x40;
    let (&[version, _, low, high], _) = span.head::<4>()?;
    let len = usize::from(be16(high, low));
    if version != 0 || len < 8 {
        return Err(Fate::Malformed);
    }
    let (header, mut rest) = span.split(len)?;
    let flags = radiotap_flags(header).unwrap_or(0);
    if flags & IS_DAMAGED != 0 {
        // The receiver dropped it and got it once more: what it holds must not be taken for the first.
        return Err(Fate::BadChecksum);
    }
    if flags & HAS_FCS != 0 {
        rest.trailer = FCS_LEN;
    }
    frame(rest, flags & IS_PADDED != 0)
}

/// The field Flags: the second one, after a time of 8 bytes aligned to 8.
fn radiotap_flags(header: &[u8]) -> Option<u8> {
    let (words, _) = header.get(4..)?.as_chunks::<4>();
    let present = words.first()?[0];
    // Each word with the highest bit set is followed by another.
    let more = words.iter().take_while(|word| word[3] & 0x80 != 0).count();
    let fields = 4 + 4 * (more + 1);
    let flags = if present & 1 == 0 { fields } else { fields.next_multiple_of(8) + 8 };
    header.get(flags).filter(|_| present & 2 != 0).copied()
}

/// The header of Prism II adapters, or AVS's under the same link type.
fn prism(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[a, b, c, d, len @ ..], _) = span.head::<8>()?;
    let len = match [a, b, c, d] {
        [0x80, 0x21, 0x10, _] => return avs(span),
        // The message is 0x41 or 0x44, in the byte order of the host.
        [0, 0, 0, 0x41 | 0x44] => u32::from_be_bytes(len),
        [0x41 | 0x44, 0, 0, 0] => u32::from_le_bytes(len),
        _ => return Err(Fate::Malformed),
    };
    after(span, len)
}

/// The header of the AbsoluteValue Systems driver: version, length.
fn avs(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[_, _, _, _, len @ ..], _) = span.head::<8>()?;
    after(span, u32::from_be_bytes(len))
}

/// The frame after a header of `len` bytes.
fn after(span: Span<'_>, len: u32) -> Result<Layer<'_>, Fate> {
    frame(span.skip(usize::try_from(len).unwrap_or(usize::MAX))?, false)
}

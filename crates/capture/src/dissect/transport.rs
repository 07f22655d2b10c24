//! TCP (RFC 9293) and UDP (RFC 768) out of what an IP packet carries.

use std::net::{IpAddr, SocketAddr};

use super::counts::Fate;
use super::ip::Carried;
use super::span::{Span, be16};
use super::{Datagram, Segment, Transport, checksum, protocol};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// A TCP segment, and its payload.
#[inline]
pub(super) fn segment(
    src: IpAddr,
    dst: IpAddr,
    span: Span<'_>,
) -> Result<(Segment<'_>, Span<'_>), Fate> {
    let (head, rest) = span.head::<20>()?;
    let header_len = usize::from(head[12] >> 4) * 4;
    if header_len < 20 {
        return Err(Fate::Malformed);
    }
    let payload = rest.skip(header_len - 20)?;
    let [a, b, c, d, s, e, q, n, i, j, k, l, _, flags, ..] = *head;
    let ack = u32::from_be_bytes([i, j, k, l]);
    let segment = Segment {
        src: endpoint(src, a, b),
        dst: endpoint(dst, c, d),
        seq: u32::from_be_bytes([s, e, q, n]),
        ack: (flags & ACK != 0).then_some(ack),
        is_syn: flags & SYN != 0,
        is_fin: flags & FIN != 0,
        is_rst: flags & RST != 0,
        payload: payload.data,
        missing: count(payload.missing),
    };
    Ok((segment, payload))
}

/// Hands out the TCP segment that `carried` is; several where fragments left holes.
#[inline]
pub(super) fn tcp(
    carried: &Carried<'_>,
    is_verified: bool,
    take: &mut dyn FnMut(Transport<'_>),
) -> Result<Fate, Fate> {
    let (segment, payload) = segment(carried.src, carried.dst, carried.payload)?;
    if is_verified && !is_right(carried, protocol::TCP, carried.payload) {
        return Err(Fate::BadChecksum);
    }
    if carried.runs.is_some() {
        tcp_runs(carried, payload, segment, take);
    } else {
        take(Transport::Tcp(segment));
    }
    Ok(Fate::Tcp)
}

/// Hands out a segment with holes as segments in a row: each is missing what is between it and the next.
///
/// A SYN goes with the first, a FIN with the last. All of a RST is one segment, as its bytes are none of
/// the stream's.
#[cold]
fn tcp_runs(
    carried: &Carried<'_>,
    payload: Span<'_>,
    whole: Segment<'_>,
    take: &mut dyn FnMut(Transport<'_>),
) {
    let Some(runs) = carried.runs.filter(|_| !whole.is_rst) else {
        return take(Transport::Tcp(whole));
    };
    let base = runs.bytes.len() - payload.len().min(runs.bytes.len());
    let first = base + payload.data.len();
    let mut at = base;
    let mut data = payload.data;
    let mut rest = runs.runs.iter().filter(|run| run.start > first);
    loop {
        let next = rest.next();
        let end = next.map_or(runs.bytes.len(), |run| run.start);
        let before = count(at - base);
        take(Transport::Tcp(Segment {
            // A SYN takes the number before the payload.
            seq: if at == base {
                whole.seq
            } else {
                whole.seq.wrapping_add(u32::from(whole.is_syn)).wrapping_add(before)
            },
            is_syn: whole.is_syn && at == base,
            is_fin: whole.is_fin && next.is_none(),
            payload: data,
            missing: count(end - at - data.len()),
            ..whole
        }));
        let Some(run) = next else { return };
        at = run.start;
        data = runs.bytes.get(run.clone()).unwrap_or_default();
    }
}

/// A UDP datagram, and its payload.
#[inline]
pub(super) fn datagram(
    src: IpAddr,
    dst: IpAddr,
    span: Span<'_>,
) -> Result<(Datagram<'_>, Span<'_>), Fate> {
    let (&[a, b, c, d, e, f, _, _], rest) = span.head::<8>()?;
    let payload = match usize::from(be16(e, f)) {
        // Too long for the field: a jumbogram (RFC 2675, 4).
        0 => rest,
        1..8 => return Err(Fate::Malformed),
        len => rest.limit((len - 8).min(rest.len())),
    };
    let datagram = Datagram {
        src: endpoint(src, a, b),
        dst: endpoint(dst, c, d),
        payload: payload.data,
        missing: count(payload.missing),
    };
    Ok((datagram, payload))
}

/// The UDP datagram that `carried` is, and its payload.
#[inline]
pub(super) fn udp<'a>(
    carried: &Carried<'a>,
    is_verified: bool,
) -> Result<(Datagram<'a>, Span<'a>), Fate> {
    let span = carried.payload;
    let (datagram, payload) = datagram(carried.src, carried.dst, span)?;
    // A checksum of 0 is none.
    if is_verified && span.data.get(6..8) != Some(&[0, 0]) {
        let whole = span.limit(payload.len() + 8);
        if !is_right(carried, protocol::UDP, whole) {
            return Err(Fate::BadChecksum);
        }
    }
    Ok((datagram, payload))
}

#[inline]
fn endpoint(ip: IpAddr, high: u8, low: u8) -> SocketAddr {
    SocketAddr::new(ip, be16(high, low))
}

/// Whether the checksum is right, or cannot be known since not all was captured.
fn is_right(carried: &Carried<'_>, protocol: u8, span: Span<'_>) -> bool {
    span.missing > 0 || checksum::is_right(carried.src, carried.dst, protocol, span.data)
}

#[inline]
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

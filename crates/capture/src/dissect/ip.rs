//! IPv4 (RFC 791) and IPv6 (RFC 8200), with the headers between IP and what it carries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::checksum;
use super::counts::Fate;
use super::fragment::{Key, Piece, Runs};
use super::layer::Layer;
use super::span::{Span, be16};

/// What an IP packet carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carried<'a> {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    /// Number of the protocol, as in IANA's registry "Protocol Numbers".
    pub(super) protocol: u8,
    pub(super) payload: Span<'a>,
    /// Whether the IP header leaves it to a jumbo option to say how long the payload is.
    pub(super) is_jumbo: bool,
    /// The datagram that fragments with holes made, of which `payload` is an end.
    pub(super) runs: Option<&'a Runs<'a>>,
}

/// An IP packet of either version.
pub(super) fn any(span: Span<'_>, is_verified: bool) -> Result<Layer<'_>, Fate> {
    match span.head::<1>()?.0[0] >> 4 {
        4 => v4(span, is_verified),
        6 => v6(span),
        _ => Err(Fate::Malformed),
    }
}

/// An IPv4 packet.
#[inline]
pub(super) fn v4(span: Span<'_>, is_verified: bool) -> Result<Layer<'_>, Fate> {
    let (head, rest) = span.head::<20>()?;
    let header_len = usize::from(head[0] & 0xf) * 4;
    if head[0] >> 4 != 4 || header_len < 20 {
        return Err(Fate::Malformed);
    }
    // Offload leaves 0 where the packet, not yet cut into segments, is too long for the field.
    let rest = match usize::from(be16(head[2], head[3])) {
        0 => rest.to_end(),
        total if total < header_len => return Err(Fate::Malformed),
        total => rest.limit(total - 20),
    };
    let payload = if header_len == 20 { rest } else { rest.skip(header_len - 20)? };
    if is_verified && span.data.get(..header_len).is_some_and(|h| !checksum::is_header_right(h)) {
        return Err(Fate::BadChecksum);
    }
    let [.., a, b, c, d, e, f, g, h] = *head;
    let src = IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    let mut dst = IpAddr::V4(Ipv4Addr::new(e, f, g, h));
    if header_len > 20 {
        let options = rest.data.get(..header_len - 20).unwrap_or_default();
        dst = source_route(options).map_or(dst, IpAddr::V4);
    }
    let protocol = head[9];
    let fragment = be16(head[6], head[7]);
    if fragment & 0x3fff == 0 {
        return Ok(Layer::Carried(Carried {
            src,
            dst,
            protocol,
            payload,
            is_jumbo: false,
            runs: None,
        }));
    }
    let id = u32::from(be16(head[4], head[5]));
    Ok(Layer::Fragment(Piece {
        key: Key { src, dst, id, protocol },
        protocol,
        offset: usize::from(fragment & 0x1fff) * 8,
        is_last: fragment & 0x2000 == 0,
        payload,
    }))
}

/// The last stop of a source route that is not at its end (RFC 791, 3.1): it is the receiver, the
/// header names only the next stop.
#[cold]
fn source_route(options: &[u8]) -> Option<Ipv4Addr> {
    const END: u8 = 0;
    const NO_OPERATION: u8 = 1;
    const LOOSE: u8 = 131;
    const STRICT: u8 = 137;
    let mut rest = options;
    loop {
        let (&kind, after) = rest.split_first()?;
        if kind == END {
            return None;
        }
        if kind == NO_OPERATION {
            rest = after;
            continue;
        }
        let len = usize::from(*after.first()?);
        let (option, after) = rest.split_at_checked(len.max(2))?;
        if kind == LOOSE || kind == STRICT {
            let pointer = usize::from(*option.get(2)?);
            let stop = option.get(3..)?.last_chunk::<4>()?;
            return (pointer < option.len()).then_some(Ipv4Addr::from(*stop));
        }
        rest = after;
    }
}

/// An IPv6 packet; its extension headers are left to [`extension`].
#[inline]
pub(super) fn v6(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[first, _, _, _, high, low, protocol, _], rest) = span.head::<8>()?;
    let (src, rest) = rest.head::<16>()?;
    let (dst, rest) = rest.head::<16>()?;
    if first >> 4 != 6 {
        return Err(Fate::Malformed);
    }
    // 0: a jumbo option says how long it is (RFC 2675), or offload left it out.
    let len = usize::from(be16(high, low));
    let payload = if len == 0 { rest.to_end() } else { rest.limit(len) };
    Ok(Layer::Carried(Carried {
        src: IpAddr::V6(Ipv6Addr::from(*src)),
        dst: IpAddr::V6(Ipv6Addr::from(*dst)),
        protocol,
        payload,
        is_jumbo: len == 0,
        runs: None,
    }))
}

/// Numbers of the headers between IP and what it carries, as in IANA's registry "IPv6 Extension Header
/// Types".
pub(super) mod next {
    pub(in super::super) const HOP_BY_HOP: u8 = 0;
    pub(in super::super) const ROUTING: u8 = 43;
    pub(in super::super) const FRAGMENT: u8 = 44;
    pub(in super::super) const AUTHENTICATION: u8 = 51;
    pub(in super::super) const DESTINATION: u8 = 60;
    pub(in super::super) const MOBILITY: u8 = 135;
    pub(in super::super) const HOST_IDENTITY: u8 = 139;
    pub(in super::super) const SHIM6: u8 = 140;
}

/// An extension header of IPv6 (RFC 8200, 4) in front of what the packet carries.
pub(super) fn extension(carried: Carried<'_>) -> Result<Layer<'_>, Fate> {
    let (&[protocol, len], _) = carried.payload.head::<2>()?;
    let (header, payload) = carried.payload.split(usize::from(len) * 8 + 8)?;
    let mut inner = Carried { protocol, payload, ..carried };
    match carried.protocol {
        next::HOP_BY_HOP => {
            if let Some(len) = option::<4>(header, 0xc2).filter(|_| carried.is_jumbo) {
                // It counts from the end of the IPv6 header.
                let len = usize::try_from(u32::from_be_bytes(len)).unwrap_or(usize::MAX);
                let len = len.checked_sub(header.len()).ok_or(Fate::Malformed)?;
                inner.payload = payload.limit(len);
            }
        }
        next::DESTINATION => {
            // Mobile IPv6 (RFC 6275, 6.3): the sender's address at home, which is that of the connection.
            if let Some(home) = option::<16>(header, 0xc9) {
                inner.src = IpAddr::V6(Ipv6Addr::from(home));
            }
        }
        next::ROUTING => {
            if let Some(stop) = last_stop(header) {
                inner.dst = IpAddr::V6(Ipv6Addr::from(stop));
            }
        }
        _ => {}
    }
    Ok(Layer::Carried(inner))
}

/// The data of an option of `N` bytes in a header of options (RFC 8200, 4.2).
fn option<const N: usize>(header: &[u8], wanted: u8) -> Option<[u8; N]> {
    let mut rest = header.get(2..)?;
    loop {
        let (&kind, after) = rest.split_first()?;
        if kind == 0 {
            // One byte of padding.
            rest = after;
            continue;
        }
        let (&len, after) = after.split_first()?;
        let (data, after) = after.split_at_checked(usize::from(len))?;
        if kind == wanted {
            return data.try_into().ok();
        }
        rest = after;
    }
}

/// The receiver, where a routing header has stops left and the IPv6 header names only the next one.
fn last_stop(header: &[u8]) -> Option<[u8; 16]> {
    let (&[_, _, kind, left, ..], stops) = header.split_first_chunk::<8>()?;
    let stop = match kind {
        // Source route (RFC 2460, 4.4), in the order of travel.
        0 => stops.last_chunk(),
        // Home address (RFC 6275, 6.4), and segment routing (RFC 8754, 2), last one first.
        2 | 4 => stops.first_chunk(),
        _ => None,
    };
    stop.filter(|_| left > 0).copied()
}

/// A fragment header of IPv6 (RFC 8200, 4.5).
pub(super) fn fragment(carried: Carried<'_>) -> Result<Layer<'_>, Fate> {
    let (&[protocol, _, high, low, a, b, c, d], payload) = carried.payload.head::<8>()?;
    let offset = be16(high, low);
    if offset & 0xfff9 == 0 {
        // Nothing before it, nothing after it: an atomic fragment (RFC 6946).
        return Ok(Layer::Carried(Carried { protocol, payload, ..carried }));
    }
    let Carried { src, dst, .. } = carried;
    let id = u32::from_be_bytes([a, b, c, d]);
    Ok(Layer::Fragment(Piece {
        // The protocol is that of the first fragment, others may say something else.
        key: Key { src, dst, id, protocol: next::FRAGMENT },
        protocol,
        offset: usize::from(offset & 0xfff8),
        is_last: offset & 1 == 0,
        payload,
    }))
}

/// An authentication header (RFC 4302): what follows is not encrypted.
pub(super) fn authentication(carried: Carried<'_>) -> Result<Layer<'_>, Fate> {
    let (&[protocol, len], _) = carried.payload.head::<2>()?;
    let payload = carried.payload.skip(usize::from(len) * 4 + 8)?;
    Ok(Layer::Carried(Carried { protocol, payload, ..carried }))
}

//! Tunnels over IP and UDP.

use super::counts::Fate;
use super::layer::Layer;
use super::span::{Span, be16};
use super::{link, mpls};

/// GRE (RFC 2784, RFC 2890; RFC 1701 for routing), and PPTP's version of it (RFC 2637).
pub(super) fn gre(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    const CHECKSUM: u8 = 0x80;
    const ROUTING: u8 = 0x40;
    const KEY: u8 = 0x20;
    const SEQUENCE: u8 = 0x10;
    let (&[flags, version, high, low], mut rest) = span.head::<4>()?;
    match version & 7 {
        0 => {}
        1 => return pptp(span),
        _ => return Err(Fate::Malformed),
    }
    let words = [CHECKSUM | ROUTING, KEY, SEQUENCE].iter().filter(|&&bits| flags & bits != 0);
    rest = rest.skip(words.count() * 4)?;
    if flags & ROUTING != 0 {
        rest = source_routes(rest)?;
    }
    match be16(high, low) {
        ERSPAN => erspan(rest, flags & SEQUENCE != 0),
        ERSPAN_3 => erspan_3(rest),
        protocol => Ok(Layer::EtherType(protocol, rest)),
    }
}

/// Skips source routes (RFC 1701): the last one is empty.
fn source_routes(mut span: Span<'_>) -> Result<Span<'_>, Fate> {
    loop {
        let (&[family, family_low, _, len], rest) = span.head::<4>()?;
        span = rest.skip(usize::from(len))?;
        if [family, family_low, len] == [0; 3] {
            return Ok(span);
        }
    }
}

/// PPTP: PPP with a length; without a sequence number there is only an acknowledgement.
fn pptp(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    const SEQUENCE: u8 = 0x10;
    const ACKNOWLEDGEMENT: u8 = 0x80;
    let (&[flags, more, high, low, len, len_low, _, _], rest) = span.head::<8>()?;
    if be16(high, low) != link::PPP {
        return Err(Fate::Malformed);
    }
    if flags & SEQUENCE == 0 {
        return Err(Fate::NotIp);
    }
    let rest = rest.skip(if more & ACKNOWLEDGEMENT == 0 { 4 } else { 8 })?;
    link::ppp(rest.limit(usize::from(be16(len, len_low))))
}

/// Mirrored Ethernet frames, types I and II.
const ERSPAN: u16 = 0x88be;
/// Type III.
const ERSPAN_3: u16 = 0x22eb;

/// Types I and II of draft-foschiano-erspan: the first has no header, and GRE no sequence number.
fn erspan(span: Span<'_>, is_numbered: bool) -> Result<Layer<'_>, Fate> {
    Ok(Layer::Ethernet(if is_numbered { span.skip(8)? } else { span }))
}

/// Type III: says whether it is longer by 8 bytes, and what kind of frame follows.
fn erspan_3(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[.., kind, flags], rest) = span.head::<12>()?;
    let rest = if flags & 1 == 0 { rest } else { rest.skip(8)? };
    match kind >> 2 & 0x1f {
        0 => Ok(Layer::Ethernet(rest)),
        2 => Ok(Layer::Ip(rest)),
        _ => Err(Fate::NotIp),
    }
}

/// EtherIP (RFC 3378): version 3, and a frame.
pub(super) fn ether_ip(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    match span.head::<2>()? {
        ([0x30, 0], rest) => Ok(Layer::Ethernet(rest)),
        _ => Err(Fate::Malformed),
    }
}

/// The tunnel in a UDP datagram to a port, if the datagram starts as one.
#[inline]
pub(super) fn udp(port: u16, span: Span<'_>) -> Option<Layer<'_>> {
    match port {
        // IANA's, and that of Linux before there was one.
        4789 | 8472 => vxlan(span),
        4790 => vxlan_gpe(span),
        6081 => geneve(span),
        6635 => mpls::open(span).ok(),
        _ => None,
    }
}

/// VXLAN (RFC 7348), or its extension by a group policy, in bytes reserved otherwise.
fn vxlan(span: Span<'_>) -> Option<Layer<'_>> {
    const HAS_NETWORK: u8 = 0x08;
    const HAS_GROUP: u8 = 0x80;
    let (&[flags, _, group, group_low, _, _, _, reserved], frame) = span.head::<8>().ok()?;
    let is_plain = flags == HAS_NETWORK && [group, group_low] == [0, 0];
    let is_tunnel = (is_plain || flags == HAS_NETWORK | HAS_GROUP) && reserved == 0;
    (is_tunnel && frame.len() >= 14).then_some(Layer::Ethernet(frame))
}

/// VXLAN with a field for the next protocol (draft-ietf-nvo3-vxlan-gpe).
fn vxlan_gpe(span: Span<'_>) -> Option<Layer<'_>> {
    const HAS_PROTOCOL: u8 = 0x04;
    let (&[flags, _, _, protocol, _, _, _, reserved], rest) = span.head::<8>().ok()?;
    if flags & HAS_PROTOCOL == 0 || flags & 0xc0 != 0 || reserved != 0 {
        return None;
    }
    match protocol {
        1 => Some(Layer::EtherType(link::IPV4, rest)),
        2 => Some(Layer::EtherType(link::IPV6, rest)),
        3 => Some(Layer::Ethernet(rest)),
        _ => None,
    }
}

/// Geneve (RFC 8926): version 0, options in words of 4 bytes.
fn geneve(span: Span<'_>) -> Option<Layer<'_>> {
    let (&[options, flags, high, low, _, _, _, reserved], rest) = span.head::<8>().ok()?;
    if options >> 6 != 0 || flags & 0x3f != 0 || reserved != 0 {
        return None;
    }
    let protocol = be16(high, low);
    let is_opened =
        [link::TRANSPARENT_ETHERNET, link::IPV4, link::IPV6, link::MPLS].contains(&protocol);
    let inner = rest.skip(usize::from(options) * 4).ok()?;
    is_opened.then_some(Layer::EtherType(protocol, inner))
}

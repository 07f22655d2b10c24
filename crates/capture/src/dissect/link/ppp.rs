//! PPP (RFC 1661), in HDLC-like framing (RFC 1662) or over Ethernet (RFC 2516), and Cisco's HDLC.

use super::ethernet::{IPV4, IPV6, MPLS};
use crate::dissect::counts::Fate;
use crate::dissect::layer::Layer;
use crate::dissect::span::{Span, be16};

/// PPP on a serial line, or Cisco's HDLC, as the first bytes say.
pub(super) fn serial(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    match span.data {
        [0x0f | 0x8f, 0x00, ..] => cisco_hdlc(span),
        _ => ppp(span),
    }
}

/// Cisco's HDLC: address (unicast or broadcast), control, EtherType.
pub(super) fn cisco_hdlc(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[address, _, high, low], rest) = span.head::<4>()?;
    match address {
        0x0f | 0x8f => Ok(Layer::EtherType(be16(high, low), rest)),
        _ => Err(Fate::NotIp),
    }
}

/// PPP over Ethernet, a session's frame.
pub(super) fn over_ethernet(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[version, code, _, _, high, low], rest) = span.head::<6>()?;
    match (version, code) {
        (0x11, 0) => ppp(rest.limit(usize::from(be16(high, low)))),
        (0x11, _) => Err(Fate::NotIp),
        _ => Err(Fate::Malformed),
    }
}

/// A PPP frame, with or without address and control in front.
pub(in crate::dissect) fn ppp(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let span = if span.data.starts_with(&[0xff, 0x03]) { span.skip(2)? } else { span };
    let (&[first], rest) = span.head::<1>()?;
    // Protocols whose number fits into one byte may be sent so; that byte is odd (RFC 1661, 2 and 6.5).
    let (protocol, rest) = if first & 1 == 1 {
        (u16::from(first), rest)
    } else {
        let (&number, rest) = span.head::<2>()?;
        (u16::from_be_bytes(number), rest)
    };
    match protocol {
        0x0021 => Ok(Layer::EtherType(IPV4, rest)),
        0x0057 => Ok(Layer::EtherType(IPV6, rest)),
        0x0281 | 0x0283 => Ok(Layer::EtherType(MPLS, rest)),
        _ => Err(Fate::NotIp),
    }
}

//! Ethernet (IEEE 802.3), VLAN tags (IEEE 802.1Q), LLC and SNAP (IEEE 802.2, RFC 1042).

use super::ppp;
use crate::dissect::counts::Fate;
use crate::dissect::layer::Layer;
use crate::dissect::span::{Span, be16};
use crate::dissect::{ip, mpls};

pub(in crate::dissect) const IPV4: u16 = 0x0800;
pub(in crate::dissect) const IPV6: u16 = 0x86dd;
pub(in crate::dissect) const MPLS: u16 = 0x8847;
/// Numbered as by RFC 1701, not registered for frames.
pub(in crate::dissect) const TRANSPARENT_ETHERNET: u16 = 0x6558;
/// PPP without address and control.
pub(in crate::dissect) const PPP: u16 = 0x880b;
/// What is lower is no EtherType.
pub(super) const MIN_TYPE: u16 = 0x600;
const MPLS_MULTICAST: u16 = 0x8848;
const PPPOE_SESSION: u16 = 0x8864;
/// Provider backbone bridging: a service tag, and the customer's frame.
const BACKBONE: u16 = 0x88e7;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
/// QinQ before there was a standard.
const OLD_SERVICE_VLAN: u16 = 0x9100;

/// An Ethernet frame.
#[inline]
pub(in crate::dissect) fn ethernet(span: Span<'_>, is_verified: bool) -> Result<Layer<'_>, Fate> {
    let (&[.., high, low], rest) = span.head::<14>()?;
    match type_or_length(be16(high, low), rest) {
        // Without a turn through the loop: it is what most packets are.
        Layer::EtherType(number, rest) => ether_type(number, rest, is_verified),
        layer => Ok(layer),
    }
}

/// Below [`MIN_TYPE`] it is the length of an LLC frame.
#[inline]
fn type_or_length(number: u16, rest: Span<'_>) -> Layer<'_> {
    if number < MIN_TYPE {
        Layer::Llc(rest.limit(usize::from(number).min(rest.len())))
    } else {
        Layer::EtherType(number, rest)
    }
}

/// What an EtherType names, as in IANA's registry "IEEE 802 Numbers".
#[inline]
pub(in crate::dissect) fn ether_type(
    number: u16,
    span: Span<'_>,
    is_verified: bool,
) -> Result<Layer<'_>, Fate> {
    match number {
        IPV4 => ip::v4(span, is_verified),
        IPV6 => ip::v6(span),
        VLAN | SERVICE_VLAN | OLD_SERVICE_VLAN => {
            let (&[_, _, high, low], rest) = span.head::<4>()?;
            Ok(type_or_length(be16(high, low), rest))
        }
        MPLS | MPLS_MULTICAST => mpls::open(span),
        PPPOE_SESSION => ppp::over_ethernet(span),
        PPP => ppp(span),
        TRANSPARENT_ETHERNET => Ok(Layer::Ethernet(span)),
        BACKBONE => Ok(Layer::Ethernet(span.skip(4)?)),
        _ => Err(Fate::NotIp),
    }
}

/// Whether a span starts with an Ethernet frame of a type that is opened.
pub(in crate::dissect) fn is_likely(span: Span<'_>) -> bool {
    let types = [IPV4, IPV6, MPLS, VLAN, SERVICE_VLAN, OLD_SERVICE_VLAN, PPPOE_SESSION];
    span.head::<14>().is_ok_and(|(&[.., high, low], _)| types.contains(&be16(high, low)))
}

/// An LLC frame: with SNAP it says an EtherType.
pub(in crate::dissect) fn llc(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (head, rest) = span.head::<3>()?;
    match head {
        [0xaa, 0xaa, 0x03] => {
            let (&[a, b, c, high, low], rest) = rest.head::<5>()?;
            match [a, b, c] {
                // RFC 1042, and IEEE 802.1H for what bridges take from Ethernet.
                [0, 0, 0] | [0, 0, 0xf8] => Ok(Layer::EtherType(be16(high, low), rest)),
                _ => Err(Fate::NotIp),
            }
        }
        // IP's own service access point (RFC 948).
        [0x06, 0x06, 0x03] => Ok(Layer::Ip(rest)),
        _ => Err(Fate::NotIp),
    }
}

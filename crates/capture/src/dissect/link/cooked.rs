//! Linux's cooked captures, of which the link layer was taken off: those of the interface `any`.

use super::{ethernet, number, wifi};
use crate::dissect::counts::Fate;
use crate::dissect::layer::Layer;
use crate::dissect::span::{Span, be16};

/// Version 1, LINKTYPE_LINUX_SLL: the protocol comes last.
pub(super) fn v1(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[_, _, a, b, .., high, low], rest) = span.head::<16>()?;
    protocol(be16(a, b), be16(high, low), rest)
}

/// Version 2, LINKTYPE_LINUX_SLL2: it comes first.
pub(super) fn v2(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[high, low, _, _, _, _, _, _, a, b, ..], rest) = span.head::<20>()?;
    protocol(be16(a, b), be16(high, low), rest)
}

/// What a protocol is depends on the kind of the interface, an `ARPHRD_` number of Linux's `if_arp.h`.
fn protocol(hardware: u16, protocol: u16, rest: Span<'_>) -> Result<Layer<'_>, Fate> {
    const WIFI: u16 = 801;
    const WIFI_PRISM: u16 = 802;
    const WIFI_RADIOTAP: u16 = 803;
    const NETLINK: u16 = 824;
    /// `ETH_P_802_2` of Linux's `if_ether.h`.
    const LLC: u16 = 4;
    match (hardware, protocol) {
        (WIFI, _) => wifi::open(number::WIFI, rest),
        (WIFI_PRISM, _) => wifi::open(number::WIFI_PRISM, rest),
        (WIFI_RADIOTAP, _) => wifi::open(number::WIFI_RADIOTAP, rest),
        (NETLINK, _) => Err(Fate::NotIp),
        (_, LLC) => Ok(Layer::Llc(rest)),
        // Of the numbers that are no EtherTypes, none means IP.
        (_, ..ethernet::MIN_TYPE) => Err(Fate::NotIp),
        (_, number) => Ok(Layer::EtherType(number, rest)),
    }
}

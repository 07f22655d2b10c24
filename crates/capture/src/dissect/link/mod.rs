//! Frames of the link layer, by link type.

mod cooked;
mod ethernet;
mod ppp;
mod wifi;

pub(super) use self::ethernet::{IPV4, IPV6, MPLS, PPP, TRANSPARENT_ETHERNET};
pub(super) use self::ethernet::{ether_type, ethernet, is_likely, llc};
pub(super) use self::number::ETHERNET;
pub(super) use self::ppp::ppp;
pub(super) use self::wifi::subframe;
use super::counts::Fate;
use super::layer::Layer;
use super::span::Span;

/// What a packet of a link type holds.
#[inline]
pub(super) fn open(link: u16, span: Span<'_>, is_verified: bool) -> Result<Layer<'_>, Fate> {
    match link {
        ETHERNET => ethernet(span, is_verified),
        number::RAW | number::RAW_BSD | number::RAW_OPENBSD => Ok(Layer::Ip(span)),
        number::IPV4 => Ok(Layer::EtherType(IPV4, span)),
        number::IPV6 => Ok(Layer::EtherType(IPV6, span)),
        number::LINUX_COOKED => cooked::v1(span),
        number::LINUX_COOKED_2 => cooked::v2(span),
        number::LOOPBACK | number::LOOPBACK_OPENBSD => loopback(span, 4),
        number::ENCAPSULATED => loopback(span, 12),
        number::PPP | number::PPP_HDLC => ppp::serial(span),
        number::PPP_OVER_ETHERNET => ppp::over_ethernet(span),
        number::PPP_DIRECTION_IN_ADDRESS => ppp(span.skip(2)?),
        number::PPP_WITH_DIRECTION => ppp::serial(span.skip(1)?),
        number::CISCO_HDLC => ppp::cisco_hdlc(span),
        number::WIFI | number::WIFI_RADIOTAP | number::WIFI_PRISM | number::WIFI_AVS => {
            wifi::open(link, span)
        }
        number::PER_PACKET => per_packet(span, is_verified),
        _ => Err(Fate::UnknownLink),
    }
}

/// Numbers of link types: <https://www.tcpdump.org/linktypes.html>.
mod number {
    pub(super) const LOOPBACK: u16 = 0;
    pub(in crate::dissect) const ETHERNET: u16 = 1;
    pub(super) const PPP: u16 = 9;
    /// What `DLT_RAW` is on most systems, and what old files have.
    pub(super) const RAW_BSD: u16 = 12;
    /// What it is on OpenBSD.
    pub(super) const RAW_OPENBSD: u16 = 14;
    pub(super) const PPP_HDLC: u16 = 50;
    pub(super) const PPP_OVER_ETHERNET: u16 = 51;
    pub(super) const RAW: u16 = 101;
    pub(super) const CISCO_HDLC: u16 = 104;
    pub(super) const WIFI: u16 = 105;
    pub(super) const LOOPBACK_OPENBSD: u16 = 108;
    pub(super) const ENCAPSULATED: u16 = 109;
    pub(super) const LINUX_COOKED: u16 = 113;
    pub(super) const WIFI_PRISM: u16 = 119;
    pub(super) const WIFI_RADIOTAP: u16 = 127;
    pub(super) const WIFI_AVS: u16 = 163;
    pub(super) const PPP_DIRECTION_IN_ADDRESS: u16 = 166;
    pub(super) const PER_PACKET: u16 = 192;
    pub(super) const PPP_WITH_DIRECTION: u16 = 204;
    pub(super) const IPV4: u16 = 228;
    pub(super) const IPV6: u16 = 229;
    pub(super) const LINUX_COOKED_2: u16 = 276;
}

/// BSD's loopback, and its kin: a header of `len` bytes that starts with a family of addresses, in the
/// byte order of the host that captured or in network order.
fn loopback(span: Span<'_>, len: usize) -> Result<Layer<'_>, Fate> {
    let (&family, _) = span.head::<4>()?;
    let rest = span.skip(len)?;
    // Families are small numbers: of both orders, the smaller is meant.
    match u32::from_be_bytes(family).min(u32::from_le_bytes(family)) {
        2 => Ok(Layer::EtherType(IPV4, rest)),
        // NetBSD and OpenBSD, FreeBSD, Darwin; Linux's own.
        24 | 28 | 30 | 10 => Ok(Layer::EtherType(IPV6, rest)),
        _ => Err(Fate::NotIp),
    }
}

/// A header that names the link type of its packet (LINKTYPE_PPI).
fn per_packet(span: Span<'_>, is_verified: bool) -> Result<Layer<'_>, Fate> {
    let (&[version, _, low, high, link @ ..], _) = span.head::<8>()?;
    if version != 0 {
        return Err(Fate::Malformed);
    }
    let rest = span.skip(usize::from(u16::from_le_bytes([low, high])).max(8))?;
    match u16::try_from(u32::from_le_bytes(link)) {
        // One header is enough.
        Ok(number::PER_PACKET) | Err(_) => Err(Fate::UnknownLink),
        Ok(link) => open(link, rest, is_verified),
    }
}

//! Frames of the link layer, by link type.

mod ethernet;

pub(super) use self::ethernet::{ether_type, ethernet, llc};
use super::counts::Fate;
use super::layer::Layer;
use super::span::Span;

/// What a packet of a link type holds.
#[inline]
pub(super) fn open(link: u16, span: Span<'_>) -> Result<Layer<'_>, Fate> {
    match link {
        number::ETHERNET => Ok(Layer::Ethernet(span)),
        number::RAW | number::RAW_BSD | number::RAW_OPENBSD => Ok(Layer::Ip(span)),
        number::IPV4 => Ok(Layer::EtherType(ethernet::IPV4, span)),
        number::IPV6 => Ok(Layer::EtherType(ethernet::IPV6, span)),
        _ => Err(Fate::UnknownLink),
    }
}

/// Numbers of link types: <https://www.tcpdump.org/linktypes.html>.
mod number {
    pub(super) const ETHERNET: u16 = 1;
    /// What `DLT_RAW` is on most systems, and what old files have.
    pub(super) const RAW_BSD: u16 = 12;
    /// What it is on OpenBSD.
    pub(super) const RAW_OPENBSD: u16 = 14;
    pub(super) const RAW: u16 = 101;
    pub(super) const IPV4: u16 = 228;
    pub(super) const IPV6: u16 = 229;
}

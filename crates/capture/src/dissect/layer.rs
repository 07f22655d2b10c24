//! Layers that are still to be opened.

use super::fragment::Piece;
use super::ip::Carried;
use super::span::Span;

/// What a header says comes next, and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layer<'a> {
    /// An Ethernet frame.
    Ethernet(Span<'a>),
    /// What an EtherType names.
    EtherType(u16, Span<'a>),
    /// Several frames of Wi-Fi in one.
    Aggregate(Span<'a>),
    /// A frame of IEEE 802.2.
    Llc(Span<'a>),
    /// IPv4 or IPv6, as the first four bits say.
    Ip(Span<'a>),
    /// What an IP packet carries.
    Carried(Carried<'a>),
    /// A part of what an IP packet carries.
    Fragment(Piece<'a>),
}

//! What packets hold, from the link layer to TCP and UDP.

mod checksum;
mod common;
mod counts;
mod fragment;
mod ip;
mod layer;
mod link;
mod mpls;
mod span;
mod transport;
mod tunnel;

use std::net::SocketAddr;

pub use self::counts::Counts;
use self::counts::Fate;
use self::fragment::{Fragments, Piece};
pub use self::fragment::{MAX_DATAGRAM_LEN, MAX_FRAGMENT_AGE, MAX_HELD_BYTES, MAX_HELD_DATAGRAMS};
use self::ip::{Carried, next};
use self::layer::Layer;
use self::span::Span;
use crate::file::Packet;
use crate::time::Timestamp;

/// Layers of IP and Ethernet, one inside of the other, that are opened in one packet.
pub const MAX_DEPTH: u32 = 16;

/// A TCP segment, its payload in the packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Sender, of the innermost addresses.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Sequence number of the SYN if there is one, else of the first byte of the payload.
    pub seq: u32,
    /// Acknowledgement number, if the ACK bit is set.
    pub ack: Option<u32>,
    /// SYN bit.
    pub is_syn: bool,
    /// FIN bit.
    pub is_fin: bool,
    /// RST bit.
    pub is_rst: bool,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes that the payload had beyond those that were captured.
    pub missing: u32,
}

/// A UDP datagram, its payload in the packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Sender, of the innermost addresses.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes that the payload had beyond those that were captured.
    pub missing: u32,
}

/// What was found in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp(Datagram<'a>),
}

/// Finds TCP segments and UDP datagrams in packets.
///
/// It holds the fragments of IP datagrams until all are there, so the packets of a capture go through
/// one dissector, in order.
#[derive(Debug, Default)]
pub struct Dissector {
    is_verified: bool,
    fragments: Fragments,
    counts: Counts,
}

/// Numbers of protocols that IP carries, as in IANA's registry "Protocol Numbers".
mod protocol {
    pub(super) const ICMP: u8 = 1;
    pub(super) const IPV4: u8 = 4;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const IPV6: u8 = 41;
    pub(super) const GRE: u8 = 47;
    pub(super) const ESP: u8 = 50;
    pub(super) const ICMPV6: u8 = 58;
    pub(super) const ETHER_IP: u8 = 97;
    pub(super) const MPLS: u8 = 137;
    pub(super) const ETHERNET: u8 = 143;
}

/// What takes what is found.
type Take<'t> = &'t mut dyn FnMut(Transport<'_>);

impl Dissector {
    /// A dissector that does not verify checksums.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether checksums of IPv4, TCP and UDP are verified; packets with wrong ones are not handed out.
    /// [default: no, as packets captured where they are sent get theirs afterwards, from the network
    /// adapter]
    #[must_use]
    pub fn verify_checksums(mut self, is_verified: bool) -> Self {
        self.is_verified = is_verified;
        self
    }

    /// What became of the packets up to now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { given_up: self.fragments.given_up(), ..self.counts }
    }

    /// Fragmented datagrams that are held, and the bytes that they take.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        self.fragments.held()
    }

    /// Ends the capture: datagrams whose fragments did not all come are given up, and counted.
    pub fn finish(&mut self) {
        self.fragments.clear();
    }

    /// Hands out the segments and datagrams of a packet.
    ///
    /// Normally that is one or none. There are more of one packet where an aggregated Wi-Fi frame holds
    /// several, and where fragments with holes leave several runs of a TCP segment.
    pub fn packet(&mut self, packet: &Packet<'_>, mut take: impl FnMut(Transport<'_>)) {
        if packet.link == link::ETHERNET
            && !self.is_verified
            && let Some(segment) = common::segment(packet.data)
        {
            self.counts.packets += 1;
            self.counts.tcp += 1;
            return take(Transport::Tcp(segment));
        }
        self.layers(packet, &mut take);
    }

    /// The same for packets of any kind, layer after layer.
    pub(crate) fn layers(&mut self, packet: &Packet<'_>, take: Take<'_>) {
        self.counts.packets += 1;
        let fate = match link::open(packet.link, Span::of(packet), self.is_verified) {
            Ok(layer) => self.open(layer, 0, packet.time, take),
            Err(fate) => fate,
        };
        self.counts.add(fate);
    }

    /// Opens layer after layer, up to the one that has no other inside.
    fn open(
        &mut self,
        mut layer: Layer<'_>,
        mut depth: u32,
        time: Option<Timestamp>,
        take: Take<'_>,
    ) -> Fate {
        loop {
            let is_carried = matches!(layer, Layer::Carried(_));
            let opened = match layer {
                Layer::Ethernet(span) => link::ethernet(span, self.is_verified),
                Layer::EtherType(number, span) => link::ether_type(number, span, self.is_verified),
                Layer::Llc(span) => link::llc(span),
                Layer::Ip(span) => ip::any(span, self.is_verified),
                Layer::Carried(ref carried) => self.carried(carried, take),
                Layer::Aggregate(span) => return self.aggregate(span, depth, time, take),
                Layer::Fragment(piece) => return self.fragment(&piece, depth, time, take),
            };
            layer = match opened {
                Ok(layer) => layer,
                Err(fate) => return fate,
            };
            depth += match layer {
                Layer::Ethernet(_) => 1,
                Layer::Carried(_) | Layer::Fragment(_) if !is_carried => 1,
                _ => 0,
            };
            if depth > MAX_DEPTH {
                return Fate::TooDeep;
            }
        }
    }

    /// Opens the frames of an aggregate, one after the other.
    fn aggregate(
        &mut self,
        mut span: Span<'_>,
        depth: u32,
        time: Option<Timestamp>,
        take: Take<'_>,
    ) -> Fate {
        loop {
            let (layer, rest) = match link::subframe(span) {
                Ok(frame) => frame,
                Err(fate) => return fate,
            };
            let fate = self.open(layer, depth, time, &mut *take);
            let Some(rest) = rest else { return fate };
            self.counts.add(fate);
            self.counts.aggregated += 1;
            span = rest;
        }
    }

    /// Opens what an IP packet carries.
    #[inline]
    fn carried<'a>(&mut self, carried: &Carried<'a>, take: Take<'_>) -> Result<Layer<'a>, Fate> {
        match carried.protocol {
            protocol::TCP => Err(transport::tcp(carried, self.is_verified, take)?),
            protocol::UDP => {
                let (datagram, payload) = transport::udp(carried, self.is_verified)?;
                if let Some(layer) = tunnel::udp(datagram.dst.port(), payload) {
                    return Ok(layer);
                }
                take(Transport::Udp(datagram));
                Err(Fate::Udp)
            }
            next::HOP_BY_HOP
            | next::ROUTING
            | next::DESTINATION
            | next::MOBILITY
            | next::HOST_IDENTITY
            | next::SHIM6
                if carried.src.is_ipv6() =>
            {
                ip::extension(*carried)
            }
            next::FRAGMENT if carried.src.is_ipv6() => ip::fragment(*carried),
            next::AUTHENTICATION => ip::authentication(*carried),
            protocol::IPV4 => Ok(Layer::EtherType(link::IPV4, carried.payload)),
            protocol::IPV6 => Ok(Layer::EtherType(link::IPV6, carried.payload)),
            protocol::GRE => tunnel::gre(carried.payload),
            protocol::ETHER_IP => tunnel::ether_ip(carried.payload),
            protocol::MPLS => mpls::open(carried.payload),
            protocol::ETHERNET => Ok(Layer::Ethernet(carried.payload)),
            protocol::ESP => Err(Fate::Encrypted),
            protocol::ICMP | protocol::ICMPV6 => Err(icmp(carried)),
            _ => Err(Fate::OtherProtocol),
        }
    }

    /// Takes a fragment, and opens the datagram that it completes.
    #[cold]
    fn fragment(
        &mut self,
        piece: &Piece<'_>,
        depth: u32,
        time: Option<Timestamp>,
        take: Take<'_>,
    ) -> Fate {
        let whole = match self.fragments.add(piece, time) {
            Ok(whole) => whole,
            Err(fate) => return fate,
        };
        let (payload, runs) = whole.parts();
        let carried = Carried {
            src: piece.key.src,
            dst: piece.key.dst,
            protocol: whole.protocol,
            payload,
            is_jumbo: false,
            runs: runs.as_ref(),
        };
        self.open(Layer::Carried(carried), depth, time, take)
    }
}

/// What became of an ICMP message: errors quote the packet that they are about (RFC 792, RFC 4443).
fn icmp(carried: &Carried<'_>) -> Fate {
    match (carried.protocol, carried.payload.data.first()) {
        (protocol::ICMP, Some(3 | 4 | 5 | 11 | 12)) | (protocol::ICMPV6, Some(0..128)) => {
            Fate::IcmpError
        }
        _ => Fate::OtherProtocol,
    }
}

//! What packets hold, from the link layer to TCP and UDP.
//!
//! A [`Dissector`] takes the packets of a capture, and hands out the TCP segments and UDP datagrams in
//! them:
//!
//! ```text
//! link layer           Ethernet, cooked, loopback, PPP, HDLC, Wi-Fi (one frame or an A-MSDU)
//!   |                    with VLAN tags, LLC and SNAP, MPLS labels, PPPoE, backbone tags
//!   v
//! IPv4, IPv6           options and extension headers skipped, fragments put together  <-----------+
//!   |    |                                                                                        |
//!   |    +-----------> IP in IP, GRE (also PPTP, ERSPAN), EtherIP, MPLS  --- IP ------------------+
//!   v                                                        ^      `------ Ethernet, PPP, MPLS --+
//! UDP, TCP             UDP: VXLAN, VXLAN-GPE, Geneve, MPLS --+
//! ```
//!
//! The addresses handed out are the innermost ones. What is not opened is counted ([`Counts`]) and not
//! looked into, packets quoted in ICMP errors above all: those passed by earlier, or elsewhere. Neither
//! are frames encrypted, compressed (VJ, IPComp), or of Wi-Fi beyond the first fragment. A datagram
//! to the port of a tunnel that does not start as the tunnel does is a datagram like others.
//!
//! # Lengths
//!
//! Where a payload ends, the IP header says: padding and checksum of the frame are cut off. What it
//! promises and the capture lacks is [`missing`](Segment::missing), whether the capture admits it (a snap
//! length) or not. An IPv4 length of 0, and an IPv6 length of 0 without a jumbo option (RFC 2675), is what
//! offload leaves of packets not yet cut into segments; it means to the end of the frame, without its
//! checksum.
//!
//! # Fragments
//!
//! Fragments of IP are held until the datagram is complete, whatever their order; of a byte that comes
//! twice the first arrival counts (RFC 791, RFC 815, RFC 8200). A datagram is given up after
//! [`MAX_FRAGMENT_AGE`], or when it is the oldest and [`MAX_HELD_DATAGRAMS`] or [`MAX_HELD_BYTES`] is
//! reached. Fragments that the snap length cut leave holes: TCP goes on after them with the next
//! sequence number that is known, a UDP datagram ends at the first.
//!
//! # Source routes
//!
//! Under way, a packet with a source route is addressed to its next stop. The address handed out is the
//! last one (RFC 791, 3.1; RFC 8200, 4.4; RFC 8754), and the one at home with Mobile IPv6 (RFC 6275), as both
//! directions of a connection must name the same endpoints.
//!
//! # Link types
//!
//! Numbers are those of <https://www.tcpdump.org/linktypes.html>.
//!
//! | number | LINKTYPE_ | what is opened, and where it is described |
//! |---|---|---|
//! | 0, 108 | NULL, LOOP | BSD loopback, in either byte order |
//! | 1 | ETHERNET | IEEE 802.3; 802.1Q and 802.1ad tags; LLC and SNAP (RFC 1042) |
//! | 9, 50 | PPP, PPP_HDLC | RFC 1661, RFC 1662; Cisco HDLC where the address says so |
//! | 12, 14, 101 | RAW | IPv4 or IPv6 |
//! | 51 | PPP_ETHER | PPPoE sessions (RFC 2516) |
//! | 104 | C_HDLC | Cisco HDLC |
//! | 105 | IEEE802_11 | data frames (IEEE 802.11-2020, 9.3.2), A-MSDUs among them |
//! | 109 | ENC | OpenBSD's decrypted IPsec |
//! | 113, 276 | LINUX_SLL, LINUX_SLL2 | cooked captures; Wi-Fi frames in them |
//! | 119, 163 | IEEE802_11_PRISM, _AVS | Wi-Fi after a header of the adapter |
//! | 127 | IEEE802_11_RADIOTAP | Wi-Fi after <https://www.radiotap.org> |
//! | 166, 204 | PPP_PPPD, PPP_WITH_DIR | PPP with a direction |
//! | 192 | PPI | a header that names another link type |
//! | 228, 229 | IPV4, IPV6 | |
//!
//! # Why not a library
//!
//! etherparse was considered. Which length counts, what the snap length took, what a quoted packet is, how
//! deep tunnels go, and which copy of a fragment's byte wins is decided at each step here, so little of a
//! library would be left in use.
//!
//! # Example
//!
//! ```
//! use cwire_capture::dissect::{Dissector, Transport};
//! use cwire_capture::file::Packet;
//!
//! // IPv4 from 10.0.0.1 to 10.0.0.2, UDP from port 5000 to 6000: "hi", of five bytes.
//! let data = b"E\0\0\x21\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x13\x88\x17\x70\0\x0d\0\0hi";
//! let packet = Packet {
//!     number: 1,
//!     time: None,
//!     is_fine: false,
//!     link: 101,
//!     fcs_len: 0,
//!     original_len: 33,
//!     data,
//! };
//! let mut dissector = Dissector::new();
//! let mut found = Vec::new();
//! dissector.packet(&packet, |transport| {
//!     if let Transport::Udp(datagram) = transport {
//!         found.push((datagram.dst.to_string(), datagram.payload.to_vec(), datagram.missing));
//!     }
//! });
//! assert_eq!(found, [("10.0.0.2:6000".to_owned(), b"hi".to_vec(), 3)]);
//! assert_eq!(dissector.counts().udp, 1);
//! ```

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

/// A TCP segment, its payload in the packet's bytes, or in those that fragments make together.
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
    /// Bytes that the payload had beyond those that were captured; where fragments left holes and another
    /// segment follows, up to that one.
    pub missing: u32,
}

/// A UDP datagram, its payload in the packet's bytes, or in those that fragments make together.
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
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Fragmented datagrams that are held, and the bytes that they take.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        self.fragments.held()
    }

    /// Ends the capture: datagrams whose fragments did not all come are given up, and counted.
    pub fn finish(&mut self) {
        self.fragments.clear();
        self.counts.given_up = self.fragments.given_up();
    }

    /// Hands out the segments and datagrams of a packet.
    ///
    /// Normally that is one or none. There are more of one packet where an aggregated Wi-Fi frame holds
    /// several, and where fragments with holes leave several runs of a TCP segment.
    pub fn packet(&mut self, packet: &Packet<'_>, mut take: impl FnMut(Transport<'_>)) {
        if packet.link == link::ETHERNET
            && !self.is_verified
            && let Some((transport, fate)) = common::open(packet.data)
        {
            self.counts.packets += 1;
            self.counts.add(fate);
            return take(transport);
        }
        self.layers(packet, &mut take);
    }

    /// The same for packets of any kind, layer after layer.
    pub(crate) fn layers(&mut self, packet: &Packet<'_>, take: Take<'_>) {
        self.counts.packets += 1;
        let fate = match link::open(packet.link, Span::of(packet), self.is_verified) {
            Ok(layer) => {
                let depth = matches!(layer, Layer::Carried(_) | Layer::Fragment(_));
                self.open(layer, u32::from(depth), packet.time, take)
            }
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
        let added = self.fragments.add(piece, time);
        self.counts.given_up = self.fragments.given_up();
        let whole = match added {
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

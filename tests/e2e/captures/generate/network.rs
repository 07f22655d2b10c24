//! How segments and datagrams are put into IP packets.

use std::net::IpAddr;

use fastrand::Rng;

use super::wire::{checksum, ip, ipv4, ipv6};

/// What the IP packets of a capture are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Plain,
    /// Options of IPv4, extension headers of IPv6.
    Options,
    /// What is long comes in fragments.
    Fragments,
    /// Long packets give no length, as those of more than 64 KiB do.
    NoLength,
}

/// No operation, four times (RFC 791 §3.1), and a router alert (RFC 2113).
const V4_OPTIONS: [u8; 8] = [1, 1, 1, 1, 0x94, 4, 0, 0];

/// Hop-by-hop options, a routing header of an experiment (RFC 4727) that has been used up, and destination
/// options of 16 bytes (RFC 8200 §4.3, §4.4, §4.6); each names the one behind it.
const V6_HEADERS: [u8; 32] = [
    43, 0, 1, 4, 0, 0, 0, 0, 60, 0, 253, 0, 0, 0, 0, 0, 0, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];

/// Shortest packet whose length is left out: shorter ones may be padded.
const LONG: usize = 200;

impl Network {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Options, Self::Fragments, Self::NoLength];

    /// The packets that carry something.
    pub(crate) fn packets(
        self,
        rng: &mut Rng,
        ends: (IpAddr, IpAddr),
        protocol: u8,
        carried: &[u8],
    ) -> Vec<Vec<u8>> {
        let is_v4 = ends.0.is_ipv4();
        match self {
            Self::Options if is_v4 => {
                vec![ipv4(ends, protocol, (7, 0), &V4_OPTIONS, carried)]
            }
            Self::Options => {
                let mut headers = V6_HEADERS;
                headers[16] = protocol;
                vec![ipv6(ends, 0, &[&headers, carried].concat())]
            }
            Self::Fragments if carried.len() > 40 => fragments(rng, ends, protocol, carried),
            Self::NoLength if carried.len() > LONG => {
                let mut packet = ip(ends, protocol, carried);
                let at = if is_v4 { 2 } else { 4 };
                packet[at..at + 2].fill(0);
                if is_v4 {
                    packet[10..12].fill(0);
                    let sum = checksum(&[&packet[..20]]).to_be_bytes();
                    packet[10..12].copy_from_slice(&sum);
                }
                vec![packet]
            }
            _ => vec![ip(ends, protocol, carried)],
        }
    }
}

/// Two to four fragments, in any order, one of them perhaps twice.
fn fragments(rng: &mut Rng, ends: (IpAddr, IpAddr), protocol: u8, carried: &[u8]) -> Vec<Vec<u8>> {
    let id = rng.u32(..);
    let size = (carried.len() / rng.usize(2..5)).next_multiple_of(8);
    let count = carried.chunks(size).count();
    let mut packets: Vec<_> = carried
        .chunks(size)
        .enumerate()
        .map(|(index, piece)| {
            let offset = u16::try_from(index * size / 8).unwrap();
            let has_more = index + 1 < count;
            if ends.0.is_ipv4() {
                let id = u16::try_from(id & 0xffff).unwrap();
                let flags = offset | if has_more { 0x2000 } else { 0 };
                ipv4(ends, protocol, (id, flags), &[], piece)
            } else {
                let field = (offset << 3 | u16::from(has_more)).to_be_bytes();
                let header = [&[protocol, 0], &field[..], &id.to_be_bytes(), piece].concat();
                ipv6(ends, 44, &header)
            }
        })
        .collect();
    if rng.bool() {
        rng.shuffle(&mut packets);
    }
    if rng.u8(..4) == 0 {
        // Again while the datagram is not whole: behind that, it would be the start of another.
        let again = packets[0].clone();
        packets.insert(1, again);
    }
    packets
}

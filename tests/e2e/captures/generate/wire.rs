//! Headers of IP (RFC 791, RFC 8200), TCP (RFC 9293) and UDP (RFC 768), with checksums (RFC 1071).

use std::net::{IpAddr, SocketAddr};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;
pub(crate) const URG: u8 = 0x20;

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// The numbers of a TCP header that vary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) sequence: u32,
    pub(crate) acknowledged: u32,
    pub(crate) flags: u8,
}

/// The Internet checksum of the parts as if they stood in a row; all but the last are of even length.
pub(super) fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u32::from(u16::from_be_bytes([pair[0], low]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
    }
    !u16::try_from(sum).unwrap()
}

pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

pub(super) fn be16(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap().to_be_bytes()
}

/// The checksum of what IP carries, with the pseudo header.
fn carried_checksum(from: SocketAddr, to: SocketAddr, protocol: u8, carried: &[u8]) -> [u8; 2] {
    let length = u32::try_from(carried.len()).unwrap().to_be_bytes();
    let (source, destination) = (octets(from.ip()), octets(to.ip()));
    checksum(&[&source, &destination, &length, &[0, protocol], carried]).to_be_bytes()
}

/// A TCP segment; the urgent pointer, where the flag is set, is behind its first byte.
pub(crate) fn segment(
    from: SocketAddr,
    to: SocketAddr,
    header: &Header,
    payload: &[u8],
) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(from.port().to_be_bytes());
    segment.extend(to.port().to_be_bytes());
    segment.extend(header.sequence.to_be_bytes());
    segment.extend(header.acknowledged.to_be_bytes());
    let urgent = u8::from(header.flags & URG != 0);
    segment.extend([5 << 4, header.flags, 0xff, 0xff, 0, 0, 0, urgent]);
    segment.extend(payload);
    let sum = carried_checksum(from, to, TCP, &segment);
    segment[16..18].copy_from_slice(&sum);
    segment
}

/// A UDP datagram.
pub(crate) fn datagram(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(from.port().to_be_bytes());
    datagram.extend(to.port().to_be_bytes());
    datagram.extend(be16(8 + payload.len()));
    datagram.extend([0, 0]);
    datagram.extend(payload);
    let sum = carried_checksum(from, to, UDP, &datagram);
    // A sum of zero would say that there is none.
    let sum = if sum == [0, 0] { [0xff, 0xff] } else { sum };
    datagram[6..8].copy_from_slice(&sum);
    datagram
}

/// An IPv4 header; `flags` is the field of flags and offset, in units of eight bytes.
pub(super) fn ipv4(
    (from, to): (IpAddr, IpAddr),
    protocol: u8,
    (id, flags): (u16, u16),
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let head = 20 + options.len();
    let mut packet = vec![0x40 | u8::try_from(head / 4).unwrap(), 0];
    packet.extend(be16(head + payload.len()));
    packet.extend(id.to_be_bytes());
    packet.extend(flags.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend([octets(from), octets(to)].concat());
    packet.extend(options);
    let sum = checksum(&[&packet]).to_be_bytes();
    packet[10..12].copy_from_slice(&sum);
    packet.extend(payload);
    packet
}

/// An IPv6 header, and extension headers that stand in front of the payload already.
pub(super) fn ipv6((from, to): (IpAddr, IpAddr), next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(be16(payload.len()));
    packet.extend([next, 64]);
    packet.extend([octets(from), octets(to)].concat());
    packet.extend(payload);
    packet
}

/// An IP packet as simple as it gets.
pub(crate) fn ip(ends: (IpAddr, IpAddr), protocol: u8, payload: &[u8]) -> Vec<u8> {
    match ends.0.is_ipv4() {
        true => ipv4(ends, protocol, (0, 0x4000), &[], payload),
        false => ipv6(ends, protocol, payload),
    }
}

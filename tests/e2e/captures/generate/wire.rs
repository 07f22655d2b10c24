//! Headers of IP (RFC 791, RFC 8200) and TCP (RFC 9293), with checksums (RFC 1071).

use std::net::{IpAddr, SocketAddr};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

const TCP: u8 = 6;

/// The numbers of a TCP header that vary.
pub(crate) struct Header {
    pub(crate) sequence: u32,
    pub(crate) acknowledged: u32,
    pub(crate) flags: u8,
}

/// The Internet checksum of the parts as if they stood in a row; all but the last are of even length.
fn checksum(parts: &[&[u8]]) -> u16 {
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

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// An IP packet with one TCP segment.
pub(crate) fn packet(from: SocketAddr, to: SocketAddr, header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(from.port().to_be_bytes());
    segment.extend(to.port().to_be_bytes());
    segment.extend(header.sequence.to_be_bytes());
    segment.extend(header.acknowledged.to_be_bytes());
    segment.extend([5 << 4, header.flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    let length = u32::try_from(segment.len()).unwrap().to_be_bytes();
    let (source, destination) = (octets(from.ip()), octets(to.ip()));
    let sum = checksum(&[&source, &destination, &length, &[0, TCP], &segment]);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    ip(from.ip(), to.ip(), &segment)
}

fn ip(from: IpAddr, to: IpAddr, segment: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    if from.is_ipv4() {
        let total = u16::try_from(20 + segment.len()).unwrap();
        packet.extend([0x45, 0]);
        packet.extend(total.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, TCP, 0, 0]);
        packet.extend(octets(from));
        packet.extend(octets(to));
        let sum = checksum(&[&packet]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    } else {
        packet.extend([0x60, 0, 0, 0]);
        packet.extend(u16::try_from(segment.len()).unwrap().to_be_bytes());
        packet.extend([TCP, 64]);
        packet.extend(octets(from));
        packet.extend(octets(to));
    }
    packet.extend(segment);
    packet
}

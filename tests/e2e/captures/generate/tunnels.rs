//! Tunnels: what stands in front of an IP packet inside of another.

use std::net::IpAddr;

use super::wire::{UDP, be16, checksum, ip};

/// A kind of tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tunnel {
    None,
    /// IPv4 or IPv6 in IPv4 (RFC 2003, RFC 4213).
    IpInV4,
    /// The same in IPv6 (RFC 2473).
    IpInV6,
    /// RFC 2784.
    Gre,
    /// With checksum, key and sequence number (RFC 2890).
    GreWithAll,
    /// Ethernet in GRE (RFC 7637 without its VSID).
    GreEthernet,
    /// Mirrored frames, by the Internet-Draft foschiano-erspan.
    Erspan1,
    Erspan2,
    Erspan3,
    /// With the platform's subheader.
    Erspan3Long,
    /// RFC 7348.
    Vxlan,
    /// RFC 8926, with an option.
    Geneve,
    /// VXLAN in GRE.
    Nested,
}

impl Tunnel {
    pub(crate) const ALL: [Self; 13] = [
        Self::None,
        Self::IpInV4,
        Self::IpInV6,
        Self::Gre,
        Self::GreWithAll,
        Self::GreEthernet,
        Self::Erspan1,
        Self::Erspan2,
        Self::Erspan3,
        Self::Erspan3Long,
        Self::Vxlan,
        Self::Geneve,
        Self::Nested,
    ];

    /// A packet through the tunnel.
    pub(crate) fn wrap(self, packet: Vec<u8>) -> Vec<u8> {
        let is_v4 = packet[0] >> 4 == 4;
        let kind: [u8; 2] = if is_v4 { [0x08, 0x00] } else { [0x86, 0xdd] };
        let ethernet = || [&[2, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 4], &kind[..], &packet].concat();
        let gre = |header: &[u8], inner: &[u8]| outer(47, &[header, inner].concat());
        match self {
            Self::None => packet,
            Self::IpInV4 => outer(if is_v4 { 4 } else { 41 }, &packet),
            Self::IpInV6 => {
                let ends = ("2001:db8::1", "2001:db8::2");
                let ends: (IpAddr, IpAddr) = (ends.0.parse().unwrap(), ends.1.parse().unwrap());
                ip(ends, if is_v4 { 4 } else { 41 }, &packet)
            }
            Self::Gre => gre(&[&[0, 0], &kind[..]].concat(), &packet),
            Self::GreWithAll => {
                let mut header =
                    [&[0xb0, 0], &kind[..], &[0; 4], &[0, 0, 0, 7, 0, 0, 0, 9]].concat();
                let sum = checksum(&[&header, &packet]).to_be_bytes();
                header[4..6].copy_from_slice(&sum);
                gre(&header, &packet)
            }
            Self::GreEthernet => gre(&[0, 0, 0x65, 0x58], &ethernet()),
            Self::Erspan1 => gre(&[0, 0, 0x88, 0xbe], &ethernet()),
            Self::Erspan2 => {
                gre(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 9, 0, 0, 0, 0], &ethernet())
            }
            Self::Erspan3 => {
                let header =
                    [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0];
                gre(&header, &ethernet())
            }
            Self::Erspan3Long => {
                let header =
                    [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 5, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1];
                gre(&[&header[..], &[0x14, 0, 0, 0, 0, 0, 0, 0]].concat(), &ethernet())
            }
            Self::Vxlan => udp(4789, &[&[8, 0, 0, 0, 0, 0, 7, 0], &*ethernet()].concat()),
            Self::Geneve => {
                let header = [2, 0, 0x65, 0x58, 0, 0, 7, 0, 0x01, 0x04, 0x80, 1, 1, 2, 3, 4];
                udp(6081, &[&header[..], &ethernet()].concat())
            }
            Self::Nested => Self::Gre.wrap(Self::Vxlan.wrap(packet)),
        }
    }
}

fn outer(protocol: u8, inner: &[u8]) -> Vec<u8> {
    ip(("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap()), protocol, inner)
}

/// In UDP without a checksum, as tunnels may (RFC 7348 §5).
fn udp(port: usize, inner: &[u8]) -> Vec<u8> {
    let header = [be16(50_000), be16(port), be16(8 + inner.len()), [0, 0]].concat();
    outer(UDP, &[&header, inner].concat())
}

//! What stands before the IP packet in a frame.

use super::wire::be16;

/// A kind of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// With frames padded to 60 bytes.
    Ethernet,
    /// With a frame check sequence of four bytes, too.
    EthernetFcs,
    /// IEEE 802.1Q.
    Vlan,
    /// Ethernet with two tags, IEEE 802.1ad outside of 802.1Q.
    QinQ,
    /// IEEE 802.3 with a length, LLC and SNAP (RFC 1042).
    Snap,
    /// Ethernet with three labels (RFC 3032).
    Mpls,
    /// PPP over Ethernet (RFC 2516).
    Pppoe,
    Raw,
    /// As OpenBSD's number for raw packets has it.
    Raw12,
    LinuxCooked,
    LinuxCooked2,
    /// PPP in HDLC-like framing (RFC 1662).
    Ppp,
    /// BSD loopback, with the address family in the order of the machine.
    NullLittle,
    NullBig,
    /// OpenBSD's loopback, in the order of the network.
    Loop,
    /// IEEE 802.11 from an access point.
    Wifi,
    /// With radiotap in front, quality of service, and four addresses.
    Radiotap,
}

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

impl Link {
    pub(crate) const ALL: [Self; 17] = [
        Self::Ethernet,
        Self::EthernetFcs,
        Self::Vlan,
        Self::QinQ,
        Self::Snap,
        Self::Mpls,
        Self::Pppoe,
        Self::Raw,
        Self::Raw12,
        Self::LinuxCooked,
        Self::LinuxCooked2,
        Self::Ppp,
        Self::NullLittle,
        Self::NullBig,
        Self::Loop,
        Self::Wifi,
        Self::Radiotap,
    ];

    /// The number in the registry of link types.
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::NullLittle | Self::NullBig => 0,
            Self::Ppp => 9,
            Self::Raw12 => 12,
            Self::Raw => 101,
            Self::Wifi => 105,
            Self::Loop => 108,
            Self::LinuxCooked => 113,
            Self::Radiotap => 127,
            Self::LinuxCooked2 => 276,
            _ => 1,
        }
    }

    /// Bytes of the frame check sequence that frames end with.
    pub(crate) fn fcs_len(self) -> u8 {
        if self == Self::EthernetFcs { 4 } else { 0 }
    }

    /// The frame, and how many bytes of it stand behind the packet.
    pub(crate) fn frame(self, packet: &[u8]) -> (Vec<u8>, usize) {
        let head = self.head(packet);
        let mut frame = [head, packet.to_vec()].concat();
        let end = frame.len();
        let is_ethernet = self.number() == 1;
        if is_ethernet && frame.len() < 60 {
            frame.resize(60, 0);
        }
        frame.extend(std::iter::repeat_n(0xfc, usize::from(self.fcs_len())));
        let behind = frame.len() - end;
        (frame, behind)
    }

    fn head(self, packet: &[u8]) -> Vec<u8> {
        let is_v4 = packet[0] >> 4 == 4;
        let kind: [u8; 2] = if is_v4 { [0x08, 0x00] } else { [0x86, 0xdd] };
        let ppp: u8 = if is_v4 { 0x21 } else { 0x57 };
        // Darwin's number for IPv6.
        let family: u8 = if is_v4 { 2 } else { 30 };
        let snap = [&[0xaa, 0xaa, 3, 0, 0, 0], &kind[..]].concat();
        // A length of more is a type (IEEE 802.3 §3.2.6).
        let is_long = 8 + packet.len() > 1500;
        match self {
            Self::Snap if is_long => Self::Ethernet.head(packet),
            Self::Ethernet | Self::EthernetFcs => [&MACS[..], &kind[..]].concat(),
            Self::Vlan => [&MACS[..], &[0x81, 0, 0x20, 9], &kind[..]].concat(),
            Self::QinQ => [&MACS[..], &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9], &kind[..]].concat(),
            Self::Snap => [&MACS[..], &be16(8 + packet.len())[..], &snap].concat(),
            Self::Mpls => {
                let labels = [0, 1, 0x10, 64, 0, 1, 0x20, 64, 0, 1, 0x31, 64];
                [&MACS[..], &[0x88, 0x47], &labels[..]].concat()
            }
            Self::Pppoe => {
                let len = be16(2 + packet.len());
                [&MACS[..], &[0x88, 0x64, 0x11, 0, 0, 5], &len[..], &[0, ppp]].concat()
            }
            Self::Raw | Self::Raw12 => Vec::new(),
            Self::LinuxCooked => [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0], &kind[..]].concat(),
            Self::LinuxCooked2 => {
                [&kind[..], &[0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]].concat()
            }
            Self::Ppp => vec![0xff, 0x03, 0, ppp],
            Self::NullLittle => vec![family, 0, 0, 0],
            Self::NullBig | Self::Loop => vec![0, 0, 0, family],
            Self::Wifi => [&[0x08, 0x02, 0, 0][..], &[6; 6], &MACS[..], &[0x10, 0], &snap].concat(),
            Self::Radiotap => {
                let radiotap = [0, 0, 8, 0, 0, 0, 0, 0];
                let data =
                    [&[0x88, 0x03, 0, 0][..], &[6; 6], &MACS[..], &[0x10, 0], &[7; 6]].concat();
                [&radiotap, &data[..], &[0, 0], &snap].concat()
            }
        }
    }
}

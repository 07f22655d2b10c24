//! What stands before the IP packet in a frame.

/// A kind of link, with its number in the registry of link types.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link {
    /// With frames padded to 60 bytes.
    Ethernet,
    /// Ethernet with two tags, IEEE 802.1ad outside of 802.1Q.
    QinQ,
    Raw,
    LinuxCooked,
    LinuxCooked2,
    /// PPP in HDLC-like framing (RFC 1662).
    Ppp,
}

impl Link {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ethernet, Self::QinQ, Self::Raw, Self::LinuxCooked, Self::LinuxCooked2, Self::Ppp];

    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Ethernet | Self::QinQ => 1,
            Self::Ppp => 9,
            Self::Raw => 101,
            Self::LinuxCooked => 113,
            Self::LinuxCooked2 => 276,
        }
    }

    pub(crate) fn frame(self, packet: &[u8]) -> Vec<u8> {
        let is_v4 = packet[0] >> 4 == 4;
        let kind: [u8; 2] = if is_v4 { [0x08, 0x00] } else { [0x86, 0xdd] };
        let mut frame = Vec::new();
        match self {
            Self::Ethernet => frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]),
            Self::QinQ => {
                frame.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 9]);
            }
            Self::Raw => return packet.to_vec(),
            Self::LinuxCooked => frame.extend([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]),
            Self::LinuxCooked2 => {
                frame.extend(kind);
                frame.extend([0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]);
            }
            Self::Ppp => frame.extend([0xff, 0x03, 0, if is_v4 { 0x21 } else { 0x57 }]),
        }
        if !matches!(self, Self::LinuxCooked2 | Self::Ppp) {
            frame.extend(kind);
        }
        frame.extend(packet);
        if matches!(self, Self::Ethernet | Self::QinQ) && frame.len() < 60 {
            frame.resize(60, 0);
        }
        frame
    }
}

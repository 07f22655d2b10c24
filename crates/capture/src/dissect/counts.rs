//! What became of packets.

/// Packets by what became of them.
///
/// Each packet is in one of the fields, except for the first two and the last: [`packets`](Self::packets)
/// plus [`aggregated`](Self::aggregated) is the sum of the others but
/// [`given_up`](Self::given_up). A packet inside of others (tunnels, reassembled fragments) is
/// counted once, by what its innermost layer was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All packets.
    pub packets: u64,
    /// Frames that shared a packet with another one before them (A-MSDU).
    pub aggregated: u64,
    /// TCP: handed out.
    pub tcp: u64,
    /// UDP: handed out.
    pub udp: u64,
    /// Fragments kept until the others are there. The fragment that completes a datagram is counted by
    /// what the datagram is.
    pub fragments: u64,
    /// Frames with something else than IP in them (ARP, spanning tree, Wi-Fi management, ...).
    pub not_ip: u64,
    /// Packets of a link type that is not known.
    pub unknown_link: u64,
    /// IP packets with something else than TCP and UDP.
    pub other_protocol: u64,
    /// ICMP errors. The packet quoted in one is not taken: it passed by earlier, or elsewhere.
    pub icmp_errors: u64,
    /// What is encrypted: ESP, and protected frames of Wi-Fi.
    pub encrypted: u64,
    /// Packets cut by the capture's snap length before the end of the TCP or UDP header.
    pub truncated: u64,
    /// Packets whose headers contradict themselves or the length of the packet.
    pub malformed: u64,
    /// Packets with a wrong checksum, where [they are verified](super::Dissector::verify_checksums), and
    /// Wi-Fi frames that their adapter marks as damaged.
    pub bad_checksum: u64,
    /// Packets with more than [`MAX_DEPTH`](super::MAX_DEPTH) layers of IP and Ethernet.
    pub too_deep: u64,
    /// Datagrams whose fragments did not all arrive in time, or before a
    /// [limit](super::MAX_HELD_DATAGRAMS) was reached.
    pub given_up: u64,
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Tcp,
    Udp,
    Fragment,
    NotIp,
    UnknownLink,
    OtherProtocol,
    IcmpError,
    Encrypted,
    Truncated,
    Malformed,
    BadChecksum,
    TooDeep,
}

impl Counts {
    #[inline]
    pub(super) fn add(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Tcp => &mut self.tcp,
            Fate::Udp => &mut self.udp,
            Fate::Fragment => &mut self.fragments,
            Fate::NotIp => &mut self.not_ip,
            Fate::UnknownLink => &mut self.unknown_link,
            Fate::OtherProtocol => &mut self.other_protocol,
            Fate::IcmpError => &mut self.icmp_errors,
            Fate::Encrypted => &mut self.encrypted,
            Fate::Truncated => &mut self.truncated,
            Fate::Malformed => &mut self.malformed,
            Fate::BadChecksum => &mut self.bad_checksum,
            Fate::TooDeep => &mut self.too_deep,
        };
        *count += 1;
    }
}

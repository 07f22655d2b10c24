//! Headers, written from their RFCs, in front of what they carry.

/// Bytes that are written as hex, spaces left out.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// A header in hex, and what follows it.
pub(crate) fn with(header: &str, payload: &[u8]) -> Vec<u8> {
    [hex(header), payload.to_vec()].concat()
}

pub(crate) fn be16(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap().to_be_bytes()
}

/// TCP from port 40000 to 23452, sequence number 1000, acknowledgement 2000.
pub(crate) fn tcp(payload: &[u8]) -> Vec<u8> {
    with("9c40 5b9c 000003e8 000007d0 5018 0100 0000 0000", payload)
}

/// The same as UDP.
pub(crate) fn udp(payload: &[u8]) -> Vec<u8> {
    udp_to(23452, payload)
}

pub(crate) fn udp_to(port: usize, payload: &[u8]) -> Vec<u8> {
    [&[0x9c, 0x40], &be16(port)[..], &be16(payload.len() + 8), &[0, 0], payload].concat()
}

/// IPv4 from 10.0.0.1 to 10.0.0.2.
pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_fragment(protocol, 0, 0, payload)
}

/// With an identification, and the field of flags and offset.
pub(crate) fn ipv4_fragment(protocol: u8, id: usize, flags: usize, payload: &[u8]) -> Vec<u8> {
    let len = be16(payload.len() + 20);
    let head = [&[0x45, 0], &len[..], &be16(id), &be16(flags), &[64, protocol, 0, 0]].concat();
    [&head[..], &[10, 0, 0, 1, 10, 0, 0, 2], payload].concat()
}

/// IPv4 from 192.0.2.1 to 192.0.2.2: a tunnel.
pub(crate) fn outer_ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = be16(payload.len() + 20);
    let head = [&[0x45, 0], &len[..], &[0, 0, 0, 0, 64, protocol, 0, 0]].concat();
    [&head[..], &[192, 0, 2, 1, 192, 0, 2, 2], payload].concat()
}

/// IPv6 from 2001:db8::1 to 2001:db8::2.
pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    ipv6_len(next, payload.len(), payload)
}

pub(crate) fn ipv6_len(next: u8, len: usize, payload: &[u8]) -> Vec<u8> {
    let head = [&[0x60, 0, 0, 0], &be16(len)[..], &[next, 64]].concat();
    let addresses = hex("20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002");
    [head, addresses, payload.to_vec()].concat()
}

/// Ethernet from 02:00:00:00:00:01 to 02:00:00:00:00:02.
pub(crate) fn ethernet(ether_type: usize, payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], &be16(ether_type)[..], payload].concat()
}

/// Ethernet, IPv4, TCP.
pub(crate) fn plain(payload: &[u8]) -> Vec<u8> {
    ethernet(0x800, &ipv4(6, &tcp(payload)))
}

//! IPv4, IPv6, TCP and UDP over Ethernet.

use cwire_capture::dissect::{Dissector, Transport};

use crate::compose::{ethernet, hex, ipv4, ipv6, outer_ipv4, plain, tcp, udp, with};
use crate::oracle::{TCP, TCP6, UDP, check, ours, packet, packets};

#[test]
fn ethernet_and_ip() {
    let ip = ipv4(6, &tcp(b"hello"));
    check(
        1,
        &[
            ("ethernet", plain(b"hello"), TCP),
            ("what no protocol says is not taken", ethernet(0x800, &outer_ipv4(253, &ip)), ""),
            ("padded", [plain(b"hello"), vec![0xee; 7]].concat(), TCP),
            ("udp", ethernet(0x800, &ipv4(17, &udp(b"hello"))), UDP),
            ("ipv6", ethernet(0x86dd, &ipv6(6, &tcp(b"hello"))), TCP6),
            ("vlan", ethernet(0x8100, &with("0064 0800", &ip)), TCP),
            ("qinq", ethernet(0x88a8, &with("0064 8100 00c8 0800", &ip)), TCP),
            ("old qinq", ethernet(0x9100, &with("0064 8100 00c8 0800", &ip)), TCP),
            ("snap", ethernet(ip.len() + 8, &with("aaaa03 000000 0800", &ip)), TCP),
            ("arp", ethernet(0x806, &[0; 28]), ""),
            ("icmp", ethernet(0x800, &ipv4(1, &hex("0800 f7ff 0000 0000"))), ""),
            ("icmp error", ethernet(0x800, &ipv4(1, &with("0301 0000 0000 0000", &ip))), ""),
        ],
    );
}

/// Options and extension headers are skipped, also where they change the addresses.
#[test]
fn options_and_extension_headers() {
    let tcp = tcp(b"hello");
    let options = |options: &str, dst: [u8; 4]| {
        let mut packet = ipv4(6, &with(options, &tcp));
        packet[0] = 0x45 + u8::try_from(hex(options).len() / 4).unwrap();
        packet[16..20].copy_from_slice(&dst);
        ethernet(0x800, &packet)
    };
    let v6 = |next: u8, headers: &str| ethernet(0x86dd, &ipv6(next, &with(headers, &tcp)));
    let second = "20010db8 00000000 00000000 00000002";
    // The IPv6 header names the stop on the way, the routing header the receiver.
    let routed = |headers: &str| {
        let mut packet = ipv6(43, &with(headers, &tcp));
        packet[24..40].copy_from_slice(&hex("20010db8 00000000 00000000 00000009"));
        ethernet(0x86dd, &packet)
    };
    check(
        1,
        &[
            ("no operation", options("01010101", [10, 0, 0, 2]), TCP),
            ("router alert", options("94040000", [10, 0, 0, 2]), TCP),
            ("route, under way", options("01 83 07 04 0a000002", [10, 0, 0, 9]), TCP),
            ("route, at its end", options("01 83 07 08 0a000009", [10, 0, 0, 2]), TCP),
            ("hop by hop", v6(0, "0600 0502 0000 0100"), TCP6),
            ("destination", v6(60, "0600 0104 00000000"), TCP6),
            ("both, longer", v6(0, "3c00 0104 00000000 0601 010c 000000000000000000000000"), TCP6),
            (
                "authentication",
                v6(51, "0604 0000 00000001 00000001 000000000000000000000000"),
                TCP6,
            ),
            ("atomic fragment", v6(44, "0600 0000 00000001"), TCP6),
            (
                "route, at its end",
                v6(43, "0602 0000 00000000 20010db8000000000000000000000009"),
                TCP6,
            ),
            ("esp", v6(50, "00000001 00000001"), ""),
            ("nothing", v6(59, ""), ""),
        ],
    );
    // Mobile IPv6: what a home agent would see, either way.
    let home = v6(60, &format!("0602 0102 0000 c910 {}", second.replace("00002", "00001")));
    let mut away = home.clone();
    away[22..38].copy_from_slice(&hex("20010db8 00000000 00000000 00000009"));
    let to_home = routed(&format!("0602 0201 00000000 {second}"));
    // RFC 8200, 8.1: the last stop is the destination. Tshark's column says so too, its field does not.
    let old = routed(&format!("0602 0001 00000000 {second}"));
    let segments = routed(&format!("0602 0401 00000000 {second}"));
    let (found, _) = ours(&packets(1, &[home, away, to_home, old, segments]));
    assert_eq!(found, [1, 2, 3, 4, 5].map(|number| (number, TCP6.to_owned())));
}

#[test]
fn flags_of_tcp() {
    let with_flags = |flags: u8, payload: &[u8]| {
        let mut segment = tcp(payload);
        segment[13] = flags;
        ethernet(0x800, &ipv4(6, &segment))
    };
    let frames = [0x02, 0x12, 0x11, 0x04, 0x3d].map(|flags| with_flags(flags, b"hello"));
    let mut dissector = Dissector::new();
    let mut found = Vec::new();
    for packet in packets(1, &frames) {
        dissector.packet(&packet, |transport| {
            let Transport::Tcp(tcp) = transport else { panic!("{transport:?}") };
            assert_eq!((tcp.seq, tcp.payload, tcp.missing), (1000, &b"hello"[..], 0));
            found.push((tcp.is_syn, tcp.is_fin, tcp.is_rst, tcp.ack));
        });
    }
    let (yes, no, ack) = (true, false, Some(2000));
    let wanted = [
        (yes, no, no, None),
        (yes, no, no, ack),
        (no, yes, no, ack),
        (no, no, yes, None),
        (no, yes, yes, ack),
    ];
    assert_eq!(found, wanted);
}

/// Right ones are accepted, and refused with one bit of what they cover flipped.
#[test]
fn checksums_where_they_are_asked_for() {
    let accepted = |link: u16, frame: &[u8]| {
        let mut found = 0;
        let mut dissector = Dissector::new().verify_checksums(true);
        dissector.packet(&packet(1, link, frame, frame.len()), |_| found += 1);
        assert_eq!(dissector.counts().bad_checksum + found, 1);
        found == 1
    };
    for (frame, sums) in checked() {
        assert!(accepted(101, &frame), "{frame:02x?}");
        for at in sums {
            let mut spoilt = frame.clone();
            spoilt[at] ^= 1;
            assert!(!accepted(101, &spoilt), "byte {at}");
            assert_eq!(ours(&packets(101, &[spoilt])).0.len(), 1, "not asked for");
        }
    }
    // 0 is none, for UDP.
    let (mut udp, _) = checked()[1].clone();
    udp[26..28].fill(0);
    assert!(accepted(101, &udp));
}

/// Packets with the checksums that tshark says are right, and bytes that those cover.
fn checked() -> [(Vec<u8>, [usize; 3]); 3] {
    let mut v4_tcp = ipv4(6, &tcp(b"hello"));
    v4_tcp[10..12].copy_from_slice(&[0x66, 0xc9]);
    v4_tcp[36..38].copy_from_slice(&[0x53, 0x5e]);
    let mut v4_udp = ipv4(17, &udp(b"hello"));
    v4_udp[10..12].copy_from_slice(&[0x66, 0xca]);
    v4_udp[26..28].copy_from_slice(&[0xb0, 0x22]);
    let mut v6_tcp = ipv6(6, &tcp(b"hello"));
    v6_tcp[56..58].copy_from_slice(&[0x0b, 0xec]);
    [(v4_tcp, [11, 37, 44]), (v4_udp, [11, 27, 32]), (v6_tcp, [57, 64, 39])]
}

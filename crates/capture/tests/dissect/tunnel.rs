//! Tunnels, with one TCP segment in each; the addresses are the inner ones.

use crate::compose::{ethernet, hex, ipv4, ipv6, outer_ipv4, plain, tcp, udp_to, with};
use crate::oracle::{TCP, TCP6, check, ours, packets};

fn v4() -> Vec<u8> {
    ipv4(6, &tcp(b"hello"))
}

fn over_ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ethernet(0x800, &outer_ipv4(protocol, payload))
}

fn over_udp(port: usize, payload: &[u8]) -> Vec<u8> {
    over_ip(17, &udp_to(port, payload))
}

#[test]
fn ip_in_ip() {
    let v6 = ipv6(6, &tcp(b"hello"));
    let outer6 = |next: u8, payload: &[u8]| ethernet(0x86dd, &ipv6(next, payload));
    check(
        1,
        &[
            ("ipip", over_ip(4, &v4()), TCP),
            ("6in4", over_ip(41, &v6), TCP6),
            ("4in6", outer6(4, &v4()), TCP),
            ("6in6", outer6(41, &v6), TCP6),
            ("etherip", over_ip(97, &with("3000", &plain(b"hello"))), TCP),
            ("twice", over_ip(4, &outer_ipv4(4, &v4())), TCP),
        ],
    );
}

#[test]
fn gre() {
    let gre = |head: &str, payload: &[u8]| over_ip(47, &with(head, payload));
    let frame = plain(b"hello");
    let pptp = |flags: &str, tail: &str| {
        let ppp = with("ff03 0021", &v4());
        let head = format!("{flags} 880b {:04x} 0001 {tail}", ppp.len());
        gre(&head, &ppp)
    };
    check(
        1,
        &[
            ("bare", gre("0000 0800", &v4()), TCP),
            ("key", gre("2000 0800 00000001", &v4()), TCP),
            ("key, sequence", gre("3000 0800 00000001 00000002", &v4()), TCP),
            ("checksum", gre("8000 0800 0000 0000", &v4()), TCP),
            ("all", gre("b000 0800 0000 0000 00000001 00000002", &v4()), TCP),
            ("routing", gre("4000 0800 0000 0000 0800 00 04 0a000009 0000 00 00", &v4()), TCP),
            ("v6", gre("0000 86dd", &ipv6(6, &tcp(b"hello"))), TCP6),
            ("ethernet", gre("2000 6558 00000001", &frame), TCP),
            ("mpls", gre("0000 8847 00064140", &v4()), TCP),
            ("erspan I", gre("0000 88be", &frame), TCP),
            ("erspan II", gre("1000 88be 00000001 1064 0001 00000000", &frame), TCP),
            ("erspan III", gre("1000 22eb 00000001 2064 0001 00000000 0000 0000", &frame), TCP),
            (
                "erspan III, longer",
                gre("1000 22eb 00000001 2064 0001 00000000 0000 0001 0000000000000000", &frame),
                TCP,
            ),
            ("pptp", pptp("3001", "00000001"), TCP),
            ("pptp, acknowledging", pptp("3081", "00000001 00000000"), TCP),
            ("pptp, only acknowledging", over_ip(47, &hex("2081 880b 0000 0001 00000001")), ""),
        ],
    );
}

#[test]
fn over_udp_ports() {
    let frame = plain(b"hello");
    let vxlan = with("08000000 00006400", &frame);
    check(
        1,
        &[
            ("vxlan", over_udp(4789, &vxlan), TCP),
            ("vxlan of linux", over_udp(8472, &vxlan), TCP),
            ("vxlan, group", over_udp(4789, &with("88000007 00006400", &frame)), TCP),
            ("gpe, ip", over_udp(4790, &with("0c000001 00006400", &v4())), TCP),
            ("gpe, ethernet", over_udp(4790, &with("0c000003 00006400", &frame)), TCP),
            ("geneve", over_udp(6081, &with("0000 6558 00006400", &frame)), TCP),
            ("geneve, ip", over_udp(6081, &with("0000 0800 00006400", &v4())), TCP),
            (
                "geneve, options",
                over_udp(6081, &with("0240 6558 00006400 0101 80 01 00000000", &frame)),
                TCP,
            ),
            ("mpls", over_udp(6635, &with("00064140", &v4())), TCP),
        ],
    );
}

#[test]
fn what_is_no_tunnel_is_a_datagram() {
    for (port, payload) in [
        (4789, &b"GET / HTTP"[..]),
        (4789, &[8, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3]),
        (4790, b"0123456789"),
        (6081, b"abcdefghijkl"),
        (6081, &[0x3f, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2]),
        (6635, b"abc"),
    ] {
        let (found, counts) = ours(&packets(1, &[over_udp(port, payload)]));
        assert_eq!((found.len(), counts.udp), (1, 1), "{port}");
        let text: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found[0].1, format!("udp 192.0.2.1:40000 192.0.2.2:{port} {text}"));
    }
}

#[test]
fn mpls() {
    let mpls = |labels: &str, payload: &[u8]| ethernet(0x8847, &with(labels, payload));
    let frame = plain(b"hello");
    check(
        1,
        &[
            ("v4", mpls("00064140", &v4()), TCP),
            ("stack", mpls("00064040 00065040 00066140", &v4()), TCP),
            ("v6", mpls("00064140", &ipv6(6, &tcp(b"hello"))), TCP6),
            ("pseudowire", mpls("000c8140 00000000", &frame), TCP),
        ],
    );
    // tshark decides by its preferences; RFC 4448 leaves it to the ends to know.
    let zero = [vec![0, 1, 2, 3, 4, 5], frame[6..].to_vec()].concat();
    let four = [vec![0x48; 6], frame[6..].to_vec()].concat();
    for frame in [&frame, &zero, &four] {
        for labels in ["00064140", "00064140 00000000"] {
            let (found, _) = ours(&packets(1, &[mpls(labels, frame)]));
            assert_eq!(found, [(1, TCP.to_owned())], "{labels}, {:02x}", frame[0]);
        }
    }
}

#[test]
fn backbone_bridging() {
    let tag = with("00000064", &plain(b"hello"));
    check(
        1,
        &[
            ("customer", ethernet(0x88e7, &tag), TCP),
            ("service", ethernet(0x88a8, &with("0064 88e7", &tag)), TCP),
        ],
    );
}

#[test]
fn the_depth_is_limited() {
    let nested = |layers: usize, is_framed: bool| {
        let mut packet = v4();
        for _ in 1..layers {
            packet = outer_ipv4(4, &packet);
        }
        if is_framed {
            return ours(&packets(1, &[ethernet(0x800, &packet)]));
        }
        ours(&packets(101, &[packet]))
    };
    for is_framed in [false, true] {
        assert_eq!(nested(16, is_framed).0, [(1, TCP.to_owned())]);
        let (found, counts) = nested(17, is_framed);
        assert_eq!((found, counts.too_deep), (vec![], 1));
    }
    assert_eq!(cwire_capture::dissect::MAX_DEPTH, 16);
}

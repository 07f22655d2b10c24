//! IPv4, IPv6, TCP and UDP over Ethernet.

use crate::compose::{ethernet, hex, ipv4, ipv6, outer_ipv4, plain, tcp, udp, with};
use crate::oracle::{TCP, TCP6, UDP, check, ours, packet};

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

#[test]
fn what_the_capture_cut_off_is_missing() {
    let whole = plain(b"hello, world");
    let line = |len: usize, original: usize| {
        let (found, counts) = ours(&[packet(1, 1, &whole[..len], original)]);
        (found.first().map(|(_, line)| line.clone()), counts)
    };
    let cut = "tcp 10.0.0.1:40000 10.0.0.2:23452 1000 2000 68656c6c6f+7";
    assert_eq!(line(59, 66).0.as_deref(), Some(cut));
    assert_eq!(line(59, 59).0.as_deref(), Some(cut), "the capture does not say so");
    let (found, counts) = line(53, 66);
    assert_eq!((found, counts.truncated), (None, 1));
    let (found, counts) = line(30, 66);
    assert_eq!((found, counts.truncated), (None, 1));
    let (found, counts) = line(30, 30);
    assert_eq!((found, counts.malformed), (None, 1), "no header has ten bytes less");
}

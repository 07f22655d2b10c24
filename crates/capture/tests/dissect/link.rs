//! Each link type, with one TCP segment in it.

use crate::compose::{be16, ethernet, hex, ipv4, ipv6, tcp, with};
use crate::oracle::{TCP, TCP6, check, ours, packets};

fn v4() -> Vec<u8> {
    ipv4(6, &tcp(b"hello"))
}

fn v6() -> Vec<u8> {
    ipv6(6, &tcp(b"hello"))
}

#[test]
fn raw_ip() {
    for link in [12, 14, 101] {
        check(link, &[("v4", v4(), TCP), ("v6", v6(), TCP6)]);
    }
    check(228, &[("v4", v4(), TCP)]);
    check(229, &[("v6", v6(), TCP6)]);
}

#[test]
fn loopback_in_either_byte_order() {
    let cases = [
        ("v4, little", with("02000000", &v4()), TCP),
        ("v4, big", with("00000002", &v4()), TCP),
        ("v6, NetBSD", with("18000000", &v6()), TCP6),
        ("v6, FreeBSD", with("0000001c", &v6()), TCP6),
        ("v6, Darwin", with("1e000000", &v6()), TCP6),
        ("other", with("07000000", &v4()), ""),
    ];
    check(0, &cases);
    check(108, &[("v4", with("00000002", &v4()), TCP), ("v6", with("00000018", &v6()), TCP6)]);
    check(109, &[("v4", with("02000000 00001001 00000000", &v4()), TCP)]);
}

#[test]
fn linux_cooked() {
    let v1 = |hardware: &str, protocol: &str, payload: &[u8]| {
        with(&format!("0000 {hardware} 0006 0200000000010000 {protocol}"), payload)
    };
    let v2 = |hardware: &str, protocol: &str, payload: &[u8]| {
        with(&format!("{protocol} 0000 00000002 {hardware} 00 06 0200000000010000"), payload)
    };
    let snap = with("aaaa03 000000 0800", &v4());
    let vlan = with("0064 0800", &v4());
    check(
        113,
        &[
            ("v4", v1("0001", "0800", &v4()), TCP),
            ("v6", v1("0304", "86dd", &v6()), TCP6),
            ("vlan", v1("0001", "8100", &vlan), TCP),
            ("llc", v1("0001", "0004", &snap), TCP),
            ("netware", v1("0001", "0001", &v4()), ""),
            ("gre", v1("030a", "0800", &v4()), TCP),
            (
                "radiotap",
                v1("0323", "0000", &with("0000 0800 00000000", &wifi("0801", &v4()))),
                TCP,
            ),
        ],
    );
    check(
        276,
        &[
            ("v4", v2("0001", "0800", &v4()), TCP),
            ("v6", v2("0304", "86dd", &v6()), TCP6),
            ("vlan", v2("0001", "8100", &vlan), TCP),
            ("arp", v2("0001", "0806", &[0; 28]), ""),
        ],
    );
}

#[test]
fn ppp_and_hdlc() {
    let cases = [
        ("framed", with("ff03 0021", &v4()), TCP),
        ("v6", with("ff03 0057", &v6()), TCP6),
        ("short protocol", with("ff03 21", &v4()), TCP),
        ("control protocol", with("ff03 c021", &hex("0100 0004")), ""),
        ("mpls", with("ff03 0281 00064140", &v4()), TCP),
    ];
    check(9, &cases);
    check(9, &[("bare", with("0021", &v4()), TCP)]);
    check(50, &cases);
    check(50, &[("cisco", with("0f00 0800", &v4()), TCP)]);
    check(104, &[("v4", with("0f00 0800", &v4()), TCP), ("v6", with("8f00 86dd", &v6()), TCP6)]);
    // tshark does not know this one.
    let (found, _) = ours(&packets(166, &[with("0003 0021", &v4())]));
    assert_eq!(found, [(1, TCP.to_owned())]);
    check(204, &[("v4", with("01 ff03 0021", &v4()), TCP), ("bare", with("00 0021", &v4()), TCP)]);
    let pppoe = |payload: &[u8]| {
        [&hex("1100 0001"), &be16(payload.len() + 2)[..], &hex("0021"), payload].concat()
    };
    check(51, &[("session", pppoe(&v4()), TCP)]);
    check(
        1,
        &[
            ("pppoe", ethernet(0x8864, &pppoe(&v4())), TCP),
            ("padded", ethernet(0x8864, &[pppoe(&v4()), vec![0; 9]].concat()), TCP),
            ("discovery", ethernet(0x8863, &hex("1109 0000 0000")), ""),
        ],
    );
}

/// A data frame of Wi-Fi with frame control and header given, LLC and SNAP.
fn wifi(control: &str, payload: &[u8]) -> Vec<u8> {
    let address = "020000000001";
    with(
        &format!("{control} 0000 {address} {address} {address} 1000"),
        &with("aaaa03 000000 0800", payload),
    )
}

#[test]
fn wifi_frames() {
    let qos = |control: &str, tail: &str, payload: &[u8]| {
        let address = "020000000001";
        let head = format!("{control} 0000 {address} {address} {address} 1000 {tail}");
        with(&head, &with("aaaa03 000000 0800", payload))
    };
    check(
        105,
        &[
            ("data", wifi("0801", &v4()), TCP),
            ("from the access point", wifi("0802", &v4()), TCP),
            ("qos", qos("8801", "0000", &v4()), TCP),
            ("ht control", qos("8881", "0000 00000000", &v4()), TCP),
            ("four addresses", qos("0803", "020000000002", &v4()), TCP),
            ("four addresses, qos", qos("8803", "020000000002 0000", &v4()), TCP),
            ("encrypted", wifi("0841", &v4()), ""),
            ("beacon", wifi("8000", &v4()), ""),
            ("no data", hex("4801 0000 020000000001 020000000001 020000000001 1000"), ""),
        ],
    );
}

#[test]
fn headers_of_wifi_captures() {
    let data = wifi("0801", &v4());
    let padded = {
        let mut frame = wifi("8801", &v4());
        frame.splice(24..24, [0, 0, 0, 0]);
        frame
    };
    check(
        127,
        &[
            ("no flags", with("0000 0800 00000000", &data), TCP),
            ("fcs", [with("0000 0900 02000000 10", &data), vec![1; 4]].concat(), TCP),
            ("pad", with("0000 0900 02000000 20", &padded), TCP),
            (
                "time before the flags",
                with("0000 1900 03000080 00000000 00000000 0102030405060708 20", &padded),
                TCP,
            ),
        ],
    );
    let prism = [hex("44000000 90000000"), vec![0; 136]].concat();
    check(119, &[("prism", [prism, data.clone()].concat(), TCP)]);
    let avs = [hex("80211001 00000040"), vec![0; 56]].concat();
    check(163, &[("avs", [avs.clone(), data.clone()].concat(), TCP)]);
    check(119, &[("avs", [avs, data.clone()].concat(), TCP)]);
    check(192, &[("per packet", with("0000 0800 69000000", &data), TCP)]);
    let damaged = [with("0000 0900 02000000 50", &data), vec![1; 4]].concat();
    let (found, counts) = ours(&packets(127, &[damaged]));
    assert_eq!((found, counts.bad_checksum), (vec![], 1), "the receiver dropped it");
}

#[test]
fn several_frames_in_one() {
    let subframe = |payload: &[u8]| {
        let body = with("aaaa03 000000 0800", payload);
        [&hex("020000000002 020000000001"), &be16(body.len())[..], &body].concat()
    };
    let second = ipv4(6, &tcp(b"world"));
    let mut body = subframe(&v4());
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(subframe(&second));
    let address = "020000000001";
    let head = format!("8801 0000 {address} {address} {address} 1000 8000");
    let (found, counts) = ours(&packets(105, &[with(&head, &body)]));
    let lines: Vec<_> = found.into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, [TCP.to_owned(), TCP.replace("68656c6c6f", "776f726c64")]);
    assert_eq!((counts.packets, counts.aggregated, counts.tcp), (1, 1, 2));
    // tshark's fields are those of the last.
    check(105, &[("one", with(&head, &subframe(&v4())), TCP)]);
}

#[test]
fn other_link_types() {
    let (found, counts) = ours(&packets(220, &[v4()]));
    assert_eq!((found, counts.unknown_link), (vec![], 1));
}

//! Lengths come from the IP header; where it has none, from the frame.

use cwire_capture::file::Packet;

use crate::compose::{ethernet, hex, ipv4, ipv6_len, plain, tcp, udp, udp_to, with};
use crate::oracle::{TCP, TCP6, UDP, check, ours, packet, packets};

fn one(packet: Packet<'_>) -> String {
    let (found, counts) = ours(&[packet]);
    assert_eq!(found.len(), 1, "{counts:?}");
    found.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn what_the_capture_cut_off_is_missing() {
    let whole = plain(b"hello, world");
    let line = |len: usize, original: usize| {
        let (found, counts) = ours(&[packet(1, 1, &whole[..len], original)]);
        (found.first().map(|(_, line)| line.clone()), counts)
    };
    let cut = format!("{TCP}+7");
    assert_eq!(line(59, 66).0.as_ref(), Some(&cut));
    assert_eq!(line(59, 59).0.as_ref(), Some(&cut), "the capture does not say so");
    for len in [53, 34, 33, 30, 14] {
        let (found, counts) = line(len, 66);
        assert_eq!((found, counts.truncated), (None, 1), "{len} bytes");
    }
    assert_eq!(line(13, 13).1.malformed, 1, "a frame has 14 bytes");
    assert_eq!(line(30, 30).1.malformed, 1, "an IPv4 header has 20 bytes");
    assert_eq!(line(53, 53).1.truncated, 1, "the IP header promises more");

    let datagram = ethernet(0x800, &ipv4(17, &udp(b"hello, world")));
    assert_eq!(one(packet(1, 1, &datagram[..47], 54)), format!("{UDP}+7"));
    assert_eq!(ours(&[packet(1, 1, &datagram[..41], 54)]).1.truncated, 1);
}

#[test]
fn no_length_is_to_the_end_of_the_frame() {
    let mut v4 = plain(b"hello");
    v4[16..18].fill(0);
    let v6 = ethernet(0x86dd, &ipv6_len(6, 0, &tcp(b"hello")));
    // tshark 4.0 takes IPv6 without a length for empty.
    check(1, &[("v4", v4.clone(), TCP)]);
    assert_eq!(one(packet(1, 1, &v6, v6.len())), TCP6);
    for (frame, line) in [(v4, TCP), (v6, TCP6)] {
        assert_eq!(one(packet(1, 1, &frame, frame.len() + 7)), format!("{line}+7"));
        // Here the frame's checksum counts, and is the first to be cut off.
        let with_fcs = [frame.clone(), vec![0xee; 4]].concat();
        let fcs = |len: usize| {
            let packet = packet(1, 1, &with_fcs[..len], with_fcs.len());
            one(Packet { fcs_len: 4, ..packet })
        };
        let len = frame.len();
        assert_eq!([len + 4, len + 3, len].map(fcs), [line; 3].map(str::to_owned));
        assert_eq!(fcs(len - 2), format!("{}+2", &line[..line.len() - 4]));
    }
    // Longer than the length field can say: what offload makes.
    let mut big = plain(b"");
    big[16..18].fill(0);
    big.resize(54 + 80_000, 0x55);
    assert_eq!(one(packet(1, 1, &big, big.len())).len(), TCP.len() - 10 + 160_000);
}

#[test]
fn a_checksum_of_the_frame_is_no_payload() {
    let frame = [plain(b"hello"), vec![0xee; 4]].concat();
    let whole = packet(1, 1, &frame, frame.len());
    assert_eq!(one(Packet { fcs_len: 4, ..whole }), TCP);
    // Where the file is wrong about it, the IP header is right.
    let frame = plain(b"hello");
    assert_eq!(one(Packet { fcs_len: 4, ..packet(1, 1, &frame, frame.len()) }), TCP);
}

#[test]
fn udp_lengths() {
    let set = |len: u16, payload: &[u8]| {
        let mut datagram = udp(payload);
        datagram[4..6].copy_from_slice(&len.to_be_bytes());
        ethernet(0x800, &ipv4(17, &datagram))
    };
    // Shorter than IP's, none, longer than IP's.
    let frames = [set(13, b"hello, world"), set(0, b"hello"), set(99, b"hello")];
    let (found, _) = ours(&packets(1, &frames));
    assert_eq!(found, [1, 2, 3].map(|number| (number, UDP.to_owned())));
    assert_eq!(ours(&packets(1, &[set(7, b"hello")])).1.malformed, 1);
    let empty = ethernet(0x800, &ipv4(17, &udp_to(9, b"")));
    assert_eq!(one(packet(1, 1, &empty, empty.len())), "udp 10.0.0.1:40000 10.0.0.2:9 ");
}

#[test]
fn jumbo_payloads() {
    let segment = tcp(&vec![0x55; 70_000]);
    let len = u32::try_from(segment.len() + 8).unwrap();
    let header = |len: u32| format!("0600 c204 {len:08x}");
    let frame = ethernet(0x86dd, &ipv6_len(0, 0, &with(&header(len), &segment)));
    let padded = [&frame[..], &[0; 6]].concat();
    assert_eq!(one(packet(1, 1, &padded, padded.len())).len(), TCP6.len() - 10 + 140_000);
    assert!(
        one(packet(1, 1, &frame[..60_000], 60_000)).ends_with(&format!("+{}", 70_082 - 60_000))
    );
    let short = ethernet(0x86dd, &ipv6_len(0, 0, &with(&header(7), &segment)));
    assert_eq!(ours(&packets(1, &[short])).1.malformed, 1);
}

#[test]
fn headers_that_contradict_themselves() {
    let flaw = |at: usize, byte: u8| {
        let mut frame = plain(b"hello");
        frame[at] = byte;
        let (found, counts) = ours(&packets(1, &[frame]));
        (found.len(), counts.malformed)
    };
    assert_eq!(flaw(14, 0x55), (0, 1), "version 5");
    assert_eq!(flaw(14, 0x44), (0, 1), "a header of 16 bytes");
    assert_eq!(flaw(14, 0x4f), (0, 1), "a header longer than the packet");
    assert_eq!(flaw(17, 19), (0, 1), "a packet shorter than its header");
    assert_eq!(flaw(46, 0x40), (0, 1), "a TCP header of 16 bytes");
    assert_eq!(flaw(46, 0x70), (0, 1), "a TCP header longer than the packet");
    assert_eq!(flaw(46, 0x60), (1, 0), "a TCP header of 24 bytes");
    let v6 = ethernet(0x86dd, &hex("40000000 0000 06 40"));
    assert_eq!(ours(&packets(1, &[v6])).1.malformed, 1);
}

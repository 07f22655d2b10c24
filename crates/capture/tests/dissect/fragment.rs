//! Fragments of IP datagrams.

use std::ops::Range;

use cwire_capture::Timestamp;
use cwire_capture::dissect::{
    Dissector, MAX_DATAGRAM_LEN, MAX_FRAGMENT_AGE, MAX_HELD_BYTES, MAX_HELD_DATAGRAMS,
};
use cwire_capture::file::Packet;
use proptest::prelude::*;

use crate::compose::{
    ethernet, hex, ipv4, ipv4_fragment, ipv6, outer_ipv4, tcp, udp, udp_to, with,
};
use crate::oracle::{TCP, TCP6, line, ours, packet, packets, tshark};

/// A fragment of what IPv4 carries, in a frame.
fn v4(protocol: u8, id: usize, whole: &[u8], range: Range<usize>) -> Vec<u8> {
    let more = if range.end < whole.len() { 0x2000 } else { 0 };
    ethernet(0x800, &ipv4_fragment(protocol, id, (range.start / 8) | more, &whole[range]))
}

/// The same of IPv6, in bytes from the fragment header on.
fn v6(next: u8, id: u32, whole: &[u8], range: Range<usize>) -> Vec<u8> {
    let more = usize::from(range.end < whole.len());
    let header = format!("{next:02x}00 {:04x} {id:08x}", range.start | more);
    ethernet(0x86dd, &ipv6(44, &with(&header, &whole[range])))
}

/// What is found, without packet numbers.
fn lines(frames: &[Vec<u8>]) -> Vec<String> {
    ours(&packets(1, frames)).0.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn in_any_order() {
    let whole = tcp(b"hello, fragmented world");
    let part = |id: usize, range: Range<usize>| v4(6, id, &whole, range);
    let part6 = |id: u32, range: Range<usize>| v6(6, id, &whole, range);
    let frames = [
        part(1, 0..24),
        part(1, 24..43),
        part(2, 24..43),
        part(2, 0..24),
        part(3, 0..8),
        part(3, 32..43),
        part(4, 0..8),
        part(3, 8..16),
        part(4, 8..43),
        part(3, 16..32),
        part6(1, 24..43),
        part6(0x1_0001, 0..24),
        part6(1, 0..24),
        part6(0x1_0001, 24..43),
    ];
    let packets = packets(1, &frames);
    let (found, counts) = ours(&packets);
    let payload = "68656c6c6f2c20667261676d656e74656420776f726c64";
    let [v4, v6] = [TCP, TCP6].map(|line| line.replace("68656c6c6f", payload));
    let wanted: Vec<_> = [(2, &v4), (4, &v4), (9, &v4), (10, &v4), (13, &v6), (14, &v6)]
        .map(|(number, line)| (number, line.clone()))
        .into();
    assert_eq!(found, wanted);
    assert_eq!((counts.tcp, counts.fragments, counts.given_up), (6, 8, 0));
    if let Some(theirs) = tshark("fragments", &packets) {
        assert_eq!(theirs, wanted, "by tshark");
    }
}

#[test]
fn of_what_comes_twice_the_first_counts() {
    let first = tcp(b"aaaaaaaaaaaaaaaaaaaaaaaa");
    let second = tcp(b"bbbbbbbbbbbbbbbbbbbbbbbb");
    let frames = [
        v4(6, 1, &first, 0..24),
        v4(6, 1, &second, 0..24),
        v4(6, 1, &first, 32..44),
        v4(6, 1, &second, 16..44),
    ];
    // 4 bytes of the first, then 8 where the hole was, then 12.
    let text = "61".repeat(4) + &"62".repeat(8) + &"61".repeat(12);
    assert_eq!(lines(&frames), [TCP.replace("68656c6c6f", &text)]);
    // Beyond the end that the first last fragment gave there is nothing.
    let frames =
        [v4(6, 1, &first, 32..44), v4(6, 1, &second[..40], 24..40), v4(6, 1, &second, 0..32)];
    let text = "62".repeat(12) + &"61".repeat(12);
    assert_eq!(lines(&frames), [TCP.replace("68656c6c6f", &text)]);
}

#[test]
fn extension_headers_before_and_after() {
    let whole = with("0600 0104 00000000", &tcp(b"hello"));
    assert_eq!(lines(&[v6(60, 1, &whole, 0..16), v6(60, 1, &whole, 16..33)]), [TCP6]);
    // The protocol is the first fragment's (RFC 8200, 4.5).
    assert_eq!(lines(&[v6(59, 1, &whole, 16..33), v6(60, 1, &whole, 0..16)]), [TCP6]);
}

#[test]
fn with_tunnels() {
    let inner = outer_ipv4(4, &ipv4(6, &tcp(b"hello")));
    let around = [v4(4, 1, &inner, 0..40), v4(4, 1, &inner, 40..65)];
    assert_eq!(lines(&around), [TCP]);
    let whole = tcp(b"hello");
    let within = [0..16, 16..25].map(|range| {
        let fragment = v4(6, 1, &whole, range);
        ethernet(0x8100, &[&hex("0064 0800"), &outer_ipv4(4, &fragment[14..])[..]].concat())
    });
    assert_eq!(lines(&within), [TCP]);
    // Tags may differ, fragments belong together.
    let plain = [within[0].clone(), v4(6, 1, &whole, 16..25)];
    assert_eq!(lines(&plain), [TCP]);
}

/// The first `captured` bytes of the payload of an IPv4 fragment.
fn cut(frame: &[u8], captured: usize) -> &[u8] {
    &frame[..34 + captured]
}

/// What is found in fragments cut as the numbers say.
fn found_in(frames: &[(Vec<u8>, usize)]) -> Vec<String> {
    let packets: Vec<_> = (1..)
        .zip(frames)
        .map(|(number, (frame, len))| packet(number, 1, cut(frame, *len), frame.len()))
        .collect();
    ours(&packets).0.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn cut_fragments_leave_holes() {
    let payload: Vec<u8> = (0..60).collect();
    let whole = tcp(&payload);
    let part = |range| v4(6, 1, &whole, range);
    let tcp = |seq: u32, range: Range<u8>, missing: usize| {
        let text: String = range.map(|byte| format!("{byte:02x}")).collect();
        let missing = if missing == 0 { String::new() } else { format!("+{missing}") };
        format!("tcp 10.0.0.1:40000 10.0.0.2:23452 {seq} 2000 {text}{missing}")
    };
    let frames = [(part(0..40), 30), (part(40..64), 10), (part(64..80), 16)];
    let wanted = [tcp(1000, 0..10, 10), tcp(1020, 20..30, 14), tcp(1044, 44..60, 0)];
    assert_eq!(found_in(&frames), wanted);
    // Nothing of the payload of the first fragment, and not the end.
    let frames = [(part(0..40), 20), (part(40..64), 24), (part(64..80), 2)];
    assert_eq!(found_in(&frames), [tcp(1000, 0..0, 20), tcp(1020, 20..46, 14)]);
    // The header is in the hole.
    assert_eq!(found_in(&[(part(0..40), 19), (part(40..80), 40)]), [""; 0]);
    // Another copy fills the hole.
    let frames = [(part(0..40), 30), (part(0..40), 40), (part(40..80), 40)];
    assert_eq!(found_in(&frames), [tcp(1000, 0..60, 0)]);

    let whole = udp(&payload);
    let part = |range| v4(17, 1, &whole, range);
    let frames = [(part(0..40), 20), (part(40..68), 28)];
    let text: String = (0..12).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found_in(&frames), [format!("udp 10.0.0.1:40000 10.0.0.2:23452 {text}+48")]);
}

#[test]
fn flags_of_a_segment_with_holes() {
    let with_flags = |flags: u8| {
        let mut whole = tcp(b"0123456789abcdefghij");
        whole[13] = flags;
        let frames = [(v4(6, 1, &whole, 0..32), 28), (v4(6, 1, &whole, 32..40), 8)];
        let mut found = Vec::new();
        let mut dissector = Dissector::new();
        for (frame, len) in &frames {
            dissector.packet(&packet(1, 1, cut(frame, *len), frame.len()), |transport| {
                let cwire_capture::dissect::Transport::Tcp(tcp) = transport else { panic!() };
                found.push((tcp.seq, tcp.is_syn, tcp.is_fin, tcp.payload.len(), tcp.missing));
            });
        }
        found
    };
    // The SYN takes sequence number 1000, the FIN the one after the last byte.
    assert_eq!(with_flags(0x13), [(1000, true, false, 8, 4), (1013, false, true, 8, 0)]);
    // The text of a reset is not the stream's.
    assert_eq!(with_flags(0x04), [(1000, false, false, 8, 12)]);
}

#[test]
fn what_no_datagram_can_be_made_of() {
    let long = vec![0; 80];
    let malformed = |frame: Vec<u8>| ours(&packets(1, &[frame])).1.malformed;
    assert_eq!(
        malformed(v4(6, 1, &long, 0..12)),
        1,
        "more follow, at an offset that cannot be said"
    );
    assert_eq!(malformed(v4(6, 1, &long, 8..8)), 1, "empty");
    let end = |len: usize| ethernet(0x800, &ipv4_fragment(6, 1, 0x1fff, &vec![0; len]));
    assert_eq!((malformed(end(7)), malformed(end(8))), (0, 1), "ends after {MAX_DATAGRAM_LEN}");
}

/// Packets at given seconds.
fn at(seconds: i64, frame: &[u8]) -> Packet<'_> {
    let time = Some(Timestamp::new(seconds, 0));
    Packet { time, ..packet(1, 1, frame, frame.len()) }
}

#[test]
fn old_fragments_are_given_up() {
    let whole = tcp(b"hello");
    let (first, last) = (v4(6, 1, &whole, 0..16), v4(6, 1, &whole, 16..25));
    let found = |after: i64| {
        let mut dissector = Dissector::new();
        let mut lines = Vec::new();
        for packet in [at(100, &first), at(100 + after, &last)] {
            dissector.packet(&packet, |transport| lines.push(line(&transport)));
        }
        (lines.len(), dissector.counts().given_up, dissector.held().0)
    };
    assert_eq!(found(MAX_FRAGMENT_AGE), (1, 0, 0));
    assert_eq!(found(MAX_FRAGMENT_AGE + 1), (0, 1, 1));
}

#[test]
fn the_number_of_datagrams_is_limited() {
    let whole = tcp(b"hello");
    let mut dissector = Dissector::new();
    for id in 0..MAX_HELD_DATAGRAMS + 1 {
        dissector.packet(&at(1, &v4(6, id, &whole, 0..16)), |_| panic!("nothing is complete"));
    }
    assert_eq!((dissector.held().0, dissector.counts().given_up), (MAX_HELD_DATAGRAMS, 1));
    let mut complete = |id: usize| {
        let mut found = 0;
        dissector.packet(&at(1, &v4(6, id, &whole, 16..25)), |_| found += 1);
        found
    };
    assert_eq!([complete(MAX_HELD_DATAGRAMS), complete(2), complete(0)], [1, 1, 0]);
    dissector.finish();
    let counts = *dissector.counts();
    assert_eq!((dissector.held(), counts.given_up), ((0, 0), 1 + 1023));
    assert_eq!((counts.fragments, counts.tcp), (1026, 2));
}

#[test]
fn held_bytes_are_limited() {
    let mut dissector = Dissector::new();
    let datagram = udp_to(9, &vec![0; 65_000]);
    for id in 0..200 {
        for start in (0..64_000).step_by(8_000) {
            let frame = v4(17, id, &datagram, start..start + 8_000);
            dissector.packet(&at(1, &frame), |_| panic!("nothing is complete"));
            assert!(dissector.held().1 <= MAX_HELD_BYTES);
        }
    }
    let (held, bytes) = dissector.held();
    assert!(held >= 20 && bytes >= held * 64_000, "{held} datagrams in {bytes} bytes");
    // The last one is still there.
    let mut found = 0;
    dissector.packet(&at(1, &v4(17, 199, &datagram, 64_000..65_008)), |_| found += 1);
    assert_eq!(found, 1);
}

/// Every other unit of 8 bytes: the most ranges that a datagram can have.
#[test]
fn tiny_fragments_are_counted_with_what_they_cost() {
    let mut dissector = Dissector::new();
    let datagram = vec![0; 65_528];
    for id in 0..40 {
        for start in (0..65_000).step_by(16) {
            dissector.packet(&at(1, &v4(17, id, &datagram, start..start + 8)), |_| {});
        }
        assert!(dissector.held().1 <= MAX_HELD_BYTES);
    }
    // Two lists of 4,063 ranges of 16 bytes each, at least, and the bytes.
    let (held, bytes) = dissector.held();
    assert!(bytes > held * (65_000 + 2 * 4_063 * 8), "{held} datagrams in {bytes} bytes");
}

proptest! {
    /// Whatever the order and the copies, the same datagram comes out, once.
    #[test]
    fn order_and_copies_do_not_matter(
        payload in prop::collection::vec(any::<u8>(), 1..200),
        mut cuts in prop::collection::vec(1_usize..28, 0..6),
        seed in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let whole = tcp(&payload);
        cuts.iter_mut().for_each(|cut| *cut = (*cut * 8).min(whole.len()));
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let parts: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        prop_assume!(parts.len() > 1);
        let part = |range: &Range<usize>| v4(6, 1, &whole, range.clone());
        // Copies of all but one, then that one.
        let last = seed.first().map_or(0, |index| index.index(parts.len()));
        let mut frames: Vec<_> = seed.iter().map(|index| index.index(parts.len())).collect();
        frames.extend(0..parts.len());
        frames.retain(|&index| index != last);
        frames.push(last);
        let frames: Vec<_> = frames.iter().map(|&index| part(&parts[index])).collect();
        let text: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(lines(&frames), [TCP.replace("68656c6c6f", &text)]);
    }
}

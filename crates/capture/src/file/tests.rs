//! Files written byte by byte, as draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng have them.

use proptest::prelude::*;

use super::*;
use crate::fuzz::file::read;

/// Numbers in one byte order.
#[derive(Clone, Copy)]
struct Order {
    is_big: bool,
}

const LITTLE: Order = Order { is_big: false };
const BIG: Order = Order { is_big: true };

impl Order {
    fn u16(self, number: u16) -> Vec<u8> {
        if self.is_big { number.to_be_bytes() } else { number.to_le_bytes() }.to_vec()
    }

    fn u32(self, number: u32) -> Vec<u8> {
        if self.is_big { number.to_be_bytes() } else { number.to_le_bytes() }.to_vec()
    }

    fn u32s(self, numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|&number| self.u32(number)).collect()
    }

    fn pcap(self, magic: u32, version: [u16; 2], link: u32) -> Vec<u8> {
        let version = version.map(|it| self.u16(it)).concat();
        [self.u32(magic), version, self.u32s(&[0, 0, 65_535, link])].concat()
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let len = self.u32(u32::try_from(padded + 12).unwrap());
        [&self.u32(kind)[..], &len, body, &vec![0; padded - body.len()], &len].concat()
    }

    fn section(self) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0)].concat();
        self.block(0x0a0d_0d0a, &[self.u32(0x1a2b_3c4d), version, vec![0xff; 8]].concat())
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = [self.u16(code), self.u16(u16::try_from(value.len()).unwrap())].concat();
        option.extend_from_slice(value);
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
        let head = [self.u16(link), self.u16(0), self.u32(snap_len)].concat();
        self.block(1, &[&head, options].concat())
    }

    fn enhanced(self, interface: u32, ticks: u64, data: &[u8], original: u32) -> Vec<u8> {
        let low = u32::try_from(ticks & 0xffff_ffff).unwrap();
        let (high, len) = (u32::try_from(ticks >> 32).unwrap(), u32::try_from(data.len()).unwrap());
        let head = self.u32s(&[interface, high, low, len, original]);
        self.block(6, &[&head, data].concat())
    }
}

/// Packets and problems of a file, each as it is shown.
fn all(file: &[u8]) -> Vec<String> {
    let (mut packets, mut rest, mut all) = (Packets::new(), file, Vec::new());
    loop {
        match packets.next(rest, true) {
            Step::Need(needed) => panic!("{needed} bytes needed at the end"),
            Step::Packet { packet, len } => {
                let Packet { number, time, is_fine, link, fcs_len, original_len, data } = packet;
                let time = time.map_or("-".to_owned(), |time| format!("{time:.9}"));
                let fine = if is_fine { " fine" } else { "" };
                all.push(format!("{number} {time}{fine} {link}+{fcs_len} {original_len} {data:?}"));
                rest = &rest[len..];
            }
            Step::Skipped(len) => rest = &rest[len..],
            Step::Problem(error) => all.push(error.to_string()),
            Step::End => return all,
        }
    }
}

#[test]
fn pcap_files_of_each_kind_hold_the_same_packet() {
    // `date -u -d @1767323045` prints 03:04:05 on 2026-01-02.
    let long = [0; 8];
    for order in [LITTLE, BIG] {
        for (magic, fraction, fine, more_in_file, more_in_packet) in [
            (0xa1b2_c3d4, 6, "", 0, 0),
            (0xa1b2_3c4d, 6_000, " fine", 0, 0),
            (0xa1b2_cd34, 6, "", 0, 8),
            (0x1c00_01ab, 6, "", 4, 0),
            (0x1c00_01ac, 6_000, " fine", 4, 0),
        ] {
            let mut file = order.pcap(magic, [2, 4], 0x4400_0001);
            file.extend_from_slice(&long[..more_in_file]);
            for original in [3, 60] {
                file.extend(order.u32s(&[1_767_323_045, fraction, 3, original]));
                file.extend_from_slice(&long[..more_in_packet]);
                file.extend_from_slice(b"abc");
            }
            let time = "2026-01-02T03:04:05.000006000Z";
            let expected =
                [3, 60].map(|it| format!("{} {time}{fine} 1+8 {it} [97, 98, 99]", 1 + it / 60));
            assert_eq!(all(&file), expected, "{magic:#x}");
        }
    }
}

#[test]
fn old_versions_have_the_lengths_the_other_way_round() {
    for (version, lengths) in
        [([2, 2], [60, 3]), ([2, 3], [60, 3]), ([2, 3], [3, 60]), ([543, 0], [60, 3])]
    {
        let mut file = LITTLE.pcap(0xa1b2_c3d4, version, 1);
        file.extend(LITTLE.u32s(&[1, 0, lengths[0], lengths[1]]));
        file.extend_from_slice(b"abc");
        assert_eq!(all(&file), ["1 1970-01-01T00:00:01.000000000Z 1+0 60 [97, 98, 99]"]);
    }
}

#[test]
fn aix_numbers_links_its_own_way_and_counts_nanoseconds() {
    // Numbers of links: RFC 1573's ifType, and what tshark makes of them.
    for (link, expected) in [(6, 1), (9, 6), (15, 10), (24, 0)] {
        let mut file = BIG.pcap(0xa1b2_c3d4, [2, 2], link);
        file.extend(BIG.u32s(&[1, 5_000, 60, 3]));
        file.extend_from_slice(b"abc");
        let packet = format!("1 1970-01-01T00:00:01.000005000Z fine {expected}+0 60 [97, 98, 99]");
        assert_eq!(all(&file), [packet]);
    }
}

#[test]
fn suse_has_longer_heads_than_its_magic_number_says() {
    for order in [LITTLE, BIG] {
        let mut file = order.pcap(0xa1b2_cd34, [2, 4], 1);
        for seconds in [1_767_323_045, 1_767_323_046] {
            file.extend(order.u32s(&[seconds, 6, 3, 60, 0, 0, 0]));
            file.extend_from_slice(b"abc");
        }
        let expected = ["1 2026-01-02T03:04:05", "2 2026-01-02T03:04:06"]
            .map(|it| format!("{it}.000006000Z 1+0 60 [97, 98, 99]"));
        assert_eq!(all(&file), expected);
        for piece in 1..file.len() {
            assert_eq!(read(&file, piece), read(&file, file.len()), "pieces of {piece}");
        }
    }
}

#[test]
fn versions_that_are_not_known_are_not_guessed_at() {
    for order in [LITTLE, BIG] {
        for version in [[1, 4], [2, 5], [3, 0], [543, 1]] {
            let file = [order.pcap(0xa1b2_c3d4, version, 1), order.u32s(&[1, 0, 0, 0])].concat();
            let [major, minor] = version;
            let error = format!("at 0x0 (0): needs version 2.0 to 2.4, found {major}.{minor}");
            assert_eq!(all(&file), [error]);
        }
        let packet = [order.interface(1, 0, b""), order.enhanced(0, 1, b"abc", 3)].concat();
        for (version, is_known) in
            [([1, 0], true), ([1, 2], true), ([1, 1], false), ([2, 0], false), ([0, 1], false)]
        {
            let mut section = order.section();
            section.splice(12..16, version.map(|it| order.u16(it)).concat());
            let [major, minor] = version;
            let expected = match is_known {
                true => "1 1970-01-01T00:00:00.000001000Z 1+0 3 [97, 98, 99]".to_owned(),
                false => format!("at 0x0 (0): needs version 1.0 or 1.2, found {major}.{minor}"),
            };
            assert_eq!(all(&[section, packet.clone()].concat()), [expected]);
        }
    }
}

#[test]
fn times_of_more_than_a_second_are_carried_over() {
    let mut file = LITTLE.pcap(0xa1b2_c3d4, [2, 4], 1);
    file.extend(LITTLE.u32s(&[1, 2_500_000, 0, 0]));
    assert_eq!(all(&file), ["1 1970-01-01T00:00:03.500000000Z 1+0 0 []"]);
}

#[test]
fn sections_and_interfaces_have_their_own_order_clock_and_link() {
    let binary = LITTLE.option(9, &[0x80 | 10]);
    let options = [
        BIG.option(2, b"lo"),
        BIG.option(9, &[9]),
        BIG.option(14, &(-1_i64).to_be_bytes()),
        BIG.option(13, &[4]),
        BIG.option(0, b""),
        BIG.option(9, &[0]),
    ];
    let file = [
        LITTLE.section(),
        LITTLE.interface(1, 0, b""),
        LITTLE.interface(101, 0, &binary),
        LITTLE.enhanced(0, 1_767_323_045_000_006, b"abc", 3),
        LITTLE.block(5, b"statistics"),
        LITTLE.block(0x8000_0001, b"somebody's own"),
        LITTLE.enhanced(1, (1_767_323_045 << 10) + 512, b"abcd", 4),
        BIG.section(),
        BIG.interface(276, 2, &options.concat()),
        BIG.enhanced(0, 1_767_323_046_000_000_007, b"x", 9),
        BIG.block(3, &[BIG.u32(5), b"yz".to_vec()].concat()),
        BIG.block(
            2,
            &[BIG.u16(0), BIG.u16(7), BIG.u32s(&[0, 1_000_000_000, 1, 1]), b"w".to_vec()].concat(),
        ),
    ];
    assert_eq!(
        all(&file.concat()),
        [
            "1 2026-01-02T03:04:05.000006000Z 1+0 3 [97, 98, 99]",
            "2 2026-01-02T03:04:05.500000000Z 101+0 4 [97, 98, 99, 100]",
            "3 2026-01-02T03:04:05.000000007Z fine 276+4 9 [120]",
            "4 - 276+4 5 [121, 122]",
            "5 1970-01-01T00:00:00.000000000Z fine 276+4 1 [119]",
        ]
    );
}

#[test]
fn clocks_tick_in_powers_of_ten_and_two() {
    use super::pcapng::Resolution::{Binary, Decimal};
    for (resolution, ticks, seconds, nanos) in [
        (Decimal(0), 7, 7, 0),
        (Decimal(6), 1_500_000, 1, 500_000_000),
        (Decimal(9), u64::MAX, 18_446_744_073, 709_551_615),
        (Decimal(12), 1_999_999_999_999, 1, 999_999_999),
        (Decimal(127), u64::MAX, 0, 0),
        (Binary(0), u64::MAX, u64::MAX, 0),
        (Binary(32), (3 << 32) | (1 << 31), 3, 500_000_000),
        (Binary(64), 1 << 63, 0, 500_000_000),
        (Binary(127), u64::MAX, 0, 0),
    ] {
        assert_eq!(resolution.split(ticks), (seconds, nanos), "{resolution:?}");
    }
}

#[test]
fn options_that_lie_about_their_length_end_the_options() {
    let lie = [LITTLE.option(9, &[9]), LITTLE.u16(14), LITTLE.u16(60_000), vec![0; 8]].concat();
    let file = [
        LITTLE.section(),
        LITTLE.interface(1, 0, &lie),
        LITTLE.enhanced(0, 1_000_000_000, b"a", 1),
    ];
    assert_eq!(all(&file.concat()), ["1 1970-01-01T00:00:01.000000000Z fine 1+0 1 [97]"]);
}

#[test]
fn damage_is_said_with_its_place_and_blocks_behind_it_are_read() {
    let time = "1970-01-01T00:00:00.000001000Z";
    let packet = |number: u64, byte: u8| format!("{number} {time} 1+0 1 [{byte}]");
    let front = [LITTLE.section(), LITTLE.interface(1, 0, b"")].concat();
    let good = |byte: u8| LITTLE.enhanced(0, 1, &[byte], 1);
    let at = front.len() + good(0).len();
    let damaged = |block: &[u8]| all(&[&front[..], &good(1), block, &good(2)].concat());
    let place = format!("at {at:#x} ({at}): ");

    let mut captured = good(9);
    captured[20] = 200;
    let said = "needs 200 bytes of packet 2, found a block with room for 4";
    assert_eq!(damaged(&captured), [packet(1, 1), format!("{place}{said}"), packet(2, 2)]);

    let interface = LITTLE.enhanced(3, 1, &[9], 1);
    let said = "packet 2 needs one of 1 interfaces, found number 3";
    assert_eq!(damaged(&interface), [packet(1, 1), format!("{place}{said}"), packet(2, 2)]);

    let behind = at + good(9).len();
    let passed = format!("at {behind:#x} ({behind}): needs a block, 36 bytes passed over");
    for (index, byte, said) in [
        (4, 35, "needs the length of a block of type 0x6, found 35"),
        (7, 1, "needs 16777252 bytes of a block, 72 left"),
        (32, 1, "needs a block that ends with its length 36, found 1"),
    ] {
        let mut block = good(9);
        block[index] = byte;
        let expected = [packet(1, 1), format!("{place}{said}"), passed.clone(), packet(2, 2)];
        assert_eq!(damaged(&block), expected, "byte {index}");
    }

    let mut order = LITTLE.section();
    order[8] = 0;
    let said = "needs the byte order of a section, found 0x1a2b3c00";
    assert!(damaged(&order).contains(&format!("{place}{said}")));
    let huge = [LITTLE.pcap(0xa1b2_c3d4, [2, 4], 1), LITTLE.u32s(&[0, 0, u32::MAX, 1])].concat();
    let said = "packet 1 needs at most 16777216 bytes, found a length of 4294967295";
    assert_eq!(all(&huge), [format!("at 0x18 (24): {said}")]);
}

fn samples() -> Vec<Vec<u8>> {
    let mut pcap = BIG.pcap(0xa1b2_cd34, [2, 4], 1);
    for byte in 0..3 {
        pcap.extend(BIG.u32s(&[1, 2, 5, 5, 0, 0]));
        pcap.extend_from_slice(&[byte; 5]);
    }
    let pcapng = [
        LITTLE.section(),
        LITTLE.interface(1, 4, &LITTLE.option(9, &[9])),
        LITTLE.enhanced(0, 1, b"abcde", 9),
        LITTLE.block(4, b"names"),
        LITTLE.block(3, &[LITTLE.u32(5), b"yzab".to_vec()].concat()),
        BIG.section(),
        BIG.interface(1, 4, b""),
        BIG.enhanced(0, 1, b"abcde", 9),
    ];
    vec![pcap, pcapng.concat()]
}

/// Where the packets of a file end.
fn ends(file: &[u8]) -> Vec<usize> {
    let (mut packets, mut at, mut ends) = (Packets::new(), 0, Vec::new());
    loop {
        match packets.next(&file[at..], true) {
            Step::Packet { len, .. } => {
                at += len;
                ends.push(at);
            }
            Step::Skipped(len) => at += len,
            Step::End => return ends,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_truncation_gives_the_packets_before_it() {
    for sample in samples() {
        let (whole, ends) = (all(&sample), ends(&sample));
        for len in 0..sample.len() {
            let mut found = all(&sample[..len]);
            // A file may end between packets without anybody noticing.
            if let Some(last) = found.pop_if(|last| last.starts_with("at ")) {
                assert!(last.contains(" left"), "{last}");
            }
            let before = ends.iter().filter(|&&end| end <= len).count();
            assert_eq!(found, whole[..before], "{len} bytes");
        }
    }
}

#[test]
fn damaged_descriptions_of_interfaces_keep_their_number() {
    let mut second = LITTLE.interface(276, 0, b"");
    let last = second.len() - 1;
    second[last] = 1;
    let file = [
        LITTLE.section(),
        LITTLE.interface(1, 0, b""),
        second,
        LITTLE.block(1, b"abcd"),
        LITTLE.interface(101, 0, b""),
        LITTLE.enhanced(1, 1, b"a", 1),
        LITTLE.enhanced(2, 1, b"b", 1),
        LITTLE.enhanced(3, 1, b"c", 1),
    ];
    let found = all(&file.concat());
    let packets: Vec<_> = found.iter().filter(|it| !it.starts_with("at ")).collect();
    assert_eq!(packets, ["1 1970-01-01T00:00:00.000001000Z 101+0 1 [99]"], "{found:#?}");
    assert!(found.iter().any(|it| it.ends_with("needs one of 4 interfaces, found number 1")));
    assert!(found.iter().any(|it| it.ends_with("needs one of 4 interfaces, found number 2")));
}

#[test]
fn a_long_block_without_packets_ends_with_its_length() {
    let body = vec![0; 20 << 20];
    let mut long = LITTLE.block(0x0bad, &body);
    let front = [LITTLE.section(), LITTLE.interface(1, 0, b"")].concat();
    let packet = "1 1970-01-01T00:00:00.000001000Z 1+0 1 [9]";
    let file = |long: &[u8]| [&front, long, &LITTLE.enhanced(0, 1, &[9], 1)].concat();
    assert_eq!(all(&file(&long)), [packet]);
    let last = long.len() - 1;
    long[last] = 7;
    let found = all(&file(&long));
    assert!(found[0].contains("needs a block that ends with its length 20971532"), "{found:?}");
    assert_eq!(found.last().map(String::as_str), Some(packet));
}

proptest! {
    /// However a file is cut into pieces, and whatever is damaged, the same comes out.
    #[test]
    fn pieces_do_not_matter(
        sample in 0..2_usize,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
        piece in 1..60_usize,
    ) {
        let mut file = samples().swap_remove(sample);
        for (place, byte) in flips {
            let place = place.index(file.len());
            file[place] = byte;
        }
        file.truncate(end.index(file.len() + 1));
        prop_assert_eq!(read(&file, piece), read(&file, file.len().max(1)));
    }
}

//! Capture files of arbitrary bytes.

use crate::file::{MAX_PACKET_LEN, Packets, Step};

/// Most bytes that are needed at once: a packet, its head, and room for options.
const MOST_NEEDED: usize = MAX_PACKET_LEN + (2 << 20);

/// Arbitrary packets behind the head of a pcap file of some kind.
pub fn pcap(data: &[u8]) {
    let [piece, kind, packets @ ..] = data else { return };
    let magics = [0xa1b2_c3d4_u32, 0xa1b2_3c4d, 0xa1b2_cd34, 0x1c00_01ac];
    let magic = magics[usize::from(kind >> 1) % magics.len()];
    let mut head = match kind & 1 {
        0 => [magic.to_le_bytes(), [2, 0, 4, 0]].concat(),
        _ => [magic.to_be_bytes(), [0, 2, 0, 4]].concat(),
    };
    head.resize(24, 0);
    file(*piece, &[&head, packets].concat());
}

/// Arbitrary blocks behind the first section of a pcapng file.
pub fn pcapng(data: &[u8]) {
    let [piece, order, blocks @ ..] = data else { return };
    let mut section = vec![0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a];
    // Two numbers of 16 bits, which change places below.
    section.extend(if order & 1 == 1 { [0, 0, 1, 0] } else { [1, 0, 0, 0] });
    section.resize(24, 0xff);
    section.extend([28, 0, 0, 0]);
    if order & 1 == 1 {
        section[4..].chunks_exact_mut(4).for_each(<[u8]>::reverse);
    }
    file(*piece, &[&section, blocks].concat());
}

/// A file gives the same packets and problems whole and cut into pieces.
fn file(piece: u8, file: &[u8]) {
    let whole = read(file, file.len().max(1));
    assert_eq!(whole, read(file, usize::from(piece).max(1)), "in pieces of {piece} bytes");
}

/// All that comes out of a file that arrives in pieces. Bytes are skipped in pieces that differ, so those
/// are left out.
pub fn read(file: &[u8], piece: usize) -> Vec<String> {
    let (mut packets, mut all) = (Packets::new(), Vec::new());
    let (mut start, mut end, mut count, mut idle) = (0, piece.min(file.len()), 0, 0);
    loop {
        let is_finished = end == file.len();
        assert_eq!(packets.offset(), start as u64);
        let before = start;
        match packets.next(&file[start..end], is_finished) {
            Step::Need(needed) => {
                assert!(!is_finished && needed > end - start && needed <= MOST_NEEDED);
                end = (end + piece).min(file.len());
                idle = 0;
            }
            Step::Packet { packet, len } => {
                count += 1;
                assert_eq!(packet.number, count);
                assert!(packet.data.len() <= len && len <= end - start);
                assert!(u64::from(packet.original_len) >= packet.data.len() as u64);
                all.push(format!("{packet:?}"));
                start += len;
            }
            Step::Skipped(len) => {
                assert!(len <= end - start);
                start += len;
            }
            Step::Problem(error) => {
                assert!(error.offset() <= file.len() as u64);
                all.push(error.to_string());
            }
            Step::End => {
                assert!(is_finished || !all.is_empty(), "the end before the end");
                return all;
            }
        }
        idle = if start == before { idle + 1 } else { 0 };
        assert!(idle < 4, "nothing happens at {start}");
    }
}

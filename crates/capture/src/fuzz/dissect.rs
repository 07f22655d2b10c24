//! Dissection of any packets.

use crate::dissect::{
    Counts, Dissector, MAX_DATAGRAM_LEN, MAX_HELD_BYTES, MAX_HELD_DATAGRAMS, Transport,
};
use crate::file::Packet;
use crate::time::Timestamp;

/// Link types, by the byte that stands for them in the corpus: only to be added to at the end.
const LINKS: [u16; 22] = [
    1, 0, 9, 12, 14, 50, 51, 101, 104, 105, 108, 109, 113, 119, 127, 163, 166, 192, 204, 228, 229,
    276,
];

/// Packets, each after five bytes: link type, flags and seconds since the last, bytes not captured,
/// length.
///
/// No panic; what comes out lies in the packet or is no longer than a fragmented datagram may be; each
/// packet is counted once; what is held is limited. The short way that common packets take gives what
/// the long one gives.
pub fn packets(data: &[u8]) {
    let mut dissectors = [false, true].map(|verify| Dissector::new().verify_checksums(verify));
    let mut long_way = Dissector::new();
    let mut rest = data;
    let mut number = 0;
    let mut seconds = 0;
    while let Some((&[link, flags, missing, low, high], after)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_le_bytes([low, high])).min(after.len());
        let (data, after) = after.split_at(len);
        rest = after;
        number += 1;
        seconds += i64::from(flags >> 2);
        let packet = Packet {
            number,
            time: (flags & 2 == 0).then_some(Timestamp::new(seconds, 0)),
            is_fine: false,
            link: LINKS.get(usize::from(link) % LINKS.len()).copied().unwrap_or_default(),
            fcs_len: if flags & 1 == 0 { 0 } else { 4 },
            original_len: u32::try_from(len).unwrap_or(u32::MAX) + u32::from(missing),
            data,
        };
        let [found, _] = dissectors.each_mut().map(|dissector| check(dissector, &packet));
        let mut same = Vec::new();
        long_way.layers(&packet, &mut |transport| same.push(format!("{transport:?}")));
        assert_eq!(found, same);
        assert_eq!(dissectors[0].counts(), long_way.counts());
    }
    for mut dissector in dissectors {
        let (held, _) = dissector.held();
        let given_up = dissector.counts().given_up;
        dissector.finish();
        assert_eq!(dissector.held(), (0, 0));
        assert_eq!(dissector.counts().given_up, given_up + held as u64);
    }
}

/// Dissects a packet, and returns what is in it.
fn check(dissector: &mut Dissector, packet: &Packet<'_>) -> Vec<String> {
    let before = *dissector.counts();
    let (mut tcp, mut udp) = (0, 0);
    let mut found = Vec::new();
    dissector.packet(packet, |transport| {
        found.push(format!("{transport:?}"));
        let payload = match transport {
            Transport::Tcp(segment) => {
                tcp += 1;
                segment.payload
            }
            Transport::Udp(datagram) => {
                udp += 1;
                datagram.payload
            }
        };
        let inside = packet.data.as_ptr_range();
        let range = payload.as_ptr_range();
        let is_inside = inside.start <= range.start && range.end <= inside.end;
        assert!(is_inside || payload.len() <= MAX_DATAGRAM_LEN, "{} bytes", payload.len());
    });
    let counts = dissector.counts();
    assert_eq!(counts.packets + counts.aggregated, sum(counts), "{counts:?}");
    // Runs between holes are several segments of one packet.
    assert_eq!(udp, counts.udp - before.udp);
    assert!(tcp >= counts.tcp - before.tcp, "{tcp} segments");
    let (held, bytes) = dissector.held();
    assert!(
        held <= MAX_HELD_DATAGRAMS && bytes <= MAX_HELD_BYTES,
        "{held} datagrams, {bytes} bytes"
    );
    found
}

/// All packets, by what became of them.
fn sum(counts: &Counts) -> u64 {
    [
        counts.tcp,
        counts.udp,
        counts.fragments,
        counts.not_ip,
        counts.unknown_link,
        counts.other_protocol,
        counts.icmp_errors,
        counts.encrypted,
        counts.truncated,
        counts.malformed,
        counts.bad_checksum,
        counts.too_deep,
    ]
    .iter()
    .sum()
}

//! Streams of arbitrary segments, beside a model: an array of bytes, of which the first to come counts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use crate::dissect::Segment;
use crate::reassembly::{Event, Flow, Limits, Reassembler};
use crate::time::{Arrival, Timestamp};

/// Bytes of a stream: as many as are compared with repeated ones, so that all of those are.
const LONGEST: u16 = 60_000;

/// A segment by what it says of its stream, not by sequence numbers.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Which of three connections, and which direction of it.
    pub connection: u8,
    pub is_back: bool,
    /// Offset of the payload in the stream.
    pub offset: u16,
    pub len: u8,
    /// Bytes more that were not captured.
    pub missing: u8,
    /// Whether the payload is other than the stream.
    pub is_other: bool,
    pub is_syn: bool,
    pub is_fin: bool,
    pub is_rst: bool,
}

impl Part {
    fn read(data: [u8; 6]) -> Self {
        let [flags, who, low, high, len, missing] = data;
        Self {
            connection: who & 3,
            is_back: who & 4 > 0,
            offset: u16::from_le_bytes([low, high]) % LONGEST,
            // One byte may be a keep-alive probe, which does not count.
            len: if len == 1 { 2 } else { len },
            missing: if flags & 0xc0 == 0xc0 { missing } else { 0 },
            is_other: flags & 0x30 == 0x30,
            is_syn: flags & 7 == 7,
            is_fin: flags & 7 == 1,
            is_rst: flags & 0xf == 2,
        }
    }

    /// Whether it brings payload that counts.
    fn brings(&self) -> bool {
        !self.is_rst && (self.len > 0 || self.missing > 0)
    }

    fn offset(&self) -> u16 {
        if self.is_syn { 0 } else { self.offset }
    }

    fn payload(&self) -> Vec<u8> {
        (0..self.len).map(|it| self.byte(self.offset().saturating_add(u16::from(it)))).collect()
    }

    fn byte(&self, offset: u16) -> u8 {
        let [low, high] = offset.to_le_bytes();
        low.wrapping_mul(31) ^ high ^ u8::from(self.is_other)
    }
}

/// What became of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stream {
    bytes: Vec<u8>,
    /// Bytes before the gap, and those missing.
    gaps: Vec<(usize, u64)>,
    differing: u64,
}

/// Arbitrary segments give the streams of the model, and with little memory a part of them.
pub fn segments(data: &[u8]) {
    let Some((numbers, rest)) = data.split_first_chunk::<8>() else { return };
    let [first, second] = [&numbers[..4], &numbers[4..]]
        .map(|it| it.iter().fold(0, |all, &byte| all << 8 | u32::from(byte)));
    let parts: Vec<Part> = rest.as_chunks::<6>().0.iter().map(|&it| Part::read(it)).collect();
    check(&parts, [first, second]);
}

/// The same for parts that somebody made.
pub fn check(parts: &[Part], isn: [u32; 2]) {
    let streams = reassembled(parts, isn, Limits::default());
    let expected = model(parts);
    assert_eq!(streams, expected, "{parts:#?}");
    let limits = Limits::default().held_per_direction(1_000).held(2_000);
    for (key, stream) in reassembled(parts, isn, limits) {
        // Some are lost, and the others are the same in the same order.
        let mut all = expected.get(&key).into_iter().flat_map(|it| &it.bytes);
        let is_part = stream.bytes.iter().all(|byte| all.any(|it| it == byte));
        assert!(is_part, "{key:?} has bytes that did not come so: {parts:#?}");
    }
}

fn model(parts: &[Part]) -> BTreeMap<(u8, bool), Stream> {
    let mut directions: BTreeMap<(u8, bool), Vec<&Part>> = BTreeMap::new();
    for part in parts {
        directions.entry((part.connection, part.is_back)).or_default().push(part);
    }
    directions.into_iter().map(|(key, parts)| (key, model_stream(&parts))).collect()
}

fn model_stream(parts: &[&Part]) -> Stream {
    let mut bytes: Vec<Option<u8>> = vec![None; usize::from(u16::MAX) + 1];
    let mut stream = Stream::default();
    // RST may have any number. Those of others tell where the stream begins, if no SYN does.
    let seen = parts.iter().filter(|part| !part.is_rst);
    let has_syn = seen.clone().any(|part| part.is_syn);
    let start = if has_syn { Some(0) } else { seen.clone().map(|part| part.offset()).min() };
    let mut end = 0;
    for part in seen.filter(|part| part.brings()) {
        for (at, byte) in (usize::from(part.offset())..).zip(part.payload()) {
            let place = &mut bytes[at];
            stream.differing += u64::from(place.is_some_and(|first| first != byte));
            *place = place.or(Some(byte));
        }
        let captured = usize::from(part.offset()) + usize::from(part.len);
        end = end.max(captured + usize::from(part.missing));
    }
    let Some(start) = start else { return stream };
    let mut missing = 0;
    for byte in bytes.iter().take(end).skip(usize::from(start)) {
        match byte {
            None => missing += 1,
            Some(byte) => {
                if missing > 0 {
                    stream.gaps.push((stream.bytes.len(), std::mem::take(&mut missing)));
                }
                stream.bytes.push(*byte);
            }
        }
    }
    if missing > 0 {
        stream.gaps.push((stream.bytes.len(), missing));
    }
    stream
}

fn reassembled(parts: &[Part], isn: [u32; 2], limits: Limits) -> BTreeMap<(u8, bool), Stream> {
    let mut streams = BTreeMap::<(u8, bool), Stream>::new();
    let mut ended = Vec::new();
    let mut take = |event: Event<'_>| {
        let flow = event.flow();
        let key = key(flow);
        assert!(!ended.contains(&key), "{event:?} after the end");
        let is_first = !streams.contains_key(&key);
        assert_eq!(is_first, matches!(event, Event::Begin(_)), "{event:?}");
        let stream = streams.entry(key).or_default();
        match event {
            Event::Begin(_) | Event::Late { .. } => {}
            Event::Data { bytes, .. } => {
                assert!(!bytes.is_empty());
                stream.bytes.extend_from_slice(bytes);
            }
            Event::Gap { missing, .. } => {
                assert!(missing > 0);
                stream.gaps.push((stream.bytes.len(), missing));
            }
            Event::Differs { count, .. } => stream.differing += count,
            Event::End(_) => ended.push(key),
        }
    };
    let most = limits.most_held();
    let mut reassembler = Reassembler::new(limits);
    for (packet, part) in (1_u64..).zip(parts) {
        let payload = part.payload();
        let [src, dst] = ends(part);
        let isn = isn[usize::from(part.is_back)].wrapping_add(u32::from(part.connection) << 20);
        let offset = u32::from(part.offset()) + u32::from(!part.is_syn);
        let segment = Segment {
            src,
            dst,
            seq: isn.wrapping_add(offset),
            ack: Some(0),
            is_syn: part.is_syn,
            is_fin: part.is_fin,
            is_rst: part.is_rst,
            payload: &payload,
            missing: u32::from(part.missing),
        };
        let time = Some(Timestamp::new(packet.cast_signed() / 8, 0));
        let arrival = Arrival { packet, time, is_fine: false };
        reassembler.segment(&segment, arrival, &mut take);
        assert!(reassembler.held() <= most, "{} bytes held", reassembler.held());
    }
    reassembler.finish(&mut take);
    assert_eq!(reassembler.held(), 0);
    assert_eq!(ended.len(), streams.len(), "all end");
    streams
}

fn ends(part: &Part) -> [SocketAddr; 2] {
    let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000 + u16::from(part.connection)));
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    if part.is_back { [server, client] } else { [client, server] }
}

fn key(flow: &Flow) -> (u8, bool) {
    let is_back = flow.src.port() == 80;
    let port = if is_back { flow.dst.port() } else { flow.src.port() };
    (u8::try_from(port - 40_000).unwrap_or(u8::MAX), is_back)
}

//! TCP connections, cut into packets, put out of order, repeated and lost.

use std::net::SocketAddr;

use fastrand::Rng;

use super::expect::Direction;
use super::wire::{ACK, FIN, Header, PSH, SYN, packet};

/// What befalls the segments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mishaps {
    pub(crate) is_reordered: bool,
    pub(crate) is_repeated: bool,
    /// Repeated segments may hold other bytes.
    pub(crate) is_differing: bool,
    pub(crate) is_lossy: bool,
}

/// The IP packets of a capture, and what they hold.
#[derive(Default)]
pub(crate) struct Traffic {
    pub(crate) packets: Vec<Vec<u8>>,
    pub(crate) directions: Vec<Direction>,
}

/// One connection after another; the sequence numbers of the first wrap around.
pub(crate) fn traffic(rng: &mut Rng, connections: usize, mishaps: Mishaps) -> Traffic {
    let mut traffic = Traffic::default();
    for stream in 0..connections {
        let port = 40_000 + u16::try_from(stream).unwrap();
        let [client, server] = endpoints(stream % 2 == 1, port);
        let first = if stream == 0 { [u32::MAX - 50; 2] } else { [rng.u32(..), rng.u32(..)] };
        connection(rng, &mut traffic, stream, [client, server], first, mishaps);
    }
    traffic
}

fn endpoints(is_v6: bool, port: u16) -> [SocketAddr; 2] {
    let [client, server] = if is_v6 { ["fd00::1", "fd00::2"] } else { ["10.0.0.1", "10.0.0.2"] };
    [
        SocketAddr::new(client.parse().unwrap(), port),
        SocketAddr::new(server.parse().unwrap(), 23_452),
    ]
}

/// A segment: the side that sends it, the true position of its first byte, its bytes.
type Segment = (usize, u64, Vec<u8>);

fn connection(
    rng: &mut Rng,
    traffic: &mut Traffic,
    stream: usize,
    ends: [SocketAddr; 2],
    first: [u32; 2],
    mishaps: Mishaps,
) {
    let mut sides =
        [Direction::new(stream, ends[0], ends[1]), Direction::new(stream, ends[1], ends[0])];
    let mut write = |side: usize, flags: u8, sequence: u32, acknowledged: u32, payload: &[u8]| {
        let header = Header { sequence, acknowledged, flags };
        traffic.packets.push(packet(ends[side], ends[1 - side], &header, payload));
    };
    let number = |side: usize, position: u64| {
        let low = u32::try_from(position % (1 << 32)).unwrap();
        first[side].wrapping_add(1).wrapping_add(low)
    };
    write(0, SYN, first[0], 0, &[]);
    write(1, SYN | ACK, first[1], number(0, 0), &[]);
    write(0, ACK, number(0, 0), number(1, 0), &[]);
    sides.iter_mut().for_each(Direction::syn);
    let (segments, lengths) = segments(rng, mishaps);
    for (side, position, payload) in segments {
        sides[side].data(position, &payload);
        let acknowledged = number(1 - side, sides[1 - side].received());
        write(side, PSH | ACK, number(side, position), acknowledged, &payload);
    }
    write(0, FIN | ACK, number(0, lengths[0]), number(1, lengths[1]), &[]);
    write(1, FIN | ACK, number(1, lengths[1]), number(0, lengths[0] + 1), &[]);
    write(0, ACK, number(0, lengths[0] + 1), number(1, lengths[1] + 1), &[]);
    traffic.directions.extend(sides);
}

fn segments(rng: &mut Rng, mishaps: Mishaps) -> (Vec<Segment>, [u64; 2]) {
    let mut segments: Vec<Segment> = Vec::new();
    let mut next = [0_u64; 2];
    let longest = [20, 200, 1400][rng.usize(..3)];
    for index in 0..rng.usize(4..30) {
        // Both sides say something.
        let side = if index < 2 { index } else { rng.usize(..2) };
        let payload: Vec<u8> = (0..rng.usize(1..longest)).map(|_| rng.u8(..)).collect();
        let position = next[side];
        next[side] += u64::try_from(payload.len()).unwrap();
        // A single byte that is there already may be a keep-alive probe, whose value does not count.
        if mishaps.is_repeated && payload.len() > 1 && rng.u8(..4) == 0 {
            let cut = rng.usize(..payload.len() - 1);
            let mut again = payload[cut..].to_vec();
            if mishaps.is_differing {
                again[0] ^= 0xff;
            }
            segments.push((side, position + u64::try_from(cut).unwrap(), again));
        }
        if !(mishaps.is_lossy && rng.u8(..6) == 0) {
            segments.push((side, position, payload));
        }
    }
    if mishaps.is_reordered {
        for index in 1..segments.len() {
            segments.swap(index, rng.usize(index.saturating_sub(3)..=index));
        }
    }
    (segments, next)
}

//! TCP connections, cut into segments, put out of order, repeated and lost.

use std::net::SocketAddr;

use fastrand::Rng;

use super::handshake::{Ending, Handshake};
use super::wire::{ACK, FIN, Header, PSH, SYN, URG};

/// What befalls the segments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mishaps {
    pub(crate) is_reordered: bool,
    pub(crate) is_repeated: bool,
    /// Repeated segments may hold other bytes.
    pub(crate) is_differing: bool,
    pub(crate) is_lossy: bool,
    /// Segments begin before what is new.
    pub(crate) is_overlapping: bool,
    /// Only what one side sends is captured.
    pub(crate) is_one_sided: bool,
    /// Keep-alive and zero-window probes.
    pub(crate) is_probed: bool,
    pub(crate) is_urgent: bool,
    /// What acknowledges is captured before what it acknowledges.
    pub(crate) is_acknowledged_early: bool,
}

/// What a connection is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) handshake: Handshake,
    pub(crate) ending: Ending,
    pub(crate) mishaps: Mishaps,
}

impl Style {
    /// Nothing befalls it.
    pub(crate) fn quiet() -> Self {
        let (handshake, ending) = (Handshake::Normal, Ending::Fin);
        Self { handshake, ending, mishaps: Mishaps::default() }
    }

    pub(crate) fn any(rng: &mut Rng) -> Self {
        let handshake = match rng.bool() {
            true => Handshake::Normal,
            false => Handshake::ALL[rng.usize(..Handshake::ALL.len())],
        };
        let is_reordered = rng.bool();
        Self {
            handshake,
            ending: match Ending::ALL[rng.usize(..Ending::ALL.len())] {
                // A SYN behind a FIN begins a connection.
                Ending::EarlyFin if handshake == Handshake::Late => Ending::Fin,
                ending => ending,
            },
            mishaps: Mishaps {
                is_reordered,
                is_repeated: rng.bool(),
                is_differing: rng.bool(),
                is_lossy: rng.bool(),
                is_overlapping: rng.u8(..3) == 0,
                // What the one side means is told by the other.
                is_one_sided: rng.u8(..8) == 0
                    && !matches!(handshake, Handshake::Late | Handshake::Split5),
                // What a probe holds counts if it comes first.
                is_probed: !is_reordered && rng.bool(),
                is_urgent: rng.u8(..4) == 0,
                is_acknowledged_early: rng.u8(..3) == 0,
            },
        }
    }
}

/// What the number of a segment means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The SYN's own; payload begins at 0.
    Syn,
    /// Bytes behind the SYN.
    At(u64),
    /// The same, of a keep-alive probe.
    Probe(u64),
    /// Nothing.
    Stray,
}

/// A segment that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) connection: usize,
    pub(crate) side: usize,
    pub(crate) place: Place,
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
}

/// What two ends send each other.
pub(crate) struct Talk {
    connection: usize,
    first: [u32; 2],
    /// Whether each byte of a side has come.
    received: [Vec<bool>; 2],
    stray: u32,
    pub(crate) sent: Vec<Sent>,
}

impl Talk {
    fn number(&self, side: usize, position: u64) -> u32 {
        let low = u32::try_from(position % (1 << 32)).unwrap();
        self.first[side].wrapping_add(1).wrapping_add(low)
    }

    /// Bytes of a side that are there without a hole.
    fn received(&self, side: usize) -> u64 {
        let received = &self.received[side];
        u64::try_from(received.iter().take_while(|is_there| **is_there).count()).unwrap()
    }

    fn push(&mut self, side: usize, flags: u8, place: Place, payload: &[u8]) {
        let acknowledged = self.received(1 - side);
        self.push_with(side, (flags, acknowledged), place, payload);
    }

    fn push_with(
        &mut self,
        side: usize,
        (flags, acknowledged): (u8, u64),
        place: Place,
        payload: &[u8],
    ) {
        let sequence = match place {
            Place::Syn => self.first[side],
            Place::At(position) | Place::Probe(position) => self.number(side, position),
            Place::Stray => self.stray,
        };
        let acknowledged = match flags & ACK {
            0 => 0,
            _ => self.number(1 - side, acknowledged),
        };
        if let Place::At(position) = place {
            let start = usize::try_from(position).unwrap();
            let received = &mut self.received[side];
            received.resize(received.len().max(start + payload.len()), false);
            received[start..start + payload.len()].fill(true);
        }
        let header = Header { sequence, acknowledged, flags };
        let connection = self.connection;
        self.sent.push(Sent { connection, side, place, header, payload: payload.to_vec() });
    }

    pub(crate) fn syn(&mut self, side: usize, flags: u8, payload: &[u8]) {
        self.push(side, flags, Place::Syn, payload);
    }

    pub(crate) fn send(&mut self, side: usize, flags: u8, position: u64, payload: &[u8]) {
        self.push(side, flags, Place::At(position), payload);
    }

    /// With a number that means nothing.
    pub(crate) fn stray(&mut self, side: usize, flags: u8, payload: &[u8]) {
        self.push(side, flags, Place::Stray, payload);
    }
}

/// The segments of a connection whose sides begin with these numbers.
pub(crate) fn connection(
    rng: &mut Rng,
    connection: usize,
    first: [u32; 2],
    style: Style,
) -> Vec<Sent> {
    let stray = rng.u32(..);
    let mut talk =
        Talk { connection, first, received: Default::default(), stray, sent: Vec::new() };
    let Style { handshake, ending, mishaps } = style;
    handshake.open(&mut talk);
    let (pieces, lengths) = pieces(rng, mishaps, handshake.early());
    let last = pieces.iter().rposition(|piece| piece.side == 0);
    let mut is_late = handshake == Handshake::Late;
    for (index, piece) in pieces.iter().enumerate() {
        let &Piece { side, place, flags, .. } = piece;
        if ending == Ending::EarlyFin && last == Some(index) {
            talk.send(0, FIN | ACK, lengths[0], &[]);
        }
        match piece.acknowledged {
            Some(acknowledged) => {
                talk.push_with(side, (flags, acknowledged), place, &piece.payload);
            }
            None => talk.push(side, flags, place, &piece.payload),
        }
        if is_late && side == 0 {
            is_late = false;
            talk.syn(0, SYN, &[]);
            talk.syn(1, SYN | ACK, &[]);
        }
    }
    ending.close(&mut talk, lengths);
    let heard = mishaps.is_one_sided.then(|| rng.usize(..2));
    talk.sent.retain(|sent| heard.is_none_or(|side| side == sent.side));
    talk.sent
}

/// Something that a side sends.
struct Piece {
    side: usize,
    place: Place,
    flags: u8,
    /// What it acknowledges, if that is not what has come.
    acknowledged: Option<u64>,
    payload: Vec<u8>,
}

fn pieces(rng: &mut Rng, mishaps: Mishaps, early: &[u8]) -> (Vec<Piece>, [u64; 2]) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut streams = [early.to_vec(), Vec::new()];
    let longest = [20, 200, 1400][rng.usize(..3)];
    for index in 0..rng.usize(4..30) {
        // Both sides say something.
        let side = if index < 2 { index } else { rng.usize(..2) };
        let position = streams[side].len();
        let payload: Vec<u8> = (0..rng.usize(1..longest)).map(|_| rng.u8(..)).collect();
        streams[side].extend(&payload);
        let end = count(&streams[side]);
        let is_urgent = mishaps.is_urgent && rng.u8(..4) == 0;
        let flags = PSH | ACK | if is_urgent { URG } else { 0 };
        let piece = |position: usize, payload: &[u8]| {
            let place = Place::At(u64::try_from(position).unwrap());
            Piece { side, place, flags, acknowledged: None, payload: payload.to_vec() }
        };
        if mishaps.is_acknowledged_early && rng.u8(..3) == 0 {
            let place = Place::At(count(&streams[1 - side]));
            let (acknowledged, payload) = (Some(end), Vec::new());
            pieces.push(Piece { side: 1 - side, place, flags: ACK, acknowledged, payload });
        }
        // The window is closed: a byte is tried (RFC 9293 §3.8.6.1).
        if mishaps.is_probed && rng.u8(..6) == 0 {
            pieces.push(piece(position, &payload[..1]));
        }
        // A single byte that is there already may be a keep-alive probe, whose value does not count.
        if mishaps.is_repeated && payload.len() > 1 && rng.u8(..4) == 0 {
            let cut = rng.usize(..payload.len() - 1);
            let mut again = payload[cut..].to_vec();
            if mishaps.is_differing {
                again[0] ^= 0xff;
            }
            pieces.push(piece(position + cut, &again));
        }
        if !(mishaps.is_lossy && rng.u8(..6) == 0) {
            let back = if mishaps.is_overlapping { rng.usize(..=position.min(50)) } else { 0 };
            pieces.push(piece(position - back, &streams[side][position - back..]));
        }
        // One before what comes next, of any value (RFC 9293 §3.8.4).
        if mishaps.is_probed && rng.u8(..4) == 0 {
            let place = Place::Probe(end - 1);
            let payload = vec![rng.u8(..)];
            pieces.push(Piece { side, place, flags: ACK, acknowledged: None, payload });
        }
    }
    if mishaps.is_reordered {
        for index in 1..pieces.len() {
            pieces.swap(index, rng.usize(index.saturating_sub(3)..=index));
        }
    }
    (pieces, streams.each_ref().map(|stream| count(stream)))
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap()
}

/// Ends of a connection, on IPv4 or IPv6.
pub(crate) fn endpoints(is_v6: bool, port: u16) -> [SocketAddr; 2] {
    let [client, server] = if is_v6 { ["fd00::1", "fd00::2"] } else { ["10.0.0.1", "10.0.0.2"] };
    [
        SocketAddr::new(client.parse().unwrap(), port),
        SocketAddr::new(server.parse().unwrap(), 23_452),
    ]
}

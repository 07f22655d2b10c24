//! Whole captures: connections that talk at the same time, and what else is on the wire.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use fastrand::Rng;

use super::expect::Direction;
use super::links::Link;
use super::network::Network;
use super::pcap::Frame;
use super::tcp::{Place, Sent, Style, connection, endpoints};
use super::tunnels::Tunnel;
use super::wire::{SYN, TCP, UDP, checksum, datagram, ip, segment};

/// How packets are carried and captured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carriage {
    pub(crate) link: Link,
    pub(crate) tunnel: Tunnel,
    pub(crate) network: Network,
    /// Most bytes of a frame that are kept.
    pub(crate) snap: Option<usize>,
    /// With datagrams and ICMP errors between the segments.
    pub(crate) is_noisy: bool,
}

/// A datagram: from where, to where, and what.
pub(crate) type Datagram = (SocketAddr, SocketAddr, Vec<u8>);

/// The frames of a capture, and what they hold.
#[derive(Default)]
pub(crate) struct Capture {
    pub(crate) frames: Vec<Frame>,
    /// In the order of their streams, and of their addresses.
    pub(crate) directions: Vec<Direction>,
    pub(crate) datagrams: Vec<Datagram>,
}

/// A connection, and the ends that it has.
struct Dialogue {
    ends: [SocketAddr; 2],
    /// The stream that it is, when the first of its segments has come.
    stream: Option<usize>,
}

/// A capture of one dialogue for each style. With `reuse`, each has a successor of the same ports.
pub(crate) fn capture(
    rng: &mut Rng,
    carriage: Carriage,
    styles: &[Style],
    reuse: Option<Style>,
) -> Capture {
    let mut dialogues = Vec::new();
    let mut chains: Vec<VecDeque<Sent>> = Vec::new();
    for (index, style) in styles.iter().enumerate() {
        let port = 40_000 + u16::try_from(index).unwrap();
        let ends = endpoints(index % 2 == 1, port);
        // The numbers of the first wrap around.
        let first = if index == 0 { [u32::MAX - 50; 2] } else { [rng.u32(..), rng.u32(..)] };
        let mut chain = VecDeque::from(connection(rng, dialogues.len(), first, *style));
        dialogues.push(Dialogue { ends, stream: None });
        if let Some(style) = reuse {
            let later = first.map(|it| it.wrapping_add(0x4000_0000 + rng.u32(..1 << 24)));
            chain.extend(connection(rng, dialogues.len(), later, style));
            dialogues.push(Dialogue { ends, stream: None });
        }
        chains.push(chain);
    }
    let mut writer = Writer { carriage, capture: Capture::default(), directions: BTreeMap::new() };
    let mut streams = 0;
    while !chains.is_empty() {
        let chosen = rng.usize(..chains.len());
        let Some(sent) = chains[chosen].pop_front() else {
            chains.swap_remove(chosen);
            continue;
        };
        let dialogue = &mut dialogues[sent.connection];
        let stream = *dialogue.stream.get_or_insert_with(|| {
            streams += 1;
            streams - 1
        });
        let (src, dst) = (dialogue.ends[sent.side], dialogue.ends[1 - sent.side]);
        let carried = segment(src, dst, &sent.header, &sent.payload);
        if carriage.is_noisy && rng.u8(..5) == 0 {
            writer.noise(rng, (src, dst), &carried);
        }
        writer.segment(rng, (stream, src, dst), &sent, &carried);
    }
    writer.capture.directions = writer.directions.into_values().collect();
    writer.capture
}

struct Writer {
    carriage: Carriage,
    capture: Capture,
    directions: BTreeMap<(usize, SocketAddr), Direction>,
}

impl Writer {
    /// Writes a segment, and notes what was captured of it.
    fn segment(
        &mut self,
        rng: &mut Rng,
        (stream, src, dst): (usize, SocketAddr, SocketAddr),
        sent: &Sent,
        carried: &[u8],
    ) {
        let packets = self.carriage.network.packets(rng, (src.ip(), dst.ip()), TCP, carried);
        let is_whole = packets.len() == 1;
        let mut lost = 0;
        for packet in packets {
            lost = self.frame(packet, is_whole);
        }
        let direction = self.directions.entry((stream, src));
        let direction = direction.or_insert_with(|| Direction::new(stream, src, dst));
        let captured = &sent.payload[..sent.payload.len().saturating_sub(lost)];
        let end = |position: u64| position + u64::try_from(sent.payload.len()).unwrap();
        match sent.place {
            // A RST, whose number may be any, or an ACK before its own SYN.
            Place::Stray => {}
            Place::Syn => {
                assert!(sent.header.flags & SYN != 0);
                direction.syn();
                direction.data(0, captured);
            }
            Place::At(position) => {
                direction.data(position, captured);
                if lost > 0 {
                    direction.promise(end(position));
                }
            }
            Place::Probe(position) => match captured {
                [byte] => direction.probe(position, *byte),
                _ => direction.promise(end(position)),
            },
        }
    }

    /// Writes a packet, and says how many bytes at its end were not kept.
    fn frame(&mut self, packet: Vec<u8>, may_be_cut: bool) -> usize {
        let (mut bytes, behind) = self.carriage.link.frame(&self.carriage.tunnel.wrap(packet));
        let len = bytes.len();
        let snap = self.carriage.snap.filter(|_| may_be_cut).unwrap_or(len);
        bytes.truncate(snap);
        let lost = (len - behind).saturating_sub(bytes.len());
        self.capture.frames.push(Frame { bytes, len });
        lost
    }

    /// A datagram, or an ICMP error that quotes a segment that nobody sent.
    fn noise(&mut self, rng: &mut Rng, (src, dst): (SocketAddr, SocketAddr), carried: &[u8]) {
        let ends: (IpAddr, IpAddr) = (src.ip(), dst.ip());
        if rng.bool() {
            let payload: Vec<u8> = (0..rng.usize(..100)).map(|_| rng.u8(..)).collect();
            let (src, dst) = (SocketAddr::new(ends.0, 5000), SocketAddr::new(ends.1, 6000));
            let carried = datagram(src, dst, &payload);
            for packet in self.carriage.network.packets(rng, ends, UDP, &carried) {
                self.frame(packet, false);
            }
            self.capture.datagrams.push((src, dst, payload));
        } else {
            let mut quoted = carried.to_vec();
            quoted[4] ^= 0x55;
            let quoted = ip((ends.1, ends.0), TCP, &quoted);
            let quoted = &quoted[..quoted.len().min(200)];
            // Destination unreachable (RFC 792, RFC 4443 §3.1).
            let (protocol, kind) = if ends.0.is_ipv4() { (1, 3) } else { (58, 1) };
            let mut message = [&[kind, 1, 0, 0, 0, 0, 0, 0], quoted].concat();
            if ends.0.is_ipv4() {
                let sum = checksum(&[&message]).to_be_bytes();
                message[2..4].copy_from_slice(&sum);
            }
            self.frame(ip(ends, protocol, &message), false);
        }
    }
}

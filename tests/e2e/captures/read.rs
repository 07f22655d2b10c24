//! Generated captures through cwire: the streams are those that the generator knows.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cwire_capture::dissect::{Dissector, Transport};
use cwire_capture::file::{Packets, Step};
use cwire_capture::reassembly::{Event, Flow, Limits, Reassembler};
use fastrand::Rng;

use super::generate::capture::{Carriage, Datagram, capture};
use super::generate::expect::{Direction, Gap};
use super::generate::handshake::{Ending, Handshake};
use super::generate::links::Link;
use super::generate::network::Network;
use super::generate::pcap::{self, Format};
use super::generate::pcapng;
use super::generate::tcp::Style;
use super::generate::tunnels::Tunnel;

/// What was found of one direction.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    stream: usize,
    src: SocketAddr,
    dst: SocketAddr,
    payload: Vec<u8>,
    gaps: Vec<Gap>,
    differing: u64,
}

impl From<&Direction> for Found {
    fn from(direction: &Direction) -> Self {
        let &Direction { stream, src, dst, differing, .. } = direction;
        let (payload, gaps) = (direction.payload(), direction.gaps());
        Self { stream, src, dst, payload, gaps, differing }
    }
}

/// All streams of a capture, in the order of their numbers and addresses, and all datagrams.
fn read(capture: &[u8], verifies_checksums: bool) -> (Vec<Found>, Vec<Datagram>) {
    let mut found: BTreeMap<(usize, SocketAddr), Found> = BTreeMap::new();
    let mut datagrams = Vec::new();
    let mut take = |event: Event<'_>| {
        let &Flow { src, dst, stream, .. } = event.flow();
        let stream = usize::try_from(stream).unwrap();
        let of = found.entry((stream, src)).or_insert_with(|| {
            assert!(matches!(event, Event::Begin(_)), "{event:?}");
            let (payload, gaps) = (Vec::new(), Vec::new());
            Found { stream, src, dst, payload, gaps, differing: 0 }
        });
        match event {
            Event::Data { bytes, .. } => of.payload.extend_from_slice(bytes),
            Event::Gap { missing, .. } => {
                of.gaps.push(Gap { at: u64::try_from(of.payload.len()).unwrap(), missing });
            }
            Event::Differs { count, .. } => of.differing += count,
            Event::Late { count, .. } => panic!("{count} bytes too late"),
            Event::Begin(_) | Event::End(_) => {}
        }
    };
    let (mut packets, mut rest) = (Packets::new(), capture);
    let mut dissector = Dissector::new().verify_checksums(verifies_checksums);
    let mut reassembler = Reassembler::new(Limits::default());
    loop {
        match packets.next(rest, true) {
            Step::Packet { packet, len } => {
                dissector.packet(&packet, |transport| match transport {
                    Transport::Tcp(segment) => {
                        reassembler.segment(&segment, packet.arrival(), &mut take);
                    }
                    Transport::Udp(it) => {
                        assert_eq!(it.missing, 0);
                        datagrams.push((it.src, it.dst, it.payload.to_vec()));
                    }
                });
                rest = &rest[len..];
            }
            Step::Skipped(len) => rest = &rest[len..],
            Step::End => break,
            other => panic!("{other:?}"),
        }
    }
    reassembler.finish(&mut take);
    (found.into_values().collect(), datagrams)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// How often each kind occurred.
#[derive(Default)]
struct Occurred(BTreeMap<String, usize>);

impl Occurred {
    fn note(&mut self, kind: impl std::fmt::Debug) {
        *self.0.entry(format!("{kind:?}")).or_default() += 1;
    }

    fn has_all<T: std::fmt::Debug>(&self, kinds: &[T]) {
        for kind in kinds {
            assert!(self.0.contains_key(&format!("{kind:?}")), "{kind:?} did not occur");
        }
    }
}

/// `CWIRE_RANDOM_CAPTURES` says how many there are (by default 2,000), `CWIRE_RANDOM_SEED` which.
#[test]
fn streams_of_generated_captures() {
    let (count, seed) = (number("CWIRE_RANDOM_CAPTURES", 2000), number("CWIRE_RANDOM_SEED", 1));
    let (mut bytes, mut gaps, mut differing, mut datagrams) = (0, 0, 0, 0);
    let mut occurred = Occurred::default();
    for index in 0..count {
        let mut rng = Rng::with_seed(seed << 32 | index);
        let network = Network::ALL[rng.usize(..Network::ALL.len())];
        // Of a fragment that is cut, nothing says which byte of the segment is lacking.
        let may_be_cut = matches!(network, Network::Plain | Network::Options) && rng.u8(..4) == 0;
        let carriage = Carriage {
            link: Link::ALL[rng.usize(..Link::ALL.len())],
            tunnel: Tunnel::ALL[rng.usize(..Tunnel::ALL.len())],
            network,
            snap: may_be_cut.then(|| rng.usize(300..700)),
            is_noisy: rng.bool(),
        };
        let styles: Vec<Style> = (0..rng.usize(1..4)).map(|_| Style::any(&mut rng)).collect();
        let mut successor = Style { handshake: Handshake::Normal, ..Style::any(&mut rng) };
        // A new connection shows by its SYN.
        successor.mishaps.is_one_sided = false;
        let reuse = (rng.u8(..4) == 0).then_some(successor);
        let capture = capture(&mut rng, carriage, &styles, reuse);
        let format = Format {
            is_big_endian: rng.bool(),
            is_nanoseconds: rng.bool(),
            is_modified: rng.u8(..4) == 0,
        };
        let is_pcapng = rng.bool();
        let file = match is_pcapng {
            true => pcapng::file(&mut rng, carriage.link, &capture.frames),
            false => pcap::file(format, carriage.link, &capture.frames),
        };
        let (found, found_datagrams) = read(&file, rng.bool());
        let expected: Vec<Found> = capture.directions.iter().map(Found::from).collect();
        let what = || {
            let file = if is_pcapng { "pcapng".to_owned() } else { format!("{format:?}") };
            format!("seed {seed}, capture {index}: {carriage:?}, {file}, {styles:#?}, {reuse:?}")
        };
        let ends = |all: &[Found]| all.iter().map(|it| (it.stream, it.src)).collect::<Vec<_>>();
        assert_eq!(ends(&found), ends(&expected), "{}", what());
        for (found, expected) in found.iter().zip(&expected) {
            let brief = |it: &Found| (it.stream, it.src, it.payload.len(), it.differing);
            assert_eq!(brief(found), brief(expected), "{}", what());
            assert_eq!(found.gaps, expected.gaps, "{} {}", found.src, what());
            assert!(found.payload == expected.payload, "{} {}", found.src, what());
            assert_eq!(found.dst, expected.dst);
        }
        assert!(found_datagrams == capture.datagrams, "{}", what());
        occurred.note((carriage.link, is_pcapng));
        occurred.note(carriage.tunnel);
        occurred.note(network);
        for style in &styles {
            occurred.note(style.handshake);
            occurred.note(style.ending);
        }
        bytes += expected.iter().map(|it| it.payload.len()).sum::<usize>();
        gaps += expected.iter().map(|it| it.gaps.len()).sum::<usize>();
        differing += expected.iter().map(|it| it.differing).sum::<u64>();
        datagrams += capture.datagrams.len();
    }
    eprintln!(
        "{count} captures: {bytes} bytes, {gaps} gaps, {differing} bytes that differ, \
         {datagrams} datagrams"
    );
    assert!(gaps > 0 && differing > 0 && datagrams > 0, "captures without mishaps say little");
    if count >= 2000 {
        occurred.has_all(&Link::ALL.map(|link| (link, true)));
        occurred.has_all(&Link::ALL.map(|link| (link, false)));
        occurred.has_all(&Tunnel::ALL);
        occurred.has_all(&Network::ALL);
        occurred.has_all(&Handshake::ALL);
        occurred.has_all(&Ending::ALL);
    }
}

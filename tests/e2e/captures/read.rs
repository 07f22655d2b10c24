//! Generated captures through cwire: the streams are those that the generator knows.

use std::net::SocketAddr;

use cwire_capture::dissect::{Dissector, Transport};
use cwire_capture::file::{Packets, Step};
use cwire_capture::reassembly::{Event, Limits, Reassembler};
use fastrand::Rng;

use super::generate::expect::{Direction, Gap};
use super::generate::links::Link;
use super::generate::pcap::{Format, file};
use super::generate::tcp::{Mishaps, traffic};

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

/// All streams of a capture, in the order in which their directions appear.
fn streams(capture: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut take = |event: Event<'_>| {
        let flow = event.flow();
        let stream = usize::try_from(flow.stream).unwrap();
        if let Event::Begin(_) = event {
            let (src, dst) = (flow.src, flow.dst);
            let (payload, gaps) = (Vec::new(), Vec::new());
            found.push(Found { stream, src, dst, payload, gaps, differing: 0 });
        }
        let of = found.iter_mut().find(|it| it.stream == stream && it.src == flow.src).unwrap();
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
    let (mut dissector, mut reassembler) =
        (Dissector::new().verify_checksums(true), Reassembler::new(Limits::default()));
    loop {
        match packets.next(rest, true) {
            Step::Packet { packet, len } => {
                dissector.packet(&packet, |transport| {
                    let Transport::Tcp(segment) = transport else { panic!("{transport:?}") };
                    reassembler.segment(&segment, packet.arrival(), &mut take);
                });
                rest = &rest[len..];
            }
            Step::Skipped(len) => rest = &rest[len..],
            Step::End => break,
            other => panic!("{other:?}"),
        }
    }
    reassembler.finish(&mut take);
    found
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// `CWIRE_RANDOM_CAPTURES` says how many there are (by default 2,000), `CWIRE_RANDOM_SEED` which.
#[test]
fn streams_of_generated_captures() {
    let (count, seed) = (number("CWIRE_RANDOM_CAPTURES", 2000), number("CWIRE_RANDOM_SEED", 1));
    let (mut bytes, mut gaps, mut differing) = (0, 0, 0);
    for index in 0..count {
        let mut rng = Rng::with_seed(seed << 32 | index);
        let mishaps = Mishaps {
            is_reordered: rng.bool(),
            is_repeated: rng.bool(),
            is_differing: rng.bool(),
            is_lossy: rng.bool(),
        };
        let link = Link::ALL[rng.usize(..Link::ALL.len())];
        let format = Format { is_big_endian: rng.bool(), is_nanoseconds: rng.bool() };
        let connections = rng.usize(1..4);
        let traffic = traffic(&mut rng, connections, mishaps);
        let frames: Vec<_> = traffic.packets.iter().map(|packet| link.frame(packet)).collect();
        let found = streams(&file(format, link.number(), &frames));
        let expected: Vec<Found> = traffic.directions.iter().map(Found::from).collect();
        assert!(
            found == expected,
            "seed {seed}, capture {index}: {link:?}, {format:?}, {mishaps:?}"
        );
        bytes += expected.iter().map(|it| it.payload.len()).sum::<usize>();
        gaps += expected.iter().map(|it| it.gaps.len()).sum::<usize>();
        differing += expected.iter().map(|it| it.differing).sum::<u64>();
    }
    eprintln!("{count} captures: {bytes} bytes, {gaps} gaps, {differing} bytes that differ");
    assert!(gaps > 0 && differing > 0, "captures without mishaps say little");
}

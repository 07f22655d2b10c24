//! What is written, as tshark and this crate read it.

use std::io::Write;
use std::process::Stdio;

use proptest::prelude::*;

use super::*;
use crate::dissect::{Dissector, Transport};
use crate::file::{Packets, Step};
use crate::reassembly::{Event, Limits, Reassembler};

/// What happens on a connection.
#[derive(Clone, Debug)]
enum Act {
    Data(Sender, Vec<u8>),
    LeaveOut(Sender, u64),
}

fn written(ends: [&str; 2], acts: &[Act]) -> Vec<u8> {
    let [client, server] = ends.map(|it| it.parse().unwrap());
    let mut file = Vec::new();
    head("test", &mut file);
    let time = |at: u32| Timestamp::new(1_767_323_045, 1000 * at + 7);
    let mut connection = Connection::open(3, client, server, time(0), &mut file);
    for (at, act) in (1..).zip(acts) {
        match act {
            Act::Data(from, bytes) => connection.data(*from, bytes, time(at), &mut file),
            Act::LeaveOut(from, count) => {
                connection.leave_out(*from, *count, time(at), &mut file);
            }
        }
    }
    connection.finish(Sender::Client, time(900), &mut file);
    connection.finish(Sender::Server, time(901), &mut file);
    file
}

/// Bytes of both sides, and where how many are missing.
type Read = ([Vec<u8>; 2], [Vec<(usize, u64)>; 2]);

fn read(file: &[u8]) -> Read {
    let (mut bytes, mut gaps) = <Read>::default();
    let mut take = |event: Event<'_>| {
        let side = usize::from(!event.flow().is_client);
        match event {
            Event::Data { bytes: piece, .. } => bytes[side].extend_from_slice(piece),
            Event::Gap { missing, .. } => gaps[side].push((bytes[side].len(), missing)),
            Event::Differs { .. } | Event::Late { .. } => panic!("{event:?}"),
            Event::Begin(_) | Event::End(_) => {}
        }
    };
    let mut dissector = Dissector::new().verify_checksums(true);
    let mut reassembler = Reassembler::new(Limits::default());
    let (mut packets, mut rest) = (Packets::new(), file);
    loop {
        match packets.next(rest, true) {
            Step::Skipped(len) => rest = &rest[len..],
            Step::Packet { packet, len } => {
                dissector.packet(&packet, |transport| match transport {
                    Transport::Tcp(segment) => {
                        reassembler.segment(&segment, packet.arrival(), &mut take);
                    }
                    Transport::Udp(_) => panic!("UDP"),
                });
                rest = &rest[len..];
            }
            Step::End => break,
            other => panic!("{other:?}"),
        }
    }
    reassembler.finish(&mut take);
    assert_eq!(dissector.counts().bad_checksum, 0);
    (bytes, gaps)
}

fn act() -> impl Strategy<Value = Act> {
    let from = prop_oneof![Just(Sender::Client), Just(Sender::Server)];
    let len = prop_oneof![9 => 1..2000_usize, 1 => 60_000..200_000_usize];
    let data = (from.clone(), len, any::<u8>()).prop_map(|(from, len, first)| {
        let bytes = (0..len).map(|at| u8::try_from(at % 251).unwrap().wrapping_add(first));
        Act::Data(from, bytes.collect())
    });
    let left_out = (from, 1..100_000_u64).prop_map(|(from, count)| Act::LeaveOut(from, count));
    prop_oneof![8 => data, 1 => left_out]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(acts in proptest::collection::vec(act(), 0..20)) {
        let (mut bytes, mut gaps) = <Read>::default();
        let mut left_out = [0; 2];
        for act in &acts {
            match act {
                Act::LeaveOut(from, count) => left_out[*from as usize] += count,
                Act::Data(from, piece) => {
                    let side = *from as usize;
                    if left_out[side] > 0 {
                        gaps[side].push((bytes[side].len(), left_out[side]));
                        left_out[side] = 0;
                    }
                    bytes[side].extend_from_slice(piece);
                }
            }
        }
        // What lies before the end is told by the FIN alone, and only acknowledged bytes are gaps.
        let acknowledged = read(&written(["10.0.0.1:40000", "10.0.0.2:9000"], &acts));
        prop_assert_eq!(acknowledged, (bytes, gaps));
    }
}

/// Fields of every packet, as tshark prints them.
fn tshark(file: &[u8], fields: &[&str]) -> Option<Vec<String>> {
    let mut tshark = cwire_tests::tool("tshark")?;
    tshark.args(["-r", "-", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]);
    tshark.args(["-T", "fields", "-E", "separator=/s"]);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let mut child = tshark.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(file).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn tshark_reads_a_conversation() {
    let acts = [
        Act::Data(Sender::Client, b"abc".to_vec()),
        Act::Data(Sender::Server, b"defg".to_vec()),
        Act::LeaveOut(Sender::Server, 100),
        Act::Data(Sender::Server, b"h".to_vec()),
    ];
    let fields =
        ["frame.time_epoch", "ip.src", "tcp.srcport", "tcp.seq", "tcp.ack", "tcp.flags.str"];
    let more = ["tcp.checksum.status", "ip.checksum.status", "tcp.payload"];
    let file = written(["10.0.0.1:40000", "10.0.0.2:9000"], &acts);
    let Some(lines) = tshark(&file, &[&fields[..], &more].concat()) else { return };
    let (client, server) = ("10.0.0.1 40000", "10.0.0.2 9000");
    let expected = [
        // Relative numbers: the SYN has 0. Status 1 is a right checksum.
        format!("1767323045.000000007 {client} 0 0 ··········S· 1 1 "),
        format!("1767323045.000000007 {server} 0 1 ·······A··S· 1 1 "),
        format!("1767323045.000000007 {client} 1 1 ·······A···· 1 1 "),
        format!("1767323045.000001007 {client} 1 1 ·······AP··· 1 1 616263"),
        format!("1767323045.000002007 {server} 1 4 ·······AP··· 1 1 64656667"),
        format!("1767323045.000004007 {server} 105 4 ·······AP··· 1 1 68"),
        format!("1767323045.000900007 {client} 4 106 ·······A···F 1 1 "),
        format!("1767323045.000900007 {server} 106 5 ·······A···· 1 1 "),
        format!("1767323045.000901007 {server} 106 5 ·······A···F 1 1 "),
        format!("1767323045.000901007 {client} 5 107 ·······A···· 1 1 "),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn tshark_finds_nothing_to_complain_of_in_much_data_over_ipv6() {
    let piece = vec![7; 3 << 20];
    let acts = [Act::Data(Sender::Client, piece.clone()), Act::Data(Sender::Server, piece)];
    // An end of IPv4 is mapped.
    let file = written(["[2001:db8::1]:40000", "10.0.0.2:9000"], &acts);
    let fields = ["ipv6.src", "tcp.checksum.status", "tcp.len", "tcp.analysis.flags"];
    let Some(lines) = tshark(&file, &fields) else { return };
    let mut sums = [0; 2];
    for line in &lines {
        let fields: Vec<_> = line.split(' ').collect();
        let [src, status, len, flags] = fields[..] else { panic!("{line}") };
        assert_eq!((status, flags), ("1", ""), "{line}");
        sums[usize::from(src == "::ffff:10.0.0.2")] += len.parse::<usize>().unwrap();
    }
    assert_eq!(sums, [3 << 20; 2]);
}

/// Two gigabytes cannot be told from none by sequence numbers.
#[test]
fn behind_a_very_large_gap_another_connection_is_opened() {
    let acts = [
        Act::Data(Sender::Client, b"abc".to_vec()),
        Act::LeaveOut(Sender::Client, 5 << 30),
        Act::Data(Sender::Client, b"de".to_vec()),
        Act::Data(Sender::Server, b"f".to_vec()),
    ];
    let file = written(["10.0.0.1:40000", "10.0.0.2:9000"], &acts);
    let fields = ["tcp.stream", "tcp.flags.reset", "tcp.payload"];
    let Some(lines) = tshark(&file, &fields) else { return };
    // Older versions print 1 and 0.
    let is_spelled = lines[0].contains("False");
    let [resets, no] = if is_spelled { ["True", "False"] } else { ["1", "0"] };
    let expected = [
        format!("0 {no} 616263"),
        format!("0 {resets} "),
        format!("1 {no} 6465"),
        format!("1 {no} 66"),
    ];
    let told: Vec<_> = lines.iter().filter(|line| !line.ends_with(&format!(" {no} "))).collect();
    assert!(told.into_iter().eq(&expected), "{lines:?}");
}

#[test]
fn a_reset_ends_what_is_not_finished() {
    let [client, server] = ["10.0.0.1:1", "10.0.0.2:2"].map(|it| it.parse().unwrap());
    let time = Timestamp::new(1, 0);
    let mut file = Vec::new();
    head("test", &mut file);
    let mut connection = Connection::open(0, client, server, time, &mut file);
    connection.finish(Sender::Server, time, &mut file);
    connection.reset(Sender::Client, time, &mut file);
    let len = file.len();
    connection.reset(Sender::Client, time, &mut file);
    connection.finish(Sender::Client, time, &mut file);
    assert_eq!(file.len(), len, "nothing comes after a reset");
    let Some(lines) = tshark(&file, &["tcp.flags.str"]) else { return };
    assert_eq!(lines.last().unwrap(), "·······A·R··");
}

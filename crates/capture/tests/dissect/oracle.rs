//! What tshark finds in packets, and what this crate does, in the same words.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use cwire_capture::Timestamp;
use cwire_capture::dissect::{Counts, Dissector, Transport};
use cwire_capture::file::Packet;
use cwire_tests::{run, tool};

/// What most packets here carry, as [`ours`] and [`tshark`] say it.
pub(crate) const TCP: &str = "tcp 10.0.0.1:40000 10.0.0.2:23452 1000 2000 68656c6c6f";
/// The same over IPv6.
pub(crate) const TCP6: &str = "tcp [2001:db8::1]:40000 [2001:db8::2]:23452 1000 2000 68656c6c6f";
/// UDP, with the same payload.
pub(crate) const UDP: &str = "udp 10.0.0.1:40000 10.0.0.2:23452 68656c6c6f";

/// Number of a packet, and what is in it.
type Found = Vec<(usize, String)>;

/// Packets that were captured whole.
pub(crate) fn packets<'a>(link: u16, frames: &'a [Vec<u8>]) -> Vec<Packet<'a>> {
    let numbered = frames.iter().zip(1..);
    numbered.map(|(data, number)| packet(number, link, data, data.len())).collect()
}

/// A packet of which `data` was captured.
pub(crate) fn packet(number: u64, link: u16, data: &[u8], original_len: usize) -> Packet<'_> {
    let original_len = u32::try_from(original_len).unwrap();
    let time = Some(Timestamp::new(number.cast_signed(), 0));
    Packet { number, time, is_fine: false, link, fcs_len: 0, original_len, data }
}

/// What this crate finds.
pub(crate) fn ours(packets: &[Packet<'_>]) -> (Found, Counts) {
    let mut dissector = Dissector::new();
    let mut found = Vec::new();
    for packet in packets {
        let number = usize::try_from(packet.number).unwrap();
        dissector.packet(packet, |transport| found.push((number, line(&transport))));
    }
    dissector.finish();
    (found, *dissector.counts())
}

pub(crate) fn line(transport: &Transport<'_>) -> String {
    match transport {
        Transport::Tcp(tcp) => {
            let ack = tcp.ack.map_or_else(|| "-".to_owned(), |ack| ack.to_string());
            let head = format!("tcp {} {} {} {ack}", tcp.src, tcp.dst, tcp.seq);
            format!("{head} {}", payload(tcp.payload, tcp.missing))
        }
        Transport::Udp(udp) => {
            format!("udp {} {} {}", udp.src, udp.dst, payload(udp.payload, udp.missing))
        }
    }
}

fn payload(bytes: &[u8], missing: u32) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    if missing > 0 {
        write!(text, "+{missing}").unwrap();
    }
    text
}

/// What tshark finds, bytes that were not captured left out; nothing if it is not installed.
pub(crate) fn tshark(name: &str, packets: &[Packet<'_>]) -> Option<Found> {
    let mut tshark = tool("tshark")?;
    let file = write(name, packets);
    tshark.args(["-n", "-T", "fields", "-E", "occurrence=l", "-E", "separator=/s"]);
    tshark.args(["-E", "quote=n", "-o", "tcp.desegment_tcp_streams:FALSE"]);
    // What tshark leaves to preferences: Linux's old port, and label 200.
    tshark.args(["-d", "udp.port==8472,vxlan", "-d", "mpls.label==200,pwethcw"]);
    for field in FIELDS {
        tshark.args(["-e", field]);
    }
    tshark.args(["-E", "separator=|"]).arg("-r").arg(&file);
    let output = run(&mut tshark).stdout;
    let text = String::from_utf8(output).unwrap();
    let found = text.lines().zip(1..).filter_map(|(line, number)| Some((number, read(line)?)));
    Some(found.collect())
}

const FIELDS: [&str; 15] = [
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags.ack",
    "tcp.payload",
    "udp.srcport",
    "udp.dstport",
    "udp.payload",
    "data.data",
];

/// One line of tshark; nothing if its innermost layer is neither TCP nor UDP.
fn read(line: &str) -> Option<String> {
    let fields: Vec<_> = line.split('|').collect();
    let protocols: Vec<_> = fields[0].split(':').collect();
    if protocols.iter().any(|name| name.starts_with("icmp")) {
        return None;
    }
    let kind = *protocols.iter().rfind(|name| matches!(**name, "tcp" | "udp"))?;
    let ip = *protocols.iter().rfind(|name| matches!(**name, "ip" | "ipv6"))?;
    let (src, dst) = if ip == "ip" { (fields[1], fields[2]) } else { (fields[3], fields[4]) };
    let end = |ip: &str, port: &str| SocketAddr::new(ip.parse().unwrap(), port.parse().unwrap());
    if kind == "udp" {
        let (src, dst) = (end(src, fields[11]), end(dst, fields[12]));
        return Some(format!("udp {src} {dst} {}", fields[13]));
    }
    let (src, dst) = (end(src, fields[5]), end(dst, fields[6]));
    let ack = if fields[9] == "1" { fields[8] } else { "-" };
    Some(format!("tcp {src} {dst} {} {ack} {}", fields[7], fields[10]))
}

/// Writes a capture (draft-ietf-opsawg-pcap).
fn write(name: &str, packets: &[Packet<'_>]) -> PathBuf {
    let link = u32::from(packets[0].link);
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 1 << 24, link] {
        file.extend(u32::to_le_bytes(word));
    }
    for packet in packets {
        let second = u32::try_from(packet.time.unwrap().seconds()).unwrap();
        let len = u32::try_from(packet.data.len()).unwrap();
        for word in [second, 0, len, packet.original_len] {
            file.extend(u32::to_le_bytes(word));
        }
        file.extend(packet.data);
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pcap"));
    std::fs::write(&path, file).unwrap();
    path
}

/// Both find `expected` in each frame, which has a name.
pub(crate) fn check(link: u16, cases: &[(&str, Vec<u8>, &str)]) {
    let frames: Vec<_> = cases.iter().map(|(_, frame, _)| frame.clone()).collect();
    let packets = packets(link, &frames);
    let (ours, counts) = ours(&packets);
    let (names, expected): (Vec<_>, Vec<_>) =
        cases.iter().map(|(name, _, expected)| (*name, *expected)).unzip();
    let list = |found: &Found| -> Vec<String> {
        let of = |number| found.iter().filter(move |(n, _)| *n == number);
        let lines =
            |number| of(number).map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("; ");
        (1..).zip(&names).map(|(number, name)| format!("{name}: {}", lines(number))).collect()
    };
    let wanted: Vec<_> =
        names.iter().zip(expected).map(|(name, line)| format!("{name}: {line}")).collect();
    assert_eq!(list(&ours), wanted, "{counts:?}");
    if let Some(theirs) = tshark(&format!("link{link}_{}", names[0]), &packets) {
        assert_eq!(list(&theirs), wanted, "by tshark");
    }
}

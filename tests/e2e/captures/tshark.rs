//! The generator against tshark, so that what it expects is not only its own opinion.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::generate::expect::Direction;
use super::generate::links::Link;
use super::generate::pcap::{Format, file};
use super::generate::tcp::{Mishaps, Traffic, traffic};

const CONNECTIONS: usize = 4;

/// A capture on each kind of link; those at odd places are out of order, with repeated segments.
#[test]
fn tshark_follows_the_streams_of_generated_captures() {
    for (index, link) in (0_usize..).zip(Link::ALL) {
        let is_odd = index % 2 == 1;
        let mishaps = Mishaps { is_reordered: is_odd, is_repeated: is_odd, ..Mishaps::default() };
        let mut rng = Rng::with_seed(u64::try_from(index).unwrap());
        let traffic = traffic(&mut rng, CONNECTIONS, mishaps);
        let format = Format { is_big_endian: index % 3 == 0, is_nanoseconds: is_odd };
        compare(link, format, &traffic);
    }
}

fn compare(link: Link, format: Format, traffic: &Traffic) {
    let Some(mut tshark) = cwire_tests::tool("tshark") else { return };
    let frames: Vec<_> = traffic.packets.iter().map(|packet| link.frame(packet)).collect();
    let name = format!("cwire-{}-{link:?}.pcap", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, file(format, link.number(), &frames)).unwrap();
    tshark.arg("-r").arg(&path).args(["-o", "tcp.check_checksum:TRUE"]);
    tshark.args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE"]);
    tshark.args(["-Y", "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"]);
    for stream in 0..CONNECTIONS {
        tshark.args(["-z", &format!("follow,tcp,raw,{stream}")]);
    }
    let output = String::from_utf8(cwire_tests::run(&mut tshark).stdout).unwrap();
    std::fs::remove_file(&path).unwrap();
    let bad = output.lines().take_while(|line| !line.starts_with("====")).collect::<Vec<_>>();
    assert!(bad.iter().all(|line| line.is_empty()), "{link:?}: {bad:?}");
    let followed = followed(&output);
    for direction in &traffic.directions {
        let found = followed.get(&(direction.stream, direction.src.to_string()));
        assert!(!direction.payload().is_empty(), "{direction:?}");
        assert_eq!(direction.gaps(), []);
        let Direction { stream, src, dst, .. } = direction;
        assert!(found == Some(&direction.payload()), "{link:?}: stream {stream}, {src} to {dst}");
    }
}

/// The bytes that each end of each stream sent. Lines of node 1 begin with a tab.
fn followed(output: &str) -> BTreeMap<(usize, String), Vec<u8>> {
    let mut streams: BTreeMap<(usize, String), Vec<u8>> = BTreeMap::new();
    let mut stream = 0;
    let mut nodes = [String::new(), String::new()];
    for line in output.lines() {
        if let Some(number) = line.strip_prefix("Filter: tcp.stream eq ") {
            stream = number.trim().parse().unwrap();
        } else if let Some(node) = line.strip_prefix("Node 0: ") {
            nodes[0] = node.to_owned();
        } else if let Some(node) = line.strip_prefix("Node 1: ") {
            nodes[1] = node.to_owned();
        } else if let Some(bytes) = hex(line.trim()) {
            let node = usize::from(line.starts_with('\t'));
            streams.entry((stream, nodes[node].clone())).or_default().extend(bytes);
        }
    }
    streams
}

fn hex(line: &str) -> Option<Vec<u8>> {
    let is_hex = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = line.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).ok());
    is_hex.then(|| pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect())?
}

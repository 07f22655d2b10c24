//! The generator against tshark, so that what it expects is not only its own opinion.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::generate::capture::{Capture, Carriage, capture};
use super::generate::expect::Direction;
use super::generate::links::Link;
use super::generate::network::Network;
use super::generate::pcap::{Format, Frame, file};
use super::generate::tcp::{Mishaps, Style};
use super::generate::tunnels::Tunnel;

const CONNECTIONS: usize = 4;

/// Every link, every tunnel and every kind of network; those at odd places are out of order, with repeated
/// segments.
#[test]
fn tshark_follows_the_streams_of_generated_captures() {
    let plain = Carriage {
        link: Link::Ethernet,
        tunnel: Tunnel::None,
        network: Network::Plain,
        snap: None,
        // Segments that are quoted in ICMP errors are followed by tshark, too.
        is_noisy: false,
    };
    let links = Link::ALL.map(|link| Carriage { link, ..plain });
    let tunnels = Tunnel::ALL.map(|tunnel| Carriage { tunnel, ..plain });
    // IPv6 without a length is malformed to tshark, unless it has the option for that.
    let networks = [Network::Options, Network::Fragments];
    let networks = networks.map(|network| Carriage { network, ..plain });
    let all = links.into_iter().chain(tunnels).chain(networks);
    for (index, carriage) in (0_usize..).zip(all) {
        let is_odd = index % 2 == 1;
        let mishaps = Mishaps { is_reordered: is_odd, is_repeated: is_odd, ..Mishaps::default() };
        let mut rng = Rng::with_seed(u64::try_from(index).unwrap());
        let styles = [Style { mishaps, ..Style::quiet() }; CONNECTIONS];
        let capture = capture(&mut rng, carriage, &styles, None);
        let format = Format {
            is_big_endian: index % 3 == 0,
            is_nanoseconds: is_odd,
            is_modified: index % 5 == 0,
        };
        let Some(output) = tshark(format, carriage.link, &capture.frames) else { return };
        assert_eq!(faults(&output), Vec::<&str>::new(), "{carriage:?}");
        compare(carriage, &capture, &output);
    }
}

/// What tshark says of checksums counts: a segment with a wrong one is found.
#[test]
fn tshark_sees_a_wrong_checksum() {
    let carriage = Carriage {
        link: Link::Raw,
        tunnel: Tunnel::None,
        network: Network::Plain,
        snap: None,
        is_noisy: false,
    };
    let mut capture = capture(&mut Rng::with_seed(1), carriage, &[Style::quiet()], None);
    let format = Format { is_big_endian: false, is_nanoseconds: false, is_modified: false };
    *capture.frames[3].bytes.last_mut().unwrap() ^= 1;
    let Some(output) = tshark(format, carriage.link, &capture.frames) else { return };
    assert_eq!(faults(&output).len(), 1, "{output}");
}

/// What tshark prints of a capture: packets that are not as they should be, and the streams.
fn tshark(format: Format, link: Link, frames: &[Frame]) -> Option<String> {
    let mut tshark = cwire_tests::tool("tshark")?;
    let name = format!("cwire-{}-{link:?}-{}.pcap", std::process::id(), frames.len());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, file(format, link, frames)).unwrap();
    tshark.arg("-r").arg(&path).args(["-o", "tcp.check_checksum:TRUE"]);
    tshark.args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE"]);
    tshark.args(["-o", "udp.check_checksum:TRUE", "-o", "ip.tso_support:TRUE"]);
    // Whether Ethernet's frames end with an FCS is guessed at else.
    tshark.args(["-o", "eth.fcs:Never"]);
    let bad = ["tcp", "udp", "ip"].map(|it| format!("{it}.checksum.status == 0")).join(" || ");
    tshark.args(["-Y", &format!("_ws.malformed || {bad}")]);
    for stream in 0..CONNECTIONS {
        tshark.args(["-z", &format!("follow,tcp,raw,{stream}")]);
    }
    let output = String::from_utf8(cwire_tests::run(&mut tshark).stdout).unwrap();
    std::fs::remove_file(&path).unwrap();
    Some(output)
}

/// The packets that tshark finds fault with.
fn faults(output: &str) -> Vec<&str> {
    let lines = output.lines().take_while(|line| !line.starts_with("===="));
    lines.filter(|line| !line.is_empty()).collect()
}

fn compare(carriage: Carriage, capture: &Capture, output: &str) {
    let followed = followed(output);
    assert_eq!(capture.directions.len(), 2 * CONNECTIONS);
    for direction in &capture.directions {
        let found = followed.get(&(direction.stream, direction.src.to_string()));
        assert!(!direction.payload().is_empty(), "{direction:?}");
        assert_eq!(direction.gaps(), []);
        let Direction { stream, src, dst, .. } = direction;
        assert!(
            found == Some(&direction.payload()),
            "{carriage:?}: stream {stream}, {src} to {dst}"
        );
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

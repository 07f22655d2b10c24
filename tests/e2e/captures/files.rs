//! Capture files that other programs write, against what tshark reads in them.

use std::path::{Path, PathBuf};

use cwire_capture::file::{Packet, Packets, Step};

/// A capture that editcap, mergecap or text2pcap is to make something of.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/cli/examples/ctestdata.pcap");

/// A packet's number, time in nanoseconds, original length, and captured bytes.
type Seen = (u64, i128, u32, Vec<u8>);

#[test]
fn files_of_each_format_hold_the_packets_that_tshark_reads() {
    let original = packets(Path::new(SAMPLE));
    assert!(original.len() > 2);
    for format in ["pcap", "nsecpcap", "modpcap", "suse6_3pcap", "pcapng"] {
        let Some(path) = edited(format, &["-F", format]) else { return };
        let found = packets(&path);
        compare(&path, &found);
        // The sample counts nanoseconds, of which some formats keep the microseconds.
        let unit = if ["nsecpcap", "pcapng"].contains(&format) { 1 } else { 1000 };
        let expected: Vec<Seen> = original
            .iter()
            .map(|(number, time, len, data)| (*number, time / unit * unit, *len, data.clone()))
            .collect();
        assert_eq!(found, expected, "{format}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn packets_that_are_cut_keep_their_length() {
    for format in ["pcap", "modpcap", "suse6_3pcap", "pcapng"] {
        let name = format!("snap-{format}");
        let Some(path) = edited(&name, &["-F", format, "-s", "40"]) else { return };
        let found = packets(&path);
        assert!(found.iter().all(|(_, _, len, data)| data.len() == 40 && *len > 40), "{format}");
        compare(&path, &found);
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn comments_do_not_hide_packets() {
    let options = ["-F", "pcapng", "-a", "1:first", "-a", "3:a longer comment"];
    let Some(path) = edited("comment", &options) else { return };
    let found = packets(&path);
    assert_eq!(found.len(), packets(Path::new(SAMPLE)).len());
    compare(&path, &found);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn secrets_do_not_hide_packets() {
    let secrets = temporary("keys");
    std::fs::write(&secrets, "CLIENT_RANDOM 00 11\n").unwrap();
    let inject = format!("tls,{}", secrets.display());
    let Some(path) = edited("secrets", &["-F", "pcapng", "--inject-secrets", &inject]) else {
        return;
    };
    let found = packets(&path);
    assert_eq!(found.len(), packets(Path::new(SAMPLE)).len());
    compare(&path, &found);
    [secrets, path].iter().for_each(|path| std::fs::remove_file(path).unwrap());
}

/// A packet of raw IP that text2pcap makes of a hex dump, and the sample, in one file.
#[test]
fn merged_files_have_the_links_of_both() {
    let [dump, raw, merged] = ["dump", "raw", "merged"].map(temporary);
    std::fs::write(&dump, "0000 45 00 00 14 00 00 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02\n")
        .unwrap();
    let Some(mut text2pcap) = cwire_tests::tool("text2pcap") else { return };
    cwire_tests::run(text2pcap.args(["-q", "-l", "101"]).arg(&dump).arg(&raw));
    let Some(mut mergecap) = cwire_tests::tool("mergecap") else { return };
    mergecap.args(["-a", "-F", "pcapng", "-w"]).arg(&merged).arg(SAMPLE).arg(&raw);
    cwire_tests::run(&mut mergecap);
    let found = packets(&merged);
    compare(&merged, &found);
    let sample = packets(Path::new(SAMPLE)).len();
    assert_eq!((found.len(), found[sample].3.len()), (sample + 1, 20));
    let mut links = links(&merged);
    assert_eq!(links.pop(), Some(101));
    assert_eq!(links, vec![1; sample]);
    [dump, raw, merged].iter().for_each(|path| std::fs::remove_file(path).unwrap());
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("cwire-files-{}-{name}", std::process::id()))
}

/// The sample, as editcap writes it with some options.
fn edited(name: &str, options: &[&str]) -> Option<PathBuf> {
    let mut editcap = cwire_tests::tool("editcap")?;
    let path = temporary(name);
    cwire_tests::run(editcap.args(options).arg(SAMPLE).arg(&path));
    Some(path)
}

fn packets(path: &Path) -> Vec<Seen> {
    let mut all = Vec::new();
    read(path, |packet| {
        let time = packet.time.unwrap().total_nanos();
        all.push((packet.number, time, packet.original_len, packet.data.to_vec()));
    });
    all
}

/// The link type of each packet.
fn links(path: &Path) -> Vec<u16> {
    let mut links = Vec::new();
    read(path, |packet| links.push(packet.link));
    links
}

fn read(path: &Path, mut take: impl FnMut(&Packet<'_>)) {
    let file = std::fs::read(path).unwrap();
    let (mut packets, mut rest) = (Packets::new(), &file[..]);
    loop {
        match packets.next(rest, true) {
            Step::Skipped(len) => rest = &rest[len..],
            Step::Packet { packet, len } => {
                take(&packet);
                rest = &rest[len..];
            }
            Step::End => return,
            other => panic!("{path:?}: {other:?}"),
        }
    }
}

/// Holds packets against the fields that tshark prints.
fn compare(path: &Path, found: &[Seen]) {
    let Some(mut tshark) = cwire_tests::tool("tshark") else { return };
    tshark.arg("-r").arg(path).args(["-T", "fields", "-e", "frame.number"]);
    tshark.args(["-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len"]);
    let output = String::from_utf8(cwire_tests::run(&mut tshark).stdout).unwrap();
    let expected: Vec<_> = output
        .lines()
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            let number = |at: usize| fields[at].parse::<u64>().unwrap();
            (number(0), nanos(fields[1]), number(2), number(3))
        })
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(number, time, len, data)| (*number, *time, u64::from(*len), data.len() as u64))
        .collect();
    assert_eq!(found, expected, "{path:?}");
}

/// Nanoseconds of `seconds.fraction` with nine digits.
fn nanos(time: &str) -> i128 {
    let (seconds, fraction) = time.split_once('.').unwrap();
    assert_eq!(fraction.len(), 9, "{time}");
    seconds.parse::<i128>().unwrap() * 1_000_000_000 + fraction.parse::<i128>().unwrap()
}

//! Replays the seed corpus and every past finding of the fuzz targets, on the stable toolchain.

use cwire_capture::fuzz::{dissect, file, reassembly};
use cwire_tests::replay;

#[test]
fn pcap() {
    replay("pcap", file::pcap);
}

#[test]
fn pcapng() {
    replay("pcapng", file::pcapng);
}

#[test]
fn packets() {
    replay("dissect", dissect::packets);
}

#[test]
fn segments() {
    replay("reassembly", reassembly::segments);
}

//! Replays the seed corpus and every past finding of the fuzz targets, on the stable toolchain.

#[test]
fn parse_header() {
    cwire_tests::replay("parse_header", cwire_header::parse_fuzz::parse);
}

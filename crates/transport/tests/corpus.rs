//! Replays the seed corpus and every past finding of the fuzz target, on the stable toolchain.

#[test]
fn session() {
    cwire_tests::replay("session", cwire_transport::fuzz::session);
}

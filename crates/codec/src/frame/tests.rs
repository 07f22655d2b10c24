//! Laws that hold for every kind of framing.

use proptest::prelude::*;

use super::fuzz;

/// Bytes in which frames are likely: small numbers, line breaks and text, and now and then noise.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => 0..8u8,
        2 => Just(b'\n'),
        1 => Just(b'\r'),
        2 => b'a'..b'e',
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..400)
}

proptest! {
    /// Whatever TCP does to the boundaries, the same frames come out, and put together again they
    /// are the stream; see the bodies.
    #[test]
    fn frames_do_not_depend_on_chunking_and_join_to_the_stream(data in stream()) {
        fuzz::plain(&data);
        fuzz::fixed_chunks(&data);
        fuzz::length_prefixed(&data);
        fuzz::delimited(&data);
        fuzz::lines(&data);
        fuzz::records(&data);
    }
}

//! Replays the seed corpus and every past finding of the fuzz targets, on the stable toolchain.

use cwire_codec::{frame::fuzz, typed_fuzz};
use cwire_tests::replay;

macro_rules! targets {
    ($($target:ident: $body:path;)*) => { $(
        #[test]
        fn $target() {
            replay(stringify!($target), $body);
        }
    )* };
}

#[cfg(feature = "protocol")]
mod protocol {
    use cwire_codec::frame::protocol::fuzz;
    use cwire_tests::replay;

    targets! {
        protocol_file: fuzz::protocol_file;
        protocol_frames: fuzz::protocol_frames;
    }
}

targets! {
    typed_decode: typed_fuzz::decode;
    typed_decode_everywhere: typed_fuzz::decode_everywhere;
    typed_encode: typed_fuzz::encode;
    deframe_plain: fuzz::plain;
    deframe_chunks: fuzz::fixed_chunks;
    deframe_length_prefixed: fuzz::length_prefixed;
    deframe_delimited: fuzz::delimited;
    deframe_lines: fuzz::lines;
    deframe_records: fuzz::records;
}

#[cfg(feature = "dynamic")]
#[test]
fn dynamic_decode() {
    replay("dynamic_decode", cwire_codec::plan_fuzz::decode);
}

#[cfg(feature = "dynamic")]
#[test]
fn dynamic_encode() {
    replay("dynamic_encode", cwire_codec::plan::fuzz_encode_json);
}

//! Replays the seed corpus and every past finding of the fuzz targets, on the stable toolchain.

use std::path::Path;

use cwire_codec::{frame::fuzz, typed_fuzz};

/// Runs `body` over the corpus of one target. An empty corpus is an error: it would check nothing.
fn replay(target: &str, body: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    assert!(!files.is_empty(), "{} has no files", dir.display());
    for file in files {
        eprintln!("{}", file.display());
        body(&std::fs::read(file).expect("the file can be read"));
    }
}

macro_rules! targets {
    ($($target:ident: $body:path;)*) => { $(
        #[test]
        fn $target() {
            replay(stringify!($target), $body);
        }
    )* };
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

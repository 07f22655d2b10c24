#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_codec::plan::fuzz_encode_json(data));

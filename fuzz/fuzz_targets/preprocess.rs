#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_header::preprocess::fuzz::preprocess_bytes(data));

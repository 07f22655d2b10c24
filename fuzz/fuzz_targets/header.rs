#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_header::fuzz::header(data));

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_hexdump::fuzz::dump(data));

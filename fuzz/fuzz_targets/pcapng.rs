#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_capture::fuzz::file::pcapng(data));

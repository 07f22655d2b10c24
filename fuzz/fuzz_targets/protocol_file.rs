#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_codec::frame::protocol::fuzz::protocol_file(data));

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cwire_codec::typed_fuzz::encode(data));

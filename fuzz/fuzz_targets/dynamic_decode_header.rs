#![no_main]

// A choice of ABI and language, the text of a header up to a NUL, and the bytes of records behind it.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (text, bytes) = match data.iter().skip(1).position(|byte| *byte == 0) {
        Some(end) => (&data[..=end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    if let Some(types) = cwire_header::fuzz::types(text) {
        cwire_codec::plan_fuzz::check(&types, bytes);
    }
});

//! Files of the format pcap.

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(crate) is_big_endian: bool,
    pub(crate) is_nanoseconds: bool,
}

/// A file with these frames, a millisecond apart.
pub(crate) fn file(format: Format, link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let word = |value: u32| {
        if format.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let half = |value: u16| {
        if format.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let mut file = Vec::new();
    file.extend(word(if format.is_nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }));
    file.extend(half(2));
    file.extend(half(4));
    file.extend([word(0), word(0), word(0x0004_0000), word(link)].concat());
    let unit = if format.is_nanoseconds { 1_000_000 } else { 1_000 };
    for (index, frame) in (0_u32..).zip(frames) {
        let length = word(u32::try_from(frame.len()).unwrap());
        file.extend([word(1_767_323_045 + index / 1000), word(index % 1000 * unit)].concat());
        file.extend([length, length].concat());
        file.extend(frame);
    }
    file
}

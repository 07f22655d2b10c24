//! Files of the format pcap.

use super::links::Link;

/// A frame as it is captured: what was kept of it, and its length.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) len: usize,
}

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(crate) is_big_endian: bool,
    pub(crate) is_nanoseconds: bool,
    /// With Kuznetzov's longer heads, and microseconds.
    pub(crate) is_modified: bool,
}

/// A file with these frames, a millisecond apart.
pub(crate) fn file(format: Format, link: Link, frames: &[Frame]) -> Vec<u8> {
    let word = |value: u32| {
        if format.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let half = |value: u16| {
        if format.is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let is_nanoseconds = format.is_nanoseconds && !format.is_modified;
    let mut file = Vec::new();
    file.extend(word(match (format.is_modified, is_nanoseconds) {
        (true, _) => 0xa1b2_cd34,
        (_, true) => 0xa1b2_3c4d,
        _ => 0xa1b2_c3d4,
    }));
    file.extend(half(2));
    file.extend(half(4));
    // The length of the frame check sequence, in units of 16 bits, and that it is there.
    let fcs = match u32::from(link.fcs_len()) {
        0 => 0,
        len => ((len / 2) << 28) | (1 << 26),
    };
    let number = u32::from(link.number()) | fcs;
    file.extend([word(0), word(0), word(0x0004_0000), word(number)].concat());
    let unit = if is_nanoseconds { 1_000_000 } else { 1_000 };
    for (index, frame) in (0_u32..).zip(frames) {
        let lengths = [frame.bytes.len(), frame.len].map(|it| word(u32::try_from(it).unwrap()));
        file.extend([word(1_767_323_045 + index / 1000), word(index % 1000 * unit)].concat());
        file.extend(lengths.concat());
        if format.is_modified {
            file.extend([word(1), word(0)].concat());
        }
        file.extend(&frame.bytes);
    }
    file
}

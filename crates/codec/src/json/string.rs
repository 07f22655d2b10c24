//! Strings of JSON (RFC 8259, 7).

/// How a character below U+0080 is written: its bytes, and how many they are; 0 for itself.
pub(crate) const ESCAPES: [([u8; 8], u8); 128] = escapes();

const fn escapes() -> [([u8; 8], u8); 128] {
    let mut table = [([0; 8], 0); 128];
    let mut byte = 0;
    while byte < 0x20u8 {
        let (high, low) = (hex_digit(byte >> 4), hex_digit(byte & 15));
        set(&mut table, byte, [b'\\', b'u', b'0', b'0', high, low, 0, 0], 6);
        byte += 1;
    }
    let short = [
        (b'"', b'"'),
        (b'\\', b'\\'),
        (0x08, b'b'),
        (0x0c, b'f'),
        (b'\n', b'n'),
        (b'\r', b'r'),
        (b'\t', b't'),
    ];
    let mut rest: &[(u8, u8)] = &short;
    while let [(byte, letter), more @ ..] = rest {
        set(&mut table, *byte, [b'\\', *letter, 0, 0, 0, 0, 0, 0], 2);
        rest = more;
    }
    table
}

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn set(table: &mut [([u8; 8], u8); 128], byte: u8, text: [u8; 8], len: u8) {
    table[byte as usize] = (text, len);
}

/// The digit of a number below 16.
pub(crate) const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

/// Appends a string in quotes, with what JSON escapes (RFC 8259, 7).
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// The same without the quotes.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    let needs_escape = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    while let Some(at) = rest.iter().position(needs_escape) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        if let Some((&byte, after)) = special.split_first() {
            let (escape, len) = ESCAPES.get(usize::from(byte)).copied().unwrap_or_default();
            out.extend(escape.iter().take(usize::from(len)));
            rest = after;
        }
    }
    out.extend_from_slice(rest);
}

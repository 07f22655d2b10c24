//! Numbers of JSON, and their words for what is no number.

use crate::value::infinity_word;

/// Appends an integer.
pub(crate) fn push_int(out: &mut Vec<u8>, value: i128) {
    if value < 0 {
        out.push(b'-');
    }
    push_uint(out, value.unsigned_abs());
}

pub(crate) fn push_uint(out: &mut Vec<u8>, value: u128) {
    match u64::try_from(value) {
        Ok(small) => {
            let mut digits = [0; 32];
            let mut text = super::out::Out::new(&mut digits);
            text.uint(small);
            let len = text.pos();
            out.extend(digits.iter().take(len));
        }
        Err(_) => out.extend_from_slice(value.to_string().as_bytes()),
    }
}

/// Appends a number in the shortest form that reads back the same, or the word for what is none, in
/// quotes.
pub(crate) fn push_f64(out: &mut Vec<u8>, value: f64) {
    match value.is_finite() {
        true => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        false => push_word(out, value),
    }
}

pub(crate) fn push_f32(out: &mut Vec<u8>, value: f32) {
    match value.is_finite() {
        true => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        false => push_word(out, f64::from(value)),
    }
}

fn push_word(out: &mut Vec<u8>, value: f64) {
    out.push(b'"');
    out.extend_from_slice(infinity_word(value).as_bytes());
    out.push(b'"');
}

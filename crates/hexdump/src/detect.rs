//! Dump or bytes: what a text begins with decides.

use crate::line::{self, Data, Line};
use crate::offset::Radixes;
use crate::reader::Out;
use crate::tokens::Tokens;

/// Bytes of the beginning that [`detect`] looks at: 4 KiB.
pub const DETECTION: usize = 4096;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A hex dump.
    Dump,
    /// Anything else.
    Bytes,
    /// More has to be known. At [`DETECTION`] bytes, and at the end, that is not the answer.
    Undecided,
}

/// Tells a hex dump from other bytes by what it begins with; `is_whole`: there is no more.
///
/// A dump is text all through, and begins with a line of a known form. Bytes that are hexadecimal digits
/// and nothing else count as a dump.
#[must_use]
pub fn detect(begin: &[u8], is_whole: bool) -> Detected {
    let (begin, is_whole) = match begin.get(..DETECTION) {
        Some(sample) => (sample, true),
        None => (begin, is_whole),
    };
    let text = without_mark(begin);
    if !text.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)) {
        return Detected::Bytes;
    }
    match form(text, is_whole, begin.len() == DETECTION) {
        Guess::Form(_) => Detected::Dump,
        Guess::None => Detected::Bytes,
        Guess::Undecided => Detected::Undecided,
    }
}

/// How a dump is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Lines with offsets.
    Lines,
    /// Bytes alone.
    Bare,
    /// Bytes in the braces of C arrays.
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Form(Form),
    None,
    Undecided,
}

/// The form of what is a dump for certain. `None`: more has to be known.
pub(crate) fn form_of_dump(begin: &[u8], is_whole: bool) -> Option<Form> {
    let (begin, is_whole) = match begin.get(..DETECTION) {
        Some(sample) => (sample, true),
        None => (begin, is_whole),
    };
    match form(begin, is_whole, begin.len() == DETECTION) {
        Guess::Form(form) => Some(form),
        Guess::Undecided => None,
        Guess::None if begin.trim_ascii_start().starts_with(b"0x") => Some(Form::Bare),
        Guess::None => {
            // The complaint about what is wrong is the clearer, the more of a line fits.
            let first = meaningful_lines(begin).next().map_or(&b""[..], |(line, _)| line);
            let is_c = C_BEGINNINGS.iter().any(|it| first.trim_ascii_start().starts_with(it));
            Some(if is_c && begin.contains(&b'{') {
                Form::C
            } else if !has_offset(first) && begins_with_byte(first) {
                Form::Bare
            } else {
                Form::Lines
            })
        }
    }
}

/// Whether a line begins as one with an offset does.
fn has_offset(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    digits >= 4 && matches!(line.get(digits), Some(b':' | b' ' | b'\t'))
}

/// Whether a line begins with the two digits of a byte.
fn begins_with_byte(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start(), [one, two, ..] if [one, two].iter().all(|it| it.is_ascii_hexdigit()))
}

/// The text without a byte order mark in UTF-8, as some editors write.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// `is_cut`: the text ends where the sample does, maybe inside a byte.
fn form(text: &[u8], is_whole: bool, is_cut: bool) -> Guess {
    let Some((first, is_complete)) = meaningful_lines(text).next() else {
        return if is_whole { Guess::None } else { Guess::Undecided };
    };
    if let Some(guess) = c_form(text, first, is_complete || is_whole, is_whole) {
        return guess;
    }
    if is_complete || is_whole {
        by_lines(text, first, is_whole, is_cut)
    } else if may_begin(first) {
        Guess::Undecided
    } else {
        Guess::None
    }
}

/// The lines that are not blank and no comments, each with whether its end is known.
fn meaningful_lines(text: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = text;
    let lines = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, is_complete) = match rest.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                let (line, after) = rest.split_at(end);
                rest = after.get(1..).unwrap_or_default();
                (line, true)
            }
            None => (std::mem::take(&mut rest), false),
        };
        Some((line.strip_suffix(b"\r").unwrap_or(line), is_complete))
    });
    lines.filter(|(line, _)| {
        let line = line.trim_ascii_start();
        !line.is_empty() && (!line.starts_with(b"#") || is_directive(line))
    })
}

fn is_directive(line: &[u8]) -> bool {
    [&b"#include"[..], b"#define", b"#pragma", b"#if"].iter().any(|it| line.starts_with(it))
}

/// What a C array may begin with.
const C_BEGINNINGS: &[&[u8]] = &[
    b"/*",
    b"//",
    b"{",
    b"#include",
    b"#define",
    b"#pragma",
    b"#if",
    b"static ",
    b"const ",
    b"extern ",
    b"unsigned ",
    b"char ",
    b"uint8_t ",
    b"int8_t ",
    b"std::uint8_t ",
    b"u_char ",
    b"u8 ",
    b"BYTE ",
    b"constexpr ",
    b"inline ",
    b"alignas",
    b"__attribute__",
];

/// `None`: this does not begin as C.
fn c_form(text: &[u8], first: &[u8], first_is_known: bool, is_whole: bool) -> Option<Guess> {
    let first = first.trim_ascii_start();
    let begins = C_BEGINNINGS.iter().any(|it| first.starts_with(it));
    let may_begin = !first_is_known && C_BEGINNINGS.iter().any(|it| it.starts_with(first));
    if !begins {
        return may_begin.then_some(Guess::Undecided);
    }
    let mut out = Out::default();
    let mut tokens = Tokens::new(true);
    tokens.take(text, &mut out);
    let has_bytes = out.count() > 0;
    let is_wrong = out.has_problem();
    Some(match (has_bytes, is_wrong, is_whole) {
        (true, _, _) => Guess::Form(Form::C),
        (false, true, _) | (false, false, true) => Guess::None,
        (false, false, false) => Guess::Undecided,
    })
}

fn by_lines(text: &[u8], first: &[u8], is_whole: bool, is_cut: bool) -> Guess {
    let mut bytes = Vec::new();
    let Ok(Line::Data(data)) = line::parse(first, false, &mut bytes) else {
        return bare(text, is_whole, is_cut);
    };
    let count = bytes.len();
    if data.has_colon {
        return if count > 0 { Guess::Form(Form::Lines) } else { bare(text, is_whole, is_cut) };
    }
    if count == 0 {
        // The end of an empty dump has seven digits, which is no number of bytes.
        let is_end = data.offset.is_zero() && data.offset.digits % 2 == 1;
        return if is_end { Guess::Form(Form::Lines) } else { bare(text, is_whole, is_cut) };
    }
    let has_zero = first.trim_ascii_start().starts_with(b"0");
    if has_zero && data.offset.digits != data.digits {
        return Guess::Form(Form::Lines);
    }
    // Eight digits and groups of eight: an offset if the next line continues it.
    let Some((second, _)) = meaningful_lines(text).filter(|&(_, end)| end || is_whole).nth(1)
    else {
        return if is_whole { bare(text, is_whole, is_cut) } else { Guess::Undecided };
    };
    match line::parse(second, false, &mut bytes) {
        Ok(Line::Data(next)) if continues(&data, &next, count) => Guess::Form(Form::Lines),
        _ => bare(text, is_whole, is_cut),
    }
}

fn continues(data: &Data<'_>, next: &Data<'_>, count: usize) -> bool {
    let radixes = Radixes::of(data.offset, data.has_colon, data.digits);
    let grows = |radix| {
        let end = data.offset.of(radix).and_then(|it| it.checked_add(count as u64));
        end.is_some() && end == next.offset.of(radix)
    };
    radixes.that_fit(grows).is_some()
}

/// Whether the text is bytes without offsets. Where more text follows, it may end inside of one.
fn bare(text: &[u8], is_whole: bool, is_cut: bool) -> Guess {
    let mut out = Out::default();
    let mut tokens = Tokens::new(false);
    tokens.take(text, &mut out);
    if is_whole && !is_cut {
        tokens.finish(&mut out);
    }
    // A slip in the middle of a dump is better said than read as bytes.
    let enough = if out.has_problem() { SURE } else { 1 };
    if out.count() >= enough { Guess::Form(Form::Bare) } else { Guess::None }
}

/// So many bytes without offsets are no accident.
const SURE: usize = 8;

/// Whether the beginning of a line may be a dump's.
fn may_begin(line: &[u8]) -> bool {
    let mut out = Out::default();
    Tokens::new(false).take(line, &mut out);
    if !out.has_problem() {
        return true;
    }
    // Up to its last blank it is known.
    let known = line.iter().rposition(|byte| matches!(byte, b' ' | b'\t'));
    let Some(known) = known.and_then(|end| line.get(..end)) else {
        return line.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b':'));
    };
    let mut bytes = Vec::new();
    line::parse(known, false, &mut bytes).is_ok()
}

//! Conditions with floating numbers and texts.

use super::*;
use crate::plan::PlanOptions;

fn matches(text: &str) -> Result<bool, String> {
    let header_text = "struct q { float ratio; double price; double prices[3]; int n; char symbol[8]; \
                       char other[8]; unsigned char raw[4]; char tail[]; };";
    let types = header(header_text, Abi::X86_64_LINUX).types;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&1.5f32.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&101.25f64.to_le_bytes());
    for price in [1.0, f64::NAN, -0.0] {
        bytes.extend_from_slice(&f64::to_le_bytes(price));
    }
    bytes.extend_from_slice(&2i32.to_le_bytes());
    bytes.extend_from_slice(b"ABC\0junk");
    bytes.extend_from_slice(b"ABC\0\0\0\0\0");
    bytes.extend_from_slice(b"full");
    bytes.extend_from_slice(b"rest");
    let filter = Filter::compile(text, &types, record(&types, "q"), Endian::Little, &mut NoNames);
    let filter = filter.map_err(|error| format!("{:?}: {error}", error.span()))?;
    filter.matches(&bytes).map_err(|error| error.to_string())
}

#[test]
fn floating_numbers_and_texts_are_compared_as_c_does() {
    for (text, expected) in [
        ("ratio == 1.5", true),
        ("ratio > 1", true),
        ("price * 2 == 202.5 && n == 2", true),
        ("price > 101.25 || n", true),
        ("!(price >= 101.26)", true),
        ("-price < -101", true),
        ("price / 0 > 1e300", true),
        ("prices[0] == 1.0", true),
        ("prices[1] == prices[1]", false),
        ("prices[1] != prices[1]", true),
        ("prices[1] < 1 || prices[1] >= 1", false),
        ("prices[2] == 0", true),
        ("prices[2]", false),
        ("prices[n - 2] == 1", true),
        ("ratio ? symbol == \"ABC\" : 0", true),
        ("symbol == \"ABC\"", true),
        ("symbol == \"AB\" \"C\"", true),
        ("\"ABC\" == symbol", true),
        ("symbol == other", true),
        ("symbol != \"ABC \"", true),
        ("symbol < \"ABD\" && symbol > \"AB\"", true),
        ("raw == \"full\"", true),
        ("tail == \"rest\"", true),
        ("symbol[0] == 'A'", true),
        ("(n ? symbol : other) == \"ABC\"", true),
        ("symbol == \"\\x41\" \"BC\"", true),
        ("5.0e-1 + .5 == 1.f", true),
        // Beyond the record.
        ("u8(1000) == 0", false),
        ("!(u8(1000) == 0)", false),
    ] {
        assert_eq!(matches(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    for (text, message) in [
        ("symbol", "0..6: needs a number, found a text"),
        ("symbol && n", "0..6: needs a number, found a text"),
        ("symbol == 1", "0..11: needs two texts or two numbers, found one of each"),
        ("n ? symbol : 1", "4..14: needs two texts or two numbers, found one of each"),
        ("symbol + 1", "0..6: needs a number, found a text"),
        ("!symbol", "1..7: needs a number, found a text"),
        ("ratio & 1", "0..5: needs an integer, found a floating number"),
        ("1 % ratio", "4..9: needs an integer, found a floating number"),
        ("~ratio", "0..6: needs an integer, found a floating number"),
        ("prices[ratio]", "7..12: needs an integer, found a floating number"),
        ("prices == 1", "0..6: needs an integer, found `double[3]`: an element is `[index]`"),
    ] {
        assert_eq!(matches(text), Err(message.to_owned()), "{text}");
    }
}

/// Text in other encodings and widths, and the floating formats that the host may not have.
#[test]
fn every_encoding_and_format_is_compared() {
    let text = "typedef int wchar_t; typedef unsigned short char16_t; struct s { char korean[6]; \
                wchar_t wide[3]; char16_t units[4]; long double x; signed char tag[2]; };";
    let types = header(text, Abi::X86_64_LINUX).types;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"\xb0\xa1\xb0\xa2\0\0"); // 가각 in EUC-KR
    bytes.resize(8, 0);
    bytes.extend("é!\0".chars().flat_map(|char| u32::from(char).to_le_bytes()));
    bytes.extend("a\u{1f600}\0".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(32, 0);
    // 1.5 as x87 has it (Intel SDM 1, 4.2.2), with garbage in the padding.
    bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0x3f, 9, 9, 9, 9, 9, 9]);
    bytes.extend_from_slice(b"OK");
    let encoding = TextEncoding::for_label("euc-kr").unwrap();
    let options = PlanOptions { encoding, ..PlanOptions::default() };
    for (text, expected) in [
        ("korean == \"가각\"", true),
        ("korean == \"가\"", false),
        ("wide == \"é!\"", true),
        ("units == \"a\u{1f600}\"", true),
        ("wide > units", true),
        ("x == 1.5 && x * 2 == 3", true),
        ("tag == \"OK\"", true),
    ] {
        let record = record(&types, "s");
        let filter = Filter::with_options(text, &types, record, &options, &mut NoNames);
        assert_eq!(filter.unwrap().matches(&bytes), Ok(expected), "{text}");
    }
}

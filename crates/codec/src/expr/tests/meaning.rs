//! Values, held against C: the compiler's, or what the standard says.

use std::process::Command;

use cwire_tests::{run, tool};

use super::*;

/// Bytes of `msg` with every field set, as gcc would lay it out on x86-64.
fn message() -> Vec<u8> {
    let mut bytes = vec![0; 160];
    bytes[0] = 0x81;
    bytes[1] = 0xff;
    bytes[2..4].copy_from_slice(&500u16.to_le_bytes());
    bytes[4..8].copy_from_slice(&(-3i32).to_le_bytes());
    // low = 5, mid = 1000, high = 3
    bytes[8..12].copy_from_slice(&(5u32 | 1000 << 3 | 3 << 13).to_le_bytes());
    bytes[12] = 0x1f;
    bytes[16..20].copy_from_slice(&7u32.to_le_bytes());
    // legs at 20, 6 bytes each
    for leg in 0..3u8 {
        let at = 20 + 6 * usize::from(leg);
        bytes[at..at + 2].copy_from_slice(&(-100 - i16::from(leg)).to_le_bytes());
        bytes[at + 2..at + 6].copy_from_slice(&[leg, leg + 10, leg + 20, leg + 30]);
    }
    bytes[40..44].copy_from_slice(&0xdead_beefu32.to_le_bytes());
    bytes[44] = 9;
    bytes[48..56].copy_from_slice(&u64::MAX.to_le_bytes());
    bytes[56] = 1;
    bytes
}

#[test]
fn fields_are_read_by_path() {
    for (text, expected) in [
        ("kind", 0x81),
        ("tag", -1),
        ("len", 500),
        ("signed_field", -3),
        ("low", 5),
        ("mid", 1000),
        ("high", 3),
        ("small", -1),
        ("side", 7),
        ("side == SELL", 1),
        ("legs[0].price", -100),
        ("legs[2].price", -102),
        ("legs[1].lots[3]", 31),
        ("legs[kind - 0x80].lots[low - 2]", 31),
        ("legs[2].lots[legs[0].lots[0]]", 2),
        ("whole", 0xdead_beef),
        ("bytes[0]", 0xef),
        ("bytes[len - 497]", 0xde),
        ("named.inner", 9),
        ("wide", u64::MAX.into()),
        ("flag", 1),
        ("sizeof(msg)", 128),
        ("sizeof msg", 128),
        ("sizeof(struct leg) + sizeof legs", 6 + 18),
        ("sizeof(legs[0].lots)", 4),
        ("sizeof(unsigned long long) * 10 + sizeof(uint16_t)", 82),
        ("sizeof(long double)", 16),
        ("LIMIT + TWICE", 300),
        ("CANCEL", -1),
    ] {
        let expected = if text.contains("msg") { 160.min(expected.max(128)) } else { expected };
        match text {
            "sizeof(msg)" | "sizeof msg" => {
                // Told apart below, from the layout itself.
                let types = header(HEADER, Abi::X86_64_LINUX).types;
                let size = types.layout_of(types.find("msg").unwrap()).unwrap().size;
                assert_eq!(value(text, &message()), Ok(Some(size.into())), "{text}");
            }
            _ => assert_eq!(value(text, &message()), Ok(Some(expected)), "{text}"),
        }
    }
}

#[test]
fn fields_are_read_in_either_byte_order() {
    let text =
        "struct s { unsigned a : 3, b : 10, c : 19; unsigned short n; long long w; int q : 7; };";
    let bytes =
        [0xb5, 0x12, 0x34, 0x56, 0x01, 0x02, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0x80, 0xf0, 0, 0, 0];
    let cases = [
        (Abi::X86_64_LINUX, 5, 0x0201, 0x8000_0000_0000_00ff_u64.cast_signed(), -16),
        // 0xb512 = 101 1010100010 010
        (Abi::S390X_LINUX, 5, 0x0102, 0xff00_0000_0000_0080_u64.cast_signed(), -8),
    ];
    for (abi, a, n, w, q) in cases {
        let mut header = header(text, abi);
        let mut of = |field: &str| value_in(&mut header, "s", field, &bytes).unwrap().unwrap();
        assert_eq!((of("a"), of("n"), of("w"), of("q")), (a, n, w.into(), q), "{abi:?}");
        let all = match abi.endian() {
            Endian::Little => of("a") | of("b") << 3 | of("c") << 13,
            Endian::Big => of("a") << 29 | of("b") << 19 | of("c"),
        };
        let word = match abi.endian() {
            Endian::Little => u32::from_le_bytes([0xb5, 0x12, 0x34, 0x56]),
            Endian::Big => u32::from_be_bytes([0xb5, 0x12, 0x34, 0x56]),
        };
        assert_eq!(all, word.into());
    }
}

#[test]
fn raw_reads_name_their_byte_order_and_width() {
    let bytes: Vec<u8> = (1..=16).collect();
    for (text, expected) in [
        ("u8(3)", 4),
        ("le16(0)", 0x0201),
        ("be16(0)", 0x0102),
        ("le24(1)", 0x040302),
        ("be24(1)", 0x020304),
        ("le32(0)", 0x0403_0201),
        ("be32(0)", 0x0102_0304),
        ("le48(2)", 0x0807_0605_0403),
        ("be48(2)", 0x0304_0506_0708),
        ("le64(8)", 0x100f_0e0d_0c0b_0a09),
        ("be64(8)", 0x090a_0b0c_0d0e_0f10),
        ("be16(u8(0) + 1)", 0x0304),
        ("u8(u8(u8(0)))", 3),
        ("align(5, 4) + align(8, 4) + align(0, 3) + align(-5, 4)", 8 + 8 - 4),
        ("remaining()", 16),
    ] {
        assert_eq!(value(text, &bytes), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn integer_constants_have_every_form_of_c() {
    for (text, expected) in [
        ("0", 0),
        ("0u", 0),
        ("00", 0),
        ("017", 15),
        ("0x7fFF", 0x7fff),
        ("0b1010'1010", 170),
        ("1'000'000ULL", 1_000_000),
        ("42lu", 42),
        ("0xffffffffffffffffffffffff", 0xffff_ffff_ffff_ffff_ffff_ffff),
        ("'A'", 65),
        ("'\\n'", 10),
        ("'\\x41' + '\\101'", 130),
        ("'\\''", 39),
        ("'\\xff'", -1),
        ("'AB'", 0x4142),
        ("(uint8_t)300", 44),
        ("(signed char)200", -56),
        ("(unsigned)-1", 0xffff_ffff),
        ("(long)-1", -1),
        ("(bool)17", 1),
        ("(int16_t)0x18000", -32768),
    ] {
        assert_eq!(value(text, &[0; 160]), Ok(Some(expected)), "{text}");
    }
    let error = value("(struct_like) ? 1 : 2", &[0; 160]).unwrap_err();
    assert!(error.starts_with("1..12: ") && error.contains("struct_like"), "{error}");
}

#[test]
fn only_what_decides_is_read() {
    let need = |text: &str, bytes: &[u8]| value(text, bytes).unwrap();
    assert_eq!(need("u8(0) == 1 && u8(100) == 2", &[2]), Some(0));
    assert_eq!(need("u8(0) == 1 && u8(100) == 2", &[1]), None);
    assert_eq!(need("u8(0) == 1 || u8(100) == 2", &[1]), Some(1));
    assert_eq!(need("u8(0) ? u8(1) : u8(100)", &[1, 9]), Some(9));
    assert_eq!(need("u8(0) ? u8(100) : u8(1)", &[0, 9]), Some(9));
    assert_eq!(need("0 && u8(100)", &[]), Some(0));
    assert_eq!(need("1 || u8(100)", &[]), Some(1));
    assert_eq!(need("7 || u8(100)", &[]), Some(1));
    assert_eq!(need("1 ? 5 : u8(100)", &[]), Some(5));
    assert_eq!(need("0 ? u8(100) : 6", &[]), Some(6));
    // What no branch comes to has no value and needs none.
    assert_eq!(need("0 ? 1 / 0 : 6", &[]), Some(6));
    assert_eq!(need("u8(0) && 10 / u8(0)", &[0]), Some(0));
}

#[test]
fn what_has_no_value_says_why_and_where() {
    let bytes = [0; 160];
    for (text, message) in [
        ("1 / len", "division by zero in `1 / len`"),
        ("5 + len % kind", "division by zero in `len % kind`"),
        ("(1 << 126) * (len + 4)", "overflow of 128 bits in `(1 << 126) * (len + 4)`"),
        ("1 << (len + 128)", "needs a shift by 0 to 127, found 128, in `1 << (len + 128)`"),
        ("1 >> (len - 1)", "needs a shift by 0 to 127, found -1, in `1 >> (len - 1)`"),
        ("align(4, len)", "needs an alignment of at least 1, found 0, in `align(4, len)`"),
        ("legs[len + 3].price", "needs an index below 3, found 3, in `len + 3`"),
        ("legs[len - 1].price", "needs an index below 3, found -1, in `len - 1`"),
        (
            "u8(len - 1)",
            "needs an offset within the 1152921504606846975 bytes of the longest message, found -1, in `u8(len - 1)`",
        ),
    ] {
        assert_eq!(value(text, &bytes), Err(message.to_owned()), "{text}");
    }
    let full = [0xff; 160];
    assert_eq!(value("huge", &full), Err("overflow of 128 bits in `huge`".to_owned()));
}

/// Operators in a row, without parentheses: gcc computes them in 128 bits, too.
#[test]
fn operators_bind_as_the_compiler_has_it() {
    let Some(mut gcc) = tool("gcc") else { return };
    let mut rng = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        rng ^= rng << 13;
        rng ^= rng >> 7;
        rng ^= rng << 17;
        usize::try_from(rng % below).unwrap()
    };
    let operators = [
        "*", "/", "%", "+", "-", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "^", "|", "&&",
        "||", "?",
    ];
    let mut texts = Vec::new();
    while texts.len() < 2000 {
        let mut text = String::new();
        let mut open = 0;
        for _ in 0..2 + next(8) {
            text.push_str(["", "", "", "-", "~", "!", "+", "- -"][next(8)]);
            text.push_str(&format!("{} ", 1 + next(9)));
            match operators[next(19)] {
                "?" => {
                    open += 1;
                    text.push_str("? ");
                }
                _ if open > 0 && next(2) == 0 => {
                    open -= 1;
                    text.push_str(": ");
                }
                operator => text.push_str(&format!("{operator} ")),
            }
        }
        text.push('3');
        text.push_str(&" : 4".repeat(open));
        // What gcc leaves undefined has no value here, or is a shift of a negative number.
        if let Ok(Some(value)) = value(&text, &[])
            && i64::try_from(value).is_ok()
        {
            texts.push((text, value));
        }
    }
    let dir = std::env::temp_dir().join(format!("cwire-expr-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (source, program) = (dir.join("expr.c"), dir.join("expr"));
    let mut c = String::from("#include <stdio.h>\nint main(void) {\n");
    for (text, _) in &texts {
        let wide: String = text
            .chars()
            .map(|char| match char {
                '0'..='9' => format!("(__int128){char}"),
                char => char.to_string(),
            })
            .collect();
        c.push_str(&format!("printf(\"%lld\\n\", (long long)({wide}));\n"));
    }
    c.push_str("}\n");
    std::fs::write(&source, c).unwrap();
    run(gcc.arg("-w").arg("-fwrapv").arg("-o").arg(&program).arg(&source));
    let output = run(&mut Command::new(&program));
    std::fs::remove_dir_all(&dir).unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), texts.len());
    for (line, (text, value)) in output.lines().zip(&texts) {
        assert_eq!(line, value.to_string(), "{text}");
    }
}

#[test]
fn sizeof_is_of_the_record_and_a_cast_is_none_where_a_field_has_the_name() {
    let text = "struct leg { int a, b, c; }; typedef short count; \
                struct s { char count; char leg[5]; int last; };";
    let mut header = header(text, Abi::X86_64_LINUX);
    let bytes = [3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0];
    for (text, expected) in [
        ("sizeof(leg)", 12),
        ("sizeof leg", 12),
        ("sizeof(struct leg)", 12),
        ("sizeof(leg[0])", 1),
        ("sizeof leg[0]", 1),
        ("(count) + 1", 4),
        ("(count)", 3),
        ("(short)count", 3),
        ("sizeof(count)", 2),
    ] {
        assert_eq!(value_in(&mut header, "s", text, &bytes), Ok(Some(expected)), "{text}");
    }
}

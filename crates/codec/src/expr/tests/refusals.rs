//! Texts that are no expression, and what is said of them.

use super::*;

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, message) in [
        ("", "0..0: needs an operand, found the end"),
        ("1 +", "3..3: needs an operand, found the end"),
        ("(1", "2..2: needs `)`, found the end"),
        ("1 2", "2..3: needs an operator, found `2`"),
        ("len = 3", "4..5: needs `==` to compare, found `=`"),
        ("len @ 3", "4..5: needs an operator or an operand, found '@'"),
        ("09", "0..2: `09` is no integer constant of C"),
        ("1x", "0..2: `1x` is no integer constant of C"),
        ("1.5 + len", "0..3: needs an integer, found a floating constant"),
        ("\"abc\"", "0..5: needs an integer, found a string"),
        ("'abcde'", "0..7: needs 1 to 4 bytes between the quotes, found 5"),
        ("'a", "0..2: needs a closing ', found none"),
        ("'\\q'", "1..3: unknown escape `\\q`"),
        (
            "lenn + 1",
            "0..4: `lenn` is no field of `struct msg` and no constant; did you mean `len`?",
        ),
        ("SEL", "0..3: `SEL` is no field of `struct msg` and no constant; did you mean `SELL`?"),
        (
            "3 + named.inne",
            "10..14: `inne` is no field of `struct (unnamed at test.h:18)`; did you mean `inner`?",
        ),
        ("len.x", "0..3: needs a struct before `.`, found `uint16_t`"),
        ("len[1]", "0..3: needs an array before `[`, found `uint16_t`"),
        ("legs[3].price", "5..6: needs an index below 3, found 3"),
        ("legs[-1].price", "5..7: needs an index below 3, found -1"),
        ("legs", "0..4: needs an integer, found `struct leg[3]`: an element is `[index]`"),
        ("legs[0]", "0..7: needs an integer, found `struct leg`: a member is `.name`"),
        ("ratio", "0..5: needs an integer, found `float`"),
        (
            "pointer->x",
            "7..9: needs `.`, found `->`: what a pointer points to is not in the message",
        ),
        ("sizeof(nothing)", "7..14: `nothing` is no record, type or field"),
        ("sizeof(mid)", "7..10: needs a type with a size, found a bit-field"),
        ("u9(0)", "0..2: unknown function `u9`; did you mean `u8`?"),
        ("be16()", "0..6: `be16` needs 1 argument, found 0"),
        ("align(1, 2, 3)", "0..14: `align` needs 2 arguments, found 3"),
        ("u8(-1)", "3..5: needs an offset of at least 0, found -1"),
        ("recall(t, 1)", "0..6: `recall` has nothing to recall here"),
        ("1 / 0", "0..5: division by zero in `1 / 0`"),
        ("NOT_A_NUMBER", "0..12: `NOT_A_NUMBER`: needs an integer"),
        ("(float)1", "1..6: needs an integer type to cast to"),
        (
            "170141183460469231731687303715884105728",
            "0..39: needs a number below 2^127, found `170141183460469231731687303715884105728`",
        ),
    ] {
        let error = value(text, &[0; 160]).expect_err(text);
        match text {
            "NOT_A_NUMBER" => assert!(error.starts_with("0..12: `NOT_A_NUMBER`: "), "{error}"),
            _ => assert_eq!(error, message, "{text}"),
        }
    }
}

#[test]
fn nesting_has_a_limit_and_what_is_only_long_has_none() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(value(&nested(255), &[]), Ok(Some(1)));
    let error = value(&nested(256), &[]).unwrap_err();
    assert_eq!(error, "256..257: needs at most 256 levels of nesting");
    assert!(value(&"(".repeat(60_000), &[]).unwrap_err().contains("levels of nesting"));
    assert!(value(&"-".repeat(60_000), &[]).unwrap_err().contains("levels of nesting"));
    assert!(value(&"1?".repeat(30_000), &[]).unwrap_err().contains("levels of nesting"));
    assert!(value(&"legs[".repeat(9_000), &[]).unwrap_err().contains("levels of nesting"));
    assert!(value(&"u8(".repeat(9_000), &[]).unwrap_err().contains("levels of nesting"));
    // `sizeof` takes the next word for a name, and so goes no deeper.
    assert!(value(&"sizeof ".repeat(9_000), &[]).unwrap_err().contains("`sizeof`"));
    assert!(value(&"(int)".repeat(9_000), &[]).unwrap_err().contains("levels of nesting"));
    let long = format!("u8(0){}", " + u8(0)".repeat(8_000));
    assert_eq!(value(&long, &[1]), Ok(Some(8_001)));
    let deep = format!("{}u8(0){}", "u8(0) + (".repeat(250), ")".repeat(250));
    assert_eq!(value(&deep, &[1]), Ok(Some(251)));
    let error = value(&"1 + ".repeat(20_000), &[]).unwrap_err();
    assert_eq!(error, "0..0: needs an expression of at most 65536 bytes, found 80000");
}

//! Files that cannot work, and what is said of them. The texts were written by hand.

use super::*;

fn error(text: &str) -> String {
    match try_protocol(text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_caret_points_into_the_expression() {
    let text =
        "endian = \"big\"\n\n[[message]]\nrecord = \"head\"\nlength = \"sizeof(head) + bdy_len\"\n";
    assert_eq!(
        error(text),
        "test.toml:5:26: error: `bdy_len` is no field of `struct head` and no constant; \
         did you mean `body_len`?\n    5 | length = \"sizeof(head) + bdy_len\"\n      |                          ^"
    );
}

#[test]
fn escapes_and_several_lines_do_not_move_the_caret() {
    let text =
        "[[message]]\nrecord = 'head'\nlength = \"\"\"\n4 + \\\n   body_len \\u002B nope\"\"\"\n";
    assert_eq!(
        error(text),
        "test.toml:5:20: error: `nope` is no field of `struct head` and no constant\n\
        \x20   5 |    body_len \\u002B nope\"\"\"\n      |                    ^"
    );
    let text = "[[message]]\n\trecord = 'head'\n\tlength = \"'\\u00e9' + \\tx\"\n";
    assert_eq!(
        error(text),
        "test.toml:3:25: error: `x` is no field of `struct head` and no constant\n\
        \x20   3 | \tlength = \"'\\u00e9' + \\tx\"\n      | \t                       ^"
    );
    let text = "[[message]]\nlength = 'u8(0'\n";
    assert_eq!(
        error(text),
        "test.toml:2:15: error: needs `,` or `)`, found the end\n    2 | length = 'u8(0'\n      |               ^"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = "[[message]]\nrecord = 'heat'\n[[message]]\nlength = 'u7(0)'\n[[message]]\nsid = 'client'\n";
    let parsing = ProtocolFile::parse("test.toml", text).unwrap_err().to_string();
    assert_eq!(
        parsing,
        "test.toml:6:1: error: unknown key `sid`; did you mean `side`?\n    6 | sid = 'client'\n      | ^"
    );
    assert_eq!(
        error(&text.replace("sid =", "side =")),
        "test.toml:2:11: error: unknown record `heat`; did you mean `head`?\n\
        \x20   2 | record = 'heat'\n      |           ^\n\
         test.toml:4:11: error: unknown function `u7`; did you mean `u8`?\n\
        \x20   4 | length = 'u7(0)'\n      |           ^\n\
         test.toml:5:1: error: needs `length` or `record`: nothing says how long the message is\n\
        \x20   5 | [[message]]\n      | ^"
    );
}

/// Line, column and message of the first problem.
fn first(text: &str) -> String {
    let error = try_protocol(text).err().unwrap_or_else(|| panic!("accepted:\n{text}"));
    let problem = &error.problems()[0];
    format!("{}:{}: {}", problem.line(), problem.column(), problem.message())
}

#[test]
fn what_cannot_work_is_refused_at_its_place() {
    let most = "16777216";
    for (text, expected) in [
        // The file.
        ("", "1:1: needs at least one `[[message]]`, found none".to_owned()),
        ("endian = 'middle'\n[[message]]\nlength = 1", "1:11: needs \"big\" or \"little\", found \"middle\"".into()),
        ("endian = 1\n", "1:10: needs \"big\" or \"little\", found a number".into()),
        ("abi = 'x86_64-unknown-linux-gn'", "1:8: needs a target triple that is known, found `x86_64-unknown-linux-gn`; did you mean `x86_64-unknown-linux-gnu`?".into()),
        ("header = 5", "1:10: needs a file name or a list of them, found a number".into()),
        ("message = 5", "1:11: needs a table or a list of tables for `message`, found a number".into()),
        ("colour = 5", "1:1: unknown key `colour`; a protocol file has `endian`, `abi`, `header`, `message`, `union` and `array`".into()),
        // Keys of a message.
        ("[[message]]\nlength = 1\nside = 'both'", "3:9: needs \"client\" or \"server\", found \"both\"".into()),
        ("[[message]]\nlength = 1\nwhen = true", "3:8: needs an expression or a number, found a boolean".into()),
        ("[[message]]\nlength = 1\nwhen = '2 < 1'", "3:9: needs a condition that can be true, found one that is always 0".into()),
        ("[[message]]\nlength = 1\ntimes = 0", "3:9: needs at least 1, found 0".into()),
        ("[[message]]\nlength = 1\ntimes = 'u8(0)'", "3:10: needs a number that is the same for all messages, found an expression over bytes".into()),
        ("[[message]]\nlength = 1\nprefix = -1", format!("3:10: needs 0 to {most}, found -1")),
        ("[[message]]\nrecord = 'nothing'", "2:11: unknown record `nothing`".into()),
        ("[[message]]\nrecord = 'declared'", "2:11: needs a record with a body, found the declaration `declared`".into()),
        ("[[message]]\nrecord = 'number'", "2:11: needs a record, found `number`".into()),
        ("[[message]]\nlength = 0", format!("2:10: needs a length of 1 to {most} bytes, found 0")),
        ("[[message]]\nlength = '2 - 2'", format!("2:11: needs a length of 1 to {most} bytes, found 0")),
        ("[[message]]\nlength = -4", format!("2:10: needs a length of 1 to {most} bytes, found -4")),
        ("[[message]]\nprefix = 4\nlength = 3", format!("3:10: needs a length of 4 to {most} bytes, found 3")),
        ("[[message]]\nlength = 11\nmax = 10", "2:10: needs a length of 1 to 10 bytes, found 11".into()),
        ("[[message]]\nrecord = 'order'\nmax = 10", "2:11: needs a message of at most 10 bytes (`max`), found 12".into()),
        ("[[message]]\nlength = 1.5", "2:10: needs an expression, a number or { field, scale, adjust }, found a floating number".into()),
        ("[[message]]\nlength = { scale = 1 }", "2:10: a length needs `field`".into()),
        ("[[message]]\nrecord = 'head'\nlength = { field = 'body' }", "3:21: `body` is no field of `struct head` and no constant".into()),
        ("[[message]]\nrecord = 'head'\nlength = { field = 'body_len', scale = 0 }", "3:40: needs a scale other than 0, found 0".into()),
        ("[[message]]\nrecord = 'head'\nlength = { field = 'MAGIC' }", "3:21: needs a field, found a constant".into()),
        ("[[message]]\nrecord = 'head'\ntrim = 2", "3:8: needs `length` where there is `trim`: without it a message ends with its record".into()),
        ("[[message]]\nlength = 1\ncases = { 1 = 'head' }", "3:9: needs `switch` beside `cases`".into()),
        ("[[message]]\nlength = 1\ndefault = 'head'", "3:12: needs `switch` beside `default`".into()),
        ("[[message]]\nlength = 1\nswitch = 'u8(0)'", "3:11: needs `cases` beside `switch`".into()),
        ("[[message]]\nlength = 1\nswitch = 'u8(0)'\ncases = {}", "4:9: needs at least one case, found none".into()),
        ("[[message]]\nlength = 1\nswitch = 'u8(0)'\ncases = { LOGIN = 'head', 1 = 'order' }", "4:27: `1` is 1, as `LOGIN` is".into()),
        ("[[message]]\nlength = 1\nswitch = 'u8(0)'\ncases = { LOGOUT = 'head' }", "4:11: unknown name `LOGOUT`, where no record says what fields there are".into()),
        ("[[message]]\nlength = 1\nswitch = 'u8(0)'\ncases = { \"1\" = 'hed' }", "4:18: unknown record `hed`; did you mean `head`?".into()),
        ("[[message]]\nrecord = 'head'\nswitch = 'kind'\ncases = { 2 = 'order' }", "4:16: needs `length`: `order` has 12 bytes, but without `length` the message has the 4 of `head`".into()),
        ("[[message]]\nlength = 1\nshort = 'long'", "3:10: needs \"cut\", \"zero\" or \"error\", found \"long\"".into()),
        ("[[message]]\nlength = 1\nmax = 0", "3:7: needs at least 1, found 0".into()),
        ("[[message]]\nlength = 1\nresync = 1", "3:10: needs a condition on the first bytes of a message, found one that is always 1".into()),
        ("[[message]]\nlength = 1\nremember = { table = 't', key = 1 }", "3:12: `remember` needs `value`".into()),
        ("[[message]]\nlength = '1 + recall(t, 1)'", "2:22: no message remembers anything in a table `t`".into()),
        ("[[message]]\nlength = '1 + recall(tabel, 1)'\nremember = { table = 'table', key = 1, value = 1 }", "2:22: no message remembers anything in a table `tabel`; did you mean `table`?".into()),
        // Parts.
        ("[[message]]\nlength = 4\npart = [{ at = 1 }]", "3:9: a part needs `record`".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'leg', at = -1 }]", "3:32: needs an offset of at least 0, found -1".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'leg', count = 0 }]", "3:35: needs a count of at least 1, found 0".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'leg', length = 0 }]", "3:36: needs a length of at least 1 byte, found 0".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'tlv', length = 'lenn' }]", "3:37: `lenn` is no field of `struct tlv` and no constant; did you mean `len`?".into()),
        ("[[message]]\nlength = 4\nremember = { table = 't', key = 1, value = 1 }\npart = [{ record = 'leg', length = 'recall(t, 1)' }]", "4:37: `recall` has nothing to recall here".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'leg', amount = 3 }]", "3:27: unknown key `amount`; did you mean `count`?".into()),
        ("[[message]]\nlength = 4\npart = [{ record = 'tlv', count = 'rest' }]", "3:21: needs `length`: `tlv` ends in an array that may have any length".into()),
        ("[[message]]\nlength = 4\nswitch = '1 + 1'\ncases = { 2 = 'head' }", "3:11: needs an expression over the message, found one that is always 2".into()),
        ("[[message]]\nlength = 10\nprefix = 6\ntrim = 5\nmax = 10", "4:8: needs `prefix` and `trim` to be at most 10 together (`max`)".into()),
        // Rules that are never reached.
        ("[[message]]\nlength = 4\n[[message]]\nlength = 5", "3:1: this message is never reached: one fits always, at line 1".into()),
        ("[[message]]\nwhen = 1\nlength = 4\n[[message]]\nwhen = 'u8(0)'\nlength = 5", "4:1: this message is never reached: one fits always, at line 1".into()),
        ("[[message]]\nside = 'client'\nlength = 4\n[[message]]\nside = 'server'\nlength = 4\n[[message]]\nlength = 5", "7:1: this message is never reached: one fits always, at line 4".into()),
        ("[[message]]\nwhen = 'u8(0) == 1'\nlength = 4\n[[message]]\nwhen = 'u8(0)==1'\nlength = 5", "5:9: this message is never reached: the one at line 1 fits whenever it does".into()),
        // Annotations.
        ("[[union]]\nrecord = 'event'", "1:1: a union needs `field`, `tag` and `cases`".into()),
        ("[[message]]\nrecord = 'event'\n[[union]]\nrecord = 'event'\nfield = 'boddy'\ntag = 'kind'\ncases = { 1 = 'login' }", "5:10: `boddy` is no field of `struct event`; did you mean `body`?".into()),
        ("[[message]]\nrecord = 'event'\n[[union]]\nrecord = 'event'\nfield = 'items'\ntag = 'kind'\ncases = { 1 = 'login' }", "5:10: needs a union, found `uint16_t[4]`".into()),
        ("[[message]]\nrecord = 'event'\n[[union]]\nrecord = 'event'\nfield = 'body'\ntag = 'kind'\ncases = { 1 = 'logni' }", "7:16: `logni` is no field of `union body`; did you mean `login`?".into()),
        ("[[message]]\nrecord = 'event'\n[[array]]\nrecord = 'event'\nfield = 'body'\ncount = 'n'", "5:10: needs an array, found `union body`".into()),
        ("[[message]]\nrecord = 'event'\n[[array]]\nrecord = 'event'\nfield = 'items'\ncount = 'm'", "6:10: `m` is no field of `struct event` and no constant; did you mean `n`?".into()),
    ] {
        // A single letter has no near ones.
        let found = first(text);
        let expected = expected.replace("constant; did you mean `n`?", "constant");
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn rules_that_others_do_not_cover_are_taken() {
    for text in [
        "[[message]]\ntimes = 1\nlength = 4\n[[message]]\nlength = 5",
        "[[message]]\nside = 'client'\nlength = 4\n[[message]]\nlength = 5",
        "[[message]]\nside = 'client'\nwhen = 'u8(0)'\nlength = 4\n[[message]]\nwhen = 'u8(0)'\nlength = 5",
        "[[message]]\ntimes = 1\nwhen = 'u8(0)'\nlength = 4\n[[message]]\nwhen = 'u8(0)'\nlength = 5",
    ] {
        assert!(try_protocol(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let error = ProtocolFile::parse("test.toml", "[[message]\nlength = 1\n").unwrap_err();
    assert_eq!(error.problems()[0].line(), 1);
    let error = ProtocolFile::parse("test.toml", "length = \"abc\nx = 1").unwrap_err();
    assert_eq!(error.problems()[0].line(), 1);
    let error = ProtocolFile::parse("test.toml", "a = 1\na = 2\n").unwrap_err();
    assert_eq!((error.problems()[0].line(), error.problems()[0].column()), (2, 1));
    let deep = format!("x = {}1{}", "[".repeat(5000), "]".repeat(5000));
    let error = ProtocolFile::parse("test.toml", &deep).unwrap_err();
    assert_eq!(error.problems()[0].line(), 1);
}

#[test]
fn a_header_that_cannot_be_read_is_told_where_it_is_named() {
    let text = "header = [\"a.h\",\n  \"b.h\"]\n[[message]]\nlength = 1\n";
    let file = ProtocolFile::parse("dir/test.toml", text).unwrap();
    assert_eq!(file.headers().collect::<Vec<_>>(), ["a.h", "b.h"]);
    assert_eq!(
        file.header_error(1, "no such file").to_string(),
        "dir/test.toml:2:3: error: no such file\n    2 |   \"b.h\"]\n      |   ^"
    );
    assert_eq!(file.abi(), None);
}

#[test]
fn the_head_of_a_file_says_abi_byte_order_and_headers() {
    let text =
        "abi = 'i686-linux-gnu'\nendian = 'big'\nheader = 'one.h'\n[[message]]\nlength = 1\n";
    let file = ProtocolFile::parse("test.toml", text).unwrap();
    assert_eq!(file.abi(), Some(Abi::I686_LINUX));
    assert_eq!(file.endian(), Some(cwire_layout::abi::Endian::Big));
    assert_eq!(file.headers().collect::<Vec<_>>(), ["one.h"]);
    assert!(file.has_messages());
}

#[test]
fn a_file_has_at_most_so_many_bytes_and_messages() {
    let messages = |count: u32| -> String {
        (0..count)
            .map(|index| format!("[[message]]\nwhen = 'be32(0) == {index}'\nlength = 4\n"))
            .collect()
    };
    assert!(try_protocol(&messages(4096)).is_ok());
    assert_eq!(first(&messages(4097)), "12289:1: needs at most 4096 messages, found 4097");
    let mut text = "[[message]]\nlength = 4\n#".to_owned();
    text.push_str(&"x".repeat((1 << 20) - text.len()));
    assert!(try_protocol(&text).is_ok());
    text.push('x');
    assert_eq!(first(&text), "1:1: needs a file of at most 1048576 bytes, found 1048577");
}

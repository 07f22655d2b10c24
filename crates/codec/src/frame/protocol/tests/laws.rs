//! Laws, over protocols and bytes made at random.

use proptest::prelude::*;

use super::super::fuzz;

/// Small numbers are likely, so that conditions hold and lengths fit.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![6 => 0..8u8, 2 => 0..64u8, 2 => any::<u8>()];
    prop::collection::vec(byte, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// See the body: the same messages however the bytes arrive, and those of the model.
    #[test]
    fn messages_do_not_depend_on_chunking_and_are_those_of_the_model(data in data()) {
        fuzz::protocol_frames(&data);
    }

    #[test]
    fn a_file_of_likely_words_is_compiled_or_refused_at_its_place(
        words in prop::collection::vec(prop::sample::select(vec![
            "[[message]]\n", "[[union]]\n", "[[array]]\n", "endian = ", "record = ", "length = ",
            "when = ", "'head'", "'u8(0)'", "\"len + 4\"", "'kind == LOGIN'", "1", "0", "-1", "\n",
            "\n", "\n", "part = ", "[", "]", "{", "}", ", ", "count = ", "'rest'", "switch = ",
            "cases = ", "LOGIN = ", "2 = ", "remember = { table = 't', key = 1, value = 2 }",
            "'recall(t, 1)'", "'remaining()'", "max = ", "times = ", "prefix = ", "trim = ", "'''",
            "\"\"\"", "\\u0041", "field = ", "tag = ", "'body'", "'items'", "'event'", "resync = ",
        ]), 0..40),
    ) {
        fuzz::protocol_file(words.concat().as_bytes());
    }
}

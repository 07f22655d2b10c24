//! Conditions where no compiler is asked.

use super::*;

#[test]
fn conditions_nest_up_to_the_limit() {
    let nested =
        |depth: usize| format!("{}x\n{}", "#if 1\n".repeat(depth), "#endif\n".repeat(depth));
    assert_eq!(expand(&nested(256)), "x");
    assert_eq!(
        refuse(&nested(257)),
        ("conditions nest at most 256 deep, found more".to_owned(), 257, 1)
    );
    // Skipped ones cost nothing.
    assert_eq!(expand(&format!("#if 0\n{}#endif\ny", nested(9999))), "y");
    let parens =
        |depth: usize| format!("#if {}1{}\nx\n#endif", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(expand(&parens(250)), "x");
    assert_eq!(refuse(&parens(300)).0, "a condition nests at most 256 deep, found more");
    assert_eq!(
        refuse(&format!("#if {}1\n#endif", "!".repeat(100_000))).0,
        "a condition nests at most 256 deep, found more"
    );
    assert_eq!(
        refuse(&format!("#if {}1\n#endif", "1?".repeat(100_000))).0,
        "a condition nests at most 256 deep, found more"
    );
}

#[test]
fn a_headers_own_byte_order_is_the_abis() {
    let text = "#include <endian.h>\n#if __BYTE_ORDER == __LITTLE_ENDIAN && BYTE_ORDER == LITTLE_ENDIAN\nlittle\n#elif __BYTE_ORDER == __BIG_ENDIAN\nbig\n#endif\n\
                #if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__\nbig\n#endif";
    let expand = |abi| {
        spellings(&run(&[("main.h", text)], &Options::new(abi)).expect("it is well-formed"))
            .join(" ")
    };
    assert!(expand(Abi::X86_64_LINUX).ends_with("little"));
    assert!(expand(Abi::S390X_LINUX).ends_with("big big"));
    assert!(
        expand(Abi::X86_64_LINUX.with_endian(cwire_layout::abi::Endian::Big)).ends_with("big big")
    );
}

#[test]
fn character_constants_have_the_sign_of_the_abi() {
    let text = "#if '\\377' < 0\nsigned\n#endif\n#if L'\\xffffffff' < 0\nwide\n#endif";
    let expand = |abi| {
        spellings(&run(&[("main.h", text)], &Options::new(abi)).expect("it is well-formed"))
            .join(" ")
    };
    assert_eq!(expand(Abi::X86_64_LINUX), "signed wide");
    assert_eq!(expand(Abi::ARM_LINUX), "");
    assert_eq!(expand(Abi::POWERPC_LINUX), "wide");
}

//! Man pages and completions.

use crate::printed;

#[test]
fn man_pages_name_every_flag() {
    let man = printed(&["generate", "man", "layout"]);
    for flag in ["record", "abi", "endian", "explain", "svg", "json", "lang", "color", "expand"] {
        assert!(man.contains(&format!("\\-\\-{flag}")), "--{flag} in\n{man}");
    }
    assert!(man.contains("fpack\\-struct"), "{man}");
    assert!(printed(&["generate", "man"]).contains("layout"));
}

#[test]
fn completions_are_there_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let completions = printed(&["generate", "complete", shell]);
        assert!(completions.contains("explain"), "{shell}:\n{completions}");
    }
}

#[test]
fn the_version_is_the_package_s() {
    let version = format!("cwire {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed(&["--version"]), version);
    assert!(printed(&["help"]).contains("Usage: cwire"));
    assert!(printed(&["help", "layout"]).contains("-fpack-struct=N"));
}

#[test]
fn every_abi_is_listed() {
    let table = printed(&["abis"]);
    let json: serde_json::Value = serde_json::from_str(&printed(&["abis", "--json"])).unwrap();
    let abis = json.as_array().unwrap();
    assert_eq!(abis.len(), 18);
    for abi in abis {
        let triple = abi["abi"].as_str().unwrap();
        assert!(table.contains(triple), "{triple} in\n{table}");
        printed(&["layout", "point.h", "--abi", triple]);
    }
}

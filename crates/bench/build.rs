//! Compiles the C++ peers: functions for the codec, programs for the rest.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=cpp");
    compiler().file("cpp/codec.cpp").file("cpp/json.cpp").compile("codec_peer");

    let out = std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    for name in ["capture", "net", "relay"] {
        let program = Path::new(&out).join(name);
        let source = format!("cpp/{name}.cpp");
        let mut command = compiler().get_compiler().to_command();
        let status = command.arg("-o").arg(&program).arg(&source).status();
        let status = status.expect("the C++ compiler runs");
        assert!(status.success(), "{source} does not compile");
        let variable = format!("CWIRE_BENCH_{}", name.to_uppercase());
        println!("cargo::rustc-env={variable}={}", program.display());
    }
}

/// The same flags in every profile: what `-O2` makes of the C++ side is the yardstick.
fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(2).debug(false).warnings(true).extra_warnings(true);
    build
}

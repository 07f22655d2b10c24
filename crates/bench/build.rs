//! Compiles the C++ peers: functions for the codec, a program for the transport.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=cpp");
    compiler().file("cpp/codec.cpp").compile("codec_peer");

    let out = std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    let program = Path::new(&out).join("net");
    let mut command = compiler().get_compiler().to_command();
    let status = command.arg("-o").arg(&program).arg("cpp/net.cpp").status();
    let status = status.expect("the C++ compiler runs");
    assert!(status.success(), "cpp/net.cpp does not compile");
    println!("cargo::rustc-env=CWIRE_BENCH_NET={}", program.display());
}

/// The same flags in every profile: what `-O2` makes of the C++ side is the yardstick.
fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").opt_level(2).debug(false).warnings(true).extra_warnings(true);
    build
}

//! The other side: C++ programs compiled on the spot, and Node.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::Program;

/// The demo's C++ sender with these arguments; `None` if there is no g++.
pub(crate) fn cpp_sender(port: u16, args: &[&str]) -> Option<Program> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let sender = BUILT.get_or_init(|| build("cpp/sender.cpp", &[])).as_ref()?;
    let port = port.to_string();
    Some(Program::start(Command::new(sender).args(["127.0.0.1", &port]).args(args)))
}

/// The demo's C++ receiver for one connection, and its port; `None` if there is no g++.
pub(crate) fn cpp_receiver(args: &[&str]) -> Option<(Program, u16)> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let receiver = BUILT.get_or_init(|| build("cpp/receiver.cpp", &[])).as_ref()?;
    let mut receiver = Program::start(
        Command::new(receiver).args(["--port", "0", "--connections", "1"]).args(args),
    );
    let port = receiver.listening_port();
    Some((receiver, port))
}

/// The i386 peer with these arguments; `None` if g++ cannot compile for i386.
pub(crate) fn i386_peer(args: &[&str]) -> Option<Program> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let peer = BUILT.get_or_init(|| build("tests/e2e/i386_peer.cpp", &["-m32"])).as_ref()?;
    Some(Program::start(Command::new(peer).args(args)))
}

/// The Node peer with these arguments; `None` if there is no Node.
pub(crate) fn node_peer(args: &[&str]) -> Option<Program> {
    if let Err(error) = Command::new("node").arg("--version").output() {
        skipped(&format!("node: {error}"));
        return None;
    }
    Some(Program::start(Command::new("node").arg(source("tests/e2e/node_peer.js")).args(args)))
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compiles one C++ file, as its first lines say, with all warnings as errors.
fn build(path: &str, flags: &[&str]) -> Option<PathBuf> {
    let name = Path::new(path).file_stem()?.to_str()?;
    let program =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let compiled = Command::new("g++")
        .args(["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror"])
        .args(flags)
        .arg("-o")
        .arg(&program)
        .arg(source(path))
        .output();
    match compiled {
        Ok(output) if output.status.success() => return Some(program),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            // A missing 32-bit library is the machine's fault, anything else is the source's.
            assert!(!flags.is_empty(), "g++ {path}: {errors}");
            skipped(&format!("g++ {flags:?}: {}", errors.lines().next().unwrap_or_default()));
        }
        Err(error) => skipped(&format!("g++: {error}")),
    }
    None
}

fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "a peer is missing: {why}");
    eprintln!("skipped, since a peer is missing: {why}");
}

/// Builds both C++ programs with CMake, as a C++ user would; `None` if there is no CMake.
pub(crate) fn cmake_build() -> Option<PathBuf> {
    // Its cache names the source folder, which may have moved since.
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cmake");
    let _ = std::fs::remove_dir_all(&dir);
    let run = |args: &[&std::ffi::OsStr]| match Command::new("cmake").args(args).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "cmake {args:?}: {errors}");
            Some(())
        }
        Err(error) => {
            skipped(&format!("cmake: {error}"));
            None
        }
    };
    run(&["-S".as_ref(), source("cpp").as_os_str(), "-B".as_ref(), dir.as_os_str()])?;
    run(&["--build".as_ref(), dir.as_os_str()])?;
    Some(dir)
}

//! Layouts out of debug information against what the same compilation put into the object's data:
//! `sizeof`, `_Alignof`, `offsetof`, and for bit-fields the bytes of a record in which only that one is
//! set. None of this comes from debug information.

#![allow(clippy::indexing_slicing, reason = "that is how a test fails")]

mod cases;
mod cxx;
mod files;
mod handmade;
mod headers;
mod mutations;
mod truth;

use std::path::{Path, PathBuf};
use std::process::Command;

use cwire_debuginfo::{DebugInfo, Options, read_file};
use cwire_tests::{run, tool};

/// A folder of one test, which is emptied first.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debuginfo").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("the target folder is writable");
    dir
}

/// Compiles `source` in `dir` to an object.
fn compile(
    dir: &Path,
    file: &str,
    source: &str,
    compiler: &str,
    flags: &[&str],
) -> Option<PathBuf> {
    let mut command = tool(compiler)?;
    std::fs::write(dir.join(file), source).expect("the target folder is writable");
    run(command.current_dir(dir).args(flags).args(["-w", "-c", file, "-o", "a.o"]));
    Some(dir.join("a.o"))
}

fn read(path: &Path) -> DebugInfo {
    let info = read_file(path, &Options::default());
    info.unwrap_or_else(|error| panic!("{error}"))
}

/// A command in a folder, if the program is there.
fn command(dir: &Path, name: &str) -> Option<Command> {
    let mut command = tool(name)?;
    command.current_dir(dir);
    Some(command)
}

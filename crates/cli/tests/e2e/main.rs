//! Runs the program `cwire`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "that is how a test fails, in its helper functions, too"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod captures;
mod compiler;
#[cfg(target_os = "linux")]
mod damaged;
mod decode;
mod folder;
mod generated;
#[cfg(unix)]
mod live;
mod packets;
#[cfg(target_os = "linux")]
mod peers;
mod process;
#[cfg(unix)]
mod running;
mod svg;
// The commands of the transcripts run in a shell.
#[cfg(unix)]
mod transcripts;

/// `cwire`, run in `tests/data`.
fn cwire(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cwire"));
    command.args(args).current_dir(data()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Standard output of a command that must succeed.
fn printed(args: &[&str]) -> String {
    let output = cwire(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cwire {args:?}: {}\n{stderr}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

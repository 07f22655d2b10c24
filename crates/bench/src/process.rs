//! The parties to a benchmark as processes of their own, each on a core of its own.
//!
//! A party is a C++ peer, another program, or the benchmark itself started again in a *role*. It is
//! told numbers on its command line, says on standard output what it measured, and where it waits
//! for the benchmark to look at somebody, a line on standard input lets it go on.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::Options;

/// A party. Dropped before its end, it is killed: a benchmark that fails leaves nothing behind.
pub struct Process {
    child: Child,
    output: BufReader<Box<dyn Read>>,
}

impl Process {
    /// Starts a program with `numbers` as its last arguments.
    pub fn start(command: &mut Command, numbers: &[u64]) -> Self {
        command.args(numbers.iter().map(ToString::to_string));
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let output = child.stdout.take().expect("it is piped");
        Self { child, output: BufReader::new(Box::new(output)) }
    }

    /// Starts `cwire`, or what runs it, with what it says on standard error for its lines; what it prints
    /// is thrown away.
    pub fn cwire(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let said = child.stderr.take().expect("it is piped");
        Self { child, output: BufReader::new(Box::new(said)) }
    }

    /// Starts a C++ peer.
    #[must_use]
    pub fn cpp(program: &str, role: &str, core: u64, numbers: &[u64]) -> Self {
        Self::start(Command::new(program).args([role, &core.to_string()]), numbers)
    }

    /// Starts this benchmark again, for which [`role`] then returns `role` and `numbers`.
    #[must_use]
    pub fn rust(role: &str, core: u64, numbers: &[u64]) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let args = [format!("role={role}"), core.to_string()];
        Self::start(Command::new(program).args(args), numbers)
    }

    /// The next line it prints, empty if it ended.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program says something");
        line.trim().to_owned()
    }

    /// The port it listens on, which servers print first, alone or behind an address.
    pub fn port(&mut self) -> u64 {
        let line = self.line();
        let port = line.rsplit(':').next().unwrap_or_default();
        port.parse().unwrap_or_else(|_| panic!("a port is needed, found {line:?}"))
    }

    /// Asks it to end, and waits for that. Its status is its own affair: `cwire` counts peers that break a
    /// connection among what was wrong.
    pub fn stop(mut self) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("it was started"), Signal::TERM).expect("it runs");
        self.child.wait().expect("it was started");
    }

    /// Lets it go on.
    pub fn go_on(&mut self) {
        let input = self.child.stdin.as_mut().expect("it is piped");
        input.write_all(b"\n").expect("the program waits for it");
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory in KiB, now and at most so far.
    #[must_use]
    pub fn memory(&self) -> [u64; 2] {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(path).expect("the process runs, on Linux");
        ["VmRSS:", "VmHWM:"].map(|name| figure(&status, name))
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// It did not succeed.
    pub fn end(mut self) {
        assert!(self.child.wait().expect("it was started").success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended, and then nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number behind `word`, in what a party printed.
///
/// # Panics
///
/// There is none.
#[must_use]
pub fn figure<T: FromStr>(text: &str, word: &str) -> T {
    let mut words = text.split_whitespace().skip_while(|found| *found != word).skip(1);
    let number = words.next().and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("no {word} in {text:?}"))
}

/// The role that [`Process::rust`] started this process in, with its numbers; pins it to its core.
#[must_use]
pub fn role() -> Option<(String, Vec<u64>)> {
    let mut args = std::env::args().skip(1);
    let role = args.next()?.strip_prefix("role=")?.to_owned();
    let mut numbers = args.map(|arg| arg.parse().expect("a number"));
    let core = numbers.next().expect("a core");
    let mut cores = CpuSet::new();
    cores.set(usize::try_from(core).expect("a core"));
    // A machine with fewer cores runs it all the same, with less to say.
    let _ = sched_setaffinity(None, &cores);
    Some((role, numbers.collect()))
}

/// Allows this process and those it starts as many open files as the system lets it; returns how
/// many those are.
#[must_use]
pub fn raise_file_limit() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // What the limit was then stays.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Builds `cwire` as it is shipped, which takes a while; for `--smoke` as it is built most quickly.
///
/// A package cannot ask Cargo for the program of another, so this asks once more. The folder of the
/// builds is three above this program: `target/release/deps/header-…`.
///
/// # Panics
///
/// It cannot be built.
#[must_use]
pub fn cwire(options: &Options) -> PathBuf {
    let profile = if options.smoke { "release" } else { "dist" };
    let this = std::env::current_exe().expect("this program has a path");
    let target = this.ancestors().nth(3).expect("Cargo built this program");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "cwire-cli", "--bin", "cwire"])
        .args(["--profile", profile, "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .status();
    assert!(built.expect("cargo starts").success(), "cwire is built");
    target.join(profile).join("cwire").with_extension(std::env::consts::EXE_EXTENSION)
}

//! Programs that run beside a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long any one thing may take before the test fails.
const DEADLINE: Duration = Duration::from_secs(120);

/// A running program whose output is collected. Killed if the test drops it.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<(Stream, String)>,
    stdout: Vec<String>,
    stderr: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stream {
    Stdout,
    Stderr,
}

/// What a program left behind.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawned.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        collect(child.stdout.take().expect("piped"), Stream::Stdout, sender.clone());
        collect(child.stderr.take().expect("piped"), Stream::Stderr, sender);
        Self { child, lines, stdout: Vec::new(), stderr: Vec::new() }
    }

    /// `receiver` on a free port of 127.0.0.1, and that port.
    pub(crate) fn receiver(args: &[&str]) -> (Self, u16) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_receiver"));
        let mut receiver = Self::start(command.args(["--listen", "127.0.0.1:0"]).args(args));
        let port = receiver.listening_port();
        (receiver, port)
    }

    /// `sender` to this port of 127.0.0.1.
    pub(crate) fn sender(port: u16, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sender"));
        Self::start(command.arg(format!("127.0.0.1:{port}")).args(args))
    }

    /// Waits until it says `listening on 127.0.0.1:PORT` on standard error.
    pub(crate) fn listening_port(&mut self) -> u16 {
        let line = self.wait_for_stderr("listening on 127.0.0.1:");
        line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// Waits for a line on standard error that contains `part`, and takes it.
    pub(crate) fn wait_for_stderr(&mut self, part: &str) -> String {
        self.wait_for(Stream::Stderr, part)
    }

    /// Waits for a line on standard output that contains `part`, and takes it.
    pub(crate) fn wait_for_stdout(&mut self, part: &str) -> String {
        self.wait_for(Stream::Stdout, part)
    }

    fn wait_for(&mut self, stream: Stream, part: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let seen = match stream {
                Stream::Stdout => &mut self.stdout,
                Stream::Stderr => &mut self.stderr,
            };
            if let Some(at) = seen.iter().position(|line| line.contains(part)) {
                return seen.remove(at);
            }
            assert!(self.collect_until(deadline), "ended without {part:?}: {:?}", self.stderr);
        }
    }

    /// Takes one line in; `false` if both outputs are closed.
    fn collect_until(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok((Stream::Stdout, line)) => self.stdout.push(line),
            Ok((Stream::Stderr, line)) => self.stderr.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("still running: {:?}", self.stderr),
        }
        true
    }

    /// Writes to its standard input.
    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("open");
        stdin.write_all(text.as_bytes()).expect("it reads");
        stdin.flush().expect("it reads");
    }

    /// Sends it a signal, `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh").success());
    }

    /// Closes its standard input and waits until it ends.
    pub(crate) fn finish(mut self) -> Finished {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + DEADLINE;
        while self.collect_until(deadline) {}
        let status = self.child.wait().expect("a child");
        let (stdout, stderr) = (std::mem::take(&mut self.stdout), std::mem::take(&mut self.stderr));
        Finished { status, stdout, stderr }
    }

    /// Closes its standard input, does something, and waits until it ends.
    pub(crate) fn finish_while(mut self, something: impl FnOnce()) -> Finished {
        drop(self.child.stdin.take());
        something();
        self.finish()
    }

    /// Waits until it ends, and asserts that its exit status is 0.
    pub(crate) fn succeed(self) -> Finished {
        let finished = self.finish();
        assert!(finished.status.success(), "{}: {:?}", finished.status, finished.stderr);
        finished
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(output: impl Read + Send + 'static, stream: Stream, lines: Sender<(Stream, String)>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if lines.send((stream, String::from_utf8_lossy(&line).into_owned())).is_err() {
                break;
            }
        }
    });
}

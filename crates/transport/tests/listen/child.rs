//! Tests that need a process of their own: the test runs this program again, and takes the other
//! part there.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Set in the child.
pub(crate) const MARK: &str = "CWIRE_TEST_CHILD";

/// How long any one thing may take before the test fails.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The command that runs this test alone; `name` is the test's path. Sets no mark.
pub(crate) fn command_line(name: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("the system knows this program");
    let program = program.into_os_string().into_string().expect("its path is text");
    [program.as_str(), name, "--exact", "--nocapture"].map(str::to_owned).into()
}

/// Runs the child's part.
pub(crate) fn run(part: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        tokio::time::timeout(DEADLINE, part).await.expect("in time");
    });
}

/// Before each line that is for the parent: the test harness prints lines too.
const PROMPT: &str = "child: ";

/// Says something to the parent.
pub(crate) fn say(line: impl fmt::Display) {
    // After what the harness has left open.
    println!("\n{PROMPT}{line}");
    std::io::stdout().flush().expect("the parent listens");
}

/// The child, as the parent sees it. Killed when the test ends.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it can be run");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(said) = line.strip_prefix(PROMPT)
                    && sender.send(said.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that the child says.
    pub(crate) fn hears(&self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("the child says something")
    }

    /// Whether the child has nothing more to say for now.
    pub(crate) fn is_silent(&self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The thread that has the sockets.

use std::io;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::complaint::say;

/// How long connections may take to close when the program is asked to stop, and then what is printed.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// What connections run on.
pub(crate) struct Network {
    runtime: Runtime,
    /// Cancelled when all is to end in order: by a signal, or because enough was printed.
    pub(crate) stop: CancellationToken,
}

impl Network {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().context("starting")?;
        Ok(Self { runtime, stop: CancellationToken::new() })
    }

    /// Does what is to be done before connections are served, and waits for it.
    pub(crate) fn prepare<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// Serves connections on a thread while `print` prints what they bring. SIGINT and SIGTERM stop
    /// everything in order, a second one at once.
    ///
    /// # Errors
    ///
    /// Those of `print`, and those of starting.
    pub(crate) fn run<T>(
        self,
        serving: impl Future<Output = ()> + Send + 'static,
        print: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let Self { runtime, stop } = self;
        let mut signals = {
            let _context = runtime.enter();
            Signals::new().context("waiting for signals")?
        };
        let (end, mut printed) = oneshot::channel();
        let token = stop.clone();
        let thread = std::thread::Builder::new().name("network".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let mut serving = pin!(serving);
                let mut is_asked = false;
                // Connections close in time, but what they tell may wait for the output.
                let mut limit = pin!(tokio::time::sleep(Duration::MAX));
                loop {
                    tokio::select! {
                        () = &mut serving => break,
                        () = signals.next() => {
                            if is_asked {
                                std::process::exit(1);
                            }
                            is_asked = true;
                            token.cancel();
                            limit.as_mut().reset(tokio::time::Instant::now() + 2 * GRACE);
                        }
                        () = &mut limit => give_up(),
                    }
                }
                // What has come may be printed as slowly as the output is taken, unless it has to end.
                tokio::select! {
                    _ = &mut printed => return,
                    () = signals.next(), if !is_asked => {}
                    () = std::future::ready(()), if is_asked => {}
                }
                tokio::select! {
                    _ = printed => {}
                    () = tokio::time::sleep(GRACE) => give_up(),
                }
            });
        });
        let thread = thread.context("starting a thread")?;
        let outcome = print();
        stop.cancel();
        let _ = end.send(());
        match thread.join() {
            Ok(()) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Ends the program, since nobody takes what it prints.
fn give_up() {
    say("cwire: the output is not taken; the rest of the records is lost");
    std::process::exit(1);
}

/// Being asked to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Being asked to stop.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

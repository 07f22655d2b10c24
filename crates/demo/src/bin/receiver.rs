//! Receives `CTestData` over TCP and prints each record as it arrives.

use std::fmt;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use cwire_codec::Record;
use cwire_demo::{CTestData, Complaints, Watched, counted, say, termination};
use cwire_transport::{
    Address, Batch, Endpoint, ListenOptions, Listener, ReceiveError, RecordReader, Stream,
};
use tokio::io::AsyncWriteExt;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long connections may take to end when the program is asked to stop: long enough to print
/// what is read, and not for ever if nobody takes what is printed.
const GRACE: Duration = Duration::from_secs(2);

/// Receive `struct CTestData { char a; int b; char c[15]; }` over TCP, as C++ programs on x86-64
/// Linux send it, and print each record as it arrives.
///
/// Events of the connections go to standard error. Exit status: 0 after N records, or when stopped
/// by SIGINT or SIGTERM; 1 the same, but a peer left part of a record or vanished; 2 it could not
/// run.
#[derive(Parser)]
#[command(name = "receiver", version)]
struct Args {
    /// Where to listen: HOST:PORT, :PORT for all addresses, or unix:PATH; port 0 takes a free one;
    /// may be repeated.
    #[arg(long, value_name = "ENDPOINT", default_value = ":23452")]
    listen: Vec<Endpoint>,
    /// End after N records in all.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// What a record is printed as.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Close connections that send not one byte for so long, as in `30s` or `5min`.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration)]
    idle_timeout: Option<Duration>,
    /// Connections served at once; others wait.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line: the peer, and a, b and c.
    Text,
    /// One JSON object per line.
    Json,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting")
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(&args));
            // A write that nobody takes must not keep the program.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::BadInput) => ExitCode::from(1),
        Err(error) => {
            say(format_args!("receiver: {error:#}"));
            ExitCode::from(2)
        }
    }
}

enum Outcome {
    Clean,
    BadInput,
}

async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let stopped = termination().context("waiting for signals")?;
    let mut listener = Listener::bind(&args.listen, &ListenOptions::default()).await?;
    for addr in listener.local_addrs() {
        say(format_args!("listening on {addr}"));
    }

    let receiver = Arc::new(Receiver::new(args));
    let limit = usize::try_from(args.max_connections)?.min(Semaphore::MAX_PERMITS);
    let slots = Arc::new(Semaphore::new(limit));
    let connections = TaskTracker::new();
    let accepting = async {
        loop {
            let (stream, slot) = accept(&mut listener, &slots).await;
            let receiver = Arc::clone(&receiver);
            connections.spawn(async move {
                receiver.serve(stream).await;
                drop(slot);
            });
        }
    };
    tokio::select! {
        () = stopped => {}
        () = receiver.stop.cancelled() => {}
        () = accepting => {}
    }

    receiver.stop.cancel();
    connections.close();
    // Elapsed: the output is not taken. What is printed so far is all there will be.
    let _ = tokio::time::timeout(GRACE, connections.wait()).await;
    // Locked: a connection still waits for the output to be taken, so it has not failed.
    if let Ok(mut output) = receiver.output.try_lock()
        && let Some(error) = output.failed.take()
    {
        return Err(error).context("standard output");
    }
    let bad = receiver.bad_input.load(Ordering::Relaxed);
    Ok(if bad { Outcome::BadInput } else { Outcome::Clean })
}

/// Waits for a slot, and for a connection to fill it.
async fn accept(listener: &mut Listener, slots: &Arc<Semaphore>) -> (Stream, OwnedSemaphorePermit) {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok(stream) => return (stream, slot),
            // The listener pauses, and is silent about failures that follow.
            Err(error) => say(format_args!("receiver: accepting a connection failed: {error}")),
        }
    }
}

/// What the connections share.
struct Receiver {
    output: Mutex<Output>,
    idle_timeout: Option<Duration>,
    bad_input: AtomicBool,
    stop: CancellationToken,
}

impl Receiver {
    fn new(args: &Args) -> Self {
        let stop = CancellationToken::new();
        if args.count == Some(0) {
            stop.cancel();
        }
        let output = Output {
            stdout: tokio::io::stdout(),
            text: Vec::new(),
            format: args.format,
            wanted: args.count.unwrap_or(u64::MAX),
            failed: None,
        };
        Self {
            output: Mutex::new(output),
            idle_timeout: args.idle_timeout,
            bad_input: AtomicBool::new(false),
            stop,
        }
    }

    /// Prints the records of one connection until it ends.
    async fn serve(&self, stream: Stream) {
        let peer = stream.peer().clone();
        say(format_args!("{peer} connected"));
        let mut complaints = Complaints::new("receiver", &peer);
        let mut records = RecordReader::<_, CTestData>::new(Watched::new(stream));
        let mut received = 0;
        let end = loop {
            let deadline = self.idle_timeout.map(|limit| records.stream().last_read() + limit);
            let batch = tokio::select! {
                biased;
                () = self.stop.cancelled() => break End::Stopped,
                batch = until(deadline, records.next_batch()) => batch,
            };
            if matches!(batch, Err(End::Idle)) {
                // Part of a record may have come in the meantime.
                let silent = records.stream().last_read().elapsed();
                if self.idle_timeout.is_some_and(|limit| silent < limit) {
                    continue;
                }
                break End::Idle;
            }
            let batch = match batch {
                Ok(Some(batch)) => batch,
                Ok(None) => break End::Finished,
                Err(end) => break end,
            };
            let mut output = self.output.lock().await;
            received += output.format_batch(&batch, &peer, &mut complaints);
            let printed = output.print().await;
            if printed.is_err() || output.wanted == 0 {
                self.stop.cancel();
            }
            match printed {
                // Whoever reads has enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                Err(error) => output.failed = Some(error),
                Ok(()) => {}
            }
        };

        let total = counted(received, "record");
        match end {
            End::Finished => say(format_args!("{peer} finished: {total} received")),
            End::Stopped => say(format_args!("{peer} closed: {total} received")),
            End::Idle if records.buffered() == 0 => {
                say(format_args!("{peer} idle, closed: {total} received"));
            }
            End::Idle => complaints.add(format_args!(
                "idle {} bytes into a record of {}, at offset {:#x}, closed; {total} received",
                records.buffered(),
                size_of::<<CTestData as Record>::Bytes>(),
                records.offset(),
            )),
            End::Failed(error) => {
                complaints.add(format_args!("{:#}; {total} received", anyhow::Error::new(error)));
            }
        }
        if complaints.finish() {
            self.bad_input.store(true, Ordering::Relaxed);
        }
    }
}

/// Why a connection ends.
enum End {
    /// The peer closed it after a whole record.
    Finished,
    /// The program stops.
    Stopped,
    /// Nothing came for too long.
    Idle,
    /// It broke, or the peer closed it inside a record.
    Failed(ReceiveError),
}

async fn until<T>(
    deadline: Option<Instant>,
    receiving: impl Future<Output = Result<T, ReceiveError>>,
) -> Result<T, End> {
    let received = match deadline {
        Some(deadline) => timeout_at(deadline, receiving).await.map_err(|_| End::Idle)?,
        None => receiving.await,
    };
    received.map_err(End::Failed)
}

/// Standard output, and how many records it still takes.
struct Output {
    stdout: tokio::io::Stdout,
    /// Lines that wait to be printed.
    text: Vec<u8>,
    format: Format,
    wanted: u64,
    /// Why nothing more can be printed.
    failed: Option<io::Error>,
}

impl Output {
    /// Turns the records of a read into lines, and returns how many records those were.
    fn format_batch<A>(
        &mut self,
        batch: &Batch<'_, CTestData, A>,
        peer: &Address,
        complaints: &mut Complaints,
    ) -> u64
    where
        A: cwire_codec::abi::Target,
        CTestData: cwire_codec::CType<A>,
    {
        let before = self.wanted;
        for record in batch {
            if self.wanted == 0 {
                break;
            }
            match record {
                Ok(record) => {
                    self.format_record(&record, peer);
                    self.wanted -= 1;
                }
                Err(error) => {
                    complaints.add(format_args!("{:#}", anyhow::Error::new(error)));
                }
            }
        }
        before - self.wanted
    }

    fn format_record(&mut self, record: &CTestData, peer: impl fmt::Display) {
        match self.format {
            Format::Text => {
                let line = format!("{peer} {record}\n");
                self.text.extend_from_slice(line.as_bytes());
            }
            Format::Json => record.write_json(peer, &mut self.text),
        }
    }

    /// Prints the lines that wait, in one go: a call per record would cost more than the record.
    async fn print(&mut self) -> io::Result<()> {
        let printed = self.stdout.write_all(&self.text).await;
        self.text.clear();
        printed?;
        self.stdout.flush().await
    }
}

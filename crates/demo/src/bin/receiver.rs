//! Receives `CTestData` over TCP and prints each record as it arrives.

use std::fmt;
use std::io;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use cwire_codec::Record;
use cwire_codec::frame::RecordError;
use cwire_demo::{CTestData, Complaints, counted, say, termination};
use cwire_transport::{
    Address, Endpoint, Event, OnShutdown, RecordCodec, Server, ServerEvent, Session,
    SessionOptions, SlotLimits,
};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

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
    let receiver = Arc::new(Receiver::new(args));
    let mut server = Server::builder(Codec::default())
        .limits(SlotLimits::new().total(usize::try_from(args.max_connections)?))
        .session(SessionOptions::new().idle_read(args.idle_timeout))
        .shutdown_on(receiver.stop.clone())
        // Its connections end by themselves when it is stopped, unless the output is not taken.
        .on_shutdown(OnShutdown::Wait)
        .shutdown_timeout(GRACE);
    for endpoint in &args.listen {
        server = server.listen(endpoint);
    }
    let server = server.bind().await?;

    let serving = server.serve_and(
        |session| {
            let receiver = Arc::clone(&receiver);
            async move { receiver.serve(session).await }
        },
        |event| match event {
            ServerEvent::Listening(address) => say(format_args!("listening on {address}")),
            ServerEvent::Error(error) => {
                say(format_args!("receiver: accepting a connection failed: {error}"));
            }
            _ => {}
        },
    );
    let mut serving = pin!(serving);
    tokio::select! {
        () = stopped => {
            receiver.stop.cancel();
            serving.await;
        }
        _ = &mut serving => {}
    }

    // Locked: a connection still waits for the output to be taken, so it has not failed.
    if let Ok(mut output) = receiver.output.try_lock()
        && let Some(error) = output.failed.take()
    {
        return Err(error).context("standard output");
    }
    let bad = receiver.bad_input.load(Ordering::Relaxed);
    Ok(if bad { Outcome::BadInput } else { Outcome::Clean })
}

type Codec = RecordCodec<CTestData>;

/// What the connections share.
struct Receiver {
    output: Mutex<Output>,
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
        Self { output: Mutex::new(output), bad_input: AtomicBool::new(false), stop }
    }

    /// Prints the records of one connection until it ends.
    async fn serve(&self, mut session: Session<Codec>) {
        let peer = session.peer().clone();
        let mut complaints = Complaints::new("receiver", &peer);
        let (mut received, mut failed) = (0, false);
        let end = loop {
            let event = tokio::select! {
                biased;
                () = self.stop.cancelled() => break End::Stopped,
                event = session.next() => event,
            };
            match event {
                Some(Event::Connected) => say(format_args!("{peer} connected")),
                Some(Event::Record(record)) => {
                    received += self.print(record, &mut session, &peer, &mut complaints).await;
                }
                Some(Event::Idle(_)) => break End::Idle,
                Some(Event::Error(error)) => {
                    failed = true;
                    let total = counted(received, "record");
                    complaints
                        .add(format_args!("{:#}; {total} received", anyhow::Error::new(error)));
                }
                Some(Event::Closed(_)) | None if failed => break End::Failed,
                Some(Event::Closed(_)) | None => break End::Finished,
                Some(_) => {}
            }
        };

        let total = counted(received, "record");
        match end {
            End::Finished => say(format_args!("{peer} finished: {total} received")),
            End::Stopped => say(format_args!("{peer} closed: {total} received")),
            End::Idle if session.buffered() == 0 => {
                say(format_args!("{peer} idle, closed: {total} received"));
            }
            End::Idle => complaints.add(format_args!(
                "idle {} bytes into a record of {}, at offset {:#x}, closed; {total} received",
                session.buffered(),
                size_of::<<CTestData as Record>::Bytes>(),
                session.stats().received.bytes - session.buffered() as u64,
            )),
            End::Failed => {}
        }
        if complaints.finish() {
            self.bad_input.store(true, Ordering::Relaxed);
        }
    }

    /// Prints a record and all others that the same read brought, in one go: a call per record would
    /// cost more than the record. Returns how many those were.
    async fn print(
        &self,
        first: Result<CTestData, RecordError>,
        session: &mut Session<Codec>,
        peer: &Address,
        complaints: &mut Complaints,
    ) -> u64 {
        let mut output = self.output.lock().await;
        let records = std::iter::once(first).chain(std::iter::from_fn(|| session.try_next()));
        let count = output.format_records(records, peer, complaints);
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
        count
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
    /// It broke, or the peer closed it inside a record; that was said.
    Failed,
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
    /// Turns records into lines, as many as are wanted, and returns how many records those were.
    fn format_records(
        &mut self,
        records: impl Iterator<Item = Result<CTestData, RecordError>>,
        peer: &Address,
        complaints: &mut Complaints,
    ) -> u64 {
        let before = self.wanted;
        for record in records {
            if self.wanted == 0 {
                break;
            }
            match record {
                Ok(record) => {
                    self.format_record(&record, peer);
                    self.wanted -= 1;
                }
                Err(error) => complaints.add(format_args!("{:#}", anyhow::Error::new(error))),
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

    /// Prints the lines that wait.
    async fn print(&mut self) -> io::Result<()> {
        let printed = self.stdout.write_all(&self.text).await;
        self.text.clear();
        printed?;
        self.stdout.flush().await
    }
}

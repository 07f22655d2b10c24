//! Connects and sends `CTestData` over TCP.

use std::io;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use cwire_codec::frame::Lines;
use cwire_codec::{CChar, CharArray};
use cwire_demo::{CTestData, Complaints, HexBytes, counted, say, termination};
use cwire_transport::{FrameCodec, ReceiveError, RecordWriter, SendError, connect};
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;

/// How long the peer may take to close its side once all is sent, and to take what is still
/// buffered when the program is asked to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Pause between two looks at whether the peer has refused what was sent.
const RECHECK: Duration = Duration::from_millis(10);

/// Longest line of JSON taken from standard input.
const MAX_LINE_LEN: usize = 64 << 10;

/// Send `struct CTestData { char a; int b; char c[15]; }` over TCP, as C++ programs on x86-64 Linux
/// receive it.
///
/// Waits until all is sent, then closes its side. Exit status: 0 all was sent; 1 the connection
/// broke, a line of input was no record, or SIGINT or SIGTERM came before the end; 2 it could not
/// run.
#[derive(Parser)]
#[command(name = "sender", version)]
struct Args {
    /// Where to connect, as in `127.0.0.1:23452`.
    addr: String,
    /// `-` sends the records on standard input, one JSON object per line, as `receiver --format
    /// json` prints them: {"a": "A", "b": 300, "c": "hello"}.
    #[arg(value_parser = ["-"], conflicts_with_all = ["a", "b", "c", "count", "hex"])]
    input: Option<String>,
    /// One character, up to U+00FF.
    #[arg(long, value_name = "CHAR", default_value = "A", value_parser = parse_char)]
    #[arg(allow_hyphen_values = true)]
    a: CChar,
    /// The first record's number; it counts up, and on from -2147483648 after 2147483647.
    #[arg(long, value_name = "INT", default_value_t = 300, allow_negative_numbers = true)]
    b: i32,
    /// Text of up to 15 bytes.
    #[arg(long, value_name = "TEXT", default_value = "hello", value_parser = parse_text)]
    #[arg(allow_hyphen_values = true)]
    c: CharArray<15>,
    /// How many records to send, or how often the raw bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u64,
    /// Pause between two records, as in `500ms` or `1s`.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration)]
    interval: Option<Duration>,
    /// Send these bytes as they are in place of a record, as in `41 00 00 00 2c010000`.
    #[arg(long, value_name = "BYTES", conflicts_with_all = ["a", "b", "c"])]
    hex: Option<HexBytes>,
}

fn parse_char(text: &str) -> Result<CChar, String> {
    let mut chars = text.chars();
    match (chars.next().map(u8::try_from), chars.next()) {
        (Some(Ok(byte)), None) => Ok(CChar(byte)),
        _ => Err("needs one character up to U+00FF".to_owned()),
    }
}

fn parse_text(text: &str) -> Result<CharArray<15>, String> {
    CharArray::new(text).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting")
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(&args));
            // Standard input may be a terminal at which nobody types.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(Outcome::Sent) => ExitCode::SUCCESS,
        Ok(Outcome::NotAllSent) => ExitCode::from(1),
        Err(error) => {
            say(format_args!("sender: {error:#}"));
            ExitCode::from(2)
        }
    }
}

enum Outcome {
    Sent,
    NotAllSent,
}

async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut stopped = pin!(termination().context("waiting for signals")?);
    let stream = tokio::select! {
        stream = connect(&args.addr) => stream,
        () = &mut stopped => {
            say("sender: stopped before it was connected");
            return Ok(Outcome::NotAllSent);
        }
    };
    let stream = stream.with_context(|| format!("connecting to {}", args.addr))?;
    let (mut read, write) = stream.into_split();
    // What the peer sends is taken off its hands, so that neither waits for the other.
    let closed_by_peer = tokio::spawn(async move {
        tokio::io::copy(&mut read, &mut tokio::io::sink()).await?;
        Ok(read)
    });

    let mut sender = Sender {
        records: RecordWriter::new(write),
        sent: 0,
        complaints: Complaints::new("sender", "-"),
    };
    let interrupted = tokio::select! {
        result = sender.send(args) => match result {
            Ok(()) => false,
            Err(error) => return Ok(sender.broken(&error)),
        },
        () = &mut stopped => true,
    };
    if interrupted {
        say(format_args!("sender: stopped after {}", sender.progress()));
        let _ = timeout(GRACE, sender.records.finish()).await;
        let _ = sender.complaints.finish();
        return Ok(Outcome::NotAllSent);
    }
    let closed_early = closed_by_peer.is_finished();
    if let Err(error) = sender.records.finish().await {
        return Ok(sender.broken(&error));
    }
    // The peer closes when it has read all. One that resets instead has not.
    let refused = match timeout(GRACE, closed_by_peer).await {
        Ok(Ok(Ok(read))) => refused_later(&read, closed_early).await,
        Ok(Ok(Err(error))) => Some(error),
        // It is still reading, as far as anyone can tell.
        Ok(Err(_)) | Err(_) => None,
    };
    if let Some(error) = refused {
        return Ok(sender.broken(&SendError::Io(error)));
    }
    Ok(if sender.complaints.finish() { Outcome::NotAllSent } else { Outcome::Sent })
}

/// Whether a peer that closed its side has refused what was sent.
///
/// Nothing can be read after the end, so a reset shows only as the socket's error. A peer that
/// closed before all was sent may have closed half of the connection or all of it: its reset, if
/// one comes, takes as long as a round trip.
async fn refused_later(stream: &OwnedReadHalf, closed_early: bool) -> Option<io::Error> {
    let deadline = Instant::now() + GRACE;
    loop {
        match stream.as_ref().take_error() {
            Ok(None) if closed_early && Instant::now() < deadline => sleep(RECHECK).await,
            Ok(error) => return error,
            Err(error) => return Some(error),
        }
    }
}

struct Sender {
    records: RecordWriter<OwnedWriteHalf, CTestData>,
    /// Records, or repetitions of raw bytes, taken for sending.
    sent: u64,
    /// About standard input.
    complaints: Complaints,
}

impl Sender {
    /// Sends what the arguments say. Dropped in the midst, it leaves no half record behind, but it
    /// may leave a part of raw bytes.
    async fn send(&mut self, args: &Args) -> Result<(), SendError> {
        match (&args.input, &args.hex) {
            (Some(_), _) => self.send_lines(args.interval).await,
            (None, Some(bytes)) => self.send_bytes(args, bytes).await,
            (None, None) => self.send_records(args).await,
        }
    }

    async fn send_records(&mut self, args: &Args) -> Result<(), SendError> {
        let mut record = CTestData { a: args.a, b: args.b, c: args.c };
        for _ in 0..args.count {
            self.pause(args.interval).await?;
            self.records.feed(&record).await?;
            self.sent += 1;
            record.b = record.b.wrapping_add(1);
        }
        self.records.flush().await
    }

    async fn send_bytes(&mut self, args: &Args, bytes: &HexBytes) -> Result<(), SendError> {
        for _ in 0..args.count {
            self.pause(args.interval).await?;
            self.records.stream_mut().write_all(&bytes.0).await?;
            self.sent += 1;
        }
        Ok(())
    }

    /// Sends the records on standard input: at once while lines come slowly, gathered while they
    /// come fast.
    async fn send_lines(&mut self, interval: Option<Duration>) -> Result<(), SendError> {
        let codec = FrameCodec::new(Lines::new().max_frame_len(MAX_LINE_LEN));
        let mut lines = FramedRead::new(tokio::io::stdin(), codec);
        let mut number = 0;
        loop {
            let line = tokio::select! {
                biased;
                line = lines.next() => line,
                flushed = self.records.flush(), if self.records.buffered() > 0 => {
                    flushed?;
                    continue;
                }
            };
            let Some(line) = line else { break };
            number += 1;
            let record = match line {
                Ok(Ok(line)) if line.trim().is_empty() => continue,
                Ok(Ok(line)) => CTestData::from_json(&line).map_err(|error| error.to_string()),
                Ok(Err(not_text)) => Err(not_text.to_string()),
                Err(ReceiveError::Io(error)) => Err(format!("reading failed: {error}")),
                Err(_) => {
                    Err(format!("longer than {MAX_LINE_LEN} bytes; nothing from here on is sent"))
                }
            };
            match record {
                Ok(record) => {
                    self.pause(interval).await?;
                    self.records.feed(&record).await?;
                    self.sent += 1;
                }
                Err(error) => self.complaints.add(format_args!("line {number}: {error}")),
            }
        }
        self.records.flush().await
    }

    /// Sends what is taken and waits, except before the first record.
    async fn pause(&mut self, interval: Option<Duration>) -> Result<(), SendError> {
        if let (Some(interval), 1..) = (interval, self.sent) {
            self.records.flush().await?;
            sleep(interval).await;
        }
        Ok(())
    }

    fn broken(&self, error: &SendError) -> Outcome {
        let cause = match error {
            SendError::Io(cause) => cause.to_string(),
            error => error.to_string(),
        };
        say(format_args!("sender: the connection broke after {}: {cause}", self.progress()));
        Outcome::NotAllSent
    }

    fn progress(&self) -> String {
        counted(self.sent, "record")
    }
}

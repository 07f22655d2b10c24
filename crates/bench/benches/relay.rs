//! Cost of a relay that forwards what one client sends to all the others, beside one in C++ and one
//! as it is usually written for Node.
//!
//! A publisher and its subscribers are one C++ process on a core of its own, the relay is a process
//! on another, helper threads included. The message has 64 bytes; a *delivery* is one message that
//! one subscriber received, and every subscriber checks that it receives all messages in order.
//!
//! - `flat out`: the publisher writes 64 KiB whenever the relay takes them. The relay's time, its
//!   processor time, and the processor time of the publisher and the subscribers, which is what a
//!   delivery would cost if the relay cost nothing.
//! - `paced`: the publisher writes single messages at a steady rate; latency from when a message
//!   was due. With 500 subscribers a relay's core is nearly full, so that anything else on the
//!   machine shows first there, and for all contestants: compare on a quiet one.
//! - `stalled`: memory of a relay of which one more subscriber never reads.
//! - `idle`: memory of a server that sends back what it receives, per connection that is silent.
//!
//! `cwire runs` forwards all messages of a read as one, `cwire records` has an event for each, `cwire hub` is
//! the program, which knows the message from its header.
//!
//! The ratio is that to the first line of a table.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use clap::Parser;
use cwire_bench::process::{self, Process, figure, raise_file_limit, role};
use cwire_bench::{Measured, Options, SeveralContestant, compare_several};
use cwire_codec::frame::Chunks;
use cwire_transport::{
    Event, FrameCodec, Frames, Hub, HubOptions, QueueLimits, Server, ServerHandle, Session,
    SessionOptions, Slow, To,
};

const RELAY: &str = env!("CWIRE_BENCH_RELAY");
const NODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/relay.js");

fn main() {
    if let Some((role, _)) = role() {
        let _ = raise_file_limit();
        return play(&role);
    }
    let options = Options::parse();
    let folder = std::env::temp_dir().join(format!("cwire-bench-relay-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("message.h"), HEADER).expect("a header");
    let program = Program { cwire: process::cwire(&options), header: folder.join("message.h") };
    PROGRAM.set(program).expect("nobody else sets it");
    let contestants = contestants();
    for (subscribers, rate) in [(100, 500), (500, 500)] {
        flat_out(&options, &contestants, subscribers);
        paced(&options, &contestants, subscribers, rate);
    }
    stalled(&options, &contestants);
    idle(&options, &contestants);
    std::fs::remove_dir_all(folder).expect("the folder goes");
}

/// The message, as `cwire hub` is told of it.
const HEADER: &str = "struct Message { unsigned long long sent_ns; unsigned seq; char symbol[12]; \
                      double price[5]; };\n";

/// The program, and the header that it reads.
#[derive(Debug)]
struct Program {
    cwire: PathBuf,
    header: PathBuf,
}

static PROGRAM: OnceLock<Program> = OnceLock::new();

/// Those that can be started here, the yardstick first.
fn contestants() -> Vec<&'static str> {
    let mut contestants = vec!["C++ epoll", "cwire runs", "cwire records", "cwire hub", "Node"];
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        eprintln!("no `node` here: it is left out");
        contestants.retain(|name| *name != "Node");
    }
    contestants
}

/// A contestant's `hub` or `echo`.
fn server(contestant: &str, role: &str) -> Process {
    match contestant {
        "cwire runs" => Process::rust(role, 0, &[]),
        "cwire records" if role == "hub" => Process::rust("hub-records", 0, &[]),
        "cwire records" => Process::rust(role, 0, &[]),
        "cwire hub" => {
            let Program { cwire, header } = PROGRAM.get().expect("it was set");
            let mut command = Command::new(RELAY);
            command.args(["exec", "0"]).arg(cwire).args(["hub", "127.0.0.1:0", "--header"]);
            command.arg(header).args(["--record", "Message", "--slow", "drop-newest"]);
            Process::cwire(command.args(["--queue", "8388608"]))
        }
        "Node" => Process::start(Command::new(RELAY).args(["exec", "0", "node", NODE, role]), &[]),
        _ => Process::cpp(RELAY, role, 0, &[]),
    }
}

/// Waits until a hub has ended: those of the benchmark end with their last client, the program does not.
fn end(contestant: &str, hub: Process) {
    match contestant {
        "cwire hub" => hub.stop(),
        _ => hub.end(),
    }
}

fn load(role: &str, numbers: &[u64]) -> Process {
    Process::cpp(RELAY, role, 1, numbers)
}

fn flat_out(options: &Options, contestants: &[&'static str], subscribers: u64) {
    let deliveries = if options.smoke { 1_000_000 } else { 30_000_000 };
    let titles = ["time", "processor time", "processor time of publisher and subscribers"]
        .map(|quantity| format!("relay to {subscribers}, flat out, {quantity}"));
    publish(
        options,
        contestants,
        titles.each_ref().map(|title| (title.as_str(), "ns per delivery")),
        [subscribers, deliveries / subscribers, 0],
        |line| {
            let deliveries: f64 = figure(line, "deliveries");
            ["wall", "relay", "cpu"].map(|word| figure::<f64>(line, word) / deliveries)
        },
    );
}

fn paced(options: &Options, contestants: &[&'static str], subscribers: u64, rate: u64) {
    let messages = if options.smoke { rate / 10 } else { rate * 2 };
    let titles = ["p50", "p99"]
        .map(|quantile| format!("relay to {subscribers}, paced {rate}/s, latency {quantile}"));
    publish(
        options,
        contestants,
        titles.each_ref().map(|title| (title.as_str(), "\u{b5}s")),
        [subscribers, messages, rate],
        |line| ["p50", "p99"].map(|quantile| figure::<f64>(line, quantile) / 1e3),
    );
}

/// Compares relays by what the load reports: its subscribers, messages and rate, and what of its
/// report is compared.
fn publish<const N: usize>(
    options: &Options,
    contestants: &[&'static str],
    tables: [(&str, &str); N],
    [subscribers, messages, rate]: [u64; 3],
    values: fn(&str) -> [f64; N],
) {
    if !tables.iter().any(|(title, _)| options.wants(title)) {
        return;
    }
    let contestants = contestants.iter().map(|name| -> SeveralContestant<'_, N> {
        let measure = move || {
            let mut hub = server(name, "hub");
            let port = hub.port();
            let numbers = [port, subscribers, messages, rate, u64::from(hub.id())];
            let mut load = load("load", &numbers);
            let line = load.line();
            let result = figure(&line, "deliveries");
            load.end();
            end(name, hub);
            values(&line).map(|value| Measured { value, result })
        };
        (name, Box::new(measure))
    });
    compare_several(options, tables, contestants.collect());
}

fn stalled(options: &Options, contestants: &[&'static str]) {
    let (subscribers, bytes) = (10, if options.smoke { 1_000_000 } else { 50_000_000 });
    let title = format!(
        "relay with a stalled subscriber, memory after {} MB to {subscribers} others",
        bytes / 1_000_000
    );
    if !options.wants(&title) {
        return;
    }
    println!("\n{title}, MiB");
    for name in contestants {
        let mut hub = server(name, "hub");
        let port = hub.port();
        let [before, _] = hub.memory();
        let mut load = load("stall", &[port, subscribers, bytes]);
        assert_eq!(figure::<u64>(&load.line(), "deliveries"), bytes / 64 * subscribers);
        let [after, peak] = hub.memory();
        load.go_on();
        load.end();
        end(name, hub);
        let [before, after, peak] = [before, after, peak].map(|kib| kib as f64 / 1024.0);
        println!("  {name:<28} {after:>9.2}  peak  {peak:>9.2}  before {before:>6.2}");
    }
}

fn idle(options: &Options, contestants: &[&'static str]) {
    // Either side needs a file for each connection, and some of its own.
    let most = raise_file_limit().saturating_sub(100);
    let count = most.min(if options.smoke { 200 } else { 10_000 });
    let title = format!("idle memory with {count} connections");
    if !options.wants(&title) {
        return;
    }
    println!("\n{title}, bytes per connection");
    let servers = contestants.iter().filter(|name| !["cwire records", "cwire hub"].contains(name));
    for name in servers {
        let mut echo = server(name, "echo");
        let port = echo.port();
        let [before, _] = echo.memory();
        let mut load = load("idle", &[port, count]);
        assert_eq!(figure::<u64>(&load.line(), "connected"), count);
        let [after, _] = echo.memory();
        load.go_on();
        assert_eq!(figure::<u64>(&load.line(), "checked"), count);
        load.end();
        echo.end();
        let each = after.saturating_sub(before) as f64 * 1024.0 / count as f64;
        println!("  {name:<28} {each:>9.0}");
    }
}

/// Bytes of a message.
const MESSAGE: usize = 64;

/// Bytes of the record that is sent back.
const RECORD: usize = 24;

/// The cwire side, in a process of its own.
fn play(role: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        match role {
            "echo" => echo().await,
            role => hub(role == "hub").await,
        }
    });
}

/// Serves until all clients have left after at least one came, which handlers say to `left`.
async fn serve<T: Future<Output = ()> + Send + 'static>(
    codec: FrameCodec<Chunks>,
    options: SessionOptions,
    handler: impl Fn(Session<FrameCodec<Chunks>>, ServerHandle) -> T,
) {
    let server = Server::builder(codec).listen("127.0.0.1:0").session(options).bind().await;
    let server = server.expect("a free port");
    let handle = server.handle();
    println!("{}", server.local_addrs()[0].tcp().expect("TCP").port());
    server.serve(|session| handler(session, handle.clone())).await;
}

fn left(server: &ServerHandle) {
    if server.stats().open == 0 {
        server.shutdown();
    }
}

async fn hub(runs: bool) {
    let codec = FrameCodec::new(Chunks::new(MESSAGE).runs(runs));
    // The publisher is at most 4 MiB ahead of the slowest subscriber that reads.
    let options = SessionOptions::new().queue(QueueLimits::new(8 << 20, 1 << 20));
    let hub = Hub::new(codec.clone(), HubOptions::new().slow(Slow::DropNewest));
    serve(codec, options, |mut session, server| {
        let hub = hub.clone();
        async move {
            hub.join(&session.handle());
            let to = To::Except(session.id());
            while let Some(event) = session.next().await {
                match event {
                    Event::Record(frame) if runs => {
                        let frames = Frames::equal(frame, MESSAGE).expect("whole messages");
                        hub.send_frames(to, &frames);
                    }
                    Event::Record(frame) => hub.try_send(to, frame).expect("it waits for nobody"),
                    _ => {}
                }
            }
            left(&server);
        }
    })
    .await;
}

async fn echo() {
    let codec = FrameCodec::new(Chunks::new(RECORD).runs(true));
    serve(codec, SessionOptions::new(), |mut session, server| async move {
        while let Some(event) = session.next().await {
            if let Event::Record(records) = event {
                session.send(records).await.expect("open");
            }
        }
        left(&server);
    })
    .await;
}

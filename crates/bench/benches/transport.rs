//! Cost of a record over loopback, beside C++ that does the same.
//!
//! Sender and receiver are processes of their own, pinned to cores of their own: on one core half
//! of the copying disappears. What counts is processor time per record, since the kernel sets the
//! throughput. The record is `CTestData`, 24 bytes.
//!
//! - `receive`: from a C++ sender with 64 KiB per write. `for_each` takes single records in a plain
//!   loop per read; `next` awaits every record.
//! - `send`: to a C++ receiver with a buffer of 64 KiB.
//! - `round trip`: a C++ client sends a record and waits for it to come back; nanoseconds.
//!
//! The ratio is that to the first line of a table.

use std::net::SocketAddr;

use clap::Parser;
use cwire_bench::process::{Process, figure, role};
use cwire_bench::{Contestant, Measured, Options, compare};
use cwire_codec::{CChar, CType, CharArray, Record, abi};
use cwire_transport::{
    Batch, Connection, Event, RecordCodec, RecordReader, RecordWriter, Session, connect, listen,
};
use rustix::time::{ClockId, clock_gettime};

#[derive(Clone, Record)]
struct CTestData {
    a: CChar,
    b: i32,
    c: CharArray<15>,
}

const NET: &str = env!("CWIRE_BENCH_NET");

fn main() {
    if let Some((role, numbers)) = role() {
        return play(&role, &numbers);
    }
    let options = Options::parse();
    let (bulk, each, pings) =
        if options.smoke { (100_000, 2_000, 500) } else { (10_000_000, 500_000, 20_000) };

    let receivers = ["C++ read 64 KiB", "cwire next_batch", "cwire for_each", "cwire next"];
    for quantity in [Quantity::Cpu, Quantity::Wall] {
        table(
            &options,
            "receive",
            quantity,
            bulk,
            receivers.map(|name| {
                (name, move || {
                    let receiver = match name {
                        "C++ read 64 KiB" => cpp("receive", 0, &[]),
                        name => Process::rust(name.trim_start_matches("cwire "), 0, &[]),
                    };
                    transfer(receiver, |port| cpp("send", 1, &[port, bulk])).0
                })
            }),
        );
    }
    let senders = ["C++ write 64 KiB", "cwire feed", "cwire feed_all"];
    for quantity in [Quantity::Cpu, Quantity::Wall] {
        table(
            &options,
            "send",
            quantity,
            bulk,
            senders.map(|name| {
                (name, move || {
                    transfer(cpp("receive", 0, &[]), |port| match name {
                        "C++ write 64 KiB" => cpp("send", 1, &[port, bulk]),
                        name => Process::rust(name.trim_start_matches("cwire "), 1, &[port, bulk]),
                    })
                    .1
                })
            }),
        );
    }
    let senders = ["C++ write per record", "cwire send"];
    table(
        &options,
        "send each",
        Quantity::Cpu,
        each,
        senders.map(|name| {
            (name, move || {
                transfer(cpp("receive", 0, &[]), |port| match name {
                    "C++ write per record" => cpp("send-each", 1, &[port, each]),
                    _ => Process::rust("send", 1, &[port, each]),
                })
                .1
            })
        }),
    );
    for quantile in ["p50", "p99"] {
        let echoes = ["C++ epoll", "cwire next, send", "cwire session"];
        let contestants = echoes.map(|name| -> Contestant<'_> {
            (
                name,
                Box::new(move || {
                    let echo = match name {
                        "C++ epoll" => cpp("echo", 0, &[]),
                        "cwire session" => Process::rust("session", 0, &[]),
                        _ => Process::rust("echo", 0, &[]),
                    };
                    Measured { value: round_trip(echo, pings, quantile), result: 0 }
                }),
            )
        });
        let title = format!("round trip {quantile}");
        if options.wants(&title) {
            compare(&options, &title, "ns", contestants.into());
        }
    }
}

/// What of a transfer is compared.
#[derive(Clone, Copy)]
enum Quantity {
    Cpu,
    Wall,
}

/// Compares transfers.
fn table<const N: usize>(
    options: &Options,
    title: &str,
    quantity: Quantity,
    records: u64,
    contestants: [(&'static str, impl Fn() -> Report + 'static); N],
) {
    let title = match quantity {
        Quantity::Cpu => format!("{title}, processor time"),
        Quantity::Wall => format!("{title}, time"),
    };
    if !options.wants(&title) {
        return;
    }
    let contestants = contestants.map(|(name, transfer)| -> Contestant<'_> {
        (
            name,
            Box::new(move || {
                let report = transfer();
                assert_eq!(report.records, records, "{name}: records are missing");
                let ns = match quantity {
                    Quantity::Cpu => report.cpu,
                    Quantity::Wall => report.wall,
                };
                Measured { value: ns as f64 / records as f64, result: report.sum }
            }),
        )
    });
    compare(options, &title, "ns per record", contestants.into());
}

/// What a process says of its side of a transfer.
struct Report {
    records: u64,
    sum: i64,
    cpu: u64,
    wall: u64,
}

impl Report {
    fn parse(line: &str) -> Self {
        Self {
            records: figure(line, "records"),
            sum: figure(line, "sum"),
            cpu: figure(line, "cpu"),
            wall: figure(line, "wall"),
        }
    }
}

fn cpp(role: &str, core: u64, numbers: &[u64]) -> Process {
    Process::cpp(NET, role, core, numbers)
}

/// Runs a receiver and a sender to their ends; what each reports.
fn transfer(mut receiver: Process, sender: impl FnOnce(u64) -> Process) -> (Report, Report) {
    let port = receiver.port();
    let mut sender = sender(port);
    let sent = Report::parse(&sender.line());
    let received = Report::parse(&receiver.line());
    sender.end();
    receiver.end();
    (received, sent)
}

fn round_trip(mut echo: Process, count: u64, quantile: &str) -> f64 {
    let port = echo.port();
    let mut client = cpp("ping", 1, &[port, count]);
    let line = client.line();
    client.end();
    echo.end();
    figure(&line, quantile)
}

/// The cwire side, in a process of its own.
fn play(role: &str, numbers: &[u64]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        match role {
            "echo" => echo().await,
            "session" => session().await,
            "next_batch" | "for_each" | "next" => receive(role).await,
            _ => send(role, numbers[0], numbers[1]).await,
        }
    });
}

/// Processor time of this process, and time, in ns.
fn clocks() -> (u64, u64) {
    [ClockId::ProcessCPUTime, ClockId::Monotonic]
        .map(|clock| {
            let time = clock_gettime(clock);
            time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
        })
        .into()
}

fn report(records: u64, sum: i64, (cpu, wall): (u64, u64)) {
    let (cpu_now, wall_now) = clocks();
    println!("records {records} sum {sum} cpu {} wall {}", cpu_now - cpu, wall_now - wall);
}

async fn accept() -> tokio::net::TcpStream {
    let mut listener = listen("127.0.0.1:0").await.expect("a free port");
    println!("{}", listener.local_addrs()[0].tcp().expect("listen is for TCP").port());
    listener.accept().await.expect("a connection").into_tcp().expect("bare TCP")
}

async fn receive(how: &str) {
    let mut reader = RecordReader::<_, CTestData>::new(accept().await);
    let start = clocks();
    let (mut records, mut sum) = (0, 0);
    match how {
        "next_batch" => {
            while let Some(batch) = reader.next_batch().await.expect("whole records") {
                records += batch.len() as u64;
                sum += sum_batch(&batch);
            }
        }
        "for_each" => {
            let count = |record: CTestData| {
                records += 1;
                sum += i64::from(record.b);
            };
            reader.for_each(count).await.expect("whole records");
        }
        _ => {
            while let Some(record) = reader.next().await.expect("whole records") {
                records += 1;
                sum += i64::from(record.b);
            }
        }
    }
    report(records, sum, start);
}

fn sum_batch<A: abi::Target>(batch: &Batch<'_, CTestData, A>) -> i64
where
    CTestData: CType<A>,
{
    batch.iter().map(|record| i64::from(record.expect("every value is valid").b)).sum()
}

async fn send(how: &str, port: u64, count: u64) {
    let port = u16::try_from(port).expect("a port");
    let stream = connect(SocketAddr::from(([127, 0, 0, 1], port))).await.expect("a receiver");
    let mut writer = RecordWriter::<_, CTestData>::new(stream);
    let text = CharArray::new("hello").expect("5 of 15 bytes");
    let record = |b: i32| CTestData { a: CChar(b'A'), b, c: text };
    let count = i32::try_from(count).expect("`b` counts to it");
    let mut sum = 0;
    let start = clocks();
    match how {
        "feed" => {
            for b in 0..count {
                sum += i64::from(b);
                writer.feed(&record(b)).await.expect("sent");
            }
        }
        "feed_all" => {
            let mut gathered: Vec<_> = (0..1000).map(record).collect();
            let mut next = 0;
            while next < count {
                let some = gathered.len().min(usize::try_from(count - next).expect("is positive"));
                for record in &mut gathered[..some] {
                    record.b = next;
                    sum += i64::from(next);
                    next += 1;
                }
                writer.feed_all(&gathered[..some]).await.expect("sent");
            }
        }
        _ => {
            for b in 0..count {
                sum += i64::from(b);
                writer.send(&record(b)).await.expect("sent");
            }
        }
    }
    writer.finish().await.expect("sent");
    report(u64::try_from(count).expect("is positive"), sum, start);
}

async fn echo() {
    let mut connection = Connection::<_, CTestData>::new(accept().await);
    while let Some(record) = connection.next().await.expect("whole records") {
        connection.send(&record).await.expect("sent");
    }
}

/// As `echo`, with everything that a session looks after.
async fn session() {
    let stream = accept().await.try_into().expect("it is open");
    let mut session = Session::new(stream, RecordCodec::<CTestData>::default());
    while let Some(event) = session.next().await {
        if let Event::Record(record) = event {
            session.send(&record.expect("every value is valid")).await.expect("open");
        }
    }
}

//! Many connections at once, and a server that is asked to stop in the midst of traffic.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use cwire_codec::{CChar, CharArray, Record};
use cwire_transport::{Client, Event, RecordCodec, Server, SlotLimits};
use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use tokio::task::JoinSet;

/// `struct CTestData { char a; int b; char c[15]; };`
#[derive(Clone, Debug, PartialEq, Record)]
struct CTestData {
    a: CChar,
    b: i32,
    c: CharArray<15>,
}

fn record(b: i32) -> CTestData {
    CTestData { a: CChar(b'A'), b, c: CharArray::new("hello").expect("5 of 15 bytes") }
}

/// Set in the process that serves: each side needs as many descriptors as there are connections.
const SERVES: &str = "CWIRE_TEST_SERVES";

/// Allows as many descriptors as the system lets this process have.
fn raise_file_limit() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("up to the hard limit is allowed");
    limit.maximum.unwrap_or(u64::MAX)
}

/// Not a test of its own: serves another one's process, until SIGTERM; then says what it sent.
#[test]
fn serve_another_process() {
    if std::env::var_os(SERVES).is_none() {
        return;
    }
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate()).expect("a signal that can be caught");
        let server = Server::builder(RecordCodec::<CTestData>::default())
            .listen("127.0.0.1:0")
            .limits(SlotLimits::new().total(20_000))
            .bind()
            .await
            .expect("a free port");
        println!("\nlistening on {}", server.local_addrs().first().expect("one endpoint"));
        let handle = server.handle();
        tokio::spawn(async move {
            terminate.recv().await;
            handle.shutdown();
        });
        let stats = server.serve(|mut session| async move {
            while let Some(event) = session.next().await {
                if let Event::Record(Ok(record)) = event {
                    // Closing: what is refused was never accepted.
                    let _ = session.send(&record).await;
                }
            }
        });
        let sessions = stats.await.sessions;
        println!("\nsent {} unsent {}", sessions.sent.records, sessions.unsent.records);
    });
}

/// The process that serves. Dropped, it is killed.
struct Serving {
    child: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Serving {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this test has a path"))
            .args(["--exact", "serve_another_process", "--nocapture"])
            .env(SERVES, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test starts again");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(output.read_line(&mut line).expect("UTF-8") > 0, "it ended");
            if let Some(address) = line.trim_end().strip_prefix("listening on ") {
                break address.parse().expect("an address");
            }
        };
        Self { child, output, address }
    }

    fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it runs");
    }

    /// The records that it sent, and those it did not, once it has ended.
    fn end(mut self) -> (u64, u64) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("UTF-8");
        assert!(self.child.wait().expect("it was started").success(), "{rest}");
        let line = rest.lines().find_map(|line| line.strip_prefix("sent "));
        let (sent, unsent) = line.and_then(|line| line.split_once(" unsent ")).expect(&rest);
        (sent.parse().expect("a number"), unsent.parse().expect("a number"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn ten_thousand_connections_exchange_records_and_none_is_lost() {
    let spare = 200;
    let most = raise_file_limit().saturating_sub(spare);
    let count = i32::try_from(most.min(10_000)).expect("at most 10,000");
    if count < 10_000 {
        assert!(std::env::var_os("CI").is_none(), "needs 10,000 open files, {count} allowed");
        eprintln!("{count} connections: the system allows no more open files");
    }
    let serving = Serving::start();
    let client =
        Client::new(serving.address, RecordCodec::<CTestData>::default()).expect("an endpoint");
    let mut sessions = Vec::new();
    for _ in 0..count {
        sessions.push(client.connect().await.expect("it listens"));
    }
    // All are open; each sends and gets its own.
    let mut exchanging = JoinSet::new();
    for (first, mut session) in (0..).step_by(3).zip(sessions) {
        exchanging.spawn(async move {
            let records = [first, first + 1, first + 2].map(record);
            for record in &records {
                session.send(record).await.expect("open");
            }
            session.finish();
            let mut received = Vec::new();
            while let Some(event) = session.next().await {
                match event {
                    Event::Record(record) => received.push(record.expect("every value is valid")),
                    Event::Error(error) => panic!("{error}"),
                    _ => {}
                }
            }
            assert_eq!(received, records);
        });
    }
    while let Some(exchanged) = exchanging.join_next().await {
        exchanged.expect("every record comes back");
    }
    serving.terminate();
    let sent = u64::from(count.unsigned_abs()) * 3;
    assert_eq!(serving.end(), (sent, 0));
}

#[tokio::test]
async fn a_server_that_is_terminated_delivers_what_it_has_accepted() {
    let serving = Serving::start();
    let client =
        Client::new(serving.address, RecordCodec::<CTestData>::default()).expect("an endpoint");
    let mut exchanging = JoinSet::new();
    let (began, mut begun) = tokio::sync::mpsc::channel(8);
    for _ in 0..8 {
        let mut session = client.connect().await.expect("it listens");
        let began = began.clone();
        exchanging.spawn(async move {
            let handle = session.handle();
            let sending = tokio::spawn(async move {
                // Until the server closes.
                for b in 0.. {
                    if handle.send(&record(b)).await.is_err() {
                        break;
                    }
                    if b % 64 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            });
            let mut received = 0;
            while let Some(event) = session.next().await {
                if let Event::Record(answer) = event {
                    assert_eq!(answer.expect("every value is valid"), record(received));
                    received += 1;
                    if received == 1_000 {
                        began.send(()).await.expect("the test waits for it");
                    }
                }
            }
            sending.await.expect("no panic");
            u64::try_from(received).expect("counted up")
        });
    }
    for _ in 0..8 {
        begun.recv().await.expect("traffic in flight");
    }
    serving.terminate();
    let mut received = 0;
    while let Some(exchanged) = exchanging.join_next().await {
        received += exchanged.expect("records in order");
    }
    assert!(received >= 8_000, "{received} records");
    // What was accepted is delivered, or reported.
    assert_eq!(serving.end(), (received, 0));
}

//! Counters, as Prometheus' own client library reads them.

use std::io::Write;
use std::process::{Command, Stdio};

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Hub, HubOptions, Server, ServerEvent, To};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Prints a line per sample: its type, name, labels and value.
const PARSE: &str = "
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family.name
    for sample in family.samples:
        labels = ','.join('='.join(pair) for pair in sorted(sample.labels.items()))
        print(family.type, sample.name, labels or '-', int(sample.value))
";

/// What the parser makes of a text; none without the parser.
fn parsed(text: &str) -> Option<Vec<String>> {
    // The system's Python, since that is where a package of the system is.
    let python = "/usr/bin/python3";
    let found = Command::new(python).args(["-c", "import prometheus_client"]).output();
    if !found.is_ok_and(|found| found.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "this test needs python3-prometheus-client");
        eprintln!("skipped: python3-prometheus-client is not installed");
        return None;
    }
    let mut child = Command::new(python)
        .args(["-c", PARSE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}");
    let samples = String::from_utf8(output.stdout).expect("UTF-8");
    Some(samples.lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn counters_of_servers_and_hubs_are_read_by_prometheus() {
    let codec = FrameCodec::new(Lines::new());
    let mut server =
        Server::builder(codec.clone()).listen("127.0.0.1:0").bind().await.expect("a free port");
    let Some(ServerEvent::Listening(address)) = server.next().await else { panic!("it listens") };
    let mut client = TcpStream::connect(address.tcp().expect("TCP")).await.expect("it listens");
    let Some(ServerEvent::Connection(mut session)) = server.next().await else {
        panic!("a client")
    };
    let hub = Hub::new(codec, HubOptions::new());
    hub.join(&session.handle());
    client.write_all(b"one\ntwo\n").await.expect("open");
    client.shutdown().await.expect("open");
    while let Some(event) = session.next().await {
        if let Event::Record(line) = event {
            hub.send(To::All, line.expect("UTF-8")).await.expect("a line");
        }
    }
    let mut received = String::new();
    client.read_to_string(&mut received).await.expect("closed in order");
    assert_eq!(received, "one\ntwo\n");

    let Some(samples) = parsed(&server.handle().stats().prometheus("feed_")) else { return };
    for sample in [
        "gauge feed_sessions_open - 0",
        "counter feed_sessions_accepted_total - 1",
        "counter feed_connections_dropped_total reason=full 0",
        "counter feed_sessions_closed_total reason=by_peer 1",
        "counter feed_records_total is=received 2",
        "counter feed_records_total is=sent 2",
        "counter feed_bytes_total is=received 8",
        "gauge feed_queued_bytes - 0",
    ] {
        assert!(samples.iter().any(|found| found == sample), "no `{sample}` in {samples:#?}");
    }
    let samples = parsed(&hub.stats().prometheus("hub_")).expect("the parser is there");
    for sample in ["counter hub_offered_records_total - 2", "counter hub_records_total is=sent 2"] {
        assert!(samples.iter().any(|found| found == sample), "no `{sample}` in {samples:#?}");
    }
}

//! Node's `tls` as the peer.

use std::process::Stdio;

use cwire_transport::{SessionOptions, Stream};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use super::openssl::echo;
use super::{Codec, Pki, next, pki, record, rest, within};

/// As in peer.js.
const MANY: usize = 10_000;

fn node(pki: &Pki, what: &str, port: u16) -> Option<Command> {
    let mut node = Command::from(cwire_tests::tool("node")?);
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/e2e/tls/peer.js"));
    node.args([what, &port.to_string()]).arg(pki.path("")).kill_on_drop(true);
    node.stdin(Stdio::null()).stdout(Stdio::piped());
    Some(node)
}

#[tokio::test]
async fn a_client_of_nodes_gets_its_records_back() {
    let Some(pki) = pki() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let Some(mut node) = node(pki, "client", port) else { return };
    let node = node.spawn().unwrap();
    let served = async {
        let stream = Stream::try_from(listener.accept().await.unwrap().0).unwrap();
        let server = pki.strict_server();
        echo(server.session(stream, Codec::default(), SessionOptions::new()), MANY).await
    };
    let (events, output) = within(async { tokio::join!(served, node.wait_with_output()) }).await;
    let seen = String::from_utf8(output.unwrap().stdout).unwrap();
    assert_eq!(seen, format!("TLSv1.3 server\nend after {}\nclose false\n", 24 * MANY));
    assert_eq!(events.last().unwrap(), "closed ByUs");
    assert!(!events.iter().any(|event| event.starts_with("error")), "{events:?}");
}

#[tokio::test]
async fn a_server_of_nodes_sends_records_back() {
    let Some(pki) = pki() else { return };
    let Some(mut node) = node(pki, "server", 0) else { return };
    let mut node = node.spawn().unwrap();
    let mut output = BufReader::new(node.stdout.take().unwrap());
    within(async {
        let mut port = String::new();
        output.read_line(&mut port).await.unwrap();
        let port: u16 = port.trim_end().parse().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut session = pki
            .client_with("client")
            .session(
                stream.try_into().unwrap(),
                "localhost",
                Codec::default(),
                SessionOptions::new(),
            )
            .unwrap();
        let handle = session.handle();
        let sending = tokio::spawn(async move {
            for number in 0..MANY {
                handle.send(&record(number)).await.unwrap();
            }
        });
        assert_eq!(next(&mut session).await, "connected");
        assert_eq!(next(&mut session).await, "ready");
        for number in 0..MANY {
            assert_eq!(next(&mut session).await, format!("record {number}"));
        }
        sending.await.unwrap();
        session.finish();
        assert_eq!(rest(session).await, ["finished", "closed ByUs"]);
        let mut seen = String::new();
        output.read_to_string(&mut seen).await.unwrap();
        assert_eq!(seen, format!("TLSv1.3 client\nend after {}\nclose false\n", 24 * MANY));
    })
    .await;
}

//! TLS under sessions: between cwire and cwire, and with OpenSSL and Node as peers.
//!
//! These tests are here, and not in the transport's crate, since they need its feature `tls`: this
//! package asks for it, so `cargo test --workspace` runs them.

mod ends;
mod exchange;
mod files;
mod node;
mod openssl;
mod pki;
mod refused;
mod served;

use std::time::Duration;

use cwire_codec::{CChar, CharArray, Record};
use cwire_transport::{
    Closed, Event, ReceiveError, RecordCodec, Session, SessionOptions, Stream, TlsClient, TlsServer,
};
use tokio::net::{TcpListener, TcpStream};

pub(crate) use pki::{Pki, pki};

/// `struct CTestData { char a; int b; char c[15]; };`
#[derive(Clone, Debug, PartialEq, Record)]
struct CTestData {
    a: CChar,
    b: i32,
    c: CharArray<15>,
}

type Codec = RecordCodec<CTestData>;

fn record(number: usize) -> CTestData {
    let b = i32::try_from(number).unwrap();
    CTestData { a: CChar(b'A'), b, c: CharArray::new("hello").unwrap() }
}

/// The bytes of the first so many records.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).flat_map(|number| record(number).to_bytes()).collect()
}

/// Both ends of a TCP connection over loopback.
async fn tcp() -> (Stream, Stream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (connected, accepted) = tokio::join!(TcpStream::connect(addr), listener.accept());
    (connected.unwrap().try_into().unwrap(), accepted.unwrap().0.try_into().unwrap())
}

/// Both ends of a TLS connection over loopback: the client's, which expects `localhost`, and the
/// server's.
async fn tls(client: &TlsClient, server: &TlsServer) -> (Session<Codec>, Session<Codec>) {
    let (here, there) = tcp().await;
    let options = SessionOptions::new();
    (
        client.session(here, "localhost", Codec::default(), options.clone()).unwrap(),
        server.session(there, Codec::default(), options),
    )
}

/// The next event, in short.
async fn next(session: &mut Session<Codec>) -> String {
    match session.next().await {
        None => "-".to_owned(),
        Some(Event::Connected) => "connected".to_owned(),
        Some(Event::Ready) => "ready".to_owned(),
        Some(Event::Record(record)) => format!("record {}", record.unwrap().b),
        Some(Event::Finished) => "finished".to_owned(),
        Some(Event::Error(error)) => format!("error {}", chain(&error)),
        Some(Event::Closed(Closed { reason, after_error, .. })) => {
            let error = if after_error { " after an error" } else { "" };
            format!("closed {reason:?}{error}")
        }
        Some(other) => format!("{other:?}"),
    }
}

/// The error and its sources, without the words that every failed read begins with.
fn chain(error: &ReceiveError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text.replace("reading from the peer failed: ", "")
}

/// Waits until records can be exchanged.
async fn ready(client: &mut Session<Codec>, server: &mut Session<Codec>) {
    for expected in ["connected", "ready"] {
        let (client, server) = tokio::join!(next(client), next(server));
        assert_eq!((&client[..], &server[..]), (expected, expected));
    }
}

/// All events that are left.
async fn rest(mut session: Session<Codec>) -> Vec<String> {
    let mut events = Vec::new();
    loop {
        match next(&mut session).await.as_str() {
            "-" => return events,
            event => events.push(event.to_owned()),
        }
    }
}

/// A peer that hangs fails its test, and not the whole run.
async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("in a minute")
}

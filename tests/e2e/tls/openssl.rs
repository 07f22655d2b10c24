//! `openssl s_client` and `openssl s_server` as peers.

use std::fs;
use std::process::Stdio;

use cwire_transport::{
    CloseReason, Event, Session, SessionOptions, Stream, TlsClient, TlsServer, TlsVersion,
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use super::{Codec, Pki, bytes, next, pki, record, rest, within};

/// More than fits into one TLS record, or into the pipes of a process.
const MANY: usize = 10_000;

/// The command, in the folder with the certificates.
fn openssl(pki: &Pki, args: &str) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(pki.path("")).args(args.split_whitespace()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `s_client` as a peer that trusts `ca`; with these arguments, too.
fn s_client(pki: &Pki, port: u16, args: &str) -> Command {
    let trust = "-CAfile ca.pem -verify_return_error -verify_hostname localhost";
    openssl(pki, &format!("s_client -quiet -connect 127.0.0.1:{port} {trust} {args}"))
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn accept(listener: TcpListener, server: &TlsServer) -> Session<Codec> {
    let stream = Stream::try_from(listener.accept().await.unwrap().0).unwrap();
    server.session(stream, Codec::default(), SessionOptions::new())
}

/// Sends back so many records, then finishes; what happened on the way, but for the records.
pub(super) async fn echo(mut session: Session<Codec>, count: usize) -> Vec<String> {
    let mut number = 0;
    while number < count {
        if let Event::Record(received) = session.next().await.unwrap() {
            let received = received.unwrap();
            assert_eq!(received, record(number));
            session.send(&received).await.unwrap();
            number += 1;
        }
    }
    session.finish();
    rest(session).await
}

#[tokio::test]
async fn s_client_shows_a_certificate_and_gets_its_records_back() {
    let Some(pki) = pki() else { return };
    let (listener, port) = listen().await;
    let mut client = s_client(pki, port, "-cert client.pem -key client.key -msg -msgfile msg.txt");
    let mut client = client.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = client.stdin.take().unwrap();
    let sent = async { input.write_all(&bytes(MANY)).await.unwrap() };
    let served = async { echo(accept(listener, &pki.strict_server()).await, MANY).await };
    let ((), events, output) =
        within(async { tokio::join!(sent, served, client.wait_with_output()) }).await;
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == bytes(MANY), "{} bytes came back", output.stdout.len());
    assert_eq!(events, ["finished", "closed ByUs"]);
    let messages = fs::read_to_string(pki.path("msg.txt")).unwrap();
    let alerts: Vec<_> = messages.lines().filter(|line| line.contains("Alert")).collect();
    let close = "TLS 1.3, Alert [length 0002], warning close_notify";
    assert_eq!(alerts, [format!("<<< {close}"), format!(">>> {close}")]);
}

/// TLS 1.2, RSA, and a chain of certificates in between.
#[tokio::test]
async fn s_client_of_both_versions_with_other_certificates() {
    let Some(pki) = pki() else { return };
    for (args, certificate, version) in [
        ("-tls1_2", "server", TlsVersion::V1_2),
        ("-tls1_2", "pkcs1", TlsVersion::V1_2),
        ("-tls1_3", "pkcs1", TlsVersion::V1_3),
        ("-tls1_3", "chain", TlsVersion::V1_3),
    ] {
        let (listener, port) = listen().await;
        let client = s_client(pki, port, args).spawn().unwrap();
        let served = async {
            let mut session = accept(listener, &pki.server(certificate)).await;
            assert_eq!(next(&mut session).await, "connected");
            assert_eq!(next(&mut session).await, "ready", "{args} {certificate}");
            assert_eq!(session.tls().unwrap().version(), version);
            session.send(&record(0)).await.unwrap();
            session.finish();
            rest(session).await
        };
        let (events, output) =
            within(async { tokio::join!(served, client.wait_with_output()) }).await;
        assert_eq!(output.unwrap().stdout, bytes(1));
        assert_eq!(events, ["finished", "closed ByUs"]);
    }
}

/// A certificate that `s_client` does not like ends the handshake on both sides.
#[tokio::test]
async fn s_client_refuses_and_is_refused() {
    let Some(pki) = pki() else { return };
    for (server, error) in [
        (pki.server("expired"), "received fatal alert: CertificateExpired"),
        (pki.strict_server(), "peer sent no certificates"),
    ] {
        let (listener, port) = listen().await;
        let client = s_client(pki, port, "").spawn().unwrap();
        let served = async { rest(accept(listener, &server).await).await };
        let (events, output) =
            within(async { tokio::join!(served, client.wait_with_output()) }).await;
        assert!(!output.unwrap().status.success());
        let error = format!("error the TLS handshake failed: {error}");
        assert_eq!(events, ["connected", &error, "closed Protocol after an error"]);
    }
}

/// The system ends the connection of a process that is killed, and nobody has said close_notify.
#[cfg(unix)]
#[tokio::test]
async fn s_client_that_is_killed_is_cut_off() {
    let Some(pki) = pki() else { return };
    let (listener, port) = listen().await;
    let mut client = s_client(pki, port, "");
    let mut client = client.stdin(Stdio::piped()).spawn().unwrap();
    client.stdin.as_mut().unwrap().write_all(&bytes(1)).await.unwrap();
    let mut session = within(accept(listener, &pki.server("server"))).await;
    for expected in ["connected", "ready", "record 0"] {
        assert_eq!(within(next(&mut session)).await, expected);
    }
    client.kill().await.unwrap();
    assert_eq!(within(rest(session)).await, super::ends::CUT_OFF);
}

/// `s_server`, and its port. It takes one connection.
struct Server {
    child: tokio::process::Child,
    output: BufReader<tokio::process::ChildStdout>,
    port: u16,
}

impl Server {
    async fn start(pki: &Pki, args: &str) -> Self {
        let args = format!("s_server -accept 127.0.0.1:0 -naccept 1 -CAfile ca.pem {args}");
        // At the end of its input, it would close.
        let mut child = openssl(pki, &args).stdin(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, output, port: 0 };
        server.port = server.line("ACCEPT 127.0.0.1:").await.parse().unwrap();
        server
    }

    /// Waits for a line that begins so; what follows on it.
    async fn line(&mut self, begins: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).await.unwrap(), 0, "{begins}");
            if let Some(rest) = line.trim_end().strip_prefix(begins) {
                return rest.to_owned();
            }
        }
    }

    async fn session(&self, client: &TlsClient) -> Session<Codec> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let stream = Stream::try_from(stream).unwrap();
        client.session(stream, "127.0.0.1", Codec::default(), SessionOptions::new()).unwrap()
    }

    /// What it prints until its end.
    async fn rest(&mut self) -> Vec<u8> {
        let mut output = Vec::new();
        self.output.read_to_end(&mut output).await.unwrap();
        self.child.wait().await.unwrap();
        output
    }
}

#[tokio::test]
async fn s_server_asks_for_a_certificate_and_gets_records() {
    let Some(pki) = pki() else { return };
    within(async {
        let mut server =
            Server::start(pki, "-cert server.pem -key server.key -Verify 1 -verify_return_error")
                .await;
        let mut session = server.session(&pki.client_with("client")).await;
        for expected in ["connected", "ready"] {
            assert_eq!(next(&mut session).await, expected);
        }
        assert_eq!(server.line("subject=").await, "CN = client");
        // The last that it says before records; given input earlier, it says nothing.
        server.line("CIPHER is ").await;
        let input = server.child.stdin.as_mut().unwrap();
        input.write_all(&bytes(3)).await.unwrap();
        for expected in ["record 0", "record 1", "record 2"] {
            assert_eq!(next(&mut session).await, expected);
        }
        let handle = session.handle();
        let sending = tokio::spawn(async move {
            for number in 0..MANY {
                handle.send(&record(number)).await.unwrap();
            }
            handle.finish();
        });
        let (events, output) = tokio::join!(rest(session), server.rest());
        sending.await.unwrap();
        assert_eq!(events, ["finished", "closed ByUs"]);
        let records = bytes(MANY);
        assert!(output.windows(records.len()).any(|window| window == records));
    })
    .await;
}

#[tokio::test]
async fn s_server_that_is_not_trusted() {
    let Some(pki) = pki() else { return };
    within(async {
        let mut server = Server::start(pki, "-cert expired.pem -key expired.key").await;
        let mut session = server.session(&pki.client()).await;
        assert_eq!(next(&mut session).await, "connected");
        let error = next(&mut session).await;
        let expected = "error the TLS handshake failed: invalid peer certificate: certificate \
                        expired: verification time ";
        assert!(error.starts_with(expected), "{error}");
        let Some(Event::Closed(closed)) = session.next().await else { panic!("it is over") };
        assert_eq!((closed.reason, closed.after_error), (CloseReason::Protocol, true));
        server.rest().await;
    })
    .await;
}

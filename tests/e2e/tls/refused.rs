//! Handshakes that fail, or never end.

use std::time::Duration;

use cwire_transport::{SessionOptions, Stream, TlsClient, TlsClientOptions, TlsServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

use super::{Codec, Pki, pki, rest, tcp, tls, within};

/// What both sides say, the client first, when neither sends anything.
async fn refused(client: &TlsClient, server: &TlsServer) -> (Vec<String>, Vec<String>) {
    let (client, server) = tls(client, server).await;
    within(async { tokio::join!(rest(client), rest(server)) }).await
}

/// The events of a side on which the handshake fails.
fn fails(why: &str) -> Vec<String> {
    let error = format!("error the TLS handshake failed: {why}");
    vec!["connected".to_owned(), error, "closed Protocol after an error".to_owned()]
}

/// A client that trusts the authority in this file.
fn trusting(pki: &Pki, roots: &str) -> TlsClient {
    TlsClient::new(&TlsClientOptions::new(pki.path(roots))).unwrap()
}

#[tokio::test]
async fn a_server_of_an_authority_that_is_not_trusted() {
    let Some(pki) = pki() else { return };
    let (client, server) = refused(&trusting(pki, "other-ca.pem"), &pki.server("server")).await;
    assert_eq!(client, fails("invalid peer certificate: UnknownIssuer"));
    assert_eq!(server, fails("received fatal alert: UnknownCA"));
}

#[tokio::test]
async fn a_server_with_another_name() {
    let Some(pki) = pki() else { return };
    let options = pki.client_options().server_name("feed.example.org");
    let (client, server) = refused(&TlsClient::new(&options).unwrap(), &pki.server("server")).await;
    assert_eq!(
        client,
        fails(
            "invalid peer certificate: certificate not valid for name \"feed.example.org\"; \
             certificate is only valid for DnsName(\"localhost\") or IpAddress(127.0.0.1)"
        )
    );
    assert_eq!(server, fails("received fatal alert: BadCertificate"));
}

#[tokio::test]
async fn a_server_whose_certificate_has_expired() {
    let Some(pki) = pki() else { return };
    let (client, server) = refused(&pki.client(), &pki.server("expired")).await;
    // 2020-02-01 00:00:00 UTC.
    let error = "invalid peer certificate: certificate expired: verification time ";
    assert!(client[1].contains(error), "{client:?}");
    assert!(client[1].contains("certificate is not valid after 1580515200 ("), "{client:?}");
    assert_eq!(client[2], "closed Protocol after an error");
    assert_eq!(server, fails("received fatal alert: CertificateExpired"));
}

/// Such as `openssl req -x509` makes if it is not told otherwise.
#[tokio::test]
async fn an_authority_that_is_a_server_too() {
    let Some(pki) = pki() else { return };
    let (client, _) = refused(&trusting(pki, "self-ca.pem"), &pki.server("self-ca")).await;
    assert_eq!(client, fails("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"));
}

/// An own certificate of a client is none for a server, and the other way round.
#[tokio::test]
async fn a_certificate_for_another_purpose() {
    let Some(pki) = pki() else { return };
    let (client, _) = refused(&pki.client(), &pki.server("client")).await;
    let why = "invalid peer certificate: certificate does not allow extended key usage for";
    assert_eq!(
        client,
        fails(&format!("{why} server authentication, allows client authentication"))
    );
    let (_, server) = refused(&pki.client_with("server"), &pki.strict_server()).await;
    assert_eq!(
        server,
        fails(&format!("{why} client authentication, allows server authentication"))
    );
}

/// In TLS 1.3 a client is done with its handshake before the server has judged its certificate
/// (RFC 8446, figure 1), so it hears of that afterwards.
#[tokio::test]
async fn clients_without_a_certificate_or_with_one_of_a_stranger() {
    let Some(pki) = pki() else { return };
    let server = pki.strict_server();
    for (client, why, alert) in [
        (pki.client(), "peer sent no certificates", "CertificateRequired"),
        (pki.client_with("stranger"), "invalid peer certificate: UnknownIssuer", "UnknownCA"),
    ] {
        let (client, server) = refused(&client, &server).await;
        assert_eq!(server, fails(why));
        let alert = format!("error received fatal alert: {alert}");
        assert_eq!(client, ["connected", "ready", &alert, "closed Protocol after an error"]);
    }
}

#[tokio::test]
async fn plain_bytes_are_no_tls() {
    let Some(pki) = pki() else { return };
    for (what, why) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "received corrupt message of type InvalidContentType"),
        (&super::bytes(1), "received corrupt message of type InvalidContentType"),
        (b"", "tls handshake eof"),
    ] {
        for is_server in [true, false] {
            let (here, mut there) = tcp().await;
            let session = session(pki, is_server, here, SessionOptions::new());
            there.write_all(what).await.unwrap();
            there.shutdown().await.unwrap();
            assert_eq!(within(rest(session)).await, fails(why), "{what:?} {is_server}");
        }
    }
}

/// One side of TLS; whoever is at the other end.
fn session(
    pki: &Pki,
    is_server: bool,
    stream: Stream,
    options: SessionOptions,
) -> cwire_transport::Session<Codec> {
    if is_server {
        pki.server("server").session(stream, Codec::default(), options)
    } else {
        pki.client().session(stream, "localhost", Codec::default(), options).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stalls_in_the_handshake_has_its_time() {
    let Some(pki) = pki() else { return };
    for is_server in [true, false] {
        // The front of a record of 512 bytes, of type handshake (RFC 8446, 5.1).
        for begun in [&b""[..], &[22, 3, 1, 2, 0, 1]] {
            let (here, mut there) = duplex(4096);
            let options = SessionOptions::new().handshake_timeout(Duration::from_secs(2));
            let session = session(pki, is_server, Stream::other(here, "pipe"), options);
            there.write_all(begun).await.unwrap();
            let start = Instant::now();
            assert_eq!(
                rest(session).await,
                [
                    "connected",
                    "error the peer takes too long for the handshake",
                    "closed Limit after an error"
                ]
            );
            assert_eq!(start.elapsed(), Duration::from_secs(2));
            // Nobody holds the connection open.
            there.read_to_end(&mut Vec::new()).await.unwrap();
        }
    }
}

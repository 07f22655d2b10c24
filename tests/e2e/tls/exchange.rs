//! Records over TLS, between cwire and cwire.

use cwire_transport::{CloseReason, Event, Session, TlsServer, TlsVersion};

use super::{Codec, pki, ready, record, rest, tls, within};

/// Enough to fill every buffer on the way many times over: 1.2 MB in each direction.
const MANY: usize = 50_000;

#[tokio::test]
async fn many_records_both_ways_at_once() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client(), &pki.server("server")).await;
    let echo = tokio::spawn(async move {
        let mut number = 0;
        loop {
            match server.next().await.unwrap() {
                Event::Record(received) => {
                    let received = received.unwrap();
                    assert_eq!(received, record(number));
                    server.send(&received).await.unwrap();
                    number += 1;
                }
                Event::Closed(closed) => return (number, closed),
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
    });
    let handle = client.handle();
    let sending = tokio::spawn(async move {
        for number in 0..MANY {
            handle.send(&record(number)).await.unwrap();
        }
        handle.finish();
    });
    let mut number = 0;
    let closed = within(async {
        loop {
            match client.next().await.unwrap() {
                Event::Record(received) => {
                    assert_eq!(received.unwrap(), record(number));
                    number += 1;
                }
                Event::Closed(closed) => break closed,
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
    })
    .await;
    sending.await.unwrap();
    let (echoed, closed_there) = echo.await.unwrap();
    assert_eq!((number, echoed), (MANY, MANY));
    assert_eq!((closed.reason, closed.after_error), (CloseReason::ByUs, false));
    assert_eq!((closed_there.reason, closed_there.after_error), (CloseReason::ByPeer, false));
    let stats = client.stats();
    assert_eq!((stats.sent.bytes, stats.received.bytes), (24 * MANY as u64, 24 * MANY as u64));
}

#[tokio::test]
async fn each_side_knows_what_the_other_has_shown() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client_with("client"), &pki.strict_server()).await;
    assert!(client.tls().is_none() && server.tls().is_none());
    within(ready(&mut client, &mut server)).await;
    let shown = |session: &Session<Codec>| {
        let info = session.tls().unwrap();
        assert_eq!(info.version(), TlsVersion::V1_3);
        info.peer_certificates().map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    assert_eq!(shown(&client), [pki.der("server.pem")]);
    assert_eq!(shown(&server), [pki.der("client.pem")]);
    let events = within(async { tokio::join!(client.close(), rest(server)) }).await;
    assert!(!events.0.after_error);
    assert_eq!(events.1, ["finished", "closed ByPeer"]);
}

#[tokio::test]
async fn a_client_may_be_asked_and_show_nothing() {
    let Some(pki) = pki() else { return };
    let options = pki.server_options("server").request_client_certificate(pki.path("ca.pem"));
    let server = TlsServer::new(&options).unwrap();
    for (client, shown) in [(pki.client(), 0), (pki.client_with("client"), 1)] {
        let (mut client, mut server) = tls(&client, &server).await;
        within(ready(&mut client, &mut server)).await;
        assert_eq!(server.tls().unwrap().peer_certificates().len(), shown);
        let events = within(async { tokio::join!(client.close(), rest(server)) }).await;
        assert!(!events.0.after_error);
        assert_eq!(events.1, ["finished", "closed ByPeer"]);
    }
}

/// What is sent before the handshake is done waits, and comes first.
#[tokio::test]
async fn records_wait_for_the_handshake() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client(), &pki.server("chain")).await;
    client.try_send(&record(1)).unwrap();
    server.try_send(&record(2)).unwrap();
    client.finish();
    let events = within(async { tokio::join!(rest(client), rest(server)) }).await;
    assert_eq!(events.0, ["connected", "ready", "record 2", "finished", "closed ByUs"]);
    assert_eq!(events.1, ["connected", "ready", "record 1", "finished", "closed ByPeer"]);
}

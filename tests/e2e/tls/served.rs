//! Servers and clients with TLS.

use cwire_transport::{
    Backoff, Client, ClientEvent, Endpoint, Event, Server, ServerEvent, TlsClient, TlsClientOptions,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Codec, pki, record, within};

/// One peer says nothing, another one half of a ClientHello; both stay. Whoever comes later is served.
#[tokio::test]
async fn peers_that_stall_hold_up_nobody() {
    let Some(pki) = pki() else { return };
    let server = Server::builder(Codec::default()).listen("127.0.0.1:0").tls(pki.server("server"));
    let server = server.bind().await.unwrap();
    let (addr, handle) = (server.local_addrs()[0].tcp().unwrap(), server.handle());
    let serving = tokio::spawn(server.serve(|mut session| async move {
        while let Some(event) = session.next().await {
            if let Event::Record(received) = event {
                session.send(&received.unwrap()).await.unwrap();
            }
        }
    }));
    let _silent = TcpStream::connect(addr).await.unwrap();
    let mut begun = TcpStream::connect(addr).await.unwrap();
    begun.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();

    let client = Client::new(addr, Codec::default()).unwrap().tls(pki.client()).unwrap();
    let mut session = client.connect().await.unwrap();
    session.send(&record(7)).await.unwrap();
    let received = within(async {
        loop {
            match session.next().await.unwrap() {
                Event::Record(received) => return received.unwrap(),
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
    });
    assert_eq!(received.await, record(7));
    session.close().await;
    handle.shutdown();
    let stats = within(serving).await.unwrap();
    assert_eq!(stats.accepted, 3);
}

/// The name is the same for every connection, and so is what the server is checked for.
#[tokio::test]
async fn a_client_that_connects_again_shakes_hands_again() {
    let Some(pki) = pki() else { return };
    let server = Server::builder(Codec::default()).listen("127.0.0.1:0").tls(pki.server("server"));
    let mut server = server.bind().await.unwrap();
    let addr = server.local_addrs()[0].tcp().unwrap();
    let client = Client::new(addr, Codec::default()).unwrap().tls(pki.client()).unwrap();
    let mut client = client.reconnect(Backoff::new());
    let serving = tokio::spawn(async move {
        while let Some(event) = server.next().await {
            if let ServerEvent::Connection(mut session) = event {
                tokio::spawn(async move {
                    session.send(&record(1)).await.unwrap();
                    session.finish();
                    while session.next().await.is_some() {}
                });
            }
        }
    });
    let mut seen = 0;
    within(async {
        while seen < 2 {
            let Some(ClientEvent::Connected(mut session)) = client.next().await else { continue };
            while let Some(event) = session.next().await {
                if let Event::Record(received) = event {
                    assert_eq!(received.unwrap(), record(1));
                    seen += 1;
                }
            }
        }
    })
    .await;
    serving.abort();
}

#[test]
fn a_unix_socket_has_no_name_of_its_own() {
    let Some(pki) = pki() else { return };
    let client = |options: &TlsClientOptions| {
        let tls = TlsClient::new(options).unwrap();
        Client::new(Endpoint::Unix("/run/feed.sock".into()), Codec::default()).unwrap().tls(tls)
    };
    assert_eq!(
        client(&pki.client_options()).unwrap_err().to_string(),
        "server name `unix:/run/feed.sock`: needs a DNS name or an IP address"
    );
    client(&pki.client_options().server_name("localhost")).unwrap();
}

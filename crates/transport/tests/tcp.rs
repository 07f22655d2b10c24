//! Connecting and listening, on loopback.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use cwire_codec::Record;
use cwire_transport::{Address, Connection, Listener, ReceiveError, connect, listen};

#[derive(Debug, PartialEq, Record)]
struct Tick {
    venue: i16,
    price: i32,
}

fn addr_of(listener: &Listener) -> SocketAddr {
    listener.local_addrs().first().and_then(Address::tcp).expect("listen is for TCP")
}

#[tokio::test]
async fn every_address_of_a_listener_is_served() {
    let loopback: [SocketAddr; 2] =
        ["127.0.0.1:0", "127.0.0.2:0"].map(|addr| addr.parse().unwrap());
    let mut listener = listen(&loopback[..]).await.expect("free ports");
    let addrs: Vec<_> = listener.local_addrs().iter().filter_map(Address::tcp).collect();
    assert_eq!(addrs.len(), 2);
    assert!(addrs.iter().all(|addr| addr.port() != 0));

    for (venue, addr) in (0..).zip(addrs) {
        let stream = connect(addr).await.expect("listening");
        assert!(stream.nodelay().expect("open"));
        let mut client = Connection::<_, Tick>::new(stream);
        client.send(&Tick { venue, price: 300 }).await.expect("open");
        client.finish().await.expect("open");

        let stream = listener.accept().await.expect("a connection");
        assert_eq!(stream.local(), &Address::Tcp(addr));
        assert_eq!(stream.peer().tcp(), client.stream().local_addr().ok());
        let stream = stream.into_tcp().expect("bare TCP");
        assert!(stream.nodelay().expect("open"));
        let (mut reader, mut writer) = Connection::<_, Tick>::new(stream).into_split();
        let record = reader.next().await.expect("a record").expect("a record");
        assert_eq!(record, Tick { venue, price: 300 });
        assert_eq!(reader.next().await.expect("the end"), None);
        writer.send(&record).await.expect("half open");
        drop(writer);
        assert_eq!(client.next().await.expect("a record"), Some(record));
        assert_eq!(client.next().await.expect("the end"), None);
    }
}

#[tokio::test]
async fn ipv4_and_ipv6_share_a_port() {
    let mut v4 = listen("0.0.0.0:0").await.expect("a free port");
    let port = addr_of(&v4).port();
    match listen(("::", port)).await {
        Ok(v6) => assert_eq!(addr_of(&v6).port(), port),
        // A system without IPv6 has no such address; another program may have the port there.
        Err(error) => assert_ne!(error.kind(), io::ErrorKind::InvalidInput, "{error}"),
    }
    let _client = connect(("127.0.0.1", port)).await.expect("listening");
    v4.accept().await.expect("a connection");
}

#[tokio::test]
async fn the_first_address_that_answers_is_taken() {
    let closed = addr_of(&listen("127.0.0.1:0").await.expect("a free port"));
    let open = listen("127.0.0.1:0").await.expect("a free port");
    let addrs = [closed, addr_of(&open)];
    assert_eq!(
        connect(&addrs[..]).await.expect("one listens").peer_addr().expect("open"),
        addrs[1]
    );

    let error = connect(closed).await.expect_err("nobody listens");
    assert!(error.to_string().starts_with(&format!("{closed}: ")), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = listen("127.0.0.1:0").await.expect("a free port");
    let addr = addr_of(&taken);
    let error = listen(addr).await.expect_err("in use");
    assert_eq!(error.to_string(), format!("cannot listen on {addr}"));
    assert_eq!((error.addr(), error.kind()), (Some(addr), io::ErrorKind::AddrInUse));
    assert!(error.source().is_some());
}

/// A peer that vanishes with unread bytes sends a reset.
#[tokio::test]
async fn a_reset_is_an_error_and_not_the_end() {
    let mut listener = listen("127.0.0.1:0").await.expect("a free port");
    let mut client =
        Connection::<_, Tick>::new(connect(addr_of(&listener)).await.expect("listening"));
    let server = listener.accept().await.expect("a connection");
    client.send(&Tick { venue: 1, price: 1 }).await.expect("open");
    server.tcp().expect("bare TCP").readable().await.expect("bytes came");
    drop(server);
    let error = client.next().await.expect_err("reset");
    assert!(matches!(error, ReceiveError::Io(_)), "{error}");
    assert_eq!(client.next().await.expect("the end"), None);
}

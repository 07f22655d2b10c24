//! Over TCP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use cwire_transport::{
    Address, Endpoint, KeepAlive, ListenOptions, Listener, SocketOptions, Stream, listen,
};
use socket2::{Domain, SockRef, Socket, Type};
use tokio::io::AsyncReadExt;

use crate::{addr_of, chain};

async fn bind(endpoints: &[&str]) -> Listener {
    Listener::bind(endpoints, &ListenOptions::default()).await.expect("free ports")
}

fn connect(addr: impl Into<SocketAddr>) -> TcpStream {
    TcpStream::connect(addr.into()).expect("it listens")
}

/// Connects, and checks that both sides agree on who they are.
async fn exchange(listener: &mut Listener, addr: SocketAddr) -> Stream {
    let client = connect(addr);
    let stream = listener.accept().await.expect("a connection");
    assert_eq!(stream.peer(), &Address::Tcp(client.local_addr().expect("open")));
    assert_eq!(stream.local(), &Address::Tcp(client.peer_addr().expect("open")));
    stream
}

fn has_ipv6() -> bool {
    let has = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !has {
        eprintln!("skipped: this machine has no IPv6");
    }
    has
}

#[tokio::test]
async fn without_a_host_one_port_of_all_addresses_is_taken() {
    let mut listener = bind(&[":0"]).await;
    let v4 = addr_of(&listener, 0);
    assert_eq!(v4.ip(), Ipv4Addr::UNSPECIFIED);
    assert_ne!(v4.port(), 0);
    exchange(&mut listener, (Ipv4Addr::LOCALHOST, v4.port()).into()).await;
    // An address of its own, which the stream knows.
    exchange(&mut listener, ([127, 0, 0, 2], v4.port()).into()).await;

    if !has_ipv6() {
        assert_eq!(listener.local_addrs().len(), 1);
        return;
    }
    assert_eq!(listener.local_addrs().len(), 2);
    assert_eq!(addr_of(&listener, 1), (Ipv6Addr::UNSPECIFIED, v4.port()).into());
    exchange(&mut listener, (Ipv6Addr::LOCALHOST, v4.port()).into()).await;

    #[cfg(target_os = "linux")]
    if let Some(rows) = crate::ss(&["--tcp", "--extended", &format!("sport = :{}", v4.port())]) {
        let mut seen: Vec<_> = rows.iter().map(|columns| columns[3].as_str()).collect();
        seen.sort_unstable();
        assert_eq!(seen, [format!("0.0.0.0:{}", v4.port()), format!("[::]:{}", v4.port())]);
        assert!(rows.iter().flatten().any(|word| word == "v6only:1"), "{rows:?}");
    }
}

#[tokio::test]
async fn a_port_that_ipv6_alone_is_in_the_way_of_is_taken_on_neither() {
    if !has_ipv6() {
        return;
    }
    let other = bind(&["[::]:0"]).await;
    let taken = addr_of(&other, 0);
    let endpoint = Endpoint::Tcp { host: None, port: taken.port() };
    let error = Listener::bind([endpoint], &ListenOptions::default()).await.expect_err("in use");
    assert_eq!(error.to_string(), format!("cannot listen on {taken}"));
    assert_eq!((error.addr(), error.kind()), (Some(taken), io::ErrorKind::AddrInUse));
    let v4 = TcpListener::bind((Ipv4Addr::UNSPECIFIED, taken.port()));
    assert_eq!(v4.expect("free again").local_addr().expect("bound").port(), taken.port());
}

#[tokio::test]
async fn a_dual_stack_socket_takes_ipv4_too() {
    if !has_ipv6() {
        return;
    }
    let options = ListenOptions::new().only_ipv6(false);
    for endpoint in [":0", "[::]:0"] {
        let mut listener = Listener::bind([endpoint], &options).await.expect("a free port");
        assert_eq!(listener.local_addrs().len(), 1);
        let addr = addr_of(&listener, 0);
        assert_eq!(addr.ip(), Ipv6Addr::UNSPECIFIED);

        let client = connect((Ipv4Addr::LOCALHOST, addr.port()));
        let stream = listener.accept().await.expect("a connection");
        assert_eq!(stream.peer().ip(), client.local_addr().ok().map(|addr| addr.ip()));
        assert_eq!(stream.local().to_string(), format!("[::ffff:127.0.0.1]:{}", addr.port()));
        exchange(&mut listener, (Ipv6Addr::LOCALHOST, addr.port()).into()).await;

        #[cfg(target_os = "linux")]
        if let Some(rows) =
            crate::ss(&["--tcp", "--extended", &format!("sport = :{}", addr.port())])
        {
            assert_eq!(rows.len(), 1);
            assert!(rows.iter().flatten().any(|word| word == "v6only:0"), "{rows:?}");
        }
    }
}

#[tokio::test]
async fn all_addresses_of_a_name_share_a_port() {
    use std::collections::BTreeSet;
    use std::net::ToSocketAddrs;
    let mut listener = bind(&["localhost:0"]).await;
    let port = addr_of(&listener, 0).port();
    let addrs: BTreeSet<_> =
        (0..listener.local_addrs().len()).map(|i| addr_of(&listener, i)).collect();
    // Without IPv6, the name may have an IPv6 address all the same.
    let mut expected: BTreeSet<_> =
        ("localhost", port).to_socket_addrs().expect("a name").collect();
    expected.retain(|addr| addr.is_ipv4() || has_ipv6());
    assert_eq!(addrs, expected);
    for addr in addrs {
        exchange(&mut listener, addr).await;
    }
}

#[tokio::test]
async fn what_cannot_be_listened_on_is_named() {
    let taken = bind(&["127.0.0.1:0"]).await;
    let taken = (addr_of(&taken, 0), taken);
    let in_use = io::Error::from_raw_os_error(if cfg!(target_os = "linux") { 98 } else { 48 });
    for (endpoint, message, kind) in [
        (
            "localhost",
            "cannot listen: `localhost`: needs HOST:PORT, :PORT or unix:PATH".to_owned(),
            io::ErrorKind::InvalidInput,
        ),
        (
            taken.0.to_string().as_str(),
            format!("cannot listen on {}: {in_use}", taken.0),
            io::ErrorKind::AddrInUse,
        ),
    ] {
        let error =
            Listener::bind([endpoint], &ListenOptions::default()).await.expect_err(endpoint);
        assert_eq!(chain(&error), message);
        assert_eq!(error.kind(), kind);
        assert_eq!(error.addr(), (kind == io::ErrorKind::AddrInUse).then_some(taken.0));
    }
    // No name has a space; what the resolver says depends on the system.
    let error = Listener::bind(["no such host:1"], &ListenOptions::default()).await;
    assert_eq!(error.expect_err("no name").to_string(), "no address found for no such host:1");

    let none = "cannot listen: needs an endpoint, none given";
    let error = Listener::bind([""; 0], &ListenOptions::default()).await.expect_err("none");
    assert_eq!(chain(&error), none);
    assert_eq!(chain(&listen(&[][..]).await.expect_err("none")), none);

    let options = SocketOptions::new().keep_alive(KeepAlive::new().idle(Duration::ZERO));
    let options = ListenOptions::new().socket(options);
    let error = Listener::bind(["127.0.0.1:0"], &options).await.expect_err("no such time");
    assert_eq!(
        chain(&error),
        "cannot listen: keep-alive idle: needs whole seconds of 1 to 32767, 0ns given"
    );
}

#[tokio::test]
async fn of_several_endpoints_all_or_none_are_added() {
    let taken = bind(&["127.0.0.1:0"]).await;
    let mut listener = bind(&["127.0.0.1:0"]).await;
    let free = TcpListener::bind("127.0.0.2:0").expect("a free port").local_addr().expect("bound");
    let endpoints = [free, addr_of(&taken, 0)];
    let error = listener.extend(endpoints).await.expect_err("the second is in use");
    assert_eq!(error.addr(), Some(endpoints[1]));
    assert_eq!(listener.local_addrs().len(), 1);
    listener.extend([free]).await.expect("free again");
    exchange(&mut listener, free).await;
    let first = addr_of(&listener, 0);
    exchange(&mut listener, first).await;
}

#[tokio::test]
async fn no_endpoint_starves_another() {
    let mut listener = bind(&["127.0.0.1:0", "127.0.0.2:0"]).await;
    let [busy, quiet] = [0, 1].map(|index| addr_of(&listener, index));
    let mut clients: Vec<_> = (0..8).map(|_| connect(busy)).collect();
    clients.push(connect(quiet));
    let first = [
        listener.accept().await.expect("a connection"),
        listener.accept().await.expect("a connection"),
    ];
    assert!(first.iter().any(|stream| stream.local().tcp() == Some(quiet)), "{first:?}");
}

#[tokio::test]
async fn a_dropped_accept_loses_nothing() {
    let mut listener = bind(&["127.0.0.1:0"]).await;
    let addr = addr_of(&listener, 0);
    let mut waiting = tokio_test::task::spawn(listener.accept());
    tokio_test::assert_pending!(waiting.poll());
    drop(waiting);
    exchange(&mut listener, addr).await;
}

/// The peer sends and resets before it is accepted. Linux still hands over what it sent.
#[tokio::test]
async fn a_connection_that_is_broken_already_does_no_harm() {
    use std::io::Write;
    let mut listener = bind(&[":0"]).await;
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, addr_of(&listener, 0).port()));
    let mut broken = connect(addr);
    let broken_addr = broken.local_addr().expect("open");
    broken.write_all(b"last words").expect("open");
    SockRef::from(&broken).set_linger(Some(Duration::ZERO)).expect("open");
    drop(broken);
    let good = connect(addr);
    let good_addr = good.local_addr().expect("open");

    let mut accepted = listener.accept().await.expect("a connection");
    if cfg!(target_os = "linux") {
        assert_eq!(accepted.peer(), &Address::Tcp(broken_addr));
        let mut words = [0; 10];
        accepted.read_exact(&mut words).await.expect("sent before the reset");
        assert_eq!(&words, b"last words");
        let error = accepted.read(&mut words).await.expect_err("reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
    while accepted.peer() != &Address::Tcp(good_addr) {
        accepted = listener.accept().await.expect("a connection");
    }
    assert_eq!(accepted.local(), &Address::Tcp(addr));
}

#[tokio::test]
async fn options_apply_to_every_connection() {
    let keep_alive = KeepAlive::new().idle(Duration::from_secs(77));
    let socket = SocketOptions::new().no_delay(false).keep_alive(keep_alive);
    let options = ListenOptions::new().socket(socket);
    let mut listener = Listener::bind(["127.0.0.1:0"], &options).await.expect("a free port");
    let adopted = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.adopt(adopted).expect("it listens");
    for index in 0..2 {
        let addr = addr_of(&listener, index);
        let stream = exchange(&mut listener, addr).await.into_tcp().expect("bare TCP");
        let socket = SockRef::from(&stream);
        assert!(!socket.tcp_nodelay().expect("open"));
        assert!(socket.keepalive().expect("open"));
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_keepalive_time().expect("open"), Duration::from_secs(77));
    }
    let mut listener = bind(&["127.0.0.1:0"]).await;
    let addr = addr_of(&listener, 0);
    let stream = exchange(&mut listener, addr).await.into_tcp().expect("bare TCP");
    assert!(stream.nodelay().expect("open"));
    assert!(!SockRef::from(&stream).keepalive().expect("open"));
}

/// The packets of IPv4 peers of a dual-stack socket are IPv4.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_type_of_service_is_that_of_the_packets() {
    if !has_ipv6() {
        return;
    }
    let options = ListenOptions::new().only_ipv6(false).socket(SocketOptions::new().tos(0x28));
    let mut listener = Listener::bind([":0"], &options).await.expect("a free port");
    let port = addr_of(&listener, 0).port();
    for (client, tos, class) in
        [(Ipv4Addr::LOCALHOST.into(), 0x28, 0), (IpAddr::from(Ipv6Addr::LOCALHOST), 0, 0x28)]
    {
        let _client = connect((client, port));
        let stream = listener.accept().await.expect("a connection").into_tcp().expect("bare TCP");
        let socket = SockRef::from(&stream);
        assert_eq!(socket.tos_v4().expect("open"), tos, "{client}");
        assert_eq!(socket.tclass_v6().expect("open"), class, "{client}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_port_is_shared_if_all_say_so() {
    let options = ListenOptions::new().reuse_port(true);
    let mut first = Listener::bind(["127.0.0.1:0"], &options).await.expect("a free port");
    let addr = addr_of(&first, 0);
    let error = Listener::bind([addr], &ListenOptions::default()).await.expect_err("not shared");
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    let mut second = Listener::bind([addr], &options).await.expect("shared");

    // The kernel chooses by a hash of the addresses: all 64 for one has odds of 2 to the 63rd.
    let _clients: Vec<_> = (0..64).map(|_| connect(addr)).collect();
    let (mut of_first, mut of_second) = (0, 0);
    for _ in 0..64 {
        tokio::select! {
            stream = first.accept() => stream.map(|_| of_first += 1),
            stream = second.accept() => stream.map(|_| of_second += 1),
        }
        .expect("a connection");
    }
    assert!(of_first > 0 && of_second > 0, "{of_first} and {of_second}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_backlog_is_what_was_asked_for() {
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("Linux has it");
    let most: u32 = most.trim().parse().expect("a number");
    for (options, asked) in [
        (ListenOptions::new(), 1024),
        (ListenOptions::new().backlog(7), 7),
        (ListenOptions::new().backlog(u32::MAX), u32::MAX),
    ] {
        let listener = Listener::bind(["127.0.0.1:0"], &options).await.expect("a free port");
        let filter = format!("sport = :{}", addr_of(&listener, 0).port());
        let Some(rows) = crate::ss(&["--tcp", &filter]) else { return };
        // ss(8): for sockets that listen, Send-Q is the backlog.
        assert_eq!(rows[0][2], asked.min(most).to_string(), "{rows:?}");
    }
}

#[tokio::test]
async fn sockets_that_listen_already_are_adopted() {
    let adopted = TcpListener::bind("127.0.0.2:0").expect("a free port");
    let addr = adopted.local_addr().expect("bound");
    let mut listener = bind(&["127.0.0.1:0"]).await;
    listener.adopt(adopted).expect("it listens");
    assert_eq!(addr_of(&listener, 1), addr);
    exchange(&mut listener, addr).await;

    let mut alone = Listener::new(&ListenOptions::default()).expect("no options");
    assert_eq!(alone.local_addrs(), []);
    alone.adopt(TcpListener::bind("127.0.0.1:0").expect("a free port")).expect("it listens");
    let addr = addr_of(&alone, 0);
    exchange(&mut alone, addr).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_that_does_not_listen_is_not_adopted() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
    let socket = TcpListener::from(socket);
    let addr = socket.local_addr().expect("bound");
    let mut listener = Listener::new(&ListenOptions::default()).expect("no options");
    let error = listener.adopt(socket).expect_err("it does not listen");
    let message = format!("cannot listen on {addr}: needs a socket that listens");
    assert_eq!(chain(&error), message);
    assert_eq!(listener.local_addrs(), []);
}

//! Connecting, on loopback.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use cwire_transport::{
    ConnectErrorKind, Connector, Endpoint, Family, KeepAlive, Listener, SocketOptions, connect,
    listen,
};
use socket2::{Domain, SockRef, Socket, Type};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// A port that is taken and at which nobody listens, for as long as the socket lives.
fn dead(ip: IpAddr, port: u16) -> io::Result<(Socket, SocketAddr)> {
    let addr = SocketAddr::new(ip, port);
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    let addr = socket.local_addr()?.as_socket().expect("an IP address");
    Ok((socket, addr))
}

/// What the system says to one who connects, by way of the standard library.
fn reason(addr: SocketAddr) -> String {
    std::net::TcpStream::connect(addr).expect_err("nobody listens").to_string()
}

fn tcp_addr(listener: &Listener) -> SocketAddr {
    listener
        .local_addrs()
        .first()
        .and_then(cwire_transport::Address::tcp)
        .expect("it listens over TCP")
}

#[tokio::test]
async fn every_attempt_at_a_dead_port_is_named() {
    let mut tries = 0..20;
    let (_v4, v4, _v6) = loop {
        assert!(tries.next().is_some(), "no port is free for both families");
        let (socket, addr) = dead(V4, 0).expect("a free port");
        match dead(V6, addr.port()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            // Without IPv6 there is nobody either, for another reason.
            other => break (socket, addr, other),
        }
    };
    let port = v4.port();
    let v6 = SocketAddr::new(V6, port);
    let error = Connector::new().connect(format!(":{port}")).await.expect_err("nobody listens");
    assert_eq!(
        error.to_string(),
        format!("cannot connect to *:{port}: {v6}: {}; {v4}: {}", reason(v6), reason(v4))
    );
    assert!(matches!(error.kind(), ConnectErrorKind::Failed));
    assert_eq!(error.endpoint(), Some(&Endpoint::Tcp { host: None, port }));
    let addrs: Vec<_> = error.attempts().iter().map(|attempt| attempt.address().tcp()).collect();
    assert_eq!(addrs, [Some(v6), Some(v4)]);
    assert!(error.source().is_none());

    let error = connect(&[v4, v6, v4][..]).await.expect_err("nobody listens");
    assert_eq!(error.to_string(), format!("{v4}: {}; {v6}: {}", reason(v4), reason(v6)));
    let error = Connector::new().connect(v4).await.expect_err("nobody listens");
    assert_eq!(error.to_string(), format!("cannot connect to {v4}: {}", reason(v4)));
}

#[tokio::test]
async fn a_family_can_be_asked_for() {
    let (_v4, v4) = dead(V4, 0).expect("a free port");
    let here = Endpoint::Tcp { host: None, port: v4.port() };
    let only_v4 = Connector::new().family(Family::V4);
    let error = only_v4.connect(&here).await.expect_err("nobody listens");
    assert_eq!(error.to_string(), format!("cannot connect to {here}: {v4}: {}", reason(v4)));
    // A local address asks for its family.
    let from_v4 = Connector::new().local(SocketAddr::new(V4, 0));
    let error = from_v4.connect(&here).await.expect_err("nobody listens");
    assert_eq!(error.to_string(), format!("cannot connect to {here}: {v4}: {}", reason(v4)));

    let only_v6 = Connector::new().family(Family::V6);
    let error = only_v6.connect(v4).await.expect_err("another family");
    assert_eq!(error.to_string(), format!("cannot connect to {v4}: no IPv6 address found"));
    assert!(error.attempts().is_empty());
    let no_addrs: [SocketAddr; 0] = [];
    let error = connect(&no_addrs[..]).await.expect_err("no address");
    assert_eq!(error.to_string(), "no address found");
}

#[tokio::test]
async fn what_cannot_be_tried_says_why() {
    let error = Connector::new().connect("nowhere").await.expect_err("no port");
    assert_eq!(error.to_string(), "no endpoint to connect to");
    let cause = error.source().expect("the text").to_string();
    assert_eq!(cause, "`nowhere`: needs HOST:PORT, :PORT or unix:PATH");

    let hasty = Connector::new().attempt_delay(Duration::from_millis(9));
    let error = hasty.connect("localhost:9").await.expect_err("below 10 ms");
    assert_eq!(error.to_string(), "cannot connect to localhost:9 with these options");
    let cause = error.source().expect("the option").to_string();
    assert_eq!(cause, "attempt delay: needs at least 10ms, 9ms given");
}

/// RFC 6761, 6.4: names under `invalid.` do not exist. A resolver that asks about it all the same
/// may be slow.
#[tokio::test]
async fn a_name_that_does_not_exist_is_named() {
    let connector = Connector::new().timeout(Duration::from_secs(5));
    let error = connector.connect("name.invalid:9").await.expect_err("it does not exist");
    assert!(error.attempts().is_empty());
    match error.kind() {
        ConnectErrorKind::Resolve(cause) => {
            let line = "cannot connect to name.invalid:9: no address found";
            assert_eq!(error.to_string(), line);
            assert_eq!(error.source().expect("the resolver's").to_string(), cause.to_string());
        }
        _ => {
            let line = "cannot connect to name.invalid:9 within 5s: the name is not resolved";
            assert_eq!(error.to_string(), line);
        }
    }
}

#[tokio::test]
async fn the_socket_options_are_set() {
    let listener = listen("127.0.0.1:0").await.expect("a free port");
    let addr = tcp_addr(&listener);
    let seconds = Duration::from_secs;
    let keep_alive = KeepAlive::new().idle(seconds(61)).interval(seconds(7)).count(5);
    let options = SocketOptions::new().no_delay(false).keep_alive(keep_alive).tos(0xb8);
    let connector = Connector::new().socket(options);
    let stream = connector.connect(addr).await.expect("it listens");
    let socket = SockRef::from(stream.tcp().expect("TCP"));
    assert!(!socket.tcp_nodelay().expect("open"));
    assert!(socket.keepalive().expect("open"));
    #[cfg(unix)]
    {
        assert_eq!(socket.tcp_keepalive_time().expect("open"), seconds(61));
        assert_eq!(socket.tcp_keepalive_interval().expect("open"), seconds(7));
        assert_eq!(socket.tcp_keepalive_retries().expect("open"), 5);
        assert_eq!(socket.tos_v4().expect("open"), 0xb8);
    }

    let stream = Connector::new().connect(addr).await.expect("it listens");
    let socket = SockRef::from(stream.tcp().expect("TCP"));
    assert!(socket.tcp_nodelay().expect("open"));
    assert!(!socket.keepalive().expect("open"));
    assert!(connect(addr).await.expect("it listens").nodelay().expect("open"));
}

#[test]
fn connecting_can_move_between_threads() {
    fn assert_send(_: impl Send) {}
    assert_send(Connector::new().connect("localhost:9"));
    assert_send(Connector::new().connect(&Endpoint::Tcp { host: None, port: 9 }));
    assert_send(connect("localhost:9"));
}

#[cfg(unix)]
mod unix {
    use std::path::PathBuf;

    use cwire_transport::Address;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A path for a UNIX socket, of this process and the test of this name.
    pub(super) struct SocketPath(pub(super) PathBuf);

    impl SocketPath {
        pub(super) fn new(test: &str) -> Self {
            let name = format!("cwire-{}-{test}.sock", std::process::id());
            let path = std::env::temp_dir().join(name);
            // Left behind by a process that was killed and had the same number.
            let _ = std::fs::remove_file(&path);
            Self(path)
        }

        pub(super) fn endpoint(&self) -> Endpoint {
            Endpoint::Unix(self.0.clone())
        }
    }

    impl Drop for SocketPath {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[tokio::test]
    async fn a_unix_socket_is_an_endpoint() {
        let path = SocketPath::new("endpoint");
        let connector = Connector::new();
        let error = connector.connect(path.endpoint()).await.expect_err("there is none");
        let reason = std::os::unix::net::UnixStream::connect(&path.0).expect_err("there is none");
        assert_eq!(
            error.to_string(),
            format!("cannot connect to unix:{}: {reason}", path.0.display())
        );
        assert_eq!(error.attempts()[0].address().path(), Some(&*path.0));

        let listener = tokio::net::UnixListener::bind(&path.0).expect("a free path");
        let text = format!("unix:{}", path.0.display());
        let mut stream = connector.connect(text).await.expect("it listens");
        assert_eq!(stream.peer(), &Address::Unix(Some(path.0.clone())));
        assert_eq!(stream.local(), &Address::Unix(None));
        let (mut peer, _) = listener.accept().await.expect("the connection");
        peer.write_all(b"hello").await.expect("open");
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).await.expect("five bytes");
        assert_eq!(&bytes, b"hello");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Instant;

    use cwire_transport::{Address, AttemptError};
    use tokio_test::{assert_pending, task};

    use super::unix::SocketPath;
    use super::*;

    /// 127.0.0.2 is an address of this machine on Linux without being set up.
    #[tokio::test]
    async fn the_peer_sees_the_local_address() {
        let mut listener = listen("127.0.0.1:0").await.expect("a free port");
        let addr = tcp_addr(&listener);
        let here = IpAddr::from([127, 0, 0, 2]);
        let (_taken, fixed) = dead(here, 0).expect("a free port");
        for local in [SocketAddr::new(here, 0), fixed] {
            let stream = Connector::new().local(local).connect(addr).await.expect("it listens");
            let accepted = listener.accept().await.expect("the connection");
            let peer = accepted.peer().tcp().expect("TCP");
            assert_eq!(peer.ip(), here);
            assert!(local.port() == 0 || local.port() == peer.port(), "{local} {peer}");
            assert_eq!(stream.local(), &Address::from(peer));
            assert_eq!(stream.peer(), &Address::from(addr));
        }

        // RFC 5737: an address for documentation, and so nobody's.
        let local: SocketAddr = ([198, 51, 100, 1], 0).into();
        let error = Connector::new().local(local).connect(addr).await.expect_err("not ours");
        let reason = std::net::UdpSocket::bind(local).expect_err("not ours");
        assert_eq!(error.to_string(), format!("cannot connect to {addr}: from {local}: {reason}"));
    }

    /// Connecting to a port of this machine at which nobody listens, from that very port, connects
    /// to itself. It happens by chance when the system chooses the port.
    #[tokio::test]
    async fn a_socket_does_not_connect_to_itself() {
        let (_taken, addr) = dead(V4, 0).expect("a free port");
        let error = Connector::new().local(addr).connect(addr).await.expect_err("nobody listens");
        let reason = "nobody listens; the socket met itself";
        assert_eq!(error.to_string(), format!("cannot connect to {addr}: {reason}"));
        let AttemptError::Connect(error) = error.attempts()[0].error() else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    /// A listener whose queue has one place, which is taken. Linux then ignores requests to connect
    /// (listen(2): "so that a later reattempt at connection succeeds").
    struct Silent {
        addr: SocketAddr,
        _listener: Socket,
        _taken: std::net::TcpStream,
    }

    impl Silent {
        fn new(ip: IpAddr) -> io::Result<Self> {
            let (listener, addr) = dead(ip, 0)?;
            listener.listen(0)?;
            let taken = std::net::TcpStream::connect(addr)?;
            // The client may be told before it has its place in the queue.
            let patience = Instant::now() + Duration::from_secs(10);
            while queues(LOCAL, addr, LISTEN).as_deref() != Some("00000000:00000001") {
                assert!(Instant::now() < patience, "{addr}: the place is not taken");
                std::thread::yield_now();
            }
            Ok(Self { addr, _listener: listener, _taken: taken })
        }
    }

    /// Columns of proc_net_tcp(5), and states of Linux's include/net/tcp_states.h.
    const LOCAL: usize = 1;
    const PEER: usize = 2;
    const SYN_SENT: &str = "02";
    const LISTEN: &str = "0A";

    /// The queues of a socket of this machine that is in this state and has this address in this
    /// column: of a listener, connections that wait.
    fn queues(column: usize, addr: SocketAddr, state: &str) -> Option<String> {
        let (table, ip) = match addr.ip() {
            IpAddr::V4(ip) => ("/proc/net/tcp", ip.octets().to_vec()),
            IpAddr::V6(ip) => ("/proc/net/tcp6", ip.octets().to_vec()),
        };
        let words =
            ip.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().expect("four bytes")));
        let ip: String = words.map(|word| format!("{word:08X}")).collect();
        let addr = format!("{ip}:{:04X}", addr.port());
        std::fs::read_to_string(table).expect("Linux has it").lines().find_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let found = fields.get(column) == Some(&&*addr) && fields.get(3) == Some(&state);
            fields.get(4).filter(|_| found).map(ToString::to_string)
        })
    }

    /// Whether a socket of this machine waits for an answer from this address.
    fn is_waited_for(addr: SocketAddr) -> bool {
        queues(PEER, addr, SYN_SENT).is_some()
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_is_overtaken() {
        let silent = Silent::new(V4).expect("a free port");
        let open = listen("127.0.0.1:0").await.expect("a free port");
        let began = Instant::now();
        let addrs = [silent.addr, tcp_addr(&open)];
        let stream = connect(&addrs[..]).await.expect("one listens");
        assert!(began.elapsed() >= Duration::from_millis(250));
        assert_eq!(stream.peer_addr().expect("open"), addrs[1]);
        assert!(!is_waited_for(silent.addr));
    }

    #[tokio::test]
    async fn ipv4_overtakes_ipv6_after_the_delay_that_was_set() {
        if std::env::var_os("CI").is_none() && dead(V6, 0).is_err() {
            eprintln!("skipped: there is no IPv6");
            return;
        }
        // Another program may have the port at the other address.
        let mut tries = 0..20;
        let (silent, open) = loop {
            assert!(tries.next().is_some(), "no port is free for both families");
            let silent = Silent::new(V6).expect("a free port");
            if let Ok(open) = listen(SocketAddr::new(V4, silent.addr.port())).await {
                break (silent, open);
            }
        };
        let delay = Duration::from_millis(20);
        let connector = Connector::new().attempt_delay(delay);
        let began = Instant::now();
        let here = Endpoint::Tcp { host: None, port: silent.addr.port() };
        let stream = connector.connect(here).await.expect("one listens");
        assert!(began.elapsed() >= delay);
        assert_eq!(stream.peer().tcp(), Some(tcp_addr(&open)));
    }

    #[tokio::test]
    async fn the_time_is_bounded() {
        let silent = Silent::new(V4).expect("a free port");
        let timeout = Duration::from_millis(50);
        let began = Instant::now();
        let connecting = Connector::new().timeout(timeout);
        let error = connecting.connect(silent.addr).await.expect_err("no answer");
        assert!(began.elapsed() >= timeout);
        let line = format!("cannot connect to {} within 50ms: no answer", silent.addr);
        assert_eq!(error.to_string(), line);
        assert!(matches!(error.kind(), ConnectErrorKind::TimedOut { after } if *after == timeout));
        assert!(matches!(error.attempts()[0].error(), AttemptError::NoAnswer));
        assert!(!is_waited_for(silent.addr));
    }

    #[tokio::test]
    async fn a_dropped_future_closes_its_socket() {
        let silent = Silent::new(V4).expect("a free port");
        let connector = Connector::new();
        let mut connecting = task::spawn(connector.connect(silent.addr));
        assert_pending!(connecting.poll());
        assert!(is_waited_for(silent.addr));
        drop(connecting);
        assert!(!is_waited_for(silent.addr));
    }

    #[tokio::test]
    async fn a_busy_unix_listener_is_waited_for() {
        let path = SocketPath::new("busy");
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        listener.bind(&socket2::SockAddr::unix(&path.0).expect("short")).expect("a free path");
        listener.listen(0).expect("bound");
        let _taken = std::os::unix::net::UnixStream::connect(&path.0).expect("the one place");

        let connector = Connector::new().timeout(Duration::from_millis(50));
        let error = connector.connect(path.endpoint()).await.expect_err("no place");
        let path_text = path.0.display();
        let line = format!("cannot connect to unix:{path_text} within 50ms: no answer");
        assert_eq!(error.to_string(), line);

        let connector = Connector::new();
        let mut connecting = task::spawn(connector.connect(path.endpoint()));
        assert_pending!(connecting.poll());
        let _first = listener.accept().expect("the one place");
        let stream = connecting.await.expect("a place");
        assert_eq!(stream.peer(), &Address::Unix(Some(path.0.clone())));
    }
}

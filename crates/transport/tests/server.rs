//! Servers, clients and hubs on loopback: who comes in, what is told, and how it all ends.

use std::time::Duration;

use cwire_codec::frame::Lines;
use cwire_transport::{
    AccessList, Address, Backoff, Client, ClientEvent, CloseReason, DropReason, Event, FrameCodec,
    Frames, Hub, HubOptions, Jitter, OnShutdown, QueueLimits, Server, ServerBuilder, ServerEvent,
    Session, SessionOptions, SlotLimits, Slow, Stats, To, WhenFull,
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

type Text = FrameCodec<Lines>;

fn codec() -> Text {
    FrameCodec::new(Lines::new())
}

async fn bind(builder: ServerBuilder<Text>) -> (Server<Text>, Address) {
    let mut server = builder.listen("127.0.0.1:0").bind().await.expect("a free port");
    match server.next().await {
        Some(ServerEvent::Listening(address)) => (server, address),
        event => panic!("{event:?}"),
    }
}

async fn tcp(address: &Address) -> TcpStream {
    TcpStream::connect(address.tcp().expect("TCP")).await.expect("it listens")
}

async fn accept(server: &mut Server<Text>) -> Session<Text> {
    match server.next().await {
        Some(ServerEvent::Connection(session)) => session,
        event => panic!("{event:?}"),
    }
}

/// Everything that was taken for sending has a fate.
fn adds_up(stats: &Stats) {
    let Stats { accepted, sent, dropped, unsent, queued, .. } = stats;
    let fates = sent.records + dropped.records + unsent.records + queued.records;
    assert_eq!(accepted.records, fates, "{stats:?}");
}

#[tokio::test]
async fn peers_are_turned_away_with_a_reason_and_both_addresses() {
    let deny = AccessList::new().deny(["127.0.0.2".parse().expect("an address")]);
    let limits = SlotLimits::new().total(2).per_address(1);
    let builder = Server::builder(codec()).access(deny).limits(limits).when_full(WhenFull::Drop);
    let (mut server, address) = bind(builder).await;
    let from = async |host: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind((host, 0).into()).expect("an address of this machine");
        socket.connect(address.tcp().expect("TCP")).await.expect("it listens")
    };
    let dropped = async |server: &mut Server<Text>, client: &TcpStream| match server.next().await {
        Some(ServerEvent::Dropped { reason, local, peer }) => {
            assert_eq!(local, address);
            assert_eq!(peer.tcp(), client.local_addr().ok());
            reason
        }
        event => panic!("{event:?}"),
    };

    let mut denied = from([127, 0, 0, 2]).await;
    assert_eq!(dropped(&mut server, &denied).await, DropReason::Access);
    assert_eq!(denied.read(&mut [0; 1]).await.expect("closed in order"), 0);

    let _first = from([127, 0, 0, 1]).await;
    let first = accept(&mut server).await;
    let second = from([127, 0, 0, 1]).await;
    assert_eq!(dropped(&mut server, &second).await, DropReason::AddressFull);
    let _third = from([127, 0, 0, 3]).await;
    let third = accept(&mut server).await;
    let fourth = from([127, 0, 0, 4]).await;
    assert_eq!(dropped(&mut server, &fourth).await, DropReason::Full);

    // A place is free again once a session is over.
    drop(third);
    let _fifth = from([127, 0, 0, 5]).await;
    drop(accept(&mut server).await);
    drop(first);
    let stats = server.handle().stats();
    assert_eq!((stats.accepted, stats.open, stats.dropped), (3, 0, [1, 1, 1]));
}

#[tokio::test]
async fn peers_beyond_the_limit_wait_for_a_place() {
    let builder = Server::builder(codec()).limits(SlotLimits::new().total(1));
    let (mut server, address) = bind(builder).await;
    let _first = tcp(&address).await;
    let first = accept(&mut server).await;
    let _second = tcp(&address).await;
    let none = timeout(Duration::from_millis(50), server.next()).await;
    assert!(none.is_err(), "{none:?}");
    drop(first);
    drop(accept(&mut server).await);
}

#[tokio::test]
async fn shutting_down_sends_what_is_queued_and_waits_for_the_peers() {
    let (server, address) = bind(Server::builder(codec())).await;
    let handle = server.handle();
    let mut clients = vec![tcp(&address).await, tcp(&address).await];
    let serving = tokio::spawn(server.serve(|mut session| async move {
        while let Some(event) = session.next().await {
            if let Event::Record(Ok(line)) = event {
                session.send(line).await.expect("open");
            }
        }
    }));
    for client in &mut clients {
        client.write_all(b"hello\n").await.expect("open");
        let mut echo = [0; 6];
        client.read_exact(&mut echo).await.expect("an echo");
    }
    assert_eq!(handle.sessions().len(), 2);
    assert_eq!(handle.sessions()[0].peer.tcp(), clients[0].local_addr().ok());
    handle.shutdown();
    for mut client in clients {
        let mut rest = String::new();
        client.read_to_string(&mut rest).await.expect("closed in order");
        assert_eq!(rest, "");
    }
    let stats = serving.await.expect("no panic");
    assert!(TcpStream::connect(address.tcp().expect("TCP")).await.is_err(), "{address}");
    assert_eq!((stats.accepted, stats.open, stats.sessions.sent.records), (2, 0, 2));
    let shutdown = CloseReason::ALL.iter().position(|reason| *reason == CloseReason::Shutdown);
    assert_eq!(stats.closed[shutdown.expect("it is one of them")], 2);
    adds_up(&stats.sessions);
}

#[tokio::test]
async fn sessions_that_do_not_end_are_cut_off_at_the_deadline() {
    let builder = Server::builder(codec())
        .on_shutdown(OnShutdown::Wait)
        .shutdown_timeout(Duration::from_millis(50));
    let (server, address) = bind(builder).await;
    let handle = server.handle();
    let mut client = tcp(&address).await;
    let serving = tokio::spawn(server.serve(|mut session| async move {
        session.feed("never written").expect("room");
        // Nobody asks for events.
        std::future::pending::<()>().await;
    }));
    while handle.sessions().iter().all(|session| session.stats.queued.records == 0) {
        tokio::task::yield_now().await;
    }
    handle.shutdown();
    let stats = serving.await.expect("no panic");
    assert_eq!((stats.open, stats.sessions.unsent.records), (0, 1));
    adds_up(&stats.sessions);
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.expect("closed");
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_panic_ends_its_own_session() {
    let (server, address) = bind(Server::builder(codec())).await;
    let handle = server.handle();
    let serving = tokio::spawn(server.serve(|mut session| async move {
        while let Some(event) = session.next().await {
            if let Event::Record(Ok(line)) = event {
                assert_ne!(line, "panic", "as the test wants it");
                session.send(line).await.expect("open");
            }
        }
    }));
    let (mut bad, mut good) = (tcp(&address).await, tcp(&address).await);
    bad.write_all(b"panic\n").await.expect("open");
    assert_eq!(bad.read(&mut [0; 8]).await.expect("closed"), 0);
    good.write_all(b"still here\n").await.expect("open");
    let mut echo = [0; 11];
    good.read_exact(&mut echo).await.expect("an echo");
    assert_eq!(&echo, b"still here\n");
    drop(good);
    handle.shutdown();
    let stats = serving.await.expect("no panic");
    assert_eq!((stats.panics, stats.accepted, stats.sessions.errors), (1, 2, 1));
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_serves_as_tcp_does() {
    let path = std::env::temp_dir().join(format!("cwire-server-{}.sock", std::process::id()));
    let endpoint = format!("unix:{}", path.display());
    let mut server = Server::builder(codec()).listen(&endpoint).bind().await.expect("a free path");
    assert_eq!(server.local_addrs()[0].to_string(), endpoint);
    let _listening = server.next().await;
    let client = Client::new(&endpoint, codec()).expect("an endpoint");
    let (client, mut session) = tokio::join!(client.connect(), accept(&mut server));
    let mut client = client.expect("it listens");
    client.send("over a path").await.expect("open");
    let closing = tokio::spawn(client.close());
    let mut lines = Vec::new();
    while let Some(event) = session.next().await {
        if let Event::Record(line) = event {
            lines.push(line.expect("UTF-8"));
        }
    }
    assert_eq!(lines, ["over a path"]);
    assert_eq!(closing.await.expect("no panic").reason, CloseReason::ByUs);
    drop(server);
    assert!(!path.exists(), "{path:?} is left behind");
}

#[tokio::test]
async fn a_client_connects_again_after_a_loss_and_not_after_its_own_end() {
    let (mut server, address) = bind(Server::builder(codec())).await;
    let backoff = Backoff::new().first_delay(Duration::from_millis(1)).jitter(Jitter::None);
    let mut client = Client::new(&address, codec()).expect("an endpoint").reconnect(backoff);
    let connected = async |client: &mut Client<Text>, server: &mut Server<Text>| {
        let connecting = client.next().await;
        assert!(
            matches!(connecting, Some(ClientEvent::Connecting { attempt: 1 })),
            "{connecting:?}"
        );
        match tokio::join!(client.next(), accept(server)) {
            (Some(ClientEvent::Connected(here)), there) => (here, there),
            (event, _) => panic!("{event:?}"),
        }
    };
    let (mut here, there) = connected(&mut client, &mut server).await;
    there.handle().reset();
    let (closed, _) = tokio::join!(last(&mut here), async { drop(there) });
    assert_eq!(closed, CloseReason::Reset);
    match client.next().await {
        Some(ClientEvent::Lost { closed: lost, retry_in }) => {
            assert_eq!((lost.reason, retry_in), (closed, Some(Duration::from_millis(1))));
        }
        event => panic!("{event:?}"),
    }
    let (here, mut there) = connected(&mut client, &mut server).await;
    tokio::join!(here.close(), last(&mut there));
    assert!(matches!(client.next().await, Some(ClientEvent::Closed)));
    assert!(client.next().await.is_none());
}

async fn last(session: &mut Session<Text>) -> CloseReason {
    loop {
        if let Some(Event::Closed(closed)) = session.next().await {
            return closed.reason;
        }
    }
}

#[tokio::test]
async fn a_client_gives_up_when_its_attempts_are_used_up() {
    let (server, address) = bind(Server::builder(codec())).await;
    drop(server);
    let backoff = Backoff::new().first_delay(Duration::from_millis(1)).max_attempts(2);
    let mut client = Client::new(&address, codec()).expect("an endpoint").reconnect(backoff);
    let mut seen = Vec::new();
    while let Some(event) = client.next().await {
        seen.push(match event {
            ClientEvent::Connecting { attempt } => format!("attempt {attempt}"),
            ClientEvent::Failed { error, retry_in } => {
                assert!(error.to_string().contains("refused"), "{error}");
                format!("failed, again {}", retry_in.is_some())
            }
            ClientEvent::Closed => "closed".to_owned(),
            event => panic!("{event:?}"),
        });
    }
    assert_eq!(
        seen,
        [
            "attempt 1",
            "failed, again true",
            "attempt 2",
            "failed, again true",
            "attempt 3",
            "failed, again false",
            "closed"
        ]
    );
}

/// A hub behind a server, and clients that have joined it.
async fn hub(
    options: HubOptions,
    session: SessionOptions,
    clients: usize,
) -> (Hub<Text>, cwire_transport::ServerHandle, Vec<TcpStream>) {
    let (server, address) = bind(Server::builder(codec()).session(session)).await;
    let hub = Hub::new(codec(), options);
    let handle = server.handle();
    let members = hub.clone();
    tokio::spawn(server.serve(move |mut session| {
        let hub = members.clone();
        async move {
            hub.join(&session.handle());
            while let Some(event) = session.next().await {
                if let Event::Record(Ok(line)) = event {
                    let sent = hub.send(To::Except(session.id()), line).await;
                    sent.expect("a line is a frame");
                }
            }
        }
    }));
    let mut streams = Vec::new();
    for count in 1..=clients {
        streams.push(tcp(&address).await);
        while hub.len() < count {
            tokio::task::yield_now().await;
        }
    }
    (hub, handle, streams)
}

async fn lines(stream: &mut TcpStream, count: usize) -> Vec<String> {
    let mut lines = BufReader::with_capacity(1, stream).lines();
    let mut all = Vec::new();
    while all.len() < count {
        all.push(lines.next_line().await.expect("open").expect("a line"));
    }
    all
}

#[tokio::test]
async fn a_hub_relays_to_all_but_the_sender_in_order() {
    let (hub, handle, mut clients) = hub(HubOptions::new(), SessionOptions::new(), 3).await;
    clients[0].write_all(b"one\ntwo\n").await.expect("open");
    assert_eq!(lines(&mut clients[1], 2).await, ["one", "two"]);
    assert_eq!(lines(&mut clients[2], 2).await, ["one", "two"]);
    clients[1].write_all(b"three\n").await.expect("open");
    assert_eq!(lines(&mut clients[0], 1).await, ["three"]);
    assert_eq!(lines(&mut clients[2], 1).await, ["three"]);
    hub.send(To::All, "all").await.expect("a line");
    let last = clients[2].local_addr().expect("open");
    hub.send_if(|_, peer| peer.tcp() == Some(last), "you").expect("a line");
    assert_eq!(lines(&mut clients[0], 1).await, ["all"]);
    assert_eq!(lines(&mut clients[2], 2).await, ["all", "you"]);
    let stats = hub.stats();
    assert_eq!((stats.members, stats.sent.records, stats.sessions.accepted.records), (3, 5, 10));
    drop(clients);
    while !hub.is_empty() {
        tokio::task::yield_now().await;
    }
    adds_up(&hub.stats().sessions);
    adds_up(&handle.stats().sessions);
}

#[tokio::test]
async fn who_joins_late_gets_the_snapshot_and_the_last_records() {
    let options = HubOptions::new().replay(2, 1 << 10);
    let hub = Hub::new(codec(), options);
    hub.set_snapshot(Frames::encode(&mut codec(), ["state"]).expect("a line"));
    for line in ["one", "two", "three"] {
        hub.send(To::All, line).await.expect("a line");
    }
    let (here, mut there) = tokio::io::duplex(1 << 10);
    let mut session = Session::new(cwire_transport::Stream::other(here, "pipe"), codec());
    hub.join(&session.handle());
    hub.send(To::All, "four").await.expect("a line");
    let driving = tokio::spawn(async move { last(&mut session).await });
    let mut received = [0; 21];
    there.read_exact(&mut received).await.expect("open");
    assert_eq!(std::str::from_utf8(&received), Ok("state\ntwo\nthree\nfour\n"));
    drop(there);
    driving.await.expect("no panic");
}

/// Sends lines of 1,000 bytes to a member that reads nothing, and to one that reads everything.
async fn with_a_stalled_member(slow: Slow) -> (Stats, Vec<Stats>, usize) {
    const LINES: usize = 20_000;
    let session = SessionOptions::new().queue(QueueLimits::new(100_000, 1_000));
    let (hub, handle, mut clients) = hub(HubOptions::new().slow(slow), session, 2).await;
    let stalled = clients.remove(0);
    let mut healthy = clients.remove(0);
    let reading = tokio::spawn(async move {
        let mut bytes = 0;
        let mut buffer = vec![0; 1 << 16];
        while bytes < LINES * 1_000 {
            match healthy.read(&mut buffer).await.expect("open") {
                0 => break,
                read => bytes += read,
            }
        }
        bytes / 1_000
    });
    let line = "x".repeat(999);
    let mut most = 0;
    for _ in 0..LINES {
        hub.send(To::All, &line[..]).await.expect("a line");
        tokio::task::yield_now().await;
        let queued = handle.sessions().iter().map(|session| session.stats.queued.bytes).max();
        most = most.max(queued.unwrap_or(0));
    }
    // The limit, and what is gathered at once.
    assert!(most <= 100_000 + (64 << 10) + 1_000, "{most} bytes queued");
    let healthy = reading.await.expect("no panic");
    let sessions = handle.sessions().iter().map(|session| session.stats).collect();
    drop(stalled);
    while hub.len() > 1 {
        tokio::task::yield_now().await;
    }
    let stats = hub.stats().sessions;
    adds_up(&stats);
    (stats, sessions, healthy)
}

#[tokio::test]
async fn a_member_that_stops_reading_loses_what_the_policy_says_and_nobody_else_does() {
    for slow in [Slow::DropOldest, Slow::DropNewest] {
        let (_, sessions, healthy) = with_a_stalled_member(slow).await;
        assert_eq!(healthy, 20_000, "{slow:?}");
        let dropped: Vec<_> = sessions.iter().map(|stats| stats.dropped.records).collect();
        assert!(dropped[0] > 0 && dropped[1] == 0, "{slow:?}: {dropped:?}");
    }
    let (stats, sessions, healthy) = with_a_stalled_member(Slow::Disconnect).await;
    assert_eq!((healthy, sessions.len()), (20_000, 1));
    assert!(stats.unsent.records > 0 && stats.dropped.records == 0, "{stats:?}");
}

#[tokio::test]
async fn a_hub_that_waits_loses_nothing() {
    let session = SessionOptions::new().queue(QueueLimits::new(10_000, 1_000));
    let options = HubOptions::new().slow(Slow::Wait);
    let (hub, _handle, mut clients) = hub(options, session, 2).await;
    let sending = tokio::spawn(async move {
        for number in 0..50_000 {
            hub.send(To::All, format!("{number:0>99}")).await.expect("a line");
        }
        hub.stats()
    });
    let mut slow = BufReader::new(clients.remove(0)).lines();
    let mut fast = BufReader::new(clients.remove(0)).lines();
    for number in 0..50_000 {
        let expected = format!("{number:0>99}");
        for lines in [&mut fast, &mut slow] {
            assert_eq!(lines.next_line().await.expect("open").as_ref(), Some(&expected));
        }
    }
    let stats = sending.await.expect("no panic").sessions;
    assert_eq!((stats.accepted.records, stats.dropped.records), (100_000, 0));
}

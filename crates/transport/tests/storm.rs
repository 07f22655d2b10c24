//! No record is lost without a word, whatever the clients do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cwire_codec::frame::Chunks;
use cwire_transport::{
    Address, CloseReason, Closed, Event, FrameCodec, Hub, HubOptions, QueueLimits, Server, Session,
    SessionOptions, SlotLimits, Slow, Stats, To,
};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const RECORD: usize = 64;

/// A small generator (splitmix64), so that a run can be had again.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// What each session said of itself in the end.
type Ends = Arc<Mutex<HashMap<Address, (Closed, Stats)>>>;

async fn member(
    mut session: Session<FrameCodec<Chunks>>,
    hub: Hub<FrameCodec<Chunks>>,
    ends: Ends,
) {
    hub.join(&session.handle());
    while let Some(event) = session.next().await {
        if let Event::Closed(closed) = event {
            let end = (closed, session.stats());
            ends.lock().expect("no panic").insert(session.peer().clone(), end);
        }
    }
}

/// Reads some records, each of which it checks, then resets, closes, stalls, or reads to the end;
/// the address it had, and how many records it got if it read to the end.
async fn client(address: std::net::SocketAddr, seed: u64) -> (Address, Option<u64>) {
    let mut seeded = Seeded(seed);
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let here = Address::from(stream.local_addr().expect("open"));
    let fate = seeded.below(4);
    let mut limit = if fate == 0 { u64::MAX } else { seeded.below(200) };
    let (mut received, mut record, mut last) = (0, [0; RECORD], None);
    while limit > 0 {
        match stream.read_exact(&mut record).await {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            // The hub has disconnected it.
            Err(_) => return (here, None),
        }
        assert!(record[8..].iter().all(|byte| *byte == record[8]), "{here} got a torn record");
        let number = u64::from_le_bytes(record[..8].try_into().expect("8 bytes"));
        assert!(last.is_none_or(|last| last < number), "{here}: {number} after {last:?}");
        last = Some(number);
        received += 1;
        limit -= 1;
    }
    match fate {
        0 => return (here, Some(received)),
        1 => SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("open"),
        2 => drop(stream.shutdown().await),
        // Never reads again, for as long as the test takes.
        _ => std::future::pending().await,
    }
    (here, None)
}

async fn storm(slow: Slow) {
    const CLIENTS: u64 = 60;
    const RECORDS: u64 = 20_000;
    let codec = FrameCodec::new(Chunks::new(RECORD));
    let options = SessionOptions::new()
        .queue(QueueLimits::new(64 << 10, 10_000))
        // What stalls is cut off, or a hub that waits would wait for it without end.
        .idle_write(Duration::from_millis(300))
        .on_idle(cwire_transport::OnIdle::Close)
        .close_timeout(Duration::from_millis(100));
    let server = Server::builder(codec.clone())
        .listen("127.0.0.1:0")
        .session(options)
        .limits(SlotLimits::new().total(1_000))
        .shutdown_timeout(Duration::from_secs(5))
        .bind()
        .await
        .expect("a free port");
    let address = server.local_addrs().first().and_then(Address::tcp).expect("TCP");
    let handle = server.handle();
    let hub = Hub::new(codec, HubOptions::new().slow(slow));
    let ends = Ends::default();
    let (members, told) = (hub.clone(), Arc::clone(&ends));
    let serving = tokio::spawn(
        server.serve(move |session| member(session, members.clone(), Arc::clone(&told))),
    );
    let mut clients = JoinSet::new();
    for seed in 0..CLIENTS {
        clients.spawn(client(address, seed));
    }
    while handle.stats().accepted < CLIENTS {
        tokio::task::yield_now().await;
    }
    let mut record = [0; RECORD];
    for number in 0..RECORDS {
        record[..8].copy_from_slice(&number.to_le_bytes());
        record[8..].fill(u8::try_from(number % 251).expect("below 251"));
        hub.send(To::All, &record[..]).await.expect("a record");
        if number % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let hub_stats = hub.stats();
    handle.shutdown();
    let stats = serving.await.expect("no panic");

    // Everything has a fate, of each session and of all.
    let ends = ends.lock().expect("no panic");
    assert_eq!(ends.len() as u64, CLIENTS, "{slow:?}: a session ended without a word");
    let mut accepted = 0;
    for (peer, (closed, stats)) in &*ends {
        let fates = stats.sent.records + stats.dropped.records + stats.unsent.records;
        assert_eq!(stats.accepted.records, fates, "{slow:?}, {peer}: {closed:?}, {stats:?}");
        assert_eq!(closed.unsent, stats.unsent);
        accepted += stats.accepted.records;
    }
    assert_eq!(stats.sessions.accepted.records, accepted);
    assert!(hub_stats.sent.records == RECORDS && accepted <= RECORDS * CLIENTS);

    // Who read to the end of a connection that closed in order has what was sent, all of it.
    let mut whole = 0;
    while let Some(ended) = clients.try_join_next() {
        let (here, received) = ended.expect("no torn record");
        let Some(received) = received else { continue };
        let (closed, stats) = ends.get(&here).expect("its session ended");
        if closed.reason == CloseReason::Shutdown && !closed.after_error {
            assert_eq!(received, stats.sent.records, "{slow:?}, {here}");
            whole += 1;
        }
    }
    assert!(whole > 0, "{slow:?}: no client read to the end");
}

#[tokio::test]
async fn every_record_is_delivered_or_reported_when_the_oldest_are_dropped() {
    storm(Slow::DropOldest).await;
}

#[tokio::test]
async fn every_record_is_delivered_or_reported_when_the_newest_are_dropped() {
    storm(Slow::DropNewest).await;
}

#[tokio::test]
async fn every_record_is_delivered_or_reported_when_the_slow_are_disconnected() {
    storm(Slow::Disconnect).await;
}

#[tokio::test]
async fn every_record_is_delivered_or_reported_when_the_hub_waits() {
    storm(Slow::Wait).await;
}

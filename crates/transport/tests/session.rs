//! The events of a session, in order, over pipes in memory and a clock that the test moves.

use std::io;
use std::time::Duration;

use cwire_codec::frame::Lines;
use cwire_transport::{
    Address, CloseReason, Closed, Event, FrameCodec, Frames, OnIdle, QueueError, QueueLimits,
    ReceiveError, Session, SessionOptions, Stream, TrySendError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};

type Text = FrameCodec<Lines>;

fn codec() -> Text {
    FrameCodec::new(Lines::new().max_frame_len(100))
}

/// A session with these options, and the other end of its pipe, which holds `room` bytes.
fn session(options: SessionOptions, room: usize) -> (Session<Text>, DuplexStream) {
    let (here, there) = duplex(room);
    (Session::with_options(Stream::other(here, "pipe"), codec(), options), there)
}

/// Options of a session whose queue is full with one record.
fn full_after_one() -> SessionOptions {
    SessionOptions::new().queue(QueueLimits::new(1000, 1))
}

/// The next event, in short.
async fn next(session: &mut Session<Text>) -> String {
    match session.next().await {
        None => "-".to_owned(),
        Some(Event::Connected) => "connected".to_owned(),
        Some(Event::Ready) => "ready".to_owned(),
        Some(Event::Record(line)) => format!("record {}", line.expect("UTF-8")),
        Some(Event::Finished) => "finished".to_owned(),
        Some(Event::Idle(idle)) => format!("idle {idle:?}"),
        Some(Event::Drained) => "drained".to_owned(),
        Some(Event::Error(error)) => format!("error {}", chain(&error)),
        Some(Event::Closed(closed)) => {
            let Closed { reason, after_error, unsent } = closed;
            let error = if after_error { " after an error" } else { "" };
            format!("closed {reason:?}{error}, {} records unsent", unsent.records)
        }
        Some(_) => "new".to_owned(),
    }
}

fn chain(error: &ReceiveError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}

async fn opened(session: &mut Session<Text>) {
    assert_eq!(next(session).await, "connected");
    assert_eq!(next(session).await, "ready");
}

async fn rest(mut session: Session<Text>) -> Vec<String> {
    let mut events = Vec::new();
    loop {
        match next(&mut session).await.as_str() {
            "-" => return events,
            event => events.push(event.to_owned()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_finishes_is_answered_with_the_end() {
    let (mut session, mut peer) = session(SessionOptions::new(), 64);
    opened(&mut session).await;
    peer.write_all(b"one\ntwo\nthr").await.expect("room");
    peer.shutdown().await.expect("open");
    assert_eq!(next(&mut session).await, "record one");
    session.send("reply").await.expect("open");
    assert_eq!(
        rest(session).await,
        ["record two", "record thr", "finished", "closed ByPeer, 0 records unsent"]
    );
    let mut replies = String::new();
    peer.read_to_string(&mut replies).await.expect("open");
    assert_eq!(replies, "reply\n");
}

#[tokio::test(start_paused = true)]
async fn a_half_open_session_sends_on_after_the_peer_has_finished() {
    let (mut session, mut peer) = session(SessionOptions::new().half_open(true), 64);
    opened(&mut session).await;
    peer.shutdown().await.expect("open");
    assert_eq!(next(&mut session).await, "finished");
    session.send("late").await.expect("half open");
    assert!(timeout(Duration::from_secs(3600), session.next()).await.is_err(), "it is open");
    session.finish();
    assert_eq!(rest(session).await, ["closed ByPeer, 0 records unsent"]);
    let mut late = String::new();
    peer.read_to_string(&mut late).await.expect("open");
    assert_eq!(late, "late\n");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_finishes_still_receives() {
    let (mut session, mut peer) = session(SessionOptions::new(), 64);
    opened(&mut session).await;
    session.send("last").await.expect("open");
    session.finish();
    assert!(matches!(session.try_send("more"), Err(TrySendError::Ended("more"))));
    let peer = tokio::spawn(async move {
        let mut received = String::new();
        peer.read_to_string(&mut received).await.expect("open");
        peer.write_all(b"answer\n").await.expect("open");
        received
    });
    assert_eq!(rest(session).await, ["record answer", "finished", "closed ByUs, 0 records unsent"]);
    assert_eq!(peer.await.expect("no panic"), "last\n");
}

#[tokio::test(start_paused = true)]
async fn closing_sends_what_is_queued_and_discards_what_comes() {
    let (mut session, mut peer) = session(SessionOptions::new(), 8);
    opened(&mut session).await;
    for line in ["one", "two", "three"] {
        session.feed(line).expect("room");
    }
    let closing = tokio::spawn(session.close());
    peer.write_all(b"nobody\nreads\nthis\n").await.expect("it is read");
    let mut received = String::new();
    peer.read_to_string(&mut received).await.expect("open");
    assert_eq!(received, "one\ntwo\nthree\n");
    drop(peer);
    let closed = closing.await.expect("no panic");
    assert_eq!((closed.reason, closed.after_error), (CloseReason::ByUs, false));
    assert_eq!(closed.unsent.records, 0);
}

#[tokio::test(start_paused = true)]
async fn closing_is_cut_off_after_its_time_and_says_what_is_unsent() {
    let options = SessionOptions::new().close_timeout(Duration::from_secs(3));
    let (mut session, peer) = session(options, 8);
    opened(&mut session).await;
    for line in ["one", "two", "three"] {
        session.feed(line).expect("room");
    }
    session.handle().close();
    let start = Instant::now();
    assert_eq!(
        rest(session).await,
        [
            "error reading from the peer failed: the peer takes too long to close",
            "closed ByUs after an error, 1 records unsent"
        ]
    );
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn what_the_codec_cannot_read_ends_the_session_in_order() {
    let (mut session, mut peer) = session(SessionOptions::new(), 1024);
    opened(&mut session).await;
    peer.write_all(b"fine\n").await.expect("room");
    peer.write_all(&[b'x'; 200]).await.expect("room");
    assert_eq!(next(&mut session).await, "record fine");
    assert_eq!(
        next(&mut session).await,
        "error peer sent a malformed stream: needs a delimiter after at most 100 bytes, none \
         found, at offset 0x5"
    );
    drop(peer);
    assert_eq!(rest(session).await, ["closed Protocol after an error, 0 records unsent"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_gone_is_a_reset() {
    let (mut session, peer) = session(SessionOptions::new(), 8);
    opened(&mut session).await;
    session.feed("more than eight bytes").expect("room");
    drop(peer);
    let events = rest(session).await;
    let [error, closed] = &events[..] else { panic!("{events:?}") };
    assert!(error.starts_with("error reading from the peer failed: "), "{error}");
    assert_eq!(closed, "closed Reset after an error, 1 records unsent");
}

#[tokio::test(start_paused = true)]
async fn silence_is_said_once_until_something_moves() {
    let options = SessionOptions::new()
        .idle_read(Duration::from_secs(5))
        .idle_write(Duration::from_secs(7))
        .idle(Duration::from_secs(20));
    let (mut session, mut peer) = session(options, 64);
    let start = Instant::now();
    opened(&mut session).await;
    assert_eq!(next(&mut session).await, "idle Read");
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!(next(&mut session).await, "idle Write");
    assert_eq!(start.elapsed().as_secs(), 7);
    assert_eq!(next(&mut session).await, "idle Both");
    assert_eq!(start.elapsed().as_secs(), 20);
    assert!(timeout(Duration::from_secs(3600), session.next()).await.is_err(), "said already");
    let start = Instant::now();
    peer.write_all(b"half").await.expect("room");
    assert_eq!(next(&mut session).await, "idle Read");
    assert_eq!(start.elapsed().as_secs(), 5);
    session.send("line").await.expect("open");
    assert_eq!(next(&mut session).await, "idle Write");
    assert_eq!(start.elapsed().as_secs(), 12);
    assert_eq!(next(&mut session).await, "idle Both");
    assert_eq!(start.elapsed().as_secs(), 25);
}

#[tokio::test(start_paused = true)]
async fn idle_sessions_close_with_a_farewell() {
    let farewell = Frames::encode(&mut codec(), ["idle", "bye"]).expect("two lines");
    for (on_idle, said) in [(OnIdle::Close, ""), (OnIdle::Farewell(farewell), "idle\nbye\n")] {
        let options = SessionOptions::new().idle(Duration::from_secs(5)).on_idle(on_idle);
        let (mut session, mut peer) = session(options, 64);
        opened(&mut session).await;
        let peer = tokio::spawn(async move {
            let mut received = String::new();
            peer.read_to_string(&mut received).await.expect("open");
            received
        });
        assert_eq!(rest(session).await, ["idle Both", "closed Idle, 0 records unsent"]);
        assert_eq!(peer.await.expect("no panic"), said);
    }
}

#[tokio::test(start_paused = true)]
async fn a_ping_that_is_answered_keeps_a_session_and_unanswered_ones_close_it() {
    let frames = Frames::encode(&mut codec(), ["ping"]).expect("a line");
    let options = SessionOptions::new()
        .idle_read(Duration::from_secs(5))
        .on_idle(OnIdle::Ping { frames, tries: 2 });
    let (mut session, mut peer) = session(options, 64);
    let start = Instant::now();
    opened(&mut session).await;
    assert_eq!(next(&mut session).await, "idle Read");
    let answer = tokio::spawn(async move {
        let mut ping = [0; 5];
        peer.read_exact(&mut ping).await.expect("a ping");
        peer.write_all(b"pong\n").await.expect("room");
        let mut rest = String::new();
        peer.read_to_string(&mut rest).await.expect("open");
        (ping, rest)
    });
    assert_eq!(next(&mut session).await, "record pong");
    assert_eq!(
        rest(session).await,
        ["idle Read", "idle Read", "idle Read", "closed Idle, 0 records unsent"]
    );
    assert_eq!(start.elapsed().as_secs(), 20);
    let (ping, rest) = answer.await.expect("no panic");
    assert_eq!((&ping, &rest[..]), (b"ping\n", "ping\nping\n"));
}

#[tokio::test(start_paused = true)]
async fn a_byte_a_second_is_not_idle_but_too_slow_for_a_record() {
    let options =
        SessionOptions::new().idle(Duration::from_secs(5)).record_timeout(Duration::from_secs(30));
    let (mut session, mut peer) = session(options, 64);
    opened(&mut session).await;
    tokio::spawn(async move {
        while peer.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let start = Instant::now();
    assert_eq!(
        rest(session).await,
        [
            "error reading from the peer failed: the peer takes too long for a record",
            "closed Limit after an error, 0 records unsent"
        ]
    );
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_takes_nothing_until_it_is_drained() {
    let options = SessionOptions::new().queue(QueueLimits::new(19, 100).low(5, 100));
    let (mut session, mut peer) = session(options, 4);
    opened(&mut session).await;
    let handle = session.handle();
    for line in ["one", "two", "three", "four"] {
        handle.try_send(line).expect("room");
    }
    assert!(matches!(handle.try_send("five"), Err(TrySendError::Full("five"))));
    let queued = handle.stats().queued;
    assert_eq!((queued.records, queued.bytes), (4, 19));
    let waiting = tokio::spawn(async move { handle.send("five").await });
    let (handle, mut received) = (session.handle(), [0; 14]);
    let (event, read) = tokio::join!(next(&mut session), peer.read_exact(&mut received));
    assert_eq!(
        (event, read.expect("open"), &received[..8]),
        ("drained".into(), 14, &b"one\ntwo\n"[..])
    );
    waiting.await.expect("no panic").expect("room");
    let flushing = tokio::spawn(async move { handle.flush().await });
    session.finish();
    let events = tokio::spawn(rest(session));
    let mut received = String::new();
    peer.read_to_string(&mut received).await.expect("open");
    assert_eq!(received, "four\nfive\n");
    drop(peer);
    assert_eq!(flushing.await.expect("no panic"), Ok(()));
    assert_eq!(events.await.expect("no panic"), ["finished", "closed ByUs, 0 records unsent"]);
}

/// A stream may hold bytes back until it is flushed, as TLS does while the system takes none.
#[tokio::test(start_paused = true)]
async fn flushing_waits_for_what_the_stream_holds() {
    let (here, mut peer) = duplex(2);
    let mut session = Session::new(Stream::other(BufWriter::new(here), "pipe"), codec());
    opened(&mut session).await;
    session.send("line").await.expect("room");
    let handle = session.handle();
    let hour = Duration::from_secs(3600);
    assert!(timeout(hour, session.flush()).await.is_err(), "the pipe has room for two bytes");
    assert!(timeout(hour, handle.flush()).await.is_err(), "nobody has read");
    let mut line = [0; 5];
    let (flushed, read) = tokio::join!(session.flush(), peer.read_exact(&mut line));
    assert_eq!((flushed, read.expect("open"), &line), (Ok(()), 5, b"line\n"));
    assert_eq!(handle.flush().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_paused_session_hands_out_and_reads_nothing() {
    let (mut session, mut peer) =
        session(SessionOptions::new().paused(true).idle_read(Duration::from_secs(5)), 4);
    opened(&mut session).await;
    let writing = tokio::spawn(async move {
        peer.write_all(b"one\ntwo\nthree\n").await.expect("it is read later");
        peer
    });
    assert!(timeout(Duration::from_secs(3600), session.next()).await.is_err(), "paused");
    session.handle().resume();
    assert_eq!(next(&mut session).await, "record one");
    session.pause();
    assert!(timeout(Duration::from_secs(3600), session.next()).await.is_err(), "paused");
    session.resume();
    assert_eq!(next(&mut session).await, "record two");
    assert_eq!(next(&mut session).await, "record three");
    drop(writing.await);
    assert_eq!(rest(session).await, ["finished", "closed ByPeer, 0 records unsent"]);
}

#[tokio::test(start_paused = true)]
async fn records_wait_for_the_handshake() {
    let (here, mut peer) = duplex(64);
    let handshake = async {
        sleep(Duration::from_secs(9)).await;
        Ok(here)
    };
    let addresses = (Address::Other("here"), Address::Other("there"));
    let mut session = Session::with_handshake(addresses, handshake, codec(), SessionOptions::new());
    session.try_send("early").expect("room");
    assert_eq!(next(&mut session).await, "connected");
    let start = Instant::now();
    assert_eq!(next(&mut session).await, "ready");
    assert_eq!(start.elapsed().as_secs(), 9);
    session.finish();
    peer.shutdown().await.expect("open");
    assert_eq!(rest(session).await, ["finished", "closed ByUs, 0 records unsent"]);
    let mut early = String::new();
    peer.read_to_string(&mut early).await.expect("open");
    assert_eq!(early, "early\n");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_its_time() {
    let handshake = std::future::pending::<io::Result<DuplexStream>>();
    let addresses = (Address::Other("here"), Address::Other("there"));
    let options = SessionOptions::new().handshake_timeout(Duration::from_secs(2));
    let session = Session::with_handshake(addresses, handshake, codec(), options);
    assert_eq!(
        rest(session).await,
        [
            "connected",
            "error reading from the peer failed: the peer takes too long for the handshake",
            "closed Limit after an error, 0 records unsent"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn closing_a_paused_session_does_not_wait_for_a_peer_that_has_finished() {
    let (mut session, mut peer) = session(SessionOptions::new(), 64);
    opened(&mut session).await;
    peer.write_all(b"unterminated").await.expect("room");
    peer.shutdown().await.expect("open");
    assert_eq!(next(&mut session).await, "record unterminated");
    session.pause();
    let start = Instant::now();
    let closed = session.close().await;
    assert_eq!((closed.reason, closed.after_error), (CloseReason::ByUs, false));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_room_learns_at_once_that_the_session_closes() {
    let (mut session, _peer) = session(full_after_one(), 2);
    opened(&mut session).await;
    session.send("one").await.expect("room");
    let handle = session.handle();
    let (sent, ()) = tokio::join!(session.send("two"), async move { handle.close() });
    assert!(matches!(sent, Err(QueueError::Ended)), "{sent:?}");
    assert_eq!(session.stats().accepted.records, 1);
}

#[tokio::test(start_paused = true)]
async fn closing_has_its_time_while_the_session_is_flushed() {
    let options = full_after_one().close_timeout(Duration::from_secs(3));
    let (mut session, _peer) = session(options, 2);
    opened(&mut session).await;
    session.send("one").await.expect("room");
    let (handle, start) = (session.handle(), Instant::now());
    let (flushed, ()) = tokio::join!(session.flush(), async move { handle.close() });
    assert_eq!(flushed.map_err(|closed| closed.unsent.records), Err(1));
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn silence_counts_while_a_session_waits_for_room() {
    let options = full_after_one()
        .idle_write(Duration::from_secs(5))
        .on_idle(OnIdle::Close)
        .close_timeout(Duration::from_secs(3));
    let (mut session, _peer) = session(options, 2);
    opened(&mut session).await;
    let start = Instant::now();
    session.send("one").await.expect("room");
    let sent = session.send("two").await;
    assert!(matches!(sent, Err(QueueError::Ended)), "{sent:?}");
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert_eq!(
        rest(session).await,
        [
            "idle Write",
            "error reading from the peer failed: the peer takes too long to close",
            "closed Idle after an error, 1 records unsent"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_after_the_peer_has_finished_may_wait_for_room() {
    let (mut session, mut peer) = session(full_after_one(), 2);
    opened(&mut session).await;
    peer.shutdown().await.expect("open");
    assert_eq!(next(&mut session).await, "finished");
    let reading = tokio::spawn(async move {
        let mut received = String::new();
        peer.read_to_string(&mut received).await.expect("open");
        received
    });
    for line in ["one", "two", "three"] {
        session.send(line).await.expect("no event was asked for since");
    }
    assert_eq!(rest(session).await, ["drained", "closed ByPeer, 0 records unsent"]);
    assert_eq!(reading.await.expect("no panic"), "one\ntwo\nthree\n");
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_holds_back_is_not_flushed() {
    let (here, mut peer) = duplex(4);
    let stream = Stream::other(BufWriter::with_capacity(64, here), "buffered");
    let mut session = Session::new(stream, codec());
    opened(&mut session).await;
    session.feed("more than four bytes").expect("room");
    let hour = Duration::from_secs(3600);
    assert!(timeout(hour, session.flush()).await.is_err(), "the stream holds it");
    let handle = session.handle();
    let flushing = tokio::spawn(async move { (handle.flush().await, Instant::now()) });
    assert!(timeout(hour, session.next()).await.is_err(), "nothing happens");
    let (read, mut received) = (Instant::now(), [0; 21]);
    let (flushed, result) = tokio::join!(session.flush(), peer.read_exact(&mut received));
    assert_eq!((flushed, result.expect("open")), (Ok(()), 21));
    assert_eq!(flushing.await.expect("no panic"), (Ok(()), read));
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_holds_back_at_the_end_was_not_flushed() {
    let (here, _peer) = duplex(4);
    let stream = Stream::other(BufWriter::with_capacity(64, here), "buffered");
    let mut session = Session::new(stream, codec());
    opened(&mut session).await;
    session.feed("more than four bytes").expect("room");
    let handle = session.handle();
    let (flushed, ()) = tokio::join!(handle.flush(), async {
        assert!(timeout(Duration::from_secs(1), session.next()).await.is_err(), "blocked");
        drop(session);
    });
    assert!(flushed.is_err(), "its fate is unknown");
}

#[tokio::test(start_paused = true)]
async fn a_flush_is_done_when_its_records_are_sent_whatever_follows() {
    let (mut session, _peer) = session(SessionOptions::new(), 4);
    opened(&mut session).await;
    let handle = session.handle();
    handle.try_send("one").expect("room");
    let mut flushing = tokio_test::task::spawn(handle.flush());
    assert!(flushing.poll().is_pending(), "nobody has written it");
    assert!(timeout(Duration::from_secs(1), session.next()).await.is_err(), "it is written");
    handle.try_send("two, which is not sent").expect("room");
    handle.abort();
    assert_eq!(rest(session).await, ["closed ByUs, 1 records unsent"]);
    assert_eq!(flushing.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_paused_session_gives_its_peer_time_to_answer_every_ping() {
    let frames = Frames::encode(&mut codec(), ["ping"]).expect("a line");
    let options = SessionOptions::new()
        .idle(Duration::from_secs(5))
        .on_idle(OnIdle::Ping { frames, tries: 2 })
        .paused(true);
    let (mut session, _peer) = session(options, 4);
    opened(&mut session).await;
    let start = Instant::now();
    session.feed("the peer does not take this").expect("room");
    for seconds in [5, 10, 15] {
        assert_eq!(next(&mut session).await, "idle Both");
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
    assert_eq!(session.stats().queued.records, 3);
}

#[tokio::test(start_paused = true)]
async fn a_byte_that_arrived_counts_when_nothing_is_read_any_more() {
    let options = SessionOptions::new().idle(Duration::from_secs(5));
    let (mut session, mut peer) = session(options, 64);
    opened(&mut session).await;
    for _ in 0..3 {
        sleep(Duration::from_secs(4)).await;
        peer.write_all(b"line\n").await.expect("room");
        assert_eq!(next(&mut session).await, "record line");
    }
    session.pause();
    let start = Instant::now();
    assert_eq!(next(&mut session).await, "idle Both");
    assert_eq!(start.elapsed().as_secs(), 5);
}

/// A session over TCP, and the other end.
async fn over_tcp() -> (Session<Text>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (peer, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let stream = Stream::try_from(accepted.expect("a connection").0).expect("it is open");
    (Session::new(stream, codec()), peer.expect("it listens"))
}

#[tokio::test]
async fn what_was_fed_is_written_with_what_is_sent() {
    let (mut session, mut peer) = over_tcp().await;
    session.feed("fed").expect("room");
    // Nobody asks for events.
    session.send("sent").await.expect("open");
    let mut received = [0; 9];
    let read = timeout(Duration::from_secs(5), peer.read_exact(&mut received)).await;
    assert_eq!(read.expect("it is written").expect("open"), 9);
    assert_eq!(&received, b"fed\nsent\n");
    session.feed("fed").expect("room");
    session.try_send("tried").expect("room");
    let mut received = [0; 10];
    let read = timeout(Duration::from_secs(5), peer.read_exact(&mut received)).await;
    assert_eq!(read.expect("it is written").expect("open"), 10);
    assert_eq!(&received, b"fed\ntried\n");
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_is_written_by_streams_that_the_session_alone_writes() {
    let (mut session, mut peer) = session(SessionOptions::new(), 64);
    session.send("sent").await.expect("open");
    let mut received = [0; 5];
    let read = timeout(Duration::from_secs(5), peer.read_exact(&mut received)).await;
    assert_eq!(read.expect("it is written").expect("open"), 5);
    assert_eq!(&received, b"sent\n");
}

#[tokio::test]
async fn a_reset_is_one_for_the_peer_and_an_end_is_not() {
    for reset in [true, false] {
        let (mut session, mut peer) = over_tcp().await;
        opened(&mut session).await;
        if reset {
            session.handle().reset()
        } else {
            session.handle().abort()
        }
        assert_eq!(rest(session).await, ["closed ByUs, 0 records unsent"]);
        let read = peer.read(&mut [0; 1]).await.map_err(|error| error.kind());
        assert_eq!(read, if reset { Err(io::ErrorKind::ConnectionReset) } else { Ok(0) });
    }
}

//! What `tracing` shows of a session.

use std::io;
use std::sync::{Arc, Mutex};

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Session, Stream};
use tokio::io::AsyncWriteExt;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_session_has_a_span_with_its_peer_and_tells_its_end() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let (here, mut there) = tokio::io::duplex(64);
    let mut session = Session::new(Stream::other(here, "pipe"), FrameCodec::new(Lines::new()));
    there.write_all(b"one\n").await.expect("room");
    there.shutdown().await.expect("open");
    while let Some(event) = session.next().await {
        if let Event::Record(Ok(line)) = event {
            session.span().in_scope(|| tracing::info!(line, "received"));
        }
    }
    let id = session.id().get();
    let log = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("UTF-8");
    assert_eq!(
        log.lines().map(str::trim).collect::<Vec<_>>(),
        [
            format!("DEBUG session{{id={id} peer=pipe}}: connected"),
            format!("INFO session{{id={id} peer=pipe}}: received line=\"one\""),
            format!("DEBUG session{{id={id} peer=pipe}}: closed reason=\"by_peer\" unsent=0"),
        ]
    );
}

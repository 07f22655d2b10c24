//! Live connections: one thread has the sockets, another decodes and prints what they bring.
//!
//! ```text
//! sockets -> sessions -> news -> conversations -> records -> output
//!   network thread        |            main thread
//! ```
//!
//! The news between the two are bounded. Where records are taken more slowly than they come, sessions read
//! no more, and TCP tells the peers to wait.

use bytes::Bytes;
use cwire_capture::Timestamp;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Address, Closed};
use tokio::sync::mpsc;

pub(crate) mod args;
pub(crate) mod input;
pub(crate) mod metrics;
pub(crate) mod network;
pub(crate) mod printer;

/// News that wait to be printed. Each brings at most what one read does, 64 KiB.
const MAX_NEWS: usize = 64;

/// What a session brings.
#[derive(Debug)]
pub(crate) struct News {
    /// Which connection, counted from 0.
    pub(crate) stream: u64,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// There is a connection.
    Opened { client: Address, server: Address, is_server: bool },
    /// The peer sent bytes.
    Received { bytes: Bytes, time: Timestamp },
    /// Bytes were sent to the peer.
    Sent(Bytes),
    /// Nothing more comes from the peer.
    Finished,
    /// Something failed; the connection ends.
    Failed(String),
    /// The connection is over.
    Closed(Closed),
}

/// Both ends of the way that news take.
pub(crate) fn news() -> (mpsc::Sender<News>, mpsc::Receiver<News>) {
    mpsc::channel(MAX_NEWS)
}

/// What the bytes of a connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Records,
    /// Lines of text.
    Text,
    /// Bytes that are passed on as they are.
    Raw,
}

impl Mode {
    /// What the flags ask for.
    pub(crate) fn new(text: bool, raw: bool) -> Self {
        match (text, raw) {
            (true, _) => Self::Text,
            (_, true) => Self::Raw,
            _ => Self::Records,
        }
    }
}

/// The other end.
pub(crate) fn opposite(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// The time now, by the system's clock.
pub(crate) fn now() -> Timestamp {
    let now = jiff::Timestamp::now();
    Timestamp::new(now.as_second(), now.subsec_nanosecond().unsigned_abs())
}

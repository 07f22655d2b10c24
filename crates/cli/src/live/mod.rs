//! Live connections: one thread has the sockets, another decodes and prints what they bring.
//!
//! ```text
//! sockets -> sessions -> news -> conversations -> records -> output
//!   network thread        |            main thread
//! ```
//!
//! The news between the two are bounded. Where records are taken more slowly than they come, sessions read
//! no more, and TCP tells the peers to wait; what stands between two others tells of a gap instead.

use cwire_capture::Timestamp;
use cwire_codec::frame::protocol::Side;
use tokio::time::Instant;

pub(crate) mod args;
pub(crate) mod input;
pub(crate) mod metrics;
pub(crate) mod network;
pub(crate) mod news;
pub(crate) mod printer;

/// Bytes that wait to be printed, at most; then nothing more is read.
pub(crate) const MAX_NEWS: usize = 4 << 20;

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

/// Where what is kept of each side stands.
pub(crate) fn index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}

/// Waits for a time, if there is one to wait for.
pub(crate) async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// The time now, by the system's clock.
pub(crate) fn now() -> Timestamp {
    let now = jiff::Timestamp::now();
    Timestamp::new(now.as_second(), now.subsec_nanosecond().unsigned_abs())
}

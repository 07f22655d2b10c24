//! What the network tells.

use std::sync::Arc;

use bytes::Bytes;
use cwire_capture::Timestamp;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Address, Closed};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::now;

/// What news are charged for beside their bytes.
const COST: usize = 256;

/// Something that happened on a connection.
#[derive(Debug)]
pub(crate) struct News {
    /// Which connection, counted from 0.
    pub(crate) stream: u64,
    pub(crate) time: Timestamp,
    pub(crate) what: What,
    /// Room that is given back when they have been dealt with.
    _room: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// There is a connection. `peer` is who this program talks to; none if it stands between two others.
    Opened { client: Address, server: Address, peer: Option<Side> },
    /// One side sent bytes.
    Bytes { from: Side, bytes: Bytes },
    /// One side sent so many bytes that there was no room for.
    Missed { from: Side, count: u64 },
    /// Nothing more comes from one side.
    Finished { from: Side },
    /// One side has reset the connection.
    Reset { from: Side },
    /// Something failed; the connection ends.
    Failed(String),
    /// The connection is over.
    Closed(Closed),
}

/// Nobody listens any more.
#[derive(Debug)]
pub(crate) struct Unheard;

/// Tells news.
#[derive(Clone)]
pub(crate) struct Teller {
    to: mpsc::UnboundedSender<News>,
    room: Arc<Semaphore>,
    most: usize,
}

/// Both ends of the way that news take, and how many bytes may be on it.
pub(crate) fn news(most: usize) -> (Teller, mpsc::UnboundedReceiver<News>) {
    let (to, from) = mpsc::unbounded_channel();
    (Teller { to, room: Arc::new(Semaphore::new(most)), most }, from)
}

impl Teller {
    /// Tells, once there is room.
    pub(crate) async fn tell(&self, stream: u64, what: What) -> Result<(), Unheard> {
        let time = now();
        let bytes = match &what {
            What::Bytes { bytes, .. } => bytes.len(),
            _ => 0,
        };
        let room = Arc::clone(&self.room).acquire_many_owned(self.charge(bytes)).await;
        self.send(News { stream, time, what, _room: room.ok() })
    }

    /// Whether so many bytes can be told of without waiting.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        usize::try_from(self.charge(bytes)).is_ok_and(|it| self.room.available_permits() >= it)
    }

    /// Tells at once, whether or not there is room. That nobody listens any more is no news.
    pub(crate) fn tell_at_once(&self, stream: u64, time: Timestamp, what: What) {
        let room = match &what {
            What::Bytes { bytes, .. } => {
                Arc::clone(&self.room).try_acquire_many_owned(self.charge(bytes.len())).ok()
            }
            _ => None,
        };
        let _ = self.send(News { stream, time, what, _room: room });
    }

    fn charge(&self, bytes: usize) -> u32 {
        u32::try_from((bytes + COST).min(self.most)).unwrap_or(u32::MAX)
    }

    fn send(&self, news: News) -> Result<(), Unheard> {
        self.to.send(news).map_err(|_| Unheard)
    }
}

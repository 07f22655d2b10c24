//! Listening with events: what Node's `net.Server` is for bytes, for the frames of any codec.
//!
//! ```text
//!  Listener -> AccessList -> Slots -> Session -> whoever takes the event
//!                  |            |        |
//!                  +-- Dropped -+        +-> Registry: counters, shutdown
//! ```

mod builder;
mod registry;
mod serve;

pub use builder::{BindError, OnShutdown, ServerBuilder, WhenFull};
pub use registry::{ServerHandle, ServerStats, SessionInfo};

pub(crate) use registry::amounts;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream as EventStream;
use tokio::time::{Sleep, sleep};
use tokio_util::codec::Decoder;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::stream::Opening;
use crate::{Address, Listener, Refusal, Session, Slot, Slots, Stream};
use builder::Config;
use registry::Registry;

/// What happens on a server.
#[non_exhaustive]
#[derive(Debug)]
pub enum ServerEvent<C: Decoder> {
    /// It listens here; once for each address.
    Listening(Address),
    /// A peer has connected. The session is the server's until it is over, whoever has it.
    Connection(Session<C>),
    /// A peer has connected and was turned away.
    Dropped {
        /// Why.
        reason: DropReason,
        /// The address it connected to.
        local: Address,
        /// Its own address.
        peer: Address,
    },
    /// Accepting failed, as when descriptors run out. The server goes on; a failure that lasts is
    /// said once.
    Error(io::Error),
    /// It accepts no more, and all its sessions are over. The last event.
    Closed,
}

/// Why a peer was turned away.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The [`AccessList`](crate::AccessList) says so.
    Access,
    /// There are as many connections as may be.
    Full,
    /// There are as many connections from its address as may be.
    AddressFull,
}

impl DropReason {
    /// All reasons, for tables of counters.
    pub const ALL: [Self; 3] = [Self::Access, Self::Full, Self::AddressFull];

    /// One word or two, as they stand in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Full => "full",
            Self::AddressFull => "address_full",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Access => "the address is not allowed",
            Self::Full => "there are too many connections",
            Self::AddressFull => "there are too many connections from this address",
        })
    }
}

/// A server as a stream of [`ServerEvent`]s. It accepts while it is asked for events.
///
/// # Example
///
/// ```
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{FrameCodec, Server, ServerEvent};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = Server::builder(FrameCodec::new(Lines::new())).listen("127.0.0.1:0").bind().await?;
/// let Some(ServerEvent::Listening(address)) = server.next().await else { panic!("it listens") };
/// let client = tokio::spawn(cwire_transport::connect(address.tcp().expect("TCP")));
/// if let Some(ServerEvent::Connection(mut session)) = server.next().await {
///     session.send("welcome").await?;
///     session.close().await;
/// }
/// # client.await??;
/// # Ok(())
/// # }
/// ```
///
/// Most servers need no more than [`serve`](Self::serve).
pub struct Server<C> {
    /// None: it accepts no more.
    listener: Option<Listener>,
    addrs: Vec<Address>,
    listening: VecDeque<Address>,
    codec: C,
    config: Config,
    slots: Slots,
    registry: Arc<Registry>,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    stage: Stage,
}

enum Stage {
    Accepting,
    /// Sessions may end by themselves until then.
    Finishing(Pin<Box<Sleep>>),
    /// They are cut off.
    Aborting,
    Closed,
}

impl<C: Decoder + Clone + Send + 'static> Server<C> {
    /// A server whose sessions speak through clones of `codec`.
    #[must_use]
    pub fn builder(codec: C) -> ServerBuilder<C> {
        ServerBuilder::new(codec)
    }

    /// The addresses that it listens on, with the ports that were taken; known after the end, too.
    #[must_use]
    pub fn local_addrs(&self) -> &[Address] {
        &self.addrs
    }

    /// Counts and stops, from any task.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(&self.registry), self.config.token.clone())
    }

    /// Waits for the next event; `None` after [`ServerEvent::Closed`]. Cancel safe.
    pub async fn next(&mut self) -> Option<ServerEvent<C>> {
        std::future::poll_fn(|cx| self.poll_next_event(cx)).await
    }

    /// Waits until there is an event, as [`next`](Self::next) does.
    pub fn poll_next_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<ServerEvent<C>>> {
        loop {
            if let Some(address) = self.listening.pop_front() {
                return Poll::Ready(Some(ServerEvent::Listening(address)));
            }
            match &mut self.stage {
                Stage::Accepting => {
                    if self.shutdown.as_mut().poll(cx).is_ready() {
                        self.begin_shutdown();
                        continue;
                    }
                    return self.poll_accept(cx).map(Some);
                }
                Stage::Finishing(deadline) => {
                    if self.registry.poll_empty(cx).is_pending() {
                        ready!(deadline.as_mut().poll(cx));
                        self.registry.abort();
                        self.stage = Stage::Aborting;
                        continue;
                    }
                }
                Stage::Aborting => ready!(self.registry.poll_empty(cx)),
                Stage::Closed => return Poll::Ready(None),
            }
            self.stage = Stage::Closed;
            tracing::debug!("server closed");
            return Poll::Ready(Some(ServerEvent::Closed));
        }
    }

    fn begin_shutdown(&mut self) {
        self.listener = None;
        if self.config.on_shutdown == OnShutdown::Close {
            self.registry.close();
        }
        let deadline = Box::pin(sleep(self.config.shutdown_timeout));
        self.stage = Stage::Finishing(deadline);
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<ServerEvent<C>> {
        let Some(listener) = &mut self.listener else { return Poll::Pending };
        if self.config.when_full == WhenFull::Wait {
            ready!(self.slots.poll_free(cx));
        }
        let stream = match ready!(listener.poll_accept(cx)) {
            Ok(stream) => stream,
            Err(error) => {
                self.registry.accept_failed();
                tracing::warn!(%error, "accepting failed");
                return Poll::Ready(ServerEvent::Error(error));
            }
        };
        let admitted = if self.config.access.permits_peer(stream.peer()) {
            self.slots.try_take(stream.peer().ip()).map_err(|refusal| match refusal {
                Refusal::Total => DropReason::Full,
                Refusal::Address => DropReason::AddressFull,
            })
        } else {
            Err(DropReason::Access)
        };
        Poll::Ready(match admitted {
            Ok(slot) => ServerEvent::Connection(self.session(stream, slot)),
            Err(reason) => {
                self.registry.turned_away(reason);
                let (local, peer) = (stream.local().clone(), stream.peer().clone());
                tracing::debug!(%peer, reason = reason.name(), "dropped");
                ServerEvent::Dropped { reason, local, peer }
            }
        })
    }

    fn session(&self, stream: Stream, slot: Slot) -> Session<C> {
        let options = Arc::clone(&self.config.session);
        let opening: Opening = self.config.open(stream);
        let session = Session::start(opening, self.codec.clone(), options, Some(slot));
        self.registry.add(session.handle().shared());
        session
    }
}

/// Ends after [`ServerEvent::Closed`].
impl<C: Decoder + Clone + Send + Unpin + 'static> EventStream for Server<C> {
    type Item = ServerEvent<C>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next_event(cx)
    }
}

impl<C> fmt::Debug for Server<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addrs", &self.addrs).finish_non_exhaustive()
    }
}

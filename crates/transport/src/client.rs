//! Connecting with events, again and again if asked for.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream as EventStream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::codec::Decoder;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::session::{Ending, Shared};
use crate::stream::Opening;
#[cfg(feature = "tls")]
use crate::tls::TlsServerName;
use crate::{
    Backoff, CloseReason, Closed, ConnectError, Connector, Endpoint, EndpointError, Handle,
    Session, SessionOptions, Stream, ToEndpoint,
};
#[cfg(feature = "tls")]
use crate::{TlsClient, TlsError};

/// What happens on a client.
#[non_exhaustive]
#[derive(Debug)]
pub enum ClientEvent<C: Decoder> {
    /// An attempt to connect begins. Counted from 1, anew after every connection.
    Connecting {
        /// Which one.
        attempt: u32,
    },
    /// There is a connection.
    Connected(Session<C>),
    /// An attempt failed.
    Failed {
        /// Why; with every address that was tried.
        error: ConnectError,
        /// When the next one begins; `None` if there is no next one.
        retry_in: Option<Duration>,
    },
    /// The session is over, and not because this side ended it.
    Lost {
        /// How it ended.
        closed: Closed,
        /// When the client connects again; `None` if it does not.
        retry_in: Option<Duration>,
    },
    /// The client connects no more. The last event.
    Closed,
}

/// A client as a stream of [`ClientEvent`]s: connects, and connects again when the connection is
/// lost, if there is a [`Backoff`].
///
/// # Example
///
/// ```no_run
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{Backoff, Client, ClientEvent, Event, FrameCodec};
///
/// # async fn follow() -> Result<(), Box<dyn std::error::Error>> {
/// let codec = FrameCodec::new(Lines::new());
/// let mut client = Client::new("feed.example.org:23452", codec)?.reconnect(Backoff::new());
/// while let Some(event) = client.next().await {
///     match event {
///         ClientEvent::Connected(mut session) => {
///             while let Some(event) = session.next().await {
///                 if let Event::Record(line) = event {
///                     println!("{}", line?);
///                 }
///             }
///         }
///         ClientEvent::Failed { error, .. } => eprintln!("{error}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Client<C> {
    endpoint: Endpoint,
    connector: Connector,
    over: Over<C>,
    backoff: Option<Backoff>,
    token: CancellationToken,
    stopped: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    attempt: u32,
    stage: Stage,
}

/// What sessions are over a connection.
#[derive(Clone)]
struct Over<C> {
    codec: C,
    options: Arc<SessionOptions>,
    #[cfg(feature = "tls")]
    tls: Option<(TlsClient, TlsServerName)>,
}

enum Stage {
    /// Nothing is under way.
    Idle,
    Connecting(Pin<Box<dyn Future<Output = Result<Stream, ConnectError>> + Send>>),
    Connected(Live),
    Waiting(Pin<Box<Sleep>>),
    Closing,
    Closed,
}

/// The session that is open.
struct Live {
    session: Arc<Shared<dyn Send>>,
    closed: Pin<Box<dyn Future<Output = Closed> + Send>>,
    since: Instant,
}

impl<C: Decoder + Clone + Send + 'static> Client<C> {
    /// A client of this server, that connects once.
    ///
    /// # Errors
    ///
    /// The text names no endpoint.
    pub fn new(endpoint: impl ToEndpoint, codec: C) -> Result<Self, EndpointError> {
        Ok(Self {
            endpoint: endpoint.to_endpoint()?,
            connector: Connector::default(),
            over: Over {
                codec,
                options: Arc::default(),
                #[cfg(feature = "tls")]
                tls: None,
            },
            backoff: None,
            token: CancellationToken::new(),
            stopped: None,
            attempt: 0,
            stage: Stage::Idle,
        })
    }

    /// How to connect. Default: [`Connector::default`].
    #[must_use]
    pub fn connector(mut self, connector: Connector) -> Self {
        self.connector = connector;
        self
    }

    /// What a session may. Default: [`SessionOptions::default`].
    #[must_use]
    pub fn session(mut self, options: impl Into<Arc<SessionOptions>>) -> Self {
        self.over.options = options.into();
        self
    }

    /// Puts TLS over every connection. The server's certificate has to be for the host that the
    /// endpoint names, unless the options of `tls` name another server. Default: none.
    ///
    /// # Errors
    ///
    /// There is no name that a certificate could be for, as with a UNIX socket.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: TlsClient) -> Result<Self, TlsError> {
        let name = tls.server_name(&host(&self.endpoint))?;
        self.over.tls = Some((tls, name));
        Ok(self)
    }

    /// Connects again, after these delays, when an attempt fails or a session is lost. A session
    /// that this side ended is not lost. Default: never.
    #[must_use]
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Stops connecting when it is cancelled, and closes the session in order.
    #[must_use]
    pub fn stop_on(mut self, token: CancellationToken) -> Self {
        self.token = token;
        self
    }

    /// Connects, once. The future can be awaited on any task, whatever becomes of the client.
    ///
    /// # Errors
    ///
    /// As [`Connector::connect`].
    pub fn connect(
        &self,
    ) -> impl Future<Output = Result<Session<C>, ConnectError>> + Send + use<C> {
        let (connector, endpoint) = (self.connector.clone(), self.endpoint.clone());
        let over = self.over.clone();
        async move {
            let stream = connector.connect(&endpoint).await?;
            Ok(over.start(stream))
        }
    }

    /// Waits for the next event; `None` after [`ClientEvent::Closed`]. Cancel safe: the attempt goes
    /// on with the next call.
    pub async fn next(&mut self) -> Option<ClientEvent<C>> {
        std::future::poll_fn(|cx| self.poll_next_event(cx)).await
    }

    /// Waits until there is an event, as [`next`](Self::next) does.
    pub fn poll_next_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<ClientEvent<C>>> {
        let token = &self.token;
        let stopped = self.stopped.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
        let stops = !matches!(self.stage, Stage::Closing | Stage::Closed);
        if stops && stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(self.stop());
        }
        match &mut self.stage {
            Stage::Idle => Poll::Ready(Some(self.begin())),
            Stage::Connecting(connecting) => {
                let connected = ready!(connecting.as_mut().poll(cx));
                Poll::Ready(Some(self.connected(connected)))
            }
            Stage::Connected(live) => {
                let closed = ready!(live.closed.as_mut().poll(cx));
                let lasted = live.since.elapsed();
                Poll::Ready(self.lost(closed, lasted))
            }
            Stage::Waiting(delay) => {
                ready!(delay.as_mut().poll(cx));
                Poll::Ready(Some(self.begin()))
            }
            Stage::Closing => {
                self.stage = Stage::Closed;
                Poll::Ready(Some(ClientEvent::Closed))
            }
            Stage::Closed => Poll::Ready(None),
        }
    }

    fn begin(&mut self) -> ClientEvent<C> {
        let (connector, endpoint) = (self.connector.clone(), self.endpoint.clone());
        let connecting = async move { connector.connect(&endpoint).await };
        self.stage = Stage::Connecting(Box::pin(connecting));
        self.attempt = self.attempt.saturating_add(1);
        ClientEvent::Connecting { attempt: self.attempt }
    }

    fn connected(&mut self, connected: Result<Stream, ConnectError>) -> ClientEvent<C> {
        match connected {
            Ok(stream) => {
                let session = self.over.start(stream);
                let handle = session.handle();
                self.stage = Stage::Connected(Live {
                    session: Arc::clone(handle.shared()) as _,
                    closed: Box::pin(closed(handle)),
                    since: Instant::now(),
                });
                self.attempt = 0;
                ClientEvent::Connected(session)
            }
            Err(error) => ClientEvent::Failed { error, retry_in: self.retry() },
        }
    }

    fn lost(&mut self, closed: Closed, lasted: Duration) -> Option<ClientEvent<C>> {
        if closed.reason == CloseReason::ByUs {
            self.stage = Stage::Closed;
            return Some(ClientEvent::Closed);
        }
        if let Some(backoff) = &mut self.backoff {
            backoff.lasted(lasted);
        }
        Some(ClientEvent::Lost { closed, retry_in: self.retry() })
    }

    fn retry(&mut self) -> Option<Duration> {
        let delay = self.backoff.as_mut().and_then(Backoff::next_delay);
        self.stage = match delay {
            Some(delay) => Stage::Waiting(Box::pin(sleep(delay))),
            None => Stage::Closing,
        };
        delay
    }

    fn stop(&mut self) -> Option<ClientEvent<C>> {
        if let Stage::Connected(live) = &self.stage {
            live.session.tell(|state| state.end(Ending::Close, CloseReason::ByUs));
        }
        self.stage = Stage::Closed;
        Some(ClientEvent::Closed)
    }
}

impl<C: Decoder + Clone> Over<C> {
    fn start(&self, stream: Stream) -> Session<C> {
        Session::start(self.open(stream), self.codec.clone(), Arc::clone(&self.options), None)
    }

    /// What a session over a connection begins with.
    fn open(&self, stream: Stream) -> Opening {
        #[cfg(feature = "tls")]
        if let Some((tls, name)) = &self.tls {
            return tls.handshake(stream, name.clone());
        }
        stream.into()
    }
}

/// What the certificate of a server there is for, if it can be for anything.
#[cfg(feature = "tls")]
fn host(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp { host: Some(host), .. } => host.clone(),
        Endpoint::Tcp { host: None, .. } => "localhost".to_owned(),
        Endpoint::Unix(_) => endpoint.to_string(),
    }
}

async fn closed<C: Send>(handle: Handle<C>) -> Closed {
    handle.closed().await
}

/// Ends after [`ClientEvent::Closed`].
impl<C: Decoder + Clone + Send + Unpin + 'static> EventStream for Client<C> {
    type Item = ClientEvent<C>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next_event(cx)
    }
}

impl<C> fmt::Debug for Client<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.endpoint)
    }
}

//! What a server may, and where it listens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::codec::Decoder;
use tokio_util::sync::CancellationToken;

use super::registry::Registry;
use super::{Server, Stage};
#[cfg(feature = "tls")]
use crate::TlsServer;
use crate::stream::Opening;
use crate::{
    AccessList, Endpoint, EndpointError, ListenError, ListenOptions, Listener, OpenListener,
    OptionError, SessionOptions, SlotLimits, Slots, Stream, ToEndpoint,
};

/// What becomes of peers that connect while there are as many connections as may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// They wait in the system's queue until there is a free place.
    #[default]
    Wait,
    /// They are turned away, with a [`ServerEvent::Dropped`](crate::ServerEvent::Dropped).
    Drop,
}

/// What becomes of sessions when the server shuts down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnShutdown {
    /// They close in order: what is queued is sent.
    #[default]
    Close,
    /// They may end by themselves, as long as the deadline allows.
    Wait,
}

pub(super) struct Config {
    pub(super) session: Arc<SessionOptions>,
    pub(super) access: AccessList,
    pub(super) when_full: WhenFull,
    pub(super) on_shutdown: OnShutdown,
    pub(super) shutdown_timeout: Duration,
    pub(super) token: CancellationToken,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<TlsServer>,
}

impl Config {
    /// What a session over an accepted connection begins with.
    pub(super) fn open(&self, stream: Stream) -> Opening {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.handshake(stream);
        }
        stream.into()
    }
}

/// Builds a [`Server`].
pub struct ServerBuilder<C> {
    codec: C,
    endpoints: Vec<Result<Endpoint, EndpointError>>,
    open: Vec<OpenListener>,
    activated: bool,
    listen: ListenOptions,
    limits: SlotLimits,
    config: Config,
}

/// Why there is no server.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// A text names no place to listen on.
    #[error("cannot listen")]
    Endpoint(#[from] EndpointError),
    /// A limit that cannot be.
    #[error("cannot listen")]
    Option(#[from] OptionError),
    /// A place cannot be listened on, or none was given.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

impl<C: Decoder + Clone + Send + 'static> ServerBuilder<C> {
    pub(super) fn new(codec: C) -> Self {
        Self {
            codec,
            endpoints: Vec::new(),
            open: Vec::new(),
            activated: false,
            listen: ListenOptions::default(),
            limits: SlotLimits::default(),
            config: Config {
                session: Arc::default(),
                access: AccessList::default(),
                when_full: WhenFull::default(),
                on_shutdown: OnShutdown::default(),
                shutdown_timeout: Duration::from_secs(10),
                token: CancellationToken::new(),
                #[cfg(feature = "tls")]
                tls: None,
            },
        }
    }

    /// Listens here, too: a text as [`Endpoint`] takes it, or an address.
    #[must_use]
    pub fn listen(mut self, endpoint: impl ToEndpoint) -> Self {
        self.endpoints.push(endpoint.to_endpoint());
        self
    }

    /// Takes over a listener that is open already.
    #[must_use]
    pub fn adopt(mut self, listener: impl Into<OpenListener>) -> Self {
        self.open.push(listener.into());
        self
    }

    /// Takes over the listeners that systemd or another supervisor passes in `LISTEN_FDS`
    /// (sd_listen_fds(3)), if any.
    #[must_use]
    pub fn adopt_activated(mut self) -> Self {
        self.activated = true;
        self
    }

    /// How to listen, and the socket options of every connection. Default:
    /// [`ListenOptions::default`].
    #[must_use]
    pub fn listen_options(mut self, options: ListenOptions) -> Self {
        self.listen = options;
        self
    }

    /// What every session may. Default: [`SessionOptions::default`].
    #[must_use]
    pub fn session(mut self, options: impl Into<Arc<SessionOptions>>) -> Self {
        self.config.session = options.into();
        self
    }

    /// Puts TLS over every connection. Its handshake is the session's, and holds up no other.
    /// Default: none.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: TlsServer) -> Self {
        self.config.tls = Some(tls);
        self
    }

    /// How many connections there may be, in all and per address. Default: 10,000 in all.
    #[must_use]
    pub fn limits(mut self, limits: SlotLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What becomes of peers beyond the limit in all; those beyond the limit of their address are
    /// always turned away. Default: they wait.
    #[must_use]
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.config.when_full = when_full;
        self
    }

    /// Who may connect. Default: everyone.
    #[must_use]
    pub fn access(mut self, access: AccessList) -> Self {
        self.config.access = access;
        self
    }

    /// Shuts the server down when it is cancelled, as [`ServerHandle::shutdown`] does. Default: a
    /// token of its own.
    ///
    /// [`ServerHandle::shutdown`]: crate::ServerHandle::shutdown
    #[must_use]
    pub fn shutdown_on(mut self, token: CancellationToken) -> Self {
        self.config.token = token;
        self
    }

    /// What becomes of sessions when the server shuts down. Default: they close in order.
    #[must_use]
    pub fn on_shutdown(mut self, on_shutdown: OnShutdown) -> Self {
        self.config.on_shutdown = on_shutdown;
        self
    }

    /// How long sessions may take to end when the server shuts down; then they are cut off.
    /// Default: 10 seconds.
    #[must_use]
    pub fn shutdown_timeout(mut self, time: Duration) -> Self {
        self.config.shutdown_timeout = time;
        self
    }

    /// Listens.
    ///
    /// # Errors
    ///
    /// A place cannot be listened on, or none was given; an option is impossible.
    pub async fn bind(self) -> Result<Server<C>, BindError> {
        let endpoints = self.endpoints.into_iter().collect::<Result<Vec<_>, _>>()?;
        let slots = Slots::new(self.limits)?;
        let mut listener = Listener::new(&self.listen)?;
        for open in self.open {
            listener.adopt(open)?;
        }
        if self.activated {
            listener.adopt_activated()?;
        }
        listener.extend(endpoints).await?;
        let addrs = listener.local_addrs().to_vec();
        Ok(Server {
            listening: addrs.iter().cloned().collect(),
            addrs,
            listener: Some(listener),
            codec: self.codec,
            slots,
            registry: Arc::new(Registry::default()),
            shutdown: Box::pin(self.config.token.clone().cancelled_owned()),
            config: self.config,
            stage: Stage::Accepting,
        })
    }
}

impl<C> fmt::Debug for ServerBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("endpoints", &self.endpoints)
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

//! The side that is connected to.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_util::codec::Decoder;

use super::error::TlsError;
use super::{files, opening, provider};
use crate::stream::Opening;
use crate::{Session, SessionOptions, Stream};

/// What a server shows, and what it asks of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsServerOptions {
    chain: PathBuf,
    key: PathBuf,
    clients: Option<Clients>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Clients {
    roots: PathBuf,
    required: bool,
}

impl TlsServerOptions {
    /// A server with the certificate and the private key in these PEM files.
    ///
    /// The server's own certificate comes first in its file; those of the authorities between it and
    /// the root follow. The key is in the form of PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC1 (`EC
    /// PRIVATE KEY`), and not encrypted.
    #[must_use]
    pub fn new(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { chain: chain.into(), key: key.into(), clients: None }
    }

    /// Lets in only clients that show a certificate which one of the authorities in this PEM file has
    /// issued. Default: clients are not asked.
    #[must_use]
    pub fn require_client_certificate(mut self, roots: impl Into<PathBuf>) -> Self {
        self.clients = Some(Clients { roots: roots.into(), required: true });
        self
    }

    /// As [`require_client_certificate`](Self::require_client_certificate), but lets clients in that
    /// show none, too. [`Session::tls`] tells which.
    #[must_use]
    pub fn request_client_certificate(mut self, roots: impl Into<PathBuf>) -> Self {
        self.clients = Some(Clients { roots: roots.into(), required: false });
        self
    }
}

/// Puts TLS over connections that were accepted: [`ServerBuilder::tls`](crate::ServerBuilder::tls)
/// over all of a server, [`session`](Self::session) over one. Certificates and keys are read once;
/// cloning costs a reference count.
///
/// The handshake is a part of the [`Session`]: it runs while the session is asked for events, between
/// [`Event::Connected`](crate::Event::Connected) and [`Event::Ready`](crate::Event::Ready), so a slow
/// or hostile peer holds up nobody else. What fails in it is an
/// [`Event::Error`](crate::Event::Error) and closes the session with
/// [`CloseReason::Protocol`](crate::CloseReason::Protocol); what takes longer than
/// [`handshake_timeout`](SessionOptions::handshake_timeout), with
/// [`CloseReason::Limit`](crate::CloseReason::Limit).
///
/// TLS 1.3 and 1.2 are spoken, with the cipher suites that rustls holds for safe. There is no ALPN.
///
/// # What is checked
///
/// - Client certificates, where they are asked for: they lead to one of the roots, are valid now, and
///   may be used by clients. Whom a certificate is for is the application's to judge, by
///   [`TlsInfo::peer_certificates`](crate::TlsInfo::peer_certificates).
/// - Every connection anew: sessions are not resumed.
/// - The end of the stream: a peer that closes has to say so (close_notify, RFC 8446, 6.1). A
///   connection that ends without that may have been cut short by somebody else, so it is an error, of
///   the kind [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof).
///
/// Not checked: whether a certificate was revoked (no CRL, no OCSP), and whether it was logged
/// (certificate transparency).
///
/// # What is different from bare TCP
///
/// - The session alone writes: what a [`Handle`](crate::Handle) sends is queued until the session is
///   asked for events.
/// - What is encrypted and not yet taken by the system, some 64 KiB at most, counts as sent.
/// - [`Handle::set`](crate::Handle::set) has nothing to set. Set socket options before, with
///   [`Stream::set`].
///
/// # Example
///
/// ```no_run
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{
///     Event, FrameCodec, SessionOptions, TlsServer, TlsServerOptions, listen,
/// };
///
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// let options = TlsServerOptions::new("server.pem", "server.key")
///     .require_client_certificate("clients.pem");
/// let tls = TlsServer::new(&options)?;
/// let mut listener = listen("127.0.0.1:23452").await?;
/// loop {
///     let stream = listener.accept().await?;
///     let codec = FrameCodec::new(Lines::new());
///     let mut session = tls.session(stream, codec, SessionOptions::new());
///     tokio::spawn(async move {
///         while let Some(event) = session.next().await {
///             if let Event::Record(Ok(line)) = event {
///                 println!("{line}");
///             }
///         }
///     });
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct TlsServer {
    config: Arc<ServerConfig>,
}

impl TlsServer {
    /// Reads the files, blocking, and keeps what is in them: what changes there later is for a new
    /// one.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or does not hold what it should; the key is not that of the
    /// certificate.
    pub fn new(options: &TlsServerOptions) -> Result<Self, TlsError> {
        let provider = provider();
        let identity = files::identity(&options.chain, &options.key, &provider)?;
        let verifier = match &options.clients {
            None => WebPkiClientVerifier::no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                files::add_roots(&mut roots, &clients.roots)?;
                let builder = WebPkiClientVerifier::builder_with_provider(
                    Arc::new(roots),
                    Arc::clone(&provider),
                );
                let builder =
                    if clients.required { builder } else { builder.allow_unauthenticated() };
                builder.build().expect("there is a root, and no CRL that could be malformed")
            }
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites of both versions")
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(identity);
        // A client that only sends and closes without reading would leave tickets unread. Its system
        // then resets the connection, and records that are on their way are lost.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Self { config: Arc::new(config) })
    }

    /// A session over a connection that was accepted.
    #[must_use]
    pub fn session<C: Decoder + Clone>(
        &self,
        stream: Stream,
        codec: C,
        options: impl Into<Arc<SessionOptions>>,
    ) -> Session<C> {
        Session::start(self.handshake(stream), codec, options.into(), None)
    }

    pub(crate) fn handshake(&self, stream: Stream) -> Opening {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        opening(stream, |stream| {
            let accept = acceptor.accept(stream);
            async { Ok(accept.await?.into()) }
        })
    }
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

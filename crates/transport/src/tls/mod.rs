//! TLS under sessions: who the peers are is proven, and nobody in between reads or changes anything.
//!
//! ```text
//! server.pem, server.key -> TlsServerOptions -> TlsServer --+
//!                                                           +-- Stream -> Opening -> Session
//! ca.pem                 -> TlsClientOptions -> TlsClient --+
//! ```
//!
//! The handshake is the [`Opening`] of a session, which drives it as it drives everything else.

mod client;
mod error;
mod files;
mod info;
mod server;

pub use client::{TlsClient, TlsClientOptions};
pub use error::TlsError;
pub use info::{TlsInfo, TlsVersion};
pub use server::{TlsServer, TlsServerOptions};

use std::any::Any;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio_rustls::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;

use crate::Stream;
use crate::stream::{Io, Opening};

/// Whom the certificate of a server has to be for.
pub(crate) type TlsServerName = ServerName<'static>;

/// The algorithms. Named everywhere, since a program may have linked other providers, too, and then
/// rustls has no default.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// What a session begins with whose stream shakes hands first.
fn opening<S>(stream: Stream, shake: impl FnOnce(Stream) -> S) -> Opening
where
    S: Future<Output = io::Result<TlsStream<Stream>>> + Send + 'static,
{
    let (local, peer) = (stream.local().clone(), stream.peer().clone());
    let handshake = shake(stream);
    Opening::handshake(local, peer, async { handshake.await.map_err(failed) })
}

/// Why there is no TLS on a connection.
#[derive(Debug, thiserror::Error)]
#[error("the TLS handshake failed")]
struct HandshakeError(#[source] io::Error);

fn failed(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), HandshakeError(error))
}

/// The TLS of a session's stream, if that is what it is.
fn of(stream: &dyn Io) -> Option<&TlsStream<Stream>> {
    let stream: &dyn Any = stream;
    stream.downcast_ref()
}

/// Makes dropping a stream a reset, if it is TLS over TCP.
pub(crate) fn reset_when_dropped(stream: &dyn Io) {
    if let Some(tcp) = of(stream).and_then(|tls| tls.get_ref().0.tcp()) {
        // Should the system refuse, the connection is gone already.
        let _ = SockRef::from(tcp).set_linger(Some(Duration::ZERO));
    }
}

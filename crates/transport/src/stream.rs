//! The streams that sessions run over.

use std::any::Any;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::session::Handshake;
use crate::{Address, SocketOptions};

/// A connected stream and the addresses of its two ends.
///
/// The addresses are asked for once, so they are known when the connection is gone.
pub struct Stream {
    kind: Kind,
    local: Address,
    peer: Address,
}

pub(crate) enum Kind {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    Other(Box<dyn Io>),
}

/// What is read and written by one task. [`Any`], so that what is special about TLS can be asked for.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin + Any {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + Any> Io for T {}

impl Stream {
    /// Any stream, such as a pipe in memory; `name` stands for both of its addresses.
    pub fn other(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        name: &'static str,
    ) -> Self {
        let kind = Kind::Other(Box::new(stream));
        Self { kind, local: Address::Other(name), peer: Address::Other(name) }
    }

    /// A connection that was accepted. It may be broken by now, so that the system no longer knows
    /// its addresses, and still hold what the peer sent.
    pub(crate) fn accepted_tcp(stream: TcpStream, local: Address, peer: Address) -> Self {
        Self { kind: Kind::Tcp(stream), local, peer }
    }

    /// As [`accepted_tcp`](Self::accepted_tcp).
    #[cfg(unix)]
    pub(crate) fn accepted_unix(stream: UnixStream, local: Address, peer: Address) -> Self {
        Self { kind: Kind::Unix(stream), local, peer }
    }

    /// The address of this side.
    #[must_use]
    pub fn local(&self) -> &Address {
        &self.local
    }

    /// The address of the other side.
    #[must_use]
    pub fn peer(&self) -> &Address {
        &self.peer
    }

    /// The TCP stream, if it is a bare one.
    #[must_use]
    pub fn tcp(&self) -> Option<&TcpStream> {
        match &self.kind {
            Kind::Tcp(stream) => Some(stream),
            _ => None,
        }
    }

    /// The TCP stream, if it is a bare one.
    ///
    /// # Errors
    ///
    /// The stream itself, if it is something else.
    pub fn into_tcp(self) -> Result<TcpStream, Self> {
        match self.kind {
            Kind::Tcp(stream) => Ok(stream),
            _ => Err(self),
        }
    }

    /// Sets options of a bare TCP stream; of another one, there is nothing to set.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn set(&self, options: &SocketOptions) -> io::Result<()> {
        match self.tcp() {
            Some(stream) => options.apply(&SockRef::from(stream), self.local.is_ipv6()),
            None => Ok(()),
        }
    }
}

/// What a session begins with: a stream, or a handshake that becomes one.
pub(crate) struct Opening {
    pub(crate) local: Address,
    pub(crate) peer: Address,
    pub(crate) kind: OpeningKind,
}

pub(crate) enum OpeningKind {
    Stream(Kind),
    Handshake(Handshake),
}

impl Opening {
    pub(crate) fn handshake<S>(
        local: Address,
        peer: Address,
        handshake: impl Future<Output = io::Result<S>> + Send + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let handshake = async { Ok(Box::new(handshake.await?) as Box<dyn Io>) };
        Self { local, peer, kind: OpeningKind::Handshake(Box::pin(handshake)) }
    }
}

impl From<Stream> for Opening {
    fn from(stream: Stream) -> Self {
        let Stream { local, peer, kind } = stream;
        Self { local, peer, kind: OpeningKind::Stream(kind) }
    }
}

impl TryFrom<TcpStream> for Stream {
    type Error = io::Error;

    /// # Errors
    ///
    /// The connection is broken already, so that the system knows no peer.
    fn try_from(stream: TcpStream) -> io::Result<Self> {
        let (local, peer) = (stream.local_addr()?.into(), stream.peer_addr()?.into());
        Ok(Self { kind: Kind::Tcp(stream), local, peer })
    }
}

#[cfg(unix)]
impl TryFrom<UnixStream> for Stream {
    type Error = io::Error;

    /// # Errors
    ///
    /// The connection is broken already, so that the system knows no peer.
    fn try_from(stream: UnixStream) -> io::Result<Self> {
        let (local, peer) = (stream.local_addr()?.into(), stream.peer_addr()?.into());
        Ok(Self { kind: Kind::Unix(stream), local, peer })
    }
}

macro_rules! delegate {
    ($stream:expr, $inner:ident => $call:expr) => {
        match &mut $stream.get_mut().kind {
            Kind::Tcp($inner) => $call,
            #[cfg(unix)]
            Kind::Unix($inner) => $call,
            Kind::Other($inner) => $call,
        }
    };
}

impl AsyncRead for Stream {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self, inner => Pin::new(inner).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, inner => Pin::new(inner).poll_write(cx, buf))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, inner => Pin::new(inner).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.kind {
            Kind::Tcp(stream) => stream.is_write_vectored(),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.is_write_vectored(),
            Kind::Other(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, inner => Pin::new(inner).poll_shutdown(cx))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({} to {})", self.local, self.peer)
    }
}

//! One socket that listens.

use std::io;
use std::task::{Context, Poll, ready};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

#[cfg(unix)]
use super::unix::SocketFile;
use crate::{Address, Stream};

/// A socket of either kind.
pub(super) enum ListeningSocket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix {
        /// Before the socket, which keeps its inode from being used again.
        _file: Option<SocketFile>,
        socket: UnixListener,
    },
}

impl ListeningSocket {
    /// Takes the next connection; `local` is the address of this socket.
    pub(super) fn poll_accept(
        &self,
        local: &Address,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Stream>> {
        let stream = match self {
            Self::Tcp(socket) => {
                let (stream, peer) = ready!(socket.poll_accept(cx))?;
                let any = local.tcp().is_none_or(|addr| addr.ip().is_unspecified());
                let precise = any.then(|| stream.local_addr().ok()).flatten();
                let local = precise.map_or_else(|| local.clone(), Address::Tcp);
                Stream::accepted_tcp(stream, local, peer.into())
            }
            #[cfg(unix)]
            Self::Unix { socket, .. } => {
                let (stream, peer) = ready!(socket.poll_accept(cx))?;
                Stream::accepted_unix(stream, local.clone(), peer.into())
            }
        };
        Poll::Ready(Ok(stream))
    }
}

/// Whether accept(2) passed on what happened to the connection. It is out of the queue then.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::TimedOut
            | io::ErrorKind::Interrupted
    )
}

/// Whether an option could not be set because the connection is gone.
pub(super) fn says_broken(error: &io::Error) -> bool {
    concerns_one_connection(error)
        || error.kind() == io::ErrorKind::NotConnected
        // setsockopt(2) of macOS says `EINVAL` then; elsewhere that is an option that is impossible.
        || cfg!(target_vendor = "apple") && error.kind() == io::ErrorKind::InvalidInput
}

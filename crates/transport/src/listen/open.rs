//! Sockets that were opened elsewhere.

use std::io;
use std::net::TcpListener as StdTcpListener;
#[cfg(unix)]
use std::os::unix::net::UnixListener as StdUnixListener;
#[cfg(unix)]
use std::path::Path;

use socket2::SockRef;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::socket::ListeningSocket;
use crate::Address;

/// A socket that listens already, for [`Listener::adopt`](super::Listener::adopt).
#[non_exhaustive]
#[derive(Debug)]
pub enum OpenListener {
    /// Over TCP.
    Tcp(StdTcpListener),
    /// Over a UNIX socket.
    #[cfg(unix)]
    Unix(StdUnixListener),
}

impl OpenListener {
    pub(super) fn local_addr(&self) -> io::Result<Address> {
        Ok(match self {
            Self::Tcp(socket) => Address::Tcp(socket.local_addr()?),
            #[cfg(unix)]
            Self::Unix(socket) => {
                Address::Unix(socket.local_addr()?.as_pathname().map(Path::to_path_buf))
            }
        })
    }

    pub(super) fn into_tokio(self) -> io::Result<ListeningSocket> {
        match self {
            Self::Tcp(socket) => {
                check(&SockRef::from(&socket))?;
                Ok(ListeningSocket::Tcp(TcpListener::from_std(socket)?))
            }
            #[cfg(unix)]
            Self::Unix(socket) => {
                check(&SockRef::from(&socket))?;
                Ok(ListeningSocket::Unix { _file: None, socket: UnixListener::from_std(socket)? })
            }
        }
    }
}

impl From<StdTcpListener> for OpenListener {
    fn from(listener: StdTcpListener) -> Self {
        Self::Tcp(listener)
    }
}

#[cfg(unix)]
impl From<StdUnixListener> for OpenListener {
    fn from(listener: StdUnixListener) -> Self {
        Self::Unix(listener)
    }
}

/// Makes sure that the socket listens, and that asking it for a connection does not block.
fn check(socket: &SockRef<'_>) -> io::Result<()> {
    // Accepting on another one would fail for ever. Elsewhere the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "freebsd", target_os = "linux"))]
    if !socket.is_listener()? {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "needs a socket that listens"));
    }
    socket.set_nonblocking(true)
}

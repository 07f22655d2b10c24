//! Waiting for connections.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs, lookup_host};

/// Connections that wait to be accepted, per address.
const BACKLOG: i32 = 1024;

/// Listens on all of these addresses, over TCP. Port 0 takes a free port, per address.
///
/// An IPv6 address stands for IPv6 alone, so that `0.0.0.0` and `[::]` can share a port.
///
/// # Errors
///
/// The name does not resolve, or one of the addresses cannot be listened on.
pub async fn listen(addr: impl ToSocketAddrs) -> Result<Listener, ListenError> {
    let addrs = lookup_host(addr).await.map_err(|source| ListenError { addr: None, source })?;
    let mut listener = Listener { listeners: Vec::new(), addrs: Vec::new(), next: 0 };
    for addr in addrs {
        let (bound, local) =
            listen_one(addr).map_err(|source| ListenError { addr: Some(addr), source })?;
        listener.listeners.push(bound);
        listener.addrs.push(local);
    }
    Ok(listener)
}

fn listen_one(addr: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if addr.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Elsewhere it would let two programs listen on one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket.into())?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// Hands out the connections that arrive on one or more addresses.
#[derive(Debug)]
pub struct Listener {
    listeners: Vec<TcpListener>,
    addrs: Vec<SocketAddr>,
    /// The address that is asked first, so that no address starves another.
    next: usize,
}

impl Listener {
    /// The addresses, with the ports that were taken.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Waits for a connection and returns it with the peer's address. Cancel safe.
    ///
    /// The stream sends without delay (`TCP_NODELAY`), as after [`connect`](crate::connect).
    ///
    /// # Errors
    ///
    /// The system has no descriptor or memory left for a connection. It stays in the queue: wait a
    /// little before asking again. Connections that were reset while they waited are passed over.
    pub async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let count = self.listeners.len();
        for index in (self.next..count).chain(0..self.next) {
            let Some(listener) = self.listeners.get(index) else { continue };
            while let Poll::Ready(accepted) = listener.poll_accept(cx) {
                self.next = (index + 1) % count;
                match accepted.and_then(|(stream, peer)| {
                    stream.set_nodelay(true)?;
                    Ok((stream, peer))
                }) {
                    Err(error) if concerns_one_connection(&error) => {}
                    accepted => return Poll::Ready(accepted),
                }
            }
        }
        Poll::Pending
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::InvalidInput
    )
}

/// Why an address cannot be listened on.
#[derive(Debug)]
pub struct ListenError {
    /// `None` if the name does not resolve.
    addr: Option<SocketAddr>,
    source: io::Error,
}

impl ListenError {
    /// The address; `None` if there is none, because the name does not resolve.
    #[must_use]
    pub fn addr(&self) -> Option<SocketAddr> {
        self.addr
    }

    /// What the system says.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addr {
            Some(addr) => write!(f, "cannot listen on {addr}"),
            None => f.write_str("no address found"),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

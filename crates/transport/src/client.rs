//! Connecting.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpStream, ToSocketAddrs, lookup_host};

/// Connects over TCP to the first of these addresses that answers.
///
/// The stream sends without delay (`TCP_NODELAY`): a record leaves when it is flushed, and does not
/// wait for the acknowledgement of the one before it. A dropped future gives up.
///
/// # Errors
///
/// The name does not resolve, or none of the addresses answers. How long an address may take is
/// the system's decision, minutes at worst; a caller with less time puts a timeout around it.
pub async fn connect(addr: impl ToSocketAddrs) -> Result<TcpStream, ConnectError> {
    let addrs = lookup_host(addr).await.map_err(ConnectError::Resolve)?;
    let mut attempts = Vec::new();
    for addr in addrs {
        match connect_one(addr).await {
            Ok(stream) => return Ok(stream),
            Err(error) => attempts.push((addr, error)),
        }
    }
    Err(ConnectError::Attempts(attempts))
}

async fn connect_one(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Why there is no connection.
#[non_exhaustive]
#[derive(Debug)]
pub enum ConnectError {
    /// The name stands for no address.
    Resolve(io::Error),
    /// No address answered: each with its reason, in the order of the attempts.
    Attempts(Vec<(SocketAddr, io::Error)>),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = match self {
            Self::Resolve(_) => return f.write_str("no address found"),
            Self::Attempts(attempts) => attempts,
        };
        if attempts.is_empty() {
            return f.write_str("no address given");
        }
        for (index, (addr, error)) in attempts.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{addr}: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resolve(error) => Some(error),
            Self::Attempts(_) => None,
        }
    }
}

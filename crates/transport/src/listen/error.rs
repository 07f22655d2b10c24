//! Why there is no listening.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::{Address, Endpoint};

/// Why something cannot be listened on.
///
/// Displays as `cannot listen on 127.0.0.1:23452`; its source says why.
#[derive(Debug)]
pub struct ListenError {
    place: Place,
    source: io::Error,
}

/// What cannot be listened on.
#[derive(Debug)]
pub(super) enum Place {
    /// Nothing: what is asked for makes no sense.
    None,
    /// A name that stands for no address; `None` if it is not known here.
    Name(Option<Endpoint>),
    /// An address.
    Address(Address),
    /// A socket that the parent process opened, counted from 1.
    Activated(usize),
}

impl ListenError {
    pub(super) fn new(place: Place, source: io::Error) -> Self {
        Self { place, source }
    }

    /// An error of the caller, before there was a place.
    pub(super) fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Place::None, io::Error::new(io::ErrorKind::InvalidInput, why))
    }

    pub(super) fn at(addr: impl Into<Address>, source: io::Error) -> Self {
        Self::new(Place::Address(addr.into()), source)
    }

    /// The TCP address; `None` if there is none, as for a UNIX socket or a name that does not
    /// resolve.
    #[must_use]
    pub fn addr(&self) -> Option<SocketAddr> {
        match &self.place {
            Place::Address(addr) => addr.tcp(),
            Place::None | Place::Name(_) | Place::Activated(_) => None,
        }
    }

    /// What the system says.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::None => f.write_str("cannot listen"),
            Place::Name(None) => f.write_str("no address found"),
            Place::Name(Some(endpoint)) => write!(f, "no address found for {endpoint}"),
            Place::Address(addr) => write!(f, "cannot listen on {addr}"),
            Place::Activated(number) => write!(f, "cannot listen on socket {number} of LISTEN_FDS"),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

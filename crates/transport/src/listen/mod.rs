//! Waiting for connections, and deciding which of them to serve.
//!
//! A [`Listener`] is what [`Endpoint`](crate::Endpoint)s name, and sockets that were opened
//! elsewhere, all at once. [`AccessList`] says which peers are welcome, [`Slots`] how many there may
//! be.

mod access;
#[cfg(unix)]
mod activation;
mod backoff;
mod error;
mod listener;
mod open;
mod options;
mod slots;
mod socket;
mod tcp;
#[cfg(unix)]
mod unix;

use tokio::net::{ToSocketAddrs, lookup_host};

pub use access::{AccessList, AddressRange, AddressRangeError};
pub use error::ListenError;
pub use listener::Listener;
pub use open::OpenListener;
pub use options::ListenOptions;
pub use slots::{Refusal, Slot, SlotLimits, Slots};

use error::Place;

/// Listens on all of these addresses, over TCP, with the default [`ListenOptions`]. Port 0 takes a
/// free port, per address.
///
/// An IPv6 address stands for IPv6 alone, so that `0.0.0.0` and `[::]` can share a port.
///
/// # Errors
///
/// The name does not resolve, there is no address, or one of them cannot be listened on.
///
/// # Panics
///
/// As [`Listener::bind`].
pub async fn listen(addr: impl ToSocketAddrs) -> Result<Listener, ListenError> {
    let addrs = lookup_host(addr).await;
    let addrs = addrs.map_err(|source| ListenError::new(Place::Name(None), source))?;
    Listener::bind(addrs, &ListenOptions::default()).await
}

//! What a handshake has agreed on.

use std::fmt;

use tokio_rustls::rustls::{CommonState, ProtocolVersion};
use tokio_util::codec::Decoder;

use super::of;
use crate::Session;

/// What the peer of a session showed in its handshake.
#[derive(Clone, Copy)]
pub struct TlsInfo<'a> {
    state: &'a CommonState,
}

/// A version of TLS.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

impl<'a> TlsInfo<'a> {
    /// The certificates of the peer in DER form, its own first; none if it is a client that showed
    /// none. Its own was checked; the others may be anything.
    pub fn peer_certificates(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.state.peer_certificates().unwrap_or_default().iter().map(|der| der.as_ref())
    }

    /// The version that is spoken.
    #[must_use]
    pub fn version(self) -> TlsVersion {
        match self.state.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => TlsVersion::V1_2,
            // Nothing else is offered or accepted.
            _ => TlsVersion::V1_3,
        }
    }
}

impl<C: Decoder> Session<C> {
    /// What the peer showed in the TLS handshake. None without TLS, before
    /// [`Event::Ready`](crate::Event::Ready), and once the session is over.
    #[must_use]
    pub fn tls(&self) -> Option<TlsInfo<'_>> {
        let (_, state) = of(self.other_stream()?)?.get_ref();
        Some(TlsInfo { state })
    }
}

impl fmt::Debug for TlsInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsInfo")
            .field("version", &self.version())
            .field("peer_certificates", &self.peer_certificates().len())
            .finish()
    }
}

/// `TLS 1.3`.
impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_2 => "TLS 1.2",
            Self::V1_3 => "TLS 1.3",
        })
    }
}

//! Why there is no TLS.

use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls;

/// Why certificates, keys and names make no [`TlsServer`](crate::TlsServer) or
/// [`TlsClient`](crate::TlsClient).
///
/// Displays as `server.key: needs the key of the certificate in server.pem, another one found`.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TlsError(Kind);

#[derive(Debug, thiserror::Error)]
pub(super) enum Kind {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: needs {needed}", path.display())]
    Needs { path: PathBuf, needed: String },
    #[error("{}: the private key cannot be used", path.display())]
    Key { path: PathBuf, source: rustls::Error },
    #[error(
        "{}: needs the key of the certificate in {}, another one found",
        key.display(),
        certificate.display()
    )]
    OtherKey { key: PathBuf, certificate: PathBuf },
    #[error("server name `{name}`: needs a DNS name or an IP address")]
    Name { name: String },
}

impl From<Kind> for TlsError {
    fn from(kind: Kind) -> Self {
        Self(kind)
    }
}

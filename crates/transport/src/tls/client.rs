//! The side that connects.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::codec::Decoder;

use super::error::{Kind, TlsError};
use super::{TlsServerName, files, opening, provider};
use crate::stream::Opening;
use crate::{Session, SessionOptions, Stream};

/// Whom a client trusts, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsClientOptions {
    roots: Vec<PathBuf>,
    identity: Option<Identity>,
    server_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    chain: PathBuf,
    key: PathBuf,
}

impl TlsClientOptions {
    /// A client that trusts servers with a certificate which one of the authorities in this PEM file
    /// has issued. The file may also hold the certificate of a server that has issued its own, unless
    /// it says that it is one of an authority (`CA:TRUE`, RFC 5280, 4.2.1.9).
    #[must_use]
    pub fn new(roots: impl Into<PathBuf>) -> Self {
        Self { roots: vec![roots.into()], identity: None, server_name: None }
    }

    /// Trusts the authorities in this PEM file, too.
    #[must_use]
    pub fn roots(mut self, roots: impl Into<PathBuf>) -> Self {
        self.roots.push(roots.into());
        self
    }

    /// The certificate and the private key in these PEM files, for servers that ask for one; the
    /// forms are those of [`TlsServerOptions::new`](crate::TlsServerOptions::new). Default: none.
    #[must_use]
    pub fn certificate(mut self, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.identity = Some(Identity { chain: chain.into(), key: key.into() });
        self
    }

    /// The name, or the IP address, that the server's certificate has to be for. Default: the host
    /// that was connected to.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }
}

/// Puts TLS over connections that this side made: [`Client::tls`](crate::Client::tls) over those of a
/// client, [`session`](Self::session) over one. All else is as [`TlsServer`](crate::TlsServer) says, but
/// for what is checked.
///
/// # What is checked
///
/// - The server's certificate: it leads to one of the roots, is valid now, may be used by servers, and
///   is for the name that was connected to. Names are the DNS names and IP addresses of the extension
///   subjectAltName (RFC 9525, 6.3); the common name counts for nothing.
/// - Every connection anew, and the end of the stream, as on the server's side.
///
/// Not checked: whether a certificate was revoked (no CRL, no OCSP), and whether it was logged
/// (certificate transparency).
///
/// The system's roots are not used. Where they are wanted, name the file that has them, such as
/// `/etc/ssl/certs/ca-certificates.crt` on Debian.
///
/// # Example
///
/// ```no_run
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{
///     Connector, FrameCodec, SessionOptions, TlsClient, TlsClientOptions,
/// };
///
/// # async fn send() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = TlsClient::new(&TlsClientOptions::new("ca.pem"))?;
/// let stream = Connector::new().connect("feed.example.org:23452").await?;
/// let codec = FrameCodec::new(Lines::new());
/// let mut session =
///     tls.session(stream, "feed.example.org", codec, SessionOptions::new())?;
/// session.send("hello").await?;
/// session.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: Option<TlsServerName>,
}

impl TlsClient {
    /// Reads the files, blocking, and keeps what is in them: what changes there later is for a new
    /// one.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or does not hold what it should; the key is not that of the
    /// certificate; the server name is none.
    pub fn new(options: &TlsClientOptions) -> Result<Self, TlsError> {
        let provider = provider();
        let server_name = options.server_name.as_deref().map(parse).transpose()?;
        let mut roots = RootCertStore::empty();
        for path in &options.roots {
            files::add_roots(&mut roots, path)?;
        }
        let identity = match &options.identity {
            Some(Identity { chain, key }) => Some(files::identity(chain, key, &provider)?),
            None => None,
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites of both versions")
            .with_root_certificates(roots);
        let mut config = match identity {
            Some(identity) => builder.with_client_cert_resolver(identity),
            None => builder.with_no_client_auth(),
        };
        // The certificate of the server is checked for every connection.
        config.resumption = Resumption::disabled();
        Ok(Self { config: Arc::new(config), server_name })
    }

    /// A session over a connection to `host`, a DNS name or an IP address. The server's certificate
    /// has to be for it, unless the options name another server.
    ///
    /// # Errors
    ///
    /// The host is neither.
    pub fn session<C: Decoder + Clone>(
        &self,
        stream: Stream,
        host: &str,
        codec: C,
        options: impl Into<Arc<SessionOptions>>,
    ) -> Result<Session<C>, TlsError> {
        let name = self.server_name(host)?;
        Ok(Session::start(self.handshake(stream, name), codec, options.into(), None))
    }

    /// The name that the certificate of the server on `host` has to be for.
    pub(crate) fn server_name(&self, host: &str) -> Result<TlsServerName, TlsError> {
        self.server_name.clone().map_or_else(|| parse(host), Ok)
    }

    pub(crate) fn handshake(&self, stream: Stream, name: TlsServerName) -> Opening {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        opening(stream, |stream| {
            let connect = connector.connect(name, stream);
            async { Ok(connect.await?.into()) }
        })
    }
}

fn parse(host: &str) -> Result<TlsServerName, TlsError> {
    // A zone says through which interface this machine reaches the address; no certificate has it.
    if let Some((addr, _zone)) = host.split_once('%')
        && let Ok(addr) = addr.parse::<Ipv6Addr>()
    {
        return Ok(addr.into());
    }
    TlsServerName::try_from(host.to_owned())
        .map_err(|_| Kind::Name { name: host.to_owned() }.into())
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_the_names_they_give() {
        for (host, name) in [
            ("feed.example.org", "feed.example.org"),
            // The root of the DNS is left out (RFC 6066, 3).
            ("feed.example.org.", "feed.example.org"),
            ("localhost", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
        ] {
            assert_eq!(parse(host).expect(host).to_str(), name);
        }
        for host in ["", "a name", "[::1]", "a%b", "192.0.2.1:443"] {
            let error = parse(host).expect_err(host);
            let message = format!("server name `{host}`: needs a DNS name or an IP address");
            assert_eq!(error.to_string(), message);
        }
    }
}

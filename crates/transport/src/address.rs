//! Where to listen, and whom to connect to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The address of one end of a connection.
///
/// Displays as `127.0.0.1:23452`, `[::1]:23452`, `unix:/run/feed.sock`; a UNIX socket that has no
/// path, as that of a client, as `unix:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An end of a TCP connection.
    Tcp(SocketAddr),
    /// An end of a connection over a UNIX socket; its path, if it has one.
    Unix(Option<PathBuf>),
    /// An end of something else, such as a pipe in memory; what it is called.
    Other(&'static str),
}

impl Address {
    /// The address and port, of a TCP connection.
    #[must_use]
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(addr) => Some(*addr),
            Self::Unix(_) | Self::Other(_) => None,
        }
    }

    /// The IP address, of a TCP connection. An IPv4 address that arrived over an IPv6 socket
    /// (`::ffff:192.0.2.1`) is that IPv4 address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.tcp().map(|addr| addr.ip().to_canonical())
    }

    /// Whether the options of IPv6 are those of this connection.
    pub(crate) fn is_ipv6(&self) -> bool {
        // Packets to an IPv4 address inside an IPv6 one are IPv4, but only Linux takes the options of
        // IPv4 on such a socket.
        let ip = if cfg!(any(target_os = "android", target_os = "linux")) {
            self.ip()
        } else {
            self.tcp().map(|addr| addr.ip())
        };
        ip.is_some_and(|ip| ip.is_ipv6())
    }

    /// The path, of a UNIX socket that has one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Unix(path) => path.as_deref(),
            Self::Tcp(_) | Self::Other(_) => None,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        Self::Tcp(addr)
    }
}

#[cfg(unix)]
impl From<tokio::net::unix::SocketAddr> for Address {
    fn from(addr: tokio::net::unix::SocketAddr) -> Self {
        Self::Unix(addr.as_pathname().map(Path::to_path_buf))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(addr) => addr.fmt(f),
            Self::Unix(Some(path)) => write!(f, "unix:{}", path.display()),
            Self::Unix(None) => f.write_str("unix:"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// A place to listen on or to connect to, as users write it.
///
/// | text | means |
/// |---|---|
/// | `example.org:23452`, `192.0.2.1:23452`, `[2001:db8::1]:23452` | that host; a name may have several addresses |
/// | `:23452`, `*:23452` | to listen: all addresses, IPv4 and IPv6; to connect: this machine |
/// | `unix:/run/feed.sock` | a UNIX socket |
///
/// Port 0 takes a free port when listening.
///
/// ```
/// use cwire_transport::Endpoint;
///
/// assert_eq!(":23452".parse(), Ok(Endpoint::Tcp { host: None, port: 23452 }));
/// assert_eq!("unix:/run/feed.sock".parse(), Ok(Endpoint::Unix("/run/feed.sock".into())));
/// let error = "localhost".parse::<Endpoint>().unwrap_err();
/// assert_eq!(error.to_string(), "`localhost`: needs HOST:PORT, :PORT or unix:PATH");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// TCP.
    Tcp {
        /// A name or an address without brackets; `None` for all addresses.
        host: Option<String>,
        /// The port.
        port: u16,
    },
    /// A UNIX socket.
    Unix(PathBuf),
}

/// A text that names no [`Endpoint`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: needs {needed}")]
pub struct EndpointError {
    text: String,
    needed: &'static str,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let error = |needed| EndpointError { text: text.to_owned(), needed };
        if let Some(path) = text.strip_prefix("unix:") {
            if path.is_empty() {
                return Err(error("a path after unix:"));
            }
            return Ok(Self::Unix(path.into()));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| error(FORMS))?;
        let port = port.parse().map_err(|_| error("a port of 0 to 65535 after the last colon"))?;
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(|| error("a ] after the address"))?,
            None if host.contains(':') => {
                return Err(error("an IPv6 address in brackets, as [::1]:23452"));
            }
            None => host,
        };
        let host = (!host.is_empty() && host != "*").then(|| host.to_owned());
        Ok(Self::Tcp { host, port })
    }
}

const FORMS: &str = "HOST:PORT, :PORT or unix:PATH";

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Self {
        let host = match addr {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            addr => addr.ip().to_string(),
        };
        Self::Tcp { host: Some(host), port: addr.port() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host: None, port } => write!(f, "*:{port}"),
            Self::Tcp { host: Some(host), port } if host.contains(':') => {
                write!(f, "[{host}]:{port}")
            }
            Self::Tcp { host: Some(host), port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// What can be turned into an [`Endpoint`]: its text, or an address.
pub trait ToEndpoint {
    /// The endpoint.
    ///
    /// # Errors
    ///
    /// The text names none.
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError>;
}

impl ToEndpoint for str {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        self.parse()
    }
}

impl ToEndpoint for String {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        self.parse()
    }
}

impl ToEndpoint for SocketAddr {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        Ok((*self).into())
    }
}

impl ToEndpoint for Endpoint {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        Ok(self.clone())
    }
}

impl ToEndpoint for Address {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        match self {
            Self::Tcp(addr) => Ok((*addr).into()),
            Self::Unix(Some(path)) => Ok(Endpoint::Unix(path.clone())),
            Self::Unix(None) | Self::Other(_) => {
                Err(EndpointError { text: self.to_string(), needed: "an address with a name" })
            }
        }
    }
}

impl<T: ToEndpoint + ?Sized> ToEndpoint for &T {
    fn to_endpoint(&self) -> Result<Endpoint, EndpointError> {
        (**self).to_endpoint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_they_name() {
        let tcp = |host: &str, port| Endpoint::Tcp { host: Some(host.to_owned()), port };
        for (text, endpoint) in [
            ("localhost:1", tcp("localhost", 1)),
            ("192.0.2.1:65535", tcp("192.0.2.1", 65535)),
            ("[::1]:0", tcp("::1", 0)),
            ("*:7", Endpoint::Tcp { host: None, port: 7 }),
            (":7", Endpoint::Tcp { host: None, port: 7 }),
            ("unix:a b:c", Endpoint::Unix("a b:c".into())),
        ] {
            assert_eq!(text.parse(), Ok(endpoint), "{text}");
        }
    }

    #[test]
    fn a_text_that_names_nothing_says_what_is_needed() {
        for (text, needed) in [
            ("", FORMS),
            ("23452", FORMS),
            ("host:", "a port of 0 to 65535 after the last colon"),
            ("host:65536", "a port of 0 to 65535 after the last colon"),
            ("::1:80", "an IPv6 address in brackets, as [::1]:23452"),
            ("[::1:80", "a ] after the address"),
            ("unix:", "a path after unix:"),
        ] {
            let error = text.parse::<Endpoint>().expect_err(text);
            assert_eq!(error.to_string(), format!("`{text}`: needs {needed}"));
        }
    }

    #[test]
    fn display_is_what_can_be_parsed() {
        for text in ["*:23452", "host:1", "[::1]:2", "unix:/run/x"] {
            assert_eq!(text.parse::<Endpoint>().expect(text).to_string(), text);
        }
    }
}

//! Why there is no connection.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Family;
use crate::{Address, Endpoint, EndpointError, OptionError};

/// Why there is no connection, with every attempt that was made.
///
/// Displays on one line:
///
/// ```text
/// cannot connect to host:9: [::1]:9: Connection refused (os error 111); 127.0.0.1:9: no answer
/// cannot connect to 127.0.0.1:9 within 30s: no answer
/// ```
///
/// After [`connect`](crate::connect), which may be given addresses, it says only what follows the
/// endpoint.
#[derive(Debug)]
pub struct ConnectError(Box<Inner>);

/// Boxed, since a `Result` has room for it even when all is well.
#[derive(Debug)]
struct Inner {
    to: Option<Endpoint>,
    kind: ConnectErrorKind,
    attempts: Vec<ConnectAttempt>,
}

/// What can keep a [`Connector`](crate::Connector) from connecting.
#[non_exhaustive]
#[derive(Debug)]
pub enum ConnectErrorKind {
    /// The text names no endpoint.
    Endpoint(EndpointError),
    /// A setting of the connector that the platform cannot do, or that contradicts another one.
    Option(OptionError),
    /// The name does not resolve.
    Resolve(io::Error),
    /// There are no addresses, or none of this family.
    NoAddress {
        /// The family asked for, by itself or by the local address.
        family: Option<Family>,
    },
    /// Every attempt failed.
    Failed,
    /// The time was up. Without an attempt, it passed while the name was resolved.
    TimedOut {
        /// The time that the connector had.
        after: Duration,
    },
}

/// One address that was tried, and what came of it.
///
/// Displays as `127.0.0.1:9: Connection refused (os error 111)`.
#[derive(Debug)]
pub struct ConnectAttempt {
    pub(super) address: Address,
    pub(super) error: AttemptError,
}

/// Why an attempt did not become the connection.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The system gives no socket for this address, or does not set an option of it.
    #[error("setting up the socket: {0}")]
    Socket(io::Error),
    /// The local address cannot be taken.
    #[error("from {local}: {error}")]
    Local {
        /// The address of this side that was asked for.
        local: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The peer, or the network on the way there, refused.
    #[error(transparent)]
    Connect(io::Error),
    /// The attempt was still under way when the time was up.
    #[error("no answer")]
    NoAnswer,
}

impl ConnectError {
    pub(super) fn new(kind: ConnectErrorKind, attempts: Vec<ConnectAttempt>) -> Self {
        Self(Box::new(Inner { to: None, kind, attempts }))
    }

    /// The same, about this endpoint.
    pub(super) fn to(mut self, endpoint: Endpoint) -> Self {
        self.0.to = Some(endpoint);
        self
    }

    /// Whom to connect to; `None` if the text names no endpoint, and after
    /// [`connect`](crate::connect).
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.0.to.as_ref()
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ConnectErrorKind {
        &self.0.kind
    }

    /// The attempts, in the order in which they were started.
    #[must_use]
    pub fn attempts(&self) -> &[ConnectAttempt] {
        &self.0.attempts
    }

    fn fmt_attempts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ([attempt], Some(to)) = (self.attempts(), self.endpoint())
            && attempt.address.to_string() == to.to_string()
        {
            return write!(f, "{}", attempt.error);
        }
        for (index, attempt) in self.attempts().iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{attempt}")?;
        }
        Ok(())
    }
}

impl ConnectAttempt {
    /// The address that was tried.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Why there is no connection to it.
    #[must_use]
    pub fn error(&self) -> &AttemptError {
        &self.error
    }
}

impl From<OptionError> for ConnectError {
    fn from(error: OptionError) -> Self {
        Self::new(ConnectErrorKind::Option(error), Vec::new())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.endpoint(), self.kind()) {
            (_, ConnectErrorKind::Endpoint(_)) => return f.write_str("no endpoint to connect to"),
            (Some(to), ConnectErrorKind::Option(_)) => {
                return write!(f, "cannot connect to {to} with these options");
            }
            (None, ConnectErrorKind::Option(_)) => {
                return f.write_str("cannot connect with these options");
            }
            (Some(to), ConnectErrorKind::TimedOut { after }) => {
                write!(f, "cannot connect to {to} within {after:?}: ")?;
            }
            (None, ConnectErrorKind::TimedOut { after }) => {
                write!(f, "cannot connect within {after:?}: ")?;
            }
            (Some(to), _) => write!(f, "cannot connect to {to}: ")?,
            (None, _) => {}
        }
        match self.kind() {
            ConnectErrorKind::Resolve(_) | ConnectErrorKind::NoAddress { family: None } => {
                f.write_str("no address found")
            }
            ConnectErrorKind::NoAddress { family: Some(family) } => {
                write!(f, "no {family} address found")
            }
            ConnectErrorKind::TimedOut { .. } if self.attempts().is_empty() => {
                f.write_str("the name is not resolved")
            }
            _ => self.fmt_attempts(f),
        }
    }
}

impl std::error::Error for ConnectError {
    /// What the text, the settings or the resolver is about. The reasons of attempts are not
    /// sources, since there may be several: they are displayed.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ConnectErrorKind::Endpoint(error) => Some(error),
            ConnectErrorKind::Option(error) => Some(error),
            ConnectErrorKind::Resolve(error) => Some(error),
            ConnectErrorKind::NoAddress { .. }
            | ConnectErrorKind::Failed
            | ConnectErrorKind::TimedOut { .. } => None,
        }
    }
}

impl fmt::Display for ConnectAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn attempt(addr: &str, error: AttemptError) -> ConnectAttempt {
        ConnectAttempt { address: addr.parse::<SocketAddr>().expect(addr).into(), error }
    }

    fn refused() -> AttemptError {
        AttemptError::Connect(io::ErrorKind::ConnectionRefused.into())
    }

    fn endpoint(text: &str) -> Endpoint {
        text.parse().expect(text)
    }

    #[test]
    fn every_attempt_is_on_the_one_line() {
        let attempts = || {
            vec![
                attempt("[::1]:9", refused()),
                attempt(
                    "192.0.2.1:9",
                    AttemptError::Local {
                        local: ([192, 0, 2, 2], 0).into(),
                        error: io::ErrorKind::AddrNotAvailable.into(),
                    },
                ),
                attempt("192.0.2.3:9", AttemptError::Socket(io::ErrorKind::Unsupported.into())),
                attempt("127.0.0.1:9", AttemptError::NoAnswer),
            ]
        };
        let line = "[::1]:9: connection refused; \
            192.0.2.1:9: from 192.0.2.2:0: address not available; \
            192.0.2.3:9: setting up the socket: unsupported; \
            127.0.0.1:9: no answer";
        let failed = ConnectError::new(ConnectErrorKind::Failed, attempts());
        assert_eq!(failed.to_string(), line);
        assert!(failed.endpoint().is_none());
        let failed = failed.to(endpoint("localhost:9"));
        assert_eq!(failed.to_string(), format!("cannot connect to localhost:9: {line}"));
        assert!(failed.source().is_none());

        let after = Duration::from_millis(1500);
        let timed_out = ConnectError::new(ConnectErrorKind::TimedOut { after }, attempts());
        assert_eq!(timed_out.to_string(), format!("cannot connect within 1.5s: {line}"));
        let timed_out = timed_out.to(endpoint("localhost:9"));
        assert_eq!(
            timed_out.to_string(),
            format!("cannot connect to localhost:9 within 1.5s: {line}")
        );
        assert!(timed_out.source().is_none());
    }

    #[test]
    fn an_endpoint_that_is_the_address_is_said_once() {
        let failed =
            ConnectError::new(ConnectErrorKind::Failed, vec![attempt("[::1]:9", refused())]);
        assert_eq!(failed.to_string(), "[::1]:9: connection refused");
        assert_eq!(
            failed.to(endpoint("[::1]:9")).to_string(),
            "cannot connect to [::1]:9: connection refused"
        );
    }

    /// `Display` and `source` each say their own part.
    #[test]
    fn causes_are_said_once() {
        let option = || OptionError::new("keep-alive count".to_owned(), "1 to 127".to_owned(), 0);
        let text = "nowhere".parse::<Endpoint>().expect_err("no port");
        let resolver = io::Error::other("no such host");
        let after = Duration::from_secs(30);
        for (kind, to, line, cause) in [
            (
                ConnectErrorKind::Endpoint(text),
                None,
                "no endpoint to connect to",
                Some("`nowhere`: needs HOST:PORT, :PORT or unix:PATH"),
            ),
            (
                ConnectErrorKind::Option(option()),
                Some("host:9"),
                "cannot connect to host:9 with these options",
                Some("keep-alive count: needs 1 to 127, 0 given"),
            ),
            (
                ConnectErrorKind::Option(option()),
                None,
                "cannot connect with these options",
                Some("keep-alive count: needs 1 to 127, 0 given"),
            ),
            (
                ConnectErrorKind::Resolve(resolver),
                Some("host:9"),
                "cannot connect to host:9: no address found",
                Some("no such host"),
            ),
            (ConnectErrorKind::NoAddress { family: None }, None, "no address found", None),
            (
                ConnectErrorKind::NoAddress { family: Some(Family::V6) },
                Some("host:9"),
                "cannot connect to host:9: no IPv6 address found",
                None,
            ),
            (
                ConnectErrorKind::TimedOut { after },
                Some("host:9"),
                "cannot connect to host:9 within 30s: the name is not resolved",
                None,
            ),
        ] {
            let mut error = ConnectError::new(kind, Vec::new());
            if let Some(to) = to {
                error = error.to(endpoint(to));
            }
            assert_eq!(error.to_string(), line);
            assert_eq!(error.source().map(ToString::to_string).as_deref(), cause, "{line}");
        }
    }
}

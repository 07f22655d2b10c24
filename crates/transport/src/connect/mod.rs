//! Connecting: by [`Connector`], and again by [`Backoff`].

mod attempts;
mod backoff;
mod error;
mod race;

use std::fmt;
use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream, ToSocketAddrs, lookup_host};
use tokio::time::Instant;

use crate::{Endpoint, OptionError, SocketOptions, Stream, ToEndpoint};
use attempts::{Attempts, by};
pub use backoff::{Backoff, Jitter};
pub use error::{AttemptError, ConnectAttempt, ConnectError, ConnectErrorKind};
use race::{Race, order};

/// Connects over TCP to the first of these addresses that answers, as a [`Connector`] with its
/// defaults does: within 30 seconds, and sending without delay (`TCP_NODELAY`).
///
/// A dropped future gives up.
///
/// # Errors
///
/// The name does not resolve, none of the addresses answers, or the time is up.
///
/// # Panics
///
/// There is no tokio runtime, or it has I/O or time disabled.
pub async fn connect(addr: impl ToSocketAddrs) -> Result<TcpStream, ConnectError> {
    let stream = Connector::new().connect_tcp(lookup_host(addr)).await?;
    Ok(stream.into_tcp().expect("a race is over TCP"))
}

/// Connects to an [`Endpoint`].
///
/// A name may have several addresses, of which some do not work from here, often those of IPv6.
/// They are tried as RFC 8305 ("Happy Eyeballs") says, and the first that connects is taken:
///
/// ```text
/// ms                0              250     290         380
/// [2001:db8::1]:80  |──────────────────────────────────── dropped
/// 192.0.2.1:80                     |───── refused
/// [2001:db8::2]:80                          |──────────── connected
/// ```
///
/// An attempt starts when the one before it has had its [`delay`](Self::attempt_delay), or at once
/// when that one has failed.
///
/// | RFC 8305 | here |
/// |---|---|
/// | 3, names: both families are asked for; Resolution Delay | does not apply: the system's resolver gives all addresses at once |
/// | 4, order | the system's resolver sorts (RFC 6724), then the families take turns; First Address Family Count is 1 |
/// | 5, attempts | a fixed Connection Attempt Delay |
/// | 6, answers that change; 7, NAT64 | left to the system |
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// use cwire_transport::{Connector, KeepAlive, SocketOptions, listen};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = listen("127.0.0.1:0").await?;
/// let addr = &listener.local_addrs()[0];
///
/// let connector = Connector::new()
///     .socket(SocketOptions::new().keep_alive(KeepAlive::new().idle(Duration::from_secs(60))))
///     .timeout(Duration::from_secs(5));
/// let stream = connector.connect(addr).await?;
/// assert_eq!(stream.peer(), addr);
///
/// # #[cfg(target_os = "linux")] {
/// let error = connector.connect("unix:/nowhere/feed.sock").await.unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "cannot connect to unix:/nowhere/feed.sock: No such file or directory (os error 2)"
/// );
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    socket: SocketOptions,
    local: Option<SocketAddr>,
    timeout: Option<Duration>,
    attempt_delay: Duration,
    family: Option<Family>,
}

/// RFC 8305, section 5: "a subsequent connection MUST NOT be started within 10 milliseconds of the
/// previous attempt".
const MIN_ATTEMPT_DELAY: Duration = Duration::from_millis(10);

/// Pause between two looks at whether a UNIX listener has room; the system tells nobody.
#[cfg(unix)]
const UNIX_RETRY: Duration = Duration::from_millis(10);

impl Default for Connector {
    fn default() -> Self {
        Self {
            socket: SocketOptions::default(),
            local: None,
            timeout: Some(Duration::from_secs(30)),
            attempt_delay: Duration::from_millis(250),
            family: None,
        }
    }
}

impl Connector {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Options of the TCP socket, set before it connects. Default: those of
    /// [`SocketOptions::new`].
    #[must_use]
    pub fn socket(mut self, options: SocketOptions) -> Self {
        self.socket = options;
        self
    }

    /// The address of this side, over TCP; port 0 is any that is free. It leaves only peers of its
    /// family. Default: the system chooses.
    ///
    /// A port that is given can be taken again at once after a connection from it has ended
    /// (`SO_REUSEADDR`), except on Windows.
    #[must_use]
    pub fn local(mut self, local: SocketAddr) -> Self {
        self.local = Some(local);
        self
    }

    /// Time for all of it: resolving the name and every attempt. `None` waits as long as the system
    /// does, which is minutes at worst, and without end for a UNIX listener that is busy. Default:
    /// 30 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Time that an attempt has before the next one starts beside it: the Connection Attempt Delay
    /// of RFC 8305. Default: 250 ms.
    ///
    /// The RFC forbids less than 10 ms, which [`check`](Self::check) refuses, and recommends 100 ms
    /// to 2 s. It is about attempts that are not answered: one that has failed is not waited for. A
    /// longer delay than [`timeout`](Self::timeout) leaves one attempt at a time.
    #[must_use]
    pub fn attempt_delay(mut self, delay: Duration) -> Self {
        self.attempt_delay = delay;
        self
    }

    /// The only family of addresses to try, over TCP. Default: both.
    #[must_use]
    pub fn family(mut self, family: impl Into<Option<Family>>) -> Self {
        self.family = family.into();
        self
    }

    /// Whether these settings can be had. Connecting checks it, too.
    ///
    /// # Errors
    ///
    /// The platform cannot do one of the [`SocketOptions`]; the attempt delay is too short; the
    /// local address is not of the family asked for.
    pub fn check(&self) -> Result<(), OptionError> {
        self.socket.check()?;
        if self.attempt_delay < MIN_ATTEMPT_DELAY {
            let needed = format!("at least {MIN_ATTEMPT_DELAY:?}");
            return Err(OptionError::new("attempt delay".to_owned(), needed, self.attempt_delay));
        }
        match (self.family, self.local) {
            (Some(family), Some(local)) if family != Family::of(local) => {
                let needed = format!("an {family} address");
                Err(OptionError::new("local address".to_owned(), needed, local))
            }
            _ => Ok(()),
        }
    }

    /// Connects.
    ///
    /// Over TCP, an endpoint without a host is this machine: `[::1]`, and `127.0.0.1`. Of a name
    /// with more than 64 addresses, 64 are tried. A UNIX socket whose listener is busy is waited
    /// for.
    ///
    /// Cancel safe: a dropped future gives up and closes its sockets. The system's resolver cannot
    /// be interrupted; it ends on a thread of the runtime, and its answer is dropped.
    ///
    /// # Errors
    ///
    /// The text names no endpoint, the settings do not pass the [`check`](Self::check), no address
    /// is found, no attempt succeeds, or the time is up. The error holds every attempt.
    ///
    /// # Panics
    ///
    /// There is no tokio runtime, or it has I/O or time disabled.
    pub async fn connect(&self, to: impl ToEndpoint) -> Result<Stream, ConnectError> {
        let endpoint = to
            .to_endpoint()
            .map_err(|error| ConnectError::new(ConnectErrorKind::Endpoint(error), Vec::new()))?;
        match self.connect_endpoint(&endpoint).await {
            Ok(stream) => Ok(stream),
            Err(error) => Err(error.to(endpoint)),
        }
    }

    async fn connect_endpoint(&self, endpoint: &Endpoint) -> Result<Stream, ConnectError> {
        self.check()?;
        match endpoint {
            Endpoint::Tcp { host: Some(host), port } => {
                self.connect_tcp(lookup_host((host.as_str(), *port))).await
            }
            // In the order of RFC 6724, whose policy table prefers ::1.
            Endpoint::Tcp { host: None, port } => {
                let addrs: [SocketAddr; 2] =
                    [(Ipv6Addr::LOCALHOST, *port).into(), (Ipv4Addr::LOCALHOST, *port).into()];
                self.connect_tcp(ready(Ok(addrs))).await
            }
            Endpoint::Unix(path) => self.connect_unix(path).await,
        }
    }

    async fn connect_tcp<A>(
        &self,
        resolve: impl Future<Output = io::Result<A>>,
    ) -> Result<Stream, ConnectError>
    where
        A: IntoIterator<Item = SocketAddr>,
    {
        let deadline = self.deadline();
        let addrs = match by(deadline, resolve).await {
            Some(Ok(addrs)) => addrs,
            Some(Err(error)) => {
                return Err(ConnectError::new(ConnectErrorKind::Resolve(error), Vec::new()));
            }
            None => return Err(self.timed_out(Vec::new())),
        };
        let family = self.family.or(self.local.map(Family::of));
        let addrs = order(addrs, family);
        if addrs.is_empty() {
            return Err(ConnectError::new(ConnectErrorKind::NoAddress { family }, Vec::new()));
        }
        let race = Race::new(addrs, self.attempt_delay);
        let mut attempts = Attempts::new(race, |addr| self.attempt(addr));
        let outcome = by(deadline, attempts.run()).await;
        match outcome {
            Some(Some(stream)) => Ok(stream),
            Some(None) => Err(ConnectError::new(ConnectErrorKind::Failed, attempts.finish())),
            None => Err(self.timed_out(attempts.finish())),
        }
    }

    async fn attempt(&self, addr: SocketAddr) -> Result<Stream, AttemptError> {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(AttemptError::Socket)?;
        self.socket.apply(&SockRef::from(&socket), addr.is_ipv6()).map_err(AttemptError::Socket)?;
        if let Some(local) = self.local {
            bind(&socket, local).map_err(|error| AttemptError::Local { local, error })?;
        }
        let stream = socket.connect(addr).await.map_err(AttemptError::Connect)?;
        let stream = Stream::try_from(stream).map_err(AttemptError::Connect)?;
        if stream.local() == stream.peer() {
            // A port of this machine at which nobody listens can become the port of this side; then
            // both ends open at the same time (RFC 9293, 3.5), and are one.
            let kind = io::ErrorKind::ConnectionRefused;
            let error = io::Error::new(kind, "nobody listens; the socket met itself");
            return Err(AttemptError::Connect(error));
        }
        Ok(stream)
    }

    #[cfg(unix)]
    async fn connect_unix(&self, path: &Path) -> Result<Stream, ConnectError> {
        let connected = by(self.deadline(), async {
            loop {
                match tokio::net::UnixStream::connect(path).await {
                    // connect(2): the listener's queue is full.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        tokio::time::sleep(UNIX_RETRY).await;
                    }
                    connected => return connected.and_then(Stream::try_from),
                }
            }
        });
        match connected.await {
            Some(Ok(stream)) => Ok(stream),
            Some(Err(error)) => Err(ConnectError::new(
                ConnectErrorKind::Failed,
                vec![unix_attempt(path, AttemptError::Connect(error))],
            )),
            None => Err(self.timed_out(vec![unix_attempt(path, AttemptError::NoAnswer)])),
        }
    }

    #[cfg(not(unix))]
    async fn connect_unix(&self, path: &Path) -> Result<Stream, ConnectError> {
        let error = io::Error::new(io::ErrorKind::Unsupported, "UNIX sockets need a UNIX system");
        let attempt = unix_attempt(path, AttemptError::Socket(error));
        Err(ConnectError::new(ConnectErrorKind::Failed, vec![attempt]))
    }

    /// `None` if there is none, or if it is beyond what the clock can say.
    fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout?)
    }

    fn timed_out(&self, attempts: Vec<ConnectAttempt>) -> ConnectError {
        let after = self.timeout.unwrap_or(Duration::MAX);
        ConnectError::new(ConnectErrorKind::TimedOut { after }, attempts)
    }
}

fn bind(socket: &TcpSocket, local: SocketAddr) -> io::Result<()> {
    // Elsewhere it would let two programs use one port.
    #[cfg(unix)]
    if local.port() != 0 {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(local)
}

fn unix_attempt(path: &Path, error: AttemptError) -> ConnectAttempt {
    ConnectAttempt { address: crate::Address::Unix(Some(path.to_owned())), error }
}

/// A family of IP addresses. Displays as `IPv4`, `IPv6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6, that is also an IPv4 address in the form `::ffff:192.0.2.1`.
    V6,
}

impl Family {
    fn of(addr: SocketAddr) -> Self {
        if addr.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_had_are_refused() {
        let local = ([127, 0, 0, 1], 0).into();
        for (connector, message) in [
            (
                Connector::new().attempt_delay(Duration::from_micros(9999)),
                "attempt delay: needs at least 10ms, 9.999ms given",
            ),
            (
                Connector::new().family(Family::V6).local(local),
                "local address: needs an IPv6 address, 127.0.0.1:0 given",
            ),
            (
                Connector::new()
                    .socket(SocketOptions::new().keep_alive(crate::KeepAlive::new().count(0))),
                "keep-alive count: needs 1 to 127, 0 given",
            ),
        ] {
            let error = connector.check().expect_err(message);
            assert_eq!(error.to_string(), message);
        }
        let connector = Connector::new().attempt_delay(Duration::from_millis(10));
        assert_eq!(connector.family(Family::V4).local(local).check(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_for_connecting_includes_the_resolver() {
        let began = Instant::now();
        let silent = std::future::pending::<io::Result<Vec<SocketAddr>>>;
        let error = Connector::new().connect_tcp(silent()).await.expect_err("no answer");
        assert_eq!(error.to_string(), "cannot connect within 30s: the name is not resolved");
        assert_eq!(began.elapsed(), Duration::from_secs(30));

        let patient = Connector::new().timeout(None);
        let patient = by(Some(began + Duration::from_secs(3600)), patient.connect_tcp(silent()));
        assert!(patient.await.is_none());
        let endless = Connector::new().timeout(Duration::MAX);
        let endless = by(Some(began + Duration::from_secs(7200)), endless.connect_tcp(silent()));
        assert!(endless.await.is_none());
    }
}

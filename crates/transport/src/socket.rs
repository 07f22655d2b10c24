//! Settings of a TCP socket.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// Settings of a TCP socket. On a UNIX socket they do nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    pub(crate) no_delay: bool,
    pub(crate) keep_alive: Option<KeepAlive>,
    pub(crate) tos: Option<u8>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self { no_delay: true, keep_alive: None, tos: None }
    }
}

impl SocketOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a small record leaves at once (`TCP_NODELAY`), and does not wait until the one
    /// before it is acknowledged. Default: yes.
    #[must_use]
    pub fn no_delay(mut self, no_delay: bool) -> Self {
        self.no_delay = no_delay;
        self
    }

    /// Whether the system asks a silent peer if it is still there (`SO_KEEPALIVE`). Default: no.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: impl Into<Option<KeepAlive>>) -> Self {
        self.keep_alive = keep_alive.into();
        self
    }

    /// Type of service (RFC 791), or traffic class of IPv6 (RFC 8200), of the packets sent: the
    /// upper six bits are the DSCP of RFC 2474. Default: the system's.
    #[must_use]
    pub fn tos(mut self, tos: u8) -> Self {
        self.tos = Some(tos);
        self
    }

    /// Whether the platform can do what is asked for.
    ///
    /// # Errors
    ///
    /// It cannot, or not exactly.
    pub fn check(&self) -> Result<(), OptionError> {
        self.keep_alive.as_ref().map_or(Ok(()), KeepAlive::check)
    }

    pub(crate) fn apply(&self, socket: &SockRef<'_>, ipv6: bool) -> io::Result<()> {
        socket.set_tcp_nodelay(self.no_delay)?;
        if let Some(keep_alive) = &self.keep_alive {
            keep_alive.apply(socket)?;
        }
        if let Some(tos) = self.tos {
            set_tos(socket, tos, ipv6)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn set_tos(socket: &SockRef<'_>, tos: u8, ipv6: bool) -> io::Result<()> {
    if ipv6 { socket.set_tclass_v6(u32::from(tos)) } else { socket.set_tos_v4(u32::from(tos)) }
}

#[cfg(not(unix))]
fn set_tos(socket: &SockRef<'_>, tos: u8, ipv6: bool) -> io::Result<()> {
    if ipv6 {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this platform sets no traffic class",
        ));
    }
    socket.set_tos_v4(u32::from(tos))
}

/// How the system asks a silent peer whether it is still there (RFC 1122, 4.2.3.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    idle: Option<Duration>,
    interval: Option<Duration>,
    count: Option<u32>,
}

impl KeepAlive {
    /// The system's times: on Linux two hours, then nine times every 75 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Silence before the first question; whole seconds.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    /// Time between two questions; whole seconds.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Questions without an answer after which the connection is broken.
    #[must_use]
    pub fn count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Whether the platform can do it exactly.
    pub(crate) fn check(&self) -> Result<(), OptionError> {
        for (name, time) in [("idle", self.idle), ("interval", self.interval)] {
            let Some(time) = time else { continue };
            let whole = time.subsec_nanos() == 0 && (1..=MAX_SECS).contains(&time.as_secs());
            if !whole {
                let needed = format!("whole seconds of 1 to {MAX_SECS}");
                return Err(OptionError::new(format!("keep-alive {name}"), needed, time));
            }
        }
        match self.count {
            Some(count) if !(1..=MAX_COUNT).contains(&count) => {
                let needed = format!("1 to {MAX_COUNT}");
                Err(OptionError::new("keep-alive count".to_owned(), needed, count))
            }
            Some(count) if !CAN_COUNT => {
                let needed = "the system's count on this platform".to_owned();
                Err(OptionError::new("keep-alive count".to_owned(), needed, count))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn apply(&self, socket: &SockRef<'_>) -> io::Result<()> {
        if self == &Self::default() {
            return socket.set_keepalive(true);
        }
        let mut keep_alive = TcpKeepalive::new();
        if let Some(idle) = self.idle {
            keep_alive = keep_alive.with_time(idle);
        }
        if let Some(interval) = self.interval {
            keep_alive = keep_alive.with_interval(interval);
        }
        #[cfg(unix)]
        if let Some(count) = self.count {
            keep_alive = keep_alive.with_retries(count);
        }
        socket.set_tcp_keepalive(&keep_alive)
    }
}

/// Linux: `MAX_TCP_KEEPIDLE` and `MAX_TCP_KEEPINTVL` of include/net/tcp.h.
const MAX_SECS: u64 = 32_767;

/// Linux: `MAX_TCP_KEEPCNT` of include/net/tcp.h.
const MAX_COUNT: u32 = 127;

const CAN_COUNT: bool = cfg!(unix);

/// A setting that cannot be had. Nothing is rounded to one that can.
///
/// Displays as `keep-alive idle: needs whole seconds of 1 to 32767, 1.5s given`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: needs {needed}, {given} given")]
pub struct OptionError {
    option: String,
    needed: String,
    given: String,
}

impl OptionError {
    pub(crate) fn new(option: String, needed: String, given: impl std::fmt::Debug) -> Self {
        Self { option, needed, given: format!("{given:?}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_alive_times_are_not_rounded() {
        let millis = Duration::from_millis;
        for (keep_alive, message) in [
            (
                KeepAlive::new().idle(millis(1500)),
                "keep-alive idle: needs whole seconds of 1 to 32767, 1.5s given",
            ),
            (
                KeepAlive::new().interval(Duration::ZERO),
                "keep-alive interval: needs whole seconds of 1 to 32767, 0ns given",
            ),
            (
                KeepAlive::new().idle(Duration::from_secs(32_768)),
                "keep-alive idle: needs whole seconds of 1 to 32767, 32768s given",
            ),
            (KeepAlive::new().count(128), "keep-alive count: needs 1 to 127, 128 given"),
            (KeepAlive::new().count(0), "keep-alive count: needs 1 to 127, 0 given"),
        ] {
            let error = keep_alive.check().expect_err(message);
            assert_eq!(error.to_string(), message);
        }
        let largest = KeepAlive::new().idle(Duration::from_secs(32_767)).count(127);
        assert_eq!(largest.check(), Ok(()));
    }
}

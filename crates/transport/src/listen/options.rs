//! Settings of sockets that listen.

use super::tcp::HAS_REUSE_PORT;
use crate::{OptionError, SocketOptions};

/// How to listen, and how the connections that are accepted are set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    pub(super) backlog: u32,
    pub(super) reuse_port: bool,
    pub(super) only_ipv6: bool,
    pub(super) unix_permissions: Option<u32>,
    pub(super) socket: SocketOptions,
}

impl Default for ListenOptions {
    fn default() -> Self {
        Self {
            backlog: 1024,
            reuse_port: false,
            only_ipv6: true,
            unix_permissions: None,
            socket: SocketOptions::default(),
        }
    }
}

impl ListenOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connections that wait to be accepted, per socket, before the system turns others away.
    /// Default: 1024.
    ///
    /// The system may have a lower limit: on Linux `net.core.somaxconn`, see listen(2).
    #[must_use]
    pub fn backlog(mut self, connections: u32) -> Self {
        self.backlog = connections;
        self
    }

    /// Whether other sockets of the same user that say so too may listen on the same TCP port
    /// (`SO_REUSEPORT`). Linux hands each connection to one of them. Default: no.
    #[must_use]
    pub fn reuse_port(mut self, reuse_port: bool) -> Self {
        self.reuse_port = reuse_port;
        self
    }

    /// Whether an IPv6 address stands for IPv6 alone (`IPV6_V6ONLY`, RFC 3493, 5.3). Default: yes,
    /// so that `0.0.0.0` and `[::]` can share a port.
    ///
    /// Otherwise `[::]` takes IPv4 connections too, and so does an endpoint that names no host: one
    /// socket listens, not two, and the addresses of IPv4 peers read `[::ffff:192.0.2.1]:50000`.
    #[must_use]
    pub fn only_ipv6(mut self, only_ipv6: bool) -> Self {
        self.only_ipv6 = only_ipv6;
        self
    }

    /// Permissions of the files of UNIX sockets, as those of chmod(2). Default: what the umask
    /// leaves.
    ///
    /// On Linux, whoever may write to the file may connect (unix(7)); the umask mostly leaves that
    /// to the owner. No connection is possible before the permissions are set.
    #[must_use]
    pub fn unix_permissions(mut self, mode: u32) -> Self {
        self.unix_permissions = Some(mode);
        self
    }

    /// Settings of every TCP connection that is accepted. Default: those of [`SocketOptions`].
    #[must_use]
    pub fn socket(mut self, options: SocketOptions) -> Self {
        self.socket = options;
        self
    }

    /// Whether the platform can do what is asked for.
    ///
    /// # Errors
    ///
    /// It cannot, or not exactly.
    pub fn check(&self) -> Result<(), OptionError> {
        if self.reuse_port && !HAS_REUSE_PORT {
            let needed = "a platform with SO_REUSEPORT".to_owned();
            return Err(OptionError::new("reuse port".to_owned(), needed, true));
        }
        if let Some(mode) = self.unix_permissions.filter(|mode| *mode > 0o777) {
            let given = format_args!("{mode:#o}");
            let needed = "0o0 to 0o777".to_owned();
            return Err(OptionError::new("permissions of UNIX sockets".to_owned(), needed, given));
        }
        self.socket.check()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::KeepAlive;

    #[test]
    fn what_cannot_be_had_is_an_error() {
        let message = |options: ListenOptions| options.check().expect_err("no such").to_string();
        assert_eq!(
            message(ListenOptions::new().unix_permissions(0o1000)),
            "permissions of UNIX sockets: needs 0o0 to 0o777, 0o1000 given"
        );
        let keep_alive = KeepAlive::new().idle(Duration::ZERO);
        assert_eq!(
            message(ListenOptions::new().socket(SocketOptions::new().keep_alive(keep_alive))),
            "keep-alive idle: needs whole seconds of 1 to 32767, 0ns given"
        );
        let reuse_port = ListenOptions::new().reuse_port(true);
        if HAS_REUSE_PORT {
            assert_eq!(reuse_port.check(), Ok(()));
        } else {
            assert_eq!(
                message(reuse_port),
                "reuse port: needs a platform with SO_REUSEPORT, true given"
            );
        }
    }
}

//! Flags that say which part of a capture counts.

use std::net::IpAddr;

use crate::capture::Settings;

/// Which streams of a capture are looked at.
#[derive(clap::Args)]
#[command(next_help_heading = "Captures")]
pub(crate) struct Captured {
    /// Only streams and datagrams with this port on either side; may be repeated. Where no SYN was
    /// captured, the side with this port is the server.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Vec<u16>,
    /// Only streams and datagrams with this address on either side; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Vec<IpAddr>,
    /// Only the TCP connections of these numbers, as `cwire streams` shows them, and no datagrams.
    #[arg(long, value_name = "STREAM")]
    pub(crate) follow: Vec<u64>,
    /// Leave out packets with wrong checksums. Those captured where they are sent have them all the
    /// time: the network adapter fills them in later.
    #[arg(long)]
    pub(crate) verify_checksums: bool,
}

impl Captured {
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            ports: self.port.clone(),
            hosts: self.host.clone(),
            follow: self.follow.clone(),
            verifies_checksums: self.verify_checksums,
        }
    }

    /// Whether some flag is there.
    pub(crate) fn is_given(&self) -> bool {
        !self.port.is_empty()
            || !self.host.is_empty()
            || !self.follow.is_empty()
            || self.verify_checksums
    }
}

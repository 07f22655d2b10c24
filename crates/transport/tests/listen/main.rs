//! Listening: endpoints, options, sockets that were opened elsewhere, running out of descriptors,
//! and who may connect. Everything is on loopback.

mod access;
#[cfg(target_os = "linux")]
mod activation;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod descriptors;
mod tcp;
#[cfg(unix)]
mod unix;

use std::error::Error;
use std::net::SocketAddr;

use cwire_transport::{Address, Listener};

/// The address of a socket that listens over TCP.
fn addr_of(listener: &Listener, index: usize) -> SocketAddr {
    listener.local_addrs().get(index).and_then(Address::tcp).expect("a TCP address")
}

/// An error and what is behind it.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// What `ss` says of the sockets that listen and match: their columns, in one line each.
#[cfg(target_os = "linux")]
fn ss(args: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut ss = cwire_tests::tool("ss")?;
    let output = cwire_tests::run(ss.args(["--no-header", "--listening", "--numeric"]).args(args));
    let text = String::from_utf8(output.stdout).expect("ss prints text");
    Some(text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect())
}

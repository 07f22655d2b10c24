//! Makes captures and says what a reader has to find in them.

pub(crate) mod capture;
pub(crate) mod expect;
pub(crate) mod handshake;
pub(crate) mod links;
pub(crate) mod network;
pub(crate) mod pcap;
pub(crate) mod pcapng;
pub(crate) mod tcp;
pub(crate) mod tunnels;
pub(crate) mod wire;

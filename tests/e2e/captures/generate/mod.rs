//! Makes captures and says what a reader has to find in them.

pub(crate) mod expect;
pub(crate) mod links;
pub(crate) mod pcap;
pub(crate) mod tcp;
pub(crate) mod wire;

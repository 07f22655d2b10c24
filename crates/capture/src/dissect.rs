//! What packets hold, from the link layer to TCP and UDP.

use std::net::SocketAddr;

/// A TCP segment, its payload in the packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Sender, of the innermost addresses.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Sequence number of the SYN if there is one, else of the first byte of the payload.
    pub seq: u32,
    /// Acknowledgement number, if the ACK bit is set.
    pub ack: Option<u32>,
    /// SYN bit.
    pub is_syn: bool,
    /// FIN bit.
    pub is_fin: bool,
    /// RST bit.
    pub is_rst: bool,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes that the payload had beyond those that were captured.
    pub missing: u32,
}

/// A UDP datagram, its payload in the packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Sender, of the innermost addresses.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// Bytes that the payload had beyond those that were captured.
    pub missing: u32,
}

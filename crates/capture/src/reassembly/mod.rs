//! Puts the segments of TCP connections into order.
//!
//! A *stream* is the ordered bytes of one direction of a connection: all payload that was captured, in
//! the order of its sequence numbers. Segments come in any order, more than once, cut differently, and
//! some not at all:
//!
//! ```text
//! captured     [5..9) "efgh"   [1..5) "abcd"   [3..7) "cdXf"      [13..15) "mn"
//! stream                       abcdefgh        (d differs: first        gap of 4, then mn
//!                                               arrival counts)
//! ```
//!
//! Acknowledgements, windows, checksums and RST do not decide what was received: what a capture holds was
//! on the wire. A [`Reassembler`] does no I/O and reads no clock: the time is that of the segments.
//!
//! # Where a stream begins
//!
//! Behind the SYN (RFC 9293 §3.4), whose own payload counts (RFC 7413). Without a SYN it begins at the
//! lowest sequence number, which may not be the first to come: its bytes are held until it is known that
//! nothing comes before them.
//!
//! # Gaps
//!
//! Bytes behind a hole are held, since what fills it may come late, even behind its acknowledgement. The
//! hole becomes a gap at the end of the capture or connection, when more is held than the
//! [limits](Limits) allow, or, for live captures, when [`Limits::patience`] is over.
//!
//! # Limits
//!
//! What is held is bounded over all streams and for each, with an allowance for each piece, so that many
//! small ones count for what they cost. Repeated bytes are compared with those that are held and with the
//! last [`RECENT`] bytes of each stream, as far as [`RECENT_IN_ALL`] reaches.
//!
//! # Example
//!
//! ```
//! use cwire_capture::Arrival;
//! use cwire_capture::dissect::Segment;
//! use cwire_capture::reassembly::{Event, Limits, Reassembler};
//!
//! let [src, dst] = ["10.0.0.1:40000", "10.0.0.2:80"].map(|it| it.parse().unwrap());
//! let segment = |seq: u32, payload: &'static [u8]| Segment {
//!     src,
//!     dst,
//!     seq,
//!     ack: None,
//!     is_syn: false,
//!     is_fin: false,
//!     is_rst: false,
//!     payload,
//!     missing: 0,
//! };
//! let mut stream = Vec::new();
//! let mut take = |event: Event<'_>| {
//!     if let Event::Data { bytes, .. } = event {
//!         stream.extend_from_slice(bytes);
//!     }
//! };
//! let mut reassembler = Reassembler::new(Limits::default());
//! reassembler.segment(&segment(1003, b"lo"), Arrival::default(), &mut take);
//! reassembler.segment(&segment(1000, b"hel"), Arrival::default(), &mut take);
//! reassembler.finish(&mut take);
//! assert_eq!(stream, b"hello");
//! ```

mod connection;
mod datagrams;
mod direction;
mod held;
mod recent;
mod table;

use std::net::SocketAddr;
use std::time::Duration;

pub use datagrams::{Datagrams, MAX_PAIRS};
pub use recent::{RECENT, RECENT_IN_ALL};
pub use table::Reassembler;

use crate::time::Arrival;

/// How much is held, for how long, and who is the server.
#[derive(Clone, Debug)]
pub struct Limits {
    held: usize,
    held_per_direction: usize,
    connections: usize,
    idle: Duration,
    idle_closed: Duration,
    patience: Option<Duration>,
    server_ports: Vec<u16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            held: 64 << 20,
            held_per_direction: 4 << 20,
            connections: 1 << 20,
            idle: Duration::from_secs(3600),
            idle_closed: Duration::from_secs(240),
            patience: None,
            server_ports: Vec::new(),
        }
    }
}

impl Limits {
    /// Most bytes that are held for reassembly over all streams: 64 MiB. When there are more, the stream
    /// that has waited longest goes on without what it lacks.
    #[must_use]
    pub fn held(mut self, bytes: usize) -> Self {
        self.held = bytes;
        self
    }

    /// What a [`Reassembler`] holds at most.
    pub(crate) fn most_held(&self) -> usize {
        self.held
    }

    /// The same for each direction of a connection: 4 MiB.
    #[must_use]
    pub fn held_per_direction(mut self, bytes: usize) -> Self {
        self.held_per_direction = bytes;
        self
    }

    /// Most connections that are known at a time: 1,048,576, at least 1. When there are more, those that
    /// were silent for longest are ended.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How long a connection may be silent, by the time of the capture, before it is ended: 1 hour, and
    /// 4 minutes (twice the maximum segment lifetime of RFC 9293 §3.4.1) when both sides have closed it.
    /// What comes after begins another.
    #[must_use]
    pub fn idle(mut self, open: Duration, closed: Duration) -> Self {
        (self.idle, self.idle_closed) = (open, closed);
        self
    }

    /// How long a stream waits, by the time of the capture, for bytes before its first and for bytes that
    /// the receiver has acknowledged. Without end by default, which is right for captures that are whole;
    /// who looks at a live one rather goes on.
    #[must_use]
    pub fn patience(mut self, patience: Option<Duration>) -> Self {
        self.patience = patience;
        self
    }

    /// Ports of servers: where no SYN was captured, the side that has one is the server. Where that does
    /// not tell, the side of the lower port is.
    #[must_use]
    pub fn server_ports(mut self, ports: &[u16]) -> Self {
        self.server_ports = ports.to_vec();
        self
    }
}

/// One direction of a connection, or of two ends that send each other datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Number of the connection, from 0, in the order of their first segments. Those of datagrams count
    /// on their own.
    pub stream: u64,
    /// 0 for the direction that appeared first in the connection, 1 for the other.
    pub direction: usize,
    /// Who sends.
    pub src: SocketAddr,
    /// Who receives.
    pub dst: SocketAddr,
    /// Whether the client sends: who sent the SYN, else as [`Limits::server_ports`] says. It does not
    /// change any more when bytes of the connection have been handed on.
    pub is_client: bool,
}

impl Flow {
    /// The direction of the first of two ends that was heard, and whether that is the client's.
    fn first(stream: u64, src: SocketAddr, dst: SocketAddr, is_client: bool) -> Self {
        Self { stream, direction: 0, src, dst, is_client }
    }

    /// The other direction.
    fn back(self) -> Self {
        let Self { stream, src, dst, is_client, .. } = self;
        Self { stream, direction: 1, src: dst, dst: src, is_client: !is_client }
    }
}

/// Whether who sends is the client, by the ports alone: those of servers, else the higher is the client's.
fn is_client(src: SocketAddr, dst: SocketAddr, server_ports: &[u16]) -> bool {
    let (src, dst) = (src.port(), dst.port());
    match (server_ports.contains(&src), server_ports.contains(&dst)) {
        (false, true) => true,
        (true, false) => false,
        _ => src >= dst,
    }
}

/// What comes of segments. Offsets are bytes from the start of the stream, those of gaps included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A direction appears.
    Begin(&'a Flow),
    /// The bytes that follow in a stream; at least one.
    Data {
        /// Which stream.
        flow: &'a Flow,
        /// They.
        bytes: &'a [u8],
        /// The segment that brought them first.
        arrival: Arrival,
    },
    /// So many bytes are missing here.
    Gap {
        /// Which stream.
        flow: &'a Flow,
        /// At least 1.
        missing: u64,
    },
    /// Bytes that had come before came again, and some were others.
    Differs {
        /// Which stream.
        flow: &'a Flow,
        /// Offset of the first that differs.
        offset: u64,
        /// How many differ.
        count: u64,
        /// The segment that brought the later ones.
        arrival: Arrival,
    },
    /// Bytes came that would have filled a gap, or would have come before the first, after the stream had
    /// gone on.
    Late {
        /// Which stream.
        flow: &'a Flow,
        /// How many.
        count: u64,
        /// The segment that brought them.
        arrival: Arrival,
    },
    /// A stream has ended: nothing of it follows.
    End(&'a Flow),
}

impl<'a> Event<'a> {
    /// The stream that it is of.
    #[must_use]
    pub fn flow(&self) -> &'a Flow {
        match self {
            Self::Begin(flow) | Self::End(flow) => flow,
            Self::Data { flow, .. }
            | Self::Gap { flow, .. }
            | Self::Differs { flow, .. }
            | Self::Late { flow, .. } => flow,
        }
    }
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    limits: Limits,
    /// Bytes held, with what holding them costs.
    held: usize,
    /// Bytes that are kept to be compared.
    recent: usize,
}

#[cfg(test)]
mod tests;

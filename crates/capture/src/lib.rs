//! Turns captured packets into the ordered bytes of each TCP direction, and into UDP datagrams.
//!
//! ```text
//! pcap, pcapng --file--> packets --dissect--> TCP segments --reassembly--> stream bytes, gaps
//!                                        `--> UDP datagrams
//! ```
//!
//! Nothing here does I/O or reads a clock: the caller brings bytes, and times are those of the packets.

#![warn(missing_docs)]

pub mod dissect;
pub mod file;
#[doc(hidden)]
pub mod fuzz;
pub mod reassembly;
mod time;
pub mod write;

pub use time::{Arrival, Timestamp};

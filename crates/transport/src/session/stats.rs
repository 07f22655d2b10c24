//! What a session has done so far.

use std::ops::AddAssign;

/// A number of records and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Records.
    pub records: u64,
    /// Bytes, framing included.
    pub bytes: u64,
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// Counters of one session, or of many.
///
/// No record goes without a trace: `accepted` is the sum of `sent`, `dropped`, `unsent` and
/// `queued`, in records at any time. In bytes it is, too, but for the part of a record that was
/// written before the connection broke.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records received, and all bytes received, be they records or not.
    pub received: Amount,
    /// What was taken for sending.
    pub accepted: Amount,
    /// What the system has taken: records in whole, and bytes. Of a connection that is reset, it is
    /// unknown how much of it the peer got.
    pub sent: Amount,
    /// What was given up because the peer reads too slowly, as [`Slow`](crate::Slow) says.
    pub dropped: Amount,
    /// What was still unsent when the session ended.
    pub unsent: Amount,
    /// What waits to be sent.
    pub queued: Amount,
    /// Sessions that an error ended, or a panic of their task. Records that do not decode are none.
    pub errors: u64,
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.received += other.received;
        self.accepted += other.accepted;
        self.sent += other.sent;
        self.dropped += other.dropped;
        self.unsent += other.unsent;
        self.queued += other.queued;
        self.errors += other.errors;
    }
}

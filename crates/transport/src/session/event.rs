//! What happens on a session.

use std::fmt;

use super::stats::Amount;

/// What happens on a session, in the order in which it happens.
///
/// ```text
/// Connected -> Ready -> ( Record | Idle | Drained | Finished | Error )* -> Closed
/// ```
///
/// `T` is what the codec makes of a frame, `E` its error.
#[non_exhaustive]
#[derive(Debug)]
pub enum Event<T, E> {
    /// There is a connection. Both addresses are known.
    Connected,
    /// Records can be exchanged: with TLS, the handshake is done. What was sent before waited.
    Ready,
    /// A frame, as the codec hands it out.
    Record(T),
    /// The peer has finished: nothing more comes from it, and all of it was handed out. Unless the
    /// session is [half-open](crate::SessionOptions::half_open), it finishes too.
    Finished,
    /// Nothing moved for the time that [`SessionOptions`](crate::SessionOptions) name. It is said
    /// once, until something moves again; with [`OnIdle::Ping`](crate::OnIdle), before every ping.
    Idle(Idle),
    /// The queue was full, and is drained to its low mark.
    Drained,
    /// Something failed. The session closes: what the codec cannot read ends it in order, what the
    /// system refuses at once.
    Error(E),
    /// The session is over. The last event.
    Closed(Closed),
}

/// What did not move for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// No byte arrived.
    Read,
    /// No byte was sent.
    Write,
    /// Neither.
    Both,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Why.
    pub reason: CloseReason,
    /// Whether an [`Event::Error`] came before.
    pub after_error: bool,
    /// What was taken for sending and never handed to the system in whole. A record that was
    /// written in part counts, with the bytes that were not.
    pub unsent: Amount,
}

/// Why a session ended: what came first.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// This side finished, closed or reset the connection first.
    ByUs,
    /// The peer finished first.
    ByPeer,
    /// The connection broke: the peer reset it, or the system gave it up.
    Reset,
    /// Nothing moved for too long.
    Idle,
    /// The peer sent what the codec cannot read, or no TLS.
    Protocol,
    /// A limit was exceeded: the peer reads too slowly for a hub that disconnects such, or took
    /// longer for one record or for the TLS handshake than it may.
    Limit,
    /// The server shut down.
    Shutdown,
}

impl CloseReason {
    /// All reasons, for tables of counters.
    pub const ALL: [Self; 7] = [
        Self::ByUs,
        Self::ByPeer,
        Self::Reset,
        Self::Idle,
        Self::Protocol,
        Self::Limit,
        Self::Shutdown,
    ];

    /// One word, as it stands in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ByUs => "by_us",
            Self::ByPeer => "by_peer",
            Self::Reset => "reset",
            Self::Idle => "idle",
            Self::Protocol => "protocol",
            Self::Limit => "limit",
            Self::Shutdown => "shutdown",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByUs => "closed by this side",
            Self::ByPeer => "closed by the peer",
            Self::Reset => "the connection broke",
            Self::Idle => "idle for too long",
            Self::Protocol => "the peer broke the protocol",
            Self::Limit => "a limit was exceeded",
            Self::Shutdown => "the server shut down",
        })
    }
}

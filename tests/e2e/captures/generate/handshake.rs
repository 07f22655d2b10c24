//! How connections begin and end, as far as it was captured.

use super::tcp::Talk;
use super::wire::{ACK, FIN, PSH, RST, SYN};

/// The beginning of a connection. Side 0 is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handshake {
    Normal,
    /// The first packet was not captured.
    WithoutSyn,
    /// Nor was the second.
    WithoutSynAck,
    None,
    /// The SYN has data (TCP Fast Open, RFC 7413).
    WithData,
    /// Both sides send a SYN (RFC 9293 §3.5).
    Simultaneous,
    /// The server answers with a SYN of its own, and the client acknowledges that.
    Split4,
    /// The server acknowledges first.
    Split5,
    /// SYN and SYN+ACK are captured twice.
    Repeated,
    /// Captured behind the first data.
    Late,
}

impl Handshake {
    pub(crate) const ALL: [Self; 10] = [
        Self::Normal,
        Self::WithoutSyn,
        Self::WithoutSynAck,
        Self::None,
        Self::WithData,
        Self::Simultaneous,
        Self::Split4,
        Self::Split5,
        Self::Repeated,
        Self::Late,
    ];

    /// Sends what comes before the data; of [`Late`](Self::Late) that is nothing.
    pub(crate) fn open(self, talk: &mut Talk) {
        match self {
            Self::None | Self::Late => {}
            Self::Normal => {
                talk.syn(0, SYN, &[]);
                talk.syn(1, SYN | ACK, &[]);
                talk.send(0, ACK, 0, &[]);
            }
            Self::WithoutSyn => {
                talk.syn(1, SYN | ACK, &[]);
                talk.send(0, ACK, 0, &[]);
            }
            Self::WithoutSynAck => {
                talk.syn(0, SYN, &[]);
                talk.send(0, ACK, 0, &[]);
            }
            Self::WithData => {
                talk.syn(0, SYN, b"early");
                talk.syn(1, SYN | ACK, &[]);
            }
            Self::Simultaneous => {
                talk.syn(0, SYN, &[]);
                talk.syn(1, SYN, &[]);
                talk.syn(0, SYN | ACK, &[]);
                talk.syn(1, SYN | ACK, &[]);
            }
            Self::Split4 | Self::Split5 => {
                talk.syn(0, SYN, &[]);
                if self == Self::Split5 {
                    // Its number is nobody's yet.
                    talk.stray(1, ACK, &[]);
                }
                talk.syn(1, SYN, &[]);
                talk.syn(0, SYN | ACK, &[]);
                talk.send(1, ACK, 0, &[]);
            }
            Self::Repeated => {
                talk.syn(0, SYN, &[]);
                talk.syn(0, SYN, &[]);
                talk.syn(1, SYN | ACK, &[]);
                talk.syn(1, SYN | ACK, &[]);
                talk.send(0, ACK, 0, &[]);
            }
        }
    }

    /// Bytes that the client has sent before the data.
    pub(crate) fn early(self) -> &'static [u8] {
        if self == Self::WithData { b"early" } else { b"" }
    }
}

/// The end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Fin,
    Rst,
    /// With a reason in words (RFC 9293 §3.5.3), which are no data.
    RstWithText,
    /// The FIN of the client is captured before its last data.
    EarlyFin,
    /// The client goes on behind its FIN.
    DataAfterFin,
    /// It goes on behind the end of the capture.
    None,
}

impl Ending {
    pub(crate) const ALL: [Self; 6] =
        [Self::Fin, Self::Rst, Self::RstWithText, Self::EarlyFin, Self::DataAfterFin, Self::None];

    /// Sends what comes behind the data; the sides have sent so many bytes.
    pub(crate) fn close(self, talk: &mut Talk, sent: [u64; 2]) {
        match self {
            Self::None => {}
            Self::Fin | Self::EarlyFin => {
                talk.send(0, FIN | ACK, sent[0], &[]);
                talk.send(1, FIN | ACK, sent[1], &[]);
                talk.send(0, ACK, sent[0] + 1, &[]);
            }
            Self::Rst => talk.stray(1, RST, &[]),
            Self::RstWithText => talk.stray(1, RST | ACK, b"go away"),
            Self::DataAfterFin => {
                talk.send(0, FIN | ACK, sent[0], &[]);
                talk.send(1, FIN | ACK, sent[1], &[]);
                talk.send(0, PSH | ACK, sent[0], b"one more thing");
            }
        }
    }
}

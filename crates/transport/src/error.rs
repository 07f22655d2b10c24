//! Why nothing more is received, or something was not sent.

use std::io;

use cwire_codec::frame::{EnframeError, FrameError, RecordError};

/// Why a stream gave no frame or record.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Reading failed. Nothing more comes from this stream.
    #[error("reading from the peer failed")]
    Io(#[from] io::Error),
    /// The peer closed its side inside a frame; all frames before it were handed out.
    #[error("peer closed {left} bytes into a record of {needed}, at offset {offset:#x}")]
    Ended {
        /// Bytes from the start of the stream to the start of the frame.
        offset: u64,
        /// Stray bytes: those of the frame that came.
        left: usize,
        /// Bytes of the whole frame; of its head, if the stream ends inside that.
        needed: usize,
    },
    /// The next frame boundary cannot be known. Nothing more comes from this stream.
    #[error("peer sent a malformed stream")]
    Frame(#[source] FrameError),
    /// A record does not decode. The next one follows.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl ReceiveError {
    /// Whether nothing comes after this: so for all but a single record that does not decode.
    #[must_use]
    pub fn ends_stream(&self) -> bool {
        !matches!(self, Self::Record(_))
    }
}

impl From<FrameError> for ReceiveError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Ended { offset, left, needed } => Self::Ended { offset, left, needed },
            error => Self::Frame(error),
        }
    }
}

/// Why a frame or record was not sent.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Writing failed. How much of what was written before reached the peer is unknown.
    #[error("writing to the peer failed")]
    Io(#[from] io::Error),
    /// The item makes no frame. Nothing of it is sent, and the stream goes on.
    #[error(transparent)]
    Frame(#[from] EnframeError),
}

//! Cuts a byte stream into frames, and joins frames into a stream.
//!
//! A *frame* is the bytes of exactly one message. TCP keeps bytes in order but not message
//! boundaries, so a read may end inside a frame, or after three and a half of them. A [`Deframe`]
//! hides that; here [`LengthPrefixed`] with a head of 4 bytes:
//!
//! ```text
//! read    | 01 00 07 | 00 aa bb cc 02 00 05 00 | dd 03        |
//! frame   | 01 00  07 00  aa bb cc | 02 00  05 00  dd | 03 ...
//!           type   length body       type   length body
//! ```
//!
//! | boundaries | type | a frame is |
//! |---|---|---|
//! | none | [`Plain`] | what has arrived |
//! | a size known to both sides | [`Chunks`] | that many bytes |
//! | the same, of a C record | [`FixedRecords`] | a decoded record, or why it is none |
//! | a length in a head | [`LengthPrefixed`] | head and body, or the body alone |
//! | a delimiter | [`Delimited`] | the bytes before it |
//! | a line break | [`Lines`] | text, or why it is none |
//! | what a protocol file says | `protocol` (feature `protocol`) | a message of one of its kinds |
//!
//! Nothing here does I/O or reads a clock: the caller appends to a buffer and asks for the next
//! frame. Sockets and captures drive the same code.
//!
//! # Limits
//!
//! Lengths come from the peer. A frame longer than its limit ([`MAX_FRAME_LEN`] unless set) is an
//! error as soon as that is known. No memory is reserved for an announced length, only for
//! [`RESERVE_STEP`] bytes at a time, and never more than one frame is waited for.
//!
//! # Example
//!
//! ```
//! use bytes::BytesMut;
//! use cwire_codec::frame::{Deframe, Head, LengthPrefixed};
//!
//! let head = Head::new(4).length_at(2).max_frame_len(1024);
//! let mut deframer = LengthPrefixed::new(head);
//! let mut buf = BytesMut::from(&b"\x01\x00\x05\x00A\x02\x00"[..]);
//!
//! assert_eq!(deframer.next_frame(&mut buf)?.as_deref(), Some(&b"\x01\x00\x05\x00A"[..]));
//! assert_eq!(deframer.next_frame(&mut buf)?, None); // half of the next head remains
//! # Ok::<(), cwire_codec::frame::FrameError>(())
//! ```

mod chunks;
mod delimited;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod head;
mod length_prefixed;
mod lines;
mod plain;
#[cfg(feature = "protocol")]
pub mod protocol;
mod records;

pub use chunks::Chunks;
pub use delimited::Delimited;
pub use error::{EnframeError, FrameError};
pub use head::{Head, HeadError};
pub use length_prefixed::LengthPrefixed;
pub use lines::{InvalidText, Lines};
pub use plain::Plain;
pub use records::{FixedRecords, RecordError};

use bytes::BytesMut;

/// Longest frame that is waited for, in bytes, unless another limit is set: 16 MiB.
pub const MAX_FRAME_LEN: usize = 16 << 20;

/// Most bytes reserved ahead of their arrival: 64 KiB.
pub const RESERVE_STEP: usize = 64 << 10;

/// Takes frames off the front of a stream.
///
/// A deframer remembers where in the stream it is, so it serves one stream, and what it is given
/// of that stream is only ever appended to.
pub trait Deframe {
    /// What one frame is handed out as.
    type Frame;

    /// Takes the next whole frame off the front of `buf`.
    ///
    /// `Ok(None)` means that `buf` holds no whole frame yet: append bytes and ask again.
    ///
    /// # Errors
    ///
    /// The next frame boundary cannot be known, so the stream cannot be resumed: asking again
    /// gives the same error. What is wrong inside a frame is part of [`Frame`](Self::Frame), since
    /// the boundary behind it is known.
    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError>;

    /// Takes the next frame off the front of `buf` when the stream has ended.
    ///
    /// `Ok(None)` means that the stream ended between two frames and that all were handed out. Ask
    /// until then.
    ///
    /// # Errors
    ///
    /// As for [`next_frame`](Self::next_frame), and [`FrameError::Ended`] or
    /// [`FrameError::Unterminated`] if the stream ends inside a frame. The bytes of the broken
    /// frame stay in `buf`.
    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError>;
}

/// Appends frames to a stream.
pub trait Enframe<Item> {
    /// Appends one frame to `buf`.
    ///
    /// # Errors
    ///
    /// The item makes no frame that the other side would take off again unchanged. `buf` is then
    /// as it was.
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError>;
}

#[cfg(test)]
mod tests;

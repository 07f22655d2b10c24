//! Protocols as a framing of streams.

use bytes::{Buf, Bytes, BytesMut};

use super::conversation::{Conversation, Step};
use super::file::Side;
use super::message::{Message, Part, Parts};
use super::rule::{Head, Protocol};
use super::trouble::Trouble;
use crate::frame::{Deframe, FrameError, RESERVE_STEP};
use crate::plan::Plan;

/// One direction of a connection, cut up as a protocol file says.
///
/// A framer serves one direction on its own. Where one direction recalls what the other has said, both
/// have to share a [`Conversation`], which is asked directly.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::expr::NoNames;
/// use cwire_codec::frame::Deframe;
/// use cwire_codec::frame::protocol::{ProtocolFile, ProtocolFrame, ProtocolFramer};
/// use cwire_codec::plan::PlanOptions;
/// use cwire_layout::Types;
/// use cwire_layout::abi::Abi;
///
/// let file = ProtocolFile::parse("feed.toml", "[[message]]\nlength = 'u8(0) + 1'")?;
/// let types = Types::new(Abi::X86_64_LINUX);
/// let protocol = file.compile(&types, &mut NoNames, &PlanOptions::default())?;
///
/// let mut framer = ProtocolFramer::new(&protocol, None);
/// let mut buf = BytesMut::from(&b"\x02ab\x01"[..]);
/// let Some(ProtocolFrame::Message(message)) = framer.next_frame(&mut buf)? else { panic!() };
/// assert_eq!(message.bytes(), &b"\x02ab"[..]);
/// assert!(framer.next_frame(&mut buf)?.is_none()); // half of the next message remains
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ProtocolFramer {
    protocol: Protocol,
    conversation: Conversation,
    side: Option<Side>,
    /// Bytes of the stream taken so far.
    offset: u64,
    /// Whether the stream cannot be resumed, and why.
    error: Option<FrameError>,
}

/// What a [`ProtocolFramer`] takes off a stream. Offsets are bytes from the start of the stream.
#[derive(Clone, Debug)]
pub enum ProtocolFrame {
    /// A message.
    Message(FramedMessage),
    /// Bytes that are no message. The next frame says how many were passed over.
    Bad {
        /// Where a message should have begun.
        offset: u64,
        /// Why none does.
        trouble: Trouble,
    },
    /// Bytes were passed over; a message follows, or the end.
    Passed {
        /// The first of them.
        offset: u64,
        /// How many.
        len: u64,
    },
}

/// A message with its bytes.
#[derive(Clone, Debug)]
pub struct FramedMessage {
    protocol: Protocol,
    offset: u64,
    index: usize,
    plan: Option<Plan>,
    heads: Box<[Head]>,
    trouble: Option<Trouble>,
    bytes: Bytes,
}

impl FramedMessage {
    /// Bytes from the start of the stream to the start of the message.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes of the whole message.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The message.
    ///
    /// # Panics
    ///
    /// Never: its rule is one of its protocol.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let rule = self.protocol.0.rules.get(self.index);
        Message {
            rule: rule.expect("its rule is one of its protocol"),
            index: self.index,
            len: self.bytes.len(),
            plan: self.plan.as_ref(),
            heads: &self.heads,
            trouble: self.trouble.as_ref(),
        }
    }

    /// The record laid over the message; see [`Message::record`].
    #[must_use]
    pub fn record(&self) -> Option<Part<'_>> {
        self.message().record()
    }

    /// The records inside the message; see [`Message::parts`].
    #[must_use]
    pub fn parts(&self) -> Parts<'_, '_> {
        self.message().parts(&self.bytes)
    }
}

impl ProtocolFramer {
    /// The direction of `side` at its start; `None` for a stream without sides.
    #[must_use]
    pub fn new(protocol: &Protocol, side: Option<Side>) -> Self {
        let conversation = protocol.conversation();
        Self { protocol: protocol.clone(), conversation, side, offset: 0, error: None }
    }

    fn step(
        &mut self,
        buf: &mut BytesMut,
        is_finished: bool,
    ) -> Result<Option<ProtocolFrame>, FrameError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        loop {
            let offset = self.offset;
            let step = self.conversation.next(self.side, buf, is_finished);
            let consumed = step.consumed();
            let frame = match step {
                Step::Need(needed) => {
                    buf.reserve(needed.saturating_sub(buf.len()).min(RESERVE_STEP));
                    return Ok(None);
                }
                Step::End => return Ok(None),
                Step::Message(message) => {
                    self.offset += consumed as u64;
                    return Ok(Some(ProtocolFrame::Message(FramedMessage {
                        protocol: self.protocol.clone(),
                        offset,
                        index: message.index,
                        plan: message.plan.cloned(),
                        heads: message.heads.into(),
                        trouble: message.trouble.cloned(),
                        bytes: buf.split_to(consumed).freeze(),
                    })));
                }
                Step::Bad(trouble) => Some(ProtocolFrame::Bad { offset, trouble }),
                Step::Passing(_) => None,
                Step::Passed { len, total } => {
                    let start = (offset + len as u64).saturating_sub(total);
                    Some(ProtocolFrame::Passed { offset: start, len: total })
                }
                Step::Stopped(trouble) => {
                    let error = match trouble {
                        Trouble::Ended { needed, left } => {
                            FrameError::Ended { offset, left, needed }
                        }
                        trouble => FrameError::Protocol { offset, trouble: Box::new(trouble) },
                    };
                    self.error = Some(error.clone());
                    return Err(error);
                }
            };
            buf.advance(consumed);
            self.offset += consumed as u64;
            if frame.is_some() {
                return Ok(frame);
            }
        }
    }
}

impl Deframe for ProtocolFramer {
    type Frame = ProtocolFrame;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<ProtocolFrame>, FrameError> {
        self.step(buf, false)
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<ProtocolFrame>, FrameError> {
        self.step(buf, true)
    }
}

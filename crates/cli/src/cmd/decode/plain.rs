//! The one stream of a plain file, or those of a hex dump, one after the other.

use std::io;
use std::ops::ControlFlow;

use cwire_codec::frame::protocol::Conversation;

use crate::input::Piece;
use crate::records::stream::{Stream, Talk};
use crate::records::work::{To, Work};

/// What is being decoded.
pub(crate) struct Plain {
    conversation: Conversation,
    stream: Stream,
    /// Which dump, from 0; `None` before the first.
    dump: Option<u64>,
}

impl Plain {
    pub(crate) fn new(work: &Work<'_>) -> Self {
        Self {
            conversation: work.options.protocol.conversation(),
            stream: Stream::new(None, 0, 0, work),
            dump: None,
        }
    }

    /// Takes a piece of the input; breaks when enough records were written.
    pub(crate) fn take(
        &mut self,
        piece: Piece<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<ControlFlow<()>> {
        let Self { conversation, stream, dump } = self;
        let mut talk = Talk { conversation, side: None };
        match piece {
            Piece::Begin { offset } => {
                if dump.is_some() {
                    stream.finish(&mut talk, work, to)?;
                }
                let number = dump.map_or(0, |dump| dump + 1);
                *dump = Some(number);
                *stream = Stream::new(None, number, offset, work);
                *conversation = work.options.protocol.conversation();
            }
            Piece::Bytes(bytes) => stream.bytes(bytes, None, &mut talk, work, to)?,
            Piece::Gap { missing } => stream.gap(missing, &mut talk, work, to)?,
            Piece::Problem { message } => work.problem(&message, stream.end(), to)?,
            Piece::Pause => {
                to.sink.flush(to.out)?;
                to.out.flush()?;
            }
            Piece::End if dump.is_some() => stream.finish(&mut talk, work, to)?,
            Piece::End => {}
        }
        Ok(if work.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

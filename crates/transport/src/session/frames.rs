//! Encoded frames that any number of sessions share.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

/// A number of frames of one length, in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Bytes of each frame.
    pub(crate) len: usize,
    pub(crate) count: usize,
}

/// The lengths of frames in a row. Equal lengths in a row take the memory of one.
#[derive(Debug, Default)]
pub(crate) struct Lens {
    runs: VecDeque<Run>,
    frames: usize,
    bytes: usize,
}

impl Lens {
    pub(crate) fn frames(&self) -> usize {
        self.frames
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    #[cfg(test)]
    pub(crate) fn runs(&self) -> &VecDeque<Run> {
        &self.runs
    }

    /// Appends frames. One without a byte is none.
    pub(crate) fn push(&mut self, run: Run) {
        if run.len == 0 || run.count == 0 {
            return;
        }
        self.frames += run.count;
        self.bytes += run.len * run.count;
        match self.runs.back_mut() {
            Some(last) if last.len == run.len => last.count += run.count,
            _ => self.runs.push_back(run),
        }
    }

    /// Takes frames of one length off the front that have at most `max` bytes; `None` if the first
    /// one has more, or there is none.
    pub(crate) fn take_within(&mut self, max: usize) -> Option<Run> {
        let first = self.runs.front()?;
        let count = (max / first.len).min(first.count);
        (count > 0).then(|| self.take(0, count)).flatten()
    }

    /// Takes the first frame; its length.
    pub(crate) fn take_first(&mut self) -> Option<usize> {
        self.take(0, 1).map(|run| run.len)
    }

    /// Takes the frame behind the first; the lengths of both.
    pub(crate) fn take_second(&mut self) -> Option<(usize, usize)> {
        let first = *self.runs.front()?;
        let second = self.take(usize::from(first.count == 1), 1)?;
        Some((first.len, second.len))
    }

    fn take(&mut self, index: usize, count: usize) -> Option<Run> {
        let run = self.runs.get_mut(index)?;
        let taken = Run { len: run.len, count };
        run.count -= count;
        if run.count == 0 {
            self.runs.remove(index);
        }
        self.frames -= count;
        self.bytes -= taken.len * count;
        Some(taken)
    }
}

/// Whole frames, encoded once, for any number of sessions.
///
/// Cloning costs a reference count.
///
/// # Example
///
/// ```
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{FrameCodec, Frames};
///
/// let farewell = Frames::encode(&mut FrameCodec::new(Lines::new()), ["idle", "bye"])?;
/// assert_eq!((farewell.count(), &farewell.bytes()[..]), (2, &b"idle\nbye\n"[..]));
/// # Ok::<(), cwire_transport::SendError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Frames {
    bytes: Bytes,
    runs: Runs,
}

#[derive(Clone, Debug)]
enum Runs {
    One(Run),
    Many(Arc<[Run]>),
}

impl Default for Runs {
    fn default() -> Self {
        Self::One(Run { len: 0, count: 0 })
    }
}

impl Frames {
    /// One frame: these bytes.
    #[must_use]
    pub fn one(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let run = Run { len: bytes.len(), count: usize::from(!bytes.is_empty()) };
        Self { runs: Runs::One(run), bytes }
    }

    /// Frames of `len` bytes each, one after the other; `None` if the bytes are no whole number of
    /// such.
    ///
    /// ```
    /// use cwire_transport::Frames;
    ///
    /// assert_eq!(Frames::equal(&b"onetwo"[..], 3).map(|frames| frames.count()), Some(2));
    /// assert!(Frames::equal(&b"three"[..], 3).is_none());
    /// ```
    #[must_use]
    pub fn equal(bytes: impl Into<Bytes>, len: usize) -> Option<Self> {
        let bytes = bytes.into();
        let count = bytes.len().checked_div(len)?;
        let run = Run { len, count };
        (bytes.len() % len == 0).then_some(Self { runs: Runs::One(run), bytes })
    }

    /// A frame of each of these items.
    ///
    /// # Errors
    ///
    /// The codec's, of the first item that makes no frame.
    pub fn encode<C: Encoder<I>, I>(
        codec: &mut C,
        items: impl IntoIterator<Item = I>,
    ) -> Result<Self, C::Error> {
        let mut frames = FramesBuilder::default();
        for item in items {
            frames.encode(|bytes| codec.encode(item, bytes))?;
        }
        Ok(frames.build())
    }

    /// Number of frames.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs().iter().map(|run| run.count).sum()
    }

    /// The frames, one after the other.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether there is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The last frames, so many at most.
    pub(crate) fn last(&self, count: usize) -> Self {
        let mut skip = self.count().saturating_sub(count);
        let mut bytes = 0;
        let mut runs = Vec::new();
        for run in self.runs() {
            let skipped = run.count.min(skip);
            skip -= skipped;
            bytes += run.len * skipped;
            runs.push(Run { count: run.count - skipped, ..*run });
        }
        Self {
            bytes: self.bytes.slice(bytes.min(self.bytes.len())..),
            runs: Runs::Many(runs.into()),
        }
    }

    pub(crate) fn runs(&self) -> &[Run] {
        match &self.runs {
            Runs::One(run) => std::slice::from_ref(run),
            Runs::Many(runs) => runs,
        }
    }
}

/// Collects frames into [`Frames`].
#[derive(Debug, Default)]
pub(crate) struct FramesBuilder {
    bytes: BytesMut,
    lens: Lens,
}

impl FramesBuilder {
    /// Appends the frame that `encode` appends to the buffer; if it fails or panics, none.
    pub(crate) fn encode<E>(
        &mut self,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.lens.bytes();
        self.bytes.truncate(start);
        encode(&mut self.bytes).inspect_err(|_| self.bytes.truncate(start))?;
        let len = self.bytes.len().saturating_sub(start);
        self.lens.push(Run { len, count: 1 });
        Ok(len)
    }

    pub(crate) fn push(&mut self, frames: &Frames) {
        self.bytes.truncate(self.lens.bytes());
        self.bytes.extend_from_slice(&frames.bytes);
        frames.runs().iter().for_each(|run| self.lens.push(*run));
    }

    pub(crate) fn len(&self) -> usize {
        self.lens.bytes()
    }

    /// The frames so far, and starts anew.
    pub(crate) fn build(&mut self) -> Frames {
        self.bytes.truncate(self.lens.bytes());
        let lens = std::mem::take(&mut self.lens);
        let runs = match (lens.runs.front(), lens.runs.len()) {
            (None, _) => Runs::default(),
            (Some(run), 1) => Runs::One(*run),
            _ => Runs::Many(lens.runs.into_iter().collect()),
        };
        Frames { bytes: self.bytes.split().freeze(), runs }
    }
}

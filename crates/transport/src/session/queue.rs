//! Frames on their way to the peer, and where each of them ends.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

use super::frames::{Frames, Lens, Run};
use super::stats::Amount;

/// Shared frames of at most so many bytes are copied behind those that wait: a reference to them
/// would take more memory than they do.
const COPIED: usize = 256;

/// The frames of one session that are not written yet.
///
/// ```text
///            segments                      tail
///   [ frame frame frame ][ frame ] ... [ frame frame ]
///        ^ begun: bytes of the first frame that are written
/// ```
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Shared bytes, which other queues hold too.
    segments: VecDeque<Bytes>,
    /// Frames that were encoded or copied here, behind `segments`.
    tail: BytesMut,
    /// Bytes of `tail` that belong to a whole frame; more are what an encoder left that panicked.
    tail_len: usize,
    lens: Lens,
    begun: usize,
}

impl Queue {
    /// Bytes that are not written yet.
    pub(crate) fn bytes(&self) -> usize {
        self.lens.bytes() - self.begun
    }

    /// Frames that are not written yet, or not in whole.
    pub(crate) fn frames(&self) -> usize {
        self.lens.frames()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lens.frames() == 0
    }

    /// Appends the frame that `encode` appends to the buffer, and returns its length; if it fails
    /// or panics, none. A frame without a byte is no frame.
    pub(crate) fn encode<E>(
        &mut self,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.tail_len;
        self.tail.truncate(start);
        encode(&mut self.tail).inspect_err(|_| self.tail.truncate(start))?;
        let len = self.tail.len().saturating_sub(start);
        self.tail_len += len;
        self.lens.push(Run { len, count: 1 });
        Ok(len)
    }

    /// Appends whole frames.
    pub(crate) fn push(&mut self, frames: &Frames) {
        self.tail.truncate(self.tail_len);
        if frames.bytes().len() <= COPIED {
            self.tail.extend_from_slice(frames.bytes());
            self.tail_len = self.tail.len();
        } else {
            self.close_tail();
            self.segments.push_back(frames.bytes().clone());
        }
        frames.runs().iter().for_each(|run| self.lens.push(*run));
    }

    /// Appends frames of which so many bytes are written already, to an empty queue. Returns the
    /// number of frames that are written in whole.
    pub(crate) fn push_written(&mut self, frames: &Frames, written: usize) -> usize {
        debug_assert!(self.is_empty(), "frames before these would have to be written first");
        self.push(frames);
        self.written(written)
    }

    fn close_tail(&mut self) {
        if self.tail_len > 0 {
            self.segments.push_back(self.tail.split().freeze());
            self.tail_len = 0;
        }
    }

    /// Puts what comes first into `slices`; returns how many were filled.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let tail = self.tail.get(..self.tail_len).unwrap_or_default();
        let waiting = self.segments.iter().map(|segment| &segment[..]);
        let waiting = waiting.chain((!tail.is_empty()).then_some(tail));
        let mut filled = 0;
        for (slice, bytes) in slices.iter_mut().zip(waiting) {
            *slice = IoSlice::new(bytes);
            filled += 1;
        }
        filled
    }

    /// So many bytes are written; returns the number of frames that are now written in whole.
    pub(crate) fn written(&mut self, bytes: usize) -> usize {
        self.cut(bytes);
        self.begun += bytes;
        let mut frames = 0;
        while let Some(run) = self.lens.take_within(self.begun) {
            self.begun -= run.len * run.count;
            frames += run.count;
        }
        self.shrink();
        frames
    }

    /// Gives up the oldest frame of which nothing is written, and returns its length.
    pub(crate) fn drop_oldest(&mut self) -> Option<usize> {
        if self.begun == 0 {
            let len = self.lens.take_first()?;
            self.cut(len);
            self.shrink();
            return Some(len);
        }
        // The frame that is partly written stays, and what is behind it moves up.
        let (first, dropped) = self.lens.take_second()?;
        let kept = first - self.begun;
        let mut rest = self.split_front(kept);
        self.cut(dropped);
        while let Some(segment) = rest.pop() {
            self.segments.push_front(segment);
        }
        Some(dropped)
    }

    /// Cuts so many bytes off the front.
    fn cut(&mut self, mut bytes: usize) {
        while let Some(first) = self.segments.front_mut() {
            if first.len() > bytes {
                first.advance(bytes);
                return;
            }
            bytes -= first.len();
            self.segments.pop_front();
        }
        self.tail.advance(bytes.min(self.tail_len));
        self.tail_len = self.tail_len.saturating_sub(bytes);
    }

    /// Takes so many bytes off the front.
    fn split_front(&mut self, mut bytes: usize) -> Vec<Bytes> {
        let mut front = Vec::new();
        self.close_tail();
        while bytes > 0 {
            let Some(first) = self.segments.front_mut() else { break };
            let piece = first.split_to(bytes.min(first.len()));
            if first.is_empty() {
                self.segments.pop_front();
            }
            bytes -= piece.len();
            front.push(piece);
        }
        front
    }

    /// Gives up all frames.
    pub(crate) fn clear(&mut self) -> Amount {
        let unsent = Amount { records: self.frames() as u64, bytes: self.bytes() as u64 };
        *self = Self::default();
        unsent
    }

    fn shrink(&mut self) {
        if !self.is_empty() {
            return;
        }
        // An idle session holds no memory for what it may send one day.
        self.lens = Lens::default();
        self.segments = VecDeque::new();
        self.tail = BytesMut::new();
        self.tail_len = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::super::frames::FramesBuilder;
    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Encode(usize),
        Push(Vec<usize>),
        PushWritten(Vec<usize>, prop::sample::Index),
        Written(prop::sample::Index),
        DropOldest,
    }

    fn step() -> impl Strategy<Value = Step> {
        let lens = || prop::collection::vec(1usize..200, 0..5);
        prop_oneof![
            (1usize..400).prop_map(Step::Encode),
            lens().prop_map(Step::Push),
            (lens(), any::<prop::sample::Index>())
                .prop_map(|(lens, at)| Step::PushWritten(lens, at)),
            any::<prop::sample::Index>().prop_map(Step::Written),
            Just(Step::DropOldest),
        ]
    }

    /// The same queue, frame by frame.
    #[derive(Default)]
    struct Model {
        frames: VecDeque<Vec<u8>>,
        begun: usize,
        next: u8,
    }

    impl Model {
        fn frame(&mut self, len: usize) -> Vec<u8> {
            self.next = self.next.wrapping_add(1);
            let frame = vec![self.next; len];
            self.frames.push_back(frame.clone());
            frame
        }

        fn frames(&mut self, lens: &[usize]) -> Frames {
            let mut builder = FramesBuilder::default();
            for len in lens {
                builder.push(&Frames::one(self.frame(*len)));
            }
            builder.build()
        }

        fn bytes(&self) -> Vec<u8> {
            let bytes: Vec<u8> = self.frames.iter().flatten().copied().collect();
            bytes[self.begun..].to_vec()
        }

        fn written(&mut self, bytes: usize) -> usize {
            self.begun += bytes;
            let mut whole = 0;
            while self.frames.front().is_some_and(|first| first.len() <= self.begun) {
                self.begun -= self.frames.pop_front().map_or(0, |frame| frame.len());
                whole += 1;
            }
            whole
        }
    }

    fn bytes(queue: &Queue) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 64];
        let filled = queue.slices(&mut slices);
        slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect()
    }

    proptest! {
        /// What is written is what was queued, in order and without what was dropped; every frame
        /// is counted once.
        #[test]
        fn no_frame_is_lost_or_torn(steps in prop::collection::vec(step(), 0..60)) {
            let (mut queue, mut model) = (Queue::default(), Model::default());
            for step in steps {
                match step {
                    Step::Encode(len) => {
                        let frame = model.frame(len);
                        queue.encode(|tail| {
                            tail.extend_from_slice(&frame);
                            Ok::<_, Infallible>(())
                        })?;
                    }
                    Step::Push(lens) => queue.push(&model.frames(&lens)),
                    Step::PushWritten(lens, at) => {
                        if queue.is_empty() {
                            let frames = model.frames(&lens);
                            let written = at.index(frames.bytes().len() + 1);
                            prop_assert_eq!(
                                queue.push_written(&frames, written),
                                model.written(written)
                            );
                        }
                    }
                    Step::Written(at) => {
                        let written = at.index(queue.bytes() + 1);
                        prop_assert_eq!(queue.written(written), model.written(written));
                    }
                    Step::DropOldest => {
                        let oldest = usize::from(model.begun > 0);
                        let dropped = model.frames.remove(oldest);
                        prop_assert_eq!(queue.drop_oldest(), dropped.map(|frame| frame.len()));
                    }
                }
                let unwritten = model.bytes();
                prop_assert!(unwritten.starts_with(&bytes(&queue)));
                prop_assert_eq!(bytes(&queue).is_empty(), unwritten.is_empty());
                prop_assert_eq!(queue.bytes(), unwritten.len());
                prop_assert_eq!(queue.frames(), model.frames.len());
            }
            let unsent = queue.clear();
            prop_assert_eq!(unsent.records, model.frames.len() as u64);
            prop_assert_eq!(unsent.bytes, model.bytes().len() as u64);
            prop_assert!(queue.is_empty() && queue.bytes() == 0);
        }
    }

    #[test]
    fn frames_of_one_length_take_the_memory_of_one() {
        let mut queue = Queue::default();
        for _ in 0..1000 {
            queue.push(&Frames::one(&[7; 24][..]));
        }
        assert_eq!((queue.frames(), queue.bytes(), queue.lens.runs().len()), (1000, 24_000, 1));
    }

    #[test]
    fn a_frame_that_fails_to_encode_leaves_nothing_behind() {
        let mut queue = Queue::default();
        queue
            .encode(|tail| {
                tail.extend_from_slice(b"half");
                Err("no")
            })
            .expect_err("refused");
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            queue.encode(|tail| -> Result<(), ()> {
                tail.extend_from_slice(b"half");
                panic!("in the encoder")
            })
        }));
        assert!(panic.is_err(), "the encoder panicked");
        queue.push(&Frames::one(&b"whole"[..]));
        assert_eq!(bytes(&queue), b"whole");
    }
}

//! Buffers that connections of one thread share.
//!
//! A connection needs a buffer while bytes move, and none while it waits. Between two system calls
//! of one task, no other task of its thread runs, so a handful of buffers serves all of them: ten
//! thousand idle connections hold no buffer, and taking one costs neither an allocation nor 64 KiB
//! of zeros.

use std::cell::RefCell;

use bytes::BytesMut;

/// Bytes read or written at once: 64 KiB.
pub(crate) const BUFFER_LEN: usize = 64 << 10;

/// Buffers that a thread keeps while nobody uses them, at most.
const MAX_SPARE: usize = 4;

/// Bytes that a thread's scratch buffer keeps.
const MAX_SCRATCH: usize = 64 << 10;

thread_local! {
    static SPARE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    static SPARE_BYTES: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
    static SCRATCH: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// A buffer of `len` bytes, with any contents.
pub(crate) fn take(len: usize) -> Box<[u8]> {
    let spare = if len == BUFFER_LEN {
        // Threads that end run destructors in any order.
        SPARE.try_with(|spare| spare.borrow_mut().pop()).unwrap_or_default()
    } else {
        None
    };
    spare.unwrap_or_else(|| vec![0; len].into_boxed_slice())
}

/// Gives a buffer back.
pub(crate) fn give_back(buffer: Box<[u8]>) {
    if buffer.len() != BUFFER_LEN {
        return;
    }
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < MAX_SPARE {
            spare.push(buffer);
        }
    });
}

/// An empty buffer with room for [`BUFFER_LEN`] bytes.
pub(crate) fn take_bytes() -> BytesMut {
    let spare = SPARE_BYTES.try_with(|spare| spare.borrow_mut().pop()).unwrap_or_default();
    spare.unwrap_or_else(|| BytesMut::with_capacity(BUFFER_LEN))
}

/// Gives such a buffer back. It is kept if nobody holds a part of it and it has not grown.
pub(crate) fn give_back_bytes(mut buffer: BytesMut) {
    buffer.clear();
    if !buffer.try_reclaim(BUFFER_LEN) || buffer.capacity() > 2 * BUFFER_LEN {
        return;
    }
    let _ = SPARE_BYTES.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < MAX_SPARE {
            spare.push(buffer);
        }
    });
}

/// Lends an empty buffer to `work`, to encode into what is written at once.
pub(crate) fn with_scratch<T>(work: impl FnOnce(&mut BytesMut) -> T) -> T {
    // Taken out, so that an encoder may send something itself.
    let mut scratch = SCRATCH.try_with(RefCell::take).unwrap_or_default();
    scratch.clear();
    let result = work(&mut scratch);
    if scratch.capacity() <= MAX_SCRATCH {
        let _ = SCRATCH.try_with(|kept| kept.replace(scratch));
    }
    result
}

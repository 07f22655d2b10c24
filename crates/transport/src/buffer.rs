//! Buffers that connections of one thread share.
//!
//! A connection needs a buffer while bytes move, and none while it waits. Between two system calls
//! of one task, no other task of its thread runs, so a handful of buffers serves all of them: ten
//! thousand idle connections hold no buffer, and taking one costs neither an allocation nor 64 KiB
//! of zeros.

use std::cell::RefCell;

/// Bytes read or written at once: 64 KiB.
pub(crate) const BUFFER_LEN: usize = 64 << 10;

/// Buffers that a thread keeps while nobody uses them, at most.
const MAX_SPARE: usize = 4;

thread_local! {
    static SPARE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
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

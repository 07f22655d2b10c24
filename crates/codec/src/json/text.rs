//! Text in memory that is used again.

use std::io;

/// Bytes that are appended to and cleared again and again: memory that held text once is not made zero
/// again before more is written there.
#[derive(Clone, Default)]
pub struct Text {
    buf: Vec<u8>,
    len: usize,
}

impl Text {
    /// The bytes so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the bytes, and keeps the memory.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Room for at least `more` bytes behind those so far.
    pub(super) fn room(&mut self, more: usize) -> &mut [u8] {
        let needed = self.len + more;
        if self.buf.len() < needed {
            self.buf.resize(needed.max(2 * self.buf.len()), 0);
        }
        self.buf.get_mut(self.len..).unwrap_or_default()
    }

    /// So many bytes were written to the room.
    pub(super) fn advance(&mut self, by: usize) {
        self.len = (self.len + by).min(self.buf.len());
    }
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(slot) = self.room(bytes.len()).get_mut(..bytes.len()) {
            slot.copy_from_slice(bytes);
        }
        self.advance(bytes.len());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Text").field(&self.as_bytes().escape_ascii().to_string()).finish()
    }
}

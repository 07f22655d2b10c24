//! The bytes of a record while it is encoded.

use crate::error::EncodeErrorKind;

/// A record at the end of a buffer, zero where nothing was put.
pub(crate) struct Target<'a> {
    out: &'a mut Vec<u8>,
    /// Where the record begins in the buffer.
    start: usize,
    max_len: usize,
    /// The bits that are certain, if the record has unions: members of one share them.
    certain: Option<Vec<u8>>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, max_len: usize, has_unions: bool) -> Self {
        let start = out.len();
        Self { out, start, max_len, certain: has_unions.then(Vec::new) }
    }

    /// A record that is changed where it is, and keeps its length.
    pub(crate) fn over(record: &'a mut Vec<u8>) -> Self {
        let max_len = record.len();
        Self { out: record, start: 0, max_len, certain: None }
    }

    /// Whether fields may share bits.
    pub(crate) fn has_unions(&self) -> bool {
        self.certain.is_some()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.out.get(self.start..).unwrap_or(&[])
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.out.get_mut(self.start..).unwrap_or_default()
    }

    /// Makes the record at least `len` bytes long.
    pub(crate) fn grow(&mut self, len: usize) -> Result<(), EncodeErrorKind> {
        if len <= self.out.len() - self.start {
            return Ok(());
        }
        if len > self.max_len {
            return Err(EncodeErrorKind::TooLong { max: self.max_len, found: len });
        }
        self.out.resize(self.start + len, 0);
        if let Some(certain) = &mut self.certain {
            certain.resize(len, 0);
        }
        Ok(())
    }

    /// Forgets the record.
    pub(crate) fn abandon(&mut self) {
        self.out.truncate(self.start);
    }

    /// Puts whole bytes that no other field shares.
    #[inline]
    pub(crate) fn slot(&mut self, offset: usize, len: usize) -> Option<&mut [u8]> {
        self.bytes_mut().get_mut(offset..)?.get_mut(..len)
    }

    /// Puts the bits of `mask`. Bits that are `certain` have to agree with others that are; others
    /// give way to them.
    pub(crate) fn put(
        &mut self,
        offset: usize,
        value: &[u8],
        mask: impl Fn(usize) -> u8,
        certain: bool,
    ) -> Result<(), EncodeErrorKind> {
        let bytes = self.out.get_mut(self.start..).and_then(|bytes| bytes.get_mut(offset..));
        let bytes = bytes.unwrap_or_default();
        let Some(known) = self.certain.as_mut().and_then(|known| known.get_mut(offset..)) else {
            for (at, (slot, &byte)) in bytes.iter_mut().zip(value).enumerate() {
                *slot = *slot & !mask(at) | byte & mask(at);
            }
            return Ok(());
        };
        for (at, ((slot, known), &byte)) in bytes.iter_mut().zip(known).zip(value).enumerate() {
            let mask = mask(at);
            if certain && (*slot ^ byte) & mask & *known != 0 {
                return Err(EncodeErrorKind::Conflict);
            }
            let taken = mask & !*known;
            *slot = *slot & !taken | byte & taken;
            if certain {
                *known |= mask;
            }
        }
        Ok(())
    }
}

//! All whole records of a read.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::slice::ChunksExact;

use cwire_codec::abi::Target;
use cwire_codec::frame::RecordError;
use cwire_codec::{CType, Views};

/// The records that one read brought, in the buffer that they were read into.
///
/// Loop over it in a plain function: the same loop inside an `async` block costs up to three times
/// as much. Records that are not looked at are skipped.
pub struct Batch<'a, R, A> {
    bytes: &'a [u8],
    offset: u64,
    record: PhantomData<fn() -> (R, A)>,
}

impl<'a, R: CType<A>, A: Target> Batch<'a, R, A> {
    /// `bytes` is a whole number of records.
    pub(crate) fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { bytes, offset, record: PhantomData }
    }

    /// Number of records; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no batch is empty")]
    pub fn len(&self) -> usize {
        self.bytes.len() / R::SIZE
    }

    /// The records decoded one by one.
    #[inline]
    #[must_use]
    pub fn iter(&self) -> BatchRecords<'a, R, A> {
        BatchRecords {
            chunks: self.bytes.chunks_exact(R::SIZE),
            end: self.offset + self.bytes.len() as u64,
            record: PhantomData,
        }
    }

    /// The records in place.
    #[inline]
    #[must_use]
    pub fn views(&self) -> Views<'a, R, A> {
        Views::new(self.bytes).expect("a batch is a whole number of records")
    }

    /// The records as they came.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Bytes from the start of the stream to the first record.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl<'a, R: CType<A>, A: Target> IntoIterator for Batch<'a, R, A> {
    type Item = Result<R, RecordError>;
    type IntoIter = BatchRecords<'a, R, A>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, R: CType<A>, A: Target> IntoIterator for &Batch<'a, R, A> {
    type Item = Result<R, RecordError>;
    type IntoIter = BatchRecords<'a, R, A>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<R, A> fmt::Debug for Batch<'_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} bytes, at offset {:#x})", self.bytes.len(), self.offset)
    }
}

/// The records of a [`Batch`], decoded one by one. One that does not decode is an item, and the
/// next follows.
pub struct BatchRecords<'a, R, A> {
    chunks: ChunksExact<'a, u8>,
    /// Bytes from the start of the stream to the end of the batch.
    end: u64,
    record: PhantomData<fn() -> (R, A)>,
}

impl<R: CType<A>, A: Target> Iterator for BatchRecords<'_, R, A> {
    type Item = Result<R, RecordError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.chunks.next()?;
        match R::read(bytes) {
            Ok(record) => Some(Ok(record)),
            Err(error) => {
                let from_end = (self.chunks.len() + 1) * R::SIZE;
                Some(Err(RecordError::new(self.end - from_end as u64, error)))
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }
}

impl<R: CType<A>, A: Target> ExactSizeIterator for BatchRecords<'_, R, A> {}
impl<R: CType<A>, A: Target> FusedIterator for BatchRecords<'_, R, A> {}

impl<R, A> fmt::Debug for BatchRecords<'_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchRecords({} left)", self.chunks.len())
    }
}

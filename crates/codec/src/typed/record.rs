//! Records: C structs, and buffers full of them.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Range;
use std::slice::ChunksExact;

use cwire_layout::abi::{Abi, Target};
use cwire_layout::place::Place;

use super::{CType, Padding};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};

/// A C struct under the ABI `A`: a [`CType`] with members. Implemented by `#[derive(Record)]`.
pub trait RecordType<A: Target>: CType<A> {
    /// Where the members are.
    const RECORD: RecordLayout;
}

/// A Rust struct that mirrors a C struct. Implemented by `#[derive(Record)]`.
///
/// Lengths are in bytes. Methods without an ABI in their name use [`Abi`](Self::Abi): x86-64 Linux
/// unless the struct says `#[cwire(abi = …)]`. Padding is written as zero and ignored when read;
/// [`nonzero_padding`](Self::nonzero_padding) tells where it is not zero.
///
/// # Example
///
/// ```
/// use cwire_codec::{CChar, CharArray, Record, abi};
///
/// /// `struct CTestData { char a; int b; char c[15]; };`
/// #[derive(Clone, Debug, PartialEq, Record)]
/// struct CTestData {
///     a: CChar,
///     b: i32,
///     c: CharArray<15>,
/// }
///
/// let record = CTestData { a: CChar(b'A'), b: 300, c: CharArray::new("hello")? };
/// let bytes = record.to_bytes();
/// assert_eq!(bytes, *b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0");
/// assert_eq!(CTestData::decode(&bytes)?, record);
///
/// let on_powerpc = record.to_vec_abi::<abi::PowerPcLinux>()?;
/// assert_eq!(on_powerpc[4..8], [0, 0, 1, 0x2c]);
///
/// for view in CTestDataView::iter(&bytes)? {
///     assert_eq!((view.b(), view.c().text()), (300, &b"hello"[..]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Record: RecordType<<Self as Record>::Abi> {
    /// The ABI of the methods that do not name one.
    type Abi: Target;

    /// `[u8; N]`, N being `sizeof` the struct under [`Abi`](Self::Abi).
    type Bytes: AsRef<[u8]> + AsMut<[u8]>;

    /// A record's worth of zeros.
    const ZEROED: Self::Bytes;

    /// Decodes the bytes of exactly one record.
    ///
    /// # Errors
    ///
    /// There are fewer or more bytes than that, or a field holds no value of its type. The error
    /// names the offset from the start of `bytes`, and the field.
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_abi::<Self::Abi>(bytes)
    }

    /// [`decode`](Self::decode) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_abi<A: Target>(bytes: &[u8]) -> Result<Self, DecodeError>
    where
        Self: CType<A>,
    {
        match <Self as Record>::split_abi::<A>(bytes)? {
            (record, []) => Ok(record),
            (_, rest) => Err(trailing(<Self as CType<A>>::SIZE, 1, rest.len())),
        }
    }

    /// Decodes the record at the front of `bytes` and returns it with the bytes after it.
    ///
    /// # Errors
    ///
    /// There are fewer bytes than one record, or a field holds no value of its type.
    #[inline]
    fn split(bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        Self::split_abi::<Self::Abi>(bytes)
    }

    /// [`split`](Self::split) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`split`](Self::split).
    #[inline]
    fn split_abi<A: Target>(bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError>
    where
        Self: CType<A>,
    {
        match bytes.split_at_checked(<Self as CType<A>>::SIZE) {
            Some((record, rest)) => Ok((<Self as CType<A>>::read(record)?, rest)),
            None => Err(DecodeError::truncated(<Self as CType<A>>::SIZE, bytes.len())),
        }
    }

    /// The records that `bytes` holds one after the other, decoded one by one.
    ///
    /// # Errors
    ///
    /// `bytes` is no whole number of records. Errors of single records come out of the iterator,
    /// with offsets from the start of `bytes`, and do not end it.
    #[inline]
    fn iter(bytes: &[u8]) -> Result<Records<'_, Self, Self::Abi>, DecodeError> {
        Records::new(bytes)
    }

    /// [`iter`](Self::iter) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`iter`](Self::iter).
    #[inline]
    fn iter_abi<A: Target>(bytes: &[u8]) -> Result<Records<'_, Self, A>, DecodeError>
    where
        Self: CType<A>,
    {
        Records::new(bytes)
    }

    /// Decodes a buffer of records over `out`, which is as long as there are records.
    ///
    /// # Errors
    ///
    /// `bytes` is not `out.len()` records long, or a record does not decode; those before it have
    /// been written.
    #[inline]
    fn decode_slice(bytes: &[u8], out: &mut [Self]) -> Result<(), DecodeError> {
        Self::decode_slice_abi::<Self::Abi>(bytes, out)
    }

    /// [`decode_slice`](Self::decode_slice) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`decode_slice`](Self::decode_slice).
    #[inline]
    fn decode_slice_abi<A: Target>(bytes: &[u8], out: &mut [Self]) -> Result<(), DecodeError>
    where
        Self: CType<A>,
    {
        let size = const { nonzero_size::<A, Self>() };
        let needed = out.len().saturating_mul(size);
        if bytes.len() < needed {
            return Err(DecodeError::truncated(needed, bytes.len()));
        }
        if bytes.len() > needed {
            return Err(trailing(size, out.len(), bytes.len() - needed));
        }
        for (index, (record, bytes)) in out.iter_mut().zip(bytes.chunks_exact(size)).enumerate() {
            <Self as CType<A>>::read_into(bytes, record).map_err(|e| in_buffer(e, index, size))?;
        }
        Ok(())
    }

    /// The record's bytes.
    ///
    /// Only for records whose every value has bytes. With bit-fields, open enums, or a `long` that
    /// is shorter under the ABI than in Rust, a value may not fit; such a record is refused when
    /// the program is compiled, and [`try_to_bytes`](Self::try_to_bytes) is what it has instead.
    ///
    /// ```compile_fail,E0080
    /// #[derive(cwire_codec::Record)]
    /// struct Flags {
    ///     #[cwire(bits = 3)]
    ///     kind: u32,
    /// }
    /// let bytes = Flags { kind: 1 }.to_bytes();
    /// ```
    #[must_use]
    #[inline]
    fn to_bytes(&self) -> Self::Bytes {
        const {
            assert!(
                <Self as CType<Self::Abi>>::ALWAYS_FITS,
                "`to_bytes` is for records whose every value fits: this one has a bit-field, an \
                 open enum or a type that is smaller under the ABI than in Rust. Use \
                 `try_to_bytes`, which says what does not fit"
            );
        };
        let mut bytes = Self::ZEROED;
        <Self as CType<Self::Abi>>::write(self, bytes.as_mut()).expect("every value fits");
        bytes
    }

    /// The record's bytes.
    ///
    /// # Errors
    ///
    /// A value does not fit its C type.
    #[inline]
    fn try_to_bytes(&self) -> Result<Self::Bytes, EncodeError> {
        let mut bytes = Self::ZEROED;
        <Self as CType<Self::Abi>>::write(self, bytes.as_mut())?;
        Ok(bytes)
    }

    /// The record's bytes under another ABI.
    ///
    /// # Errors
    ///
    /// A value does not fit its C type.
    fn to_vec_abi<A: Target>(&self) -> Result<Vec<u8>, EncodeError>
    where
        Self: CType<A>,
    {
        let mut bytes = vec![0; <Self as CType<A>>::SIZE];
        <Self as CType<A>>::write(self, &mut bytes)?;
        Ok(bytes)
    }

    /// Encodes the record over the front of `out` and returns how many bytes that were.
    ///
    /// # Errors
    ///
    /// `out` is shorter than the record, or a value does not fit its C type; `out` may then be
    /// partly written.
    #[inline]
    fn encode_into(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.encode_into_abi::<Self::Abi>(out)
    }

    /// [`encode_into`](Self::encode_into) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`encode_into`](Self::encode_into).
    #[inline]
    fn encode_into_abi<A: Target>(&self, out: &mut [u8]) -> Result<usize, EncodeError>
    where
        Self: CType<A>,
    {
        let size = <Self as CType<A>>::SIZE;
        match out.get_mut(..size) {
            Some(out) => <Self as CType<A>>::write(self, out).map(|()| size),
            None => Err(too_short(size, out.len())),
        }
    }

    /// Encodes records one after the other over the front of `out` and returns how many bytes
    /// that were.
    ///
    /// # Errors
    ///
    /// `out` is too short, or a value does not fit its C type; the records before it have been
    /// written.
    #[inline]
    fn encode_slice(records: &[Self], out: &mut [u8]) -> Result<usize, EncodeError> {
        Self::encode_slice_abi::<Self::Abi>(records, out)
    }

    /// [`encode_slice`](Self::encode_slice) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`encode_slice`](Self::encode_slice).
    #[inline]
    fn encode_slice_abi<A: Target>(records: &[Self], out: &mut [u8]) -> Result<usize, EncodeError>
    where
        Self: CType<A>,
    {
        let size = const { nonzero_size::<A, Self>() };
        let needed = records.len().saturating_mul(size);
        let left = out.len();
        let Some(out) = out.get_mut(..needed) else { return Err(too_short(needed, left)) };
        for (index, (record, out)) in records.iter().zip(out.chunks_exact_mut(size)).enumerate() {
            <Self as CType<A>>::write(record, out)
                .map_err(|e| e.within(&format!("[{index}]"), index * size))?;
        }
        Ok(needed)
    }

    /// Which bytes of a record hold padding that is not zero: ranges in ascending order, from the
    /// start of `bytes`. Bits between bit-fields count as padding of their byte.
    ///
    /// # Errors
    ///
    /// There are fewer or more bytes than one record.
    fn nonzero_padding(bytes: &[u8]) -> Result<Vec<Range<usize>>, DecodeError> {
        Self::nonzero_padding_abi::<Self::Abi>(bytes)
    }

    /// [`nonzero_padding`](Self::nonzero_padding) under another ABI.
    ///
    /// # Errors
    ///
    /// As [`nonzero_padding`](Self::nonzero_padding).
    fn nonzero_padding_abi<A: Target>(bytes: &[u8]) -> Result<Vec<Range<usize>>, DecodeError>
    where
        Self: CType<A>,
    {
        let size = <Self as CType<A>>::SIZE;
        if bytes.len() < size {
            return Err(DecodeError::truncated(size, bytes.len()));
        }
        if bytes.len() > size {
            return Err(trailing(size, 1, bytes.len() - size));
        }
        let mut padding = Padding::default();
        <Self as CType<A>>::scan_padding(bytes, &mut padding);
        Ok(padding.into_ranges())
    }

    /// Where the members are.
    #[must_use]
    fn layout() -> RecordLayout {
        Self::layout_abi::<Self::Abi>()
    }

    /// Where the members are under another ABI.
    #[must_use]
    fn layout_abi<A: Target>() -> RecordLayout
    where
        Self: RecordType<A>,
    {
        <Self as RecordType<A>>::RECORD
    }
}

/// Where the members of a record are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    /// The struct's name in C.
    pub name: &'static str,
    /// The ABI that it is laid out for.
    pub abi: Abi,
    /// `sizeof`, in bytes.
    pub size: u64,
    /// Alignment, in bytes.
    pub align: u64,
    /// The named members, in the order of declaration.
    pub fields: &'static [FieldLayout],
}

/// Where one member of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldLayout {
    /// The member's name in C.
    pub name: &'static str,
    /// First bit, from the start of the record. Bit 0 is the least significant bit of byte 0 on
    /// little-endian ABIs and the most significant on big-endian ones.
    pub offset_bits: u64,
    /// Number of bits.
    pub size_bits: u64,
    /// Whether it is a bit-field.
    pub bit_field: bool,
}

impl RecordLayout {
    /// The member called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldLayout> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The bits that belong to no named member, as runs in ascending order.
    #[must_use]
    pub fn padding(&self) -> Vec<Place> {
        let mut runs = Vec::new();
        let mut free_bits = 0;
        let members = self.fields.iter().map(|field| (field.offset_bits, field.size_bits));
        for (offset_bits, size_bits) in members.chain([(self.size * 8, 0)]) {
            if offset_bits > free_bits {
                runs.push(Place { offset_bits: free_bits, size_bits: offset_bits - free_bits });
            }
            free_bits = free_bits.max(offset_bits + size_bits);
        }
        runs
    }
}

/// `sizeof` a record that can be counted in a buffer.
const fn nonzero_size<A: Target, R: CType<A>>() -> usize {
    assert!(R::SIZE > 0, "records without a byte cannot be counted in a buffer");
    R::SIZE
}

#[cold]
fn trailing(size: usize, whole: usize, extra: usize) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Trailing { size, extra }).shifted(size * whole)
}

#[cold]
fn too_short(needed: usize, left: usize) -> EncodeError {
    EncodeError::new(EncodeErrorKind::BufferTooShort { needed, left })
}

#[cold]
fn in_buffer(error: DecodeError, index: usize, size: usize) -> DecodeError {
    error.shifted(index * size)
}

/// Records that follow each other in a buffer, decoded one by one.
pub struct Records<'a, R, A> {
    chunks: ChunksExact<'a, u8>,
    /// Offset of the next record from the start of the buffer.
    offset: usize,
    record: PhantomData<(R, A)>,
}

impl<'a, R: CType<A>, A: Target> Records<'a, R, A> {
    /// The records in `bytes`.
    ///
    /// # Errors
    ///
    /// `bytes` is no whole number of records.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let size = const { nonzero_size::<A, R>() };
        let extra = bytes.len() % size;
        if extra != 0 {
            return Err(trailing(size, bytes.len() / size, extra));
        }
        Ok(Self { chunks: bytes.chunks_exact(size), offset: 0, record: PhantomData })
    }
}

impl<R: CType<A>, A: Target> Iterator for Records<'_, R, A> {
    type Item = Result<R, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.chunks.next()?;
        let offset = self.offset;
        self.offset += R::SIZE;
        Some(R::read(bytes).map_err(|error| error.shifted(offset)))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }
}

impl<R: CType<A>, A: Target> ExactSizeIterator for Records<'_, R, A> {}
impl<R: CType<A>, A: Target> FusedIterator for Records<'_, R, A> {}

impl<R, A> fmt::Debug for Records<'_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Records({} left, at offset {:#x})", self.chunks.len(), self.offset)
    }
}

/// Records that follow each other in a buffer, in place.
pub struct Views<'a, R, A> {
    chunks: ChunksExact<'a, u8>,
    record: PhantomData<(R, A)>,
}

impl<'a, R: CType<A>, A: Target> Views<'a, R, A> {
    /// The records in `bytes`.
    ///
    /// # Errors
    ///
    /// `bytes` is no whole number of records.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let Records { chunks, record, .. } = Records::<'a, R, A>::new(bytes)?;
        Ok(Self { chunks, record })
    }
}

impl<'a, R: CType<A>, A: Target> Iterator for Views<'a, R, A> {
    type Item = R::View<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.chunks.next().map(R::view)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }
}

impl<R: CType<A>, A: Target> ExactSizeIterator for Views<'_, R, A> {}
impl<R: CType<A>, A: Target> FusedIterator for Views<'_, R, A> {}

impl<R, A> fmt::Debug for Views<'_, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Views({} left)", self.chunks.len())
    }
}

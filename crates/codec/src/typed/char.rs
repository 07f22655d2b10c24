//! `char` and arrays of it: text.

use std::borrow::Cow;
use std::fmt;
use std::str::Utf8Error;

use cwire_layout::TypeLayout;
use cwire_layout::abi::{Scalar, Target};

use super::CType;
use crate::error::{DecodeError, EncodeError};

/// C's `char` as a character: one byte, in no particular encoding.
///
/// For `char` used as a number take [`i8`] or [`u8`]: whether `char` is signed depends on the ABI.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CChar(pub u8);

impl CChar {
    /// The character whose code point is the byte: U+0000 to U+00FF (Latin-1).
    #[must_use]
    pub fn to_char(self) -> char {
        char::from(self.0)
    }
}

impl From<u8> for CChar {
    fn from(byte: u8) -> Self {
        Self(byte)
    }
}

impl From<CChar> for u8 {
    fn from(char: CChar) -> Self {
        char.0
    }
}

impl fmt::Debug for CChar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b'{}'", self.0.escape_ascii())
    }
}

impl fmt::Display for CChar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_char().fmt(f)
    }
}

impl<A: Target> CType<A> for CChar {
    const LAYOUT: TypeLayout = A::ABI.scalar(Scalar::Char);
    const ALWAYS_FITS: bool = true;
    const ALWAYS_VALID: bool = true;
    type View<'a> = Self;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        <u8 as CType<A>>::read(bytes).map(Self)
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        <u8 as CType<A>>::write(&self.0, bytes)
    }

    #[inline(always)]
    fn view(bytes: &[u8]) -> Self {
        Self(<u8 as CType<A>>::view(bytes))
    }
}

/// C's `char[N]` as text: what comes before the first NUL, or all N bytes if there is none.
///
/// Bytes after the NUL are kept, so that decoding and encoding again gives the same bytes, and
/// count in comparisons. [`text`](Self::text) is what C's string functions see.
///
/// ```
/// use cwire_codec::CharArray;
///
/// let name = CharArray::<8>::new("héllo")?;
/// assert_eq!(name.to_str(), Ok("héllo"));
/// assert_eq!(name.as_array(), b"h\xc3\xa9llo\0\0");
/// assert_eq!(
///     CharArray::<4>::new("hello").unwrap_err().to_string(),
///     "text of 5 bytes does not fit char[4]"
/// );
/// # Ok::<(), cwire_codec::TextTooLong>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CharArray<const N: usize>([u8; N]);

/// A text longer than its `char[N]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextTooLong {
    /// Bytes of the text.
    pub len: usize,
    /// Bytes of the array. A closing NUL is not needed, as in C.
    pub max: usize,
}

impl fmt::Display for TextTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of {} bytes does not fit char[{}]", self.len, self.max)
    }
}

impl std::error::Error for TextTooLong {}

impl<const N: usize> CharArray<N> {
    /// `text`, filled up with NULs.
    ///
    /// # Errors
    ///
    /// The text has more than N bytes.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, TextTooLong> {
        let text = text.as_ref();
        let mut array = [0; N];
        match array.get_mut(..text.len()) {
            Some(front) => front.copy_from_slice(text),
            None => return Err(TextTooLong { len: text.len(), max: N }),
        }
        Ok(Self(array))
    }

    /// The bytes of the text: up to the first NUL, or all N.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        until_nul(&self.0)
    }

    /// The text as UTF-8.
    ///
    /// # Errors
    ///
    /// The text is not UTF-8.
    pub fn to_str(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(self.text())
    }

    /// The text as UTF-8, with U+FFFD for what is not.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text())
    }

    /// All N bytes, those after the first NUL too.
    #[must_use]
    pub const fn as_array(&self) -> &[u8; N] {
        &self.0
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

impl<const N: usize> Default for CharArray<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> From<[u8; N]> for CharArray<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> TryFrom<&str> for CharArray<N> {
    type Error = TextTooLong;

    fn try_from(text: &str) -> Result<Self, TextTooLong> {
        Self::new(text)
    }
}

impl<const N: usize> fmt::Debug for CharArray<N> {
    /// As a byte string: all that lies before the NULs at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = N - self.0.iter().rev().take_while(|&&byte| byte == 0).count();
        write!(f, "b\"{}\"", self.0.get(..used).unwrap_or(&self.0).escape_ascii())
    }
}

impl<const N: usize> fmt::Display for CharArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl<A: Target, const N: usize> CType<A> for CharArray<N> {
    const LAYOUT: TypeLayout = super::array::layout::<A, u8>(N);
    const ALWAYS_FITS: bool = true;
    const ALWAYS_VALID: bool = true;
    type View<'a> = CharArrayView<'a, N>;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self(*array_of(bytes)))
    }

    #[inline(always)]
    fn read_into(bytes: &[u8], out: &mut Self) -> Result<(), DecodeError> {
        out.0.copy_from_slice(bytes);
        Ok(())
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }

    #[inline(always)]
    fn view(bytes: &[u8]) -> CharArrayView<'_, N> {
        CharArrayView(array_of(bytes))
    }
}

#[inline(always)]
fn array_of<const N: usize>(bytes: &[u8]) -> &[u8; N] {
    bytes.try_into().expect("`CType` takes exactly N bytes")
}

/// A [`CharArray`] in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CharArrayView<'a, const N: usize>(&'a [u8; N]);

impl<'a, const N: usize> CharArrayView<'a, N> {
    /// The bytes of the text: up to the first NUL, or all N.
    #[must_use]
    pub fn text(self) -> &'a [u8] {
        until_nul(self.0)
    }

    /// The text as UTF-8.
    ///
    /// # Errors
    ///
    /// The text is not UTF-8.
    pub fn to_str(self) -> Result<&'a str, Utf8Error> {
        std::str::from_utf8(self.text())
    }

    /// The text as UTF-8, with U+FFFD for what is not.
    #[must_use]
    pub fn to_string_lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.text())
    }

    /// All N bytes, those after the first NUL too.
    #[must_use]
    #[inline]
    pub const fn as_array(self) -> &'a [u8; N] {
        self.0
    }

    /// The owned array.
    #[must_use]
    #[inline]
    pub const fn owned(self) -> CharArray<N> {
        CharArray(*self.0)
    }
}

impl<const N: usize> fmt::Debug for CharArrayView<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.owned().fmt(f)
    }
}

impl<const N: usize> fmt::Display for CharArrayView<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

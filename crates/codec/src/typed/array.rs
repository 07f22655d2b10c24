//! Arrays, of any number of dimensions.

use std::fmt;
use std::marker::PhantomData;

use cwire_layout::TypeLayout;
use cwire_layout::abi::Target;

use super::{CType, Padding};
use crate::error::{DecodeError, EncodeError};

/// Layout of `T[len]`, at compile time.
pub(super) const fn layout<A: Target, T: CType<A>>(len: usize) -> TypeLayout {
    match T::LAYOUT.array(len as u64) {
        Ok(layout) => layout,
        Err(_) => panic!("the array is larger than 2^60 bytes"),
    }
}

/// Element `index` of an array that starts at the front of `bytes`.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "callers stay below the array's length")]
fn element<A: Target, T: CType<A>>(bytes: &[u8], index: usize) -> &[u8] {
    &bytes[index * T::SIZE..][..T::SIZE]
}

impl<A: Target, T: CType<A>, const N: usize> CType<A> for [T; N] {
    const LAYOUT: TypeLayout = layout::<A, T>(N);
    const ALWAYS_FITS: bool = T::ALWAYS_FITS;
    const ALWAYS_VALID: bool = T::ALWAYS_VALID;
    type View<'a> = ArrayView<'a, T, A, N>;

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "`CType` takes exactly SIZE bytes")]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes = &bytes[..<Self as CType<A>>::SIZE];
        if const { T::ALWAYS_VALID } {
            return Ok(std::array::from_fn(|index| {
                T::read(element::<A, T>(bytes, index)).expect("every bit pattern is a value")
            }));
        }
        read_fallible::<A, T, N>(bytes)
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "`CType` takes exactly SIZE bytes")]
    fn read_into(bytes: &[u8], out: &mut Self) -> Result<(), DecodeError> {
        if const { !T::ALWAYS_VALID } {
            *out = <Self as CType<A>>::read(bytes)?;
            return Ok(());
        }
        let bytes = &bytes[..<Self as CType<A>>::SIZE];
        for (index, out) in out.iter_mut().enumerate() {
            T::read_into(element::<A, T>(bytes, index), out)?;
        }
        Ok(())
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "`CType` takes exactly SIZE bytes")]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        let bytes = &mut bytes[..<Self as CType<A>>::SIZE];
        for (index, value) in self.iter().enumerate() {
            value
                .write(&mut bytes[index * T::SIZE..][..T::SIZE])
                .map_err(|error| error.within(&format!("[{index}]"), index * T::SIZE))?;
        }
        Ok(())
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "`CType` takes exactly SIZE bytes")]
    fn view(bytes: &[u8]) -> ArrayView<'_, T, A, N> {
        ArrayView { bytes: &bytes[..<Self as CType<A>>::SIZE], element: PhantomData }
    }

    fn scan_padding(bytes: &[u8], padding: &mut Padding) {
        for index in 0..N {
            padding.within(index * T::SIZE, |padding| {
                T::scan_padding(element::<A, T>(bytes, index), padding);
            });
        }
    }
}

/// Decodes elements of which some may be no value. A function of its own, so that arrays of other
/// types do not need stack for what only this one holds.
fn read_fallible<A: Target, T: CType<A>, const N: usize>(
    bytes: &[u8],
) -> Result<[T; N], DecodeError> {
    let mut failed = None;
    let elements: [Option<T>; N] = std::array::from_fn(|index| {
        if failed.is_some() {
            return None;
        }
        T::read(element::<A, T>(bytes, index))
            .map_err(|error| failed = Some(at_index::<A, T>(error, index)))
            .ok()
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(elements.map(|element| element.expect("no element failed"))),
    }
}

#[cold]
fn at_index<A: Target, T: CType<A>>(error: DecodeError, index: usize) -> DecodeError {
    error.within(&format!("[{index}]"), index * T::SIZE)
}

/// An array in place: elements are decoded when asked for.
pub struct ArrayView<'a, T, A, const N: usize> {
    bytes: &'a [u8],
    element: PhantomData<(T, A)>,
}

impl<'a, T: CType<A>, A: Target, const N: usize> ArrayView<'a, T, A, N> {
    /// Number of elements.
    #[must_use]
    #[inline]
    pub const fn len(self) -> usize {
        N
    }

    /// Whether the array has no elements.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        N == 0
    }

    /// The element at `index`, or `None` beyond the end.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<T::View<'a>> {
        (index < N).then(|| T::view(element::<A, T>(self.bytes, index)))
    }

    /// The elements in order.
    #[must_use]
    #[inline]
    pub fn iter(self) -> ArrayViewIter<'a, T, A, N> {
        ArrayViewIter { view: self, next: 0 }
    }

    /// The bytes of the array.
    #[must_use]
    #[inline]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The owned array.
    ///
    /// # Errors
    ///
    /// The bytes of an element are no value of its type.
    #[inline]
    pub fn decode(self) -> Result<[T; N], DecodeError> {
        <[T; N] as CType<A>>::read(self.bytes)
    }
}

impl<T, A, const N: usize> Clone for ArrayView<'_, T, A, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A, const N: usize> Copy for ArrayView<'_, T, A, N> {}

impl<'a, T, A, const N: usize> fmt::Debug for ArrayView<'a, T, A, N>
where
    T: CType<A>,
    T::View<'a>: fmt::Debug,
    A: Target,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: CType<A>, A: Target, const N: usize> IntoIterator for ArrayView<'a, T, A, N> {
    type Item = T::View<'a>;
    type IntoIter = ArrayViewIter<'a, T, A, N>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The elements of an [`ArrayView`].
pub struct ArrayViewIter<'a, T: CType<A>, A: Target, const N: usize> {
    view: ArrayView<'a, T, A, N>,
    next: usize,
}

impl<'a, T: CType<A>, A: Target, const N: usize> Iterator for ArrayViewIter<'a, T, A, N> {
    type Item = T::View<'a>;

    #[inline]
    fn next(&mut self) -> Option<T::View<'a>> {
        let element = self.view.get(self.next)?;
        self.next += 1;
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (N - self.next, Some(N - self.next))
    }
}

impl<T: CType<A>, A: Target, const N: usize> ExactSizeIterator for ArrayViewIter<'_, T, A, N> {}

impl<T: CType<A>, A: Target, const N: usize> fmt::Debug for ArrayViewIter<'_, T, A, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArrayViewIter({} of {N})", self.next)
    }
}

//! Rust types that mirror C types.
//!
//! [`CType`] is implemented per ABI, so that offsets are constants: `<T as CType<A>>::LAYOUT` is
//! known to the compiler, and a decoder is a handful of loads. [`Record`](crate::Record) is what
//! users call; the derive implements both.

mod array;
pub(crate) mod bits;
mod char;
pub(crate) mod enumeration;
mod integer;
mod padding;
pub(crate) mod record;

pub use array::{ArrayView, ArrayViewIter};
pub use bits::{BitField, Unnamed};
pub use char::{CChar, CharArray, CharArrayView, TextTooLong};
pub use enumeration::{CEnum, Enumerator, FixedType, Open};
pub use integer::{
    CBool, CInt, CLong, CLongLong, CPtr, CSChar, CShort, CSize, CUChar, CUInt, CULong, CULongLong,
    CUShort, CWchar,
};
pub use padding::Padding;
pub use record::{FieldLayout, Record, RecordLayout, RecordType, Records, Views};

use cwire_layout::TypeLayout;
use cwire_layout::abi::Target;

use crate::error::{DecodeError, EncodeError};

/// A Rust type with the bytes of a C type under the ABI `A`.
///
/// The methods take exactly [`SIZE`](Self::SIZE) bytes, in any alignment. Callers outside this
/// crate go through [`Record`](crate::Record), which checks lengths once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` mirrors no C type",
    label = "not a C type",
    note = "fields of a record are numbers, `CChar`, `CharArray<N>`, `CLong` and the like, arrays, \
            and what derives `Record` or `CEnum`: see the table in the documentation of cwire_codec"
)]
pub trait CType<A: Target>: Sized {
    /// Size and alignment inside a record.
    const LAYOUT: TypeLayout;

    /// `sizeof` in bytes.
    const SIZE: usize = crate::scalar::to_usize(Self::LAYOUT.size);

    /// Whether every value fits, so that encoding cannot fail. Not so for bit-fields, nor for
    /// `long` where the ABI has it smaller than the Rust type that holds it.
    const ALWAYS_FITS: bool;

    /// Whether every bit pattern is a value, so that decoding cannot fail. Not so for `bool` and
    /// for enums without room for unknown values.
    const ALWAYS_VALID: bool;

    /// Whether a member of this type has a name in C; see [`Unnamed`].
    const NAMED: bool = true;

    /// The type in place: borrowed bytes, or the value itself where that is as cheap.
    type View<'a>;

    /// Decodes a value.
    ///
    /// # Errors
    ///
    /// The bytes are no value of the type; see [`DecodeErrorKind::InvalidValue`].
    ///
    /// # Panics
    ///
    /// `bytes` is not [`SIZE`](Self::SIZE) bytes long.
    ///
    /// [`DecodeErrorKind::InvalidValue`]: crate::DecodeErrorKind::InvalidValue
    fn read(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a value over `out`: what arrays of bytes need to become plain copies. A value built
    /// first and moved then is taken apart into registers, piece by piece if its size is odd.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read). `out` is then as it was.
    ///
    /// # Panics
    ///
    /// `bytes` is not [`SIZE`](Self::SIZE) bytes long.
    #[inline(always)]
    fn read_into(bytes: &[u8], out: &mut Self) -> Result<(), DecodeError> {
        *out = Self::read(bytes)?;
        Ok(())
    }

    /// Encodes the value over `bytes`, padding as zero.
    ///
    /// # Errors
    ///
    /// The value does not fit the C type under this ABI. `bytes` is then partly written.
    ///
    /// # Panics
    ///
    /// `bytes` is not [`SIZE`](Self::SIZE) bytes long.
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError>;

    /// The type in place.
    ///
    /// # Panics
    ///
    /// `bytes` is not [`SIZE`](Self::SIZE) bytes long.
    fn view(bytes: &[u8]) -> Self::View<'_>;

    /// Reports which padding in `bytes` is not zero. Types without padding report nothing.
    fn scan_padding(bytes: &[u8], padding: &mut Padding) {
        let _ = (bytes, padding);
    }
}

//! Which built-in types an ABI gives to C's own typedefs (`size_t`, `wchar_t`, `int64_t` …).

use cwire_layout::abi::{Abi, Scalar};
use cwire_layout::types::Basic;

/// Whether `long` has 64 bits.
pub(crate) const fn long_is_64(abi: &Abi) -> bool {
    abi.scalar(Scalar::Long).size == 8
}

/// `size_t`, `uintptr_t`: `__SIZE_TYPE__` of gcc and clang.
pub(crate) const fn size_type(abi: &Abi) -> Basic {
    match (abi.pointer_size(), long_is_64(abi)) {
        (8, true) => Basic::ULong,
        (8, false) => Basic::ULongLong,
        _ => Basic::UInt,
    }
}

/// `ptrdiff_t`, `ssize_t`, `intptr_t`.
pub(crate) const fn difference_type(abi: &Abi) -> Basic {
    match size_type(abi) {
        Basic::ULong => Basic::Long,
        Basic::ULongLong => Basic::LongLong,
        _ => Basic::Int,
    }
}

/// `int64_t`: `__INT64_TYPE__`. Apple's is `long long` although `long` has 64 bits.
pub(crate) fn int64_type(abi: &Abi) -> Basic {
    if long_is_64(abi) && !is_apple(abi) { Basic::Long } else { Basic::LongLong }
}

/// `int32_t`: newlib's is `long`.
pub(crate) fn int32_type(abi: &Abi) -> Basic {
    if abi.triple() == "arm-none-eabi" { Basic::Long } else { Basic::Int }
}

/// `wchar_t` of C, a typedef: `__WCHAR_TYPE__`.
pub(crate) fn wchar_type(abi: &Abi) -> Basic {
    match (abi.scalar(Scalar::WChar).size, abi.triple()) {
        (2, _) => Basic::UShort,
        (_, triple) if triple.starts_with("i686") || triple.starts_with("powerpc-") => Basic::Long,
        (_, triple) if triple.starts_with("arm") || triple.starts_with("aarch64-unknown-linux") => {
            Basic::UInt
        }
        _ => Basic::Int,
    }
}

pub(crate) fn is_apple(abi: &Abi) -> bool {
    abi.triple().ends_with("-apple-darwin")
}

pub(crate) fn is_msvc(abi: &Abi) -> bool {
    abi.triple().ends_with("-msvc")
}

pub(crate) fn is_windows(abi: &Abi) -> bool {
    abi.triple().contains("-windows-")
}

/// Whether gcc's word counts, not clang's.
pub(crate) fn is_gcc(abi: &Abi) -> bool {
    !is_msvc(abi) && !is_apple(abi)
}

//! ABIs: what a target's compilers agree on about the bytes of a C type.
//!
//! An [`Abi`] is plain data, a constant per target. The marker types ([`X86_64Linux`] …) carry one
//! in a type parameter, so that code generic over [`Target`] has every offset as a constant.

use std::fmt;

use crate::ty::TypeLayout;

/// Order of the bytes of a multi-byte scalar, and with it the end from which bit-fields fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Least significant byte first; bit-fields fill from the least significant bit.
    Little,
    /// Most significant byte first; bit-fields fill from the most significant bit.
    Big,
}

/// How bit-fields are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitFieldRule {
    /// System V: a bit-field goes to the next free bit, unless it would then cross a boundary of
    /// its declared type (System V AMD64 psABI 3.1.2, i386 psABI 2.1).
    SysV,
    /// System V, and unnamed bit-fields, of width 0 too, align the record (AAPCS32 and AAPCS64,
    /// "Bit-fields").
    Aapcs,
    /// Bit-fields share a storage unit of their declared type while types of one size follow each
    /// other (Microsoft C language reference, "C bit fields").
    Msvc,
    /// As MSVC, with `packed` and zero-width bit-fields as gcc reads them (`-mms-bitfields`).
    MinGw,
}

/// How the type that holds an enum is chosen, where the enum does not fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnumRule {
    /// `int` or `unsigned int`; a 64-bit type where a value fits neither (gcc and clang).
    Int,
    /// The smallest type that holds all values (AAPCS32 7.1.3 as bare-metal ARM uses it,
    /// `-fshort-enums`).
    Smallest,
    /// Always `int` (MSVC); larger values are cut off.
    AlwaysInt,
}

/// How base classes are placed, and whose tail padding may be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassRule {
    /// Itanium C++ ABI 2.4 as g++ reads it: a class is a POD for the purpose of layout if C++20
    /// calls it an aggregate without bases and initialisers (rule header `tail_padding_by_declaration.hpp`).
    Gcc,
    /// The same as clang reads it on x86-64 macOS: whatever a user declares ends a POD.
    AppleX86_64,
    /// The same on arm64 macOS: a POD is what C++11 calls trivial and of standard layout.
    AppleArm64,
    /// Microsoft's: base classes keep their tail padding.
    Msvc,
}

/// What the bytes of a `long double` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongDoubleFormat {
    /// IEEE binary64: the same as `double`.
    Double,
    /// x87 extended precision: 80 bits with an explicit leading 1, and padding (System V AMD64 psABI
    /// 3.1.2, i386 psABI 2.1).
    X87,
    /// IEEE binary128.
    Quad,
    /// IBM extended precision: the sum of two `double`s, the larger first in either byte order (64-bit
    /// PowerPC ELF ABI 3.1.4, OpenPOWER ELF v2 ABI 2.1.2.1).
    DoubleDouble,
}

/// A C scalar type whose size or alignment some ABI decides.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `_Bool`, C++ `bool`.
    Bool,
    /// `char`, `signed char`, `unsigned char`, `int8_t`, `uint8_t`.
    Char,
    /// `short`, `int16_t`, `uint16_t`.
    Short,
    /// `int`, `int32_t`, `uint32_t`.
    Int,
    /// `long`, `unsigned long`.
    Long,
    /// `long long`, `int64_t`, `uint64_t`.
    LongLong,
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// Pointers, `intptr_t`, `uintptr_t`.
    Pointer,
    /// `size_t`, `ptrdiff_t`, `ssize_t`.
    Size,
    /// `wchar_t`.
    WChar,
}

/// The rules of one target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Abi {
    triple: &'static str,
    endian: Endian,
    /// Bytes of a pointer and of `size_t`.
    pointer_size: u64,
    long_size: u64,
    wchar_size: u64,
    /// Alignment of `long long` and `double` inside a record.
    eight_byte_align: u64,
    /// Size and alignment of `long double`.
    long_double: (u64, u64),
    /// Alignment of `__int128` and of IEEE 128-bit floats.
    sixteen_byte_align: u64,
    max_align: u64,
    char_signed: bool,
    bit_field_rule: BitFieldRule,
    enum_rule: EnumRule,
    class_rule: ClassRule,
    /// `-fpack-struct=N`: the `#pragma pack` that is in force where none is.
    default_pack: Option<u64>,
    /// `-fpack-struct`: every record is `packed`, and `#pragma pack` is ignored.
    packs_records: bool,
}

impl Abi {
    /// `x86_64-unknown-linux-gnu`: System V AMD64 psABI.
    pub const X86_64_LINUX: Self = Self::lp64("x86_64-unknown-linux-gnu", Endian::Little);
    /// `i686-unknown-linux-gnu`: System V i386 psABI.
    pub const I686_LINUX: Self = Self {
        eight_byte_align: 4,
        long_double: (12, 4),
        ..Self::ilp32("i686-unknown-linux-gnu", Endian::Little)
    };
    /// `aarch64-unknown-linux-gnu`: AAPCS64.
    pub const AARCH64_LINUX: Self = Self {
        char_signed: false,
        bit_field_rule: BitFieldRule::Aapcs,
        ..Self::lp64("aarch64-unknown-linux-gnu", Endian::Little)
    };
    /// `arm-unknown-linux-gnueabihf`: AAPCS32, Linux variant.
    pub const ARM_LINUX: Self = Self {
        long_double: (8, 8),
        max_align: 8,
        char_signed: false,
        bit_field_rule: BitFieldRule::Aapcs,
        ..Self::ilp32("arm-unknown-linux-gnueabihf", Endian::Little)
    };
    /// `arm-none-eabi`: AAPCS32, bare metal.
    pub const ARM_NONE_EABI: Self =
        Self { triple: "arm-none-eabi", enum_rule: EnumRule::Smallest, ..Self::ARM_LINUX };
    /// `riscv64gc-unknown-linux-gnu`: RISC-V ELF psABI, LP64D.
    pub const RISCV64_LINUX: Self =
        Self { char_signed: false, ..Self::lp64("riscv64gc-unknown-linux-gnu", Endian::Little) };
    /// `powerpc-unknown-linux-gnu`: System V PowerPC 32-bit psABI.
    pub const POWERPC_LINUX: Self =
        Self { char_signed: false, ..Self::ilp32("powerpc-unknown-linux-gnu", Endian::Big) };
    /// `powerpc64-unknown-linux-gnu`: 64-bit PowerPC ELF ABI v1.
    pub const POWERPC64_LINUX: Self =
        Self { char_signed: false, ..Self::lp64("powerpc64-unknown-linux-gnu", Endian::Big) };
    /// `powerpc64le-unknown-linux-gnu`: OpenPOWER ELF v2 ABI.
    pub const POWERPC64LE_LINUX: Self =
        Self { char_signed: false, ..Self::lp64("powerpc64le-unknown-linux-gnu", Endian::Little) };
    /// `mips-unknown-linux-gnu`: MIPS o32, big-endian.
    pub const MIPS_LINUX: Self = Self {
        max_align: 8,
        long_double: (8, 8),
        ..Self::ilp32("mips-unknown-linux-gnu", Endian::Big)
    };
    /// `s390x-unknown-linux-gnu`: s390x ELF ABI.
    pub const S390X_LINUX: Self = Self {
        char_signed: false,
        max_align: 8,
        long_double: (16, 8),
        sixteen_byte_align: 8,
        ..Self::lp64("s390x-unknown-linux-gnu", Endian::Big)
    };
    /// `x86_64-pc-windows-msvc`.
    pub const X86_64_WINDOWS: Self = Self::windows("x86_64-pc-windows-msvc", 8);
    /// `i686-pc-windows-msvc`.
    pub const I686_WINDOWS: Self = Self::windows("i686-pc-windows-msvc", 4);
    /// `aarch64-pc-windows-msvc`.
    pub const AARCH64_WINDOWS: Self = Self::windows("aarch64-pc-windows-msvc", 8);
    /// `x86_64-pc-windows-gnu`: MinGW gcc.
    pub const X86_64_WINDOWS_GNU: Self = Self::mingw("x86_64-pc-windows-gnu", 8);
    /// `i686-pc-windows-gnu`: MinGW gcc.
    pub const I686_WINDOWS_GNU: Self =
        Self { long_double: (12, 4), ..Self::mingw("i686-pc-windows-gnu", 4) };
    /// `aarch64-apple-darwin`: Apple's variant of AAPCS64, with bit-fields as on x86-64.
    pub const AARCH64_APPLE: Self = Self {
        long_double: (8, 8),
        class_rule: ClassRule::AppleArm64,
        ..Self::lp64("aarch64-apple-darwin", Endian::Little)
    };
    /// `x86_64-apple-darwin`.
    pub const X86_64_APPLE: Self = Self {
        class_rule: ClassRule::AppleX86_64,
        ..Self::lp64("x86_64-apple-darwin", Endian::Little)
    };

    /// Every ABI that cwire knows.
    pub const ALL: [Self; 18] = [
        Self::X86_64_LINUX,
        Self::I686_LINUX,
        Self::AARCH64_LINUX,
        Self::ARM_LINUX,
        Self::ARM_NONE_EABI,
        Self::RISCV64_LINUX,
        Self::POWERPC_LINUX,
        Self::POWERPC64_LINUX,
        Self::POWERPC64LE_LINUX,
        Self::MIPS_LINUX,
        Self::S390X_LINUX,
        Self::X86_64_WINDOWS,
        Self::I686_WINDOWS,
        Self::AARCH64_WINDOWS,
        Self::X86_64_WINDOWS_GNU,
        Self::I686_WINDOWS_GNU,
        Self::AARCH64_APPLE,
        Self::X86_64_APPLE,
    ];

    const fn lp64(triple: &'static str, endian: Endian) -> Self {
        Self {
            triple,
            endian,
            pointer_size: 8,
            long_size: 8,
            wchar_size: 4,
            eight_byte_align: 8,
            long_double: (16, 16),
            sixteen_byte_align: 16,
            max_align: 16,
            char_signed: true,
            bit_field_rule: BitFieldRule::SysV,
            enum_rule: EnumRule::Int,
            class_rule: ClassRule::Gcc,
            default_pack: None,
            packs_records: false,
        }
    }

    const fn ilp32(triple: &'static str, endian: Endian) -> Self {
        Self { pointer_size: 4, long_size: 4, ..Self::lp64(triple, endian) }
    }

    const fn windows(triple: &'static str, pointer_size: u64) -> Self {
        Self {
            pointer_size,
            long_size: 4,
            wchar_size: 2,
            long_double: (8, 8),
            bit_field_rule: BitFieldRule::Msvc,
            enum_rule: EnumRule::AlwaysInt,
            class_rule: ClassRule::Msvc,
            ..Self::lp64(triple, Endian::Little)
        }
    }

    const fn mingw(triple: &'static str, pointer_size: u64) -> Self {
        Self {
            long_double: (16, 16),
            bit_field_rule: BitFieldRule::MinGw,
            enum_rule: EnumRule::Int,
            class_rule: ClassRule::Gcc,
            ..Self::windows(triple, pointer_size)
        }
    }

    /// The target triple as rustc spells it.
    #[must_use]
    pub const fn triple(&self) -> &'static str {
        self.triple
    }

    /// Byte order of scalars.
    #[must_use]
    pub const fn endian(&self) -> Endian {
        self.endian
    }

    /// The same ABI with its scalars and bit-fields in another byte order. No offset moves.
    #[must_use]
    pub const fn with_endian(self, endian: Endian) -> Self {
        Self { endian, ..self }
    }

    /// The 32-bit ABI of the same system, as `-m32` chooses it: this one if it has 32 bits; `None` if
    /// there is none.
    #[must_use]
    pub fn with_32_bits(self) -> Option<Self> {
        if self.pointer_size == 4 {
            return Some(self);
        }
        let narrow = match self.triple {
            "x86_64-unknown-linux-gnu" => Self::I686_LINUX,
            "powerpc64-unknown-linux-gnu" => Self::POWERPC_LINUX,
            "x86_64-pc-windows-msvc" => Self::I686_WINDOWS,
            "x86_64-pc-windows-gnu" => Self::I686_WINDOWS_GNU,
            _ => return None,
        };
        // The other flags stay as they were.
        Some(Self {
            char_signed: self.char_signed,
            bit_field_rule: self.bit_field_rule,
            enum_rule: self.enum_rule,
            default_pack: self.default_pack,
            packs_records: self.packs_records,
            wchar_size: self.wchar_size,
            ..narrow
        })
    }

    /// `-fshort-enums` and `-fno-short-enums`. MSVC knows neither, and stays as it is.
    #[must_use]
    pub const fn with_short_enums(self, short: bool) -> Self {
        let enum_rule = match (self.enum_rule, short) {
            (EnumRule::AlwaysInt, _) => EnumRule::AlwaysInt,
            (_, true) => EnumRule::Smallest,
            (_, false) => EnumRule::Int,
        };
        Self { enum_rule, ..self }
    }

    /// `-fpack-struct`: every record is `packed`, and `#pragma pack` is ignored, as gcc warns. That is
    /// not what `-fpack-struct=1` means: bit-fields of width 0 keep the alignment of their type (test
    /// `flags_mean_what_they_mean_to_gcc`).
    #[must_use]
    pub const fn with_packed_records(self) -> Self {
        Self { packs_records: true, ..self }
    }

    /// Whether every record is `packed`.
    #[must_use]
    pub const fn packs_records(&self) -> bool {
        self.packs_records
    }

    /// `-fpack-struct=N`: a `#pragma pack(N)` where none is in force, N in bytes.
    #[must_use]
    pub const fn with_default_pack(self, pack: u64) -> Self {
        Self { default_pack: Some(pack), ..self }
    }

    /// `-fsigned-char` and `-funsigned-char`.
    #[must_use]
    pub const fn with_signed_char(self, signed: bool) -> Self {
        Self { char_signed: signed, ..self }
    }

    /// `-fshort-wchar`: `wchar_t` is `unsigned short`; `-fno-short-wchar`: it has 32 bits.
    #[must_use]
    pub const fn with_short_wchar(self, short: bool) -> Self {
        Self { wchar_size: if short { 2 } else { 4 }, ..self }
    }

    /// `-mms-bitfields` and `-mno-ms-bitfields` of gcc. MSVC knows neither, and stays as it is.
    #[must_use]
    pub const fn with_ms_bit_fields(self, microsoft: bool) -> Self {
        let bit_field_rule = match (self.bit_field_rule, microsoft) {
            (BitFieldRule::Msvc, _) => BitFieldRule::Msvc,
            (_, true) => BitFieldRule::MinGw,
            (BitFieldRule::MinGw, false) => BitFieldRule::SysV,
            (rule, false) => rule,
        };
        Self { bit_field_rule, ..self }
    }

    /// Bytes of a pointer.
    #[must_use]
    pub const fn pointer_size(&self) -> u64 {
        self.pointer_size
    }

    /// How bit-fields are placed.
    #[must_use]
    pub const fn bit_field_rule(&self) -> BitFieldRule {
        self.bit_field_rule
    }

    /// How base classes are placed.
    #[must_use]
    pub const fn class_rule(&self) -> ClassRule {
        self.class_rule
    }

    /// The `#pragma pack` that is in force where none is (`-fpack-struct`), in bytes.
    #[must_use]
    pub const fn default_pack(&self) -> Option<u64> {
        self.default_pack
    }

    /// Whether plain `char` is signed.
    #[must_use]
    pub const fn char_is_signed(&self) -> bool {
        self.char_signed
    }

    /// What `aligned` without a number asks for, in bytes: gcc's `__BIGGEST_ALIGNMENT__`.
    #[must_use]
    pub const fn max_align(&self) -> u64 {
        self.max_align
    }

    /// Size and alignment of `long double`.
    #[must_use]
    pub const fn long_double(&self) -> TypeLayout {
        TypeLayout::new(self.long_double.0, self.long_double.1)
    }

    /// What the bytes of a `long double` mean.
    #[must_use]
    pub fn long_double_format(&self) -> LongDoubleFormat {
        match self.triple.split('-').next() {
            _ if self.long_double.0 == 8 => LongDoubleFormat::Double,
            Some("x86_64" | "i686") => LongDoubleFormat::X87,
            Some("powerpc" | "powerpc64" | "powerpc64le") => LongDoubleFormat::DoubleDouble,
            _ => LongDoubleFormat::Quad,
        }
    }

    /// Whether `wchar_t` is signed: where it has 4 bytes it is `int`, or `long` on i386, and unsigned
    /// on ARM only (AAPCS32 7.1.1, AAPCS64 10.1; Apple's is `int`); 2 bytes are `unsigned short`.
    #[must_use]
    pub fn wchar_is_signed(&self) -> bool {
        let is_arm = self.triple.starts_with("arm-") || self.triple == "aarch64-unknown-linux-gnu";
        self.wchar_size == 4 && !is_arm
    }

    /// Size and alignment of `__int128` and `__float128`.
    #[must_use]
    pub const fn sixteen_bytes(&self) -> TypeLayout {
        TypeLayout::new(16, self.sixteen_byte_align)
    }

    /// How the type that holds an enum is chosen.
    #[must_use]
    pub const fn enum_rule(&self) -> EnumRule {
        self.enum_rule
    }

    /// Size and alignment of a scalar inside a record, in bytes.
    #[must_use]
    pub const fn scalar(&self, scalar: Scalar) -> TypeLayout {
        let size = match scalar {
            Scalar::Bool | Scalar::Char => 1,
            Scalar::Short => 2,
            Scalar::Int | Scalar::Float => 4,
            Scalar::Long => self.long_size,
            Scalar::LongLong | Scalar::Double => 8,
            Scalar::Pointer | Scalar::Size => self.pointer_size,
            Scalar::WChar => self.wchar_size,
        };
        let align = match scalar {
            Scalar::LongLong | Scalar::Double => self.eight_byte_align,
            _ => size,
        };
        TypeLayout::new(size, align)
    }

    /// Size and alignment of an integer type of 1, 2, 4 or 8 bytes inside a record.
    ///
    /// # Panics
    ///
    /// No C integer type has `size` bytes.
    #[must_use]
    pub const fn integer(&self, size: u64) -> TypeLayout {
        match size {
            1 => self.scalar(Scalar::Char),
            2 => self.scalar(Scalar::Short),
            4 => self.scalar(Scalar::Int),
            8 => self.scalar(Scalar::LongLong),
            _ => panic!("integer types have 1, 2, 4 or 8 bytes"),
        }
    }

    /// The integer type that holds an enum with values from `min` to `max`, both included, and
    /// whether that type is signed.
    ///
    /// Values that do not fit the type the ABI chooses are cut off, as its compilers do.
    #[must_use]
    pub const fn enum_type(&self, min: i128, max: i128) -> (TypeLayout, bool) {
        let signed = min < 0;
        match self.enum_rule {
            EnumRule::AlwaysInt => (self.scalar(Scalar::Int), true),
            EnumRule::Int if fits_in(min, max, 32) => (self.scalar(Scalar::Int), signed),
            EnumRule::Smallest if fits_in(min, max, 8) => (self.scalar(Scalar::Char), signed),
            EnumRule::Smallest if fits_in(min, max, 16) => (self.scalar(Scalar::Short), signed),
            EnumRule::Smallest if fits_in(min, max, 32) => (self.scalar(Scalar::Int), signed),
            EnumRule::Int | EnumRule::Smallest => (self.scalar(Scalar::LongLong), signed),
        }
    }
}

impl fmt::Debug for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Abi({}, {:?})", self.triple, self.endian)
    }
}

/// Whether all of `min..=max` fits an integer type of `bits` bits, unsigned unless `min` is
/// negative.
const fn fits_in(min: i128, max: i128, bits: u32) -> bool {
    if min < 0 { min >= -(1 << (bits - 1)) && max < 1 << (bits - 1) } else { max < 1 << bits }
}

/// An ABI as a type, so that what depends on it can be a constant.
pub trait Target:
    Copy + Default + Eq + std::hash::Hash + fmt::Debug + Send + Sync + 'static
{
    /// The rules of this target.
    const ABI: Abi;
}

macro_rules! targets {
    ($($name:ident = $abi:ident),* $(,)?) => { $(
        #[doc = concat!("[`Abi::", stringify!($abi), "`] as a type.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name;

        impl Target for $name {
            const ABI: Abi = Abi::$abi;
        }
    )* };
}

targets! {
    X86_64Linux = X86_64_LINUX,
    I686Linux = I686_LINUX,
    Aarch64Linux = AARCH64_LINUX,
    ArmLinux = ARM_LINUX,
    ArmNoneEabi = ARM_NONE_EABI,
    Riscv64Linux = RISCV64_LINUX,
    PowerPcLinux = POWERPC_LINUX,
    PowerPc64Linux = POWERPC64_LINUX,
    PowerPc64LeLinux = POWERPC64LE_LINUX,
    MipsLinux = MIPS_LINUX,
    S390xLinux = S390X_LINUX,
    X86_64Windows = X86_64_WINDOWS,
    I686Windows = I686_WINDOWS,
    Aarch64Windows = AARCH64_WINDOWS,
    X86_64WindowsGnu = X86_64_WINDOWS_GNU,
    I686WindowsGnu = I686_WINDOWS_GNU,
    Aarch64Apple = AARCH64_APPLE,
    X86_64Apple = X86_64_APPLE,
}

/// The ABI `A` with big-endian scalars and bit-fields; offsets are those of `A`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Big<A>(std::marker::PhantomData<A>);

impl<A: Target> Target for Big<A> {
    const ABI: Abi = A::ABI.with_endian(Endian::Big);
}

/// The ABI `A` with little-endian scalars and bit-fields; offsets are those of `A`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Little<A>(std::marker::PhantomData<A>);

impl<A: Target> Target for Little<A> {
    const ABI: Abi = A::ABI.with_endian(Endian::Little);
}

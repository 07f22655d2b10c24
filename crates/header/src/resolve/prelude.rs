//! Names that are known without a declaration: fixed-width types and those of `<stddef.h>`,
//! `<sys/types.h>` and, on Windows, `<basetsd.h>`.
//!
//! Protocol headers use them without including anything. They stand in a scope around the file's,
//! so a real typedef takes their place.

use std::collections::HashMap;

use cwire_layout::abi::Abi;
use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind, Type, TypeId, Typedef, Types};

use super::target;
use crate::Lang;
use crate::token::{Interner, Symbol};

/// The known names.
#[derive(Debug)]
pub(crate) struct Prelude {
    known: HashMap<Symbol, Known>,
}

#[derive(Clone, Debug)]
enum Known {
    /// Not used so far.
    Unused(&'static str, Target),
    Used(TypeId),
}

/// What a known name stands for.
#[derive(Clone, Copy, Debug)]
enum Target {
    Basic(Basic),
    /// `char *`.
    CharPointer,
    /// `void *`.
    VoidPointer,
    /// `__builtin_va_list` where it is a record.
    Va(&'static VaRecord),
}

impl Prelude {
    pub(crate) fn new(interner: &mut Interner, abi: &Abi, lang: Lang) -> Self {
        let mut known = HashMap::with_capacity(128);
        let mut add = |name: &'static str, target: Target| {
            known.insert(interner.intern(name), Known::Unused(name, target));
        };
        for &(name, basic) in SAME_EVERYWHERE {
            add(name, Target::Basic(basic));
        }
        for (names, basic) in by_abi(abi) {
            for name in names {
                add(name, Target::Basic(basic));
            }
        }
        if lang == Lang::C {
            add("wchar_t", Target::Basic(target::wchar_type(abi)));
            add("char16_t", Target::Basic(Basic::UShort));
            add("char32_t", Target::Basic(Basic::UInt));
        } else {
            add("nullptr_t", Target::Basic(Basic::NullPtr));
        }
        if target::is_windows(abi) {
            for &(name, basic) in WINDOWS {
                add(name, Target::Basic(basic));
            }
        }
        for name in ["__builtin_va_list", "__gnuc_va_list", "va_list"] {
            add(name, va_list(abi));
        }
        add("__builtin_ms_va_list", Target::CharPointer);
        Self { known }
    }

    /// The type of a known name.
    pub(crate) fn find(&mut self, ident: Symbol, types: &mut Types) -> Option<TypeId> {
        let known = self.known.get_mut(&ident)?;
        let (name, target) = match known {
            Known::Used(ty) => return Some(*ty),
            Known::Unused(name, target) => (*name, *target),
        };
        let target = target_type(target, types);
        let ty = types.add_typedef(Typedef { name: name.into(), target, align: None });
        *known = Known::Used(ty);
        Some(ty)
    }
}

fn target_type(target: Target, types: &mut Types) -> TypeId {
    match target {
        Target::Basic(basic) => types.basic(basic),
        Target::CharPointer => {
            let char = types.basic(Basic::Char);
            types.pointer(char)
        }
        Target::VoidPointer => {
            let void = types.intern(Type::Void);
            types.pointer(void)
        }
        Target::Va(record) => va_record(types, record),
    }
}

/// The record behind `va_list` where it is one.
fn va_record(types: &mut Types, record: &VaRecord) -> TypeId {
    let void = types.intern(Type::Void);
    let pointer = types.pointer(void);
    let members = record.members.iter().map(|&(name, basic)| {
        let ty = basic.map_or(pointer, |basic| types.basic(basic));
        MemberDef::new(name, ty)
    });
    let def = RecordDef { members: members.collect(), ..RecordDef::default() };
    let id = types.add_record(RecordKind::Struct, "", None);
    types.name_record(id, record.name);
    types.define_record(id, def).expect("a few words have a layout");
    let ty = types.intern(Type::Record(id));
    if record.is_array { types.array(ty, Some(1)) } else { ty }
}

/// A `va_list` that is a record, or an array of one.
#[derive(Debug)]
struct VaRecord {
    name: &'static str,
    is_array: bool,
    /// Names and types; `None`: `void *`.
    members: &'static [(&'static str, Option<Basic>)],
}

/// System V AMD64 psABI 3.5.7.
const VA_X86_64: VaRecord = VaRecord {
    name: "__va_list_tag",
    is_array: true,
    members: &[
        ("gp_offset", Some(Basic::UInt)),
        ("fp_offset", Some(Basic::UInt)),
        ("overflow_arg_area", None),
        ("reg_save_area", None),
    ],
};

/// AAPCS64, Definition of va_list.
const VA_AARCH64: VaRecord = VaRecord {
    name: "__va_list",
    is_array: false,
    members: &[
        ("__stack", None),
        ("__gr_top", None),
        ("__vr_top", None),
        ("__gr_offs", Some(Basic::Int)),
        ("__vr_offs", Some(Basic::Int)),
    ],
};

/// AAPCS32 7.1.4.
const VA_ARM: VaRecord =
    VaRecord { name: "__va_list", is_array: false, members: &[("__ap", None)] };

/// System V PowerPC 32-bit psABI, Variable Argument Lists.
const VA_POWERPC: VaRecord = VaRecord {
    name: "__va_list_tag",
    is_array: true,
    members: &[
        ("gpr", Some(Basic::UChar)),
        ("fpr", Some(Basic::UChar)),
        ("reserved", Some(Basic::UShort)),
        ("overflow_arg_area", None),
        ("reg_save_area", None),
    ],
};

/// s390x ELF ABI, Variable Argument Lists.
const VA_S390X: VaRecord = VaRecord {
    name: "__va_list_tag",
    is_array: true,
    members: &[
        ("__gpr", Some(Basic::Long)),
        ("__fpr", Some(Basic::Long)),
        ("__overflow_arg_area", None),
        ("__reg_save_area", None),
    ],
};

/// `__builtin_va_list`: a pointer where no psABI makes it a record.
fn va_list(abi: &Abi) -> Target {
    match abi.triple() {
        "x86_64-unknown-linux-gnu" | "x86_64-apple-darwin" => Target::Va(&VA_X86_64),
        "aarch64-unknown-linux-gnu" => Target::Va(&VA_AARCH64),
        "arm-unknown-linux-gnueabihf" | "arm-none-eabi" => Target::Va(&VA_ARM),
        "powerpc-unknown-linux-gnu" => Target::Va(&VA_POWERPC),
        "s390x-unknown-linux-gnu" => Target::Va(&VA_S390X),
        triple if triple.starts_with("riscv") || triple.starts_with("mips") => Target::VoidPointer,
        _ => Target::CharPointer,
    }
}

#[rustfmt::skip]
const SAME_EVERYWHERE: &[(&str, Basic)] = &[
    ("int8_t", Basic::SChar), ("uint8_t", Basic::UChar), ("int16_t", Basic::Short), ("uint16_t", Basic::UShort),
    ("int_least8_t", Basic::SChar), ("uint_least8_t", Basic::UChar),
    ("int_least16_t", Basic::Short), ("uint_least16_t", Basic::UShort),
    ("int_fast8_t", Basic::SChar), ("uint_fast8_t", Basic::UChar),
    ("u_int8_t", Basic::UChar), ("u_int16_t", Basic::UShort), ("u_int32_t", Basic::UInt),
    ("u_char", Basic::UChar), ("u_short", Basic::UShort), ("u_int", Basic::UInt), ("u_long", Basic::ULong),
    ("uchar", Basic::UChar), ("ushort", Basic::UShort), ("uint", Basic::UInt), ("ulong", Basic::ULong),
    ("__s8", Basic::SChar), ("__u8", Basic::UChar), ("__s16", Basic::Short), ("__u16", Basic::UShort),
    ("__s32", Basic::Int), ("__u32", Basic::UInt), ("__s64", Basic::LongLong), ("__u64", Basic::ULongLong),
    ("__le16", Basic::UShort), ("__be16", Basic::UShort), ("__le32", Basic::UInt), ("__be32", Basic::UInt),
    ("__le64", Basic::ULongLong), ("__be64", Basic::ULongLong), ("__sum16", Basic::UShort), ("__wsum", Basic::UInt),
    ("in_port_t", Basic::UShort), ("in_addr_t", Basic::UInt),
    ("__int128_t", Basic::Int128), ("__uint128_t", Basic::UInt128),
    ("char8_t", Basic::UChar),
];

/// Names for Windows' own types (`<minwindef.h>`, `<basetsd.h>`).
#[rustfmt::skip]
const WINDOWS: &[(&str, Basic)] = &[
    ("BYTE", Basic::UChar), ("WORD", Basic::UShort), ("DWORD", Basic::ULong), ("QWORD", Basic::ULongLong),
    ("CHAR", Basic::Char), ("SHORT", Basic::Short), ("INT", Basic::Int), ("LONG", Basic::Long), ("BOOL", Basic::Int),
    ("UCHAR", Basic::UChar), ("USHORT", Basic::UShort), ("UINT", Basic::UInt), ("ULONG", Basic::ULong),
    ("BOOLEAN", Basic::UChar), ("FLOAT", Basic::Float), ("DOUBLE", Basic::Double), ("WCHAR", Basic::UShort),
    ("INT8", Basic::SChar), ("UINT8", Basic::UChar), ("INT16", Basic::Short), ("UINT16", Basic::UShort),
    ("INT32", Basic::Int), ("UINT32", Basic::UInt), ("INT64", Basic::LongLong), ("UINT64", Basic::ULongLong),
    ("LONG32", Basic::Int), ("ULONG32", Basic::UInt), ("DWORD32", Basic::UInt),
    ("LONG64", Basic::LongLong), ("ULONG64", Basic::ULongLong), ("DWORD64", Basic::ULongLong),
    ("LONGLONG", Basic::LongLong), ("ULONGLONG", Basic::ULongLong), ("DWORDLONG", Basic::ULongLong),
    ("__time32_t", Basic::Long), ("__time64_t", Basic::LongLong), ("errno_t", Basic::Int),
];

/// Names whose type an ABI decides.
fn by_abi(abi: &Abi) -> Vec<(&'static [&'static str], Basic)> {
    let size = target::size_type(abi);
    let difference = target::difference_type(abi);
    let int32 = target::int32_type(abi);
    let int64 = target::int64_type(abi);
    let windows = target::is_windows(abi);
    let fast = if windows || abi.pointer_size() == 4 { Basic::Int } else { Basic::Long };
    // Microsoft's `off_t` is `long`; Apple's has 64 bits everywhere.
    let off = if target::is_apple(abi) { Basic::LongLong } else { Basic::Long };
    let time = if windows && abi.triple() != "i686-pc-windows-gnu" {
        Basic::LongLong
    } else {
        Basic::Long
    };
    vec![
        (&["size_t", "uintptr_t"], size),
        (&["ssize_t", "ptrdiff_t", "intptr_t"], difference),
        (&["int32_t", "int_least32_t"], int32),
        (&["uint32_t", "uint_least32_t"], unsigned(int32)),
        (&["int64_t", "int_least64_t", "int_fast64_t", "intmax_t", "quad_t"], int64),
        (
            &["uint64_t", "uint_least64_t", "uint_fast64_t", "uintmax_t", "u_int64_t", "u_quad_t"],
            unsigned(int64),
        ),
        (&["int_fast16_t", "int_fast32_t"], fast),
        (&["uint_fast16_t", "uint_fast32_t"], unsigned(fast)),
        (&["off_t"], off),
        (&["off64_t", "loff_t", "off64_t"], Basic::LongLong),
        (&["time_t"], time),
        (&["pid_t", "key_t", "id_t"], Basic::Int),
        (&["uid_t", "gid_t", "mode_t", "socklen_t"], Basic::UInt),
        (&["suseconds_t", "clock_t"], Basic::Long),
        (&["wint_t"], if windows { Basic::UShort } else { Basic::UInt }),
    ]
}

const fn unsigned(basic: Basic) -> Basic {
    match basic {
        Basic::Long => Basic::ULong,
        Basic::LongLong => Basic::ULongLong,
        _ => Basic::UInt,
    }
}

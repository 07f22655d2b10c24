//! Types that are no records.

use cwire_layout::abi::Scalar;

use super::{Ty, Writer};

const INTEGERS: &[(&str, Scalar)] = &[
    ("char", Scalar::Char),
    ("signed char", Scalar::Char),
    ("unsigned char", Scalar::Char),
    ("short", Scalar::Short),
    ("unsigned short", Scalar::Short),
    ("int", Scalar::Int),
    ("unsigned", Scalar::Int),
    ("signed", Scalar::Int),
    ("long", Scalar::Long),
    ("unsigned long int", Scalar::Long),
    ("long long", Scalar::LongLong),
    ("unsigned long long", Scalar::LongLong),
    ("int8_t", Scalar::Char),
    ("uint8_t", Scalar::Char),
    ("int16_t", Scalar::Short),
    ("uint16_t", Scalar::Short),
    ("int32_t", Scalar::Int),
    ("uint32_t", Scalar::Int),
    ("int64_t", Scalar::LongLong),
    ("uint64_t", Scalar::LongLong),
    ("size_t", Scalar::Size),
    ("ptrdiff_t", Scalar::Size),
    ("intptr_t", Scalar::Pointer),
    ("uintptr_t", Scalar::Pointer),
    ("wchar_t", Scalar::WChar),
    ("uint_least16_t", Scalar::Short),
    ("uintmax_t", Scalar::LongLong),
    ("const int", Scalar::Int),
    ("volatile unsigned char", Scalar::Char),
];

impl Writer<'_> {
    /// An integer type that bit-fields can have.
    pub(super) fn integer(&mut self) -> Ty {
        if self.chance(8) {
            let spelling = if self.cxx() { "bool" } else { "_Bool" };
            return Ty { spelling: spelling.into(), width: Some(1), record: None, small: true };
        }
        let &(spelling, scalar) = self.random.pick(INTEGERS);
        let size = usize::try_from(self.target.abi.scalar(scalar).size).unwrap();
        Ty { spelling: spelling.into(), width: Some(size * 8), record: None, small: size <= 4 }
    }

    /// Any scalar.
    pub(super) fn scalar(&mut self) -> Ty {
        if self.chance(60) {
            return self.integer();
        }
        let mut others = vec!["float", "double", "long double", "void *", "const char *", "int **"];
        if !self.target.msvc {
            // cl.exe has neither.
            others.extend(["float _Complex", "double _Complex", "long double _Complex"]);
        }
        if self.target.int128 {
            others.extend(["__int128", "unsigned __int128"]);
        }
        if self.target.float16 && !self.cxx() {
            others.push("_Float16");
        }
        if self.target.float128 {
            others.push("__float128");
        }
        if !self.target.gcc && !self.target.msvc {
            // gcc 12 and cl.exe have none.
            others.extend(["_BitInt(7)", "unsigned _BitInt(17)", "_BitInt(33)", "_BitInt(65)"]);
        }
        if self.cxx() {
            others.extend(["char16_t", "char32_t", "char8_t", "decltype(nullptr)"]);
        }
        let spelling = (*self.random.pick(&others)).to_owned();
        let small = spelling == "float";
        Ty { spelling, width: None, record: None, small }
    }

    /// A type for a member.
    pub(super) fn any_type(&mut self) -> Ty {
        if !self.types.is_empty() && self.chance(40) {
            let ty = self.random.pick(&self.types).clone();
            if !ty.record.is_some_and(|record| record.flexible) {
                return ty;
            }
        }
        self.scalar()
    }

    /// A type for a bit-field.
    pub(super) fn bit_type(&mut self) -> Ty {
        let known: Vec<_> = self.types.iter().filter(|ty| ty.width.is_some()).cloned().collect();
        if !known.is_empty() && self.chance(35) {
            return self.random.pick(&known).clone();
        }
        self.integer()
    }

    /// A typedef, perhaps with attributes, perhaps of another.
    pub(super) fn typedef(&mut self) {
        let name = self.fresh("t");
        let spelling = format!("{}{name}", self.scope);
        let base = self.any_type();
        if base.record.is_some_and(|record| record.flexible) {
            return;
        }
        let roll = self.random.below(100);
        let none = Ty { spelling, width: None, record: None, small: false };
        let ty = match roll {
            0..25 => {
                if self.cxx() && self.chance(40) {
                    self.line(&format!("using {name} = {};", base.spelling));
                } else {
                    self.line(&format!("typedef {} {name};", base.spelling));
                }
                Ty { spelling: none.spelling, ..base }
            }
            25..45 => {
                // clang-msvc does not tell `aligned` from `__declspec(align)`, which does not lower:
                // there, only what is higher than all else here.
                // g++ forgets that a typedef lowers the alignment of a class as soon as it declares an
                // implicit member function of that class, which what is written later may bring about.
                let forgets = self.target.gcc && self.cxx() && base.record.is_some();
                let raises = self.target.msvc || forgets;
                let align = if raises { 64 } else { 1 << self.random.below(6) };
                let attribute = format!("__attribute__((aligned({align})))");
                let before = self.chance(30);
                if before {
                    self.line(&format!("typedef {attribute} {} {name};", base.spelling));
                } else {
                    self.line(&format!("typedef {} {name} {attribute};", base.spelling));
                }
                // An element that is smaller than its alignment makes no array. What cl.exe makes of
                // bit-fields of them under `#pragma pack` is not known: clang gives a record that
                // is smaller than its alignment.
                let width = if self.target.msvc { None } else { base.width };
                Ty { spelling: none.spelling, small: false, width, ..base }
            }
            45..60 => {
                let bound = self.bound();
                self.line(&format!("typedef {} {name}[{bound}];", self.element(&base)));
                none
            }
            60..70 => {
                self.line(&format!("typedef {} (*{name})(int, {} *);", "void", base.spelling));
                none
            }
            70..80 if !self.target.msvc => {
                let element = *self.random.pick(&[
                    "char",
                    "short",
                    "int",
                    "float",
                    "unsigned",
                    "long long",
                    "double",
                ]);
                let size = *self.random.pick(&[8, 16, 32]);
                self.line(&format!(
                    "typedef {element} {name} __attribute__((vector_size({size})));"
                ));
                none
            }
            80..90 if !self.target.msvc => {
                let mode = *self.random.pick(&["QI", "HI", "SI", "DI", "byte", "word", "pointer"]);
                self.line(&format!("typedef int {name} __attribute__((mode({mode})));"));
                let width = if matches!(mode, "QI" | "byte") { 8 } else { 16 };
                Ty { width: Some(width), ..none }
            }
            90..95 if self.target.gcc => {
                self.line(&format!("typedef __typeof__({}) {name};", self.element(&base)));
                Ty { spelling: none.spelling, width: None, ..base }
            }
            _ => {
                // Ignored with a warning.
                if base.record.is_some() || self.target.msvc {
                    self.line(&format!("typedef {} {name};", base.spelling));
                } else {
                    self.line(&format!(
                        "typedef {} {name} __attribute__((packed));",
                        base.spelling
                    ));
                }
                Ty { spelling: none.spelling, ..base }
            }
        };
        self.types.push(ty);
    }

    /// A type whose size is a multiple of its alignment, for arrays.
    pub(super) fn element(&self, ty: &Ty) -> String {
        // Only typedefs can have less size than alignment, and typedefs of arrays cannot be told.
        if ty.spelling.contains("_t") && ty.spelling.starts_with('h') {
            "unsigned short".into()
        } else {
            ty.spelling.clone()
        }
    }
}

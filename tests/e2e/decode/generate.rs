//! Random headers with a model of what they declare.

use cwire_header::Lang;
use cwire_layout::abi::Scalar as Size;

use super::super::headers::random::rng::Random;
use super::super::headers::random::target::Target;
use super::model::{Body, Enum, Header, Kind, Member, Record, Scalar, Ty};

const fn integer(c: &'static str, kind: Kind, size: Size) -> Scalar {
    Scalar { c, kind, size: Some(size) }
}

const fn other(c: &'static str, kind: Kind) -> Scalar {
    Scalar { c, kind, size: None }
}

pub(super) const CHAR: Scalar = integer("char", Kind::Char, Size::Char);

const INTEGERS: &[Scalar] = &[
    CHAR,
    CHAR,
    integer("signed char", Kind::Signed, Size::Char),
    integer("unsigned char", Kind::Unsigned, Size::Char),
    integer("short", Kind::Signed, Size::Short),
    integer("unsigned short", Kind::Unsigned, Size::Short),
    integer("int", Kind::Signed, Size::Int),
    integer("unsigned", Kind::Unsigned, Size::Int),
    integer("long", Kind::Signed, Size::Long),
    integer("unsigned long", Kind::Unsigned, Size::Long),
    integer("long long", Kind::Signed, Size::LongLong),
    integer("unsigned long long", Kind::Unsigned, Size::LongLong),
    integer("int8_t", Kind::Signed, Size::Char),
    integer("uint8_t", Kind::Unsigned, Size::Char),
    integer("int16_t", Kind::Signed, Size::Short),
    integer("uint16_t", Kind::Unsigned, Size::Short),
    integer("int32_t", Kind::Signed, Size::Int),
    integer("uint32_t", Kind::Unsigned, Size::Int),
    integer("int64_t", Kind::Signed, Size::LongLong),
    integer("uint64_t", Kind::Unsigned, Size::LongLong),
    integer("size_t", Kind::Unsigned, Size::Size),
    integer("ptrdiff_t", Kind::Signed, Size::Size),
    integer("uintptr_t", Kind::Unsigned, Size::Pointer),
    integer("wchar_t", Kind::Wide, Size::WChar),
];

/// What a header is made for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) target: &'a Target,
    pub(super) lang: Lang,
    /// `#pragma scalar_storage_order`, of which gcc excludes some types.
    pub(super) swapped: bool,
}

/// The header of a seed.
pub(super) fn header(wanted: Wanted<'_>, seed: u64, prefix: &str) -> Header {
    let mut writer = Writer {
        random: Random::new(seed),
        wanted,
        header: Header {
            prefix: prefix.to_owned(),
            lang: wanted.lang,
            short_wchar: wanted.target.abi.scalar(Size::WChar).size == 2,
            text: String::new(),
            enums: Vec::new(),
            records: Vec::new(),
        },
        count: 0,
        indent: 0,
        typedefs: Vec::new(),
    };
    writer.line("#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>");
    for _ in 0..writer.random.between(0, 2) {
        writer.enumeration();
    }
    for _ in 0..writer.random.between(1, 4) {
        if writer.chance(30) {
            writer.enumeration();
        }
        if writer.chance(30) {
            writer.typedef();
        }
        writer.record();
    }
    writer.header
}

struct Writer<'a> {
    random: Random,
    wanted: Wanted<'a>,
    header: Header,
    count: usize,
    indent: usize,
    /// Names of typedefs and what they stand for.
    typedefs: Vec<(String, Ty)>,
}

impl Writer<'_> {
    fn cxx(&self) -> bool {
        self.wanted.lang == Lang::Cxx
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{}_{what}{}", self.header.prefix, self.count)
    }

    fn line(&mut self, text: &str) {
        let indent = if text.starts_with('#') { 0 } else { self.indent * 4 };
        self.header.text.push_str(&" ".repeat(indent));
        self.header.text.push_str(text);
        self.header.text.push('\n');
    }

    fn enumeration(&mut self) {
        let name = self.fresh("e");
        let scoped = self.cxx() && self.chance(30);
        let packed = !scoped && !self.wanted.target.msvc && self.chance(25);
        let underlying = match self.cxx() && self.chance(40) {
            true => *self.random.pick(&[" : unsigned char", " : short", " : int", " : long long"]),
            false => "",
        };
        let wide = !packed && !scoped && underlying.is_empty() && self.chance(20);
        let keyword = if scoped { "enum class" } else { "enum" };
        self.line(&format!("{keyword} {name}{underlying} {{"));
        self.indent += 1;
        let mut values: Vec<(String, i128)> = Vec::new();
        for _ in 0..self.random.between(1, 5) {
            let value = self.fresh("v");
            let unsigned = underlying.contains("unsigned");
            let number = match self.random.below(6) {
                0 | 1 => values.last().map_or(0, |(_, last)| last + 1),
                2 if !unsigned => -i128::try_from(self.random.between(1, 120)).unwrap(),
                // cl.exe gives every enum the size of `int`.
                3 if wide && !self.wanted.target.msvc => {
                    *self.random.pick(&[0x7fff_ffff, -0x8000_0000, 0x1_0000_0000])
                }
                _ => {
                    i128::try_from(self.random.below(if underlying.is_empty() { 600 } else { 120 }))
                        .unwrap()
                }
            };
            let follows = values.last().is_some_and(|(_, last)| last + 1 == number);
            // C gives it the type of the one before, which 2^31 is too large for.
            match follows && i32::try_from(number).is_ok() && self.chance(50) {
                true => self.line(&format!("{value},")),
                false => self.line(&format!("{value} = {number}{},", wide_suffix(number))),
            }
            values.push((value, number));
        }
        self.indent -= 1;
        let back = if packed { " __attribute__((packed))" } else { "" };
        self.line(&format!("}}{back};"));
        if scoped {
            for (value, _) in &mut values {
                *value = format!("{name}::{value}");
            }
        }
        let spelling = if self.cxx() { name } else { format!("enum {name}") };
        self.header.enums.push(Enum { spelling, values });
    }

    fn typedef(&mut self) {
        let name = self.fresh("t");
        let (ty, spelling) = self.simple_type();
        let (front, back, ty) = self.dimensions(ty, &spelling);
        self.line(&format!("typedef {front}{name}{back};"));
        self.typedefs.push((name, ty));
    }

    /// A struct or union, perhaps under a `#pragma pack`.
    fn record(&mut self) {
        let pack = self.chance(20);
        if pack {
            let bytes = *self.random.pick(&[1, 2, 4, 8]);
            self.line(&format!("#pragma pack(push, {bytes})"));
        }
        let name = self.fresh("r");
        let is_union = self.chance(15);
        let keyword = if is_union { "union" } else { "struct" };
        let bases = if is_union { Vec::new() } else { self.bases() };
        let derived = match &bases[..] {
            [] => String::new(),
            bases => {
                let names: Vec<_> =
                    bases.iter().map(|&base| self.header.records[base].name.clone()).collect();
                format!(" : {}", names.join(", "))
            }
        };
        let attribute = self.record_attribute();
        let typedef = !self.cxx() && self.chance(25);
        let start = if typedef { "typedef " } else { "" };
        let tag = if typedef { String::new() } else { format!(" {name}") };
        self.line(&format!("{start}{keyword}{tag}{derived} {{"));
        self.indent += 1;
        let has_bases = !bases.is_empty();
        let count = self.random.between(1, 9);
        let mut body = Body { is_union, bases, members: Vec::new() };
        for _ in 0..count {
            self.member(&mut body, 0);
        }
        if self.cxx() && self.chance(30) {
            self.line("int get() const { return 1; }");
        }
        let mut tail = None;
        // A flexible array does not stand alone (C11 6.7.2.1p18).
        let is_named = body.members.iter().any(|member| !member.name.is_empty());
        if !is_union && !has_bases && is_named && self.chance(8) {
            let (ty, spelling) = self.simple_type();
            let name = self.member_name();
            let bound = if self.chance(70) { "" } else { "0" };
            self.line(&format!("{spelling} {name}[{bound}];"));
            let len = self.random.between(0, 5);
            tail = Some(len);
            let ty = Ty::Array(Box::new(ty), len);
            body.members.push(Member { name, ty, bits: None });
        }
        self.indent -= 1;
        let back = if typedef { format!(" {name}") } else { String::new() };
        self.line(&format!("}}{attribute}{back};"));
        if pack {
            self.line("#pragma pack(pop)");
        }
        let spelling = match self.cxx() || typedef {
            true => name.clone(),
            false => format!("{keyword} {name}"),
        };
        self.header.records.push(Record { name, spelling, body, tail });
    }

    fn bases(&mut self) -> Vec<usize> {
        let fits = |record: &Record| !record.body.is_union && record.tail.is_none();
        let known: Vec<_> =
            (0..self.header.records.len()).filter(|&i| fits(&self.header.records[i])).collect();
        match self.cxx() && !known.is_empty() && self.chance(35) {
            true => vec![*self.random.pick(&known)],
            false => Vec::new(),
        }
    }

    fn record_attribute(&mut self) -> &'static str {
        if self.wanted.target.msvc || !self.chance(25) {
            return "";
        }
        self.random.pick::<&str>(&[
            " __attribute__((packed))",
            " __attribute__((packed))",
            " __attribute__((aligned(16)))",
            " __attribute__((packed, aligned(4)))",
        ])
    }

    fn member_name(&mut self) -> String {
        self.count += 1;
        format!("m{}", self.count)
    }

    fn member(&mut self, body: &mut Body, depth: usize) {
        match self.random.below(100) {
            0..35 => self.bit_field(body),
            35..42 if depth < 2 => self.inner_body(body, depth, false),
            42..50 if depth < 2 => self.inner_body(body, depth, true),
            50..53 if !body.is_union => {
                let scalar = self.bit_type();
                let most = if scalar.kind == Kind::Bool { 1 } else { 7 };
                let width = self.random.between(0, most);
                self.line(&format!("{} : {width};", scalar.c));
            }
            _ => self.plain(body),
        }
    }

    fn plain(&mut self, body: &mut Body) {
        let (ty, spelling) = self.any_type();
        let name = self.member_name();
        let (front, back, ty) = self.dimensions(ty, &spelling);
        let attribute = match self.random.below(100) {
            0..4 if !self.wanted.target.msvc => " __attribute__((packed))",
            4..7 if !self.wanted.target.msvc => " __attribute__((aligned(8)))",
            _ => "",
        };
        self.line(&format!("{front}{name}{back}{attribute};"));
        body.members.push(Member { name, ty, bits: None });
    }

    /// What stands before and behind the name of something that may be an array.
    fn dimensions(&mut self, ty: Ty, spelling: &str) -> (String, String, Ty) {
        let dimensions = match self.random.below(100) {
            0..25 => 1,
            25..33 => 2,
            33..36 => 3,
            _ => 0,
        };
        // An array in an array of a typedef counts too.
        let most = if matches!(ty, Ty::Record(_)) || dimensions > 1 { 3 } else { 20 };
        let bounds: Vec<_> = (0..dimensions).map(|_| self.random.between(1, most)).collect();
        let back = bounds.iter().map(|bound| format!("[{bound}]")).collect();
        let wrap = |ty: Ty, &bound: &usize| Ty::Array(Box::new(ty), bound);
        (format!("{spelling} "), back, bounds.iter().rev().fold(ty, wrap))
    }

    fn inner_body(&mut self, body: &mut Body, depth: usize, anonymous: bool) {
        let is_union = self.chance(40);
        self.line(if is_union { "union {" } else { "struct {" });
        self.indent += 1;
        let mut inner = Body { is_union, bases: Vec::new(), members: Vec::new() };
        for _ in 0..self.random.between(1, 4) {
            self.member(&mut inner, depth + 1);
        }
        if inner.members.is_empty() {
            // A body without members is a constraint violation in C (C11 6.7.2.1p8).
            self.plain(&mut inner);
        }
        self.indent -= 1;
        if anonymous {
            self.line("};");
            body.members.push(Member { name: String::new(), ty: Ty::Body(inner), bits: None });
        } else {
            let name = self.member_name();
            let (_, back, ty) = self.dimensions(Ty::Record(usize::MAX), "");
            self.line(&format!("}} {name}{back};"));
            let ty = replace(ty, &Ty::Body(inner));
            body.members.push(Member { name, ty, bits: None });
        }
    }

    fn bit_field(&mut self, body: &mut Body) {
        let name = self.member_name();
        if self.chance(15) && !self.header.enums.is_empty() {
            let index = self.random.below(self.header.enums.len());
            let spelling = self.header.enums[index].spelling.clone();
            let needed = self.header.enums[index].values.iter().map(|&(_, v)| bits_of(v)).max();
            // One more than the values need: what a narrower one does is left to the compiler.
            let width = needed.unwrap_or(1) + 1;
            if width <= 8 {
                self.line(&format!("{spelling} {name} : {width};"));
                body.members.push(Member { name, ty: Ty::Enum(index), bits: Some(width) });
                return;
            }
        }
        let scalar = self.bit_type();
        let most = match scalar.kind {
            Kind::Bool => 1,
            _ => scalar.bits(&self.wanted.target.abi),
        };
        let width = u32::try_from(self.random.between(1, most as usize)).unwrap();
        self.line(&format!("{} {name} : {width};", scalar.c));
        body.members.push(Member { name, ty: Ty::Scalar(scalar), bits: Some(width) });
    }

    fn bit_type(&mut self) -> Scalar {
        if self.chance(10) { self.bool() } else { *self.random.pick(INTEGERS) }
    }

    fn bool(&self) -> Scalar {
        integer(if self.cxx() { "bool" } else { "_Bool" }, Kind::Bool, Size::Bool)
    }

    fn any_type(&mut self) -> (Ty, String) {
        let fits = |record: &Record| record.tail.is_none();
        let known: Vec<_> =
            (0..self.header.records.len()).filter(|&i| fits(&self.header.records[i])).collect();
        match self.random.below(100) {
            0..15 if !known.is_empty() => {
                let index = *self.random.pick(&known);
                (Ty::Record(index), self.header.records[index].spelling.clone())
            }
            15..22 if !self.typedefs.is_empty() => {
                let (name, ty) = self.random.pick(&self.typedefs).clone();
                (ty, name)
            }
            _ => self.simple_type(),
        }
    }

    /// No record.
    fn simple_type(&mut self) -> (Ty, String) {
        if self.chance(12) && !self.header.enums.is_empty() {
            let index = self.random.below(self.header.enums.len());
            return (Ty::Enum(index), self.header.enums[index].spelling.clone());
        }
        if self.chance(2) && !self.wanted.target.msvc && !self.wanted.swapped {
            let scalar = *self.random.pick(&[
                integer("int", Kind::Signed, Size::Int),
                integer("unsigned char", Kind::Unsigned, Size::Char),
                other("float", Kind::Float),
            ]);
            let len = 16 / if scalar.c == "unsigned char" { 1 } else { 4 };
            let name = self.fresh("t");
            let (indent, text) = (self.indent, format!("typedef {} {name}", scalar.c));
            // A typedef cannot stand inside a struct of C.
            if indent == 0 {
                self.line(&format!("{text} __attribute__((vector_size(16)));"));
                return (Ty::Vector(scalar, len), name);
            }
        }
        let scalar = self.scalar();
        (Ty::Scalar(scalar), scalar.c.to_owned())
    }

    fn scalar(&mut self) -> Scalar {
        if self.chance(8) {
            return self.bool();
        }
        if self.chance(65) {
            return *self.random.pick(INTEGERS);
        }
        let target = self.wanted.target;
        let mut others = vec![
            other("float", Kind::Float),
            other("float", Kind::Float),
            other("double", Kind::Double),
            other("double", Kind::Double),
        ];
        if !self.wanted.swapped {
            // gcc leaves both in the machine's order (gcc manual, "Common Type Attributes").
            others.extend([
                other("void *", Kind::Pointer),
                other("const char *", Kind::Pointer),
                other("long double", Kind::Longer),
            ]);
            if !target.msvc {
                others.extend([
                    other("float _Complex", Kind::ComplexFloat),
                    other("double _Complex", Kind::ComplexDouble),
                    other("long double _Complex", Kind::ComplexLonger),
                ]);
            }
            if target.float128 {
                others.push(other("__float128", Kind::Longer));
            }
        }
        if target.int128 && !self.wanted.swapped {
            others.extend([
                other("__int128", Kind::Wide128 { signed: true }),
                other("unsigned __int128", Kind::Wide128 { signed: false }),
            ]);
        }
        if target.float16 && !self.cxx() && !self.wanted.swapped {
            others.push(other("_Float16", Kind::Half));
        }
        if self.cxx() {
            others.extend([
                integer("char16_t", Kind::Wide, Size::Short),
                integer("char32_t", Kind::Wide, Size::Int),
            ]);
        }
        *self.random.pick(&others)
    }
}

/// An array of one thing as an array of another.
fn replace(ty: Ty, with: &Ty) -> Ty {
    match ty {
        Ty::Array(element, len) => Ty::Array(Box::new(replace(*element, with)), len),
        _ => with.clone(),
    }
}

fn bits_of(value: i128) -> u32 {
    if value < 0 { 129 - (!value).leading_zeros() } else { 128 - value.leading_zeros() }
}

fn wide_suffix(value: i128) -> &'static str {
    if i32::try_from(value).is_ok() { "" } else { "LL" }
}

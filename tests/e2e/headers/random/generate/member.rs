//! Members of records.

use super::{MemberKind, MemberName, Writer};

/// Where members are written.
#[derive(Clone)]
pub(super) struct Place {
    /// What stands before their names in paths.
    pub(super) path: String,
    pub(super) depth: usize,
    pub(super) is_union: bool,
    /// In an anonymous body of C++: no classes, no initialisers.
    pub(super) anonymous: bool,
    /// Of a C++ class, not of a plain record.
    pub(super) class: bool,
}

/// What the members written so far are like.
#[derive(Default)]
pub(super) struct Body {
    pub(super) names: Vec<MemberName>,
    pub(super) class: bool,
    pub(super) constructible: bool,
    pub(super) initialised: bool,
    pub(super) bits: bool,
}

impl Writer<'_> {
    pub(super) fn member(&mut self, place: &Place, body: &mut Body) {
        match self.random.below(100) {
            0..47 => self.plain_member(place, body),
            47..80 => self.bit_field(place, body),
            80..86 if place.depth < 2 && !(place.anonymous && self.cxx()) => {
                self.nested_member(place, body);
            }
            86..92 if place.depth < 2 => self.anonymous_member(place, body),
            92..95 => self.conditional_member(place, body),
            95..98 if self.macros => self.macro_member(place, body),
            _ => self.plain_member(place, body),
        }
    }

    fn name(&mut self, place: &Place, body: &mut Body, kind: MemberKind) -> String {
        self.count += 1;
        let name = format!("m{}", self.count);
        body.names.push(MemberName { path: format!("{}{name}", place.path), kind });
        name
    }

    fn plain_member(&mut self, place: &Place, body: &mut Body) {
        let mut ty = self.any_type();
        while place.anonymous && self.cxx() && ty.record.is_some_and(|record| record.class) {
            ty = self.scalar();
        }
        if let Some(record) = ty.record {
            body.class |= record.class;
            body.bits |= record.bits;
            body.constructible &= record.constructible;
        }
        let roll = self.random.below(100);
        let mut front = String::new();
        let mut initialiser = String::new();
        if place.class
            && !place.is_union
            && roll < 6
            && ty.record.is_none_or(|record| !record.is_union)
        {
            let name = self.name(place, body, MemberKind::Reference);
            body.constructible = false;
            body.class = true;
            let amp = if self.chance(70) { "&" } else { "&&" };
            return self.line(&format!("{} {amp}{name};", ty.spelling));
        }
        let name = self.name(place, body, MemberKind::Plain);
        if self.chance(8) && ty.small {
            let keyword = if self.cxx() { "alignas" } else { "_Alignas" };
            let align = self.random.pick(&["16", "32", "4 * 4", "8 * sizeof(long long)"]);
            front = format!("{keyword}({align}) ");
        } else if place.class
            && self.chance(20)
            && !(self.target.gcc && ty.record.is_some_and(|record| record.bits))
        {
            // g++ 12 lets the next member overlap the last bit-field of such a member.
            front = "[[no_unique_address]] ".into();
        }
        let declarator = match self.random.below(100) {
            0..62 => {
                if place.class
                    && !place.is_union
                    && ty.width.is_some()
                    && !ty.spelling.starts_with("const")
                    && ty.record.is_none()
                    && self.chance(12)
                {
                    body.class = true;
                    body.initialised = true;
                    initialiser = (*self.random.pick(&["{}", " = {}"])).to_owned();
                }
                format!("{} {name}", ty.spelling)
            }
            62..80 => format!("{} {name}[{}]", self.element(&ty), self.bound()),
            80..86 => {
                let (a, b) = (self.bound(), self.bound());
                format!("{} {name}[{a}][{b}]", self.element(&ty))
            }
            86..89 => format!("{} *{name}", ty.spelling),
            89..91 => format!("{} *const *{name}[{}]", ty.spelling, self.bound()),
            91..93 => format!("void (*{name})({} *, int, ...)", ty.spelling),
            93..95 => format!("int (*{name}[3])(void)"),
            95..97 => format!("{} (*{name})[4]", self.element(&ty)),
            97..98 if self.cxx() && self.target.cxx_library => {
                format!("std::array<{}, {}> {name}", "unsigned short", self.random.between(1, 5))
            }
            98..100 if !place.is_union && !self.target.msvc => {
                format!("{} {name}[0]", self.element(&ty))
            }
            _ => format!("{} {name}", ty.spelling),
        };
        let attribute =
            if initialiser.is_empty() && front.is_empty() { self.member_attribute() } else { "" };
        if !attribute.is_empty() && self.chance(25) {
            self.line(&format!("{attribute} {declarator};"));
        } else {
            self.line(&format!("{front}{declarator}{attribute}{initialiser};"));
        }
    }

    fn member_attribute(&mut self) -> &'static str {
        const ATTRIBUTES: [&str; 11] = [
            " __attribute__((packed))",
            " __attribute__((packed))",
            " __attribute__((aligned(1)))",
            " __attribute__((aligned(2)))",
            " __attribute__((aligned(4)))",
            " __attribute__((aligned(8)))",
            " __attribute__((__aligned__(16)))",
            " __attribute__((aligned))",
            " __attribute__((packed, aligned(2)))",
            " __attribute__((aligned(4), __packed__))",
            " __attribute__((packed)) __attribute__((aligned(8)))",
        ];
        if !self.chance(14) {
            return "";
        }
        self.random.pick::<&str>(&ATTRIBUTES)
    }

    /// A bit-field's attributes: clang-msvc and cl.exe may differ, and `aligned` on bit-fields is
    /// gcc's alone.
    fn bit_attribute(&mut self) -> &'static str {
        if self.target.msvc { "" } else { self.member_attribute() }
    }

    fn bit_field(&mut self, place: &Place, body: &mut Body) {
        let count = self.random.between(1, 4);
        body.bits = true;
        for _ in 0..count {
            let ty = self.bit_type();
            let most = ty.width.unwrap();
            let roll = self.random.below(100);
            let qualified = ty.spelling.starts_with("const") || ty.spelling.starts_with("volatile");
            if roll < 7 && !qualified {
                self.line(&format!("{} : 0;", ty.spelling));
                continue;
            }
            let width = self.width(most);
            if roll < 14 && !qualified {
                self.line(&format!("{} : {width};", ty.spelling));
                continue;
            }
            let name = self.name(place, body, MemberKind::BitField);
            let attribute = self.bit_attribute();
            if roll < 20 && attribute.is_empty() && !place.is_union {
                let other = self.name(place, body, MemberKind::BitField);
                let width2 = self.width(most);
                self.line(&format!("{} {name} : {width}, {other} : {width2};", ty.spelling));
                continue;
            }
            self.line(&format!("{} {name} : {width}{attribute};", ty.spelling));
        }
    }

    /// Whether a body in a body is a union, and its attributes before and behind.
    fn body_shape(&mut self) -> (&'static str, bool, String) {
        let is_union = self.chance(35);
        let keyword = if is_union { "union" } else { "struct" };
        (keyword, is_union, self.record_attribute())
    }

    fn nested_member(&mut self, place: &Place, body: &mut Body) {
        let (keyword, is_union, attribute) = self.body_shape();
        let tag = if self.chance(40) { format!(" {}", self.fresh("in")) } else { String::new() };
        let name = self.name(place, body, MemberKind::Plain);
        let array = !self.chance(75);
        let index = if array { "[0]" } else { "" };
        let inner = Place {
            path: format!("{}{name}{index}.", place.path),
            depth: place.depth + 1,
            is_union,
            anonymous: true,
            class: false,
        };
        self.line(&format!("{keyword}{tag} {{"));
        self.inside(&inner, body);
        let array = if array { format!("[{}]", self.random.between(1, 3)) } else { String::new() };
        self.line(&format!("}}{attribute} {name}{array};"));
    }

    fn anonymous_member(&mut self, place: &Place, body: &mut Body) {
        let (keyword, is_union, attribute) = self.body_shape();
        let inner = Place {
            path: place.path.clone(),
            depth: place.depth + 1,
            is_union,
            anonymous: true,
            class: false,
        };
        self.line(&format!("{keyword} {{"));
        self.inside(&inner, body);
        self.line(&format!("}}{attribute};"));
    }

    fn inside(&mut self, place: &Place, body: &mut Body) {
        self.indent += 1;
        // One that is surely no bit-field: bodies without named members are another matter.
        self.simple_member(place, body);
        for _ in 0..self.random.below(4) {
            self.member(place, body);
        }
        self.indent -= 1;
    }

    fn simple_member(&mut self, place: &Place, body: &mut Body) {
        let ty = self.integer();
        let name = self.name(place, body, MemberKind::Plain);
        self.line(&format!("{} {name};", ty.spelling));
    }

    fn conditional_member(&mut self, place: &Place, body: &mut Body) {
        let condition = self.condition();
        self.line(&format!("#if {condition}"));
        let name = self.name(place, body, MemberKind::Plain);
        let first = self.scalar().spelling;
        let second = self.scalar().spelling;
        self.line(&format!("{first} {name};"));
        self.line("#else");
        let bound = self.bound();
        self.line(&format!("{second} {name}[{bound}];"));
        self.line("#endif");
    }

    fn macro_member(&mut self, place: &Place, body: &mut Body) {
        let prefix = self.prefix.clone();
        let ty = self.scalar().spelling;
        self.count += 1;
        let number = self.count;
        let name = format!("m{number}");
        match self.random.below(4) {
            0 => self.line(&format!("{prefix}_FIELD({ty}, {name});")),
            1 => self.line(&format!("{ty} {prefix}_CAT(m, {number});")),
            2 => {
                let bound = self.bound();
                self.line(&format!("{prefix}_ARRAY({ty}, {name}, {bound})"));
            }
            _ => {
                self.count += 1;
                let other = format!("m{}", self.count);
                self.line(&format!("{prefix}_GROUP({other}, {ty} {name}; char x{name};);"));
                for path in [format!("{other}.{name}"), other, format!("x{name}")] {
                    let path = format!("{}{path}", place.path);
                    body.names.push(MemberName { path, kind: MemberKind::Plain });
                }
            }
        }
        body.names
            .push(MemberName { path: format!("{}{name}", place.path), kind: MemberKind::Plain });
    }
}

//! Classes of C++.

use super::member::{Body, Place};
use super::{RecordNames, RecordTraits, Ty, Writer};

impl Writer<'_> {
    pub(super) fn class(&mut self) {
        self.class_in(0);
    }

    fn class_in(&mut self, depth: usize) {
        let is_union = self.chance(8);
        let keyword = match is_union {
            true => "union",
            false if self.chance(40) => "class",
            false => "struct",
        };
        let name = self.fresh("c");
        let qualified = format!("{}{name}", self.scope);
        let front = match self.random.below(12) {
            // clang for arm64 macOS takes a class with `alignas` and a defaulted or deleted special member
            // for no POD, and one with `aligned` for one.
            0 | 2 if self.target.abi.triple() == "aarch64-apple-darwin" => {
                " __attribute__((aligned(64)))".to_owned()
            }
            // clang takes none that is less than what the members bring along.
            0 | 2 if !self.target.gcc => " alignas(64)".to_owned(),
            0 => " alignas(16)".to_owned(),
            1 if !self.target.msvc => " __attribute__((packed))".to_owned(),
            2 => " alignas(32)".to_owned(),
            _ => String::new(),
        };
        let bases = if is_union { String::new() } else { self.bases() };
        let is_final = self.chance(6);
        let last = if is_final { " final" } else { "" };
        let inherits = !bases.is_empty();
        self.line(&format!("{keyword}{front} {name}{last}{bases} {{"));
        self.indent += 1;
        let scope = std::mem::replace(&mut self.scope, format!("{qualified}::"));
        let small = self.small.len();
        let place =
            Place { path: String::new(), depth: 0, is_union, anonymous: false, class: true };
        let mut body = Body { constructible: !is_union, ..Body::default() };
        let count = if self.chance(15) { 0 } else { self.random.between(1, 7) };
        for _ in 0..count {
            if self.chance(15) {
                let access = *self.random.pick(&["public:", "private:", "protected:"]);
                self.line(access);
            }
            match self.random.below(100) {
                0..6 if depth < 2 => self.class_in(depth + 1),
                6..9 => self.enumeration(),
                9..12 => self.typedef(),
                12..20 => self.static_member(),
                20..32 => self.function(),
                _ => self.member(&place, &mut body),
            }
        }
        let special = self.special_members(&name, &qualified, &body, inherits || is_union);
        self.indent -= 1;
        self.scope = scope;
        self.small.truncate(small);
        let back = match self.random.below(12) {
            // g++ keeps both alignments then: `alignof` of the class is another one in a class that is
            // derived from it than outside.
            1 | 2 if front.contains("alignas") => "",
            0 if !self.target.msvc => " __attribute__((packed))",
            1 if !self.target.msvc => " __attribute__((packed, aligned(4)))",
            2 if !self.target.msvc => " __attribute__((aligned(8)))",
            _ => "",
        };
        self.line(&format!("}}{back};"));
        let traits = RecordTraits {
            flexible: false,
            // Members may not be public, which anonymous bodies mind as little as bases.
            class: true,
            is_final,
            is_union,
            bits: body.bits || inherits,
            constructible: body.constructible && !special && !inherits,
        };
        self.types.push(Ty {
            spelling: qualified.clone(),
            width: None,
            record: Some(traits),
            small: false,
        });
        self.records.push(RecordNames {
            spelling: qualified.clone(),
            name: qualified,
            members: body.names,
        });
    }

    /// ` : public A, B`, or nothing.
    fn bases(&mut self) -> String {
        if !self.chance(50) {
            return String::new();
        }
        let mut known: Vec<String> = self
            .types
            .iter()
            .filter(|ty| {
                ty.record
                    .is_some_and(|record| !record.flexible && !record.is_union && !record.is_final)
            })
            .map(|ty| ty.spelling.clone())
            // A typedef may name a base that is there by its tag.
            .filter(|name| !name.rsplit("::").next().is_some_and(|name| name.contains("_t")))
            .collect();
        let mut chosen = Vec::new();
        for _ in 0..self.random.between(1, 3) {
            if known.is_empty() {
                break;
            }
            let base = known.swap_remove(self.random.below(known.len()));
            let access = *self.random.pick(&["", "public ", "private ", "protected "]);
            chosen.push(format!("{access}{base}"));
        }
        if chosen.is_empty() { String::new() } else { format!(" : {}", chosen.join(", ")) }
    }

    fn static_member(&mut self) {
        let name = self.fresh("s");
        match self.random.below(3) {
            0 => {
                let value = self.expression(2);
                self.line(&format!("static constexpr int {name} = ({value}) & 0xff;"));
                self.constants.push(format!("{}{name}", self.scope));
                self.small.push(name);
            }
            1 => {
                let value = self.expression(2);
                self.line(&format!("static const unsigned {name} = ({value}) & 0xff;"));
                self.constants.push(format!("{}{name}", self.scope));
                self.small.push(name);
            }
            _ => {
                let ty = self.scalar().spelling;
                self.line(&format!("static {ty} {name}[3];"));
            }
        }
    }

    fn function(&mut self) {
        let name = self.fresh("f");
        let text = match self.random.below(7) {
            0 => format!("int {name}(int a, char b = 'x') const;"),
            1 => format!(
                "inline int {name}() const {{ int x[] = {{1, 2}}; if (x[0] < 2) {{ return '}}'; }} return x[1] >> 1; }}"
            ),
            2 => format!("static unsigned {name}() noexcept {{ return sizeof(\"}}{{\"); }}"),
            3 => format!("template <typename T> T {name}(T x) {{ return x; }}"),
            4 => format!("auto {name}() -> long {{ return 0l; }}"),
            5 => format!("friend int {name}(int);"),
            _ => format!("[[nodiscard]] constexpr bool {name}() const noexcept {{ return true; }}"),
        };
        self.line(&text);
    }

    /// Constructors and the like; whether there are any.
    fn special_members(
        &mut self,
        name: &str,
        _qualified: &str,
        body: &Body,
        inherits: bool,
    ) -> bool {
        if !self.chance(40) {
            return false;
        }
        if self.chance(50) {
            self.line("public:");
        }
        let simple = body.constructible && !inherits;
        for _ in 0..self.random.between(1, 2) {
            let kind = self.random.below(7);
            let (declaration, can_default) = match kind {
                0 => (format!("{name}()"), true),
                1 => (format!("{name}(const {name} &)"), true),
                2 => (format!("{name}({name} &&)"), true),
                3 => (format!("{name} &operator=(const {name} &)"), true),
                4 => (format!("{name} &operator=({name} &&)"), true),
                5 => (format!("~{name}()"), true),
                _ => (format!("explicit {name}(int, double)"), false),
            };
            // Twice the same is none of C++.
            if self.out.lines().rev().take(3).any(|line| line.contains(&declaration)) {
                continue;
            }
            let end = match self.random.below(5) {
                0 if can_default => " = default;",
                1 if can_default && kind != 5 => " = delete;",
                2 if simple && matches!(kind, 0 | 6) => " {}",
                _ => ";",
            };
            self.line(&format!("{declaration}{end}"));
        }
        true
    }
}

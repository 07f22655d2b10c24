//! Integer constant expressions, whose values are left to those who evaluate them.

use super::{MemberKind, Writer};

impl Writer<'_> {
    /// An expression of a value that is not known here; no step of it overflows.
    pub(super) fn expression(&mut self, depth: usize) -> String {
        if depth == 0 || self.chance(25) {
            return self.leaf();
        }
        let next = depth - 1;
        match self.random.below(14) {
            0 | 1 => {
                let op = *self.random.pick(&["+", "-", "|", "&", "^"]);
                format!("({} {op} {})", self.masked(next), self.masked(next))
            }
            2 => format!("({} * {})", self.masked(next), self.masked(next)),
            3 => {
                let op = *self.random.pick(&["/", "%"]);
                format!("({} {op} (({} & 7) + 1))", self.masked(next), self.expression(next))
            }
            4 => format!("({} << ({} & 3))", self.masked(next), self.expression(next)),
            5 => format!("({} >> ({} & 3))", self.masked(next), self.expression(next)),
            6 => {
                let op = *self.random.pick(&["<", ">", "<=", ">=", "==", "!=", "&&", "||"]);
                format!("({} {op} {})", self.expression(next), self.expression(next))
            }
            7 | 8 => format!(
                "({} ? {} : {})",
                self.expression(next),
                self.expression(next),
                self.expression(next)
            ),
            9 => {
                let op = *self.random.pick(&["~", "-", "!", "+"]);
                format!("{op}{}", self.masked(next))
            }
            10 | 11 => {
                let ty = self.integer().spelling;
                if self.cxx() && self.chance(40) {
                    format!("static_cast<{ty}>({})", self.expression(next))
                } else {
                    format!("({ty})({})", self.expression(next))
                }
            }
            12 if self.macros => {
                let name = *self.random.pick(&["SUM", "PICK"]);
                let (a, b) = (self.masked(next), self.masked(next));
                format!("{}_{name}({a}, {b})", self.prefix)
            }
            _ => format!("sizeof({})", self.expression(next)),
        }
    }

    fn masked(&mut self, depth: usize) -> String {
        format!("({} & 31)", self.expression(depth))
    }

    fn leaf(&mut self) -> String {
        match self.random.below(10) {
            0 | 1 => {
                let literals = [
                    "0", "1", "2", "3", "7", "0x1f", "010", "5u", "3ul", "12ll", "'a'", "'\\n'",
                    "0b101", "9LL", "4ULL",
                ];
                (*self.random.pick(&literals)).to_owned()
            }
            2..5 if !self.small.is_empty() => self.random.pick(&self.small).clone(),
            5 => {
                let ty = self.sized();
                format!("{}({ty})", self.alignof())
            }
            6 => {
                let found: Vec<_> = self
                    .records
                    .iter()
                    .filter(|record| !self.cxx() || !record.name.contains("_c"))
                    .flat_map(|record| {
                        let plain = record.members.iter().filter(|m| m.kind == MemberKind::Plain);
                        plain.map(|member| {
                            format!("__builtin_offsetof({}, {})", record.spelling, member.path)
                        })
                    })
                    .collect();
                if found.is_empty() { "6".into() } else { self.random.pick(&found).clone() }
            }
            7 if self.macros => format!("sizeof({}_STR(a  b))", self.prefix),
            _ => format!("sizeof({})", self.sized()),
        }
    }

    /// A complete type.
    fn sized(&mut self) -> String {
        self.any_type().spelling
    }

    /// An array bound from 1 to 8.
    pub(super) fn bound(&mut self) -> String {
        match self.random.below(4) {
            0 | 1 => (1 + self.random.below(7)).to_string(),
            2 if !self.small.is_empty() => {
                let name = self.random.pick(&self.small).clone();
                format!("({name} & 7) + 1")
            }
            _ => format!("({} & 7) + 1", self.expression(3)),
        }
    }

    /// A width for a bit-field of up to `most` bits.
    pub(super) fn width(&mut self, most: usize) -> String {
        match self.random.below(8) {
            0 => most.to_string(),
            1 if most >= 8 => format!("({} & 7) + 1", self.expression(2)),
            2 if most >= 4 => self.random.between(1, 4).to_string(),
            // As wide as an integer, which gcc then takes it for.
            3 if most > 8 => {
                let widths = [8, 16, 32, 64];
                let fit = widths.iter().filter(|&&width| width <= most).count();
                widths[self.random.below(fit)].to_string()
            }
            _ => self.random.between(1, most).to_string(),
        }
    }

    /// A condition of the preprocessor.
    pub(super) fn condition(&mut self) -> String {
        if self.target.msvc {
            // The macros of cl.exe, which has none of the others below.
            let conditions = [
                "defined(_WIN32)",
                "defined _WIN64 || defined(__aarch64__)",
                "!defined(__cplusplus)",
                "_MSC_VER >= 1900",
                "defined(_M_IX86)",
                "defined(_M_ARM64) || defined(_M_X64)",
                "-1 > 0u",
                "'a' == 97 && ~0 < 0",
                "defined(__linux__)",
            ];
            return (*self.random.pick(&conditions)).to_owned();
        }
        let conditions = [
            "__SIZEOF_LONG__ == 8",
            "__SIZEOF_POINTER__ > 4",
            "__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__",
            "defined(_WIN32)",
            "defined _WIN64 || defined(__aarch64__)",
            "!defined(__cplusplus)",
            "defined(__CHAR_UNSIGNED__)",
            "__SIZEOF_WCHAR_T__ == 2 && !defined(NOWHERE)",
            "__has_include(<stdint.h>)",
            "__INT_MAX__ > 0x7fff",
            "__SIZEOF_LONG_DOUBLE__ >= 12",
            "__LONG_MAX__ / 2 > 0x40000000",
            "-1 > 0u",
            "defined(__GNUC__) && __GNUC__ >= 4",
            "'a' == 97 && ~0 < 0",
            "__SIZEOF_SIZE_T__ * 8 == 64",
            "defined(__linux__)",
            "defined(__APPLE__) || defined(__arm__)",
        ];
        (*self.random.pick(&conditions)).to_owned()
    }
}

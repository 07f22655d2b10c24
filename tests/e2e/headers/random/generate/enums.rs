//! Enums.

use super::{Ty, Writer};

impl Writer<'_> {
    pub(super) fn enumeration(&mut self) {
        let name = self.fresh("e");
        let scoped = self.cxx() && self.chance(35);
        let fixed = (scoped && self.chance(60)) || (self.cxx() && self.chance(30));
        // cl.exe has no packed enums.
        let packed = !fixed && !scoped && !self.target.msvc && self.chance(25);
        let underlying = fixed.then(|| {
            (*self.random.pick(&[
                "unsigned char",
                "signed char",
                "short",
                "uint16_t",
                "int",
                "uint32_t",
                "long",
                "long long",
                "uint64_t",
            ]))
            .to_owned()
        });
        let large = !packed && !fixed && !scoped && self.chance(25);
        let keyword = match scoped {
            true if self.chance(50) => "enum class",
            true => "enum struct",
            false => "enum",
        };
        let colon = underlying.as_ref().map(|ty| format!(" : {ty}")).unwrap_or_default();
        let front = if packed && self.chance(40) { " __attribute__((packed))" } else { "" };
        self.line(&format!("{keyword}{front} {name}{colon} {{"));
        self.indent += 1;
        let inner = if scoped { format!("{}{name}::", self.scope) } else { self.scope.clone() };
        let mut large_left = large;
        let mut named = Vec::new();
        for _ in 0..self.random.between(1, 5) {
            let value = self.fresh("v");
            let text = match self.random.below(6) {
                0 | 1 => format!("{value},"),
                2 => format!("{value} = {},", self.random.below(100)),
                3 if !matches!(
                    underlying.as_deref(),
                    Some("unsigned char" | "uint16_t" | "uint32_t" | "uint64_t")
                ) =>
                {
                    format!("{value} = -{},", self.random.between(1, 100))
                }
                4 if large_left => {
                    large_left = false;
                    let last = *self.random.pick(&[
                        "0x7fffffff",
                        "0x80000000",
                        "0xffffffffu",
                        "-0x80000000ll",
                        "0x100000000ll",
                        "-0x80000001ll",
                        "0x7000000000000000ll",
                    ]);
                    self.constants.push(format!("{inner}{value}"));
                    self.line(&format!("{value} = {last},"));
                    let after = self.fresh("v");
                    format!("{after} = 1,")
                }
                _ => format!("{value} = ({}) & 0x3f,", self.expression(2)),
            };
            self.line(&text);
            let value = text.split([' ', ',']).next().unwrap().to_owned();
            named.push(format!("{inner}{value}"));
        }
        self.indent -= 1;
        let back = if packed && front.is_empty() { " __attribute__((packed))" } else { "" };
        self.line(&format!("}}{back};"));
        for value in named {
            if !scoped {
                self.small.push(value.clone());
            }
            self.constants.push(value);
        }
        let width = if packed || self.target.abi.triple() == "arm-none-eabi" { 8 } else { 32 };
        let width = match underlying.as_deref() {
            Some("unsigned char" | "signed char") => 8,
            Some("short" | "uint16_t") => 16,
            Some(_) => 32,
            None => width,
        };
        let tag = if self.cxx() { "" } else { "enum " };
        let spelling = format!("{tag}{}{name}", self.scope);
        self.types.push(Ty { spelling, width: Some(width), record: None, small: false });
    }
}

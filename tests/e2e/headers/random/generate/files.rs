//! Whole headers: what stands in which file, in which order.

use super::{Header, Writer};

impl Writer<'_> {
    pub(super) fn header(mut self) -> Header {
        let prefix = self.prefix.clone();
        let part = self.part();
        if self.chance(50) {
            self.line("#pragma once");
        } else {
            self.line(&format!("#ifndef {prefix}_GUARD\n#define {prefix}_GUARD 1"));
        }
        let guarded = self.out.contains("_GUARD");
        self.line("#include <stdint.h>\n#include <stddef.h>");
        if self.cxx() && self.target.cxx_library {
            self.line("#include <array>");
        }
        self.line(&format!("#include \"{prefix}_part.h\""));
        let count = self.random.between(3, 9);
        self.items(count);
        if part.ends_with("// open\n") {
            self.line("#pragma pack(pop)");
            self.items(2);
        }
        if self.cxx() && self.chance(60) {
            let name = self.fresh("n");
            self.line(&format!("namespace {name} {{"));
            self.scope = format!("{name}::");
            let count = self.random.between(1, 4);
            self.items(count);
            self.scope = String::new();
            self.line("}");
        }
        if guarded {
            self.line("#endif");
        }
        let text = self.out;
        Header { prefix, text, part, records: self.records, constants: self.constants }
    }

    /// The included file: macros, and perhaps types.
    fn part(&mut self) -> String {
        let prefix = self.prefix.clone();
        self.line(&format!("/* {prefix} */\n#pragma once"));
        self.line(&format!("#define {prefix}_FIELD(type, name) type name"));
        self.line(&format!(
            "#define {prefix}_CAT_(a, b) a##b\n#define {prefix}_CAT(a, b) {prefix}_CAT_(a, b)"
        ));
        self.line(&format!("#define {prefix}_ARRAY(type, name, bound) type name[bound];"));
        self.line(&format!("#define {prefix}_STR(x) #x"));
        self.line(&format!("#define {prefix}_SUM(a, b) ((a) + (b))"));
        self.line(&format!("#define {prefix}_PICK(a, ...) ((a) ? (__VA_ARGS__) : (a))"));
        self.line(&format!(
            "#define {prefix}_GROUP(name, ...) \\\n    union {{ struct {{ __VA_ARGS__ }}; struct {{ __VA_ARGS__ }} name; }}"
        ));
        self.macros = true;
        let count = self.random.below(4);
        self.items(count);
        if self.chance(12) {
            // Packs what the other file has, too.
            let pack = *self.random.pick(&["1", "2", "4"]);
            self.line(&format!("#pragma pack(push, {pack})\n// open"));
        }
        std::mem::take(&mut self.out)
    }

    fn items(&mut self, count: usize) {
        let mut packs = 0;
        for _ in 0..count {
            match self.random.below(100) {
                0..10 => self.constant(),
                10..22 => self.enumeration(),
                22..38 => self.typedef(),
                38..44 => self.conditional(),
                44..52 => {
                    let pack = self.random.pick(&["1", "2", "4", "8", "16"]);
                    match self.random.below(6) {
                        0 => {
                            let line = format!("#pragma pack({pack})");
                            self.line(&line);
                            self.record_or_class();
                            self.line("#pragma pack()");
                            continue;
                        }
                        1 => self.line("#pragma pack(push)"),
                        _ => {
                            let line = format!("#pragma pack(push, {pack})");
                            self.line(&line);
                        }
                    }
                    packs += 1;
                    self.record_or_class();
                }
                52..56 if packs > 0 => {
                    packs -= 1;
                    self.line("#pragma pack(pop)");
                }
                56..60 => {
                    let text = [
                        "_Static_assert(sizeof(uint32_t) == 4, \"four bytes\");",
                        "_Static_assert(sizeof(char) == 1 && -1 < 0, \"\");",
                    ];
                    let text = *self.random.pick(&text);
                    let text = if self.cxx() {
                        text.trim_start_matches("_S").to_owned()
                    } else {
                        text.to_owned()
                    };
                    let text = if self.cxx() { format!("s{text}") } else { text };
                    self.line(&text);
                }
                60..62 => {
                    let name = self.fresh("g");
                    let ty = self.any_type().spelling;
                    self.line(&format!("extern {ty} {name}[];\nint {name}_f({ty} *x, int y[]);"));
                }
                _ => self.record_or_class(),
            }
        }
        for _ in 0..packs {
            self.line("#pragma pack(pop)");
        }
    }

    fn record_or_class(&mut self) {
        if self.cxx() && self.chance(65) { self.class() } else { self.record() }
    }

    fn constant(&mut self) {
        let name = self.fresh("K");
        let value = self.expression(2);
        match self.random.below(4) {
            0 => {
                let number = self.random.below(200);
                self.line(&format!("#define {name} {number}"));
            }
            1 => self.line(&format!("#define {name} (({value}) & 0xff)")),
            2 if self.cxx() => {
                let keyword =
                    *self.random.pick(&["constexpr", "static const", "inline constexpr", "const"]);
                self.line(&format!("{keyword} int {name} = ({value}) & 0x7f;"));
                let qualified = format!("{}{name}", self.scope);
                self.constants.push(qualified.clone());
                self.small.push(qualified);
                return;
            }
            _ => {
                self.line(&format!("enum {{ {name} = ({value}) & 0x7f }};"));
                let qualified = format!("{}{name}", self.scope);
                self.constants.push(qualified.clone());
                self.small.push(qualified);
                return;
            }
        }
        self.constants.push(name.clone());
        self.small.push(name);
    }

    fn conditional(&mut self) {
        let condition = self.condition();
        let (a, b) = (self.random.between(1, 9), self.random.between(1, 9));
        let name = self.fresh("K");
        self.line(&format!(
            "#if {condition}\n#define {name} {a}\n#else\n#define {name} {b}\n#endif"
        ));
        self.constants.push(name.clone());
        self.small.push(name.clone());
        if self.chance(50) {
            let ty = self.fresh("t");
            let (first, second) = (self.scalar().spelling, self.scalar().spelling);
            self.line(&format!("#if {name} > 4 || {condition}\ntypedef {first} {ty};\n#elif {name} == 2\ntypedef char {ty}[3];\n#else\ntypedef {second} {ty};\n#endif"));
            let spelling = format!("{}{ty}", self.scope);
            self.types.push(super::Ty { spelling, width: None, record: None, small: false });
        }
    }
}

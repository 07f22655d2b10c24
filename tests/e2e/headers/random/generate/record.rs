//! Structs and unions that C has too.

use super::member::{Body, Place};
use super::{MemberKind, MemberName, RecordNames, RecordTraits, Ty, Writer};

impl Writer<'_> {
    /// Attributes that count behind a body, or none.
    pub(super) fn record_attribute(&mut self) -> String {
        if !self.chance(30) {
            return String::new();
        }
        let mut attributes = vec![
            "packed",
            "packed",
            "packed",
            "__packed__",
            "aligned(8)",
            "aligned(16)",
            "aligned(32)",
        ];
        if self.target.msvc {
            // What is asked for must not be less than what the members bring along.
            attributes = vec!["packed", "aligned(32)"];
        } else {
            attributes.extend([
                "aligned",
                "aligned(1)",
                "aligned(2)",
                "aligned(4)",
                "packed, aligned(2)",
                "packed, aligned(4)",
                "aligned(8), packed",
                "aligned(sizeof(long))",
            ]);
        }
        if self.target.ms_struct {
            attributes.extend(["ms_struct", "gcc_struct", "ms_struct, packed"]);
        }
        format!(" __attribute__(({}))", self.random.pick(&attributes))
    }

    /// A struct or union without anything of C++.
    pub(super) fn record(&mut self) {
        let is_union = self.chance(20);
        let keyword = if is_union { "union" } else { "struct" };
        let tag = self.fresh("r");
        let attribute = self.record_attribute();
        let typedef = self.chance(25);
        let tagged = !typedef || self.chance(50);
        let front = if !attribute.is_empty() && self.chance(35) {
            attribute.clone()
        } else {
            String::new()
        };
        let back = if front.is_empty() { attribute } else { String::new() };
        let shown = if tagged { format!(" {tag}") } else { String::new() };
        let start = if typedef { "typedef " } else { "" };
        self.line(&format!("{start}{keyword}{front}{shown} {{"));
        self.indent += 1;
        let place =
            Place { path: String::new(), depth: 0, is_union, anonymous: false, class: false };
        let mut body = Body { constructible: true, ..Body::default() };
        let count = if self.chance(4) { 0 } else { self.random.between(1, 8) };
        for _ in 0..count {
            self.member(&place, &mut body);
        }
        let flexible = !is_union && !body.names.is_empty() && self.chance(7);
        if flexible {
            let ty = self.integer();
            self.count += 1;
            let name = format!("m{}", self.count);
            self.line(&format!("{} {name}[];", ty.spelling));
            body.names.push(MemberName { path: name, kind: MemberKind::Flexible });
        }
        self.indent -= 1;
        let (name, spelling) = if typedef {
            let name = self.fresh("t");
            // Ignored here: what counts stands right behind the brace.
            let ignored =
                if !self.target.msvc && self.chance(20) { " __attribute__((packed))" } else { "" };
            self.line(&format!("}}{back} {name}{ignored};"));
            let record = if tagged { tag } else { name.clone() };
            (format!("{}{record}", self.scope), format!("{}{name}", self.scope))
        } else {
            self.line(&format!("}}{back};"));
            let elaborated = if self.cxx() {
                ""
            } else if is_union {
                "union "
            } else {
                "struct "
            };
            let name = format!("{}{tag}", self.scope);
            (name.clone(), format!("{elaborated}{name}"))
        };
        let traits = RecordTraits {
            flexible,
            class: body.class,
            is_final: false,
            is_union,
            bits: body.bits,
            constructible: body.constructible,
        };
        self.types.push(Ty {
            spelling: spelling.clone(),
            width: None,
            record: Some(traits),
            small: false,
        });
        self.records.push(RecordNames { spelling, name, members: body.names });
    }
}

//! What a compiler says of records, read from the data of its object.

use std::fmt::Write as _;

use cwire_debuginfo::DebugInfo;
use cwire_layout::types::RecordId;
use object::{Object, ObjectSection, ObjectSymbol};

/// A record of a test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// Its declaration in C.
    pub(crate) declaration: &'static str,
    /// Its type in C.
    pub(crate) ty: &'static str,
    /// Its name in debug information.
    pub(crate) name: &'static str,
    /// Members, through anonymous members too.
    pub(crate) members: &'static [&'static str],
    /// Bit-fields.
    pub(crate) bits: &'static [&'static str],
}

/// C source that declares the records and says where their members are.
pub(crate) fn source(cases: &[Case]) -> String {
    let mut text = String::from("#include <stddef.h>\n");
    for (index, case) in cases.iter().enumerate() {
        let Case { declaration, ty, members, bits, .. } = case;
        let _ = write!(text, "{declaration}\n{ty} v_{index};\n");
        let _ =
            write!(text, "const unsigned long long s_{index}[] = {{ sizeof({ty}), _Alignof({ty})");
        for member in *members {
            let _ = write!(text, ", offsetof({ty}, {member})");
        }
        text.push_str(" };\n");
        for bit_field in *bits {
            let _ = writeln!(text, "const {ty} b_{index}_{bit_field} = {{ .{bit_field} = -1 }};");
        }
    }
    text
}

/// The data of an object.
pub(crate) struct Truth {
    bytes: Vec<u8>,
}

impl Truth {
    pub(crate) fn new(path: &std::path::Path) -> Self {
        Self { bytes: std::fs::read(path).expect("the compiler wrote it") }
    }

    fn data(&self, name: &str, len: usize) -> Vec<u8> {
        let file = object::File::parse(&*self.bytes).expect("the compiler's output is an object");
        let symbol = file
            .symbols()
            .find(|symbol| {
                symbol.name().is_ok_and(|n| n == name || n.strip_prefix('_') == Some(name))
            })
            .unwrap_or_else(|| panic!("no symbol {name}"));
        let section = symbol.section_index().expect("a variable is in a section");
        let section = file.section_by_index(section).expect("a symbol's section is there");
        let start = usize::try_from(symbol.address() - section.address()).expect("an offset");
        section.data().expect("a section has data")[start..start + len].to_vec()
    }

    fn big_endian(&self) -> bool {
        !object::File::parse(&*self.bytes)
            .expect("the compiler's output is an object")
            .is_little_endian()
    }

    pub(crate) fn numbers(&self, name: &str, count: usize) -> Vec<u64> {
        let big = self.big_endian();
        let number = |bytes: &[u8]| {
            let bytes = bytes.try_into().expect("8 bytes");
            if big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
        };
        self.data(name, count * 8).chunks(8).map(number).collect()
    }

    /// First bit and width of the bits that are set, counted as the ABI fills a byte.
    fn set_bits(&self, name: &str, size: usize) -> (u64, u64) {
        let big = self.big_endian();
        let data = self.data(name, size);
        let is_set = |bit: &usize| {
            let shift = if big { 7 - bit % 8 } else { bit % 8 };
            data[bit / 8] >> shift & 1 == 1
        };
        let bits: Vec<usize> = (0..size * 8).filter(is_set).collect();
        (bits[0] as u64, bits.len() as u64)
    }
}

/// Asserts that every record is as the object's data says.
pub(crate) fn check(what: &str, info: &DebugInfo, truth: &Truth, cases: &[Case]) {
    for (index, case) in cases.iter().enumerate() {
        let numbers = truth.numbers(&format!("s_{index}"), 2 + case.members.len());
        let id = find(info, case.name).unwrap_or_else(|| panic!("{what}: no {}", case.name));
        let record = info.types.record(id);
        let layout = &record.definition.as_ref().expect("it is complete").layout;
        let found = (layout.layout.size, layout.layout.align);
        assert_eq!(found, (numbers[0], numbers[1]), "{what}: size and alignment of {}", case.name);
        for (member, &offset) in case.members.iter().zip(&numbers[2..]) {
            let (bit, _) = place(info, id, member)
                .unwrap_or_else(|| panic!("{what}: no {member} in {}", case.name));
            assert_eq!(bit, offset * 8, "{what}: {member} of {}", case.name);
        }
        for member in case.bits {
            let size = usize::try_from(numbers[0]).expect("a small record");
            let needed = truth.set_bits(&format!("b_{index}_{member}"), size);
            let found = place(info, id, member)
                .unwrap_or_else(|| panic!("{what}: no {member} in {}", case.name));
            assert_eq!(found, needed, "{what}: bits of {member} of {}", case.name);
        }
    }
}

/// The complete record of a name.
pub(crate) fn find(info: &DebugInfo, name: &str) -> Option<RecordId> {
    let mut records = info.types.records().iter().copied();
    records.find(|&id| *info.types.record(id).name == *name)
}

/// First bit and width of a member, also inside of unnamed members and bases.
pub(crate) fn place(info: &DebugInfo, id: RecordId, name: &str) -> Option<(u64, u64)> {
    let definition = info.types.record(id).definition.as_ref()?;
    let inside = |ty| match info.types.get(info.types.strip(ty)) {
        cwire_layout::types::Type::Record(inner) => Some(*inner),
        _ => None,
    };
    for (member, at) in definition.def.members.iter().zip(&definition.layout.members) {
        if *member.name == *name {
            return Some((at.offset_bits, at.size_bits));
        }
        if member.name.is_empty()
            && let Some((bit, width)) = place(info, inside(member.ty)?, name)
        {
            return Some((at.offset_bits + bit, width));
        }
    }
    for (base, at) in definition.def.bases.iter().zip(&definition.layout.bases) {
        if let Some((bit, width)) = place(info, base.record, name) {
            return Some((at.offset_bits + bit, width));
        }
    }
    None
}

//! Fuzz body of the engine: whatever the types, they are laid out by the laws of C or refused.

use crate::FieldKind;
use crate::abi::{Abi, Endian};
use crate::place::{Place, RecordAttrs};
use crate::types::{
    Access, BaseDef, Basic, ClassTraits, Declared, EnumDefinition, MemberDef, RecordDef, RecordId,
    RecordKind, Type, TypeId, Typedef, Types,
};

/// Reads records from arbitrary bytes and lays them out twice, for an ABI and with flags that the bytes
/// choose.
///
/// # Panics
///
/// A law is broken: a field outside its record, two that overlap, a size that is no multiple of the
/// alignment, two answers to one question.
pub fn layout(data: &[u8]) {
    let mut bytes = Bytes { data };
    let abi = bytes.abi();
    let mut types = Types::new(abi);
    let mut again = Types::new(abi);
    let start = bytes.data;
    build(&mut types, bytes);
    build(&mut again, Bytes { data: start });
    assert_eq!(types.records().len(), again.records().len(), "the same records are laid out");
    for (&id, &other) in types.records().iter().zip(again.records()) {
        check(&types, id);
        let layout = types.record(id).definition.as_ref().map(|definition| &definition.layout);
        let second = again.record(other).definition.as_ref().map(|definition| &definition.layout);
        assert_eq!(layout, second, "the same record has one layout");
    }
}

/// Types out of arbitrary bytes, for an ABI that the bytes choose.
#[must_use]
pub fn types(data: &[u8]) -> Types {
    let mut bytes = Bytes { data };
    let mut types = Types::new(bytes.abi());
    build(&mut types, bytes);
    types
}

/// The laws that every record keeps.
///
/// # Panics
///
/// One is broken.
pub fn check(types: &Types, id: RecordId) {
    let record = types.record(id);
    let Some(definition) = &record.definition else { return };
    let layout = definition.layout.layout;
    assert!(layout.align.is_power_of_two(), "alignment {}", layout.align);
    // Records without data have 4 bytes on MSVC, and gcc's packed ones keep what a member's type asks for.
    let has_data = definition.layout.members.iter().any(|place| place.size_bits > 0);
    let size_bits = layout.size * 8;
    if has_data && !msvc(types) {
        assert_eq!(layout.size % layout.align, 0, "size {} align {}", layout.size, layout.align);
    }
    assert!(definition.layout.data_size <= layout.size.max(1), "{:?}: {definition:?}", types.abi());
    let inside = |place: &Place| place.offset_bits + place.size_bits <= size_bits;
    assert!(definition.layout.bases.iter().all(inside), "a base is inside");
    let mut covered: Vec<(u64, u64)> = Vec::new();
    for (member, place) in definition.def.members.iter().zip(&definition.layout.members) {
        let unnamed_width = member.width_bits.is_some() && member.name.is_empty();
        assert!(
            inside(place) || unnamed_width,
            "{:?} {place:?} in {:?} {definition:?}",
            types.abi(),
            record.kind
        );
        if record.kind != RecordKind::Union && !member.no_unique_address && place.size_bits > 0 {
            covered.push((place.offset_bits, place.offset_bits + place.size_bits));
        }
    }
    assert!(covered.windows(2).all(|pair| matches!(pair, [a, b] if a.1 <= b.0)), "{covered:?}");
    for field in types.fields(id) {
        if field.kind == FieldKind::Member {
            let _ = types.spell(field.ty);
        }
    }
    let padding: u64 = types.padding(id).iter().map(|place| place.size_bits).sum();
    assert!(padding <= size_bits);
}

fn msvc(types: &Types) -> bool {
    types.abi().triple().ends_with("-msvc")
}

/// Records until the bytes are used up; later ones are made of earlier ones.
fn build(types: &mut Types, mut bytes: Bytes<'_>) {
    let mut known: Vec<TypeId> = Vec::new();
    let mut records: Vec<RecordId> = Vec::new();
    while !bytes.data.is_empty() && records.len() < 64 {
        let kind = bytes.kind();
        let mut def = RecordDef { attrs: bytes.attrs(), ..RecordDef::default() };
        if bytes.flag() {
            def.class = Some(bytes.class());
            if kind != RecordKind::Union {
                for _ in 0..bytes.next() % 4 {
                    let Some(&base) = bytes.choose(&records) else { continue };
                    if def.bases.iter().all(|known| known.record != base) {
                        def.bases.push(BaseDef { record: base, access: bytes.access() });
                    }
                }
            }
        }
        for index in 0..bytes.next() % 12 {
            let member = bytes.member(types, &known, index);
            def.members.push(member);
        }
        let id = types.add_record(kind, &format!("R{}", records.len()), None);
        if types.define_record(id, def).is_ok() {
            records.push(id);
            let ty = types.record_type(id);
            known.push(ty);
        }
    }
}

/// Choices out of bytes; 0 and `false` when they are used up.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    data: &'a [u8],
}

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        match self.data.split_first() {
            Some((&byte, rest)) => {
                self.data = rest;
                byte
            }
            None => 0,
        }
    }

    fn flag(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn kind(&mut self) -> RecordKind {
        match self.next() % 4 {
            0 => RecordKind::Union,
            1 => RecordKind::Class,
            _ => RecordKind::Struct,
        }
    }

    fn choose<'c, T>(&mut self, choices: &'c [T]) -> Option<&'c T> {
        let index = usize::from(self.next());
        choices.get(index.checked_rem(choices.len())?)
    }

    fn abi(&mut self) -> Abi {
        let index = usize::from(self.next());
        let abi = Abi::ALL.get(index % Abi::ALL.len()).copied().unwrap_or(Abi::X86_64_LINUX);
        match self.next() % 4 {
            0 => abi.with_endian(Endian::Big),
            _ => abi,
        }
    }

    /// Mostly a small power of two, now and then anything.
    fn align(&mut self) -> Option<u64> {
        match self.next() {
            0..=159 => None,
            byte @ 160..=250 => Some(1 << (byte % 7)),
            _ => Some(u64::from(self.next()) << (self.next() % 64)),
        }
    }

    fn attrs(&mut self) -> RecordAttrs {
        RecordAttrs {
            pack: self.align(),
            packed: self.next() % 4 == 1,
            align: self.align(),
            ms_struct: match self.next() % 8 {
                1 => Some(true),
                2 => Some(false),
                _ => None,
            },
        }
    }

    fn access(&mut self) -> Access {
        match self.next() % 8 {
            1 => Access::Protected,
            2 => Access::Private,
            _ => Access::Public,
        }
    }

    fn declared(&mut self) -> Declared {
        match self.next() % 8 {
            1 => Declared::Defaulted,
            2 => Declared::Deleted,
            3 => Declared::Provided,
            _ => Declared::No,
        }
    }

    fn class(&mut self) -> ClassTraits {
        ClassTraits {
            constructor: self.declared(),
            default_constructor: self.declared(),
            copy_constructor: self.declared(),
            destructor: self.declared(),
            default_initializer: self.next() % 8 == 1,
            ..ClassTraits::default()
        }
    }

    fn member(&mut self, types: &mut Types, known: &[TypeId], index: u8) -> MemberDef {
        let ty = self.ty(types, known, 0);
        let name = match self.next() % 8 {
            1 => String::new(),
            _ => format!("m{}_{index}", self.data.len()),
        };
        let mut member = MemberDef::new(name, ty);
        if self.next() % 3 == 1 {
            member.width_bits = Some(u32::from(self.next()) % 70);
        }
        member.packed = self.next() % 8 == 1;
        member.align = self.align();
        member.access = self.access();
        member.no_unique_address = self.next() % 8 == 1;
        member
    }

    /// An enum of as many bytes as its values need.
    fn enumeration(&mut self, types: &mut Types) -> TypeId {
        let mut values: Vec<(Box<str>, i128)> = Vec::new();
        for index in 0..self.next() % 5 {
            let value = i128::from(self.next().cast_signed()) << (self.next() % 56);
            values.push((format!("E{index}").into(), value));
        }
        let least = values.iter().map(|(_, value)| *value).min().unwrap_or(0);
        let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
        let (layout, signed) = types.abi().enum_type(least, most);
        let basic = match (layout.size, signed) {
            (1, true) => Basic::SChar,
            (1, false) => Basic::UChar,
            (2, true) => Basic::Short,
            (2, false) => Basic::UShort,
            (4, true) => Basic::Int,
            (4, false) => Basic::UInt,
            (_, true) => Basic::LongLong,
            (_, false) => Basic::ULongLong,
        };
        let underlying = types.basic(basic);
        let id = types.add_enum("E", None);
        types.define_enum(id, EnumDefinition { underlying, values, align: None, is_fixed: false });
        types.intern(Type::Enum(id))
    }

    fn ty(&mut self, types: &mut Types, known: &[TypeId], depth: usize) -> TypeId {
        const BASICS: [Basic; 16] = [
            Basic::Int,
            Basic::Bool,
            Basic::Char,
            Basic::UChar,
            Basic::Short,
            Basic::Long,
            Basic::ULongLong,
            Basic::Int128,
            Basic::Float16,
            Basic::Float,
            Basic::Double,
            Basic::LongDouble,
            Basic::WChar,
            Basic::Char16,
            Basic::UInt,
            Basic::NullPtr,
        ];
        let index = usize::from(self.next()) % BASICS.len();
        let basic = BASICS.get(index).copied().unwrap_or(Basic::Int);
        if depth > 8 {
            return types.basic(basic);
        }
        match self.next() % 21 {
            0..=8 => types.basic(basic),
            9..=11 => match self.choose(known) {
                Some(&known) => known,
                None => types.basic(basic),
            },
            12 => {
                let len = match self.next() {
                    byte @ 0..=200 => Some(u64::from(byte) % 9),
                    201..=230 => None,
                    _ => Some(u64::from(self.next()) << (self.next() % 64)),
                };
                let element = self.ty(types, known, depth + 1);
                types.array(element, len)
            }
            13 => {
                let target = self.ty(types, known, depth + 1);
                types.pointer(target)
            }
            14 => {
                let target = self.ty(types, known, depth + 1);
                let align = self.align().filter(|align| align.is_power_of_two());
                types.add_typedef(Typedef { name: "T".into(), target, align })
            }
            15 => {
                let width_bits = u32::from(self.next()) + 1;
                types.intern(Type::BitInt { width_bits, signed: self.flag() })
            }
            16 => types.intern(Type::Complex(Basic::Double)),
            17 => {
                let element = types.basic(Basic::Int);
                let len = 1 << (self.next() % 6);
                types.intern(Type::Vector { element, len })
            }
            18 => {
                let target = self.ty(types, known, depth + 1);
                types.intern(Type::Atomic(target))
            }
            19 => {
                let target = self.ty(types, known, depth + 1);
                types.intern(Type::Reference { target, rvalue: self.flag() })
            }
            _ => self.enumeration(types),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        /// The laws of the fuzz target hold.
        #[test]
        fn laws_hold(data in prop::collection::vec(any::<u8>(), 0..400)) {
            super::layout(&data);
        }
    }
}

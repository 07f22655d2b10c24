//! Why a member is aligned as it is.

use cwire_layout::abi::{Abi, BitFieldRule, ClassRule, EnumRule};
use cwire_layout::types::{EnumId, MemberDef, RecordDef, RecordId, Type, TypeId};
use cwire_layout::{TypeLayout, Types};

use super::classes::is_reference;
use super::source;
use crate::cmd::layout::table::Bits;

/// Records inside each other whose strictest members are named.
const MAX_DEPTH: usize = 16;

/// An alignment, and the sentences that lead to it.
pub(super) struct Alignment {
    pub(super) bytes: u64,
    pub(super) reasons: Vec<String>,
}

/// A type as a member of this record: `ms_struct` aligns as variables are.
pub(super) fn member_layout(types: &Types, def: &RecordDef, ty: TypeId) -> Option<TypeLayout> {
    let layout = types.layout_of(ty).ok()?;
    if def.attrs.ms_struct == Some(true) && types.abi().class_rule() == ClassRule::Gcc {
        return Some(TypeLayout { align: types.align_of(ty).ok()?, ..layout });
    }
    Some(layout)
}

/// The alignment of a member that is no bit-field; `None` if its type has none.
pub(super) fn of_member(types: &Types, def: &RecordDef, member: &MemberDef) -> Option<Alignment> {
    let layout = types.layout_of(member.ty).ok()?;
    let reasons = of_type(types, member.ty, layout);
    let mut alignment = Alignment { bytes: layout.align, reasons };
    if let Ok(alone @ 1..) = types.align_of(member.ty)
        && alone != layout.align
    {
        let bytes = Bits(alone * 8);
        alignment.say(format!("as a variable it would be aligned to {bytes}"), scalars(types));
        if member_layout(types, def, member.ty)?.align == alone {
            alignment.bytes = alone;
            alignment.say(format!("`ms_struct` keeps it at {bytes}"), source::MS_STRUCT);
        }
    }
    match types.abi().class_rule() {
        ClassRule::Msvc => alignment.msvc(types, def, member, layout),
        _ => alignment.sysv(types, def, member),
    }
    Some(alignment)
}

impl Alignment {
    fn say(&mut self, what: String, source: &str) {
        self.reasons.push(format!("{what} ({source})"));
    }

    /// `packed` lowers what the type brings along, `#pragma pack` what the member asks for, too.
    fn sysv(&mut self, types: &Types, def: &RecordDef, member: &MemberDef) {
        if def.attrs.packed && cannot_pack(types, def, member) {
            let what = "`packed` does not reach references and what is no plain old data";
            self.say(what.to_owned(), "gcc, -Wpacked-not-aligned");
        } else if def.attrs.packed || member.packed {
            self.packed(def);
        }
        if let Some(asked) = member.align.filter(|&asked| asked > self.bytes) {
            self.bytes = asked;
            self.say(
                format!("the member asks for {} itself", Bits(asked * 8)),
                source::GCC_ALIGNED,
            );
        }
        if let Some((pack, name)) = pack(types.abi(), def)
            && pack < self.bytes
        {
            self.bytes = pack;
            self.say(
                format!("{name} lowers that to {}", Bits(pack * 8)),
                source::pack(types.abi()),
            );
        }
    }

    /// What is asked for outranks both `packed` and `#pragma pack`.
    fn msvc(&mut self, types: &Types, def: &RecordDef, member: &MemberDef, layout: TypeLayout) {
        let required = layout.required_align;
        let pack = pack(types.abi(), def).filter(|(pack, _)| *pack < self.bytes);
        let lowered = if member.packed || def.attrs.packed {
            (self.bytes > required).then(|| self.packed(def));
            1
        } else if let Some((pack, name)) = &pack {
            if *pack > types.abi().pointer_size() {
                let what = format!("{name} has no effect, being more than a pointer has bytes");
                self.say(what, source::MS_PACK);
                self.bytes
            } else {
                if self.bytes > required {
                    let what = format!("{name} lowers that to {}", Bits(pack * 8));
                    self.say(what, source::MS_PACK);
                }
                *pack
            }
        } else {
            self.bytes
        };
        self.bytes = lowered;
        if required > self.bytes {
            self.bytes = required;
            let bytes = Bits(required * 8);
            let what = format!("packing does not lower the {bytes} that its type asks for");
            self.say(what, source::MS_ALIGN);
        }
        if let Some(asked) = member.align.filter(|&asked| asked > self.bytes) {
            self.bytes = asked;
            let kept = if lowered < layout.align { ", which packing does not lower" } else { "" };
            self.say(format!("the member asks for {}{kept}", Bits(asked * 8)), source::MS_ALIGN);
        }
    }

    fn packed(&mut self, def: &RecordDef) {
        if self.bytes > 1 {
            self.bytes = 1;
            let whose = if def.attrs.packed { "record" } else { "member" };
            self.say(
                format!("the {whose} is packed, which lowers that to 1 byte"),
                source::GCC_PACKED,
            );
        }
    }
}

/// The `#pragma pack` in force, and what brought it.
pub(super) fn pack(abi: &Abi, def: &RecordDef) -> Option<(u64, String)> {
    let pragma = def.attrs.pack.map(|pack| (pack, format!("#pragma pack({pack})")));
    pragma.or_else(|| abi.default_pack().map(|pack| (pack, format!("-fpack-struct={pack}"))))
}

/// gcc packs neither references nor what is no plain old data.
fn cannot_pack(types: &Types, def: &RecordDef, member: &MemberDef) -> bool {
    def.class.is_some()
        && types.abi().class_rule() == ClassRule::Gcc
        && resists_packing(types, member, 0)
}

fn resists_packing(types: &Types, member: &MemberDef, depth: usize) -> bool {
    let class = types.record_of(member.ty).and_then(|id| types.record(id).definition.as_ref());
    let Some(class) = class else { return is_reference(types, member.ty) };
    if class.is_pod_for_layout() || depth > MAX_DEPTH {
        return false;
    }
    // What has such a member is not packed itself.
    let resists = |member: &MemberDef| resists_packing(types, member, depth + 1);
    !class.def.attrs.packed || class.def.members.iter().any(resists)
}

fn scalars(types: &Types) -> &'static str {
    source::scalars(types.abi())
}

/// What a type brings along.
fn of_type(types: &Types, ty: TypeId, layout: TypeLayout) -> Vec<String> {
    let align = Bits(layout.align * 8);
    let mut spelt = types.spell(ty);
    if let Some(name) = aligning_typedef(types, ty) {
        let source = source::GCC_ALIGNED;
        return vec![format!("`{name}` says that it is aligned to {align} ({source})")];
    }
    let mut element = ty;
    let mut reasons = Vec::new();
    while let Type::Array { element: inner, .. } = types.get(types.strip(element)) {
        element = *inner;
    }
    if element != ty {
        let (one, source) = (types.spell(element), source::ARRAY);
        reasons
            .push(format!("`{spelt}` is aligned as its elements are, those of `{one}` ({source})"));
        spelt = one;
    }
    let element = types.strip(element);
    match types.get(element) {
        Type::Record(id) => reasons.push(of_record(types, *id, &spelt, layout.align)),
        Type::Enum(id) => {
            reasons.extend(of_enum(types, *id, &spelt));
            reasons.push(format!("`{spelt}` is aligned to {align} in a record ({})", scalars(types)));
        }
        Type::Atomic(_) => reasons.push(format!(
            "`{spelt}` is aligned to {align}, as atomic instructions need it (gcc's and clang's observed \
             behaviour)"
        )),
        Type::Vector { .. } => reasons.push(format!(
            "`{spelt}` is aligned to {align}: a vector is aligned as a whole, as far as the ABI's \
             registers need it (gcc manual, Vector Extensions)"
        )),
        _ => {
            reasons.push(format!("`{spelt}` is aligned to {align} in a record ({})", scalars(types)));
        }
    }
    reasons
}

/// The outermost typedef that says something about alignment.
pub(super) fn aligning_typedef(types: &Types, ty: TypeId) -> Option<&str> {
    let mut at = ty;
    loop {
        at = match types.get(at) {
            Type::Typedef(id) => {
                let typedef = types.typedef(*id);
                if typedef.align.is_some() {
                    return Some(&typedef.name);
                }
                typedef.target
            }
            Type::Qualified { ty, .. } => *ty,
            Type::Array { element, .. } => *element,
            _ => return None,
        };
    }
}

/// A record is aligned as its strictest part is.
fn of_record(types: &Types, id: RecordId, spelt: &str, align: u64) -> String {
    let source = source::aggregates(types.abi());
    let bytes = Bits(align * 8);
    match strictest(types, id, align, 0) {
        Some(Strictest::Own) => {
            let source = match types.abi().class_rule() {
                ClassRule::Msvc => source::MS_ALIGN,
                _ => source::GCC_ALIGNED,
            };
            format!("`{spelt}` asks for an alignment of {bytes} itself ({source})")
        }
        Some(Strictest::Part(part)) if align > 1 => {
            format!("`{spelt}` is aligned to {bytes}, as its strictest part is, {part} ({source})")
        }
        _ => format!("`{spelt}` is aligned to {bytes} in a record ({source})"),
    }
}

enum Strictest {
    /// What the record asks for itself.
    Own,
    /// A member or base: `` `hdr.len` ``.
    Part(String),
}

/// What brings a record its alignment.
fn strictest(types: &Types, id: RecordId, align: u64, depth: usize) -> Option<Strictest> {
    let definition = types.record(id).definition.as_ref()?;
    let def = &definition.def;
    let brings = |member: &MemberDef| member_align(types, def, member) == Some(align);
    if let Some(member) = def.members.iter().find(|member| brings(member)) {
        let inner = match types.get(types.strip(member.ty)) {
            Type::Record(inner) if member.name.is_empty() && depth < MAX_DEPTH => {
                strictest(types, *inner, align, depth + 1)
            }
            _ => None,
        };
        return Some(match (inner, &*member.name) {
            (Some(Strictest::Part(part)), _) => Strictest::Part(part),
            (_, "") if member.width_bits.is_some() => {
                let spelt = types.spell(member.ty);
                let width = member.width_bits.unwrap_or(0);
                Strictest::Part(format!("the unnamed bit-field `{spelt} : {width}`"))
            }
            (_, "") => Strictest::Part("its anonymous member".to_owned()),
            (_, name) => Strictest::Part(format!("`{name}`")),
        });
    }
    let base = def.bases.iter().find(|base| {
        let inner = types.record(base.record).definition.as_ref();
        inner.is_some_and(|inner| inner.layout.layout.align == align)
    });
    if let Some(base) = base {
        return Some(Strictest::Part(format!(
            "the base class `{}`",
            types.record(base.record).name
        )));
    }
    (def.attrs.align == Some(align)).then_some(Strictest::Own)
}

/// What a member asks of its record.
fn member_align(types: &Types, def: &RecordDef, member: &MemberDef) -> Option<u64> {
    let Some(width) = member.width_bits else {
        return of_member(types, def, member).map(|alignment| alignment.bytes);
    };
    let rule = types.abi().bit_field_rule();
    // Only AAPCS aligns by unnamed bit-fields; by those of Windows a width of 0 may count.
    if member.name.is_empty() && rule == BitFieldRule::SysV {
        return None;
    }
    let natural = types.layout_of(member.ty).ok()?.align;
    let lowered = match pack(types.abi(), def) {
        Some((pack, _)) => natural.min(pack),
        None if (def.attrs.packed || member.packed) && width != 0 => 1,
        None => natural,
    };
    Some(lowered.max(member.align.unwrap_or(1)))
}

/// Why an enum has its size.
fn of_enum(types: &Types, id: EnumId, spelt: &str) -> Option<String> {
    let definition = types.enumeration(id).definition.as_ref()?;
    let underlying = types.layout_of(definition.underlying).ok()?;
    let bytes = Bits(underlying.size * 8);
    let values = || definition.values.iter().map(|(_, value)| *value);
    let (least, greatest) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    let abi = types.abi();
    let (chosen, _) = abi.enum_type(least, greatest);
    let int = types.spell(definition.underlying);
    if chosen.size != underlying.size {
        return Some(format!(
            "`{spelt}` has {bytes}, those of `{int}`: its declaration says so, by a type or `packed` (C++11 \
             dcl.enum p5; {})",
            source::GCC_PACKED
        ));
    }
    Some(match abi.enum_rule() {
        EnumRule::AlwaysInt => format!(
            "`{spelt}` has {bytes}: an enum is an `int`, whatever its values (Microsoft C reference, C \
             Enumeration Declarations)"
        ),
        EnumRule::Smallest => format!(
            "`{spelt}` has {bytes}, those of `{int}`: the smallest type that holds {least} to {greatest} \
             (AAPCS32, Enumerated Types; gcc manual, -fshort-enums)"
        ),
        EnumRule::Int => format!(
            "`{spelt}` has {bytes}, those of `{int}`, which holds {least} to {greatest} (gcc manual, \
             Structures, Unions, Enumerations, and Bit-Fields)"
        ),
    })
}

//! Why a base class or an empty class is where it is.

use std::collections::HashSet;

use cwire_layout::Types;
use cwire_layout::abi::ClassRule;
use cwire_layout::types::{
    Access, Declared, Definition, MemberDef, RecordId, RecordKind, Type, TypeId,
};

use super::align::pack;
use super::rules::{End, Parts, arrival, free};
use super::source;
use crate::cmd::layout::table::Bits;

/// Elements at the beginning of an array whose empty classes are kept apart from others.
const FIRST_ELEMENTS: u64 = 64;

/// What is retold: the sentences, and the bit they lead to.
type Retold = (Vec<String>, Option<u64>);

impl<'a> Parts<'a> {
    fn inner(&self, id: RecordId) -> Option<&'a Definition> {
        self.types.record(id).definition.as_ref()
    }

    fn name(&self, id: RecordId) -> String {
        format!("`{}`", self.types.record(id).name)
    }

    /// Whether a member is an empty class that takes no room.
    pub(super) fn is_addressless(&self, member: &MemberDef) -> bool {
        member.no_unique_address
            && !self.is_msvc()
            && member.width_bits.is_none()
            && match self.types.get(self.types.strip(member.ty)) {
                Type::Record(id) => self.inner(*id).is_some_and(Definition::is_empty_class),
                _ => false,
            }
    }

    pub(super) fn no_unique_address(&self) -> &'static str {
        match self.is_msvc() {
            true => {
                "[[no_unique_address]] has no effect here (Microsoft C++ reference, attributes)"
            }
            false => {
                "[[no_unique_address]]: what follows may begin in its tail padding, if its type is no \
                 plain old data (Itanium C++ ABI 2.4)"
            }
        }
    }

    /// The end of the base classes before, in bits. On Itanium's ABI empty ones do not count.
    pub(super) fn end_of_bases(&self) -> u64 {
        let Definition { def, layout, .. } = self.definition;
        let bases = def.bases.iter().zip(&layout.bases).take(self.bases);
        let ends = bases.filter_map(|(base, place)| {
            let is_empty = self.inner(base.record).is_some_and(Definition::is_empty_class);
            let end = place.offset_bits.saturating_add(place.size_bits);
            (self.is_msvc() || !is_empty).then_some(end)
        });
        ends.max().unwrap_or(0)
    }

    /// What is said of a base class.
    pub(super) fn base(&self) -> Retold {
        let Some(base) = self.definition.def.bases.get(self.bases) else {
            return (Vec::new(), None);
        };
        let Some(inner) = self.inner(base.record) else { return (Vec::new(), None) };
        let mut reasons = match self.bases {
            0 => {
                vec![self.sourced("base classes come before members, in the order of declaration")]
            }
            _ => self.after_bases(),
        };
        let (more, at) = match self.is_msvc() {
            true => self.msvc_base(inner),
            false => self.itanium_base(base.record, inner),
        };
        reasons.extend(more);
        (reasons, at)
    }

    fn sourced(&self, what: &str) -> String {
        format!("{what} ({})", self.class_source())
    }

    fn class_source(&self) -> &'static str {
        if self.is_msvc() { source::MS_CLASSES } else { source::ITANIUM }
    }

    /// Where the last base class before ends, and whether its tail padding is used again.
    pub(super) fn after_bases(&self) -> Vec<String> {
        let Definition { def, layout, .. } = self.definition;
        let pairs = def.bases.iter().zip(&layout.bases).take(self.bases);
        let with_room = |inner: &Definition| self.is_msvc() || !inner.is_empty_class();
        let last = pairs.rev().find_map(|(base, place)| {
            self.inner(base.record)
                .filter(|inner| with_room(inner))
                .map(|it| (base.record, it, place))
        });
        let Some((id, inner, place)) = last else {
            return vec![self.sourced("the base classes before it are empty and take no room")];
        };
        let end = place.offset_bits.saturating_add(place.size_bits);
        let name = self.name(id);
        if place.size_bits == 0 {
            let what =
                format!("the base class {name} is empty: it takes no room, at byte {}", end / 8);
            return vec![self.sourced(&what)];
        }
        let mut reasons = vec![free(end, &format!("the base class {name}"))];
        reasons.extend(self.tail(id, inner));
        reasons
    }

    /// Whether the tail padding of the type of a `[[no_unique_address]]` member is used again.
    pub(super) fn shared_tail(&self, ty: TypeId) -> Option<String> {
        let Type::Record(id) = self.types.get(self.types.strip(ty)) else { return None };
        if self.is_msvc() {
            return None;
        }
        self.tail(*id, self.inner(*id)?)
    }

    /// Whether the tail padding of a class is used again, if it has any.
    fn tail(&self, id: RecordId, inner: &Definition) -> Option<String> {
        let size = inner.layout.layout.size;
        let (name, data) = (self.name(id), end_of_data(inner));
        let padding = size.checked_sub(data.div_ceil(8)).filter(|&padding| padding > 0)?;
        let bytes = Bits(padding * 8);
        if self.is_msvc() {
            let dropped = size - inner.layout.data_size.min(size);
            return Some(self.sourced(&match dropped {
                0 => format!("{name} keeps its {bytes} of tail padding: here a base class always does"),
                dropped => format!(
                    "{name} as a base class is {} shorter: what it asks for by alignas or declspec(align) \
                     rounds up its size only as an object of its own",
                    Bits(dropped * 8)
                ),
            }));
        }
        if inner.is_pod_for_layout() {
            return Some(self.sourced(&format!(
                "{name} keeps its {bytes} of tail padding: it is {}",
                self.pod_term()
            )));
        }
        let why = why_no_pod(self.types, id, inner).map_or(String::new(), |why| format!(": {why}"));
        Some(self.sourced(&format!(
            "its {bytes} of tail padding are used again, as {name} is not {}{why}",
            self.pod_term()
        )))
    }

    fn pod_term(&self) -> &'static str {
        match self.types.abi().class_rule() {
            ClassRule::AppleArm64 => "trivial and of standard layout, which counts on arm64 macOS",
            _ => "plain old data for the purpose of layout",
        }
    }

    fn itanium_base(&self, id: RecordId, inner: &Definition) -> Retold {
        if inner.is_empty_class() {
            let full = inner.layout.layout.align;
            let step = match self.types.abi().class_rule() {
                ClassRule::Gcc => full,
                _ => self.packed_to(full),
            };
            return self.empty(id, step, self.end());
        }
        let natural = inner.layout.layout.align;
        let mut reasons = Vec::new();
        let align = match pack(self.types.abi(), &self.definition.def) {
            Some((pack, name)) if pack < natural => {
                let lowered = format!("{name} lowers its alignment to {}", Bits(pack * 8));
                reasons.push(format!("{lowered} ({})", source::pack(self.types.abi())));
                pack
            }
            _ => natural,
        };
        let start = self.end().bits;
        let Some(mut at) = start.checked_next_multiple_of(align.max(1) * 8) else {
            return (reasons, None);
        };
        if at > 0 {
            let what = format!("{} is aligned to {}", self.name(id), Bits(align * 8));
            reasons.push(self.sourced(&what));
            reasons.push(arrival(start, at, align));
        }
        reasons.extend(self.moved_on(self.types.record_type(id), start, &mut at, align));
        (reasons, Some(at))
    }

    fn msvc_base(&self, inner: &Definition) -> Retold {
        let layout = inner.layout.layout;
        let abi = self.types.abi();
        let mut align = layout.align;
        let mut reasons = Vec::new();
        if self.definition.def.attrs.packed {
            align = 1;
        }
        if let Some((pack, name)) = pack(abi, &self.definition.def)
            && pack < align
            && pack <= abi.pointer_size()
        {
            align = pack;
            if layout.required_align < layout.align {
                let bytes = Bits(pack * 8);
                reasons
                    .push(format!("{name} lowers its alignment to {bytes} ({})", source::MS_PACK));
            }
        }
        align = align.max(layout.required_align);
        let mut start = self.end().bits;
        let before =
            self.bases.checked_sub(1).and_then(|index| self.definition.def.bases.get(index));
        let before = before.and_then(|base| self.inner(base.record));
        if before.is_some_and(|before| before.sizeless_ends().1) && inner.sizeless_ends().0 {
            start = start.saturating_add(8);
            reasons.push(self.sourced(
                "the base before it ends and this one begins with an empty class: 1 byte keeps them apart",
            ));
        }
        let Some(at) = start.checked_next_multiple_of(align.max(1) * 8) else {
            return (reasons, None);
        };
        if at > 0 {
            let what = format!("it is aligned to {}", Bits(align * 8));
            reasons.push(format!("{what} ({})", source::aggregates(abi)));
            reasons.push(arrival(start, at, align));
        }
        (reasons, Some(at))
    }

    /// A `[[no_unique_address]]` member without data.
    pub(super) fn empty_member(&self, member: &MemberDef, end: End) -> Retold {
        let Some(id) = self.types.record_of(member.ty) else { return (Vec::new(), None) };
        let Some(inner) = self.inner(id) else { return (Vec::new(), None) };
        let asked = member.align.unwrap_or(1);
        let attrs = self.definition.def.attrs;
        let Ok(declared) = self.types.layout_of(member.ty) else { return (Vec::new(), None) };
        let align = match self.types.abi().class_rule() {
            // gcc looks for a place by the alignment of the class, whatever is packed or a typedef says.
            ClassRule::Gcc => inner.layout.layout.align.max(asked),
            _ if attrs.packed || member.packed => self.packed_to(asked),
            _ => self.packed_to(declared.align.max(asked)),
        };
        let (mut reasons, at) = self.empty(id, align, end);
        reasons.insert(
            0,
            "[[no_unique_address]]: it needs no address of its own (C++20 dcl.attr.nouniqueaddr)"
                .into(),
        );
        (reasons, at)
    }

    fn packed_to(&self, align: u64) -> u64 {
        pack(self.types.abi(), &self.definition.def).map_or(align, |(pack, _)| align.min(pack))
    }

    /// An empty class that takes no room: at 0 if it can be there, else from the end of the data on.
    fn empty(&self, id: RecordId, align: u64, end: End) -> Retold {
        let name = self.name(id);
        let empty =
            self.sourced(&format!("{name} is empty: it takes no room and begins at byte 0"));
        let known = self.known_empties();
        if !self.clashes(&known, self.types.record_type(id), 0) {
            return (vec![empty], Some(0));
        }
        // gcc begins in the byte in which the data ends, though a bit-field be in it.
        let start = match self.types.abi().class_rule() {
            ClassRule::Gcc => end.bits - end.bits % 8,
            _ => end.with_unit(),
        };
        let align_bits = align.max(1).saturating_mul(8);
        let ty = self.types.record_type(id);
        let mut at = start.checked_next_multiple_of(align_bits);
        while let Some(bits) = at.filter(|bits| self.clashes(&known, ty, bits / 8)) {
            at = bits.checked_add(align_bits);
        }
        let Some(bits) = at else { return (vec![empty], None) };
        let moved = self.sourced(&format!(
            "{name} is empty and takes no room, but byte 0 has an object of its type or of one inside it: \
             two of one type have different addresses, so it moves on to byte {}",
            bits / 8
        ));
        (vec![moved], Some(bits))
    }

    /// Moves a part that was to begin from `start` on further while an empty class in it would be where
    /// another of its type is. gcc moves by the alignment of its type, `packed` or not.
    pub(super) fn moved_on(
        &self,
        ty: TypeId,
        start: u64,
        at: &mut u64,
        align: u64,
    ) -> Option<String> {
        let known = self.known_empties();
        let first = *at;
        let align_bits = align.max(1).saturating_mul(8);
        let natural = self.types.layout_of(ty).map_or(1, |layout| layout.align);
        let mut tried = start;
        while self.clashes(&known, ty, *at / 8) {
            tried = match self.types.abi().class_rule() {
                ClassRule::Gcc => tried.checked_add(natural.checked_mul(8)?)?,
                _ => at.checked_add(1)?,
            };
            *at = tried.checked_next_multiple_of(align_bits)?;
        }
        (*at != first).then(|| {
            self.sourced(&format!(
                "at byte {} an empty class in it would share its address with one of the same type, which \
                 is not allowed, so it moves on to byte {}",
                first / 8,
                *at / 8
            ))
        })
    }

    /// The empty classes in the parts before, with their offsets in bytes.
    fn known_empties(&self) -> HashSet<(u64, RecordId)> {
        let Definition { def, layout, .. } = self.definition;
        let mut known = HashSet::new();
        for (base, place) in def.bases.iter().zip(&layout.bases).take(self.bases) {
            let ty = self.types.record_type(base.record);
            known.extend(self.empties_in(ty, place.offset_bits / 8));
        }
        for (member, place) in self.members_before() {
            if member.width_bits.is_none() {
                known.extend(self.empties_in(member.ty, place.offset_bits / 8));
            }
        }
        known
    }

    fn clashes(&self, known: &HashSet<(u64, RecordId)>, ty: TypeId, offset: u64) -> bool {
        !known.is_empty() && self.empties_in(ty, offset).iter().any(|empty| known.contains(empty))
    }

    /// The empty classes in a part that begins at `offset`. Records of C have none that count.
    fn empties_in(&self, ty: TypeId, offset: u64) -> Vec<(u64, RecordId)> {
        let inner = self.types.record_of(ty).and_then(|id| self.inner(id));
        let Some(inner) = inner.filter(|_| self.definition.def.class.is_some()) else {
            return Vec::new();
        };
        let size = inner.layout.layout.size;
        let elements = match (inner.empty_classes(), self.types.layout_of(ty)) {
            ([], _) | (_, Err(_)) => return Vec::new(),
            (_, Ok(whole)) => whole.size.checked_div(size).unwrap_or(0),
        };
        let at = |index: u64, within: u64| {
            offset.saturating_add(index.saturating_mul(size)).saturating_add(within)
        };
        let each =
            |index| inner.empty_classes().iter().map(move |&(within, id)| (at(index, within), id));
        // Those in the middle of a long array are nobody's neighbours; the engine skips them, too.
        let last = (elements > FIRST_ELEMENTS).then(|| elements - 1);
        (0..elements.min(FIRST_ELEMENTS)).chain(last).flat_map(each).collect()
    }
}

/// First bit after the data of a class, tail padding left out.
fn end_of_data(definition: &Definition) -> u64 {
    let layout = &definition.layout;
    let places = layout.bases.iter().chain(&layout.members);
    places.map(|place| place.offset_bits.saturating_add(place.size_bits)).max().unwrap_or(0)
}

/// Which declaration makes a class no plain old data for the purpose of layout.
fn why_no_pod(types: &Types, id: RecordId, definition: &Definition) -> Option<String> {
    match types.abi().class_rule() {
        ClassRule::AppleArm64 => why_not_trivial(types, definition)
            .or_else(|| why_no_standard_layout(types, id, definition)),
        rule => why_no_aggregate(types, rule, definition),
    }
    .or_else(|| why_by_part(types, definition))
}

/// The special member functions with what they are called.
fn special_members(definition: &Definition) -> [(Declared, &'static str); 7] {
    let class = definition.def.class.unwrap_or_default();
    [
        (class.constructor, "a constructor"),
        (class.default_constructor, "a default constructor"),
        (class.copy_constructor, "a copy constructor"),
        (class.move_constructor, "a move constructor"),
        (class.copy_assignment, "a copy assignment"),
        (class.move_assignment, "a move assignment"),
        (class.destructor, "a destructor"),
    ]
}

/// In the sense of C++98, as gcc and clang read it.
fn why_no_aggregate(types: &Types, rule: ClassRule, definition: &Definition) -> Option<String> {
    let def = &definition.def;
    let counts = |index: usize, declared: Declared| match (rule, index) {
        (ClassRule::AppleX86_64, _) | (_, 0..=3) => declared != Declared::No,
        // That a class can be moved gcc does not notice.
        (_, 5) => false,
        _ => declared == Declared::Provided,
    };
    let mut special = special_members(definition).into_iter().enumerate();
    if let Some((_, (_, what))) = special.find(|&(index, (declared, _))| counts(index, declared)) {
        return Some(format!("it declares {what}"));
    }
    if def.class.is_some_and(|class| class.default_initializer) {
        return Some("a member has a default initialiser".to_owned());
    }
    if let Some(base) = def.bases.first() {
        return Some(format!("it has the base class `{}`", types.record(base.record).name));
    }
    // For clang unnamed bit-fields are no members.
    let counts = |member: &&MemberDef| {
        rule == ClassRule::Gcc || !member.name.is_empty() || member.width_bits.is_none()
    };
    let hidden = def.members.iter().filter(counts).find(|it| it.access != Access::Public);
    if let Some(member) = hidden {
        let access = match member.access {
            Access::Protected => "protected",
            _ => "private",
        };
        return Some(format!("its member `{}` is {access}", member.name));
    }
    if let Some(member) = def.members.iter().find(|member| is_reference(types, member.ty)) {
        return Some(format!("its member `{}` is a reference", member.name));
    }
    let addressless = def.members.iter().find(|member| member.no_unique_address);
    let member = addressless.filter(|_| rule == ClassRule::Gcc)?;
    Some(format!("its member `{}` is [[no_unique_address]]", member.name))
}

/// C++11 class p6.
fn why_not_trivial(types: &Types, definition: &Definition) -> Option<String> {
    let def = &definition.def;
    let class = def.class.unwrap_or_default();
    let mut special = special_members(definition).into_iter().skip(1);
    if let Some((_, what)) = special.find(|&(declared, _)| declared == Declared::Provided) {
        return Some(format!("it provides {what}"));
    }
    if class.default_constructor == Declared::No {
        let mut others = special_members(definition).into_iter().take(4);
        if let Some((_, what)) = others.find(|&(declared, _)| declared != Declared::No) {
            return Some(format!("it declares {what} and so has no default constructor"));
        }
    }
    if class.default_initializer {
        return Some("a member has a default initialiser".to_owned());
    }
    let member = def.members.iter().find(|member| is_reference(types, member.ty))?;
    Some(format!("its member `{}` is a reference", member.name))
}

/// C++11 class p7.
fn why_no_standard_layout(types: &Types, id: RecordId, definition: &Definition) -> Option<String> {
    let def = &definition.def;
    // Unnamed bit-fields are no members.
    let mut named = def.members.iter().filter(|it| !it.name.is_empty() || it.width_bits.is_none());
    let first = named.next();
    if let Some(first) = first
        && let Some(other) = named.find(|member| member.access != first.access)
    {
        return Some(format!("`{}` and `{}` differ in access", first.name, other.name));
    }
    let has_data = |record: &RecordId| {
        let inner = types.record(*record).definition.as_ref();
        inner.is_some_and(|inner| !inner.is_empty_class())
    };
    let bases = || def.bases.iter().map(|base| base.record);
    let with_data: Vec<_> = bases().filter(has_data).collect();
    if let (Some(base), true) = (with_data.first(), with_data.len() > 1 || first.is_some()) {
        let name = &types.record(*base).name;
        return Some(format!("its base class `{name}` and another part of it have data"));
    }
    let class = first.and_then(|first| types.record_of(first.ty))?;
    (types.record(id).kind != RecordKind::Union && bases().any(|base| base == class))
        .then(|| "its first member is of the type of a base".to_owned())
}

/// A part that is none.
fn why_by_part(types: &Types, definition: &Definition) -> Option<String> {
    let def = &definition.def;
    let is_none = |id: RecordId| {
        let inner = types.record(id).definition.as_ref();
        inner.is_some_and(|inner| !inner.is_pod_for_layout())
    };
    if let Some(base) = def.bases.iter().find(|base| is_none(base.record)) {
        return Some(format!("its base class `{}` is not", types.record(base.record).name));
    }
    let member =
        def.members.iter().find(|member| types.record_of(member.ty).is_some_and(is_none))?;
    Some(format!("its member `{}` is not", member.name))
}

pub(super) fn is_reference(types: &Types, ty: TypeId) -> bool {
    matches!(types.get(types.strip(ty)), Type::Reference { .. })
}

//! The layout of one record: places as they are given, and the alignment that they show.

use cwire_layout::place::{Place, RecordAttrs};
use cwire_layout::types::{BaseDef, ClassTraits, MemberDef, RecordDef, RecordKind, Type};
use cwire_layout::{RecordLayout, TypeLayout};

use super::resolve::Resolver;
use crate::graph::{MemberNode, MemberPlace, RecordNode};
use cwire_layout::abi::Endian;

/// Something that aligns a record: a base or a member that is no bit-field.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Bytes.
    offset: u64,
    /// Bytes.
    size: u64,
    /// Alignment of its type, or what was asked for.
    align: u64,
    /// Whether a `pack` reaches it.
    asked: bool,
}

/// Places a record whose parts are laid out.
pub(super) fn place(
    resolver: &mut Resolver<'_>,
    record: &RecordNode,
) -> Result<(RecordDef, RecordLayout), String> {
    let Some(size) = record.size else { return Err("its size is not said".to_owned()) };
    if size > 1 << 59 {
        return Err(format!("it is larger than 2^59 bytes: {size}"));
    }
    let mut def =
        RecordDef { class: record.cxx.then(ClassTraits::default), ..RecordDef::default() };
    let mut layout = RecordLayout {
        layout: TypeLayout::new(size, 1),
        data_size: 0,
        bases: Vec::new(),
        members: Vec::new(),
    };
    let mut parts = Vec::new();
    bases(resolver, record, &mut def, &mut layout, &mut parts)?;
    let mut bit_align = 1;
    let mut crossed = false;
    for member in &record.members {
        let name = resolver.graph.names.get(member.name).clone();
        let ty = resolver.resolve(member.ty, 0)?;
        let unit = resolver.types.layout_of(ty).map_err(|error| format!("`{name}`: {error}"))?;
        let place = member_place(resolver, member, unit)
            .ok_or_else(|| format!("`{name}` is at an impossible place"))?;
        let end = place.offset_bits.checked_add(place.size_bits);
        if end.is_none_or(|end| end > size * 8) {
            return Err(format!(
                "`{name}` at bit {} with {} bits is not inside of its {size} bytes",
                place.offset_bits, place.size_bits
            ));
        }
        layout.data_size = layout.data_size.max(end.unwrap_or_default().div_ceil(8));
        let mut added = MemberDef::new(&*name, ty);
        added.access = member.access;
        added.align = member.align;
        match member.place {
            // CodeView says where the storage unit of a bit-field is, which is aligned as its type.
            MemberPlace::Byte(offset) | MemberPlace::Low { offset, .. } => {
                let align = member.align.unwrap_or(1).max(unit.align);
                parts.push(Part { offset, size: unit.size, align, asked: member.align.is_some() });
            }
            _ => bit_align = unit.align.max(bit_align),
        }
        if !matches!(member.place, MemberPlace::Byte(_)) {
            added.width_bits = u32::try_from(place.size_bits).ok();
            crossed |= crosses(place, unit);
        }
        def.members.push(added);
        layout.members.push(place);
    }
    trim_bases(&mut layout);
    let mut shown = alignment(record, size, &parts, bit_align, crossed);
    let ends = parts.iter().map(|part| part.offset.saturating_add(part.size));
    let end = ends.fold(layout.data_size, u64::max);
    if let Some(align) = tail_alignment(record, size, end, shown.align) {
        shown.align = align;
        shown.attrs.align = Some(align);
    }
    def.attrs = shown.attrs;
    layout.layout.align = shown.align;
    layout.layout.required_align = record.align.unwrap_or(1);
    Ok((def, layout))
}

fn bases(
    resolver: &mut Resolver<'_>,
    record: &RecordNode,
    def: &mut RecordDef,
    layout: &mut RecordLayout,
    parts: &mut Vec<Part>,
) -> Result<(), String> {
    let size = layout.layout.size;
    for base in &record.bases {
        let ty = resolver.resolve(base.ty, 0)?;
        let Some(id) = resolver.record_of(ty) else {
            return Err("a base class is no class".to_owned());
        };
        let defined = resolver.types.record(id).definition.as_ref();
        let Some(inner) = defined.map(|defined| defined.layout.clone()) else {
            return Err("a base class is not laid out".to_owned());
        };
        // An empty base takes no room of its own.
        let taken = inner.data_size;
        let end = base.offset.checked_add(taken);
        if end.is_none_or(|end| end > size) {
            return Err(format!(
                "a base class at {} is not inside of its {size} bytes",
                base.offset
            ));
        }
        layout.data_size = layout.data_size.max(end.unwrap_or_default());
        let align = inner.layout.align;
        parts.push(Part { offset: base.offset, size: inner.data_size, align, asked: false });
        let room = if taken == 0 { 0 } else { inner.layout.size.min(size - base.offset) };
        layout.bases.push(Place { offset_bits: base.offset * 8, size_bits: room * 8 });
        def.bases.push(BaseDef { record: id, access: base.access });
    }
    Ok(())
}

/// Ends bases where something else begins in their tail padding.
fn trim_bases(layout: &mut RecordLayout) {
    let parts = layout.bases.iter().chain(&layout.members).filter(|place| place.size_bits > 0);
    let mut starts: Vec<u64> = parts.map(|place| place.offset_bits).collect();
    starts.sort_unstable();
    for base in &mut layout.bases {
        let next = starts.partition_point(|&start| start <= base.offset_bits);
        if let Some(next) = starts.get(next) {
            base.size_bits = base.size_bits.min(next - base.offset_bits);
        }
    }
}

/// Where a member is, in bits that count as the ABI fills them.
fn member_place(resolver: &Resolver<'_>, member: &MemberNode, unit: TypeLayout) -> Option<Place> {
    let big = resolver.types.abi().endian() == Endian::Big;
    let flexible = |ty| {
        matches!(
            resolver.types.get(resolver.types.strip(ty)),
            Type::Array { len: None | Some(0), .. }
        )
    };
    let (offset_bits, width) = match member.place {
        MemberPlace::Byte(offset) => {
            let ty = member.ty;
            let size = match resolver.known(ty) {
                Some(ty) if flexible(ty) => 0,
                _ => unit.size,
            };
            return Some(Place {
                offset_bits: offset.checked_mul(8)?,
                size_bits: size.checked_mul(8)?,
            });
        }
        MemberPlace::Bits { offset, width } => (offset, width),
        MemberPlace::Storage { offset, unit: storage, from_top, width } => {
            let start = i128::from(offset) * 8;
            let bits = i128::from(storage.unwrap_or(unit.size)) * 8;
            let bit = match big {
                true => start + i128::from(from_top),
                false => start + bits - i128::from(from_top) - i128::from(width),
            };
            (u64::try_from(bit).ok()?, width)
        }
        MemberPlace::Low { offset, from_bottom, width } => {
            (offset.checked_mul(8)?.checked_add(from_bottom.into())?, width)
        }
    };
    (width > 0).then_some(Place { offset_bits, size_bits: width.into() })
}

/// Whether a bit-field takes more room than one unit of its type, begun at the alignment of that type,
/// which it does in packed records only (System V AMD64 psABI 3.1.2; under the MSVC rules it does not
/// leave its storage unit). On i386 `long long` begins at multiples of 4.
fn crosses(place: Place, unit: TypeLayout) -> bool {
    let align = unit.align.saturating_mul(8).max(1);
    let end = (place.offset_bits % align).saturating_add(place.size_bits);
    end.div_ceil(align) > unit.size.saturating_mul(8) / align
}

/// What the places of a record's parts show of its attributes.
struct Shown {
    align: u64,
    attrs: RecordAttrs,
}

/// The alignment of a record. Debug information says it only where the source asked for it
/// (`DW_AT_alignment`), and `packed` and `#pragma pack` never: they are seen where they moved a part
/// or the end.
fn alignment(
    record: &RecordNode,
    size: u64,
    parts: &[Part],
    bit_align: u64,
    crossed: bool,
) -> Shown {
    let mut attrs = RecordAttrs { align: record.align, ..RecordAttrs::NONE };
    let asked = record.align.unwrap_or(1);
    let natural = parts.iter().map(|part| part.align).fold(bit_align, u64::max);
    let fits = |cap: u64| {
        let align = parts.iter().map(|part| part.align.min(cap)).fold(1, u64::max).max(asked);
        is_multiple(size, align)
            && parts.iter().all(|part| is_multiple(part.offset, part.align.min(cap)))
    };
    if fits(u64::MAX) && !crossed {
        let align = match is_multiple(size, natural.max(asked)) {
            true => natural,
            // Bit-fields of a larger type than the record has room for: theirs does not count.
            false => parts.iter().map(|part| part.align).fold(1, u64::max),
        };
        return Shown { align: align.max(asked), attrs };
    }
    let tight = |cap: u64| record.kind == RecordKind::Union || is_tight(parts, cap);
    let caps = [1, 2, 4, 8, 16];
    let cap = caps.into_iter().find(|&cap| fits(cap) && tight(cap));
    let cap = cap.or_else(|| caps.into_iter().rev().find(|&cap| fits(cap))).unwrap_or(1);
    if cap == 1 {
        attrs.packed = true;
    } else {
        attrs.pack = Some(cap);
    }
    Shown { align: natural.min(cap).max(asked), attrs }
}

/// The alignment that room at the end of a record shows: the least that makes its members fill its
/// size. It is asked of unions, which have no other reason for such room (unnamed bit-fields align them
/// as well), and of records of CodeView, which does not say what the source asked for.
fn tail_alignment(record: &RecordNode, size: u64, end: u64, align: u64) -> Option<u64> {
    let asked = record.kind == RecordKind::Union || !record.says_align;
    if !asked || record.members.is_empty() || end > size || end.next_multiple_of(align) >= size {
        return None;
    }
    let mut larger = (0..13).map(|shift| 1_u64 << shift).filter(|&larger| larger > align);
    larger.find(|&larger| end.next_multiple_of(larger) == size)
}

/// Whether each part begins where the one before it ends, but for its alignment under `cap`.
fn is_tight(parts: &[Part], cap: u64) -> bool {
    parts.windows(2).all(|pair| match pair {
        [before, part] => {
            let end = before.offset.saturating_add(before.size);
            part.asked || part.offset < end || part.offset - end < part.align.min(cap)
        }
        _ => true,
    })
}

fn is_multiple(value: u64, align: u64) -> bool {
    align <= 1 || value.is_multiple_of(align)
}

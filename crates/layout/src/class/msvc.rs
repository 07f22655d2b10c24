//! Microsoft's C++ classes, without virtual functions and bases.
//!
//! Sources: Microsoft C++ language reference, "align (C++)" and "empty_bases"; clang's observed
//! behaviour for `*-windows-msvc`.

use super::{definition, traits};
use crate::error::LayoutError;
use crate::place::Place;
use crate::record::{ClassLayout, RecordLayout, member_of, placer};
use crate::ty::{add_bits, bits, round_up};
use crate::types::{RecordDef, RecordId, Types};

pub(crate) fn lay_out(
    types: &Types,
    id: RecordId,
    def: &RecordDef,
) -> Result<(RecordLayout, ClassLayout), LayoutError> {
    let mut class = traits::of(types, types.record(id).kind, def);
    let mut placer = placer(types, id, def);
    let mut previous_ends_empty = false;
    let mut bases = Vec::with_capacity(def.bases.len());
    for (index, base) in def.bases.iter().enumerate() {
        let base = definition(types, base.record)?;
        if index == 0 {
            class.leads_empty = base.class.leads_empty;
        }
        let mut end_bits = placer.end_bits();
        if index > 0 && previous_ends_empty && base.class.leads_empty {
            // Two bases without size would share an address.
            end_bits = add_bits(end_bits, 8)?;
        }
        let layout = base.layout.layout;
        let align = placer.msvc_base(layout);
        let offset_bits = round_up(end_bits, align * 8)?;
        let size_bits = bits(base.layout.data_size)?;
        placer.reserve(add_bits(offset_bits, size_bits)?, 1);
        previous_ends_empty = base.class.ends_empty;
        class.ends_empty = base.class.ends_empty;
        bases.push(Place { offset_bits, size_bits });
    }
    let mut members = Vec::with_capacity(def.members.len());
    for member in &def.members {
        let inner = types.record_of(member.ty).and_then(|id| types.record(id).definition.as_ref());
        if let Some(inner) = inner
            && member.width_bits.is_none()
        {
            class.ends_empty = inner.class.ends_empty;
        }
        members.push(placer.push(&member_of(types, def, member)?)?);
    }
    // What a derived class sees is rounded to what the members need, not to what is asked for.
    let data_size = placer.msvc_data_size()?;
    let mut layout = placer.finish()?;
    if data_size == 0 && placer.end_bits() == 0 {
        class.leads_empty = true;
        class.ends_empty = true;
        layout.size = if layout.required_align > 1 { layout.align } else { 1 };
    }
    Ok((RecordLayout { layout, data_size, bases, members }, class))
}

//! Why a bit-field is where it is.

use cwire_layout::TypeLayout;
use cwire_layout::abi::{BitFieldRule, ClassRule};
use cwire_layout::types::MemberDef;

use super::align::{member_layout, pack};
use super::rules::{End, Parts, Unit, Width, aligned_by_bits, arrival};
use super::{At, source};
use crate::cmd::layout::table::Bits;

/// What is retold: the sentences, and the bit they lead to.
type Retold = (Vec<String>, Option<u64>);

/// A bit-field with what its neighbours leave it.
struct Case<'a> {
    member: &'a MemberDef,
    width_bits: u64,
    /// Its type, as declared and laid out.
    spelt: String,
    ty: TypeLayout,
    end: End,
    /// Where the rule is written down.
    source: &'static str,
}

impl Case<'_> {
    fn unit_bits(&self) -> u64 {
        self.ty.size.saturating_mul(8)
    }
}

impl Parts<'_> {
    /// What is said of a bit-field.
    pub(super) fn bit_field(&self, member: &MemberDef, width_bits: u64) -> Retold {
        let end = self.end();
        let mut reasons = self.before(end);
        let Some(ty) = member_layout(self.types, &self.definition.def, member.ty) else {
            return (reasons, None);
        };
        let source = source::bits(self.types.abi(), self.rule());
        reasons.extend(self.separator(source));
        let spelt = self.types.spell(member.ty);
        let case = Case { member, width_bits, spelt, ty, end, source };
        let (more, at) = match self.rule() {
            BitFieldRule::SysV if !self.is_gcc() => self.apple(&case),
            BitFieldRule::SysV | BitFieldRule::Aapcs => self.sysv(&case),
            BitFieldRule::Msvc => self.msvc(&case),
            BitFieldRule::MinGw => self.mingw(&case),
        };
        reasons.extend(more);
        (reasons, at)
    }

    fn is_packed(&self, member: &MemberDef) -> bool {
        self.definition.def.attrs.packed || member.packed
    }

    fn pack(&self) -> Option<u64> {
        pack(self.types.abi(), &self.definition.def).map(|(pack, _)| pack)
    }

    /// What the bit-field itself asks for, as `#pragma pack` leaves it.
    fn asked(&self, case: &Case<'_>) -> Option<u64> {
        let asked = case.member.align?;
        Some(self.pack().map_or(asked, |pack| asked.min(pack)))
    }

    /// Moves `at` to what the bit-field asks for.
    fn align_as_asked(&self, case: &Case<'_>, at: &mut u64) -> Option<String> {
        let asked = self.asked(case)?;
        if self.is_aligned_by_bits(case.end, asked) {
            let bytes = Bits(asked.saturating_mul(8));
            return Some(format!(
                "the member asks for {bytes} itself: {}",
                aligned_by_bits(case.end, asked)
            ));
        }
        let start = *at;
        *at = start.checked_next_multiple_of(asked.saturating_mul(8).max(1))?;
        let lowered = match case.member.align {
            Some(align) if align != asked => {
                format!(" ({asked} after #pragma pack)")
            }
            _ => String::new(),
        };
        let bytes = Bits(case.member.align.unwrap_or(asked) * 8);
        let arrival = arrival(start, *at, asked);
        let source = source::GCC_ALIGNED;
        Some(format!("the member asks for {bytes} itself{lowered}: {arrival} ({source})"))
    }

    fn is_gcc(&self) -> bool {
        self.types.abi().class_rule() == ClassRule::Gcc
    }

    /// gcc takes a bit-field for a whole integer that has its size and is aligned already.
    fn whole_integer(&self, case: &Case<'_>) -> Option<u64> {
        let bits = case.width_bits;
        let is_whole = matches!(bits, 8 | 16 | 32 | 64) && case.end.bits.is_multiple_of(bits);
        if !self.is_gcc() || !is_whole || (bits > 8 && self.is_packed(case.member)) {
            return None;
        }
        let lowers = bits == 64 && case.member.align.is_none();
        let align = if lowers { self.types.abi().integer(8).align } else { bits / 8 };
        Some(self.pack().map_or(align, |pack| align.min(pack)))
    }

    /// The next multiple of a bit-field's alignment. gcc counts from the last multiple of the largest
    /// alignment that the ABI knows or the record asks for, which for types aligned to more is no
    /// multiple of theirs; `asked` bytes have moved the bit-field from `end` to `at`.
    fn next_boundary(&self, end: u64, asked: u64, at: u64, align_bits: u64) -> Option<u64> {
        if !self.is_gcc() {
            return at.checked_next_multiple_of(align_bits);
        }
        let record = self.definition.def.attrs.align.unwrap_or(1);
        let most = record.max(self.types.abi().max_align()).saturating_mul(8);
        let origin = if asked.saturating_mul(8) >= most { at } else { end - end % most };
        origin.checked_add(at.checked_sub(origin)?.checked_next_multiple_of(align_bits)?)
    }

    /// System V with attributes as clang for macOS reads them: a boundary is what they leave of the
    /// alignment.
    fn apple(&self, case: &Case<'_>) -> Retold {
        let natural = case.ty.align.saturating_mul(8);
        let asked = case.member.align.map_or(0, |asked| asked.saturating_mul(8));
        if asked == 0 && natural <= case.unit_bits() {
            return self.sysv(case);
        }
        let packed = self.is_packed(case.member);
        let align = asked.max(if packed { 1 } else { natural });
        let start = case.end.bits;
        let crosses = (start % align).saturating_add(case.width_bits) > case.unit_bits();
        let pack = self.pack().map(|pack| pack.saturating_mul(8));
        let aligns = pack.is_none_or(|pack| asked <= pack);
        let (spelt, width) = (&case.spelt, Width(case.width_bits));
        let (what, at) = if pack.is_none() && crosses {
            let what =
                format!("{width} would cross a boundary of `{spelt}` as aligned by attributes");
            (what, start.checked_next_multiple_of(align))
        } else if asked == 0 {
            let what = format!("{width} cross no boundary of `{spelt}` as aligned by attributes");
            (what, Some(start))
        } else if aligns {
            let what = format!("the member asks for {} itself", Bits(asked));
            (what, start.checked_next_multiple_of(asked))
        } else {
            let asked = Bits(asked);
            let what = format!("the member asks for {asked} itself, more than packing allows");
            (what, Some(start))
        };
        let Some(at) = at else { return (Vec::new(), None) };
        (vec![format!("{what}, so it begins at {} ({})", At(at), source::CLANG_BITS)], Some(at))
    }

    /// System V: no more units of its type's alignment than its type has.
    fn sysv(&self, case: &Case<'_>) -> Retold {
        let mut at = case.end.bits;
        let mut reasons: Vec<String> = self.align_as_asked(case, &mut at).into_iter().collect();
        if let Some(align) = self.whole_integer(case) {
            let Some(next) = at.checked_next_multiple_of(align.saturating_mul(8).max(1)) else {
                return (reasons, None);
            };
            let packs = self.is_packed(case.member) || self.pack().is_some();
            let units = case.ty.align.saturating_mul(8).max(1);
            let reach = (next % units).saturating_add(case.width_bits).div_ceil(units);
            // Most whole integers are where the rule for all bit-fields puts them, too.
            if next != at || (!packs && reach > case.unit_bits() / units) {
                reasons.push(format!(
                    "{} bits that are aligned already stay where they are, as an integer of that size ({})",
                    case.width_bits,
                    source::GCC_BITS
                ));
                return (reasons, Some(next));
            }
        }
        let (spelt, width, source) = (&case.spelt, Width(case.width_bits), case.source);
        if self.is_packed(case.member) || self.pack().is_some() {
            let (why, source) = match pack(self.types.abi(), &self.definition.def) {
                Some((_, name)) => (name, source::pack(self.types.abi())),
                None => ("packed".to_owned(), source::GCC_PACKED),
            };
            reasons.push(format!(
                "{why}: a bit-field may cross the boundaries of its type, so it takes the next bit \
                 ({source})"
            ));
            return (reasons, Some(at));
        }
        let (align_bits, size_bits) = (case.ty.align.saturating_mul(8).max(1), case.unit_bits());
        let units = (at % align_bits).saturating_add(case.width_bits).div_ceil(align_bits);
        if units > size_bits / align_bits {
            let asked = self.asked(case).unwrap_or(0);
            let Some(boundary) = self.next_boundary(case.end.bits, asked, at, align_bits) else {
                return (reasons, None);
            };
            reasons.push(match size_bits < align_bits {
                true => format!(
                    "`{spelt}` is aligned to more than its size, so each bit-field of it begins at a \
                     multiple of {} ({source})",
                    Bits(align_bits)
                ),
                false => format!(
                    "{width} would cross a boundary of `{spelt}`, so it begins at that boundary, {} \
                     ({source})",
                    At(boundary)
                ),
            });
            return (reasons, Some(boundary));
        }
        reasons.push(if align_bits == size_bits {
            let left = size_bits - at % size_bits;
            format!(
                "there is room for {width} before the next boundary of `{spelt}`, {left} bits on, so it \
                 takes the next bit ({source})"
            )
        } else {
            let (units, align) = (size_bits / align_bits, Bits(align_bits));
            format!(
                "{width} from there reach into no more than {units} units of {align}, the alignment of \
                 `{spelt}`, so it takes the next bit ({source})"
            )
        });
        (reasons, Some(at))
    }

    /// Microsoft's: a unit of its type's size.
    fn msvc(&self, case: &Case<'_>) -> Retold {
        if let Some(unit) = shared(case, case.end.unit_end_free()) {
            return (vec![self.shares(case, unit)], Some(unit.next_bit));
        }
        let align = self.msvc_unit_align(case);
        self.opens(case, align, true)
    }

    fn msvc_unit_align(&self, case: &Case<'_>) -> u64 {
        let natural = case.ty.align;
        let lowered = match self.pack() {
            _ if self.is_packed(case.member) => 1,
            Some(pack) if pack <= self.types.abi().pointer_size() => natural.min(pack),
            _ => natural,
        };
        lowered.max(case.ty.required_align).max(case.member.align.unwrap_or(1))
    }

    /// gcc's reading of Microsoft's.
    fn mingw(&self, case: &Case<'_>) -> Retold {
        if let Some(unit) = shared(case, case.end.unit_end_free()) {
            return (vec![self.shares(case, unit)], Some(unit.next_bit));
        }
        let natural = if self.is_packed(case.member) { 1 } else { case.ty.align };
        let align = self.pack().map_or(natural, |pack| natural.min(pack));
        // A unit that follows a full one of its size has no gap before it.
        let aligns =
            !case.end.unit.is_some_and(|unit| !unit.closed && unit.size_bits == case.unit_bits());
        self.opens(case, align, aligns)
    }

    fn shares(&self, case: &Case<'_>, unit: Shared) -> String {
        format!(
            "the bit-field before it has a type of {}, too, and {} fit into the {} that are left of that \
             unit ({})",
            Bits(case.unit_bits()),
            Width(case.width_bits),
            Width(unit.left_bits),
            case.source
        )
    }

    /// A unit of its own, aligned if `aligns`.
    fn opens(&self, case: &Case<'_>, align: u64, aligns: bool) -> Retold {
        let bytes = Bits(case.unit_bits());
        let before = self.members_before().next_back();
        let why = match (case.end.unit, before) {
            (Some(unit), _) if !unit.closed && unit.size_bits != case.unit_bits() => {
                "the bit-field before it has a type of another size".to_owned()
            }
            (Some(unit), _) if !unit.closed => format!(
                "{} do not fit into what is left of the unit before it",
                Width(case.width_bits)
            ),
            (_, None) => "nothing before it has a storage unit".to_owned(),
            _ => "no bit-field with a unit to share is right before it".to_owned(),
        };
        let (spelt, source) = (&case.spelt, case.source);
        let mut reasons =
            vec![format!("{why}, so a new unit of {bytes} begins, one of `{spelt}` ({source})")];
        let mut at = case.end.with_unit();
        if self.rule() == BitFieldRule::MinGw {
            reasons.extend(self.align_as_asked(case, &mut at));
        }
        if aligns {
            let start = at;
            let Some(next) = self.next_boundary(at, 0, at, align.saturating_mul(8).max(1)) else {
                return (reasons, None);
            };
            at = next;
            if start != case.end.bits {
                reasons.push(format!("the unit before it goes on up to byte {}", start / 8));
            }
            let what = match align {
                align if align == case.ty.align => "as its type is".to_owned(),
                align if align < case.ty.align => "by packing".to_owned(),
                _ => "as the member asks".to_owned(),
            };
            let arrival = arrival(start, at, align);
            reasons.push(format!("the unit is aligned to {}, {what}: {arrival}", Bits(align * 8)));
        } else {
            reasons
                .push(format!("it follows the full unit before it at {}, without a gap", At(at)));
        }
        (reasons, Some(at))
    }

    /// The unnamed bit-field of width 0 right before this one.
    fn separator(&self, source: &str) -> Option<String> {
        let mut before = self.members_before().rev().map(|(member, _)| member);
        let zero = before.next().filter(|member| member.width_bits == Some(0))?;
        let spelt = self.types.spell(zero.ty);
        // Microsoft's rule ignores one that no bit-field is right before of.
        let has_units = !matches!(self.rule(), BitFieldRule::SysV | BitFieldRule::Aapcs);
        let counts = !has_units || before.next().is_some_and(|member| member.width_bits.is_some());
        Some(match counts {
            true => format!(
                "`{spelt} : 0` before it ends the unit that the bits so far are in ({source})"
            ),
            false => format!(
                "`{spelt} : 0` before it has no effect, as no bit-field is right before that ({source})"
            ),
        })
    }
}

/// Room in the open storage unit.
#[derive(Clone, Copy)]
struct Shared {
    next_bit: u64,
    left_bits: u64,
}

fn shared(case: &Case<'_>, open: Option<(Unit, u64)>) -> Option<Shared> {
    let (unit, next_bit) = open?;
    let left_bits = unit.end_bits.checked_sub(next_bit)?;
    let is_shared =
        !unit.closed && unit.size_bits == case.unit_bits() && case.width_bits <= left_bits;
    is_shared.then_some(Shared { next_bit, left_bits })
}

impl End {
    /// The open unit and the first free bit in it.
    fn unit_end_free(self) -> Option<(Unit, u64)> {
        self.unit.map(|unit| (unit, self.bits))
    }
}

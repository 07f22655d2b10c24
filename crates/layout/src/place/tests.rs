use proptest::prelude::*;

use super::*;
use crate::abi::Scalar;
use crate::ty::max;

/// Places members on an ABI and returns their offsets in bits with the record's size and alignment.
fn place(abi: Abi, attrs: RecordAttrs, members: &[Member]) -> (Vec<u64>, u64, u64) {
    let mut placer = Placer::new(abi, attrs);
    let offsets = members
        .iter()
        .map(|member| placer.push(member).expect("the member can be placed").offset_bits)
        .collect();
    let record = placer.finish().expect("the record is complete");
    (offsets, record.size, record.align)
}

/// The ABIs with the same rules: one per rule set is enough where nothing else differs.
const LINUX: Abi = Abi::X86_64_LINUX;
const AAPCS: Abi = Abi::AARCH64_LINUX;
const MSVC: Abi = Abi::X86_64_WINDOWS;
const MINGW: Abi = Abi::X86_64_WINDOWS_GNU;

const PACKED: RecordAttrs = RecordAttrs { packed: true, ..RecordAttrs::NONE };

const fn pack(pack: u64) -> RecordAttrs {
    RecordAttrs { pack: Some(pack), ..RecordAttrs::NONE }
}

fn int() -> Member {
    Member::new(LINUX.scalar(Scalar::Int))
}

fn char() -> Member {
    Member::new(LINUX.scalar(Scalar::Char))
}

// The expected numbers of these tests are what gcc 12, clang 19 and MinGW gcc 12 do, or cl.exe where
// clang is known to differ from it.

#[test]
fn int32_before_int64_leaves_a_hole_except_on_i386() {
    for abi in Abi::ALL {
        let members = [abi.scalar(Scalar::Int), abi.scalar(Scalar::LongLong)].map(Member::new);
        let expected = if abi == Abi::I686_LINUX { (32, 12) } else { (64, 16) };
        let (offsets, size, _) = place(abi, RecordAttrs::NONE, &members);
        assert_eq!((offsets[1], size), expected, "{abi:?}");
    }
}

#[test]
fn types_of_other_sizes_share_no_unit_on_windows() {
    let members = [char().bits(4), int().bits(4)];
    assert_eq!(place(LINUX, RecordAttrs::NONE, &members), (vec![0, 4], 4, 4));
    assert_eq!(place(MSVC, RecordAttrs::NONE, &members), (vec![0, 32], 8, 4));
    assert_eq!(place(MINGW, RecordAttrs::NONE, &members), (vec![0, 32], 8, 4));
}

#[test]
fn a_bit_field_follows_a_char_at_once_on_system_v() {
    let members = [char(), int().bits(20)];
    assert_eq!(place(LINUX, RecordAttrs::NONE, &members), (vec![0, 8], 4, 4));
    assert_eq!(place(MSVC, RecordAttrs::NONE, &members), (vec![0, 32], 8, 4));
}

#[test]
fn packed_bit_fields_cross_units_except_on_windows() {
    let members = [int().bits(30), int().bits(5)];
    assert_eq!(place(LINUX, PACKED, &members), (vec![0, 30], 5, 1));
    assert_eq!(place(MSVC, PACKED, &members), (vec![0, 32], 8, 1));
    assert_eq!(place(MINGW, PACKED, &members), (vec![0, 32], 8, 1));
}

#[test]
fn pack_1_bit_fields_cross_units_except_on_windows() {
    let members = [char(), int().bits(17), int().bits(17)];
    assert_eq!(place(LINUX, pack(1), &members), (vec![0, 8, 25], 6, 1));
    assert_eq!(place(MSVC, pack(1), &members), (vec![0, 8, 40], 9, 1));
    assert_eq!(place(MINGW, pack(1), &members), (vec![0, 8, 40], 9, 1));
}

#[test]
fn packed_bit_fields_of_known_sizes() {
    let unsigned = |widths: &[u32]| widths.iter().map(|&w| int().bits(w)).collect::<Vec<_>>();
    assert_eq!(place(LINUX, PACKED, &unsigned(&[5, 4, 15])).1, 3);
    assert_eq!(place(LINUX, pack(1), &unsigned(&[11, 12, 23])).1, 6);
    assert_eq!(place(LINUX, PACKED, &unsigned(&[6, 32])).1, 5);
}

#[test]
fn zero_width_ends_a_run() {
    let members = [char(), int().bits(0).unnamed(), char()];
    assert_eq!(place(LINUX, RecordAttrs::NONE, &members), (vec![0, 32, 32], 5, 1));
    assert_eq!(place(AAPCS, RecordAttrs::NONE, &members), (vec![0, 32, 32], 8, 4));
    // Windows ignores it where no bit-field comes before.
    assert_eq!(place(MSVC, RecordAttrs::NONE, &members), (vec![0, 8, 8], 2, 1));
    assert_eq!(place(MINGW, RecordAttrs::NONE, &members), (vec![0, 8, 8], 2, 1));
}

#[test]
fn zero_width_ignores_packing() {
    let members = [int().bits(3), int().bits(0).unnamed(), int().bits(3)];
    assert_eq!(place(LINUX, PACKED, &members), (vec![0, 32, 32], 5, 1));
    assert_eq!(place(AAPCS, PACKED, &members), (vec![0, 32, 32], 8, 4));
    assert_eq!(place(MINGW, PACKED, &members), (vec![0, 32, 32], 8, 4));
    assert_eq!(place(MSVC, PACKED, &members), (vec![0, 32, 32], 8, 1));
}

#[test]
fn unnamed_bit_fields_align_the_record_on_aapcs_and_windows() {
    let members = [char(), int().bits(5).unnamed(), char()];
    assert_eq!(place(LINUX, RecordAttrs::NONE, &members), (vec![0, 8, 16], 3, 1));
    assert_eq!(place(AAPCS, RecordAttrs::NONE, &members), (vec![0, 8, 16], 4, 4));
    assert_eq!(place(MSVC, RecordAttrs::NONE, &members), (vec![0, 32, 64], 12, 4));
    assert_eq!(place(MINGW, RecordAttrs::NONE, &members), (vec![0, 32, 64], 12, 4));
}

#[test]
fn pack_lowers_aligned_except_on_windows() {
    let members = [char(), int().aligned(8)];
    assert_eq!(place(LINUX, pack(1), &members), (vec![0, 8], 5, 1));
    assert_eq!(place(MSVC, pack(1), &members), (vec![0, 64], 16, 8));
    let members = [char(), int().aligned(16)];
    assert_eq!(place(LINUX, pack(1), &members).0, [0, 8]);
    assert_eq!(place(MSVC, pack(1), &members), (vec![0, 128], 32, 16));
}

#[test]
fn packed_member_keeps_its_own_alignment() {
    let members = [char(), int().aligned(8)];
    assert_eq!(place(LINUX, PACKED, &members), (vec![0, 64], 16, 8));
}

#[test]
fn pack_lowers_an_aligned_record_except_on_windows() {
    for (abi, expected) in [(LINUX, (vec![0, 8], 17, 1)), (MSVC, (vec![0, 128], 32, 16))] {
        let mut aligned = Placer::new(abi, RecordAttrs { align: Some(16), ..RecordAttrs::NONE });
        aligned.push(&int()).expect("an int can be placed");
        let aligned = aligned.finish().expect("the record is complete");
        assert_eq!(place(abi, pack(1), &[char(), Member::new(aligned)]), expected);
    }
}

/// `__declspec(align(2)) struct X { int a; };` inside `#pragma pack(1)`: cl.exe says 2, clang 4.
#[test]
fn what_align_asked_for_is_less_than_the_alignment() {
    let mut aligned = Placer::new(MSVC, RecordAttrs { align: Some(2), ..RecordAttrs::NONE });
    aligned.push(&int()).expect("an int can be placed");
    let aligned = aligned.finish().expect("the record is complete");
    assert_eq!((aligned.align, aligned.required_align), (4, 2));
    assert_eq!(place(MSVC, pack(1), &[char(), Member::new(aligned)]), (vec![0, 16], 6, 2));
}

/// The rules of Windows, by cl.exe and by gcc.
const WINDOWS: [Abi; 5] = [
    Abi::X86_64_WINDOWS,
    Abi::I686_WINDOWS,
    Abi::AARCH64_WINDOWS,
    Abi::X86_64_WINDOWS_GNU,
    Abi::I686_WINDOWS_GNU,
];

#[test]
fn bit_fields_of_one_type_follow_each_other() {
    for abi in Abi::ALL {
        let members = [int().bits(3), int().bits(5)];
        assert_eq!(place(abi, RecordAttrs::NONE, &members), (vec![0, 3], 4, 4), "{abi:?}");
    }
}

#[test]
fn int_and_long_of_one_size_share_a_unit_on_windows() {
    for abi in WINDOWS {
        let members = [int().bits(4), Member::new(abi.scalar(Scalar::Long)).bits(4)];
        assert_eq!(place(abi, RecordAttrs::NONE, &members), (vec![0, 4], 4, 4), "{abi:?}");
    }
}

#[test]
fn long_long_bit_fields_align_as_in_a_record() {
    for abi in Abi::ALL {
        let members = [int(), Member::new(abi.scalar(Scalar::LongLong)).bits(40)];
        let expected =
            if abi == Abi::I686_LINUX { (vec![0, 32], 12, 4) } else { (vec![0, 64], 16, 8) };
        assert_eq!(place(abi, RecordAttrs::NONE, &members), expected, "{abi:?}");
    }
}

#[test]
fn a_unit_is_as_large_as_its_type_on_windows_though_packed() {
    let short = Member::new(LINUX.scalar(Scalar::Short));
    for abi in WINDOWS {
        let members = [int().bits(16), short, int()];
        assert_eq!(place(abi, PACKED, &members), (vec![0, 32, 48], 10, 1), "{abi:?}");
    }
}

#[test]
fn zero_width_first_in_a_record_aligns_it_on_aapcs() {
    for abi in Abi::ALL {
        let mut inner = Placer::new(abi, RecordAttrs::NONE);
        inner.push(&int().bits(0).unnamed()).expect("a width of 0 can be placed");
        inner.push(&char()).expect("a char can be placed");
        let inner = Member::new(inner.finish().expect("the record is complete"));
        let aapcs = [Abi::AARCH64_LINUX, Abi::ARM_LINUX, Abi::ARM_NONE_EABI].contains(&abi);
        let expected = if aapcs { (vec![0, 32], 8, 4) } else { (vec![0, 8], 2, 1) };
        assert_eq!(place(abi, RecordAttrs::NONE, &[char(), inner]), expected, "{abi:?}");
    }
}

#[test]
fn packed_stays_outside_of_a_member_and_goes_out_with_it() {
    for abi in Abi::ALL {
        let inner = |attrs| {
            let mut inner = Placer::new(abi, attrs);
            inner.push(&char()).expect("a char can be placed");
            inner.push(&int()).expect("an int can be placed");
            Member::new(inner.finish().expect("the record is complete"))
        };
        let members = [char(), inner(RecordAttrs::NONE), char()];
        assert_eq!(place(abi, PACKED, &members), (vec![0, 8, 72], 10, 1), "{abi:?}");
        let members = [char(), inner(PACKED), int()];
        assert_eq!(place(abi, RecordAttrs::NONE, &members), (vec![0, 8, 64], 12, 4), "{abi:?}");
    }
}

#[test]
fn pack_2_rounds_the_size_to_2() {
    for abi in Abi::ALL {
        assert_eq!(place(abi, pack(2), &[int(), char()]), (vec![0, 32], 6, 2), "{abi:?}");
    }
}

#[test]
fn pack_outranks_packed_for_bit_fields() {
    let attrs = RecordAttrs { packed: true, ..pack(2) };
    let members = [int().bits(5), char()];
    for abi in Abi::ALL {
        let expected =
            if WINDOWS.contains(&abi) { (vec![0, 32], 5, 1) } else { (vec![0, 8], 2, 2) };
        assert_eq!(place(abi, attrs, &members), expected, "{abi:?}");
        assert_eq!(place(abi, attrs, &[char(), int()]), (vec![0, 8], 5, 1), "{abi:?}");
    }
}

#[test]
fn a_record_without_bytes_has_four_on_msvc() {
    // `struct { void *m[0]; }`
    let none = Member::new(TypeLayout::new(0, 8));
    let size = |abi, attrs, members: &[Member]| place(abi, attrs, members).1;
    assert_eq!(size(LINUX, RecordAttrs::NONE, &[none]), 0);
    assert_eq!(size(MINGW, RecordAttrs::NONE, &[none]), 0);
    assert_eq!(size(MSVC, RecordAttrs::NONE, &[none]), 4);
    assert_eq!(size(MSVC, RecordAttrs::NONE, &[]), 4);
    let aligned = RecordAttrs { align: Some(16), ..RecordAttrs::NONE };
    assert_eq!(size(MSVC, aligned, &[none]), 16);
}

#[test]
fn alignments_that_no_type_has_are_errors() {
    let ty = LINUX.scalar(Scalar::Int);
    for abi in [LINUX, AAPCS, MSVC, MINGW] {
        for align in [0, 3, 1 << 61, 1 << 63] {
            let push = |attrs, member: Member| Placer::new(abi, attrs).push(&member);
            let finish = |attrs| Placer::new(abi, attrs).finish();
            push(RecordAttrs::NONE, Member::new(TypeLayout { align, ..ty })).unwrap_err();
            push(RecordAttrs::NONE, int().aligned(align)).unwrap_err();
            push(pack(align), int()).unwrap_err();
            finish(pack(align)).unwrap_err();
            finish(RecordAttrs { align: Some(align), ..RecordAttrs::NONE }).unwrap_err();
        }
    }
}

#[test]
fn constraints_of_c_are_kept() {
    let mut placer = Placer::new(LINUX, RecordAttrs::NONE);
    placer.push(&char()).expect("a char can be placed");
    let error = placer.push(&int().bits(33)).expect_err("33 of 32 bits");
    let kind = LayoutErrorKind::BitFieldTooWide { width_bits: 33, type_size: 4 };
    assert_eq!((error.kind(), error.member()), (kind, Some(1)));
    let error = placer.push(&int().bits(0)).expect_err("width 0 has no name");
    assert_eq!(error.kind(), LayoutErrorKind::NamedZeroWidth);
    let error = placer.push(&int().aligned(12)).expect_err("12 is no power of two");
    assert_eq!(error.kind(), LayoutErrorKind::Alignment { align: 12 });
}

fn abi() -> impl Strategy<Value = Abi> {
    prop::sample::select(Abi::ALL.to_vec())
}

fn attrs() -> impl Strategy<Value = RecordAttrs> {
    let power = |max: u32| prop::option::weighted(0.3, (0..=max).prop_map(|exp| 1_u64 << exp));
    (power(4), any::<bool>(), power(63)).prop_map(|(pack, packed, align)| RecordAttrs {
        pack,
        ms_struct: None,
        packed,
        align,
    })
}

/// Members of every kind, and now and then one of a size or alignment that no memory has.
fn member() -> impl Strategy<Value = Member> {
    let exp = prop_oneof![20 => 0_u32..5, 1 => 0_u32..64];
    let ty = (exp, prop_oneof![20 => 0_u64..40, 1 => any::<u64>()])
        .prop_map(|(exp, len)| (1_u64 << exp, len));
    (ty, prop::option::of(0_u32..130), any::<bool>(), prop::option::of(0_u32..8)).prop_map(
        |((align, len), width, named, aligned)| {
            let ty = TypeLayout::new(align, align);
            let member = match (width, aligned) {
                (Some(width), _) => Member::new(ty).bits(width),
                (None, None) => Member::new(ty.array(len).unwrap_or(ty)),
                (None, Some(exp)) => Member::new(ty).aligned(1 << exp),
            };
            if named { member } else { member.unnamed() }
        },
    )
}

proptest! {
    /// Whatever the members: no panic, no overflow, and a layout that keeps the laws, or an error.
    #[test]
    fn members_lie_in_order_inside_the_record(
        abi in abi(),
        attrs in attrs(),
        members in prop::collection::vec(member(), 0..12),
    ) {
        let mut placer = Placer::new(abi, attrs);
        let mut end_bits = 0;
        for member in &members {
            let mut again = placer.clone();
            let placed = placer.push(member);
            prop_assert_eq!(placed, again.push(member), "the same twice");
            if let Ok(place) = placed {
                prop_assert!(place.offset_bits >= end_bits, "members overlap");
                if member.width_bits.is_none() {
                    prop_assert_eq!(place.size_bits, member.ty.size * 8);
                    prop_assert_eq!(place.offset_bits % 8, 0);
                }
                end_bits = place.offset_bits + place.size_bits;
            }
        }
        if let Ok(record) = placer.finish() {
            prop_assert!(record.align.is_power_of_two());
            let empty = abi.bit_field_rule() == BitFieldRule::Msvc && end_bits == 0;
            prop_assert!(empty || record.size.is_multiple_of(record.align));
            prop_assert!(end_bits <= record.size * 8, "the last member lies outside");
            prop_assert!(attrs.align.is_none_or(|align| record.align >= align));
        }
    }

    /// Where nothing is packed, every member lies at its alignment, and the record has the largest.
    #[test]
    fn members_are_aligned(
        abi in abi(),
        members in prop::collection::vec(member(), 0..12),
    ) {
        let mut placer = Placer::new(abi, RecordAttrs::NONE);
        for member in members.iter().filter(|member| member.width_bits.is_none()) {
            let Ok(place) = placer.push(member) else { return Ok(()) };
            let align = max(member.align.unwrap_or(1), member.ty.align);
            prop_assert_eq!(place.offset_bits % (align * 8), 0);
            if let Ok(record) = placer.finish() {
                prop_assert!(record.align >= align);
            }
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::abi::Scalar;

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
    (power(4), any::<bool>(), power(6)).prop_map(|(pack, packed, align)| RecordAttrs {
        pack,
        packed,
        align,
    })
}

/// Members of every kind, and now and then one of a size that no memory has.
fn member() -> impl Strategy<Value = Member> {
    let ty = (0_u32..5, prop_oneof![20 => 0_u64..40, 1 => any::<u64>()])
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
            if let Ok(place) = placer.push(member) {
                prop_assert!(place.offset_bits >= end_bits, "members overlap");
                end_bits = place.offset_bits + place.size_bits;
            }
        }
        if let Ok(record) = placer.finish() {
            prop_assert!(record.align.is_power_of_two());
            prop_assert_eq!(record.size % record.align, 0);
            prop_assert!(end_bits <= record.size * 8, "the last member lies outside");
            prop_assert!(attrs.align.is_none_or(|align| record.align >= align));
        }
    }
}

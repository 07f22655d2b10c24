//! Bodies of fuzz targets over one record of every type; stable tests call them too.

use cwire_layout::abi::{
    Aarch64Apple, Aarch64Linux, Aarch64Windows, ArmLinux, ArmNoneEabi, I686Linux, I686Windows,
    I686WindowsGnu, MipsLinux, PowerPc64LeLinux, PowerPc64Linux, PowerPcLinux, Riscv64Linux,
    S390xLinux, Target, X86_64Apple, X86_64Linux, X86_64Windows, X86_64WindowsGnu,
};

use crate::{
    CBool, CChar, CEnum, CLong, CPtr, CSize, CType, CULong, CWchar, CharArray, Open, Record,
    RecordType, Unnamed,
};

#[derive(Clone, Copy, PartialEq, CEnum)]
#[cwire(crate = crate)]
enum Kind {
    Negative = -1,
    Zero = 0,
    Large = 0x1234,
}

#[derive(Clone, Copy, PartialEq, CEnum)]
#[cwire(crate = crate)]
#[repr(u8)]
enum Tag {
    A = 1,
    B = 255,
}

#[derive(Clone, PartialEq, Record)]
#[cwire(crate = crate)]
struct Nested {
    letter: CChar,
    ratio: f64,
    #[cwire(bits = 3)]
    low: i8,
    #[cwire(bits = 0)]
    _end: Unnamed<u16>,
    #[cwire(bits = 1)]
    flag: bool,
    #[cwire(bits = 15)]
    tail: u16,
}

#[derive(Clone, PartialEq, Record)]
#[cwire(crate = crate, pack = 2)]
struct Packed {
    kind: Open<Kind>,
    byte: u8,
    #[cwire(bits = 60)]
    wide: i64,
    #[cwire(bits = 30)]
    narrow: u32,
    #[cwire(bits = 5)]
    wrapped: Open<Kind>,
}

#[derive(Clone, PartialEq, Record)]
#[cwire(crate = crate, packed, endian = "big")]
struct Swapped {
    #[cwire(bits = 4)]
    nibble: u8,
    #[cwire(bits = 64)]
    nine_bytes: u64,
    long: CLong,
    #[cwire(endian = "little")]
    wchars: [CWchar; 2],
}

/// One member of every type, and records with every kind of placement.
#[derive(Clone, PartialEq, Record)]
#[cwire(crate = crate)]
struct Everything {
    strict: bool,
    loose: CBool,
    tag: Tag,
    open_tag: Open<Tag>,
    float: f32,
    size: CSize,
    unsigned_long: CULong,
    pointer: CPtr,
    text: CharArray<5>,
    grid: [[i16; 2]; 3],
    nested: [Nested; 2],
    packed: Packed,
    swapped: Swapped,
    #[cwire(align = 16)]
    aligned: u32,
    big: Int128,
}

/// A member that the record spells in another byte order than its own.
#[derive(Clone, PartialEq, Record)]
#[cwire(crate = crate, endian = "big")]
struct Int128 {
    high: i64,
    low: u64,
}

/// Arbitrary bytes under the ABI that the first of them names: a value, or an error inside the
/// input. A value's bytes are the input's, but for the padding.
pub fn decode(data: &[u8]) {
    let Some((&abi, bytes)) = data.split_first() else { return };
    on_abi(abi, bytes);
}

/// [`decode`] on every ABI, the bytes repeated so that there are enough of them.
pub fn decode_everywhere(data: &[u8]) {
    if data.is_empty() {
        return;
    }
    for abi in 0..18 {
        let bytes: Vec<u8> = data.iter().copied().cycle().take(1024).collect();
        on_abi(abi, &bytes);
    }
}

fn on_abi(abi: u8, bytes: &[u8]) {
    match abi % 18 {
        0 => check::<X86_64Linux>(bytes),
        1 => check::<I686Linux>(bytes),
        2 => check::<Aarch64Linux>(bytes),
        3 => check::<ArmLinux>(bytes),
        4 => check::<ArmNoneEabi>(bytes),
        5 => check::<Riscv64Linux>(bytes),
        6 => check::<PowerPcLinux>(bytes),
        7 => check::<PowerPc64Linux>(bytes),
        8 => check::<PowerPc64LeLinux>(bytes),
        9 => check::<MipsLinux>(bytes),
        10 => check::<S390xLinux>(bytes),
        11 => check::<X86_64Windows>(bytes),
        12 => check::<I686Windows>(bytes),
        13 => check::<Aarch64Windows>(bytes),
        14 => check::<X86_64WindowsGnu>(bytes),
        15 => check::<I686WindowsGnu>(bytes),
        16 => check::<Aarch64Apple>(bytes),
        _ => check::<X86_64Apple>(bytes),
    }
}

/// The laws of one record under one ABI.
fn check<A: Target>(bytes: &[u8])
where
    Everything: RecordType<A>,
    Nested: RecordType<A>,
    Packed: RecordType<A>,
    Swapped: RecordType<A>,
{
    slices::<A, Nested>(bytes);
    slices::<A, Packed>(bytes);
    slices::<A, Swapped>(bytes);

    let size = <Everything as CType<A>>::SIZE;
    if bytes.len() < size {
        let error = Everything::decode_abi::<A>(bytes).err().expect("too few bytes");
        assert_eq!(error, crate::DecodeError::truncated(size, bytes.len()));
        return;
    }
    let (front, rest) = bytes.split_at(size);
    let (view, after) = EverythingView::split_abi::<A>(bytes).expect("there are enough bytes");
    assert_eq!(after, rest);
    // Every getter of every level runs, on any bytes.
    assert!(format!("{view:?}").starts_with("EverythingView { strict: CBool("));

    let record = match Everything::decode_abi::<A>(front) {
        Ok(record) => record,
        Err(error) => {
            assert!(error.offset() < size, "{error}");
            assert!(["strict", "tag"].contains(&error.path()), "{error}");
            return;
        }
    };
    assert!(view.decode() == Ok(record.clone()) || holds_nan(&record));

    let mut again = vec![0xa5; size];
    assert_eq!(record.encode_into_abi::<A>(&mut again), Ok(size), "what was decoded fits");
    let mut differing = Vec::new();
    for (index, (was, is)) in front.iter().zip(&again).enumerate() {
        if was != is {
            differing.push(index);
        }
    }
    let padding = Everything::nonzero_padding_abi::<A>(front).expect("one record");
    assert_eq!(padding.into_iter().flatten().collect::<Vec<_>>(), differing);
}

/// Records that cannot fail are decoded over others as they are decoded by themselves.
fn slices<A: Target, R: RecordType<A> + Record + Clone>(bytes: &[u8]) {
    let whole = bytes.len() - bytes.len() % <R as CType<A>>::SIZE;
    let (bytes, _) = bytes.split_at(whole);
    let single: Vec<R> = R::iter_abi::<A>(bytes)
        .expect("a whole number of records")
        .collect::<Result<_, _>>()
        .expect("every bit pattern is a value");
    let mut over = single.clone();
    over.reverse();
    R::decode_slice_abi::<A>(bytes, &mut over).expect("every bit pattern is a value");
    // As bytes, since a NaN is not equal to itself.
    let encoded = |records: &[R]| {
        let mut bytes = vec![0; whole];
        R::encode_slice_abi::<A>(records, &mut bytes).map(|_| bytes)
    };
    assert_eq!(encoded(&over), encoded(&single));
}

fn holds_nan(record: &Everything) -> bool {
    record.float.is_nan() || record.nested.iter().any(|nested| nested.ratio.is_nan())
}

/// Values taken from arbitrary bytes: encoding gives bytes that decode to the same values, or says
/// what does not fit; under x86-64 Linux and under an ABI with a short `long`.
pub fn encode(data: &[u8]) {
    let Some((numbers, _)) = data.split_first_chunk::<40>() else { return };
    let number = |at: usize| -> i64 {
        let bytes = numbers.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        i64::from_le_bytes(bytes.unwrap_or_default())
    };
    let swapped = Swapped {
        nibble: u8::try_from(number(0) & 0x1f).unwrap_or(0),
        nine_bytes: number(8).cast_unsigned(),
        long: CLong(number(16) >> (number(0) & 63)),
        wchars: [CWchar(u32::try_from(number(24) & 0x1_ffff).unwrap_or(0)), CWchar(7)],
    };
    encoded::<X86_64Linux, _>(&swapped, swapped.nibble < 16);
    let fits = swapped.nibble < 16
        && i32::try_from(swapped.long.0).is_ok()
        && swapped.wchars.iter().all(|wchar| wchar.0 <= 0xffff);
    encoded::<X86_64Windows, _>(&swapped, fits);

    let kind = Open::Unknown(number(32) >> (number(8) & 63));
    let packed = Packed {
        kind,
        byte: numbers[1],
        wide: number(8) >> 3,
        narrow: u32::try_from(number(16) & 0x7fff_ffff).unwrap_or(0),
        wrapped: Open::Known(Kind::Negative),
    };
    let Open::Unknown(unknown) = kind else { return };
    let known = [-1, 0, 0x1234].contains(&unknown);
    let fits = i32::try_from(unknown).is_ok()
        && packed.wide >= -(1 << 59)
        && packed.wide < 1 << 59
        && packed.narrow < 1 << 30;
    if !known {
        encoded::<PowerPcLinux, _>(&packed, fits);
    }
}

/// Encodes a record, which must succeed exactly if `fits`, and decodes it again.
fn encoded<A: Target, R: RecordType<A> + Record + PartialEq>(record: &R, fits: bool) {
    match record.to_vec_abi::<A>() {
        Ok(bytes) => {
            assert!(fits, "a value that does not fit was encoded");
            assert!(R::decode_abi::<A>(&bytes).is_ok_and(|again| again == *record));
        }
        Err(error) => assert!(!fits, "{error}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What fuzz/seeds.cpp wrote, compiled by g++ with `-m64` and `-m32`.
    const FROM_GXX: [&[u8]; 2] = [
        include_bytes!("../../../../fuzz/corpus/typed_decode_everywhere/x86_64"),
        include_bytes!("../../../../fuzz/corpus/typed_decode_everywhere/i686"),
    ];

    /// All but the member that this side reads in another byte order.
    fn check_seed(everything: &Everything) {
        assert!(everything.strict && everything.loose == CBool(0));
        assert!(everything.tag == Tag::B && everything.open_tag == Open::Known(Tag::A));
        assert_eq!((everything.float, everything.size), (1.5, CSize(42)));
        assert_eq!((everything.unsigned_long, everything.pointer), (CULong(7), CPtr(0)));
        assert_eq!(everything.text.text(), b"hello");
        assert_eq!(everything.grid, [[-3; 2]; 3]);
        for nested in &everything.nested {
            assert_eq!((nested.letter, nested.ratio, nested.low), (CChar(b'N'), 0.25, -2));
            assert_eq!((nested.flag, nested.tail), (true, 0x7abc));
        }
        let packed = &everything.packed;
        assert!(packed.kind == Open::Known(Kind::Large));
        assert!(packed.wrapped == Open::Known(Kind::Negative));
        assert_eq!((packed.byte, packed.wide, packed.narrow), (9, -(1 << 58), 0x3fff_ffff));
        assert_eq!(everything.aligned, 0xdead_beef);
    }

    #[test]
    fn what_a_cpp_program_wrote_is_read() {
        let [x86_64, i686] = FROM_GXX;
        check_seed(&Everything::decode(x86_64).expect("sizes agree"));
        check_seed(&Everything::decode_abi::<I686Linux>(i686).expect("sizes agree"));
    }

    proptest! {
        /// Mostly zeros, so that `bool` and closed enums are valid often enough to go on.
        #[test]
        fn decoding_arbitrary_bytes_keeps_the_laws(
            mut data in prop::collection::vec(
                prop_oneof![3 => Just(0), 2 => Just(1), 1 => any::<u8>()],
                1..600,
            ),
            abi in 0_u8..18,
        ) {
            data[0] = abi;
            decode(&data);
            if let Some([_, strict, _, tag]) = data.first_chunk_mut() {
                (*strict, *tag) = (1, 255);
            }
            decode(&data);
        }

        #[test]
        fn every_abi_takes_the_same_bytes(data in prop::collection::vec(0_u8..2, 1..300)) {
            decode_everywhere(&data);
        }

        #[test]
        fn encoding_arbitrary_values_keeps_the_laws(data: [u8; 40]) {
            encode(&data);
        }
    }
}

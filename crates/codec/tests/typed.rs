//! The derive, its views and its errors, on records whose bytes are written out by hand.

use cwire_codec::{
    CBool, CChar, CEnum, CLong, CPtr, CSize, CWchar, CharArray, DecodeErrorKind, EncodeErrorKind,
    Open, Record, Unnamed, abi,
};

/// `struct CTestData { char a; int b; char c[15]; };`
#[derive(Clone, Debug, PartialEq, Record)]
struct CTestData {
    /// One character.
    a: CChar,
    b: i32,
    c: CharArray<15>,
}

fn sample() -> CTestData {
    CTestData { a: CChar(b'A'), b: 300, c: CharArray::new("hello").expect("5 of 15 bytes") }
}

const SAMPLE: [u8; 24] = *b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0";

#[test]
fn a_record_becomes_its_bytes_and_back() {
    assert_eq!(sample().to_bytes(), SAMPLE);
    assert_eq!(CTestData::decode(&SAMPLE), Ok(sample()));
    assert_eq!(sample().try_to_bytes(), Ok(SAMPLE));

    let mut buffer = [0xee; 26];
    assert_eq!(sample().encode_into(&mut buffer), Ok(24));
    assert_eq!(buffer[..24], SAMPLE);
    assert_eq!(buffer[24..], [0xee; 2], "bytes after the record are left alone");
}

#[test]
fn padding_is_written_as_zero_over_what_was_there() {
    let mut buffer = [0xee; 24];
    sample().encode_into(&mut buffer).unwrap();
    assert_eq!(buffer, SAMPLE);
}

#[test]
fn nonzero_padding_names_the_bytes() {
    let mut leaking = SAMPLE;
    assert_eq!(CTestData::nonzero_padding(&leaking), Ok(vec![]));
    leaking[1] = 0xde;
    leaking[2] = 0xad;
    leaking[23] = 1;
    assert_eq!(CTestData::nonzero_padding(&leaking), Ok(vec![1..3, 23..24]));
    assert_eq!(CTestData::decode(&leaking), Ok(sample()), "padding is ignored when read");
}

#[test]
fn lengths_are_checked_and_named() {
    let error = CTestData::decode(&SAMPLE[..23]).unwrap_err();
    assert_eq!(error.to_string(), "needs 24 bytes, 23 left, at offset 0x0");
    let error = CTestData::decode(&[0; 31]).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::Trailing { size: 24, extra: 7 });
    assert_eq!(error.offset(), 24);
    let error = CTestData::iter(&[0; 55]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "needs whole records of 24 bytes, 7 bytes follow the last, at offset 0x30"
    );
    let error = sample().encode_into(&mut [0; 23]).unwrap_err();
    assert_eq!(error.kind(), &EncodeErrorKind::BufferTooShort { needed: 24, left: 23 });
}

#[test]
fn a_buffer_of_records_is_read_in_place_and_owned() {
    let mut buffer = SAMPLE.repeat(3);
    buffer[24..32].copy_from_slice(b"B\0\0\0\xff\xff\xff\xff");
    let numbers: Vec<_> = CTestDataView::iter(&buffer).unwrap().map(|view| view.b()).collect();
    assert_eq!(numbers, [300, -1, 300]);
    let records: Result<Vec<_>, _> = CTestData::iter(&buffer).unwrap().collect();
    let records = records.unwrap();
    assert_eq!(records[1].a, CChar(b'B'));
    assert_eq!(records.len(), 3);

    let mut again = vec![sample(); 3];
    CTestData::decode_slice(&buffer, &mut again).unwrap();
    assert_eq!(again, records);
    let mut bytes = [0xee; 80];
    assert_eq!(CTestData::encode_slice(&records, &mut bytes), Ok(72));
    assert_eq!(bytes[..72], buffer);
}

#[test]
fn a_record_is_split_off_the_front() {
    let bytes = [&SAMPLE[..], &[7, 8]].concat();
    assert_eq!(CTestData::split(&bytes), Ok((sample(), &[7, 8][..])));
    let error = CTestData::split(&SAMPLE[..5]).unwrap_err();
    assert_eq!(error.to_string(), "needs 24 bytes, 5 left, at offset 0x0");
}

#[test]
fn large_arrays_need_little_more_stack_than_they_have_bytes() {
    #[derive(PartialEq, Record)]
    struct Block {
        kind: u32,
        bytes: [u8; 66_000],
        numbers: [f32; 1000],
    }
    let run = || {
        let bytes = vec![7; 4 + 66_000 + 4000];
        let block = Box::new(Block::decode(&bytes).unwrap());
        assert!(block.bytes.iter().all(|&byte| byte == 7));
        assert_eq!(block.to_vec_abi::<abi::X86_64Linux>(), Ok(bytes));
    };
    // What threads have unless told otherwise, in a build without optimization too.
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn views_read_any_alignment() {
    let mut shifted = vec![0];
    shifted.extend(SAMPLE);
    shifted.push(9);
    let (view, rest) = CTestDataView::split(&shifted[1..]).unwrap();
    assert_eq!((view.a(), view.b(), view.c().to_str()), (CChar(b'A'), 300, Ok("hello")));
    assert_eq!(rest, [9]);
    assert_eq!(view.decode(), Ok(sample()));
    assert_eq!(format!("{view:?}"), "CTestDataView { a: b'A', b: 300, c: b\"hello\" }");
}

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
enum Side {
    Buy = 1,
    #[cwire(name = "SELL")]
    Sell = 2,
}

#[derive(Debug, PartialEq, Record)]
struct Leg {
    price: f64,
    active: bool,
}

#[derive(Debug, PartialEq, Record)]
struct Order {
    id: CLong,
    side: Side,
    legs: [Leg; 2],
    grid: [[u16; 3]; 2],
    #[cwire(endian = "big")]
    port: u16,
    next: CPtr,
}

#[test]
fn errors_name_offset_and_path() {
    let mut bytes = [0; 72];
    bytes[8] = 1;
    bytes[16 + 16 + 8] = 2;
    let error = Order::decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "legs[1].active: 2 is no value of `_Bool`, at offset 0x28");
    bytes[8] = 7;
    let error = Order::iter(&[[0; 72], bytes].concat()).unwrap().nth(1).unwrap().unwrap_err();
    assert_eq!(error.to_string(), "side: 7 is no value of `Side`, at offset 0x50");
}

#[test]
fn one_struct_serves_every_abi() {
    let order = Order {
        id: CLong(-2),
        side: Side::Sell,
        legs: [Leg { price: 1.5, active: true }, Leg { price: -2.0, active: false }],
        grid: [[1, 2, 3], [4, 5, 6]],
        port: 0x1234,
        next: CPtr(0xdead_beef),
    };
    // i386 Linux: long 4 bytes, double aligned to 4, pointers 4 bytes.
    let bytes = order.to_vec_abi::<abi::I686Linux>().unwrap();
    let mut expected = vec![0xfe, 0xff, 0xff, 0xff, 2, 0, 0, 0];
    expected.extend(1.5_f64.to_le_bytes());
    expected.extend([1, 0, 0, 0]);
    expected.extend((-2.0_f64).to_le_bytes());
    expected.extend([0, 0, 0, 0]);
    expected.extend([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    expected.extend([0x12, 0x34, 0, 0]);
    expected.extend([0xef, 0xbe, 0xad, 0xde]);
    assert_eq!(bytes, expected);
    assert_eq!(Order::decode_abi::<abi::I686Linux>(&bytes), Ok(order));
}

#[test]
fn a_long_that_does_not_fit_is_refused() {
    #[derive(Record)]
    struct Id {
        tag: u8,
        id: CLong,
    }
    let id = Id { tag: 0, id: CLong(1 << 31) };
    assert_eq!(id.to_bytes()[8..], [0, 0, 0, 0x80, 0, 0, 0, 0]);
    assert_eq!(
        id.to_vec_abi::<abi::X86_64Windows>().unwrap_err().to_string(),
        "id: 2147483648 does not fit a signed field of 32 bits, at offset 0x4"
    );
}

#[derive(Debug, Default, PartialEq, Record)]
struct Flags {
    #[cwire(bits = 3)]
    a: u32,
    #[cwire(bits = 5)]
    b: i32,
    #[cwire(bits = 0)]
    _end: Unnamed<i32>,
    #[cwire(bits = 1)]
    c: bool,
    #[cwire(bits = 40)]
    d: u64,
}

#[test]
fn bit_fields_are_placed_by_the_abi() {
    let flags = Flags { a: 5, b: -3, c: true, d: 0x12_3456_789a, ..Flags::default() };
    // `d` does not fit behind `c`: bits 33 to 73 would cross the boundary of a `uint64_t` at 64.
    let bytes = flags.try_to_bytes().unwrap();
    assert_eq!(bytes[..8], [0b1110_1101, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(bytes[8..], [0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0, 0]);
    assert_eq!(Flags::decode(&bytes), Ok(flags));
}

#[test]
fn a_value_wider_than_its_bit_field_is_refused() {
    let flags = Flags { a: 8, ..Flags::default() };
    let error = flags.try_to_bytes().unwrap_err();
    assert_eq!(error.to_string(), "a: 8 does not fit an unsigned field of 3 bits, at offset 0x0");
    let flags = Flags { b: 16, ..Flags::default() };
    let error = flags.try_to_bytes().unwrap_err();
    assert_eq!(error.to_string(), "b: 16 does not fit a signed field of 5 bits, at offset 0x0");
}

#[derive(Debug, PartialEq, Record)]
#[cwire(pack = 1, endian = "big", name = "wire_hdr")]
struct Header {
    kind: u8,
    #[cwire(name = "type")]
    side: Open<Side>,
    name: [CWchar; 2],
    ok: CBool,
    size: CSize,
}

#[test]
fn packed_and_big_endian() {
    let header = Header {
        kind: 1,
        side: Open::Unknown(9),
        name: [CWchar(u32::from('h')), CWchar(u32::from('i'))],
        ok: CBool(7),
        size: CSize(2),
    };
    let bytes = header.to_vec_abi::<abi::I686Windows>().unwrap();
    assert_eq!(bytes, [1, 0, 0, 0, 9, 0, b'h', 0, b'i', 7, 0, 0, 0, 2]);
    assert_eq!(Header::decode_abi::<abi::I686Windows>(&bytes).unwrap(), header);
    let layout = Header::layout_abi::<abi::I686Windows>();
    assert_eq!((layout.name, layout.size, layout.align), ("wire_hdr", 14, 1));
    assert_eq!(layout.field("type").unwrap().offset_bits, 8);
}

//! Each framing as a tokio-util codec.

use bytes::{Bytes, BytesMut};
use cwire_codec::Record;
use cwire_codec::frame::{Chunks, Delimited, FixedRecords, Head, LengthPrefixed, Lines, Plain};
use cwire_transport::{FrameCodec, ReceiveError, RecordCodec};
use tokio_stream::StreamExt;
use tokio_util::codec::{Decoder, Encoder, FramedRead};

/// All items of a stream, by a tokio-util reader.
async fn items<D: Decoder<Error = ReceiveError>>(
    codec: D,
    stream: &[u8],
) -> Vec<Result<D::Item, String>> {
    let framed = FramedRead::new(stream, codec);
    framed.map(|item| item.map_err(|error| error.to_string())).collect().await
}

fn encoded<C: Encoder<Item, Error: std::fmt::Debug>, Item>(
    codec: &mut C,
    list: impl IntoIterator<Item = Item>,
) -> BytesMut {
    let mut stream = BytesMut::new();
    for item in list {
        codec.encode(item, &mut stream).expect("a frame");
    }
    stream
}

#[tokio::test]
async fn each_framing_takes_off_what_it_put_on() {
    let texts = ["one", "two", "six"];
    let expected: Vec<_> = texts.map(|text| Ok(Bytes::from(text))).to_vec();

    let mut codec = FrameCodec::new(Chunks::new(3));
    let stream = encoded(&mut codec, texts);
    assert_eq!(items(codec, &stream).await, expected);

    let mut codec = FrameCodec::new(LengthPrefixed::new(Head::new(4).strip(true)));
    let stream = encoded(&mut codec, texts);
    assert_eq!(items(codec, &stream).await, expected);

    let mut codec = FrameCodec::new(Delimited::new("\0"));
    let stream = encoded(&mut codec, texts);
    assert_eq!(items(codec, &stream).await, expected);

    let mut codec = FrameCodec::new(Plain);
    let stream = encoded(&mut codec, texts);
    assert_eq!(items(codec, &stream).await, [Ok(Bytes::from("onetwosix"))]);

    let mut codec = FrameCodec::new(Lines::new());
    let stream = encoded(&mut codec, texts);
    assert_eq!(items(codec, &stream).await, texts.map(|text| Ok(Ok(text.to_owned()))));
}

/// `struct tick { bool buy; int price; };`
#[derive(Debug, PartialEq, Record)]
struct Tick {
    buy: bool,
    price: i32,
}

#[tokio::test]
async fn the_end_inside_a_frame_says_how_many_bytes_were_left_and_needed() {
    let stream = [&[1, 0, 0, 0, 2, 0, 0, 0][..], &[7; 8], &[1, 0, 0]].concat();
    let records: RecordCodec<Tick> = FrameCodec::new(FixedRecords::new());
    let items = items(records, &stream).await;
    let [Ok(Ok(tick)), Ok(Err(bad)), Err(end)] = &items[..] else { panic!("{items:?}") };
    assert_eq!(*tick, Tick { buy: true, price: 2 });
    assert_eq!(bad.offset(), 8);
    assert_eq!(end, "peer closed 3 bytes into a record of 8, at offset 0x10");
}

#[tokio::test]
async fn a_malformed_stream_ends_the_items() {
    let head = Head::new(2).max_frame_len(16);
    let items = items(FrameCodec::new(LengthPrefixed::new(head)), b"\x03\0a\xff\xff").await;
    let expected = [Ok(Bytes::from("\x03\0a")), Err("peer sent a malformed stream".to_owned())];
    assert_eq!(items, expected);
}

//! Protocol files as a tokio-util codec.

use bytes::BytesMut;
use cwire_codec::expr::NoNames;
use cwire_codec::frame::protocol::{Protocol, ProtocolFile, ProtocolFrame, ProtocolFramer, Side};
use cwire_codec::plan::PlanOptions;
use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_transport::{FrameCodec, ReceiveError};
use tokio::io::AsyncWriteExt;
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;

fn protocol(text: &str) -> Protocol {
    let types = Types::new(Abi::X86_64_LINUX);
    let file = ProtocolFile::parse("test.toml", text).unwrap_or_else(|error| panic!("{error}"));
    let protocol = file.compile(&types, &mut NoNames, &PlanOptions::default());
    protocol.unwrap_or_else(|error| panic!("{error}"))
}

fn told(item: Result<ProtocolFrame, ReceiveError>) -> String {
    match item {
        Ok(ProtocolFrame::Message(message)) => {
            format!("{:#x}: #{} {:?}", message.offset(), message.message().rule(), message.bytes())
        }
        Ok(ProtocolFrame::Bad { offset, trouble }) => format!("{offset:#x}: {trouble}"),
        Ok(ProtocolFrame::Passed { offset, len }) => format!("{offset:#x}: passed {len}"),
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", source.unwrap_or_default())
        }
    }
}

/// What a reader gives of a stream that arrives in pieces of so many bytes.
async fn read(protocol: &Protocol, stream: &'static [u8], piece: usize) -> Vec<String> {
    let (mut near, far) = tokio::io::duplex(piece);
    let writer = tokio::spawn(async move { near.write_all(stream).await });
    let codec = FrameCodec::new(ProtocolFramer::new(protocol, Some(Side::Server)));
    let items = FramedRead::new(far, codec).map(told).collect().await;
    writer.await.expect("no panic").expect("all is read");
    items
}

#[tokio::test]
async fn messages_garbage_and_the_end_come_out_whatever_the_pieces() {
    let protocol = protocol(
        "[[message]]\nside = 'server'\ntimes = 1\nlength = 'u8(0) + 1'\n\
         [[message]]\nwhen = 'u8(0) == 0x80'\nlength = '2 + u8(1)'\nmax = 100\n",
    );
    for piece in [1, 2, 3, 5, 64] {
        let items =
            read(&protocol, b"\x02hi\x80\x01a\x01\x02\x03\x80\0\x80\x02bc\x80\x05d", piece).await;
        assert_eq!(
            items,
            [
                "0x0: #0 b\"\\x02hi\"",
                "0x3: #1 b\"\\x80\\x01a\"",
                "0x6: needs a message that a rule fits, found none",
                "0x6: passed 3",
                "0x9: #1 b\"\\x80\\0\"",
                "0xb: #1 b\"\\x80\\x02bc\"",
                "0xf: needs 7 bytes, 3 left when the stream ended",
                "0xf: passed 3",
            ],
            "in pieces of {piece}"
        );
    }
}

#[tokio::test]
async fn without_a_guard_a_broken_stream_is_an_error() {
    let protocol = protocol("[[message]]\nlength = 'u8(0)'\nmax = 8");
    let items = read(&protocol, b"\x02a\x09", 4).await;
    assert_eq!(items.len(), 2);
    assert!(
        items[1].contains("needs a message of 1 to 8 bytes, found a length of 9, at offset 0x2"),
        "{items:?}"
    );
    let items = read(&protocol, b"\x02a\x08", 4).await;
    assert!(
        items[1].starts_with("peer closed 1 bytes into a record of 8, at offset 0x2"),
        "{items:?}"
    );
}

/// A length that the peer announces reserves no memory.
#[test]
fn announced_lengths_reserve_little() {
    use cwire_codec::frame::Deframe;

    let protocol = protocol("[[message]]\nlength = 'le32(0)'");
    let mut framer = ProtocolFramer::new(&protocol, None);
    let mut buf = BytesMut::from(&[0, 0, 0xff, 0][..]);
    assert!(matches!(framer.next_frame(&mut buf), Ok(None)));
    assert!(buf.capacity() <= 128 << 10, "{}", buf.capacity());
}

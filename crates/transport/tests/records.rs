//! Records over streams that split, end, fail and stall.

use std::error::Error;
use std::io;
use std::time::Duration;

use cwire_codec::{Record, abi};
use cwire_transport::{Connection, ReceiveError, RecordReader, RecordWriter, SendError};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_stream::StreamExt;

/// `struct tick { bool buy; int price; };`
#[derive(Clone, Copy, Debug, PartialEq, Record)]
struct Tick {
    buy: bool,
    price: i32,
}

/// The bytes of a [`Tick`], by hand.
fn bytes(buy: u8, price: i32) -> [u8; 8] {
    let [a, b, c, d] = price.to_le_bytes();
    [buy, 0, 0, 0, a, b, c, d]
}

fn tick(price: i32) -> Tick {
    Tick { buy: price % 2 == 1, price }
}

fn stream_of(count: i32) -> Vec<u8> {
    (0..count).flat_map(|price| bytes(u8::from(price % 2 == 1), price)).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

/// A stream whose reads end where the chunks end.
fn scripted(chunks: &[&[u8]]) -> tokio_test::io::Mock {
    let mut script = tokio_test::io::Builder::new();
    for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
        script.read(chunk);
    }
    script.build()
}

proptest! {
    /// However TCP slices the stream, the same records come out, by each interface.
    #[test]
    fn records_do_not_depend_on_chunking(
        count in 0..40i32,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..16),
    ) {
        let stream = stream_of(count);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
        let sent: Vec<_> = (0..count).map(tick).collect();

        block_on(async {
            let mut one_by_one = Vec::new();
            let mut reader = RecordReader::<_, Tick>::new(scripted(&chunks));
            while let Some(record) = reader.next().await.expect("whole records") {
                one_by_one.push(record);
            }
            assert_eq!(one_by_one, sent);
            assert_eq!(reader.offset(), stream.len() as u64);

            let mut batched = Vec::new();
            let mut viewed = Vec::new();
            let mut reader = RecordReader::<_, Tick>::new(scripted(&chunks));
            while let Some(batch) = reader.next_batch().await.expect("whole records") {
                assert_eq!((batch.len(), batch.offset()), (batch.iter().len(), batched.len() as u64 * 8));
                batched.extend(batch.iter().map(|record| record.expect("valid")));
                viewed.extend(batch.views().map(|view| view.price()));
            }
            assert_eq!(batched, sent);
            assert!(viewed.iter().eq(sent.iter().map(|tick| &tick.price)));

            let mut handed = Vec::new();
            let mut reader = RecordReader::<_, Tick>::new(scripted(&chunks));
            reader.for_each(|record| handed.push(record)).await.expect("whole records");
            assert_eq!(handed, sent);

            let reader = RecordReader::<_, Tick>::new(scripted(&chunks));
            let streamed: Vec<_> = reader.map(|record| record.expect("valid")).collect().await;
            assert_eq!(streamed, sent);
        });
    }
}

#[tokio::test]
async fn a_stream_that_ends_inside_a_record_says_so_once_with_the_stray_bytes() {
    for stray in 1..8 {
        let stream = [&stream_of(3)[..], &bytes(0, 7)[..stray]].concat();
        let mut reader = RecordReader::<_, Tick>::new(&stream[..]);
        for price in 0..3 {
            assert_eq!(reader.next().await.expect("a record"), Some(tick(price)));
        }
        let error = reader.next().await.expect_err("stray bytes");
        assert!(error.ends_stream());
        assert_eq!(
            error.to_string(),
            format!("peer closed {stray} bytes into a record of 8, at offset 0x18")
        );
        assert_eq!(reader.next().await.expect("the end"), None);
        assert!(reader.next_batch().await.expect("the end").is_none());
    }
}

#[tokio::test]
async fn a_record_that_does_not_decode_is_skipped_by_name() {
    let stream = [bytes(1, 1), bytes(7, 2), bytes(1, 3)].concat();

    let mut reader = RecordReader::<_, Tick>::new(&stream[..]);
    assert_eq!(reader.next().await.expect("valid"), Some(tick(1)));
    let error = reader.next().await.expect_err("7 is no bool");
    assert!(!error.ends_stream());
    assert_eq!(error.to_string(), "the record at offset 0x8 of the stream does not decode");
    let source = error.source().expect("the codec's error").to_string();
    assert_eq!(source, "buy: 7 is no value of `_Bool`, at offset 0x0");
    assert_eq!(reader.next().await.expect("valid"), Some(tick(3)));

    let mut prices = Vec::new();
    let mut reader = RecordReader::<_, Tick>::new(&stream[..]);
    let error = reader.for_each(|tick| prices.push(tick.price)).await.expect_err("7 is no bool");
    assert!(!error.ends_stream());
    reader.for_each(|tick| prices.push(tick.price)).await.expect("the rest is valid");
    assert_eq!(prices, [1, 3]);

    let mut reader = RecordReader::<_, Tick>::new(&stream[..]);
    let batch = reader.next_batch().await.expect("records").expect("records");
    let offsets: Vec<_> =
        batch.into_iter().map(|record| record.map_err(|error| error.offset())).collect();
    assert_eq!(offsets, [Ok(tick(1)), Err(8), Ok(tick(3))]);
}

#[tokio::test]
async fn an_error_of_the_stream_ends_it() {
    let stream = tokio_test::io::Builder::new()
        .read(&bytes(1, 1))
        .read(&[1, 0])
        .read_error(io::ErrorKind::ConnectionReset.into())
        .build();
    let mut reader = RecordReader::<_, Tick>::new(stream);
    assert_eq!(reader.next().await.expect("a record"), Some(tick(1)));
    match reader.next().await.expect_err("reset") {
        ReceiveError::Io(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        error => panic!("{error}"),
    }
    assert_eq!(reader.next().await.expect("the end"), None);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_next_loses_nothing() {
    let (mut peer, stream) = duplex(1024);
    let mut reader = RecordReader::<_, Tick>::new(stream);
    for (index, byte) in stream_of(3).into_iter().enumerate() {
        // Dropped inside every record, at every offset, with the buffer given back each time.
        let waited = tokio::time::timeout(Duration::from_secs(1), reader.next()).await;
        assert!(waited.is_err(), "no record at {index}");
        peer.write_all(&[byte]).await.expect("room");
        if index % 8 == 7 {
            let price = i32::try_from(index / 8).expect("small");
            assert_eq!(reader.next().await.expect("a record"), Some(tick(price)));
        }
    }
}

#[tokio::test]
async fn what_is_read_already_comes_without_waiting() {
    let stream = stream_of(3);
    let mut reader = RecordReader::<_, Tick>::new(&stream[..]);
    assert!(reader.try_next().is_none());
    assert_eq!(reader.next().await.expect("a record"), Some(tick(0)));
    assert_eq!(reader.try_next().expect("read").expect("valid"), tick(1));
    assert_eq!(reader.offset(), 16);
    assert_eq!(reader.try_next().expect("read").expect("valid"), tick(2));
    assert!(reader.try_next().is_none());
}

#[test]
fn a_record_longer_than_the_buffer_arrives() {
    // Without optimization, a large array is copied many times on its way out.
    let big = std::thread::Builder::new().stack_size(64 << 20);
    let done = big.spawn(|| block_on(send_and_receive_big_records())).expect("a thread");
    done.join().expect("no panic");
}

async fn send_and_receive_big_records() {
    /// `struct big { uint32_t n; uint8_t bytes[66000]; };`
    #[derive(Debug, PartialEq, Record)]
    struct Big {
        n: u32,
        bytes: [u8; 66_000],
    }
    let (here, there) = duplex(1000);
    let records = vec![Big { n: 1, bytes: [7; 66_000] }, Big { n: 2, bytes: [8; 66_000] }];
    let send = async {
        let mut writer = RecordWriter::<_, Big>::new(here);
        writer.feed_all(&records).await.expect("open");
        writer.finish().await.expect("open");
    };
    let receive = async {
        let mut reader = RecordReader::<_, Big>::new(there);
        for record in &records {
            assert_eq!(reader.next().await.expect("a record").as_ref(), Some(record));
        }
        assert_eq!(reader.next().await.expect("the end"), None);
    };
    tokio::join!(send, receive);
}

async fn all(mut stream: DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("open");
    bytes
}

/// More records than one buffer holds, through a stream that takes little at a time.
#[tokio::test]
async fn records_leave_in_order_by_each_interface() {
    let records: Vec<_> = (0..20_000).map(tick).collect();
    for way in 0..4 {
        let (here, there) = duplex(1000);
        let mut writer = RecordWriter::<_, Tick>::new(here);
        let send = async {
            match way {
                0 => writer.send_all(&records).await.expect("open"),
                1 => writer.feed_all(&records).await.expect("open"),
                2 => {
                    for record in &records {
                        writer.feed(record).await.expect("open");
                    }
                }
                _ => {
                    for record in &records {
                        while !writer.try_feed(record).expect("fits") {
                            writer.flush().await.expect("open");
                        }
                    }
                }
            }
            writer.finish().await.expect("open");
            assert_eq!(writer.buffered(), 0);
        };
        let ((), received) = tokio::join!(send, all(there));
        assert!(received == stream_of(20_000), "way {way}");
    }
}

#[tokio::test]
async fn nothing_leaves_before_it_is_flushed_and_send_flushes() {
    let script = tokio_test::io::Builder::new().write(&stream_of(3)).write(&bytes(1, 9)).build();
    let mut writer = RecordWriter::<_, Tick>::new(script);
    writer.feed(&tick(0)).await.expect("room");
    writer.feed(&tick(1)).await.expect("room");
    assert_eq!(writer.buffered(), 16);
    writer.send(&tick(2)).await.expect("open");
    writer.send(&tick(9)).await.expect("open");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_send_leaves_no_half_record() {
    let (here, mut there) = duplex(12);
    let mut writer = RecordWriter::<_, Tick>::new(here);
    let records: Vec<_> = (0..3).map(tick).collect();
    let sent = tokio::time::timeout(Duration::from_secs(1), writer.send_all(&records)).await;
    assert!(sent.is_err(), "12 bytes do not take 24");
    assert_eq!(writer.buffered(), 12);

    let mut received = vec![0; 24];
    let (flushed, read) = tokio::join!(writer.flush(), there.read_exact(&mut received));
    flushed.expect("open");
    assert_eq!(read.expect("open"), 24);
    assert_eq!(received, stream_of(3));
}

/// `struct flags { unsigned kind : 3; };`
#[derive(Debug, PartialEq, Record)]
struct Flags {
    #[cwire(bits = 3)]
    kind: u32,
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_not_sent_and_the_stream_goes_on() {
    let script = tokio_test::io::Builder::new().write(&[1, 0, 0, 0, 7, 0, 0, 0]).build();
    let mut writer = RecordWriter::<_, Flags>::new(script);
    writer.feed(&Flags { kind: 1 }).await.expect("fits");
    let error = writer.send(&Flags { kind: 8 }).await.expect_err("3 bits");
    assert!(matches!(error, SendError::Frame(_)), "{error:?}");
    let rest = [Flags { kind: 7 }, Flags { kind: 9 }, Flags { kind: 2 }];
    writer.feed_all(&rest).await.expect_err("3 bits");
    writer.flush().await.expect("open");
}

#[tokio::test]
async fn each_side_of_a_connection_closes_on_its_own() {
    let (here, there) = duplex(64);
    let mut client = Connection::<_, Tick>::new(here);
    let mut server = Connection::<_, Tick>::new(there);
    client.feed(&tick(1)).await.expect("room");
    client.finish().await.expect("open");
    assert_eq!(server.next().await.expect("a record"), Some(tick(1)));
    assert_eq!(server.next().await.expect("the end"), None);

    let (mut reader, mut writer) = server.split();
    writer.send(&tick(2)).await.expect("still open");
    writer.finish().await.expect("still open");
    assert_eq!(client.next().await.expect("a record"), Some(tick(2)));
    assert_eq!(client.next().await.expect("the end"), None);
    assert_eq!(reader.next().await.expect("the end"), None);
}

#[tokio::test]
async fn records_read_before_a_split_are_not_lost() {
    let (mut peer, stream) = duplex(64);
    peer.write_all(&stream_of(3)).await.expect("room");
    let mut connection = Connection::<_, Tick>::new(stream);
    assert_eq!(connection.next().await.expect("a record"), Some(tick(0)));
    let (mut reader, _writer) = connection.split();
    assert_eq!(reader.next().await.expect("a record"), Some(tick(1)));
}

/// A record that lies differently: 12 bytes on i386, 16 on x86-64.
#[derive(Clone, Debug, PartialEq, Record)]
struct Price {
    venue: u8,
    price: f64,
}

#[tokio::test]
async fn the_abi_of_a_connection_is_its_peers() {
    let (mut peer, stream) = duplex(64);
    let mut connection = Connection::<_, Price, Price, abi::I686Linux>::new(stream);
    let bytes = [&[3, 0, 0, 0][..], &1.5f64.to_le_bytes()].concat();
    peer.write_all(&bytes).await.expect("room");
    let record = connection.next().await.expect("a record").expect("a record");
    assert_eq!(record, Price { venue: 3, price: 1.5 });

    connection.send(&record).await.expect("open");
    connection.close().await.expect("open");
    assert_eq!(all(peer).await, bytes);
}

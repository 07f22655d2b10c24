//! A peer that g++ compiled for i386, and a record that lies differently there.

use cwire_codec::{CChar, CLong, CLongLong, CULong, Record, abi};
use cwire_transport::{RecordReader, RecordWriter, connect, listen};

use crate::peers::i386_peer;

/// `struct Legacy` of `i386_peer.cpp`.
#[derive(Clone, Copy, Debug, PartialEq, Record)]
struct Legacy {
    a: CChar,
    l: CLong,
    d: f64,
    n: [i16; 3],
    ok: bool,
    u: CULong,
    q: CLongLong,
}

/// The record that the peer sends as number `i`.
fn legacy(i: i32) -> Legacy {
    let number = i64::from(i);
    let short = i16::try_from(i).expect("small");
    Legacy {
        a: CChar(b'a' + u8::try_from(i % 26).expect("below 26")),
        l: CLong(-1_000_000 * number),
        d: f64::from(i) / 8.0,
        n: [short, short - 1, short - 2],
        ok: i % 3 == 0,
        u: CULong(4_294_967_295 - u64::try_from(number).expect("not negative")),
        q: 5_000_000_000 * number,
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn records_from_i386() {
    block_on(async {
        let mut listener = listen("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addrs()[0].tcp().expect("listen is for TCP");
        let port = addr.port().to_string();
        let Some(peer) = i386_peer(&["send", &port, "1000"]) else { return };
        let stream = listener.accept().await.expect("the peer");
        let mut records = RecordReader::<_, Legacy, abi::I686Linux>::new(stream);
        for i in 0..1000 {
            assert_eq!(records.next().await.expect("a record"), Some(legacy(i)));
        }
        assert_eq!(records.next().await.expect("the end"), None);
        peer.succeed();
    });
}

#[test]
fn records_to_i386() {
    block_on(async {
        let Some(mut peer) = i386_peer(&["receive"]) else { return };
        let port = peer.listening_port();
        let stream = connect(("127.0.0.1", port)).await.expect("listening");
        let mut records = RecordWriter::<_, Legacy, abi::I686Linux>::new(stream);
        let sent: Vec<_> = (0..1000).map(legacy).collect();
        records.send_all(&sent).await.expect("every value fits");
        records.finish().await.expect("open");

        let printed = peer.succeed().stdout;
        let expected = (0..1000i64).map(|i| {
            format!(
                "{} {} {:.3} {i} {} {} {} {} {}",
                char::from(b'a' + u8::try_from(i % 26).expect("below 26")),
                -1_000_000 * i,
                i as f64 / 8.0,
                i - 1,
                i - 2,
                i32::from(i % 3 == 0),
                4_294_967_295 - i,
                5_000_000_000 * i,
            )
        });
        assert!(printed.into_iter().eq(expected));
    });
}

#[test]
fn a_long_that_i386_has_no_room_for_is_refused_by_name() {
    let record = Legacy { l: CLong(1 << 40), ..legacy(1) };
    let error = record.to_vec_abi::<abi::I686Linux>().expect_err("32 bits");
    assert_eq!(error.path(), "l");
}

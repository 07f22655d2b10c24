//! How connections end.

use std::io;

use cwire_transport::{CloseReason, Event, ReceiveError, Session};

use super::{Codec, next, pki, ready, record, rest, tls, within};

pub(super) const CUT_OFF: [&str; 2] = [
    "error peer closed connection without sending TLS close_notify: \
     https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof",
    "closed Reset after an error",
];

/// What is not said to be the end may be a cut by somebody else, be it between two records.
#[tokio::test]
async fn an_end_without_close_notify_is_an_error() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client(), &pki.server("server")).await;
    within(ready(&mut client, &mut server)).await;
    client.send(&record(7)).await.unwrap();
    client.flush().await.unwrap();
    // Closes the socket without a word.
    drop(client);
    assert_eq!(within(next(&mut server)).await, "record 7");
    assert_eq!(within(rest(server)).await, CUT_OFF);
}

#[tokio::test]
async fn a_side_that_has_finished_still_hears_the_other() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client(), &pki.server("server")).await;
    within(ready(&mut client, &mut server)).await;
    client.finish();
    let client = tokio::spawn(rest(client));
    assert_eq!(within(next(&mut server)).await, "finished");
    server.send(&record(1)).await.unwrap();
    assert_eq!(within(rest(server)).await, ["closed ByPeer"]);
    assert_eq!(client.await.unwrap(), ["record 1", "finished", "closed ByUs"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_reset_is_one_of_tcp() {
    let Some(pki) = pki() else { return };
    let (mut client, mut server) = tls(&pki.client(), &pki.server("server")).await;
    within(ready(&mut client, &mut server)).await;
    client.handle().reset();
    assert_eq!(within(rest(client)).await, ["closed ByUs"]);
    let error = within(first_error(&mut server)).await;
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
    let Some(Event::Closed(closed)) = server.next().await else { panic!("it is over") };
    assert_eq!((closed.reason, closed.after_error), (CloseReason::Reset, true));
}

async fn first_error(session: &mut Session<Codec>) -> io::Error {
    loop {
        match session.next().await.unwrap() {
            Event::Error(ReceiveError::Io(error)) => return error,
            Event::Closed(closed) => panic!("{closed:?}"),
            _ => {}
        }
    }
}

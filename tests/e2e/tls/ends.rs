//! How connections end.

use super::{next, pki, ready, record, rest, tls, within};

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

//! Greets every client and keeps the connection open; says what happens.
//!
//! `cargo run --example hello_server [ENDPOINT]`, then `nc localhost 23452`.

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Server, ServerEvent};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| ":23452".to_owned());
    let server = Server::builder(FrameCodec::new(Lines::new())).listen(endpoint).bind().await?;
    let say = |event| match event {
        ServerEvent::Listening(address) => println!("listening on {address}"),
        ServerEvent::Dropped { peer, reason, .. } => println!("{peer} turned away: {reason}"),
        event => println!("{event:?}"),
    };
    server
        .serve_and(
            |mut session| async move {
                let peer = session.peer().clone();
                while let Some(event) = session.next().await {
                    match event {
                        Event::Ready => {
                            println!("{peer} connected");
                            let _ = session.send("Hello from server").await;
                        }
                        Event::Record(Ok(line)) => println!("{peer} says {line}"),
                        Event::Record(Err(error)) => println!("{peer}: {error}"),
                        Event::Closed(closed) => println!("{peer}: {}", closed.reason),
                        _ => {}
                    }
                }
            },
            say,
        )
        .await;
    Ok(())
}

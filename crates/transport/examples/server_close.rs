//! Shuts a server down while clients are attached: it accepts no more, sends what is queued, closes
//! every connection in order, and ends when the last one is over.
//!
//! `cargo run --example server_close [ENDPOINT]`; a client that says `close` closes the server.

use std::time::Duration;

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Server, ServerEvent};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| ":23452".to_owned());
    let server = Server::builder(FrameCodec::new(Lines::new()))
        .listen(endpoint)
        .shutdown_timeout(Duration::from_secs(5))
        .bind()
        .await?;
    let handle = server.handle();
    let stats = server
        .serve_and(
            |mut session| {
                let handle = handle.clone();
                async move {
                    while let Some(event) = session.next().await {
                        match event {
                            Event::Record(Ok(line)) if line == "close" => {
                                println!("closing with {} clients", handle.stats().open);
                                let _ = session.send("closing").await;
                                handle.shutdown();
                            }
                            Event::Closed(closed) => {
                                println!("{}: {}", session.peer(), closed.reason);
                            }
                            _ => {}
                        }
                    }
                }
            },
            |event| match event {
                ServerEvent::Listening(address) => println!("listening on {address}"),
                ServerEvent::Closed => println!("closed"),
                _ => {}
            },
        )
        .await;
    println!("{} sessions, {} open", stats.accepted, stats.open);
    Ok(())
}

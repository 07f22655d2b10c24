//! Relays what one client says to all the others.
//!
//! `cargo run --example chat_relay [ENDPOINT]`, then `nc localhost 23452` twice.

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Hub, HubOptions, Server, ServerEvent, Slow, To};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| ":23452".to_owned());
    let codec = FrameCodec::new(Lines::new());
    let server = Server::builder(codec.clone()).listen(endpoint).bind().await?;
    let hub = Hub::new(codec, HubOptions::new().slow(Slow::Disconnect));
    server
        .serve_and(
            |mut session| {
                let hub = hub.clone();
                async move {
                    hub.join(&session.handle());
                    while let Some(event) = session.next().await {
                        if let Event::Record(Ok(line)) = event {
                            let _ = hub.send(To::Except(session.id()), line).await;
                        }
                    }
                }
            },
            |event| {
                if let ServerEvent::Listening(address) = event {
                    println!("listening on {address}");
                }
            },
        )
        .await;
    Ok(())
}

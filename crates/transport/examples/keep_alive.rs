//! Lets the system ask silent peers whether they are still there: first after 60 seconds, then every
//! 10 seconds, and gives them up after 3 questions.
//!
//! `cargo run --example keep_alive [ENDPOINT]`; `ss -tno` shows the timer.

use std::time::Duration;

use cwire_codec::frame::Lines;
use cwire_transport::{FrameCodec, KeepAlive, ListenOptions, Server, ServerEvent, SocketOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| ":23452".to_owned());
    let keep_alive =
        KeepAlive::new().idle(Duration::from_secs(60)).interval(Duration::from_secs(10)).count(3);
    let socket = SocketOptions::new().keep_alive(keep_alive);
    let server = Server::builder(FrameCodec::new(Lines::new()))
        .listen(endpoint)
        .listen_options(ListenOptions::new().socket(socket))
        .bind()
        .await?;
    server
        .serve_and(
            |mut session| async move { while session.next().await.is_some() {} },
            |event| {
                if let ServerEvent::Listening(address) = event {
                    println!("listening on {address}");
                }
            },
        )
        .await;
    Ok(())
}

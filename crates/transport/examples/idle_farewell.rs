//! Says farewell to clients that are silent for too long, and closes.
//!
//! `cargo run --example idle_farewell [ENDPOINT [SECONDS]]`

use std::time::Duration;

use cwire_codec::frame::Lines;
use cwire_transport::{Event, FrameCodec, Frames, OnIdle, Server, ServerEvent, SessionOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let endpoint = args.next().unwrap_or_else(|| ":23452".to_owned());
    let seconds = args.next().map_or(Ok(5.0), |seconds| seconds.parse())?;

    let mut codec = FrameCodec::new(Lines::new());
    let farewell = Frames::encode(&mut codec, ["You were silent for too long. Farewell!"])?;
    let options = SessionOptions::new()
        .idle_read(Duration::try_from_secs_f64(seconds)?)
        .on_idle(OnIdle::Farewell(farewell));
    let server = Server::builder(codec).listen(endpoint).session(options).bind().await?;
    server
        .serve_and(
            |mut session| async move {
                let peer = session.peer().clone();
                while let Some(event) = session.next().await {
                    match event {
                        Event::Idle(idle) => println!("{peer} idle: {idle:?}"),
                        Event::Closed(closed) => println!("{peer}: {}", closed.reason),
                        _ => {}
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

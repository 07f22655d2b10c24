//! The same connection as text and as raw bytes.
//!
//! `cargo run --example text_and_bytes ENDPOINT text|bytes`: says hello and shows what comes back
//! until the server closes. Text is UTF-8, line by line; bytes come as they arrive.

use cwire_codec::frame::{Lines, Plain};
use cwire_transport::{Client, Event, FrameCodec};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let endpoint = args.next().ok_or("needs an ENDPOINT, as localhost:23452")?;
    match args.next().as_deref() {
        Some("text") => text(&endpoint).await,
        Some("bytes") => bytes(&endpoint).await,
        _ => Err("needs `text` or `bytes`".into()),
    }
}

async fn text(endpoint: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut session = Client::new(endpoint, FrameCodec::new(Lines::new()))?.connect().await?;
    session.send("héllo").await?;
    session.finish();
    while let Some(event) = session.next().await {
        match event {
            Event::Record(Ok(line)) => println!("text {line}"),
            // A line that is not UTF-8 is not the end.
            Event::Record(Err(invalid)) => println!("no text {:02x?}", &invalid.text()[..]),
            _ => {}
        }
    }
    Ok(())
}

async fn bytes(endpoint: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut session = Client::new(endpoint, FrameCodec::new(Plain::new()))?.connect().await?;
    session.send(&b"h\xc3\xa9llo\n"[..]).await?;
    session.finish();
    let mut all = Vec::new();
    while let Some(event) = session.next().await {
        if let Event::Record(bytes) = event {
            all.extend_from_slice(&bytes);
        }
    }
    println!("bytes {all:02x?}");
    Ok(())
}

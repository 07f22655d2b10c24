//! Switches Nagle's algorithm off and on for one connection while it is open.
//!
//! `cargo run --example no_delay ENDPOINT`

use cwire_codec::frame::Lines;
use cwire_transport::{Client, Event, FrameCodec, SocketOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).ok_or("needs an ENDPOINT, as localhost:23452")?;
    let client = Client::new(endpoint, FrameCodec::new(Lines::new()))?;
    let mut session = client.connect().await?;
    // Off is the default: a small record leaves at once.
    for no_delay in [true, false] {
        session.handle().set(&SocketOptions::new().no_delay(no_delay))?;
        println!("no-delay {no_delay}");
        session.send(format!("no-delay {no_delay}")).await?;
        while let Some(event) = session.next().await {
            if let Event::Record(line) = event {
                println!("answer {}", line?);
                break;
            }
        }
    }
    println!("{}", session.close().await.reason);
    Ok(())
}

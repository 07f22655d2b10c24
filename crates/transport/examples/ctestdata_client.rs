//! Exchanges a C struct with a server: sends three records, and shows what comes back.
//!
//! `cargo run --example ctestdata_client ENDPOINT`

use cwire_codec::{CChar, CharArray, Record};
use cwire_transport::{Client, Event, RecordCodec};

/// `struct CTestData { char a; int b; char c[15]; };`
#[derive(Debug, Record)]
struct CTestData {
    a: CChar,
    b: i32,
    c: CharArray<15>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).ok_or("needs an ENDPOINT, as localhost:23452")?;
    let client = Client::new(endpoint, RecordCodec::<CTestData>::default())?;
    let mut session = client.connect().await?;
    for b in 300..303 {
        session.send(&CTestData { a: CChar(b'A'), b, c: CharArray::new("hello")? }).await?;
    }
    session.finish();
    while let Some(event) = session.next().await {
        match event {
            Event::Record(record) => {
                let CTestData { a, b, c } = record?;
                println!("{} {b} {c}", char::from(a.0));
            }
            Event::Closed(closed) => println!("{}", closed.reason),
            _ => {}
        }
    }
    Ok(())
}

//! What the fuzz targets check. Not part of the public interface.

#![allow(missing_docs, reason = "called by fuzz targets only")]

use crate::{Detected, DumpReader, Event, detect};

/// Bytes that one `*` stands for at most while fuzzing.
const REPEAT: u64 = 1 << 20;

/// The text, whole and cut into pieces, gives the same events, and no run of bytes is long.
pub fn dump(data: &[u8]) {
    let [cut, text @ ..] = data else { return };
    let whole = events(text, text.len().max(1));
    let pieces = events(text, usize::from(*cut).max(1));
    assert_eq!(whole, pieces, "cut after every {cut} bytes");
    assert_ne!(detect(text, true), Detected::Undecided);
}

/// All events, runs of bytes joined and counted beyond the first few.
fn events(text: &[u8], piece: usize) -> Vec<String> {
    let mut reader = DumpReader::new().max_repeat(REPEAT);
    let mut events = Vec::new();
    let mut run = Run::default();
    let mut drain = |reader: &mut DumpReader| {
        while let Some(event) = reader.next() {
            match event {
                Event::Bytes(bytes) => {
                    assert!(!bytes.is_empty() && bytes.len() <= 512 << 10, "{} bytes", bytes.len());
                    run.add(bytes);
                }
                other => {
                    events.push(format!("{run:?}"));
                    events.push(format!("{other:?}"));
                    run = Run::default();
                }
            }
        }
    };
    for piece in text.chunks(piece) {
        reader.push(piece);
        drain(&mut reader);
    }
    reader.finish();
    drain(&mut reader);
    events.push(format!("{run:?}"));
    events
}

/// Bytes, without holding them.
#[derive(Debug, Default)]
struct Run {
    count: u64,
    sum: u64,
}

impl Run {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.count += 1;
            self.sum = self.sum.wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(byte) + 1);
        }
    }
}

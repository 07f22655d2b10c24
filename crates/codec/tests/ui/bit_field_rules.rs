use cwire_codec::{CChar, Record, Unnamed};

#[derive(Record)]
struct Flags {
    #[cwire(bits = 3)]
    ratio: f32,
    #[cwire(bits = 3)]
    letter: CChar,
    #[cwire(bits = 3)]
    bytes: [u8; 4],
    #[cwire(bits = 0)]
    end: u32,
    #[cwire(bits = 2)]
    yes: bool,
    #[cwire(bits = 33)]
    _pad: Unnamed<u32>,
    #[cwire(bits = 3, endian = "big")]
    order: u32,
    #[cwire(bits = 3, align = 8)]
    aligned: u32,
    #[cwire(bits = three)]
    width: u32,
}

fn main() {}

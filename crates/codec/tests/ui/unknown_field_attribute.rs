use cwire_codec::Record;

#[derive(Record)]
struct Order {
    #[cwire(lenght = 3)]
    count: u16,
    #[cwire(bits = 40)]
    flags: u32,
}

fn main() {}

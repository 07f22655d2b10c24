use cwire_codec::Record;

#[derive(Record)]
struct Pair(u8, u32);

#[derive(Record)]
struct Nothing;

#[derive(Record)]
struct Empty {}

#[derive(Record)]
struct Generic<T> {
    value: T,
}

#[derive(Record)]
enum Side {
    Buy,
}

#[derive(Record)]
union Either {
    a: u32,
    b: f32,
}

fn main() {}

use cwire_codec::CEnum;

#[derive(Clone, Copy, CEnum)]
enum Kind {
    A,
    Other(u8),
}

#[derive(Clone, Copy, CEnum)]
enum Nothing {}

#[derive(Clone, Copy, CEnum)]
struct Side {
    a: u8,
}

#[derive(Clone, Copy, CEnum)]
#[repr(u128)]
enum Wide {
    A = 1,
}

#[derive(Clone, Copy, CEnum)]
#[cwire(bits = 3)]
enum Attr {
    #[cwire(nam = "B")]
    A = 1,
}

fn main() {}

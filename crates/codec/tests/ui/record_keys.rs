use cwire_codec::Record;

#[derive(Record)]
#[cwire(pack = 3, align = 12, endian = "middle", packed, packed)]
struct Header {
    #[cwire(align = 0)]
    a: u32,
    #[cwire(endian)]
    b: u32,
    #[cwire(name = 7)]
    c: u32,
}

#[derive(Record)]
#[cwire(packed = 1, abi = "i686", view = a::View, bits = 2)]
struct Other {
    a: u32,
}

fn main() {}

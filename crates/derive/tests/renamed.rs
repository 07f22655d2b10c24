//! The code that the derives write finds cwire-codec under the name that `crate = …` gives. This
//! package knows it as `renamed` only, so a name written out in the derives does not compile.

use renamed::{CEnum, CharArray, Open, Record};

#[derive(Clone, Copy, Debug, PartialEq, CEnum)]
#[cwire(crate = renamed)]
enum Side {
    Buy = 1,
}

#[derive(Debug, PartialEq, Record)]
#[cwire(crate = renamed, endian = "big")]
struct Order {
    side: Open<Side>,
    #[cwire(bits = 4)]
    venue: u8,
    #[cwire(endian = "little")]
    lots: [u16; 2],
    name: CharArray<3>,
}

/// Names of the prelude as a user may have them: the code that the derives write names its own in
/// full.
#[allow(dead_code, non_camel_case_types, clippy::upper_case_acronyms)]
mod hostile {
    struct Result;
    struct Option;
    struct Ok;
    struct Some;
    type u8x = ();

    #[derive(renamed::Record)]
    #[cwire(crate = renamed)]
    struct Hostile {
        iter: u32,
        split: [renamed::CChar; 2],
        r#type: bool,
        #[cwire(bits = 3)]
        decode: i64,
    }

    #[test]
    fn fields_may_be_called_as_the_functions_of_views_are() {
        let bytes = [7, 0, 0, 0, b'a', b'b', 1, 5, 0, 0, 0, 0, 0, 0, 0, 0];
        let (view, _) = HostileView::split(&bytes[..8]).unwrap();
        assert_eq!((view.iter_(), view.split_().len(), view.decode_()), (7, 2, -3));
        assert_eq!(view.r#type().get(), core::option::Option::Some(true));
    }
}

/// What comes out of a `macro_rules!` is the same to the derives as what is written out.
#[test]
fn records_can_be_written_by_macros() {
    macro_rules! flags {
        ($name:ident, $ty:ty, $unnamed:ty, $bits:expr) => {
            #[derive(Debug, PartialEq, Record)]
            #[cwire(crate = renamed)]
            struct $name {
                #[cwire(bits = $bits)]
                low: $ty,
                #[cwire(bits = 0)]
                _end: $unnamed,
                #[cwire(bits = $bits)]
                high: $ty,
            }
        };
    }
    flags!(Flags, u16, renamed::Unnamed<u16>, 3);
    let flags = Flags { low: 5, _end: renamed::Unnamed::new(), high: 6 };
    assert_eq!(flags.try_to_bytes().unwrap(), [5, 0, 6, 0]);
}

#[test]
fn a_renamed_runtime_crate_is_found() {
    let order = Order {
        side: Open::Known(Side::Buy),
        venue: 9,
        lots: [1, 2],
        name: CharArray::new("ab").unwrap(),
    };
    let bytes = order.try_to_bytes().unwrap();
    // Bit-fields of a big-endian record fill from the most significant bit.
    assert_eq!(bytes, [0, 0, 0, 1, 0x90, 0, 1, 0, 2, 0, b'a', b'b', 0, 0, 0, 0]);
    assert_eq!(Order::decode(&bytes), Ok(order));
}

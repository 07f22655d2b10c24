use proptest::prelude::*;

use crate::fuzz::reassembly::{Part, check};

prop_compose! {
    fn part()(
        (connection, is_back) in (0..3_u8, any::<bool>()),
        (offset, len) in (0..2_000_u16, prop_oneof![Just(0_u8), 2..=255_u8]),
        missing in prop_oneof![9 => Just(0_u8), 1 => any::<u8>()],
        (is_other, is_syn) in (prop::bool::weighted(0.1), prop::bool::weighted(0.05)),
        (is_fin, is_rst) in (prop::bool::weighted(0.02), prop::bool::weighted(0.02)),
    ) -> Part {
        Part { connection, is_back, offset, len, missing, is_other, is_syn, is_fin, is_rst }
    }
}

proptest! {
    /// Whatever the order and however often and differently bytes come, the first of each counts.
    #[test]
    fn streams_equal_the_model(
        parts in prop::collection::vec(part(), 0..120),
        isn in any::<[u32; 2]>(),
    ) {
        check(&parts, isn);
    }
}

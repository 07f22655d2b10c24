//! What the fuzz target does with its bytes.

use std::path::Path;

use crate::{Options, read};

/// Reads a file of these bytes, which must end, and must give layouts that hold together.
///
/// # Panics
///
/// A member or a base lies outside of its record.
pub fn debuginfo(bytes: &[u8]) {
    // A folder that is not there: the bytes must not decide which files of this machine are read.
    let path = Path::new("/nonexistent/fuzz");
    let Ok(info) = read(path, bytes, &Options::default()) else { return };
    for &id in info.types.records() {
        let record = info.types.record(id);
        let Some(definition) = &record.definition else { continue };
        let bits = definition.layout.layout.size * 8;
        for place in definition.layout.members.iter().chain(&definition.layout.bases) {
            let end = place.offset_bits.checked_add(place.size_bits);
            assert!(
                end.is_some_and(|end| end <= bits),
                "{}: {place:?} of {bits} bits",
                record.name
            );
        }
        assert_eq!(definition.def.members.len(), definition.layout.members.len());
        assert_eq!(definition.def.bases.len(), definition.layout.bases.len());
    }
    for refused in info.types.refused() {
        assert!(!refused.reason.is_empty());
    }
}

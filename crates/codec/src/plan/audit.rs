//! Looks through runs of records without making values of them.

use super::visit::{Item, Scalar, Visitor};
use super::{Inner, Plan};

/// Finds padding that is not zero and fields that hold no value of their type in runs of records, faster
/// than by decoding them.
#[derive(Clone, Debug)]
pub struct Audit {
    size: usize,
    /// Bits that are zero in a record with nothing to tell.
    masks: Masks,
    /// The same for several records in a row.
    pattern: Box<[u8]>,
}

/// Bytes that are looked through at once, if records are not longer.
const PATTERN: usize = 768;

#[derive(Clone, Debug)]
enum Masks {
    /// Eight bytes each.
    Words(Box<[Mask<8>]>),
    /// Records of fewer than eight bytes.
    Bytes(Box<[Mask<1>]>),
}

#[derive(Clone, Copy, Debug)]
struct Mask<const N: usize> {
    at: usize,
    padding: [u8; N],
    invalid: [u8; N],
}

/// What an [`Audit`] found in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audited {
    /// Whole records in the run.
    pub records: usize,
    /// Those with padding that is not zero.
    pub with_padding: usize,
    /// Index of the first record with a field that holds no value of its type.
    pub first_invalid: Option<usize>,
}

impl Plan {
    /// An audit of runs of this record; `None` where the bytes of a record decide what its fields are, and
    /// for very long ones.
    #[must_use]
    pub fn audit(&self) -> Option<Audit> {
        Audit::new(&self.0)
    }
}

impl Audit {
    fn new(plan: &Inner) -> Option<Self> {
        let padding = plan.padding.as_deref()?;
        let size = padding.len();
        let mut bools = Bools { mask: vec![0; size], is_known: true };
        plan.walk(&vec![0; size], &mut bools);
        if size == 0 || !bools.is_known {
            return None;
        }
        let any: Vec<u8> =
            padding.iter().zip(&bools.mask).map(|(padding, invalid)| padding | invalid).collect();
        let pattern = any.repeat((PATTERN / size).max(1)).into();
        let masks = match size {
            ..8 => Masks::Bytes(collect::<1>(padding, &bools.mask)),
            _ => Masks::Words(collect::<8>(padding, &bools.mask)),
        };
        Some(Self { size, masks, pattern })
    }

    /// Looks through whole records; what is left of `bytes` at their end is less than one.
    #[must_use]
    pub fn run(&self, bytes: &[u8]) -> Audited {
        let mut found = Audited { records: bytes.len() / self.size, ..Audited::default() };
        let whole = bytes.get(..found.records * self.size).unwrap_or(bytes);
        let mut first = 0;
        for several in whole.chunks(self.pattern.len()) {
            // Most records have nothing to tell, which is seen much faster of several at once.
            if has_common_bits(several, &self.pattern) {
                match &self.masks {
                    Masks::Words(masks) => self.look(several, first, masks, &mut found),
                    Masks::Bytes(masks) => self.look(several, first, masks, &mut found),
                }
            }
            first += several.len() / self.size;
        }
        found
    }

    /// Looks at each record; `first` is the index of the first of them in the run.
    fn look<const N: usize>(
        &self,
        bytes: &[u8],
        first: usize,
        masks: &[Mask<N>],
        found: &mut Audited,
    ) {
        for (index, record) in (first..).zip(bytes.chunks_exact(self.size)) {
            let (mut padding, mut invalid) = (0, 0);
            for mask in masks {
                let bytes = record.get(mask.at..).and_then(<[u8]>::first_chunk::<N>);
                let word = bytes.map_or(0, word);
                padding |= word & self::word(&mask.padding);
                invalid |= word & self::word(&mask.invalid);
            }
            found.with_padding += usize::from(padding != 0);
            if invalid != 0 {
                found.first_invalid.get_or_insert(index);
            }
        }
    }
}

/// Whether a bit is set in both, at the same place.
#[inline]
fn has_common_bits(bytes: &[u8], pattern: &[u8]) -> bool {
    let ((words, rest), (masks, masks_of_rest)) =
        (bytes.as_chunks::<8>(), pattern.as_chunks::<8>());
    let mut common = 0;
    for (word, mask) in words.iter().zip(masks) {
        common |= u64::from_ne_bytes(*word) & u64::from_ne_bytes(*mask);
    }
    // The pattern goes on behind `bytes`, if these are fewer.
    let after = masks.get(words.len()).map_or(masks_of_rest, <[u8; 8]>::as_slice);
    common != 0 || rest.iter().zip(after).any(|(byte, mask)| byte & mask != 0)
}

/// Bytes as a number; which is the first does not matter.
#[inline]
fn word<const N: usize>(bytes: &[u8; N]) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

/// The masks that look for something. The last may overlap the one before.
fn collect<const N: usize>(padding: &[u8], invalid: &[u8]) -> Box<[Mask<N>]> {
    let last = padding.len().saturating_sub(N);
    let chunk = |mask: &[u8], at: usize| mask.get(at..).and_then(<[u8]>::first_chunk).copied();
    let masks = (0..padding.len()).step_by(N).map(|at| at.min(last)).filter_map(|at| {
        let (padding, invalid) = (chunk(padding, at)?, chunk(invalid, at)?);
        let is_needed = padding.iter().chain(&invalid).any(|&bits| bits != 0);
        is_needed.then_some(Mask { at, padding, invalid })
    });
    masks.collect()
}

/// Finds the bytes that are to be 0 or 1.
struct Bools {
    mask: Vec<u8>,
    is_known: bool,
}

impl Visitor for Bools {
    fn scalar(&mut self, item: &Item<'_>) {
        if !matches!(item.scalar, Scalar::Bool(_)) || item.size_bits == 1 {
            return;
        }
        // Wider bit-fields of `bool` are MSVC's alone.
        self.is_known &= item.size_bits == 8 && item.offset_bits.is_multiple_of(8);
        let at = usize::try_from(item.offset_bits / 8).unwrap_or(usize::MAX);
        if let Some(mask) = self.mask.get_mut(at) {
            *mask = 0xfe;
        }
    }
}

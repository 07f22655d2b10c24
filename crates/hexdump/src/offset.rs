//! The numbers that lines of a dump begin with, in a base that has to be found out.

/// The base of offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Radix {
    Hex,
    Dec,
    Oct,
}

const ALL: [Radix; 3] = [Radix::Hex, Radix::Oct, Radix::Dec];

/// Digits of an offset as they stand in the dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset {
    hex: Option<u64>,
    dec: Option<u64>,
    oct: Option<u64>,
    /// How many digits.
    pub(crate) digits: usize,
    /// Whether the first of them is 0.
    has_zero: bool,
}

impl Offset {
    /// `None` if these are no digits, or more than 64 bits.
    pub(crate) fn parse(digits: &[u8]) -> Option<Self> {
        let text = str::from_utf8(digits).ok()?;
        // `from_str_radix` takes a sign.
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let value = |radix| u64::from_str_radix(text, radix).ok();
        let (hex, dec, oct) = (value(16), value(10), value(8));
        let has_zero = digits.starts_with(b"0");
        hex.is_some().then_some(Self { hex, dec, oct, digits: digits.len(), has_zero })
    }

    pub(crate) fn of(self, radix: Radix) -> Option<u64> {
        match radix {
            Radix::Hex => self.hex,
            Radix::Dec => self.dec,
            Radix::Oct => self.oct,
        }
    }

    /// Whether it is 0 in every base.
    pub(crate) fn is_zero(self) -> bool {
        self.hex == Some(0)
    }
}

/// The bases that offsets may still be of, the likeliest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Radixes(Vec<Radix>);

impl Radixes {
    /// All bases that `offset` can be of, ordered by the habits of the tools that print such lines:
    /// `has_colon` as `xxd`, `digits` of a group of bytes.
    pub(crate) fn of(offset: Offset, has_colon: bool, digits: usize) -> Self {
        // `od` fills up to seven digits in octal and decimal, and to six in hexadecimal. `hexdump` fills
        // up to seven, too, but only before words of two bytes, and to eight before bytes; others to four.
        let order: &[Radix] = match offset.digits {
            _ if has_colon => &[Radix::Hex, Radix::Dec],
            7 if digits != 4 => &[Radix::Oct, Radix::Dec, Radix::Hex],
            7 => &ALL,
            8.. if !offset.has_zero => &ALL,
            _ => &[Radix::Hex],
        };
        let can_be = |radix: &Radix| offset.of(*radix).is_some();
        Self(order.iter().copied().filter(can_be).collect())
    }

    /// The likeliest.
    pub(crate) fn first(&self) -> Radix {
        self.0.first().copied().unwrap_or(Radix::Hex)
    }

    /// Whether there is no doubt.
    pub(crate) fn is_known(&self) -> bool {
        self.0.len() == 1
    }

    /// Those of which `fits` holds.
    pub(crate) fn that_fit(&self, fits: impl Fn(Radix) -> bool) -> Option<Self> {
        let left: Vec<Radix> = self.0.iter().copied().filter(|&radix| fits(radix)).collect();
        (!left.is_empty()).then_some(Self(left))
    }

    /// That one and no other.
    pub(crate) fn settle(&mut self, radix: Radix) {
        self.0 = vec![radix];
    }
}

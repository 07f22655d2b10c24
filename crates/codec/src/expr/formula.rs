//! Integers that are put into fields.

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;

use super::program::{Recall, Scope, Stop};
use super::{Compiler, EvalError, Expr, ExprError, Fields, Kind, Names};
use crate::plan::TextEncoding;

/// What a value is computed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occasion {
    /// How many values were computed before.
    pub number: u64,
    /// The time, in nanoseconds since 1970-01-01T00:00:00Z.
    pub nanos: i128,
}

impl Recall for Occasion {
    fn recall(&self, _: usize, _: i128) -> Option<i128> {
        None
    }

    fn occasion(&self) -> Occasion {
        *self
    }
}

/// An integer that is put into a field of a record, compiled: a sequence number, a time, a checksum.
///
/// Beside what all expressions know there are:
///
/// | | |
/// |---|---|
/// | `number()` | how many values were computed before |
/// | `now_s()`, `now_ms()`, `now_us()`, `now_ns()` | the time, since 1970 |
/// | `sum8(from, len)`, `sum16`, `sum32` | the sum of `len` bytes from the offset `from` of the record, modulo 2^8, 2^16, 2^32 |
/// | `xor8` | their exclusive or |
/// | `inet16` | the checksum of RFC 1071: the complement of the ones' complement sum of big-endian 16-bit words; a last byte counts as the high one of a word |
/// | `crc16_ibm_3740` (CCITT-FALSE), `crc16_modbus`, `crc16_xmodem`, `crc32` (ISO-HDLC), `crc32c` (iSCSI) | CRCs, by the names of <https://reveng.sourceforge.io/crc-catalogue/> |
///
/// # Example
///
/// ```
/// use cwire_codec::expr::{Formula, NoNames, Occasion};
/// use cwire_layout::Types;
/// use cwire_layout::abi::{Abi, Endian};
/// use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind};
///
/// let mut types = Types::new(Abi::X86_64_LINUX);
/// let int = types.basic(Basic::UInt);
/// let order = types.add_record(RecordKind::Struct, "order", None);
/// let members = vec![MemberDef::new("seq", int), MemberDef::new("sum", int)];
/// types.define_record(order, RecordDef { members, ..RecordDef::default() })?;
///
/// let compile = |text| Formula::compile(text, &types, order, Endian::Little, &mut NoNames);
/// let occasion = Occasion { number: 7, nanos: 0 };
/// assert_eq!(compile("1000 + number()")?.value(&[0; 8], &occasion)?, Some(1007));
/// assert_eq!(compile("sum8(0, 4)")?.value(b"\x01\x02\xff\0\0\0\0\0", &occasion)?, Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Formula(Expr);

impl Formula {
    /// Compiles a text over `record`, whose fields are in byte order `endian`.
    ///
    /// # Errors
    ///
    /// As [`Expr::compile`].
    pub fn compile(
        text: &str,
        types: &Types,
        record: RecordId,
        endian: Endian,
        names: &mut dyn Names,
    ) -> Result<Self, ExprError> {
        let fields = Some(Fields { record, base: 0, endian });
        let (kind, encoding) = (Kind::Formula, TextEncoding::Utf8);
        Compiler { types, fields, names, tables: None, kind, encoding }.expr(text).map(Self)
    }

    /// The value over the bytes of a record; `None` where they end before what it reads.
    ///
    /// # Errors
    ///
    /// As [`Expr::value`].
    pub fn value(&self, record: &[u8], occasion: &Occasion) -> Result<Option<i128>, EvalError> {
        match self.0.eval(&Scope { recall: occasion, ..Scope::of_record(record) }) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Need(_)) => Ok(None),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

/// What can be asked of an occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Number,
    /// The time in units of so many nanoseconds.
    Time(i128),
}

impl Ask {
    pub(super) const NAMES: [&str; 5] = ["number", "now_s", "now_ms", "now_us", "now_ns"];

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "number" => Self::Number,
            "now_s" => Self::Time(1_000_000_000),
            "now_ms" => Self::Time(1_000_000),
            "now_us" => Self::Time(1_000),
            "now_ns" => Self::Time(1),
            _ => return None,
        })
    }

    pub(super) fn of(self, occasion: Occasion) -> i128 {
        match self {
            Self::Number => i128::from(occasion.number),
            Self::Time(unit) => occasion.nanos.div_euclid(unit),
        }
    }
}

/// A checksum over some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// Their sum modulo 2 to the power of this.
    Plain(u32),
    Xor8,
    Inet16,
    Crc16Ibm3740,
    Crc16Modbus,
    Crc16Xmodem,
    Crc32,
    Crc32c,
}

impl Sum {
    pub(super) const NAMES: [&str; 10] = [
        "sum8",
        "sum16",
        "sum32",
        "xor8",
        "inet16",
        "crc16_ibm_3740",
        "crc16_modbus",
        "crc16_xmodem",
        "crc32",
        "crc32c",
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sum8" => Self::Plain(8),
            "sum16" => Self::Plain(16),
            "sum32" => Self::Plain(32),
            "xor8" => Self::Xor8,
            "inet16" => Self::Inet16,
            "crc16_ibm_3740" => Self::Crc16Ibm3740,
            "crc16_modbus" => Self::Crc16Modbus,
            "crc16_xmodem" => Self::Crc16Xmodem,
            "crc32" => Self::Crc32,
            "crc32c" => Self::Crc32c,
            _ => return None,
        })
    }

    pub(super) fn of(self, bytes: &[u8]) -> i128 {
        // Tables are made at compile time.
        const IBM_3740: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);
        const MODBUS: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_MODBUS);
        const XMODEM: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_XMODEM);
        const ISO_HDLC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
        const ISCSI: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);
        match self {
            Self::Plain(bits) => {
                let sum: u64 = bytes.iter().copied().map(u64::from).sum();
                i128::from(sum) & ((1 << bits) - 1)
            }
            Self::Xor8 => i128::from(bytes.iter().fold(0, |all, byte| all ^ byte)),
            Self::Inet16 => {
                let words = bytes.chunks(2).map(|word| match *word {
                    [high, low] => u64::from(u16::from_be_bytes([high, low])),
                    [high, ..] => u64::from(high) << 8,
                    [] => 0,
                });
                let mut sum: u64 = words.sum();
                while sum > 0xffff {
                    sum = (sum & 0xffff) + (sum >> 16);
                }
                i128::from(sum ^ 0xffff)
            }
            Self::Crc16Ibm3740 => i128::from(IBM_3740.checksum(bytes)),
            Self::Crc16Modbus => i128::from(MODBUS.checksum(bytes)),
            Self::Crc16Xmodem => i128::from(XMODEM.checksum(bytes)),
            Self::Crc32 => i128::from(ISO_HDLC.checksum(bytes)),
            Self::Crc32c => i128::from(ISCSI.checksum(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue, over "123456789"; that of RFC 1071 is its own example.
    #[test]
    fn checksums_have_the_values_that_the_catalogue_checks() {
        for (name, check) in [
            ("crc16_ibm_3740", 0x29b1),
            ("crc16_modbus", 0x4b37),
            ("crc16_xmodem", 0x31c3),
            ("crc32", 0xcbf4_3926),
            ("crc32c", 0xe306_9283),
        ] {
            assert_eq!(Sum::named(name).unwrap().of(b"123456789"), check, "{name}");
        }
        // RFC 1071, 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
        let words = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::Inet16.of(&words), 0xffff - 0xddf2);
        assert_eq!(Sum::Inet16.of(&[0xff]), 0xff);
        assert_eq!([8, 16, 32].map(|bits| Sum::Plain(bits).of(&[200; 400])), [0x80, 14464, 80000]);
        assert_eq!(Sum::Xor8.of(b"\x0f\xf1\x01"), 0xff);
        assert!(Sum::NAMES.iter().all(|name| Sum::named(name).is_some()));
        assert!(Ask::NAMES.iter().all(|name| Ask::named(name).is_some()));
    }

    #[test]
    fn formulas_know_more_than_bytes_and_others_do_not() {
        use crate::expr::EvalErrorKind;
        use crate::expr::tests::{header, record};
        let mut header =
            header("struct s { int seq; unsigned sum; };", cwire_layout::abi::Abi::X86_64_LINUX);
        let types = header.types.clone();
        let id = record(&types, "s");
        let occasion = Occasion { number: 3, nanos: 1_767_323_045_123_456_789 };
        let mut value = |text: &str, bytes: &[u8]| {
            let mut names = |name: &str| header.constant(name).map_err(|error| error.to_string());
            let formula = Formula::compile(text, &types, id, Endian::Little, &mut names);
            formula.map(|formula| formula.value(bytes, &occasion))
        };
        assert_eq!(value("seq + number() * 2", &[5, 0, 0, 0, 0, 0, 0, 0]), Ok(Ok(Some(11))));
        assert_eq!(value("now_ms() / 1000 == now_s()", &[0; 8]), Ok(Ok(Some(1))));
        assert_eq!(value("now_us()", &[0; 8]), Ok(Ok(Some(1_767_323_045_123_456))));
        assert_eq!(value("sum8(0, sizeof(seq))", &[1, 2, 3, 4, 5, 6, 7, 8]), Ok(Ok(Some(10))));
        // Beyond the bytes there is no value, and nothing is allocated for a length.
        assert_eq!(value("crc32(0, 9)", &[0; 8]), Ok(Ok(None)));
        for (text, outside) in
            [("crc32(0 - 1, 2)", -1), ("crc32(4, 1 << 100)", 4 + (1_i128 << 100))]
        {
            let error = value(text, &[0; 8]).unwrap().unwrap_err();
            let kind = error.kind();
            let is_it = matches!(kind, EvalErrorKind::Offset { offset, .. } if *offset == outside);
            assert!(is_it, "{text}: {kind:?}");
        }
        assert_eq!(
            value("crc33(0, 1)", &[]).unwrap_err().message(),
            "unknown function `crc33`; did you mean `crc32`?"
        );
        let expr = |text: &str| {
            Expr::compile(text, &types, id, Endian::Little, &mut super::super::NoNames)
        };
        assert_eq!(expr("number()").unwrap_err().message(), "unknown function `number`");
        assert!(expr("crc32(0, 1)").unwrap_err().message().starts_with("unknown function `crc32`"));
    }
}

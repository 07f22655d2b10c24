//! Bytes written in hexadecimal.

use std::fmt;
use std::str::FromStr;

/// Bytes as two hexadecimal digits each; spaces may stand between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl FromStr for HexBytes {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let mut bytes = Vec::new();
        let mut high = None;
        for (offset, char) in text.char_indices() {
            let digit = char.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            high = match (high, digit) {
                (None, Some(digit)) => Some(digit),
                (Some(high), Some(digit)) => {
                    bytes.push(high << 4 | digit);
                    None
                }
                (None, None) if char == ' ' => None,
                _ => return Err(HexError::Digit { offset, found: char }),
            };
        }
        if high.is_some() { Err(HexError::Half) } else { Ok(Self(bytes)) }
    }
}

/// Why a text is no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HexError {
    /// Something else stands where a digit has to.
    Digit {
        /// Bytes from the start of the text.
        offset: usize,
        /// What stands there.
        found: char,
    },
    /// The last byte has one digit.
    Half,
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit { offset, found } => {
                write!(f, "needs a hexadecimal digit, {found:?} found, at offset {offset:#x}")
            }
            Self::Half => f.write_str("needs two digits per byte, the last has one"),
        }
    }
}

impl std::error::Error for HexError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_a_byte() {
        assert_eq!("41 00 fF2c".parse(), Ok(HexBytes(vec![0x41, 0, 0xff, 0x2c])));
        assert_eq!("".parse(), Ok(HexBytes(vec![])));
        assert_eq!("410".parse::<HexBytes>(), Err(HexError::Half));
        assert_eq!("4 1".parse::<HexBytes>(), Err(HexError::Digit { offset: 1, found: ' ' }));
        assert_eq!("0x41".parse::<HexBytes>(), Err(HexError::Digit { offset: 1, found: 'x' }));
    }
}

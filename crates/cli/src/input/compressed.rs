//! Files that are compressed.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

/// Bytes that tell how a file is compressed.
pub(super) const MAGIC: usize = 4;

impl Compression {
    /// How a file that begins so is compressed (RFC 1952 §2.3.1, RFC 8878 §3.1.1).
    pub(super) fn of(begin: &[u8]) -> Option<Self> {
        match begin {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// What is compressed, out of `reader` behind `begin`.
    pub(super) fn reader(self, begin: Vec<u8>, reader: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
        let reader = BufReader::with_capacity(64 << 10, Cursor::new(begin).chain(reader));
        // ruzstd holds back the last window of a file that ends too early, libzstd does not.
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(reader)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `printf hello | COMMAND` prints.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0";
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x29\0\0hello\xa3\x6d\x9f\x88";

    fn read(bytes: &[u8]) -> (Vec<u8>, bool) {
        let (begin, rest) = bytes.split_at(4);
        let compression = Compression::of(begin).unwrap();
        let mut reader =
            compression.reader(begin.to_vec(), Box::new(Cursor::new(rest.to_vec()))).unwrap();
        let mut read = Vec::new();
        let is_whole = reader.read_to_end(&mut read).is_ok();
        (read, is_whole)
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        assert_eq!(read(&GZIP.repeat(3)), (b"hellohellohello".to_vec(), true));
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
        let frames = [ZSTD, skippable, ZSTD].concat();
        assert_eq!(read(&frames), (b"hellohello".to_vec(), true));
    }

    #[test]
    fn what_comes_before_damage_is_there() {
        let (text, is_whole) = read(&[GZIP, &GZIP[..18]].concat());
        assert_eq!((text.starts_with(b"hello"), is_whole), (true, false));
        assert_eq!(
            read(&[ZSTD, &ZSTD[..ZSTD.len() - 2]].concat()),
            (b"hellohello".to_vec(), false)
        );
    }
}

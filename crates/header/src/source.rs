//! The texts that were read, and positions in them.

use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Where the reader takes files from.
pub trait Files {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// The file is missing ([`io::ErrorKind::NotFound`]: the search goes on) or unreadable.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

/// More than any limit on text lets through; what a pipe has beyond it is not read.
const MOST_BYTES: u64 = 1 << 30;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            // As compilers do: a folder of that name does not end the search.
            return Err(io::Error::new(io::ErrorKind::NotFound, "it is a folder"));
        }
        if is_device(&metadata) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is a device, not a regular file",
            ));
        }
        let mut bytes = Vec::new();
        file.by_ref().take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn is_device(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_char_device() || metadata.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// A position: bytes from the start of all texts read so far, laid end to end. A file that is
/// included twice is there twice, so that the chain of includes can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loc(pub(crate) u32);

/// A [`Loc`] in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file as it was named or found; `<built-in>` for what no file holds.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1; a tab is one character.
    pub column: u32,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Predefined macros and the macros of the command line.
    Predefined,
    /// The file that was asked for.
    Main,
    /// A file that was included.
    Included,
    /// A header that is built into this crate.
    BuiltIn,
}

/// The text of one file, read once however often it is included.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) name: Arc<str>,
    pub(crate) text: Box<str>,
    /// Where lines begin, for those who ask.
    lines: OnceLock<Vec<u32>>,
}

impl Text {
    pub(crate) fn new(name: &str, text: Box<str>) -> Self {
        Self { name: name.into(), text, lines: OnceLock::new() }
    }

    /// Text from the bytes of a file: UTF-8, or UTF-16 with a byte order mark, as Windows editors
    /// write resource headers. Bytes that are no UTF-8 (comments in a national encoding) become
    /// U+FFFD; no ASCII character gets lost.
    pub(crate) fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        let text = match bytes.as_slice() {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            _ => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            },
        };
        Self::new(name, text.into_boxed_str())
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map_while(|(at, _)| u32::try_from(at + 1).ok()))
                .collect()
        })
    }

    /// Line of an offset, from 1, and where that line begins.
    fn line(&self, offset: u32) -> (u32, usize) {
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or(0);
        (u32::try_from(line).unwrap_or(u32::MAX), usize::try_from(start).unwrap_or(0))
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match *pair {
        [a, b] => unit([a, b]),
        _ => 0,
    });
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[derive(Debug)]
struct Source {
    text: Arc<Text>,
    /// Where it begins in the space of [`Loc`]s.
    base: u32,
    included_at: Option<Loc>,
    origin: Origin,
}

/// The texts that were read. Knows file, line, column and include chain of every [`Loc`].
#[derive(Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
    end: u32,
}

impl Sources {
    /// Adds a text and says where its positions begin; `None` where 4 GiB of positions are used up.
    pub(crate) fn add(
        &mut self,
        text: Arc<Text>,
        included_at: Option<Loc>,
        origin: Origin,
    ) -> Option<Loc> {
        let base = self.end;
        // One more than it has bytes: its end is a position, too.
        let len = u32::try_from(text.text.len()).ok()?.checked_add(1)?;
        self.end = base.checked_add(len)?;
        self.sources.push(Source { text, base, included_at, origin });
        Some(Loc(base))
    }

    fn find(&self, loc: Loc) -> Option<(&Source, u32)> {
        let after = self.sources.partition_point(|source| source.base <= loc.0);
        let source = self.sources.get(after.checked_sub(1)?)?;
        Some((source, loc.0 - source.base))
    }

    /// File, line and column.
    #[must_use]
    pub fn position(&self, loc: Loc) -> Position {
        let Some((source, offset)) = self.find(loc) else {
            return Position { file: "<unknown>".into(), line: 0, column: 0 };
        };
        let (line, start) = source.text.line(offset);
        let end = usize::try_from(offset).unwrap_or(usize::MAX);
        let before = source.text.text.as_bytes().get(start..end).unwrap_or_default();
        let chars = before.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        let column = u32::try_from(chars).unwrap_or(u32::MAX).saturating_add(1);
        Position { file: source.text.name.clone(), line, column }
    }

    /// The file as it was named or found.
    #[must_use]
    pub fn file(&self, loc: Loc) -> Arc<str> {
        self.find(loc).map_or_else(|| "<unknown>".into(), |(source, _)| source.text.name.clone())
    }

    /// Line, from 1.
    #[must_use]
    pub fn line(&self, loc: Loc) -> u32 {
        self.find(loc).map_or(0, |(source, offset)| source.text.line(offset).0)
    }

    /// What kind of text it lies in.
    #[must_use]
    pub fn origin(&self, loc: Loc) -> Origin {
        self.find(loc).map_or(Origin::Predefined, |(source, _)| source.origin)
    }

    /// The line around a position, without its end.
    #[must_use]
    pub fn line_text(&self, loc: Loc) -> &str {
        let Some((source, offset)) = self.find(loc) else { return "" };
        let rest = source.text.text.get(source.text.line(offset).1..).unwrap_or("");
        rest.split(['\n', '\r']).next().unwrap_or("")
    }

    /// Where the file of `loc` was included, then where that file was, and so on outwards.
    #[must_use]
    pub fn includes(&self, loc: Loc) -> Vec<Position> {
        let at = |loc| self.find(loc).and_then(|(source, _)| source.included_at);
        std::iter::successors(at(loc), |&loc| at(loc)).map(|loc| self.position(loc)).collect()
    }
}

//! The container of a PDB: streams, each in pages that may lie anywhere in the file.
//!
//! ```text
//! page 0       | magic | page size | .. | pages | bytes of the directory | .. | pages of the ->
//! page list    | pages of the directory ..
//! directory    | streams | bytes of each stream .. | pages of each stream ..
//! ```
//!
//! Source: "The MSF File Format" in LLVM's documentation.

use crate::error::DebugInfoErrorKind;

/// Bytes of the magic number at the start.
const MAGIC_LEN: usize = 32;
/// What the directory says of a stream that is not there.
const NO_STREAM: u32 = u32::MAX;

/// The streams of a PDB.
#[derive(Debug)]
pub(super) struct Msf<'d> {
    bytes: &'d [u8],
    page_size: usize,
    /// Bytes of each stream, and where its list of pages begins in the directory.
    streams: Vec<(usize, usize)>,
    directory: Vec<u8>,
}

impl<'d> Msf<'d> {
    pub(super) fn parse(bytes: &'d [u8]) -> Result<Self, DebugInfoErrorKind> {
        let bad = |offset: usize, what: &str| {
            DebugInfoErrorKind::malformed("PDB header", u64::try_from(offset).ok(), what)
        };
        let field = |index: usize| {
            let at = MAGIC_LEN + 4 * index;
            u32_at(bytes, at).ok_or_else(|| bad(at, "the data ends too early"))
        };
        let page_size = field(0)? as usize;
        if !page_size.is_power_of_two() || !(512..=1 << 16).contains(&page_size) {
            return Err(bad(MAGIC_LEN, "the size of a page is a power of two from 512 to 65536"));
        }
        let directory_len = field(3)? as usize;
        let list_page = field(5)?;
        let mut msf = Self { bytes, page_size, streams: Vec::new(), directory: Vec::new() };
        let pages = directory_len.div_ceil(page_size);
        let list_start = (list_page as usize).checked_mul(page_size);
        let list = list_start.and_then(|start| bytes.get(start..)).unwrap_or_default();
        let numbers = (0..pages).map_while(|index| u32_at(list, 4 * index));
        msf.directory = msf.gather(numbers, directory_len)?;
        msf.index()?;
        Ok(msf)
    }

    /// Finds the list of pages of each stream.
    fn index(&mut self) -> Result<(), DebugInfoErrorKind> {
        let short =
            || DebugInfoErrorKind::malformed("PDB directory", None, "the data ends too early");
        let count = u32_at(&self.directory, 0).ok_or_else(short)? as usize;
        let mut pages = count.checked_add(1).and_then(|n| n.checked_mul(4)).ok_or_else(short)?;
        for index in 0..count {
            let len = u32_at(&self.directory, 4 + 4 * index).ok_or_else(short)?;
            let len = if len == NO_STREAM { 0 } else { len as usize };
            self.streams.push((len, pages));
            pages = pages.saturating_add(4 * len.div_ceil(self.page_size));
        }
        Ok(())
    }

    /// The bytes of a stream; none of one that is not there.
    pub(super) fn stream(&self, index: usize) -> Result<Vec<u8>, DebugInfoErrorKind> {
        let Some(&(len, at)) = self.streams.get(index) else { return Ok(Vec::new()) };
        let list = self.directory.get(at..).unwrap_or_default();
        let numbers = (0..len.div_ceil(self.page_size)).map_while(|index| u32_at(list, 4 * index));
        self.gather(numbers, len)
    }

    fn gather(
        &self,
        pages: impl Iterator<Item = u32>,
        len: usize,
    ) -> Result<Vec<u8>, DebugInfoErrorKind> {
        // Pages may be listed twice: no stream is larger than the file, for all that.
        if len > self.bytes.len() {
            let what = format!("a stream of {len} bytes in a file of {}", self.bytes.len());
            return Err(DebugInfoErrorKind::malformed("PDB directory", None, what));
        }
        let mut stream = Vec::with_capacity(len);
        for page in pages {
            let left = len - stream.len();
            if left == 0 {
                break;
            }
            let start = (page as usize).checked_mul(self.page_size);
            let bytes = start.and_then(|start| self.bytes.get(start..)).unwrap_or_default();
            let Some(bytes) = bytes.get(..left.min(self.page_size)) else {
                let what = format!("page {page} is not in the file");
                return Err(DebugInfoErrorKind::malformed("PDB directory", None, what));
            };
            stream.extend_from_slice(bytes);
        }
        if stream.len() < len {
            let what = format!("a stream of {len} bytes has pages for {}", stream.len());
            return Err(DebugInfoErrorKind::malformed("PDB directory", None, what));
        }
        Ok(stream)
    }
}

/// A little-endian number of a stream.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// A little-endian number of a stream.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

//! Why a file gives no types.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

/// Why a file gives no types.
///
/// Displays as `a.out: .debug_info at 0x1d: unexpected end of input`. The error of the operating
/// system, where there is one, is the [`source`](error::Error::source).
#[derive(Debug)]
pub struct DebugInfoError {
    path: PathBuf,
    kind: DebugInfoErrorKind,
}

/// What is wrong with a file.
#[non_exhaustive]
#[derive(Debug)]
pub enum DebugInfoErrorKind {
    /// The file cannot be read.
    Io(io::Error),
    /// It is none of the formats that carry debug information.
    Format {
        /// What it seems to be instead.
        found: String,
    },
    /// No ABI is known for what the file was compiled for.
    Machine {
        /// Machine, class, byte order and operating system, as far as they matter.
        found: String,
    },
    /// The file has no debug information, nor is there a file beside it that has.
    Missing {
        /// What was looked for, and where.
        needed: String,
    },
    /// The file contradicts its format.
    Malformed {
        /// The section or stream.
        section: String,
        /// Bytes from the start of that section, if known.
        offset: Option<u64>,
        /// What is wrong there.
        what: String,
    },
    /// The file asks for more than is given: see [`Limits`](crate::Limits).
    Limit {
        /// What it asks for.
        what: String,
    },
}

impl DebugInfoError {
    pub(crate) fn new(path: &Path, kind: DebugInfoErrorKind) -> Self {
        Self { path: path.to_owned(), kind }
    }

    /// The file at fault.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    #[must_use]
    pub fn kind(&self) -> &DebugInfoErrorKind {
        &self.kind
    }
}

impl DebugInfoErrorKind {
    pub(crate) fn malformed(section: &str, offset: Option<u64>, what: impl fmt::Display) -> Self {
        Self::Malformed {
            section: section.to_owned(),
            offset,
            what: lower_first(&what.to_string()),
        }
    }
}

/// Messages of other crates begin with a capital and end in a full stop; ours do not.
fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

impl fmt::Display for DebugInfoErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("cannot be read"),
            Self::Format { found } => write!(
                f,
                "an ELF, Mach-O, PE or COFF file, an archive of them or a PDB is needed, not {found}"
            ),
            Self::Machine { found } => write!(f, "no ABI is known for {found}"),
            Self::Missing { needed } => f.write_str(needed),
            Self::Malformed { section, offset: Some(offset), what } => {
                write!(f, "{section} at {offset:#x}: {what}")
            }
            Self::Malformed { section, offset: None, what } => write!(f, "{section}: {what}"),
            Self::Limit { what } => f.write_str(what),
        }
    }
}

impl fmt::Display for DebugInfoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.kind)
    }
}

impl error::Error for DebugInfoError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            DebugInfoErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_file_section_and_offset() {
        let kind =
            DebugInfoErrorKind::malformed(".debug_info", Some(0x1d), "Unexpected end of it.");
        let error = DebugInfoError::new(Path::new("a.out"), kind);
        assert_eq!(error.to_string(), "a.out: .debug_info at 0x1d: unexpected end of it");
        let found = "a.out".to_owned();
        let kind = DebugInfoErrorKind::Machine { found };
        assert_eq!(kind.to_string(), "no ABI is known for a.out");
    }
}

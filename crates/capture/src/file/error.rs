//! What is wrong with a capture file.

use std::fmt;

/// What is wrong with a capture file, and where.
///
/// Displays as `at 0x4c (76): needs 1514 bytes of packet 7, 200 left`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    pub(super) offset: u64,
    pub(super) kind: FileErrorKind,
}

/// What can be wrong with a capture file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// It is neither pcap nor pcapng.
    Magic {
        /// Its first bytes, as a little-endian number.
        found: u32,
    },
    /// The file, or a section of pcapng, is of a version that is not known.
    Version {
        /// Those that are.
        needed: &'static str,
        /// The major and minor version.
        found: (u16, u16),
    },
    /// It ends too early.
    Truncated {
        /// What is not there as a whole.
        what: Part,
        /// Bytes of it.
        needed: u64,
        /// Bytes that are there.
        left: u64,
    },
    /// A packet is longer than any.
    PacketLen {
        /// Its number, from 1.
        packet: u64,
        /// The most that is taken.
        most: usize,
        /// What its head says.
        found: u64,
    },
    /// A block of pcapng has a length that none has.
    BlockLen {
        /// Type of the block.
        block: u32,
        /// The length.
        found: u32,
    },
    /// The length at the end of a block of pcapng is not that at its start.
    BlockEnd {
        /// The one at the start.
        needed: u32,
        /// The one at the end.
        found: u32,
    },
    /// A block of pcapng is too short for what it says is in it.
    BlockShort {
        /// What there is no room for.
        what: Part,
        /// Bytes of it.
        needed: u64,
        /// Bytes that the block has for it.
        left: u64,
    },
    /// A packet is of an interface that was not described.
    Interface {
        /// The packet's number, from 1.
        packet: u64,
        /// Interfaces that were.
        known: usize,
        /// The one it names, from 0.
        found: u32,
    },
    /// A section of pcapng has neither byte order.
    ByteOrder {
        /// What is in place of 0x1a2b3c4d, as a little-endian number.
        found: u32,
    },
    /// There are too many interfaces.
    Interfaces {
        /// The most that are taken.
        most: usize,
    },
    /// Bytes were passed over; what follows is a block again, or the end.
    Passed {
        /// How many.
        count: u64,
    },
}

/// A part of a capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The head of the file.
    FileHead,
    /// The head of a packet, which would be of this number.
    PacketHead(u64),
    /// A packet.
    Packet(u64),
    /// A block of pcapng.
    Block,
    /// The head of a block of pcapng.
    BlockHead,
}

impl FileError {
    /// Bytes from the start of the file, of one that is compressed from the start of what was compressed.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &FileErrorKind {
        &self.kind
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileHead => f.write_str("the file's head"),
            Self::PacketHead(packet) => write!(f, "the head of packet {packet}"),
            Self::Packet(packet) => write!(f, "packet {packet}"),
            Self::Block => f.write_str("a block"),
            Self::BlockHead => f.write_str("the head of a block"),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {0:#x} ({0}): {1}", self.offset, self.kind)
    }
}

impl fmt::Display for FileErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic { found } => {
                write!(f, "needs the head of a pcap or pcapng file, found {found:#010x}")
            }
            Self::Version { needed, found: (major, minor) } => {
                write!(f, "needs version {needed}, found {major}.{minor}")
            }
            Self::Truncated { what, needed, left } => {
                write!(f, "needs {needed} bytes of {what}, {left} left")
            }
            Self::PacketLen { packet, most, found } => {
                write!(f, "packet {packet} needs at most {most} bytes, found a length of {found}")
            }
            Self::BlockLen { block, found } => {
                write!(f, "needs the length of a block of type {block:#x}, found {found}")
            }
            Self::BlockEnd { needed, found } => {
                write!(f, "needs a block that ends with its length {needed}, found {found}")
            }
            Self::BlockShort { what, needed, left } => {
                write!(f, "needs {needed} bytes of {what}, found a block with room for {left}")
            }
            Self::Interface { packet, known, found } => {
                write!(f, "packet {packet} needs one of {known} interfaces, found number {found}")
            }
            Self::ByteOrder { found } => {
                write!(f, "needs the byte order of a section, found {found:#010x}")
            }
            Self::Interfaces { most } => write!(f, "needs at most {most} interfaces, found more"),
            Self::Passed { count } => write!(f, "needs a block, {count} bytes passed over"),
        }
    }
}

impl std::error::Error for FileError {}

//! Struct layouts out of compiled objects, executables and libraries.
//!
//! A compiler that is asked for debug information (`-g`, `/Zi`) writes down where it put every member
//! of every record. This crate reads that into the same [`Types`] that the header reader fills, for
//! C++ that no header reader should attempt: templates, `#ifdef` jungles, headers of frameworks.
//!
//! ```text
//! a.o, a.out, liba.so, liba.a   ELF      --+
//! a.o, a.out, a.dylib, a.dSYM   Mach-O   --+--> DWARF 2 to 5 --+
//! a.obj, a.exe, a.dll           COFF, PE --+                   +--> graph --> Types
//!                                          +--> CodeView ------+
//! a.pdb                         MSF      -----------^
//! ```
//!
//! What belongs to a file is found beside it: the `.dwo` and `.dwp` of `-gsplit-dwarf`, what
//! `.gnu_debuglink` and the build ID name, the `.dSYM` of a Mach-O file, the PDB of a PE file.
//!
//! # What debug information does not say
//!
//! - Attributes. `packed` and `#pragma pack` are inferred from the places of the members: a packed
//!   record whose members lie where they would lie anyway is taken for one that is not packed, with
//!   the alignment that its members have. `aligned` and `alignas` are said by DWARF 5, and by gcc's and
//!   clang's DWARF 2 to 4, but not by PDB, where room at the end of a record shows them at best.
//! - Unnamed bit-fields, zero-width ones too: they are padding. Where they align the record that they
//!   are in, that is seen in unions only.
//! - The members of a union with gcc's `transparent_union`, which gcc leaves out.
//! - Types that nothing uses. Compilers leave out what the source did not need;
//!   `-fno-eliminate-unused-debug-types` (gcc) and `-fstandalone-debug` (clang) keep more of them.
//! - The width of clang's `_BitInt(N)`: it is taken to fill its bytes.
//! - Macros and `restrict`; in PDB also the typedef that a member was declared with, and anonymous
//!   members, whose own members are there as members of what is around them.
//!
//! # Where it differs from the header reader
//!
//! - Instances of templates are there, under the names that the compiler gives them
//!   (`std::vector<int, std::allocator<int> >`), and so are types inside of functions (`main()::local`)
//!   and of unnamed namespaces (`(anonymous namespace)::S`).
//! - A name may have several definitions: units of one program may disagree. Definitions with the same
//!   name, file, line and layout are one. All others are there in [`Types::records`], under the same
//!   name, and [`Types::find`] finds the one that most units have.
//! - Refused, with a reason: what has virtual functions or virtual bases, variants (Rust's enums), sizes
//!   or places that are computed while the program runs, scalars in the other byte order
//!   (`scalar_storage_order`), and what holds one of these.
//!
//! # Limits
//!
//! A file is foreign bytes. Memory stays in proportion to the bytes of the file, decompressed sections
//! included (see [`Limits`]), and so does time: each unit is walked once.
//!
//! # Example
//!
//! ```no_run
//! use cwire_debuginfo::{Options, read_file};
//!
//! let info = read_file("server.o".as_ref(), &Options::default())?;
//! for &id in info.types.records() {
//!     println!("{}", info.types.record(id).name);
//! }
//! # Ok::<(), cwire_debuginfo::DebugInfoError>(())
//! ```

#![warn(missing_docs)]

use std::path::{Path, PathBuf};

use cwire_layout::Types;
use cwire_layout::abi::Abi;

mod abi;
mod assemble;
mod codeview;
mod container;
mod dwarf;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod graph;
mod locate;
mod read;
mod section;

pub use container::is_binary;
pub use error::{DebugInfoError, DebugInfoErrorKind};
pub use read::{read, read_file};

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ABI to lay out for; `None`, the default: the one that the file was compiled for.
    ///
    /// Of a Mach-O file for several architectures, the part for this ABI is read; by default the
    /// first part that an ABI is known for.
    pub abi: Option<Abi>,
    /// Where else the files that belong to this one are looked for, after its own folder. Default:
    /// nowhere.
    pub search_dirs: Vec<PathBuf>,
    /// Limits on what a file may ask for.
    pub limits: Limits,
}

/// Limits on what a file may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one section once it is decompressed; default 4 GiB. Whatever this is, no section may
    /// claim to have been compressed by more than 1032 to 1, which is the most that zlib does.
    pub section_bytes: u64,
    /// Files that belong to this one (`.dwo`); default 65,536.
    pub companions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { section_bytes: 4 << 30, companions: 1 << 16 }
    }
}

/// The kind of debug information that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// DWARF.
    Dwarf,
    /// CodeView, in a PDB or in an object.
    CodeView,
}

/// What a file says of its types.
#[derive(Clone, Debug)]
pub struct DebugInfo {
    /// Its types, records, enums and typedefs, laid out as its compiler did.
    pub types: Types,
    /// The kind of debug information.
    pub format: Format,
    /// The file that it was in, which may lie beside the one that was asked for.
    pub path: PathBuf,
    /// What was not as it should be but did not stop the reading: a `.dwo` that is not there, a
    /// debug file of another build. In the wording of an error message.
    pub notes: Vec<String>,
}

/// The folder that the companions of a file are in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

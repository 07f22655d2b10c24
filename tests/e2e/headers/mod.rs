//! Headers of this machine give the records that its compilers see in them.
//!
//! The compiler writes what it saw as debug information (`-g` with unused types kept), which
//! [`dwarf`] reads.

mod cases;
mod constants;
mod dwarf;
mod facts;
pub(crate) mod random;
mod rules;
mod scopes;
mod system;

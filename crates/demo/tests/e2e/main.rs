//! `sender` and `receiver` as programs: with peers compiled from C++ on the spot, with Node, and by
//! themselves.
//!
//! Expected values are computed here or by the peer, never by the code under test. A test whose
//! peer cannot be built says so and passes, except where the environment says `CI`: there it fails.

mod cpp;
mod i386;
mod node;
mod peers;
mod process;
mod receiver;
mod sender;

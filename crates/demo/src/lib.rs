//! What the programs `sender` and `receiver` share: the record, its two printed forms, and how
//! they complain.

#![warn(missing_docs)]

mod complaint;
mod hex;
mod json;
mod record;
mod signal;

pub use complaint::{Complaints, counted, say};
pub use hex::{HexBytes, HexError};
pub use json::JsonError;
pub use record::CTestData;
pub use signal::termination;

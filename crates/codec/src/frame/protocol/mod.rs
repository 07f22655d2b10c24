//! Streams that are cut up as a protocol file says.
#![doc = include_str!("protocol.md")]

mod annotate;
mod compile;
mod conversation;
mod deframe;
mod error;
mod file;
#[doc(hidden)]
pub mod fuzz;
mod inside;
mod memory;
mod message;
mod rule;
#[cfg(test)]
mod tests;
mod trouble;

pub use conversation::{Conversation, Step};
pub use deframe::{FramedMessage, ProtocolFrame, ProtocolFramer};
pub use error::{Problem, ProtocolError};
pub use file::{MAX_FILE_LEN, MAX_MESSAGES, ProtocolFile, Side};
pub use memory::MAX_REMEMBERED;
pub use message::{Message, Part, Parts};
pub use rule::Protocol;
pub use trouble::{Key, Trouble};

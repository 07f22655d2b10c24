//! Records of one C struct per direction, over any stream: the fast and simple way.

mod batch;
mod connection;
mod inbound;
mod outbound;
mod reader;
mod writer;

pub use batch::{Batch, BatchRecords};
pub use connection::Connection;
pub use reader::{Next, RecordReader};
pub use writer::{Feed, RecordWriter};

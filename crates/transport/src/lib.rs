//! Sends and receives C structs, and frames of other kinds, over tokio streams.
//!
//! | what | over what | for what |
//! |---|---|---|
//! | [`Server`], [`Client`], [`Session`] | TCP, UNIX sockets, TLS, any stream | everything that happens on a connection, as events; any [codec](tokio_util::codec) |
//! | [`Hub`] | sessions | one record to many |
//! | [`Connection`], [`RecordReader`], [`RecordWriter`] | any `AsyncRead`, `AsyncWrite` | records of one C struct per direction, at the least cost |
//! | [`FrameCodec`], [`RecordCodec`] | [`tokio_util::codec::Framed`], [`Session`] | every kind of [`cwire_codec::frame`] |
//! | [`Connector`], [`connect`], [`Backoff`] | TCP, UNIX sockets | streams to somewhere |
//! | [`Listener`], [`listen`], [`AccessList`], [`Slots`] | TCP, UNIX sockets | streams from somewhere: who may connect, and how many |
//!
//! [`coming_from_node`] is a table of all that Node's `net` has, with what it is here.
//!
//! With the feature `tls` there are `TlsServer` and `TlsClient`, which put TLS under sessions.
//!
//! # Speed
//!
//! A socket costs far more than a record: a system call is the price of some hundred records. So
//! readers read 64 KiB at a time and hand out what is there, and writers gather 64 KiB before they
//! write, unless told to [`flush`](RecordWriter::flush) or to [`send`](RecordWriter::send) at once.
//! [`next_batch`](RecordReader::next_batch) hands out all whole records of a read, for a plain loop.
//!
//! Buffers are taken when bytes move and given back when a connection waits, so an idle connection
//! holds less than one record.
//!
//! # Example
//!
//! ```
//! use cwire_codec::{CChar, CharArray, Record};
//! use cwire_transport::{Connection, connect, listen};
//!
//! /// `struct CTestData { char a; int b; char c[15]; };`
//! #[derive(Debug, PartialEq, Record)]
//! struct CTestData { a: CChar, b: i32, c: CharArray<15> }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut listener = listen("127.0.0.1:0").await?;
//! let addr = listener.local_addrs()[0].tcp().expect("listen is for TCP");
//! let mut client = Connection::<_, CTestData>::new(connect(addr).await?);
//! let mut server = Connection::<_, CTestData>::new(listener.accept().await?);
//!
//! client.send(&CTestData { a: CChar(b'A'), b: 300, c: CharArray::new("hello")? }).await?;
//! client.finish().await?;
//!
//! let record = server.next().await?.expect("one record");
//! assert_eq!((record.a, record.b, record.c.text()), (CChar(b'A'), 300, &b"hello"[..]));
//! assert_eq!(server.next().await?, None);
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

#[doc = include_str!("../coming_from_node.md")]
pub mod coming_from_node {}

mod address;
mod buffer;
mod client;
mod connect;
mod error;
mod frame;
mod hub;
mod listen;
mod metrics;
mod records;
mod server;
mod session;
mod socket;
mod stream;
#[cfg(feature = "tls")]
mod tls;

pub use address::{Address, Endpoint, EndpointError, ToEndpoint};
pub use client::{Client, ClientEvent};
pub use connect::{
    AttemptError, Backoff, ConnectAttempt, ConnectError, ConnectErrorKind, Connector, Family,
    Jitter, connect,
};
pub use error::{ReceiveError, SendError};
pub use frame::{FrameCodec, RecordCodec};
pub use hub::{Hub, HubOptions, HubStats, Slow, To};
pub use listen::{
    AccessList, AddressRange, AddressRangeError, ListenError, ListenOptions, Listener,
    OpenListener, Refusal, Slot, SlotLimits, Slots, listen,
};
pub use records::{Batch, BatchRecords, Connection, Feed, Next, RecordReader, RecordWriter};
pub use server::{
    BindError, DropReason, OnShutdown, Server, ServerBuilder, ServerEvent, ServerHandle,
    ServerStats, SessionInfo, WhenFull,
};
#[doc(hidden)]
pub use session::fuzz;
pub use session::{
    Amount, CloseReason, Closed, Event, Frames, Handle, Idle, NextEvent, OnIdle, QueueError,
    QueueLimits, Session, SessionId, SessionOptions, SetError, Stats, TrySendError,
};
pub use socket::{KeepAlive, OptionError, SocketOptions};
pub use stream::Stream;
#[cfg(feature = "tls")]
pub use tls::{
    TlsClient, TlsClientOptions, TlsError, TlsInfo, TlsServer, TlsServerOptions, TlsVersion,
};

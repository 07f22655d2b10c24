//! The thread that writes what was heard as a capture.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread::JoinHandle;

use anyhow::Context;
use cwire_capture::write::{self, Sender};
use cwire_codec::frame::protocol::Side;
use cwire_transport::Address;
use tokio::sync::mpsc::{UnboundedReceiver, error::TryRecvError};

use crate::complaint::{counted, say};
use crate::live::news::{News, What};
use crate::output::Output;

/// Ports of clients that have none: the first of RFC 6335's dynamic ones, and how many there are.
const DYNAMIC: u64 = 49_152;
const DYNAMIC_COUNT: u64 = 16_384;

/// Writes a capture.
pub(super) struct Recorder {
    thread: JoinHandle<bool>,
}

impl Recorder {
    /// Begins a file, `-` for standard output.
    ///
    /// # Errors
    ///
    /// It cannot be created, or the thread cannot be started.
    pub(super) fn start(path: &Path, news: UnboundedReceiver<News>) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        // What is written first tells at once whether anything can be.
        let mut output = Output::open_bytes(path)?;
        let mut bytes = Vec::new();
        write::head(concat!("cwire ", env!("CARGO_PKG_VERSION")), &mut bytes);
        output.write_all(&bytes).and_then(|()| output.flush()).with_context(|| name.clone())?;
        let record = move || match record(output, news) {
            Ok(0) => true,
            Ok(missed) => {
                let missed = counted(missed, "byte");
                say(format_args!(
                    "cwire: {name}: {missed} left out: the disk was too slow for them"
                ));
                false
            }
            Err(error) => {
                say(format_args!("cwire: {name}: {error}; the capture ends here"));
                false
            }
        };
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(record);
        Ok(Self { thread: thread.context("starting a thread")? })
    }

    /// Waits until all is written, and says whether it was.
    pub(super) fn finish(self) -> bool {
        match self.thread.join() {
            Ok(is_good) => is_good,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Writes until there are no more news, and says how many bytes there was no room for.
fn record(mut output: impl Write, mut news: UnboundedReceiver<News>) -> io::Result<u64> {
    let mut missed = 0;
    let mut connections = HashMap::new();
    let mut out = Vec::new();
    loop {
        let next = match news.try_recv() {
            Ok(next) => Some(next),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                output.flush()?;
                news.blocking_recv()
            }
        };
        let Some(next) = next else {
            output.flush()?;
            return Ok(missed);
        };
        if let What::Missed { count, .. } = next.what {
            missed += count;
        }
        take(&mut connections, &next, &mut out);
        output.write_all(&out)?;
        out.clear();
    }
}

fn take(connections: &mut HashMap<u64, write::Connection>, news: &News, out: &mut Vec<u8>) {
    let &News { stream, time, ref what, .. } = news;
    if let What::Opened { client, server, .. } = what {
        let client = addr(client, DYNAMIC + stream % DYNAMIC_COUNT);
        let connection = write::Connection::open(stream, client, addr(server, 1), time, out);
        connections.insert(stream, connection);
        return;
    }
    let Some(connection) = connections.get_mut(&stream) else { return };
    match what {
        What::Bytes { from, bytes } => connection.data(sender(*from), bytes, time, out),
        What::Missed { from, count } => connection.leave_out(sender(*from), *count, time, out),
        What::Finished { from } => connection.finish(sender(*from), time, out),
        What::Reset { from } => connection.reset(sender(*from), time, out),
        What::Closed(_) => {
            connections.remove(&stream);
        }
        What::Opened { .. } | What::Failed(_) => {}
    }
}

fn sender(side: Side) -> Sender {
    match side {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    }
}

/// The address of an end; UNIX sockets have none in a capture, and stand for 127.0.0.1.
fn addr(address: &Address, port: u64) -> SocketAddr {
    address.tcp().unwrap_or_else(|| {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), u16::try_from(port).unwrap_or_default())
    })
}

//! `cwire hub`: what one client sends, all the others get.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use clap::{ArgGroup, ValueEnum};
use cwire_codec::frame::protocol::{Protocol, ProtocolFrame, ProtocolFramer, Side};
use cwire_codec::frame::{Chunks, Deframe, FrameError};
use cwire_transport::{
    Endpoint, Event, Frames, Hub, HubOptions, QueueLimits, Server, ServerHandle, Session, Slow, To,
};
use tokio::sync::oneshot;
use tokio_util::codec::{BytesCodec, Decoder};

use super::Outcome;
use crate::args::{General, compiler_flag};
use crate::complaint::{Complaints, counted, say};
use crate::live::args::{Connections, Serving, say_event};
use crate::live::metrics;
use crate::live::network::Network;
use crate::records::setup::Framing;

/// Relay records between clients: what one sends, all the others get.
///
/// Records are passed on as they are, whole and in order, without a look at what is in them. What is no
/// record is not passed on: it is said with its offset, and the exit status is 1 in the end.
///
/// A client that reads too slowly has a queue of its own and holds up nobody, unless --slow says so.
/// SIGINT and SIGTERM send what is queued and close the connections in order.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Where to listen: HOST:PORT, :PORT for all addresses, or unix:PATH; port 0 takes a free one. There may
    /// be several.
    #[arg(value_name = "ADDR", required = true)]
    addrs: Vec<Endpoint>,
    /// What becomes of clients whose queue is full, as they read too slowly.
    #[arg(long, value_enum, value_name = "POLICY", default_value_t = Policy::Disconnect)]
    slow: Policy,
    /// Bytes that wait for one client before its queue is full; it is drained at half of that.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    queue: u32,
    /// Send the last N records to clients that join, before anything new.
    #[arg(long, value_name = "N", default_value_t = 0)]
    snapshot: usize,
    /// Serve counters as Prometheus' text format here, over HTTP.
    #[arg(long, value_name = "ADDR")]
    stats: Option<Endpoint>,
    #[command(flatten)]
    connections: Connections,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    framing: Framing,
}

const EXAMPLES: &str = "\
Examples:
  cwire hub :9000 --header quote.h --record Quote --snapshot 100 --stats 127.0.0.1:9001
      A relay of quotes; who joins gets the last 100 first.";

/// What becomes of clients that read too slowly.
#[derive(Clone, Copy, ValueEnum)]
enum Policy {
    /// Their connection ends.
    Disconnect,
    /// They lose the oldest records that wait for them.
    DropOldest,
    /// They lose new records, until their queue is drained.
    DropNewest,
    /// All wait for them.
    Wait,
}

impl From<Policy> for Slow {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Disconnect => Self::Disconnect,
            Policy::DropOldest => Self::DropOldest,
            Policy::DropNewest => Self::DropNewest,
            Policy::Wait => Self::Wait,
        }
    }
}

/// Bytes of the records that are kept for clients that join.
const MAX_SNAPSHOT: usize = 64 << 20;

/// Relays.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let (protocol, size) = args.framing.protocol(general.verbose)?;
    let network = Network::new()?;
    let queue = QueueLimits::new(usize::try_from(args.queue)?, usize::MAX);
    let session = args.connections.session().queue(queue);
    let server = Server::builder(Relayed::new(protocol, size)).session(session);
    let server = args.serving.bind(&args.addrs, server, &args.connections, &network)?;
    let options = HubOptions::new().slow(args.slow.into()).replay(args.snapshot, MAX_SNAPSHOT);
    let relay = Arc::new(Relay {
        hub: Hub::new(BytesCodec::new(), options),
        size,
        opened: AtomicU64::new(0),
        is_bad: AtomicBool::new(false),
        quiet: general.quiet,
    });
    let stats = match &args.stats {
        Some(addr) => {
            let text = text_of(&relay.hub, server.handle());
            Some(network.prepare(metrics::bind(addr, network.stop.clone(), text))?)
        }
        None => None,
    };
    let (end, ended) = oneshot::channel();
    let serving = {
        let relay = Arc::clone(&relay);
        async move {
            let stats = async {
                if let Some(stats) = stats {
                    stats.serve(general.quiet).await;
                }
            };
            tokio::join!(serve(server, relay), stats);
            let _ = end.send(());
        }
    };
    network.run(serving, || {
        let _ = ended.blocking_recv();
        Ok(())
    })?;
    let stats = relay.hub.stats();
    if !general.quiet {
        say(format_args!(
            "cwire: {}, {} relayed, {} to clients, {} dropped",
            counted(relay.opened.load(Ordering::Relaxed), "connection"),
            counted(stats.sent.records, "record"),
            counted(stats.sessions.sent.records, "record"),
            stats.sessions.dropped.records,
        ));
    }
    let is_bad = relay.is_bad.load(Ordering::Relaxed);
    Ok(if is_bad { Outcome::BadInput } else { Outcome::Clean })
}

/// The counters of hub and server, as text.
fn text_of(
    hub: &Hub<BytesCodec>,
    server: ServerHandle,
) -> impl Fn() -> String + Send + Sync + 'static {
    let hub = hub.clone();
    move || hub.stats().prometheus("cwire_hub_") + &server.stats().prometheus("cwire_server_")
}

async fn serve(server: Server<Relayed>, relay: Arc<Relay>) {
    let quiet = relay.quiet;
    server
        .serve_and(
            |session| {
                let relay = Arc::clone(&relay);
                async move { relay.serve(session).await }
            },
            |event| say_event(&event, quiet),
        )
        .await;
}

/// What the connections share.
struct Relay {
    hub: Hub<BytesCodec>,
    /// Bytes of a record, where all have the same.
    size: Option<usize>,
    opened: AtomicU64,
    is_bad: AtomicBool,
    quiet: bool,
}

impl Relay {
    async fn serve(&self, mut session: Session<Relayed>) {
        let peer = session.peer().clone();
        let mut complaints = Complaints::new(self.quiet);
        let mut received = 0;
        while let Some(event) = session.next().await {
            match event {
                Event::Connected => {
                    self.opened.fetch_add(1, Ordering::Relaxed);
                    if !self.quiet {
                        say(format_args!("{peer} connected"));
                    }
                }
                Event::Ready => self.hub.join(&session.handle()),
                Event::Record(Piece::Records(bytes)) => {
                    let frames = match self.size {
                        Some(size) => Frames::equal(bytes, size).unwrap_or_default(),
                        None => Frames::one(bytes),
                    };
                    received += frames.count() as u64;
                    self.hub.send_frames(To::Except(session.id()), &frames);
                    self.hub.room().await;
                }
                Event::Record(Piece::Bad(what)) => complaints.add(format_args!("{peer}: {what}")),
                Event::Error(error) => {
                    complaints.add(format_args!("{peer}: {:#}", anyhow::Error::new(error)));
                }
                Event::Closed(closed) if !self.quiet => {
                    let received = counted(received, "record");
                    say(format_args!("{peer} {}: {received} received", closed.reason));
                }
                _ => {}
            }
        }
        if complaints.finish() {
            self.is_bad.store(true, Ordering::Relaxed);
        }
    }
}

/// What a client sends, as far as it is records.
struct Relayed {
    protocol: Protocol,
    /// Bytes of a record, where all have the same.
    size: Option<usize>,
    framing: By,
}

enum By {
    /// All records of a read at once.
    Size(Chunks),
    Protocol(Box<ProtocolFramer>),
}

/// What is taken off a stream.
enum Piece {
    Records(Bytes),
    Bad(String),
}

impl Relayed {
    fn new(protocol: Protocol, size: Option<usize>) -> Self {
        let framing = match size {
            Some(size) => By::Size(Chunks::new(size).runs(true)),
            None => By::Protocol(Box::new(ProtocolFramer::new(&protocol, Some(Side::Client)))),
        };
        Self { protocol, size, framing }
    }

    fn next(
        &mut self,
        buffer: &mut BytesMut,
        is_finished: bool,
    ) -> Result<Option<Piece>, FrameError> {
        match &mut self.framing {
            By::Size(chunks) => {
                let chunk = match is_finished {
                    true => chunks.finish(buffer)?,
                    false => chunks.next_frame(buffer)?,
                };
                Ok(chunk.map(Piece::Records))
            }
            By::Protocol(framer) => {
                let frame = match is_finished {
                    true => framer.finish(buffer)?,
                    false => framer.next_frame(buffer)?,
                };
                Ok(frame.map(|frame| match frame {
                    ProtocolFrame::Message(message) => Piece::Records(message.bytes().clone()),
                    ProtocolFrame::Bad { offset, trouble } => {
                        Piece::Bad(format!("at {offset:#x} ({offset}): {trouble}"))
                    }
                    ProtocolFrame::Passed { offset, len } => {
                        let passed = counted(len, "byte");
                        Piece::Bad(format!("at {offset:#x} ({offset}): {passed} passed over"))
                    }
                }))
            }
        }
    }
}

/// Each connection begins anew.
impl Clone for Relayed {
    fn clone(&self) -> Self {
        Self::new(self.protocol.clone(), self.size)
    }
}

impl Decoder for Relayed {
    type Item = Piece;
    type Error = cwire_transport::ReceiveError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, Self::Error> {
        Ok(self.next(buffer, false)?)
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, Self::Error> {
        Ok(self.next(buffer, true)?)
    }
}

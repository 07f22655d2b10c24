//! `cwire listen`: records as they arrive.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use clap::ArgGroup;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Endpoint, Event, Handle, Hub, HubOptions, Server, Session, To};
use tokio_util::codec::BytesCodec;

use super::Outcome;
use crate::args::{General, compiler_flag};
use crate::live::args::{Connections, Serving, say_event};
use crate::live::input::{self, Stdin};
use crate::live::network::Network;
use crate::live::news::{Teller, Unheard, What, news};
use crate::live::printer::{Printer, Shows};
use crate::live::{MAX_NEWS, Mode};
use crate::records::setup::{Setup, Shown, Written};

/// Listen for connections, and print the C structs that come as records.
///
/// Records are printed as `cwire decode` prints them, with the connection, both addresses, the peer and its
/// side, the offset in what that peer has sent, and the time at which the rest of the record was read. What
/// happens to connections goes to standard error, and a summary when all is over.
///
/// --record frames records of that struct's size one after the other, --protocol frames messages as a
/// protocol file says. With --text, lines are printed with the peer in front, and lines of standard input go
/// to all peers; with --raw, the same is done with bytes as they are.
///
/// Where records are printed more slowly than they come, nothing more is read, and peers have to wait.
/// SIGINT and SIGTERM close the connections in order; a second one ends the program at once. What is wrong
/// goes to standard error, ten lines per connection and then a count; the exit status is then 1.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol", "text", "raw"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Where to listen: HOST:PORT, :PORT for all addresses, or unix:PATH; port 0 takes a free one. There may
    /// be several.
    #[arg(value_name = "ADDR", required = true)]
    addrs: Vec<Endpoint>,
    /// Lines of text in place of records.
    #[arg(long, conflicts_with_all = ["raw", "record", "protocol", "reply"])]
    text: bool,
    /// Bytes as they are in place of records.
    #[arg(long, conflicts_with_all = ["record", "protocol", "count", "reply"])]
    raw: bool,
    /// Send all that a peer sends back to it.
    #[arg(long)]
    echo: bool,
    /// Send the records in this file to each peer that connects: JSON Lines, as `cwire encode` takes them.
    #[arg(long, value_name = "FILE")]
    reply: Option<PathBuf>,
    /// End after N records, or lines, in all.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    connections: Connections,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    written: Written,
}

const EXAMPLES: &str = "\
Examples:
  cwire listen :9000 --header quote.h --record Quote
      Every Quote that anybody sends.
  cwire listen :9000 --header quote.h --record Quote --format json | jq .fields.price
      Prices.
  cwire listen :9000 --text
      One end of a chat; the other is `cwire connect HOST:9000 --text`.";

/// Listens and prints.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mode = Mode::new(args.text, args.raw);
    let setup = match mode {
        Mode::Records => Some(Setup::new(&args.shown, &args.written, general, true)?),
        Mode::Text | Mode::Raw => None,
    };
    let reply = match &args.reply {
        Some(path) => {
            let record = args.shown.framing.record.as_deref();
            Some(input::file(path, record, args.shown.plans()?)?)
        }
        None => None,
    };

    let network = Network::new()?;
    let session = args.connections.session().half_open(reply.is_some());
    let server = Server::builder(BytesCodec::new()).session(session);
    let server = args.serving.bind(&args.addrs, server, &args.connections, &network)?;
    let names: Vec<_> = server.local_addrs().iter().map(ToString::to_string).collect();

    let output = args.written.open(general.color)?;
    let shows = match &setup {
        Some(setup) => {
            Shows::records(setup, &names.join(", "), args.count, output.paint, general.quiet)
        }
        _ if mode == Mode::Raw => Shows::Bytes,
        _ => Shows::Lines { with_peer: true, most: args.count, printed: 0 },
    };
    let stdin = match mode {
        Mode::Records => None,
        Mode::Text | Mode::Raw => Some(Stdin::read(mode, &args.shown, general.quiet)?),
    };
    let verdict = stdin.as_ref().map(Stdin::verdict);
    let (to, from) = news(MAX_NEWS);
    let listening = Listening {
        news: to,
        hub: Hub::new(BytesCodec::new(), HubOptions::new()),
        next: AtomicU64::new(0),
        echo: args.echo,
        reply,
    };
    let stop = network.stop.clone();
    let serving = serve(server, listening, stdin, general.quiet);
    let outcome = network.run(serving, || Printer::new(shows, output, general).run(from, &stop))?;
    let is_bad = verdict.is_some_and(|verdict| verdict.is_bad());
    Ok(if is_bad { Outcome::BadInput } else { outcome })
}

/// What the connections share.
struct Listening {
    news: Teller,
    hub: Hub<BytesCodec>,
    next: AtomicU64,
    echo: bool,
    reply: Option<Bytes>,
}

async fn serve(
    server: Server<BytesCodec>,
    listening: Listening,
    stdin: Option<Stdin>,
    quiet: bool,
) {
    let listening = Arc::new(listening);
    let hub = listening.hub.clone();
    let to_all = tokio::spawn(async move {
        let Some(mut stdin) = stdin else { return };
        while let Some(bytes) = stdin.pieces.recv().await {
            // To nobody, if nobody is there.
            let _ = hub.send(To::All, bytes).await;
        }
    });
    server
        .serve_and(
            |session| {
                let listening = Arc::clone(&listening);
                async move { listening.serve(session).await }
            },
            |event| say_event(&event, quiet),
        )
        .await;
    to_all.abort();
}

impl Listening {
    /// Tells what happens on one connection until it ends.
    async fn serve(&self, mut session: Session<BytesCodec>) {
        let stream = self.next.fetch_add(1, Ordering::Relaxed);
        let (client, server) = (session.peer().clone(), session.local().clone());
        let mut replying = None;
        while let Some(event) = session.next().await {
            let what = match event {
                Event::Connected => What::Opened {
                    client: client.clone(),
                    server: server.clone(),
                    peer: Some(Side::Client),
                },
                Event::Ready => {
                    self.hub.join(&session.handle());
                    if let Some(bytes) = self.reply.clone() {
                        let handle = session.handle();
                        let _ = self.tell(stream, sent(bytes.clone())).await;
                        replying = Some(tokio::spawn(reply(handle, bytes)));
                    }
                    continue;
                }
                Event::Record(bytes) => {
                    let bytes = bytes.freeze();
                    // It is queued, or the connection has ended, which is told of below.
                    if self.echo && session.send(bytes.clone()).await.is_ok() {
                        let _ = self.tell(stream, sent(bytes.clone())).await;
                    }
                    What::Bytes { from: Side::Client, bytes }
                }
                Event::Finished => {
                    let handle = session.handle();
                    // With a reply, the session waits until this side has finished, too.
                    if let Some(replying) = replying.take() {
                        tokio::spawn(async move {
                            let _ = replying.await;
                            handle.finish();
                        });
                    }
                    What::Finished { from: Side::Client }
                }
                Event::Error(error) => What::Failed(format!("{:#}", anyhow::Error::new(error))),
                Event::Closed(closed) => What::Closed(closed),
                _ => continue,
            };
            if self.tell(stream, what).await.is_err() {
                // Nobody prints any more.
                break;
            }
        }
    }

    async fn tell(&self, stream: u64, what: What) -> Result<(), Unheard> {
        self.news.tell(stream, what).await
    }
}

fn sent(bytes: Bytes) -> What {
    What::Bytes { from: Side::Server, bytes }
}

/// Sends a reply in pieces, as the peer takes them.
async fn reply(handle: Handle<BytesCodec>, mut bytes: Bytes) {
    /// Bytes that are queued at once.
    const PIECE: usize = 64 << 10;
    while !bytes.is_empty() {
        let piece = bytes.split_to(bytes.len().min(PIECE));
        if handle.send(piece).await.is_err() {
            break;
        }
    }
}

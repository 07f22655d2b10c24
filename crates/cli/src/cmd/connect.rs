//! `cwire connect`: records from standard input to a server, and what it says to them.

use std::future::pending;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use clap::ArgGroup;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Backoff, Client, ClientEvent, Endpoint, Event, Session, TrySendError};
use tokio_util::codec::BytesCodec;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::args::{General, compiler_flag};
use crate::complaint::{counted, say};
use crate::live::args::{Calling, Certificate, Connections};
use crate::live::input::{Stdin, Verdict};
use crate::live::network::{GRACE, Network};
use crate::live::news::{Teller, Unheard, What, news};
use crate::live::printer::{Printer, Shows};
use crate::live::{MAX_NEWS, Mode};
use crate::records::setup::{Setup, Shown, Written};

/// Connect to a server, send records from standard input, and print what comes back.
///
/// Standard input is JSON Lines as `cwire encode` takes them: {"a": "A", "b": 300} of --record, or
/// {"record": "NAME", "fields": {…}}. The bytes of the records are sent one after the other; bytes in front of
/// a record that are in no struct stand in "prefix", in hexadecimal: {"record": "NAME", "prefix": "7e",
/// "fields": {…}}. A line that is no record is said with line, column and field, and the next one is read;
/// the exit status is then 1. At the end of standard input the sending side is finished, and what the server
/// says is printed until it has finished, too.
///
/// Records are printed as `cwire decode` prints them, with the connection, both addresses, the offset in what
/// the server has sent, and the time. With --text, lines are sent and printed, with --raw bytes as they are.
///
/// A server that cannot be connected to is an error, exit status 2, unless --reconnect says to try again.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol", "text", "raw"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// The server: HOST:PORT or unix:PATH.
    #[arg(value_name = "ADDR")]
    addr: Endpoint,
    /// Lines of text in place of records.
    #[arg(long, conflicts_with_all = ["raw", "record", "protocol"])]
    text: bool,
    /// Bytes as they are in place of records.
    #[arg(long, conflicts_with_all = ["record", "protocol", "count"])]
    raw: bool,
    /// End after N records, or lines, were printed.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    connections: Connections,
    /// Connect again when a connection is lost or cannot be made, after 100 ms at first and 30 s at most.
    #[arg(long, help_heading = "Connections")]
    reconnect: bool,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    certificate: Certificate,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    written: Written,
}

const EXAMPLES: &str = "\
Examples:
  echo '{\"a\": \"A\", \"b\": 300, \"c\": \"hello\"}' | cwire connect host:9000 --header t.h --record CTestData
      One record, and what the server says to it.
  cwire connect host:9000 --header quote.h --record Quote < /dev/null
      What a server says to everyone.
  cwire connect host:9000 --text
      One end of a chat; the other is `cwire listen :9000 --text`.";

/// Connects, sends and prints.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mode = Mode::new(args.text, args.raw);
    let setup = match mode {
        Mode::Records => Some(Setup::new(&args.shown, &args.written, general, true)?),
        Mode::Text | Mode::Raw => None,
    };

    let network = Network::new()?;
    let certificate = Some(&args.certificate);
    let mut client = args
        .calling
        .dialer(&args.addr, &args.connections, certificate)?
        .client(BytesCodec::new())?
        .session(args.connections.session().close_timeout(GRACE))
        .stop_on(network.stop.clone());
    if args.reconnect {
        let backoff = Backoff::new().first_delay(Duration::from_millis(100));
        client = client.reconnect(backoff.max_delay(Duration::from_secs(30)).max_attempts(None));
    }
    // A first connection that cannot be made is no use to anybody, so it is waited for.
    let first = match args.reconnect {
        true => None,
        false => Some(network.prepare(client.connect()).context("connecting")?),
    };

    let output = args.written.open(general.color)?;
    let shows = match &setup {
        Some(setup) => {
            Shows::records(setup, &args.addr.to_string(), args.count, output.paint, general.quiet)
        }
        _ if mode == Mode::Raw => Shows::Bytes,
        _ => Shows::Lines { with_peer: false, most: args.count, printed: 0 },
    };
    let stdin = Stdin::read(mode, &args.shown, general.quiet)?;
    let verdict = stdin.verdict();
    let (to, from) = news(MAX_NEWS);
    let stop = network.stop.clone();
    let calling = Call {
        news: to,
        stdin: Some(stdin),
        verdict: verdict.clone(),
        pending: None,
        next: 0,
        stop: stop.clone(),
        quiet: general.quiet,
    };
    let outcome = network.run(calling.run(client, first), || {
        Printer::new(shows, output, general).run(from, &stop)
    })?;
    Ok(if verdict.is_bad() { Outcome::BadInput } else { outcome })
}

/// What goes on between standard input and the server.
struct Call {
    news: Teller,
    /// `None` once it has ended.
    stdin: Option<Stdin>,
    verdict: Verdict,
    /// What was read and there is no room for yet.
    pending: Option<Bytes>,
    /// Number of the next connection.
    next: u64,
    stop: CancellationToken,
    quiet: bool,
}

impl Call {
    async fn run(mut self, client: Client<BytesCodec>, first: Option<Session<BytesCodec>>) {
        match first {
            Some(session) => self.serve(session).await,
            None => self.again_and_again(client).await,
        }
        if let (Some(piece), false) = (&self.pending, self.stop.is_cancelled()) {
            self.verdict.set_bad();
            let unsent = counted(piece.len() as u64, "byte");
            say(format_args!("cwire: {unsent} of standard input not sent"));
        }
    }

    /// Connects, and connects again.
    async fn again_and_again(&mut self, mut client: Client<BytesCodec>) {
        while let Some(event) = client.next().await {
            match event {
                ClientEvent::Connected(session) => self.serve(session).await,
                ClientEvent::Failed { error, retry_in } if !self.quiet => match retry_in {
                    Some(time) => {
                        let error = anyhow::Error::new(error);
                        say(format_args!("{error:#}; again in {} ms", time.as_millis()));
                    }
                    None => say(format_args!("cwire: {:#}", anyhow::Error::new(error))),
                },
                _ => {}
            }
            if self.stdin.is_none() && self.pending.is_none() {
                // All was sent, and the server has had its say.
                break;
            }
        }
    }

    /// Sends and tells of what comes until the connection ends.
    async fn serve(&mut self, mut session: Session<BytesCodec>) {
        let stream = self.next;
        self.next += 1;
        let (client, server) = (session.local().clone(), session.peer().clone());
        let mut is_ready = false;
        let mut has_room = true;
        let mut is_stopped = false;
        loop {
            let may_send = is_ready && has_room && !is_stopped;
            let event = tokio::select! {
                           biased;
                           () = self.stop.cancelled(), if !is_stopped => {
                               is_stopped = true;
                               session.handle().close();
                               continue;
                           }
                           event = session.next() => event,
                           piece = next_piece(&mut self.stdin, &mut self.pending), if may_send => {
                               match piece {
                                   Some(piece) => match session.try_send(piece.clone()) {
                                       Ok(()) => {
                                           let sent = What::Bytes { from: Side::Client, bytes: piece };
            let _ = self.tell(stream, sent).await;
                                       }
                                       Err(TrySendError::Full(piece)) => {
                                           self.pending = Some(piece);
                                           has_room = false;
                                       }
                                       Err(TrySendError::Ended(piece)) => {
                                           self.pending = Some(piece);
                                           is_ready = false;
                                       }
                                       Err(TrySendError::Refused(_)) => {}
                                   },
                                   None => {
                                       is_ready = false;
                                       session.finish();
                                   }
                               }
                               continue;
                           }
                       };
            let what = match event {
                Some(Event::Connected) => What::Opened {
                    client: client.clone(),
                    server: server.clone(),
                    peer: Some(Side::Server),
                },
                Some(Event::Ready) => {
                    is_ready = true;
                    continue;
                }
                Some(Event::Drained) => {
                    has_room = true;
                    continue;
                }
                Some(Event::Record(bytes)) => {
                    What::Bytes { from: Side::Server, bytes: bytes.freeze() }
                }
                Some(Event::Finished) => What::Finished { from: Side::Server },
                Some(Event::Error(error)) => {
                    What::Failed(format!("{:#}", anyhow::Error::new(error)))
                }
                Some(Event::Closed(closed)) => What::Closed(closed),
                Some(_) => continue,
                None => break,
            };
            if self.tell(stream, what).await.is_err() {
                break;
            }
        }
    }

    async fn tell(&self, stream: u64, what: What) -> Result<(), Unheard> {
        self.news.tell(stream, what).await
    }
}

/// What is to be sent next; `None` at the end of standard input, which is then gone.
async fn next_piece(stdin: &mut Option<Stdin>, pending_piece: &mut Option<Bytes>) -> Option<Bytes> {
    if let Some(piece) = pending_piece.take() {
        return Some(piece);
    }
    match stdin {
        Some(open) => {
            let piece = open.pieces.recv().await;
            if piece.is_none() {
                *stdin = None;
            }
            piece
        }
        None => pending().await,
    }
}

//! `cwire tap`: what two programs say to each other, while they do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ArgGroup;
use cwire_transport::{Endpoint, Server, Session, SessionOptions};
use tokio_util::codec::BytesCodec;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::args::{General, compiler_flag};
use crate::complaint::say;
use crate::live::args::{Calling, Connections, Dialer, Serving, say_event};
use crate::live::network::Network;
use crate::live::news::news;
use crate::live::printer::{Printer, Shows};
use crate::records::setup::{Setup, Shown, Written};
use fault::Fault;
use recorder::Recorder;
use relay::{Listeners, Relay};

mod fault;
mod recorder;
mod relay;

/// How long connections may take to close, so that all is told when the program is asked to stop.
const PATIENCE: Duration = Duration::from_millis(1200);

/// Bytes that wait to be written, at most.
const MAX_RECORDED: usize = 64 << 20;

/// Stand between a client and a server, and look at what they say to each other.
///
/// Clients connect to --listen; for each of them a connection to --to is made. Bytes are passed on as they
/// are and as they come, in both directions, as are the end of a direction and a reset. With --record or
/// --protocol the records of both sides are printed as `cwire decode` prints them, with the side that sent
/// them; without, only the bytes are counted.
///
/// -o writes a capture that Wireshark and `cwire decode` read: the bytes of each read in packets between
/// client and server, as if nothing stood between them. (UNIX sockets stand in it as ports of 127.0.0.1;
/// where one end has IPv4 and the other IPv6, both are written as IPv6.) What --break does to the bytes
/// comes behind that: it is neither printed nor written.
///
/// Neither the records nor the capture hold up the two sides: where they are not taken as fast as they come,
/// bytes are left out and said to be a gap, once --queue bytes wait to be printed, or 64 MiB to be written.
///
/// With --tls-cert and --tls-ca, TLS ends here and begins anew, and what is printed and written is what is
/// inside. SIGINT and SIGTERM close the connections in order; a second one ends the program at once.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").multiple(true).args(["record", "protocol"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Where clients connect: HOST:PORT, :PORT for all addresses, or unix:PATH; port 0 takes a free one.
    /// May be repeated.
    #[arg(long, value_name = "ADDR", required = true)]
    listen: Vec<Endpoint>,
    /// The server: HOST:PORT or unix:PATH.
    #[arg(long, value_name = "ADDR")]
    to: Endpoint,
    /// Write a capture (pcapng); `-` is standard output, as for `wireshark -k -i -`.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do to the bytes what networks do: `split` sends each byte on its own; `glue[=DUR]` sends at once
    /// what comes within a time, 50 ms; `delay[=DUR]` sends all that much later, 100 ms; `reset[=BYTES]`
    /// resets both connections behind so many bytes of one direction; `cut[=BYTES]` ends them there, so
    /// that the receiver sees the end of the stream. Without BYTES that is in the middle of the fifth
    /// record, or behind 100 bytes where records have no one size.
    #[arg(long = "break", value_name = "MODE")]
    fault: Option<Fault>,
    /// End when the first connection has ended.
    #[arg(long)]
    once: bool,
    /// Bytes that wait to be printed, at most.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1 << 16..=1 << 31))]
    queue: u32,
    #[command(flatten)]
    connections: Connections,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    shown: Shown,
}

const EXAMPLES: &str = "\
Examples:
  cwire tap --listen :9001 --to host:9000 --header quote.h --record Quote
      What clients of port 9001 say to the server, and what it answers.
  cwire tap --listen :9001 --to host:9000 -o quotes.pcapng
      The same for later: `cwire decode quotes.pcapng`, or Wireshark.
  cwire tap --listen :9001 --to host:9000 --break split
      Does the server cope with one byte per read?";

/// Passes on, prints and writes.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let is_shown = args.shown.framing.is_given()?;
    if is_shown && args.output.as_deref() == Some(Path::new("-")) {
        bail!("-o - is for captures alone: records are printed to standard output, too");
    }
    let setup = match is_shown {
        true => Some(Setup::new(&args.shown, &Written::STDOUT, general, true)?),
        false => None,
    };
    let network = Network::new()?;
    let session = args.connections.session_of_relay().half_open(true).close_timeout(PATIENCE);
    let dialer = args.calling.dialer(&args.to, &args.connections, None)?;
    let server = Server::builder(BytesCodec::new()).session(session.clone());
    let server = args.serving.bind(&args.listen, server, &args.connections, &network)?;

    let output = Written::STDOUT.open(general.color)?;
    let shows = match &setup {
        Some(setup) => {
            Shows::records(setup, &args.to.to_string(), None, output.paint, general.quiet)
        }
        _ => Shows::Nothing,
    };
    let (printed, from) = news(usize::try_from(args.queue)?);
    let mut listeners = Listeners(vec![printed]);
    let recorder = match &args.output {
        Some(path) => {
            let (recorded, from) = news(MAX_RECORDED);
            listeners.0.push(recorded);
            Some(Recorder::start(path, from)?)
        }
        None => None,
    };
    let size = setup.as_ref().and_then(Setup::record_size);
    let is_bad = Arc::new(AtomicBool::new(false));
    let tap = Tap {
        dialer,
        session,
        fault: args.fault.map(|fault| fault.within(size)),
        listeners,
        next: AtomicU64::new(0),
        stop: network.stop.clone(),
        once: args.once,
        is_bad: Arc::clone(&is_bad),
    };
    let stop = network.stop.clone();
    let quiet = general.quiet;
    let outcome = network
        .run(serve(server, tap, quiet), || Printer::new(shows, output, general).run(from, &stop));
    // Whatever became of the records, the capture is finished.
    let is_written = recorder.is_none_or(Recorder::finish);
    let outcome = outcome?;
    let is_good = is_written && !is_bad.load(Ordering::Relaxed);
    Ok(if is_good { outcome } else { Outcome::BadInput })
}

/// What the connections share.
struct Tap {
    dialer: Dialer,
    session: SessionOptions,
    fault: Option<Fault>,
    listeners: Listeners,
    next: AtomicU64,
    stop: CancellationToken,
    once: bool,
    /// Whether a client could not be served.
    is_bad: Arc<AtomicBool>,
}

async fn serve(server: Server<BytesCodec>, tap: Tap, quiet: bool) {
    let tap = Arc::new(tap);
    server
        .serve_and(
            |session| {
                let tap = Arc::clone(&tap);
                async move { tap.serve(session).await }
            },
            |event| say_event(&event, quiet),
        )
        .await;
}

impl Tap {
    async fn serve(&self, client: Session<BytesCodec>) {
        self.relay(client).await;
        if self.once {
            self.stop.cancel();
        }
    }

    async fn relay(&self, client: Session<BytesCodec>) {
        let connected = match self.dialer.client(BytesCodec::new()) {
            Ok(dialer) => {
                let connecting = dialer.session(self.session.clone()).connect();
                connecting.await.context("connecting")
            }
            Err(error) => Err(error),
        };
        match connected {
            Ok(server) => {
                let stream = self.next.fetch_add(1, Ordering::Relaxed);
                let listeners = self.listeners.clone();
                Relay::new((client, server), stream, self.fault, listeners).run(&self.stop).await;
            }
            Err(error) => {
                say(format_args!("cwire: {} cannot be served: {error:#}", client.peer()));
                self.is_bad.store(true, Ordering::Relaxed);
                // As the server itself would: nobody is there.
                client.handle().reset();
                client.close().await;
            }
        }
    }
}

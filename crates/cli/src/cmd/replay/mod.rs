//! `cwire replay`: the client's side of a captured conversation, said to a server that is there.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ArgGroup;
use cwire_codec::frame::protocol::Protocol;
use cwire_transport::Endpoint;
use tokio::sync::oneshot;
use tokio_util::codec::BytesCodec;

use crate::args::{General, compiler_flag};
use crate::capture::Settings;
use crate::complaint::{counted, say};
use crate::live::MAX_NEWS;
use crate::live::args::{Calling, Certificate, Connections, check_is_near};
use crate::live::network::{GRACE, Network};
use crate::live::news::news;
use crate::live::printer::{Printer, Shows};
use crate::records::change::Set;
use crate::records::setup::{Setup, Shown, Written};
use answers::Answers;
use play::{Pace, Play};

mod answers;
mod play;
mod script;

/// Say to a server what the client of a capture said, and look at what it answers.
///
/// CAPTURE is a pcap or pcapng file, such as `cwire tap -o` and tcpdump write, also compressed with gzip or
/// zstd. Of one TCP connection in it, the client's messages are sent one by one, at the times that they
/// have in the capture: the first at once, each other as long behind the one before as it was then. A message
/// waits until as many answers have come as the capture has before it, for at most --wait of silence. At
/// the end the sending side is finished, and what the server says is printed until it has finished, too, or
/// says nothing for --wait.
///
/// Answers are printed as `cwire decode` prints them. With --expect, each is compared with that of the
/// capture, field by field; what differs, is missing or comes beyond it is said, and the exit status is 1.
/// --format none compares and prints no more.
///
/// --set changes a field of every message of the client that has it: FIELD is a C path, as `legs[0].price`;
/// EXPR is a C expression over the fields of the record as far as it has been changed, or JSON: text, a
/// number with a fraction, true, false, a list. See below for its functions.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{FUNCTIONS}\n\n{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// The capture; `-` is standard input.
    #[arg(value_name = "CAPTURE")]
    capture: PathBuf,
    /// The server: HOST:PORT or unix:PATH.
    #[arg(long, value_name = "ADDR")]
    to: Endpoint,
    /// Also to servers that are not on this machine.
    #[arg(long)]
    yes: bool,
    /// The connection of this number, as `cwire streams` shows it [default: the first with data].
    #[arg(long, value_name = "N")]
    stream: Option<u64>,
    /// Only connections with this port on either side; may be repeated. Where no SYN was captured, the side
    /// with this port is the server.
    #[arg(long, value_name = "PORT")]
    port: Vec<u16>,
    /// So many times as fast as in the capture.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = parse_speed)]
    speed: f64,
    /// Each message as soon as the answers before it have come.
    #[arg(long, conflicts_with = "speed")]
    asap: bool,
    /// Change a field of the client's messages; may be repeated, and is done in that order.
    #[arg(long, value_name = "FIELD=EXPR")]
    set: Vec<Set>,
    /// Compare answers with those of the capture.
    #[arg(long)]
    expect: bool,
    /// A field of answers that may differ, by C path without indices: `time,legs.price`; a struct stands
    /// for all that is in it.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', requires = "expect")]
    ignore: Vec<String>,
    /// Longest silence in which an answer, or the server's end, is waited for. What comes later is taken for
    /// the answer after it.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration, default_value = "5s")]
    wait: Duration,
    #[command(flatten)]
    connections: Connections,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    certificate: Certificate,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    written: Written,
}

/// What expressions of `--set` know beside fields.
pub(crate) const FUNCTIONS: &str = "\
Functions of --set, beside those of protocol files; offsets are from the start of the record:
  number()                               messages that were sent before this one
  now_s() now_ms() now_us() now_ns()     the time, since 1970
  sum8(from, len) sum16 sum32 xor8       bytes added up, or exclusively or-ed
  inet16(from, len)                      the checksum of RFC 1071, big-endian
  crc32(from, len) crc32c crc16_modbus crc16_xmodem crc16_ibm_3740
                                         CRCs; crc16_ibm_3740 is also called CCITT-FALSE";

const EXAMPLES: &str = "\
Examples:
  cwire replay quotes.pcapng --to 127.0.0.1:9000 --header quote.h --record Quote
      The same once more, as fast as it was.
  cwire replay quotes.pcapng --to 127.0.0.1:9000 --protocol quote.toml --asap --expect --ignore time
      Does the server still answer the same?
  cwire replay orders.pcapng --to 127.0.0.1:9000 --protocol order.toml --set 'seq=1000 + number()' \\
        --set 'crc=0' --set 'crc=crc32(0, sizeof(order))'
      Other sequence numbers, and checksums that fit.";

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("a number above 0 is needed, as 1, 0.5 or 100".to_owned()),
    }
}

/// Says, hears, prints and compares.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<super::Outcome> {
    check_is_near(&args.to, args.yes)?;
    let setup = Setup::new(&args.shown, &args.written, general, true)?;
    let (protocol, _, changes) = args.shown.framing.changing(&args.set, general.quiet)?;
    check_ignored(&args.ignore, &protocol)?;
    let settings = Settings {
        ports: args.port.clone(),
        follow: args.stream.into_iter().collect(),
        ..Settings::default()
    };
    let script = script::read(args.capture.clone(), settings, protocol.clone(), general.quiet)?;

    let network = Network::new()?;
    let certificate = Some(&args.certificate);
    let dialer = args.calling.dialer(&args.to, &args.connections, certificate)?;
    let options = args.connections.session().half_open(true).close_timeout(GRACE);
    let client = dialer.client(BytesCodec::new())?.session(options);
    let session = network.prepare(client.connect()).context("connecting")?;

    let output = args.written.open(general.color)?;
    let shows = Shows::records(&setup, &args.to.to_string(), None, output.paint, general.quiet);
    let (teller, from) = news(MAX_NEWS);
    let play = Play {
        session,
        script,
        teller,
        answers: Answers::new(&protocol, args.expect.then(|| args.ignore.clone()), general.quiet),
        changes,
        pace: if args.asap { Pace::Asap } else { Pace::Speed(args.speed) },
        wait: args.wait,
        stop: network.stop.clone(),
        quiet: general.quiet,
    };
    let stop = network.stop.clone();
    let (end, mut ended) = oneshot::channel();
    let playing = async move {
        let _ = end.send(play.run().await);
    };
    let printed = network.run(playing, || Printer::new(shows, output, general).run(from, &stop))?;
    let outcome = ended.try_recv().context("the replay has ended early")?;
    if !general.quiet {
        say(summary(&outcome, args.expect));
    }
    let is_nothing = outcome.ending.stream.is_none() && !outcome.is_stopped;
    if is_nothing {
        let which = args.stream.map_or_else(String::new, |stream| format!(" of number {stream}"));
        say(format_args!("cwire: {}: no TCP connection{which} with data", args.capture.display()));
    }
    let is_bad = is_nothing || outcome.is_bad || printed == super::Outcome::BadInput;
    Ok(if is_bad { super::Outcome::BadInput } else { super::Outcome::Clean })
}

/// Refuses fields that no record has.
fn check_ignored(ignored: &[String], protocol: &Protocol) -> anyhow::Result<()> {
    let is_inside = |leaf: &str, path: &str| {
        let plain = leaf.replace("[]", "");
        plain.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    for path in ignored {
        let mut leaves = protocol.plans().flat_map(|plan| plan.leaves());
        if !leaves.any(|leaf| is_inside(&leaf.path, path)) {
            bail!("--ignore {path}: no record has a field `{path}`");
        }
    }
    Ok(())
}

/// What came of it, in words.
fn summary(outcome: &play::Outcome, is_compared: bool) -> String {
    let play::Outcome { said, answers, ending, .. } = outcome;
    let stream = ending.stream.map_or_else(String::new, |stream| format!("stream {stream}: "));
    let mut text = format!("cwire: {stream}{} sent, ", counted(*said, "message"));
    text += &counted(answers.came, "answer");
    if is_compared {
        let off = [
            (answers.differ, "with differences"),
            (answers.missing, "missing"),
            (answers.more, "more than in the capture"),
        ];
        let off: Vec<_> = off
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        text += &match off.is_empty() {
            true => ", all as in the capture".to_owned(),
            false => format!(": {}", off.join(", ")),
        };
    }
    if ending.others > 0 {
        let others = counted(ending.others, "other connection");
        text += &format!("; {others} left out, see --stream");
    }
    text
}

//! `cwire bench`: load for a server.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{ArgGroup, ValueEnum};
use cwire_transport::Endpoint;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio_util::codec::BytesCodec;

use super::Outcome as Ended;
use crate::args::{General, compiler_flag};
use crate::cmd::replay::FUNCTIONS;
use crate::cmd::schema::ValueFlags;
use crate::complaint::Complaints;
use crate::live::args::{Calling, Certificate, Connections, Dialer, check_is_near};
use crate::live::network::Network;
use crate::records::change::Set;
use crate::records::setup::{Framing, Written};
use load::{Load, Outcome, Plan};
use report::Report;
use template::Template;

mod load;
mod report;
mod template;

/// Send records to a server over many connections, and measure how fast they are answered.
///
/// Each connection sends a record, waits for its answer, and sends the next; --in-flight allows more of them
/// under way, --rate sends at fixed times. Answers are told apart by --record or --protocol, and belong to
/// the records in their order. --answers 0 sends as fast as the server takes records, and waits for nothing.
///
/// The latency of a record is the time from when it is sent to when all of its answer is read. With --rate it
/// begins when the record was due, where it was held up by answers that had not come: a server that stops
/// for a second is that late for every record of that second.
///
/// The load ends after --duration or --count, whatever comes first, or with SIGINT; what is under way is
/// waited for. Connections that are lost, and records without an answer, make the exit status 1.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{FUNCTIONS}\n\n{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// The server: HOST:PORT or unix:PATH.
    #[arg(value_name = "ADDR")]
    addr: Endpoint,
    /// Also of servers that are not on this machine.
    #[arg(long)]
    yes: bool,
    /// Connections.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Load")]
    connections: u32,
    /// Longest time.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration, default_value = "10s")]
    #[arg(help_heading = "Load")]
    duration: Duration,
    /// Records over all connections, at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    #[arg(help_heading = "Load")]
    count: Option<u64>,
    /// Records per second over all connections [default: as fast as answers come].
    #[arg(long, value_name = "N", value_parser = parse_rate, help_heading = "Load")]
    rate: Option<f64>,
    /// Records of a connection that wait for their answers, at most [default: 1, and 1000 with --rate].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    #[arg(help_heading = "Load")]
    in_flight: Option<u32>,
    /// Answers to each record.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Load")]
    answers: u64,
    /// Longest time to wait for the last answers.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration, default_value = "2s")]
    #[arg(help_heading = "Load")]
    wait: Duration,
    /// A record to send, in JSON as `cwire encode` takes it; several are sent in turn [default: one of
    /// zeros].
    #[arg(long, value_name = "JSON", conflicts_with = "send", help_heading = "Load")]
    template: Vec<String>,
    /// Send the records in this file in turn: JSON Lines.
    #[arg(long, value_name = "FILE", help_heading = "Load")]
    send: Option<PathBuf>,
    /// Change a field of each record before it is sent; may be repeated, and is done in that order. See
    /// `cwire help replay`.
    #[arg(long, value_name = "FIELD=EXPR", help_heading = "Load")]
    set: Vec<Set>,
    /// How the result is printed [default: text on a terminal, else json].
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Load")]
    format: Option<Form>,
    #[command(flatten)]
    socket: Connections,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    certificate: Certificate,
    #[command(flatten)]
    framing: Framing,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    written: Written,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Some lines, and a picture of how latencies are spread.
    Text,
    /// One object; rates per second, latencies in microseconds.
    Json,
}

const EXAMPLES: &str = "\
Examples:
  cwire bench 127.0.0.1:9000 --header quote.h --record Quote -n 10
      Ten connections for ten seconds, each as fast as it is answered.
  cwire bench 127.0.0.1:9000 --header quote.h --record Quote --rate 5000 --set 'seq=number()'
      At 5,000 records per second, numbered.
  cwire bench 127.0.0.1:9000 --header quote.h --record Quote --answers 0 --count 1000000
      How fast the server takes a million.";

/// How often the bar is drawn.
const REFRESH: Duration = Duration::from_millis(200);

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a number of records per second above 0 is needed".to_owned()),
    }
}

/// Sends, waits and reports.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Ended> {
    check_is_near(&args.addr, args.yes)?;
    let (protocol, size, changes) = args.framing.changing(&args.set, general.quiet)?;
    let source = (args.send.as_deref(), args.template.as_slice());
    let template = Template::new(source, &args.framing, &args.values, (&protocol, size), changes)?;
    let form = args.format.unwrap_or(match args.written.is_for_people() {
        true => Form::Text,
        false => Form::Json,
    });
    let interval = args.rate.map(|rate| f64::from(args.connections) / rate);
    let interval = interval.map(Duration::try_from_secs_f64).transpose().context("--rate")?;
    let in_flight = args.in_flight.unwrap_or(if args.rate.is_some() { 1000 } else { 1 });

    let network = Network::new()?;
    let plan = Arc::new(Plan {
        protocol,
        size,
        template,
        answers: args.answers,
        in_flight: usize::try_from(in_flight)?,
        interval,
        duration: args.duration,
        wait: args.wait,
        stop: network.stop.clone(),
    });
    let dialer = args.calling.dialer(&args.addr, &args.socket, Some(&args.certificate))?;
    let loads = network.prepare(connect(&dialer, args, &plan))?;
    let mut output = args.written.open(general.color)?;

    let (end, ended) = mpsc::channel();
    let loading = async move {
        let _ = end.send(load(loads).await);
    };
    let outcomes = network.run(loading, || {
        let bar = Bar::new(args.duration, general.quiet);
        loop {
            match ended.recv_timeout(REFRESH) {
                Ok(outcomes) => return Ok(outcomes),
                Err(RecvTimeoutError::Timeout) => bar.update(),
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the load has ended early"),
            }
        }
    })?;
    let mut all = Outcome::new();
    let mut complaints = Complaints::new(general.quiet);
    for outcome in &outcomes {
        all.add(outcome);
        if let Some(problem) = &outcome.problem {
            complaints.add(problem);
        }
    }
    for flag in plan.template.unused().filter(|_| all.sent > 0) {
        complaints.add(format_args!("--set {flag} has changed nothing"));
    }
    let report = Report { connections: args.connections, outcome: &all };
    let text = match form {
        Form::Text => report.text(),
        Form::Json => report.json(),
    };
    output.writer.write_all(text.as_bytes()).context("writing the output")?;
    output.finish().context("writing the output")?;
    let is_bad = complaints.finish() || all.unanswered > 0;
    Ok(if is_bad { Ended::BadInput } else { Ended::Clean })
}

/// Connects as often as is asked for, before anything is sent.
async fn connect(dialer: &Dialer, args: &Args, plan: &Arc<Plan>) -> anyhow::Result<Vec<Load>> {
    let options = args.socket.session().half_open(true).close_timeout(args.wait);
    let client = dialer.client(BytesCodec::new())?.session(options);
    let mut loads = Vec::new();
    for place in 0..args.connections {
        let session = client.connect().await.context("connecting")?;
        let places = args.connections;
        let count = args.count.map(|count| share(count, place, places));
        loads.push(Load::new(Arc::clone(plan), session, (place, places), count));
    }
    Ok(loads)
}

/// What one of several has to do of `count`.
fn share(count: u64, place: u32, places: u32) -> u64 {
    count / u64::from(places) + u64::from(u64::from(place) < count % u64::from(places))
}

async fn load(loads: Vec<Load>) -> Vec<Outcome> {
    let mut tasks = JoinSet::new();
    for load in loads {
        tasks.spawn(load.run());
    }
    tasks.join_all().await
}

/// How much of the time is over, where people wait for it.
struct Bar {
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Bar {
    fn new(duration: Duration, is_quiet: bool) -> Self {
        let is_wanted =
            !is_quiet && std::io::stderr().is_terminal() && duration > Duration::from_secs(1);
        let bar = is_wanted.then(|| {
            let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            let bar = ProgressBar::new(millis);
            match ProgressStyle::with_template("{bar:30} {elapsed} of {msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
            .with_message(humantime::format_duration(duration).to_string())
        });
        Self { bar, begun: Instant::now() }
    }

    fn update(&self) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

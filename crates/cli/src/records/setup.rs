//! What is looked for in streams, and how it is shown.

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use cwire_codec::expr::Filter;
use cwire_codec::frame::protocol::Protocol;
use cwire_codec::plan::{EnumForm, Plan, PlanOptions};

use super::change::{Changes, Set};
use super::check::Checks;
use super::window::Window;
use super::work::{Limits, Options, RunOptions, kind};
use crate::args::{Color, Declarations, General, Target};
use crate::cmd::schema::{Schema, ValueFlags, expression_error};
use crate::jsonl::Plans;
use crate::output::Output;
use crate::paint::Paint;
use crate::sink::csv::Csv;
use crate::sink::hex::Hex;
use crate::sink::json::Json;
use crate::sink::text::Text;
use crate::sink::{Nothing, Sink};

/// Which records there are.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Records")]
pub(crate) struct Framing {
    /// The struct that streams consist of, by tag, typedef or qualified name.
    #[arg(long, value_name = "NAME")]
    pub(crate) record: Option<String>,
    /// Frame messages as this protocol file says.
    #[arg(long, value_name = "FILE")]
    protocol: Option<PathBuf>,
    #[command(flatten)]
    declarations: Declarations,
    #[command(flatten)]
    target: Target,
}

impl Framing {
    /// What frames streams; where records of one size do, that size, too.
    ///
    /// # Errors
    ///
    /// The declarations cannot be read, or do not fit.
    pub(crate) fn protocol(&self, verbose: bool) -> anyhow::Result<(Protocol, Option<usize>)> {
        let mut schema = self.schema(verbose)?;
        let mut options = PlanOptions::default();
        options.endian = self.target.endian();
        let What { protocol, plan } = What::new(self, &mut schema, &options)?;
        Ok((protocol, plan.map(|plan| plan.size())))
    }

    /// The plans by which records in JSON are encoded.
    ///
    /// # Errors
    ///
    /// The declarations cannot be read, or there is no such record.
    pub(crate) fn plans(&self, values: &ValueFlags) -> anyhow::Result<Plans> {
        let schema = self.schema(false)?;
        let mut plans = Plans::new(schema, values.options(self.target.endian()))?;
        if let Some(name) = &self.record {
            plans.get(name)?;
        }
        Ok(plans)
    }

    /// What frames streams, the size of records that have one, and what `sets` change in them.
    ///
    /// # Errors
    ///
    /// As [`protocol`](Self::protocol), and those of what is changed.
    pub(crate) fn changing(
        &self,
        sets: &[Set],
        quiet: bool,
    ) -> anyhow::Result<(Protocol, Option<usize>, Changes)> {
        let mut schema = self.schema(false)?;
        let mut options = PlanOptions::default();
        options.endian = self.target.endian();
        let What { protocol, plan } = What::new(self, &mut schema, &options)?;
        let of_protocol = plan.is_none().then(|| protocol.plans()).into_iter().flatten();
        let plans: Vec<_> = plan.iter().chain(of_protocol).collect();
        let changes = Changes::compile(sets, &mut schema, plans.iter().copied(), quiet)?;
        let size = plan.as_ref().map(Plan::size);
        Ok((protocol, size, changes))
    }

    /// Whether anything is to be framed.
    ///
    /// # Errors
    ///
    /// There are declarations, and nothing says what they are for.
    pub(crate) fn is_given(&self) -> anyhow::Result<bool> {
        let is_given = self.record.is_some() || self.protocol.is_some();
        if !is_given && !self.declarations.header.is_empty() {
            bail!("--record or --protocol is needed beside --header");
        }
        Ok(is_given)
    }

    fn schema(&self, verbose: bool) -> anyhow::Result<Schema> {
        Schema::read(self.protocol.as_deref(), &self.declarations, &self.target, verbose)
    }
}

/// Which records there are, and how they are printed.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Records")]
pub(crate) struct Shown {
    #[command(flatten)]
    pub(crate) framing: Framing,
    /// Show only these fields, by C path without indices: `symbol,legs.price`; a struct stands for all
    /// that is in it.
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    select: Option<Vec<String>>,
    /// Show only records for which a C expression over their fields is not 0: `lots > 10 && side == BUY`,
    /// `strike != 0.5`, `symbol == "ABC"`. Records that have not all of its fields are not shown.
    #[arg(long = "where", value_name = "EXPR")]
    condition: Option<String>,
    /// How records are printed [default: text on a terminal, else json].
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Keep what the plain forms drop, so that `cwire encode` gives the same bytes: text that is not clean
    /// as {"text": …, "hex": …}, padding that is not zero under "padding". For --format json.
    #[arg(long)]
    lossless: bool,
    /// Complain, with exit status 1, of padding that is not zero, of enum values without enumerator, and of
    /// text that is not valid in its encoding, too. A `bool` that is neither 0 nor 1 is always complained
    /// of.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    values: ValueFlags,
}

impl Shown {
    /// The plans by which records in JSON are encoded.
    ///
    /// # Errors
    ///
    /// The declarations cannot be read, or there is no such record.
    pub(crate) fn plans(&self) -> anyhow::Result<Plans> {
        self.framing.plans(&self.values)
    }
}

/// Where records are printed to.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Records")]
pub(crate) struct Written {
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Written {
    /// To standard output, where no flag can say otherwise.
    pub(crate) const STDOUT: Self = Self { output: None };

    /// Whether people will see what is written.
    pub(crate) fn is_for_people(&self) -> bool {
        Output::is_for_people(self.output.as_deref())
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// The file cannot be created.
    pub(crate) fn open(&self, color: Color) -> anyhow::Result<Output> {
        Output::open(self.output.as_deref(), color)
    }
}

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One aligned line per record, for people: arrays of more than 32 elements are cut short.
    Text,
    /// JSON Lines: records, gaps and errors.
    Json,
    /// One table with a header line (RFC 4180).
    Csv,
    /// Bytes, characters and fields beside each other.
    Hex,
    /// Nothing but the closing summary, on standard error.
    None,
}

/// Where streams come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origins {
    /// A file or a pipe: one stream, and nobody knows when its bytes were sent.
    Plain,
    /// Many streams, whose bytes have times and packets.
    Captured,
    /// Many streams, whose bytes have times.
    Live,
}

/// All that is to be known before the first byte.
pub(crate) struct Setup {
    what: What,
    filters: Option<Vec<(String, Filter)>>,
    strict: Option<Checks>,
    format: Format,
    /// Whether records do not say which file they are from.
    is_single: bool,
    /// Whether `-v` asks for more.
    is_verbose: bool,
    /// Whether the record frames, not a protocol file.
    is_of_record: bool,
}

impl Setup {
    /// Reads the declarations. Where people look on, the format is one for them, if none is asked for.
    pub(crate) fn new(
        shown: &Shown,
        written: &Written,
        general: General,
        is_single: bool,
    ) -> anyhow::Result<Self> {
        let framing = &shown.framing;
        let mut schema = framing.schema(general.verbose)?;
        let mut options = shown.values.options(framing.target.endian());
        options.lossless = shown.lossless;
        options.select = shown.select.clone();
        let what = What::new(framing, &mut schema, &options)?;
        let filters = filters(shown, &mut schema, &what, &options)?;
        let strict = match shown.strict {
            true => Some(what.checks(framing, &mut schema, &options)?),
            false => None,
        };
        let format = shown.format.unwrap_or(match written.is_for_people() {
            true => Format::Text,
            false => Format::Json,
        });
        if shown.lossless && format != Format::Json {
            bail!("--lossless is for --format json");
        }
        let (is_verbose, is_of_record) = (general.verbose, framing.record.is_some());
        Ok(Self { what, filters, strict, format, is_single, is_verbose, is_of_record })
    }

    /// Bytes of each record, where one struct frames.
    pub(crate) fn record_size(&self) -> Option<usize> {
        self.what.plan.as_ref().map(Plan::size)
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether the summary is asked for though all is well.
    pub(crate) fn is_summed_up(&self) -> bool {
        self.is_verbose || self.format == Format::None
    }

    /// What writes the records.
    pub(crate) fn sink(&self, paint: Paint) -> Box<dyn Sink> {
        match self.format {
            Format::Text => Box::new(Text::new(paint)),
            Format::Json => Box::<Json>::default(),
            Format::Csv => {
                Box::new(Csv::new(self.what.plans(), !self.is_of_record, !self.is_single))
            }
            Format::Hex => Box::new(Hex::new(paint)),
            Format::None => Box::new(Nothing::new()),
        }
    }

    /// How an input is decoded.
    pub(crate) fn options(
        &self,
        name: &str,
        origins: Origins,
        limits: Limits,
        window: Window,
    ) -> Options<'_> {
        let Self { what, filters, strict, format, .. } = self;
        let has_streams = origins != Origins::Plain;
        let looks_at_padding = self.is_verbose || strict.is_some() || *format == Format::None;
        let is_json = *format == Format::Json && (has_streams || !looks_at_padding);
        let is_plain = filters.is_none() && self.is_single && strict.is_none();
        let is_run = is_plain && !window.is_limited() && (is_json || *format == Format::None);
        Options {
            name: name.into(),
            names_file: !self.is_single,
            limits,
            runs: what.plan.as_ref().filter(|_| is_run).map(|plan| RunOptions { plan, is_json }),
            protocol: what.protocol.clone(),
            open: what.plan.as_ref().filter(|plan| plan.has_tail()),
            filters: filters.as_deref(),
            strict: strict.as_ref(),
            counts_padding: looks_at_padding || has_streams,
            window,
        }
    }
}

/// What is looked for in the input.
struct What {
    protocol: Protocol,
    /// The record, where there is but one.
    plan: Option<Plan>,
}

impl What {
    fn new(framing: &Framing, schema: &mut Schema, options: &PlanOptions) -> anyhow::Result<Self> {
        if let Some(name) = &framing.record {
            let mut options = options.clone();
            schema.annotate(&mut options)?;
            let plan = schema.plan(name, &options)?;
            let Some(protocol) = Protocol::of_record(plan.clone()) else {
                bail!("a record with bytes is needed, `{name}` has none");
            };
            return Ok(Self { protocol, plan: Some(plan) });
        }
        let Some(file) = &schema.protocol else { bail!("--record or --protocol is needed") };
        let types = schema.declared.types.clone();
        let protocol = file.compile(&types, &mut schema.declared, options)?;
        Ok(Self { protocol, plan: None })
    }

    fn plans(&self) -> impl Iterator<Item = &Plan> {
        let of_protocol = self.plan.is_none().then(|| self.protocol.plans());
        self.plan.iter().chain(of_protocol.into_iter().flatten())
    }

    /// The same plans with all fields and with names for enums, to check values by.
    fn checks(
        &self,
        framing: &Framing,
        schema: &mut Schema,
        options: &PlanOptions,
    ) -> anyhow::Result<Checks> {
        let mut options = options.clone();
        options.enums = EnumForm::Name;
        options.select = None;
        options.lossless = false;
        let same = Self::new(framing, schema, &options)?;
        Ok(Checks::new(same.plans(), options.encoding))
    }
}

/// The condition, for every record that it fits.
fn filters(
    shown: &Shown,
    schema: &mut Schema,
    what: &What,
    options: &PlanOptions,
) -> anyhow::Result<Option<Vec<(String, Filter)>>> {
    let Some(text) = &shown.condition else { return Ok(None) };
    let mut filters: Vec<(String, Filter)> = Vec::new();
    let mut problem = None;
    for plan in what.plans() {
        match schema.filter(text, plan, options)? {
            Ok(filter) => filters.push((kind(plan), filter)),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    match problem {
        Some(error) if filters.is_empty() => Err(expression_error("--where", text, &error)),
        _ => Ok(Some(filters)),
    }
}

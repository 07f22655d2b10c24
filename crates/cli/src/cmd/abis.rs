//! `cwire abis`: the ABIs that cwire knows, and what each says about C types.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use cwire_layout::abi::{Abi, BitFieldRule, Endian, Scalar};
use serde::Serialize;

use super::Outcome;
use crate::args::General;
use crate::args::target::DEFAULT;
use crate::output::Output;
use crate::paint::Role;

/// List the ABIs and what they say about C types.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print JSON: an array with one object per ABI, sizes in bytes.
    #[arg(long)]
    json: bool,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is said of an ABI: the keys of the JSON and the columns of the table.
#[derive(Serialize)]
struct Properties {
    abi: &'static str,
    endian: &'static str,
    int: u64,
    long: u64,
    pointer: u64,
    wchar_t: u64,
    /// Alignment of `double` and `long long` inside a record.
    double_align: u64,
    bit_fields: &'static str,
}

impl Properties {
    fn of(abi: &Abi) -> Self {
        let size = |scalar| abi.scalar(scalar).size;
        Self {
            abi: abi.triple(),
            endian: match abi.endian() {
                Endian::Little => "little",
                Endian::Big => "big",
            },
            int: size(Scalar::Int),
            long: size(Scalar::Long),
            pointer: size(Scalar::Pointer),
            wchar_t: size(Scalar::WChar),
            double_align: abi.scalar(Scalar::Double).align,
            bit_fields: match abi.bit_field_rule() {
                BitFieldRule::SysV => "System V",
                BitFieldRule::Aapcs => "AAPCS",
                BitFieldRule::Msvc => "MSVC",
                BitFieldRule::MinGw => "MinGW",
            },
        }
    }
}

/// Prints the list.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mut output = Output::open(args.output.as_deref(), general.color)?;
    let all: Vec<Properties> = Abi::ALL.iter().map(Properties::of).collect();
    if args.json {
        serde_json::to_writer_pretty(&mut *output.writer, &all)?;
        writeln!(output.writer)?;
    } else {
        write_table(&all, &mut output).context("writing the output")?;
    }
    output.finish().context("writing the output")?;
    Ok(Outcome::Clean)
}

fn write_table(all: &[Properties], output: &mut Output) -> io::Result<()> {
    let widest = all.iter().map(|one| one.abi.len()).max().unwrap_or(0);
    let paint = output.paint;
    let head =
        format!("{:widest$}  order   int  long  pointer  wchar_t  double at  bit-fields", "ABI");
    let out = &mut output.writer;
    writeln!(out, "{}", paint.show(Role::Remark, head))?;
    for one in all {
        let Properties { abi, endian, int, long, pointer, wchar_t, double_align, bit_fields } = one;
        writeln!(
            out,
            "{abi:widest$}  {endian:6}  {int:>3}  {long:>4}  {pointer:>7}  {wchar_t:>7}  \
             {double_align:>9}  {bit_fields}"
        )?;
    }
    let legend = format!(
        "\nSizes in bytes; `double at`: what a double inside a struct is aligned to. Default: {}.",
        DEFAULT.triple()
    );
    writeln!(out, "{}", paint.show(Role::Remark, legend))
}

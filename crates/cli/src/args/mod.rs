//! The command line: the verbs, and the flags that mean the same in every verb.

use std::path::PathBuf;

use anstream::ColorChoice;
use clap::error::ErrorKind;
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use cwire_header::Lang;

use crate::cmd::{
    abis, bench, connect, decode, encode, generate, hub, layout, listen, replay, streams, tap,
};

mod captured;
pub(crate) mod compiler_flag;
mod macros;
pub(crate) mod target;

pub(crate) use captured::Captured;
pub(crate) use macros::Macros;
pub(crate) use target::Target;

/// Where every byte and bit of a C struct goes, and what is in them, on any ABI.
///
/// cwire reads C and C++ headers, or the debug information of compiled programs, places the members of
/// every struct exactly as the compilers of an ABI do, and turns the bytes of such structs into readable
/// records and back.
///
/// Exit status: 0 all went well; 1 it ran, but some of the input was bad: all that could be printed
/// was; 2 it could not run (usage, a missing file, a header with an error, an unknown record). That
/// nobody reads the output to its end is no error.
#[derive(Parser)]
#[command(name = "cwire", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) general: General,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

impl Cli {
    /// Reads the command line; ends the program where it is wrong, or asks for help.
    pub(crate) fn from_command_line() -> Self {
        match compiler_flag::made_readable(std::env::args_os()) {
            Ok(args) => Self::parse_from(args),
            Err(error) => command().error(ErrorKind::UnknownArgument, error).exit(),
        }
    }
}

/// What is to be done.
#[derive(Subcommand)]
pub(crate) enum Verb {
    Layout(Box<layout::Args>),
    Decode(Box<decode::Args>),
    Encode(Box<encode::Args>),
    Streams(Box<streams::Args>),
    Listen(Box<listen::Args>),
    Connect(Box<connect::Args>),
    Hub(Box<hub::Args>),
    Tap(Box<tap::Args>),
    Replay(Box<replay::Args>),
    Bench(Box<bench::Args>),
    Abis(abis::Args),
    Generate(generate::Args),
}

/// Flags of every verb that say how the program talks.
#[derive(Clone, Copy, clap::Args)]
#[command(next_help_heading = "General")]
pub(crate) struct General {
    /// Colours: `auto` on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Complain of nothing but what ends the program; the exit status says the rest.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say on standard error what is read, and how.
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub(crate) verbose: bool,
}

/// When output is coloured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// Where declarations come from, and how headers are read.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Declarations")]
pub(crate) struct Declarations {
    /// A header, or a compiled file with debug information; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) header: Vec<PathBuf>,
    /// Look for included headers in DIR, before the built-in ones; may be repeated.
    ///
    /// The built-in headers are those of the C standard and the common system headers that define
    /// types (`<stdint.h>`, `<sys/types.h>`, `<time.h>` …), so that a plain header needs no -I. The
    /// machine's own headers are read only where -I names their directory, as in `-I /usr/include`:
    /// they are those of one ABI.
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) macros: Macros,
    /// Language of headers [default: C++ for .hh, .hpp, .hxx and .h++; else C, and if that fails, C++].
    #[arg(long, value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
}

/// The language of a header.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Language {
    /// C11, C23 and GNU extensions.
    C,
    /// C++.
    #[value(name = "c++", alias = "cxx", alias = "cpp")]
    Cxx,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::C => Self::C,
            Language::Cxx => Self::Cxx,
        }
    }
}

/// The command for help, man pages and completions.
pub(crate) fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

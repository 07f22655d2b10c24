//! The verbs.

use crate::args::{Cli, Verb};
use crate::source;

pub(crate) mod abis;
pub(crate) mod bench;
pub(crate) mod connect;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod generate;
pub(crate) mod hub;
pub(crate) mod layout;
pub(crate) mod listen;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod streams;
pub(crate) mod tap;

/// How a verb that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All went well.
    Clean,
    /// Part of the input was bad, or, for verbs that check, something was found.
    BadInput,
}

/// Does what the command line asks for.
pub(crate) fn run(cli: &Cli) -> anyhow::Result<Outcome> {
    match &cli.verb {
        Verb::Layout(args) => layout::run(args, cli.general),
        Verb::Decode(args) => source::with_stack(|| decode::run(args, cli.general)),
        Verb::Encode(args) => source::with_stack(|| encode::run(args, cli.general)),
        Verb::Streams(args) => streams::run(args, cli.general),
        Verb::Listen(args) => source::with_stack(|| listen::run(args, cli.general)),
        Verb::Hub(args) => source::with_stack(|| hub::run(args, cli.general)),
        Verb::Connect(args) => source::with_stack(|| connect::run(args, cli.general)),
        Verb::Tap(args) => source::with_stack(|| tap::run(args, cli.general)),
        Verb::Replay(args) => source::with_stack(|| replay::run(args, cli.general)),
        Verb::Bench(args) => source::with_stack(|| bench::run(args, cli.general)),
        Verb::Abis(args) => abis::run(args, cli.general),
        Verb::Generate(args) => generate::run(args),
    }
}

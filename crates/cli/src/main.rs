//! `cwire`: arguments in, records out, exit status.

use std::process::ExitCode;

mod args;
mod capture;
mod cmd;
mod complaint;
mod input;
mod jsonl;
mod live;
mod output;
mod paint;
mod progress;
mod records;
mod sink;
mod source;

use args::Cli;
use cmd::Outcome;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::from_command_line();
    let outcome = cmd::run(&cli);
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::BadInput) => ExitCode::from(1),
        // Who read the output has seen enough: `cwire … | head` went well.
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complaint::fatal(&error, cli.general.color);
            ExitCode::from(2)
        }
    }
}

//! `cwire generate`: man page and shell completions, from the definitions that parse the flags.

use std::io::{self, Write};

use clap_complete::Shell;

use super::Outcome;
use crate::args;

/// Print the man page or shell completions.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cwire generate man > ~/.local/share/man/man1/cwire.1
  cwire generate complete bash > ~/.local/share/bash-completion/completions/cwire
  cwire generate complete fish > ~/.config/fish/completions/cwire.fish")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The man page of cwire, or of one of its verbs, as roff.
    Man {
        /// A verb, as in `cwire generate man layout` [default: cwire itself].
        verb: Option<String>,
    },
    /// Completions for a shell.
    Complete {
        /// The shell.
        shell: Shell,
    },
}

/// Prints what is asked for.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    match &args.what {
        What::Man { verb } => {
            clap_mangen::Man::new(described(verb.as_deref())?).render(&mut text)?
        }
        What::Complete { shell } => {
            clap_complete::generate(*shell, &mut args::command(), "cwire", &mut text);
        }
    }
    // Rendered first, since the generator for completions panics on a closed pipe.
    io::stdout().lock().write_all(&text)?;
    Ok(Outcome::Clean)
}

fn described(verb: Option<&str>) -> anyhow::Result<clap::Command> {
    let mut command = args::command();
    command.build();
    let Some(verb) = verb else { return Ok(command) };
    match command.find_subcommand(verb) {
        Some(found) => Ok(found.clone()),
        None => anyhow::bail!("a verb of cwire is needed, found `{verb}`"),
    }
}

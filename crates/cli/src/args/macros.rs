//! `-D` and `-U`, in the order in which they were given.

use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};
use cwire_header::MacroFlag;

/// `-D` and `-U` in the order of the command line, since a later one undoes an earlier one.
///
/// clap's derive keeps no order between two flags, hence the implementation by hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Macros(pub(crate) Vec<MacroFlag>);

impl clap::Args for Macros {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("define")
                    .short('D')
                    .value_name("NAME[=VALUE]")
                    .action(ArgAction::Append)
                    .value_parser(parse_definition)
                    .help("Define a macro, as 1 if no VALUE is given; may be repeated"),
            )
            .arg(
                Arg::new("undefine")
                    .short('U')
                    .value_name("NAME")
                    .action(ArgAction::Append)
                    .value_parser(parse_undefinition)
                    .help("Undefine a macro, a predefined one too; may be repeated"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Macros {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Vec::new();
        for id in ["define", "undefine"] {
            let indices = matches.indices_of(id).into_iter().flatten();
            let values = matches.get_many::<MacroFlag>(id).into_iter().flatten();
            flags.extend(indices.zip(values.cloned()));
        }
        flags.sort_by_key(|&(index, _)| index);
        Ok(Self(flags.into_iter().map(|(_, flag)| flag).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn parse_definition(text: &str) -> Result<MacroFlag, String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    // `NAME(a, b)=VALUE` defines a function-like macro, as gcc does.
    let (bare, _) = name.split_once('(').unwrap_or((name, ""));
    check_name(bare)?;
    Ok(MacroFlag::Define { name: name.to_owned(), value: value.to_owned() })
}

fn parse_undefinition(text: &str) -> Result<MacroFlag, String> {
    check_name(text)?;
    Ok(MacroFlag::Undef(text.to_owned()))
}

fn check_name(name: &str) -> Result<(), String> {
    let starts_well = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if starts_well && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') {
        return Ok(());
    }
    Err(format!("a macro's name is needed, found `{name}`"))
}

//! `--abi`, `--endian` and the compilers' flags: the ABIs that a command is for.

use anyhow::bail;
use clap::ValueEnum;
use cwire_layout::abi::{Abi, Endian};

use super::compiler_flag::{self, CompilerFlag};

/// The ABI of headers where nothing else is said.
pub(crate) const DEFAULT: Abi = Abi::X86_64_LINUX;

/// The ABIs that a command is for.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct Target {
    /// ABI that places the members, by its target triple; may be repeated.
    ///
    /// `native` is this machine's, `cwire abis` lists them all. The vendor may be left out
    /// (x86_64-linux-gnu), and GNU's spellings are understood (x86_64-w64-mingw32).
    /// [default: x86_64-unknown-linux-gnu; for compiled files, their own]
    #[arg(long = "abi", value_name = "TRIPLE", value_parser = parse_abi)]
    abis: Vec<Abi>,
    /// Byte order of scalars and bit-fields, in place of the ABI's.
    #[arg(long, value_enum, value_name = "ORDER")]
    endian: Option<ByteOrder>,
    #[arg(long = compiler_flag::CARRIER, hide = true, value_name = "FLAG")]
    #[arg(value_parser = compiler_flag::parse, allow_hyphen_values = true)]
    flags: Vec<CompilerFlag>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ByteOrder {
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
}

impl Target {
    /// Whether an ABI is named.
    pub(crate) fn names_abi(&self) -> bool {
        !self.abis.is_empty()
    }

    /// The ABIs named, or else the default, with the flags applied.
    ///
    /// # Errors
    ///
    /// A flag does not fit an ABI.
    pub(crate) fn abis(&self) -> anyhow::Result<Vec<Abi>> {
        let named = if self.abis.is_empty() { &[DEFAULT][..] } else { &self.abis };
        let mut abis: Vec<Abi> = Vec::with_capacity(named.len());
        for &abi in named {
            let abi = self.flagged(abi)?;
            // The same layout twice beside itself tells nobody anything.
            if !abis.contains(&abi) {
                abis.push(abi);
            }
        }
        Ok(abis)
    }

    /// The ABI for a verb that needs one: the one named, or else `otherwise`, with the flags applied;
    /// `None` if nothing is said.
    ///
    /// # Errors
    ///
    /// Several are named, or a flag does not fit.
    pub(crate) fn single(&self, otherwise: Option<Abi>) -> anyhow::Result<Option<Abi>> {
        let abi = match *self.abis.as_slice() {
            [] => otherwise,
            [abi] => Some(abi),
            _ => bail!("one --abi is needed, found {}", self.abis.len()),
        };
        let is_changed = self.endian.is_some() || !self.flags.is_empty();
        let abi = if is_changed { Some(abi.unwrap_or(DEFAULT)) } else { abi };
        abi.map(|abi| self.flagged(abi)).transpose()
    }

    /// The byte order that `--endian` asks for.
    pub(crate) fn endian(&self) -> Option<Endian> {
        self.endian.map(|order| match order {
            ByteOrder::Big => Endian::Big,
            ByteOrder::Little => Endian::Little,
        })
    }

    /// `abi` with the flags applied, of which a later one undoes an earlier one.
    fn flagged(&self, mut abi: Abi) -> anyhow::Result<Abi> {
        for flag in &self.flags {
            abi = flag.apply(abi)?;
        }
        match self.endian {
            Some(ByteOrder::Big) => abi = abi.with_endian(Endian::Big),
            Some(ByteOrder::Little) => abi = abi.with_endian(Endian::Little),
            None => {}
        }
        Ok(abi)
    }
}

/// An ABI by its triple, or `native`.
fn parse_abi(text: &str) -> Result<Abi, String> {
    if text == "native" {
        return Abi::native().ok_or_else(|| "this machine's ABI is not known".to_owned());
    }
    Abi::from_triple(text).ok_or_else(|| {
        let all: Vec<_> = Abi::ALL.iter().map(Abi::triple).collect();
        format!("not a known ABI{}\nknown are: {}", suggestion(text), all.join(", "))
    })
}

fn suggestion(text: &str) -> String {
    let near = Abi::ALL
        .iter()
        .map(|abi| (strsim::jaro_winkler(text, abi.triple()), abi.triple()))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((likeness, triple)) if likeness > 0.8 => format!("; did you mean `{triple}`?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_abi_gets_a_suggestion_and_the_list() {
        let error = parse_abi("x86_64-windows-mscv").unwrap_err();
        assert!(error.contains("did you mean `x86_64-pc-windows-msvc`?"), "{error}");
        assert!(error.contains("arm-none-eabi"), "{error}");
    }
}

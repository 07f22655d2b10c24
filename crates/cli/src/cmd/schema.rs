//! What decoding and encoding go by: declarations, a record or a protocol file, and how values are shown.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use cwire_codec::expr::{ExprError, Filter, Formula};
use cwire_codec::frame::protocol::ProtocolFile;
use cwire_codec::plan::{EnumForm, Plan, PlanOptions, TextEncoding};
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;

use super::layout::select::{Found, find, suggest};
use crate::args::{Declarations, Target};
use crate::source::Declared;

/// How the values of fields are written and read.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Values")]
pub(crate) struct ValueFlags {
    /// Enums by the names of their enumerators, or as numbers; both are encoded.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Enums::Name)]
    enums: Enums,
    /// Encoding of `char` arrays: a WHATWG label (`utf-8`, `euc-kr`, `windows-1252` …), or `latin1`:
    /// byte N is U+00NN.
    #[arg(long, value_name = "LABEL", default_value = "utf-8", value_parser = parse_encoding)]
    encoding: TextEncoding,
}

/// How enums are given.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Enums {
    /// `"BUY"`; a value without enumerator as a number.
    Name,
    /// `0`.
    Number,
}

impl ValueFlags {
    /// The options of plans that these flags ask for.
    pub(crate) fn options(&self, endian: Option<Endian>) -> PlanOptions {
        let mut options = PlanOptions::default();
        options.endian = endian;
        options.encoding = self.encoding;
        options.enums = match self.enums {
            Enums::Name => EnumForm::Name,
            Enums::Number => EnumForm::Number,
        };
        options
    }
}

fn parse_encoding(label: &str) -> Result<TextEncoding, String> {
    TextEncoding::for_label(label).ok_or_else(|| {
        "a label of the WHATWG Encoding Standard is needed (utf-8, euc-kr, windows-1252 …), or latin1; \
         UTF-16 does not fit into arrays of char"
            .to_owned()
    })
}

/// The declarations, and the protocol file if there is one.
pub(crate) struct Schema {
    pub(crate) declared: Declared,
    pub(crate) protocol: Option<ProtocolFile>,
}

impl Schema {
    /// Reads the protocol file, and the headers that it and the command line name.
    pub(crate) fn read(
        protocol: Option<&Path>,
        declarations: &Declarations,
        target: &Target,
        verbose: bool,
    ) -> anyhow::Result<Self> {
        let protocol = protocol.map(read_protocol).transpose()?;
        let mut headers: Vec<PathBuf> = Vec::new();
        if let Some(file) = &protocol {
            let folder = Path::new(&**file.name()).parent().unwrap_or(Path::new(""));
            for (index, header) in file.headers().enumerate() {
                let path = folder.join(header);
                if let Err(error) = std::fs::metadata(&path) {
                    let message = format!("needs a header {}: {error}", path.display());
                    return Err(file.header_error(index, &message).into());
                }
                headers.push(path);
            }
        }
        headers.extend(declarations.header.iter().cloned());
        if headers.is_empty() {
            bail!("declarations are needed: --header FILE, or `header` in the protocol file");
        }
        let abi = target.single(protocol.as_ref().and_then(ProtocolFile::abi))?;
        let declared = Declared::read(&headers, declarations, abi, verbose)?;
        Ok(Self { declared, protocol })
    }

    /// The record of a name.
    pub(crate) fn record(&self, name: &str) -> anyhow::Result<RecordId> {
        let types = &self.declared.types;
        match find(types, name) {
            Found::Record(id) => Ok(id),
            Found::Enum(_) => bail!("a record is needed, `{name}` is an enum"),
            Found::Refused(index) => match types.refused().get(index) {
                Some(refused) => bail!("`{}` cannot be laid out: {}", refused.name, refused.reason),
                None => bail!("`{name}` cannot be laid out"),
            },
            Found::Incomplete(_) => {
                bail!("a record with a body is needed; `{name}` is only declared")
            }
            Found::Other(ty) => {
                bail!("a record is needed; `{name}` is `{}`", types.spell(types.strip(ty)))
            }
            Found::Nothing => bail!("no record `{name}`{}", suggest(types, name)),
        }
    }

    /// Adds what the protocol file annotates to `options`.
    pub(crate) fn annotate(&mut self, options: &mut PlanOptions) -> anyhow::Result<()> {
        if let Some(file) = &self.protocol {
            let types = self.declared.types.clone();
            let endian = options.endian;
            options.annotations = file.annotations(&types, &mut self.declared, endian)?;
            options.endian = endian.or(file.endian());
        }
        Ok(())
    }

    /// The plan of a record.
    pub(crate) fn plan(&self, name: &str, options: &PlanOptions) -> anyhow::Result<Plan> {
        let record = self.record(name)?;
        Ok(Plan::new(&self.declared.types, record, options)?)
    }

    /// The condition of `--where` on the record of a plan that was made with `options`.
    pub(crate) fn filter(
        &mut self,
        text: &str,
        plan: &Plan,
        options: &PlanOptions,
    ) -> anyhow::Result<Result<Filter, ExprError>> {
        let record = self.record(plan.record())?;
        let types = self.declared.types.clone();
        let mut options = options.clone();
        options.endian = Some(plan.endian());
        Ok(Filter::with_options(text, &types, record, &options, &mut self.declared))
    }
}

impl Schema {
    /// An expression of `--set` over the record of a plan.
    pub(crate) fn formula(
        &mut self,
        text: &str,
        plan: &Plan,
    ) -> anyhow::Result<Result<Formula, ExprError>> {
        let record = self.record(plan.record())?;
        let types = self.declared.types.clone();
        Ok(Formula::compile(text, &types, record, plan.endian(), &mut self.declared))
    }
}

fn read_protocol(path: &Path) -> anyhow::Result<ProtocolFile> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
    Ok(ProtocolFile::parse(&name, &text)?)
}

/// An error of `--where`, with a caret below its place.
pub(crate) fn expression_error(flag: &str, text: &str, error: &ExprError) -> anyhow::Error {
    let before = text.get(..error.span().start).unwrap_or(text).chars().count();
    let marked = text.get(error.span()).map_or(0, |part| part.chars().count()).max(1);
    anyhow::anyhow!(
        "{flag}:1:{}: error: {}\n    {text}\n    {}{}",
        before + 1,
        error.message(),
        " ".repeat(before),
        "^".repeat(marked)
    )
}

//! Protocol files looked up in a header, and checked.

mod length;
mod message;
mod number;
mod part;
mod reach;
mod record;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;

use super::ProtocolError;
use super::error::Problems;
use super::file::ProtocolFile;
use super::rule::{Inner, Protocol};
use crate::expr::Names;
use crate::plan::{Annotations, Plan, PlanOptions};

/// More than any message has, so that sums of offsets stay within bounds.
const MOST: usize = usize::MAX / 16;

impl ProtocolFile {
    /// Looks up records, fields and constants, and checks that every rule can work. `names` answers for
    /// macros; `options` say how records are decoded.
    ///
    /// The byte order of a message's fields is the message's own `endian`, or else that of `options`,
    /// or else the file's, or else the ABI's. What the file annotates is added to the annotations of
    /// `options`. A selection applies to the records that have the fields.
    ///
    /// # Errors
    ///
    /// A record, field or name is unknown; a rule cannot be reached; a length is always wrong; there
    /// are no messages.
    pub fn compile(
        &self,
        types: &Types,
        names: &mut dyn Names,
        options: &PlanOptions,
    ) -> Result<Protocol, ProtocolError> {
        let mut builder = Builder::new(self, types, names, options);
        if self.messages.is_empty() {
            builder.problems.add(0, "needs at least one `[[message]]`, found none");
        }
        builder.tables();
        let rules: Vec<_> = self.messages.iter().map(|message| builder.rule(message)).collect();
        builder.reachable(&rules);
        builder.selection();
        let tables = builder.tables.len();
        let problems = builder.problems;
        problems.into_result(|| {
            let rules: Option<Vec<_>> = rules.into_iter().collect();
            let inner = Inner { rules: rules?.into(), tables, stride: None };
            Some(Protocol(Arc::new(inner)))
        })
    }

    /// What the file annotates, for records in byte order `endian` (`None`: the file's, or else the
    /// ABI's): for the use of the file beside a record that is framed without it.
    ///
    /// # Errors
    ///
    /// An annotation names what is not there.
    pub fn annotations(
        &self,
        types: &Types,
        names: &mut dyn Names,
        endian: Option<Endian>,
    ) -> Result<Annotations, ProtocolError> {
        let options = PlanOptions { endian, ..PlanOptions::default() };
        let mut builder = Builder::new(self, types, names, &options);
        let annotations = builder.annotations(builder.endian(None));
        builder.problems.into_result(|| Some(annotations))
    }
}

pub(in crate::frame::protocol) struct Builder<'b> {
    pub(in crate::frame::protocol) file: &'b ProtocolFile,
    pub(in crate::frame::protocol) types: &'b Types,
    names: &'b mut dyn Names,
    options: &'b PlanOptions,
    pub(in crate::frame::protocol) problems: Problems<'b>,
    /// The tables that messages remember in.
    tables: Vec<String>,
    plans: HashMap<(RecordId, bool), Option<Plan>>,
    /// What the file annotates, by whether fields are big-endian.
    annotated: HashMap<bool, Annotations>,
    /// Selected paths that some record has.
    selected: Vec<bool>,
}

impl<'b> Builder<'b> {
    fn new(
        file: &'b ProtocolFile,
        types: &'b Types,
        names: &'b mut dyn Names,
        options: &'b PlanOptions,
    ) -> Self {
        Self {
            file,
            types,
            names,
            options,
            problems: Problems::new(&file.source),
            tables: Vec::new(),
            plans: HashMap::new(),
            annotated: HashMap::new(),
            selected: vec![false; options.select.as_ref().map_or(0, Vec::len)],
        }
    }

    fn endian(&self, message: Option<Endian>) -> Endian {
        let file = self.options.endian.or(self.file.endian);
        message.or(file).unwrap_or(self.types.abi().endian())
    }

    fn tables(&mut self) {
        let remembered = self.file.messages.iter().flat_map(|message| &message.remember);
        let mut known = HashSet::new();
        let names = remembered.map(|remember| &*remember.table.value);
        self.tables = names.filter(|name| known.insert(*name)).map(str::to_owned).collect();
    }
}

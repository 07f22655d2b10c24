//! Forms in which decoded records are written.

use std::io::{self, Write};

use cwire_codec::plan::{Findings, Plan, Short};

pub(crate) mod cells;
pub(crate) mod csv;
pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod text;

/// A record that was found in a stream.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) plan: &'a Plan,
    /// Its bytes; more than the record has, or fewer, if it is so in the stream.
    pub(crate) bytes: &'a [u8],
    pub(crate) short: Short,
    pub(crate) origin: Origin<'a>,
}

/// Where something stands.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// The input, where there are several.
    pub(crate) file: Option<&'a str>,
    /// Which dump of the input, from 0.
    pub(crate) dump: u64,
    /// From the start of the stream.
    pub(crate) offset: u64,
}

/// Writes records in one form.
pub(crate) trait Sink {
    /// Writes a record.
    ///
    /// # Errors
    ///
    /// The output does not take it, or the record cannot be decoded: the inner error, and nothing is
    /// written.
    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, cwire_codec::DecodeError>>;

    /// Writes what was wrong, where the form has a place for it.
    fn error(
        &mut self,
        _origin: Origin<'_>,
        _field: Option<&str>,
        _message: &str,
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Writes that bytes are missing, where the form has a place for it.
    fn gap(&mut self, _origin: Origin<'_>, _missing: u64, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes what was held back.
    fn flush(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes nothing, and decodes all the same.
pub(crate) struct Nothing(Vec<u8>);

impl Nothing {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }
}

impl Sink for Nothing {
    fn record(
        &mut self,
        record: &Record<'_>,
        _out: &mut dyn Write,
    ) -> io::Result<Result<Findings, cwire_codec::DecodeError>> {
        self.0.clear();
        Ok(record.plan.write_json(record.bytes, record.short, &mut self.0))
    }
}

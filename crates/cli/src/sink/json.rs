//! JSON Lines.

use std::io::{self, Write};

use cwire_codec::DecodeError;
use cwire_codec::json::push_string;
use cwire_codec::plan::Findings;

use super::{ArrivalText, Origin, Record, Sink};

/// One line per record, gap and error.
#[derive(Default)]
pub(crate) struct Json {
    line: Vec<u8>,
    arrival: ArrivalText,
}

impl Json {
    fn begin(&mut self, kind: &str, record: Option<&str>, origin: Origin<'_>) {
        self.line.clear();
        self.line.extend_from_slice(b"{\"type\": ");
        push_string(&mut self.line, kind);
        if let Some(record) = record {
            self.key("record");
            push_string(&mut self.line, record);
        }
        if let Some(file) = origin.file {
            self.key("file");
            push_string(&mut self.line, file);
        }
        if origin.dump > 0 {
            self.key("dump");
            self.number(origin.dump);
        }
        if let Some(ends) = origin.ends {
            self.line.extend_from_slice(b", ");
            ends.write_json(&mut self.line);
        }
        self.key("offset");
        self.number(origin.offset);
        self.line.extend_from_slice(self.arrival.json(origin.arrival));
    }

    fn key(&mut self, name: &str) {
        self.line.extend_from_slice(b", ");
        push_string(&mut self.line, name);
        self.line.extend_from_slice(b": ");
    }

    fn number(&mut self, number: u64) {
        self.line.extend_from_slice(number.to_string().as_bytes());
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.line.extend_from_slice(b"}\n");
        out.write_all(&self.line)
    }
}

impl Sink for Json {
    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, DecodeError>> {
        self.begin("record", Some(record.plan.record()), record.origin);
        self.key("fields");
        let found = record.plan.write_json(record.bytes, record.short, &mut self.line);
        if let Ok(findings) = &found {
            if findings.is_cut() {
                self.line.extend_from_slice(b", \"cut\": true");
            }
            self.end(out)?;
        }
        Ok(found)
    }

    fn error(
        &mut self,
        origin: Origin<'_>,
        field: Option<&str>,
        message: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.begin("error", None, origin);
        if let Some(field) = field {
            self.key("field");
            push_string(&mut self.line, field);
        }
        self.key("message");
        push_string(&mut self.line, message);
        self.end(out)
    }

    fn gap(&mut self, origin: Origin<'_>, missing: u64, out: &mut dyn Write) -> io::Result<()> {
        self.begin("gap", None, origin);
        self.key("missing");
        self.number(missing);
        self.end(out)
    }
}

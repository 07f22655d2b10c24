//! One table of all records, as RFC 4180 has it.

use std::collections::HashMap;
use std::io::{self, Write};

use cwire_codec::DecodeError;
use cwire_codec::plan::{Findings, Item, Leaf, Plan, Scalar, Visitor};

use super::cells::plain;
use super::{Ends, Record, Sink, shown_packet, shown_time};

/// Most elements of an array that get a column each.
const MOST_ELEMENTS: u64 = 64;
/// Most columns of one kind of record that arrays are spread over.
const MOST_COLUMNS: usize = 4096;

/// Writes a header line, then a line per record. Records of several kinds share the table: each fills its
/// own columns and leaves those of the others empty.
pub(crate) struct Csv {
    columns: Vec<String>,
    /// Where the fields of a record go, by its name.
    kinds: HashMap<String, Vec<Target>>,
    has_kinds: bool,
    has_files: bool,
    is_capture: bool,
    has_header: bool,
    row: Row,
}

/// Where the values of a leaf go.
#[derive(Clone)]
enum Target {
    /// A column for each.
    Columns(Vec<usize>),
    /// One column, as a list.
    List(usize),
}

impl Csv {
    /// A table for records of these plans; `has_kinds`: the name of the record is a column.
    pub(crate) fn new<'a>(
        plans: impl Iterator<Item = &'a Plan>,
        has_kinds: bool,
        has_files: bool,
    ) -> Self {
        let mut csv = Self {
            columns: Vec::new(),
            kinds: HashMap::new(),
            has_kinds,
            has_files,
            is_capture: false,
            has_header: false,
            row: Row::default(),
        };
        let mut known = HashMap::new();
        for plan in plans {
            if !csv.kinds.contains_key(plan.record()) {
                let targets = csv.targets(plan.leaves(), &mut known);
                csv.kinds.insert(plan.record().to_owned(), targets);
            }
        }
        csv
    }

    fn targets(&mut self, leaves: &[Leaf], known: &mut HashMap<String, usize>) -> Vec<Target> {
        let mut spread = 0;
        let mut targets = Vec::new();
        for leaf in leaves {
            let count = leaf.count().filter(|&count| count <= MOST_ELEMENTS);
            let count = count.and_then(|count| usize::try_from(count).ok());
            let count = count.filter(|count| spread + count <= MOST_COLUMNS);
            targets.push(match count {
                Some(count) => {
                    spread += count;
                    let names = (0..count).map(|index| element(leaf, index as u64));
                    Target::Columns(names.map(|name| self.column(name, known)).collect())
                }
                None => Target::List(self.column(leaf.path.clone(), known)),
            });
        }
        targets
    }

    fn column(&mut self, name: String, known: &mut HashMap<String, usize>) -> usize {
        *known.entry(name).or_insert_with_key(|name| {
            self.columns.push(name.clone());
            self.columns.len() - 1
        })
    }

    fn header(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        let captured = ["protocol", "stream", "src", "dst"].map(|name| (self.is_capture, name));
        let completed = ["time", "packet"].map(|name| (self.is_capture, name));
        let front = [(self.has_files, "file"), (self.has_kinds, "record")];
        let fixed = front.into_iter().chain(captured).chain([(true, "offset")]).chain(completed);
        let fixed = fixed.filter(|(is_shown, _)| *is_shown).map(|(_, name)| name);
        for name in fixed.chain(self.columns.iter().map(String::as_str)) {
            push(&mut line, name);
        }
        end(&mut line);
        out.write_all(line.as_bytes())
    }
}

/// The path of an element, counted over all arrays that a leaf is in.
fn element(leaf: &Leaf, mut index: u64) -> String {
    let mut indices = Vec::new();
    for dimension in leaf.dimensions.iter().rev() {
        let len = dimension.len.unwrap_or(1).max(1);
        indices.push(index % len);
        index /= len;
    }
    let mut path = String::new();
    for part in leaf.path.split("[]") {
        path.push_str(part);
        if let Some(index) = indices.pop() {
            path.push_str(&format!("[{index}]"));
        }
    }
    path
}

fn push(line: &mut String, value: &str) {
    let is_plain = !value.is_empty()
        && !value.contains(['"', ',', '\n', '\r'])
        && !value.starts_with(' ')
        && !value.ends_with(' ');
    if is_plain {
        line.push_str(value);
    } else if !value.is_empty() {
        line.push('"');
        line.push_str(&value.replace('"', "\"\""));
        line.push('"');
    }
    line.push(',');
}

fn end(line: &mut String) {
    line.pop();
    line.push_str("\r\n");
}

/// The values of a record, by column.
#[derive(Default)]
struct Row {
    values: Vec<String>,
    targets: Vec<Target>,
    /// How many values of each leaf have come.
    seen: Vec<usize>,
}

impl Row {
    fn add(&mut self, leaf: usize, is_text: bool, show: impl Fn(&mut String)) {
        let (Some(target), Some(seen)) = (self.targets.get(leaf), self.seen.get_mut(leaf)) else {
            return;
        };
        let index = std::mem::replace(seen, *seen + 1);
        match target {
            Target::Columns(columns) => {
                let value = columns.get(index).and_then(|&column| self.values.get_mut(column));
                if let Some(value) = value {
                    show(value);
                }
            }
            Target::List(column) => {
                let Some(value) = self.values.get_mut(*column) else { return };
                value.push_str(if index == 0 { "[" } else { ", " });
                if is_text {
                    let mut text = String::new();
                    show(&mut text);
                    value.push_str(&serde_json::Value::from(text).to_string());
                } else {
                    show(value);
                }
            }
        }
    }
}

impl Visitor for Row {
    fn scalar(&mut self, item: &Item<'_>) {
        let is_text =
            matches!(item.scalar, Scalar::Text(_) | Scalar::Char(_) | Scalar::Enum { .. });
        self.add(item.leaf, is_text, |text| plain(&item.scalar, text));
    }

    fn null(&mut self, leaf: Option<usize>, _: u64) {
        if let Some(leaf) = leaf {
            self.add(leaf, false, |_| {});
        }
    }
}

/// Protocol, stream and addresses; nothing for a record that is not from a capture.
fn push_ends(line: &mut String, ends: Option<&Ends>) {
    let protocol = ends.map_or("", |ends| if ends.is_datagram { "udp" } else { "tcp" });
    let stream = ends.map_or(String::new(), |ends| ends.stream.to_string());
    push(line, protocol);
    push(line, &stream);
    push(line, ends.map_or("", |ends| &ends.src));
    push(line, ends.map_or("", |ends| &ends.dst));
}

impl Sink for Csv {
    fn begin_capture(&mut self) {
        self.is_capture |= !self.has_header;
    }

    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, DecodeError>> {
        if !std::mem::replace(&mut self.has_header, true) {
            self.header(out)?;
        }
        let row = &mut self.row;
        row.values.resize(self.columns.len(), String::new());
        row.values.iter_mut().for_each(String::clear);
        row.targets = self.kinds.get(record.plan.record()).cloned().unwrap_or_default();
        row.seen.clear();
        row.seen.resize(row.targets.len(), 0);
        let findings = match record.plan.visit(record.bytes, record.short, row) {
            Ok(findings) => findings,
            Err(error) => return Ok(Err(error)),
        };
        for (index, target) in row.targets.iter().enumerate() {
            let has_some = row.seen.get(index).is_some_and(|&seen| seen > 0);
            if let (Target::List(column), true) = (target, has_some)
                && let Some(value) = row.values.get_mut(*column)
            {
                value.push(']');
            }
        }
        let mut line = String::new();
        if let (true, Some(file)) = (self.has_files, record.origin.file) {
            push(&mut line, file);
        }
        if self.has_kinds {
            push(&mut line, record.plan.record());
        }
        if self.is_capture {
            push_ends(&mut line, record.origin.ends);
        }
        push(&mut line, &record.origin.offset.to_string());
        if self.is_capture {
            let arrival = record.origin.arrival;
            push(&mut line, &arrival.and_then(shown_time).unwrap_or_default());
            push(
                &mut line,
                &arrival.and_then(shown_packet).map_or(String::new(), |it| it.to_string()),
            );
        }
        row.values.iter().for_each(|value| push(&mut line, value));
        end(&mut line);
        out.write_all(line.as_bytes())?;
        Ok(Ok(findings))
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_header, true) {
            self.header(out)?;
        }
        Ok(())
    }
}

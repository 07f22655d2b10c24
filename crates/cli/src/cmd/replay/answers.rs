//! What the server answers, beside what it answered in the capture.

use std::collections::VecDeque;

use bytes::{Buf, BytesMut};
use cwire_codec::frame::protocol::{Conversation, Protocol, Side, Step};
use cwire_codec::value::Value;
use tokio::time::Instant;

use super::script::{Answer, Said};
use crate::complaint::{Complaints, counted};
use crate::live::index;

/// Answers that come before they are known to be expected, and the other way round, at most.
const MAX_APART: usize = 10_000;

/// Differences of one answer that are told.
const MAX_DIFFERENCES: usize = 4;

/// Counts answers, and compares them.
pub(super) struct Answers {
    conversation: Conversation,
    /// What both sides have said that is not understood yet.
    buffers: [BytesMut; 2],
    is_stopped: bool,
    /// Where the server's next message begins.
    offset: u64,
    /// Those of the capture that have not come, or those that came and were not read of yet; `None` where
    /// they are only counted.
    expected: VecDeque<Option<Answer>>,
    came: VecDeque<Option<Answer>>,
    /// C paths without indices that may differ; `None`: nothing is compared.
    ignored: Option<Vec<String>>,
    pub(super) complaints: Complaints,
    pub(super) counts: Counts,
    /// When the last one came, or something was said.
    pub(super) progress: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) came: u64,
    pub(super) differ: u64,
    pub(super) missing: u64,
    pub(super) more: u64,
}

impl Answers {
    pub(super) fn new(protocol: &Protocol, ignored: Option<Vec<String>>, quiet: bool) -> Self {
        Self {
            conversation: protocol.conversation(),
            buffers: [BytesMut::new(), BytesMut::new()],
            is_stopped: false,
            offset: 0,
            expected: VecDeque::new(),
            came: VecDeque::new(),
            ignored,
            complaints: Complaints::new(quiet),
            counts: Counts::default(),
            progress: Instant::now(),
        }
    }

    /// Whether all that the capture has so far have come.
    pub(super) fn are_complete(&self) -> bool {
        self.expected.is_empty()
    }

    /// Whether more of the capture can be read, and more be received.
    pub(super) fn has_room(&self) -> bool {
        self.expected.len() < MAX_APART
    }

    pub(super) fn is_ahead(&self) -> bool {
        self.came.len() >= MAX_APART
    }

    /// Takes an answer of the capture.
    pub(super) fn expect(&mut self, answer: Answer) {
        let answer = self.ignored.is_some().then_some(answer);
        match self.came.pop_front() {
            Some(came) => self.compare(answer.as_ref(), came.as_ref()),
            None => self.expected.push_back(answer),
        }
    }

    /// Takes what one side says now.
    pub(super) fn take(&mut self, side: Side, bytes: &[u8]) {
        if let Some(buffer) = self.buffers.get_mut(index(side)) {
            buffer.extend_from_slice(bytes);
        }
        self.messages(side, false);
    }

    /// Nothing more comes from the server.
    pub(super) fn finish(&mut self) {
        self.messages(Side::Server, true);
    }

    fn messages(&mut self, side: Side, is_finished: bool) {
        loop {
            let Some(buffer) = self.buffers.get_mut(index(side)).filter(|_| !self.is_stopped)
            else {
                return;
            };
            let step = self.conversation.next(Some(side), buffer, is_finished);
            let consumed = step.consumed().min(buffer.len());
            let mut answer = None;
            match step {
                Step::Need(_) | Step::End => return,
                // What is wrong is told where answers are printed.
                Step::Stopped(_) => self.is_stopped = true,
                Step::Message(message) if side == Side::Server => {
                    let bytes = buffer.get(..message.len()).unwrap_or(buffer);
                    let is_kept = self.ignored.is_some();
                    answer = Some(is_kept.then(|| Answer::new(&message, bytes, self.offset)));
                }
                _ => {}
            }
            buffer.advance(consumed);
            if side == Side::Server {
                self.offset += consumed as u64;
            }
            if let Some(answer) = answer {
                self.counts.came += 1;
                self.progress = Instant::now();
                match self.expected.pop_front() {
                    Some(expected) => self.compare(expected.as_ref(), answer.as_ref()),
                    None => self.came.push_back(answer),
                }
            }
        }
    }

    fn compare(&mut self, expected: Option<&Answer>, came: Option<&Answer>) {
        let (Some(expected), Some(came), Some(ignored)) = (expected, came, &self.ignored) else {
            return;
        };
        let mut found = Differences { ignored, list: Vec::new() };
        found.of_messages(&expected.said, &came.said);
        let count = found.list.len();
        if count == 0 {
            return;
        }
        self.counts.differ += 1;
        let at = came.offset;
        for difference in found.list.iter().take(MAX_DIFFERENCES) {
            self.complaints.add(format_args!("the answer at {at:#x} ({at}): {difference}"));
        }
        if let Some(more @ 1..) = count.checked_sub(MAX_DIFFERENCES) {
            let more = counted(more, "more field");
            self.complaints.add(format_args!("the answer at {at:#x} ({at}): {more}"));
        }
    }

    /// Waits no more for those that have not come.
    pub(super) fn give_up(&mut self) {
        let missing = self.expected.len() as u64;
        self.expected.clear();
        self.counts.missing += missing;
        if missing > 0 {
            let missing = counted(missing, "answer");
            self.complaints.add(format_args!("{missing} of the capture did not come"));
        }
    }

    /// The capture has no more: what has come beyond it is too much, and not kept.
    pub(super) fn end(&mut self) {
        self.counts.more += self.came.len() as u64;
        self.came.clear();
    }

    /// Says what came beyond the capture, where that matters.
    pub(super) fn sum_up(&mut self) {
        self.end();
        if self.ignored.is_some() && self.counts.more > 0 {
            let more = counted(self.counts.more, "answer");
            self.complaints.add(format_args!("{more} more than in the capture"));
        }
    }
}

/// Where two answers say different things.
struct Differences<'a> {
    ignored: &'a [String],
    list: Vec<String>,
}

impl Differences<'_> {
    fn of_messages(&mut self, expected: &Said, came: &Said) {
        let (expected, came) = match (expected, came) {
            (Said::Records(expected), Said::Records(came)) => (expected, came),
            _ if expected == came => return,
            _ => {
                let [expected, came] = [expected, came].map(|said| match said {
                    Said::Records(records) => names(records),
                    Said::Bytes(bytes) => counted(bytes.len(), "byte"),
                });
                self.list.push(format!("{expected} in the capture, other bytes now: {came}"));
                return;
            }
        };
        if !expected.iter().map(|(name, _)| name).eq(came.iter().map(|(name, _)| name)) {
            let (expected, came) = (names(expected), names(came));
            self.list.push(format!("{expected} in the capture, {came} now"));
            return;
        }
        for ((_, expected), (_, came)) in expected.iter().zip(came) {
            self.of_values("", "", expected, came);
        }
    }

    /// `path` is the C path, `plain` the same without indices.
    fn of_values(&mut self, path: &str, plain: &str, expected: &Value, came: &Value) {
        if expected == came || self.is_ignored(plain) {
            return;
        }
        match (expected, came) {
            (Value::Object(expected), Value::Object(came)) if expected.len() == came.len() => {
                for ((name, expected), (_, came)) in expected.iter().zip(came) {
                    let inside = |outer: &str| match outer.is_empty() {
                        true => name.to_string(),
                        false => format!("{outer}.{name}"),
                    };
                    self.of_values(&inside(path), &inside(plain), expected, came);
                }
            }
            (Value::List(expected), Value::List(came)) if expected.len() == came.len() => {
                for (index, (expected, came)) in expected.iter().zip(came).enumerate() {
                    self.of_values(&format!("{path}[{index}]"), plain, expected, came);
                }
            }
            _ => {
                let (expected, came) = (shown(expected), shown(came));
                self.list.push(format!("{path}: {expected} in the capture, {came} now"));
            }
        }
    }

    fn is_ignored(&self, plain: &str) -> bool {
        self.ignored.iter().any(|path| path == plain)
    }
}

fn names(records: &[(String, Value)]) -> String {
    let names: Vec<_> = records.iter().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

/// A value in JSON, as records are printed; of long ones the beginning.
fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    let mut json = Vec::new();
    value.write_json(&mut json);
    let text = String::from_utf8_lossy(&json);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(json: &str) -> Said {
        Said::Records(vec![("order".to_owned(), Value::from_json(json.as_bytes()).unwrap())])
    }

    fn differences(expected: &str, came: &str, ignored: &[&str]) -> Vec<String> {
        let ignored: Vec<_> = ignored.iter().map(|&it| it.to_owned()).collect();
        let mut found = Differences { ignored: &ignored, list: Vec::new() };
        found.of_messages(&records(expected), &records(came));
        found.list
    }

    #[test]
    fn fields_are_compared_one_by_one() {
        let expected =
            r#"{"seq": 1, "legs": [{"price": 1.5, "lots": 2}, {"price": 2.5, "lots": 3}]}"#;
        let came = r#"{"seq": 9, "legs": [{"price": 1.5, "lots": 2}, {"price": 2.75, "lots": 4}]}"#;
        let seq = "seq: 1 in the capture, 9 now";
        let price = "legs[1].price: 2.5 in the capture, 2.75 now";
        let lots = "legs[1].lots: 3 in the capture, 4 now";
        assert_eq!(differences(expected, came, &[]), [seq, price, lots]);
        assert_eq!(differences(expected, came, &["seq", "legs.lots"]), [price]);
        assert_eq!(differences(expected, came, &["legs"]), [seq]);
        assert!(differences(expected, expected, &[]).is_empty());
        let short = r#"{"seq": 1, "legs": []}"#;
        assert_eq!(differences(short, came, &["seq"]).len(), 1);
    }

    #[test]
    fn other_records_differ_as_a_whole() {
        let other = Said::Records(vec![("cancel".to_owned(), Value::default())]);
        let mut found = Differences { ignored: &[], list: Vec::new() };
        found.of_messages(&records("{}"), &other);
        found.of_messages(&Said::Bytes(vec![1]), &Said::Bytes(vec![1]));
        found.of_messages(&Said::Bytes(vec![1]), &Said::Bytes(vec![2]));
        let expected =
            ["order in the capture, cancel now", "1 byte in the capture, other bytes now: 1 byte"];
        assert_eq!(found.list, expected);
    }
}

//! The messages that are sent.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};
use bytes::Bytes;
use cwire_codec::expr::Occasion;
use cwire_codec::frame::protocol::{Protocol, Side, Step};
use cwire_codec::plan::Plan;

use crate::cmd::schema::ValueFlags;
use crate::jsonl::{Input, Line};
use crate::live::input;
use crate::records::change::Changes;
use crate::records::setup::Framing;

/// Messages that are sent in turn.
pub(super) struct Template {
    messages: Vec<Message>,
    changes: Changes,
    next: AtomicUsize,
}

struct Message {
    bytes: Bytes,
    parts: Vec<(Plan, Range<usize>)>,
}

impl Template {
    /// Those of a file, those that are given as JSON, or one of `size` zeros.
    ///
    /// # Errors
    ///
    /// There is none, or something is no record, or no message of the protocol.
    pub(super) fn new(
        (file, given): (Option<&Path>, &[String]),
        framing: &Framing,
        values: &ValueFlags,
        (protocol, size): (&Protocol, Option<usize>),
        changes: Changes,
    ) -> anyhow::Result<Self> {
        let bytes = match (file, given, size) {
            (Some(file), ..) => {
                input::file(file, framing.record.as_deref(), framing.plans(values)?)?
            }
            (None, [], Some(size)) => vec![0; size].into(),
            (None, [], None) => bail!("--template or --send is needed with --protocol"),
            (None, given, _) => encoded(given, framing, values)?,
        };
        let messages = messages(protocol, &bytes)?;
        if messages.is_empty() {
            bail!("a record to send is needed, found none");
        }
        Ok(Self { messages, changes, next: AtomicUsize::new(0) })
    }

    /// The flags of `--set` that have changed nothing.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        self.changes.unused()
    }

    /// The message that comes next.
    ///
    /// # Errors
    ///
    /// `--set` gives a value that does not fit.
    pub(super) fn message(&self, occasion: &Occasion) -> Result<Bytes, String> {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.messages.len();
        let Some(message) = self.messages.get(index) else { return Ok(Bytes::new()) };
        if self.changes.is_empty() {
            return Ok(message.bytes.clone());
        }
        let mut bytes = message.bytes.to_vec();
        self.changes.apply(&mut bytes, &message.parts, occasion)?;
        Ok(bytes.into())
    }
}

/// The bytes of records in JSON.
fn encoded(given: &[String], framing: &Framing, values: &ValueFlags) -> anyhow::Result<Bytes> {
    let mut plans = framing.plans(values)?;
    let mut input = Input::new("--template", framing.record.as_deref(), false);
    for (number, text) in (1..).zip(given) {
        input.take(number, &Line::Text(text.as_bytes()), &mut plans);
    }
    let bytes = std::mem::take(&mut input.bytes);
    if input.complaints.finish() {
        bail!("--template needs a record in JSON");
    }
    Ok(bytes.into())
}

fn messages(protocol: &Protocol, bytes: &Bytes) -> anyhow::Result<Vec<Message>> {
    let mut conversation = protocol.conversation();
    let mut messages = Vec::new();
    let mut at = 0;
    loop {
        let rest = bytes.slice(at..);
        let step = conversation.next(Some(Side::Client), &rest, true);
        let consumed = step.consumed().min(rest.len());
        match step {
            Step::Message(message) => {
                let bytes = rest.slice(..consumed);
                let parts = message.parts(&bytes).filter_map(Result::ok);
                let parts = message.record().into_iter().chain(parts);
                let parts = parts.map(|part| (part.plan.clone(), part.range)).collect();
                messages.push(Message { bytes, parts });
            }
            Step::Bad(trouble) | Step::Stopped(trouble) => {
                let trouble = trouble.to_string();
                return Err(anyhow::anyhow!(trouble))
                    .with_context(|| format!("the records to send, at {at:#x} ({at})"));
            }
            Step::Passing(_) | Step::Passed { .. } => {
                bail!("the records to send, at {at:#x} ({at}): no message of the protocol");
            }
            Step::Need(_) | Step::End => return Ok(messages),
        }
        at += consumed;
    }
}

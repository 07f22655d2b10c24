//! Protocol files at work, and those that cannot.

mod decoding;
mod keys;
mod laws;
mod nbd;
mod refusals;
mod resync;

use cwire_layout::abi::Abi;

use super::*;
use crate::expr::tests::header;
use crate::plan::PlanOptions;

pub(super) const HEADER: &str = r#"
#include <stdint.h>
#define MAGIC 0x80
enum kind { LOGIN = 1, ORDER = 2, FILL = 3 };
struct head { uint8_t magic; uint8_t kind; uint16_t body_len; };
struct login { struct head head; char user[8]; };
struct order { struct head head; uint32_t id; uint32_t quantity; };
struct note { struct head head; char text[]; };
struct leg { uint16_t price; };
struct tlv { uint8_t type; uint8_t len; uint8_t value[]; };
struct tick { uint16_t venue; uint32_t price; };
union body { struct { uint32_t user; } login; uint64_t order; };
struct event { uint8_t kind; uint8_t n; union body body; uint16_t items[4]; };
struct declared;
typedef unsigned number;
"#;

/// A protocol over [`HEADER`] in x86-64's layout.
pub(super) fn try_protocol(text: &str) -> Result<Protocol, ProtocolError> {
    let mut header = header(HEADER, Abi::X86_64_LINUX);
    let types = header.types.clone();
    let mut names = |name: &str| header.constant(name).map_err(|error| error.message().to_owned());
    let file = ProtocolFile::parse("test.toml", text)?;
    file.compile(&types, &mut names, &PlanOptions::default())
}

pub(super) fn protocol(text: &str) -> Protocol {
    try_protocol(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What one step says, as text: `#1 12: order 0..12` is a message of rule 1 with 12 bytes.
pub(super) fn told(step: &Step<'_>, bytes: &[u8]) -> Option<String> {
    let placed = |part: &Part<'_>| {
        let std::ops::Range { start, end } = part.range;
        format!("{} {start}..{end}", part.plan.record())
    };
    Some(match step {
        Step::Message(message) => {
            let mut parts: Vec<_> = message.record().iter().map(placed).collect();
            parts.extend(message.parts(bytes).map(|part| match part {
                Ok(part) => format!("+ {}", placed(&part)),
                Err(trouble) => format!("! {trouble}"),
            }));
            parts.extend(message.trouble().map(|trouble| format!("! {trouble}")));
            format!("#{} {}: {}", message.rule(), message.len(), parts.join(", "))
        }
        Step::Bad(trouble) => format!("bad: {trouble}"),
        Step::Passed { total, .. } => format!("passed {total}"),
        Step::Stopped(trouble) => format!("stopped: {trouble}"),
        Step::Need(_) | Step::Passing(_) | Step::End => return None,
    })
}

/// Everything that is said of a direction that arrives in chunks; the last of them ends it.
pub(super) fn tell(
    conversation: &mut Conversation,
    side: Option<Side>,
    chunks: &[&[u8]],
    is_finished: bool,
) -> Vec<String> {
    let mut told_so_far = Vec::new();
    let mut buf = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        buf.extend_from_slice(chunk);
        let is_last = is_finished && index + 1 == chunks.len();
        loop {
            let step = conversation.next(side, &buf, is_last);
            let consumed = step.consumed();
            told_so_far.extend(told(&step, &buf));
            match step {
                Step::Need(needed) => {
                    assert!(needed > buf.len() && !is_last, "{needed} of {}", buf.len());
                    break;
                }
                Step::End => {
                    assert!(buf.is_empty());
                    break;
                }
                Step::Stopped(_) => return told_so_far,
                _ => drop(buf.drain(..consumed)),
            }
        }
    }
    told_so_far
}

/// The same of a whole plain file.
pub(super) fn file(protocol: &Protocol, bytes: &[u8]) -> Vec<String> {
    tell(&mut protocol.conversation(), None, &[bytes], true)
}

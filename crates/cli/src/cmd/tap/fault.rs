//! What networks do to bytes: `--break`.

use std::collections::VecDeque;
use std::str::FromStr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

/// Most bytes that are glued together.
const MAX_GLUED: usize = 64 << 10;

/// Bytes of one direction before a connection breaks, where neither a number nor a record says how many.
const BREAK_AT: u64 = 100;

/// What is done to the bytes on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Each byte is sent on its own.
    Split,
    /// What comes within a time is sent at once.
    Glue(Duration),
    /// Each byte is sent so much later.
    Delay(Duration),
    /// Behind so many bytes of a direction, both ends are told of a reset.
    Reset(Option<u64>),
    /// Behind so many bytes of a direction, their receiver sees the end of the stream.
    Cut(Option<u64>),
}

impl Fault {
    /// Breaks in the middle of the fifth record, where all have a size and no number of bytes is given.
    pub(super) fn within(self, record: Option<usize>) -> Self {
        let at = match record {
            Some(size) => size as u64 * 4 + size as u64 / 2,
            None => BREAK_AT,
        };
        match self {
            Self::Reset(None) => Self::Reset(Some(at)),
            Self::Cut(None) => Self::Cut(Some(at)),
            other => other,
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let time = |default| match value {
            Some(value) => humantime::parse_duration(value)
                .map_err(|error| format!("a time is needed behind `{name}=`: {error}")),
            None => Ok(Duration::from_millis(default)),
        };
        let bytes = || match value {
            Some(value) => match value.parse() {
                Ok(bytes) => Ok(Some(bytes)),
                Err(_) => {
                    Err(format!("a number of bytes is needed behind `{name}=`, found `{value}`"))
                }
            },
            None => Ok(None),
        };
        match (name, value) {
            ("split", None) => Ok(Self::Split),
            ("glue", _) => Ok(Self::Glue(time(50)?)),
            ("delay", _) => Ok(Self::Delay(time(100)?)),
            ("reset", _) => Ok(Self::Reset(bytes()?)),
            ("cut", _) => Ok(Self::Cut(bytes()?)),
            _ => {
                Err("split, glue[=DUR], delay[=DUR], reset[=BYTES] or cut[=BYTES] is needed"
                    .to_owned())
            }
        }
    }
}

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    Reset,
    Cut,
}

/// The way of the bytes of one direction.
pub(super) struct Wire {
    fault: Option<Fault>,
    /// What is on it, and when it is due.
    pieces: VecDeque<(Instant, Bytes)>,
    len: usize,
    /// Bytes that have left it.
    passed: u64,
}

/// What comes off a wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Bytes(Bytes),
    /// Nothing before this time.
    Wait(Instant),
    /// Nothing before more is put on it.
    Nothing,
    Break(Break),
}

impl Wire {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self { fault, pieces: VecDeque::new(), len: 0, passed: 0 }
    }

    /// Bytes that are on it.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn put(&mut self, bytes: Bytes, now: Instant) {
        self.len += bytes.len();
        let later = |time| now.checked_add(time).unwrap_or(now);
        let due = match self.fault {
            Some(Fault::Delay(time)) => later(time),
            Some(Fault::Glue(time)) => {
                if let Some((due, last)) = self.pieces.back_mut()
                    && last.len() < MAX_GLUED
                {
                    let mut joined = BytesMut::from(std::mem::take(last));
                    joined.extend_from_slice(&bytes);
                    *last = joined.freeze();
                    if last.len() >= MAX_GLUED {
                        *due = now;
                    }
                    return;
                }
                later(time)
            }
            _ => now,
        };
        self.pieces.push_back((due, bytes));
    }

    /// Takes off what is due.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        let left = match self.fault {
            Some(Fault::Reset(Some(at)) | Fault::Cut(Some(at))) => at.saturating_sub(self.passed),
            _ => u64::MAX,
        };
        if left == 0 {
            return Next::Break(match self.fault {
                Some(Fault::Reset(_)) => Break::Reset,
                _ => Break::Cut,
            });
        }
        let Some((due, piece)) = self.pieces.front_mut() else { return Next::Nothing };
        if *due > now {
            return Next::Wait(*due);
        }
        let most = if self.fault == Some(Fault::Split) { 1 } else { left };
        let len = usize::try_from(most).map_or(piece.len(), |most| most.min(piece.len()));
        let bytes = piece.split_to(len);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        self.len -= len;
        self.passed += len as u64;
        Next::Bytes(bytes)
    }

    /// Puts back what there was no room for.
    pub(super) fn put_back(&mut self, bytes: Bytes, now: Instant) {
        self.len += bytes.len();
        self.passed -= bytes.len() as u64;
        self.pieces.push_front((now, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes off a wire on which `pieces` are put, a millisecond apart, and at which millisecond.
    fn passed(fault: &str, pieces: &[&str]) -> (Vec<(u64, String)>, Option<Break>) {
        let mut wire = Wire::new(Some(fault.parse().unwrap()));
        let begin = Instant::now();
        let mut came = Vec::new();
        let mut pieces = pieces.iter();
        for at in 0..1000 {
            let now = begin + Duration::from_millis(at);
            if let Some(piece) = pieces.next() {
                wire.put(Bytes::copy_from_slice(piece.as_bytes()), now);
            }
            loop {
                match wire.next(now) {
                    Next::Bytes(bytes) => {
                        came.push((at, String::from_utf8(bytes.to_vec()).unwrap()));
                    }
                    Next::Break(how) => return (came, Some(how)),
                    Next::Wait(due) => {
                        assert!(due > now);
                        break;
                    }
                    Next::Nothing => break,
                }
            }
        }
        assert_eq!(wire.len(), 0);
        (came, None)
    }

    fn came(pieces: &[(u64, &str)]) -> Vec<(u64, String)> {
        pieces.iter().map(|&(at, piece)| (at, piece.to_owned())).collect()
    }

    #[test]
    fn faults_do_what_they_say() {
        let pieces = ["abc", "de"];
        let split = [(0, "a"), (0, "b"), (0, "c"), (1, "d"), (1, "e")];
        assert_eq!(passed("split", &pieces), (came(&split), None));
        assert_eq!(passed("glue=5ms", &pieces), (came(&[(5, "abcde")]), None));
        assert_eq!(passed("delay=7ms", &pieces), (came(&[(7, "abc"), (8, "de")]), None));
        assert_eq!(passed("reset=4", &pieces), (came(&[(0, "abc"), (1, "d")]), Some(Break::Reset)));
        assert_eq!(passed("cut=2", &pieces), (came(&[(0, "ab")]), Some(Break::Cut)));
        assert_eq!(passed("cut=6", &pieces), (came(&[(0, "abc"), (1, "de")]), None));
        // What comes once much is glued together is glued to other bytes.
        let much = "x".repeat(MAX_GLUED);
        let glued = passed("glue=5ms", &["a", &much, "b"]).0;
        assert_eq!(
            glued.iter().map(|(at, it)| (*at, it.len())).collect::<Vec<_>>(),
            [(1, MAX_GLUED + 1), (7, 1)]
        );
    }

    #[test]
    fn what_is_put_back_comes_first() {
        let now = Instant::now();
        let mut wire = Wire::new(Some(Fault::Cut(Some(3))));
        wire.put(Bytes::from("abcd"), now);
        let Next::Bytes(bytes) = wire.next(now) else { panic!("nothing") };
        wire.put_back(bytes, now);
        assert_eq!(wire.len(), 4);
        assert_eq!(wire.next(now), Next::Bytes("abc".into()));
        assert_eq!(wire.next(now), Next::Break(Break::Cut));
    }

    #[test]
    fn breaks_are_in_the_middle_of_a_record() {
        assert_eq!(Fault::Cut(None).within(Some(24)), Fault::Cut(Some(108)));
        assert_eq!(Fault::Reset(None).within(None), Fault::Reset(Some(100)));
        assert_eq!(Fault::Cut(Some(7)).within(Some(24)), Fault::Cut(Some(7)));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        let refused = |text: &str| text.parse::<Fault>().unwrap_err();
        assert!(refused("smash").starts_with("split, glue"));
        assert!(refused("split=3").starts_with("split, glue"));
        assert_eq!(refused("cut=x"), "a number of bytes is needed behind `cut=`, found `x`");
        assert!(refused("delay=soon").starts_with("a time is needed behind `delay=`: "));
    }
}

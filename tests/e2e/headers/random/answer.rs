//! What somebody says of a header, and where two answers differ.

use std::fmt::Write as _;

use super::generate::Header;

/// Bits of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) offset_bits: u64,
    pub(super) size_bits: u64,
}

/// A record, its members in the order of their names.
#[derive(Clone, Debug)]
pub(super) struct RecordAnswer {
    pub(super) size: u64,
    pub(super) align: u64,
    /// `None` where nothing is known.
    pub(super) members: Vec<Option<Run>>,
}

/// Answers in the order of the questions; `Err`: why there is none.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) records: Vec<Result<RecordAnswer, String>>,
    pub(super) constants: Vec<Result<u64, String>>,
}

/// Two answers to one question.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The header as a whole, a record or a constant.
    pub(super) subject: Subject,
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// It is not read at all; the reason without its numbers.
    Header(String),
    /// A record that is refused or missing.
    Refused(String, String),
    /// A record with other numbers.
    Record(String),
    Constant(String),
}

/// A message without what changes as the header shrinks.
fn reason(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let message = first.rsplit(": ").next().unwrap_or(first);
    let quoted: String = message
        .split('`')
        .enumerate()
        .map(|(index, part)| if index % 2 == 0 { part } else { "" })
        .collect();
    quoted.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// How many members two answers have been compared in.
pub(super) fn compared(theirs: &Answer) -> usize {
    let records = theirs.records.iter().flatten();
    records.map(|record| record.members.iter().flatten().count()).sum()
}

pub(super) fn differences(
    header: &Header,
    ours: &Result<Answer, String>,
    theirs: &Answer,
) -> Vec<Difference> {
    let ours = match ours {
        Ok(ours) => ours,
        Err(error) => {
            let subject = Subject::Header(reason(error));
            return vec![Difference { subject, text: error.clone() }];
        }
    };
    let mut found = Vec::new();
    for ((names, ours), theirs) in header.records.iter().zip(&ours.records).zip(&theirs.records) {
        let Ok(theirs) = theirs else { continue };
        match ours {
            Err(error) => found.push(Difference {
                subject: Subject::Refused(names.name.clone(), reason(error)),
                text: format!("{}: {error}", names.name),
            }),
            Ok(ours) => {
                let mut text = String::new();
                if (ours.size, ours.align) != (theirs.size, theirs.align) {
                    writeln!(
                        text,
                        "size and alignment: ours {} {}, theirs {} {}",
                        ours.size, ours.align, theirs.size, theirs.align
                    )
                    .unwrap();
                }
                let members = names.members.iter().zip(&ours.members).zip(&theirs.members);
                for ((name, ours), theirs) in members {
                    if theirs.is_some() && ours != theirs {
                        let show = |run: &Option<Run>| {
                            run.map_or("missing".to_owned(), |run| {
                                format!("@{} +{}", run.offset_bits, run.size_bits)
                            })
                        };
                        writeln!(
                            text,
                            "{}: ours {}, theirs {}",
                            name.path,
                            show(ours),
                            show(theirs)
                        )
                        .unwrap();
                    }
                }
                if !text.is_empty() {
                    let subject = Subject::Record(names.name.clone());
                    found.push(Difference { subject, text: format!("{}:\n{text}", names.name) });
                }
            }
        }
    }
    for ((name, ours), theirs) in
        header.constants.iter().zip(&ours.constants).zip(&theirs.constants)
    {
        if theirs.is_ok() && ours != theirs {
            let subject = Subject::Constant(name.clone());
            found.push(Difference {
                subject,
                text: format!("{name}: ours {ours:?}, theirs {theirs:?}"),
            });
        }
    }
    found
}

//! Makes a header on which two answers differ as small as possible.

use std::path::Path;

use cwire_header::Lang;

use super::answer::{Difference, Subject, differences};
use super::generate::Header;
use super::target::Target;
use super::{compiler, ours};

/// Compiler runs for one header.
const MOST_TRIES: usize = 500;

struct Shrinker<'a> {
    target: &'a Target,
    lang: Lang,
    dir: &'a Path,
    subject: Subject,
    tries: usize,
    best: Header,
    difference: Difference,
}

/// The smallest header found with a difference of the same kind.
pub(super) fn shrink(
    target: &Target,
    lang: Lang,
    header: &Header,
    difference: &Difference,
    dir: &Path,
) -> (Header, Difference) {
    let mut shrinker = Shrinker {
        target,
        lang,
        dir,
        subject: difference.subject.clone(),
        tries: 0,
        best: header.clone(),
        difference: difference.clone(),
    };
    let include = format!("#include \"{}_part.h\"", header.prefix);
    let part = header.part.replace("#pragma once", "");
    let mut merged = focused(header, &difference.subject);
    merged.text = merged.text.replace(&include, &part);
    merged.part = String::new();
    shrinker.attempt(merged);
    loop {
        let before = shrinker.best.text.len();
        shrinker.blocks();
        shrinker.lines();
        shrinker.pieces();
        if shrinker.best.text.len() == before || shrinker.tries >= MOST_TRIES {
            break;
        }
    }
    (shrinker.best, shrinker.difference)
}

/// The header with only what the difference is about in its questions.
fn focused(header: &Header, subject: &Subject) -> Header {
    let mut header = header.clone();
    match subject {
        Subject::Header(_) => {
            header.records.clear();
            header.constants.clear();
        }
        Subject::Refused(name, _) | Subject::Record(name) => {
            header.records.retain(|record| record.name == *name);
            header.constants.clear();
        }
        Subject::Constant(name) => {
            header.records.clear();
            header.constants.retain(|constant| constant == name);
        }
    }
    header
}

impl Shrinker<'_> {
    /// Takes a header if the difference is still in it.
    fn attempt(&mut self, mut header: Header) -> bool {
        if self.tries >= MOST_TRIES {
            return false;
        }
        for record in &mut header.records {
            record.members.retain(|member| {
                let parts = member.path.split('.');
                parts
                    .map(|part| part.trim_end_matches("[0]"))
                    .all(|name| has_word(&header.text, name))
            });
        }
        let mine = ours::ask(self.target.abi, self.lang, &header);
        if mine.is_err() != matches!(self.subject, Subject::Header(_)) {
            return false;
        }
        self.tries += 1;
        let Some(answers) =
            compiler::ask(self.target, self.lang, std::slice::from_ref(&header), self.dir)
        else {
            return false;
        };
        let Some(Ok(theirs)) = answers.headers.first() else { return false };
        let found = differences(&header, &mine, theirs);
        match found.into_iter().find(|difference| difference.subject == self.subject) {
            Some(difference) => {
                self.best = header;
                self.difference = difference;
                true
            }
            None => false,
        }
    }

    fn attempt_text(&mut self, text: String) -> bool {
        text != self.best.text && self.attempt(Header { text, ..self.best.clone() })
    }

    /// Leaves out bodies with all that is in them, or only their braces.
    fn blocks(&mut self) {
        let mut at = 0;
        loop {
            let lines: Vec<String> = self.best.text.lines().map(str::to_owned).collect();
            let Some(line) = lines.get(at) else { break };
            if line.ends_with('{')
                && let Some(end) = block_end(&lines, at)
            {
                let without = join(&lines, |index| index < at || index > end);
                let opened = join(&lines, |index| index != at && index != end);
                if self.attempt_text(without) || self.attempt_text(opened) {
                    continue;
                }
            }
            at += 1;
        }
    }

    fn lines(&mut self) {
        let mut size = self.best.text.lines().count().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            loop {
                let lines: Vec<String> = self.best.text.lines().map(str::to_owned).collect();
                if at >= lines.len() {
                    break;
                }
                let text = join(&lines, |index| index < at || index >= at + size);
                if !self.attempt_text(text) {
                    at += size;
                }
            }
            size /= 2;
        }
    }

    /// Leaves out attributes and the like, and puts numbers in the place of expressions.
    fn pieces(&mut self) {
        for (from, to, with) in [
            (" __attribute__((", "))", ""),
            ("alignas(", ") ", ""),
            ("_Alignas(", ") ", ""),
            ("[[no_unique_address]", "] ", ""),
            ("[", "]", "[2]"),
            ("[", "]", ""),
            (" : public ", " {", " {"),
            (" : private ", " {", " {"),
            (" : protected ", " {", " {"),
            (", ", " {", " {"),
            ("long ", "long", "short"),
            (": (", ";", ": 3;"),
            ("= (", ",", "= 1,"),
        ] {
            let mut at = 0;
            while let Some(start) = self.best.text[at..].find(from).map(|start| at + start) {
                let text = &self.best.text;
                let Some(end) = text[start + from.len()..]
                    .find(to)
                    .map(|end| start + from.len() + end + to.len())
                else {
                    break;
                };
                if text[start..end].contains('\n') {
                    at = start + from.len();
                    continue;
                }
                let changed = format!("{}{with}{}", &text[..start], &text[end..]);
                if !(changed.len() < text.len() && self.attempt_text(changed)) {
                    at = start + from.len();
                }
            }
        }
    }
}

fn join(lines: &[String], keep: impl Fn(usize) -> bool) -> String {
    let kept = lines.iter().enumerate().filter(|&(index, _)| keep(index));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// The line that closes the brace at the end of a line.
fn block_end(lines: &[String], start: usize) -> Option<usize> {
    let mut depth = 0;
    for (index, line) in lines.iter().enumerate().skip(start) {
        depth += line.matches('{').count();
        depth = depth.checked_sub(line.matches('}').count())?;
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(is_name) && !text[at + word.len()..].starts_with(is_name)
    })
}

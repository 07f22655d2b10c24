//! Why a header could not be read.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::source::{Loc, Position, Sources};

/// Why a header could not be read: where, what was needed, what was found.
///
/// Displays as compilers do, the chain of includes first:
///
/// ```text
/// In file included from a.h:3:
/// b.h:7:14: error: expected `;` after the member, found `}`
///     7 |     int count }
///       |               ^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: HeaderErrorKind,
    message: String,
    /// Line and column are 0 for a file that could not be opened at all.
    position: Position,
    source_line: String,
    /// Where the file was included, innermost first.
    includes: Vec<Position>,
}

/// What went wrong.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HeaderErrorKind {
    /// A file is missing or unreadable.
    File,
    /// Text is no sequence of tokens: an unterminated comment or literal.
    Lexical,
    /// A preprocessing directive or a macro is malformed.
    Preprocessing,
    /// An `#error` directive was reached.
    ErrorDirective,
    /// Tokens are no declaration.
    #[default]
    Syntax,
    /// A declaration makes no sense: unknown names, expressions that are not constant.
    Semantic,
    /// A `static_assert` failed: the header is not for this ABI.
    StaticAssert,
    /// One of [`Limits`](crate::Limits) was reached.
    Limit,
}

impl HeaderError {
    /// An error at a position; of kind [`HeaderErrorKind::Syntax`] unless
    /// [`with_kind`](Self::with_kind) says otherwise.
    ///
    /// `message` is in lower case, without a full stop, and says what was needed before what was
    /// found.
    #[must_use]
    pub fn new(sources: &Sources, loc: Loc, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind: HeaderErrorKind::Syntax,
                message: message.into(),
                position: sources.position(loc),
                source_line: sources.line_text(loc).to_owned(),
                includes: sources.includes(loc),
            }),
        }
    }

    /// A file that was asked for and cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let message = format!("the file cannot be read: {}", reason(error));
        Self::whole_file(&path.display().to_string(), message, HeaderErrorKind::File)
    }

    /// An error of a file as a whole.
    pub(crate) fn whole_file(file: &str, message: String, kind: HeaderErrorKind) -> Self {
        let file: Arc<str> = file.into();
        Self {
            inner: Box::new(Inner {
                kind,
                message,
                position: Position { file, line: 0, column: 0 },
                source_line: String::new(),
                includes: Vec::new(),
            }),
        }
    }

    /// The same error as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: HeaderErrorKind) -> Self {
        self.inner.kind = kind;
        self
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> HeaderErrorKind {
        self.inner.kind
    }

    /// What went wrong, without position and source line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The file at fault, as it was named or found.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.inner.position.file
    }

    /// Line in that file, from 1; 0 where the file could not be read at all.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.inner.position.line
    }

    /// Column in characters, from 1; 0 where the file could not be read at all.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.inner.position.column
    }

    /// The source line at fault, without its end.
    #[must_use]
    pub fn source_line(&self) -> &str {
        &self.inner.source_line
    }

    /// Where the file was included, then where that file was, and so on outwards.
    #[must_use]
    pub fn includes(&self) -> &[Position] {
        &self.inner.includes
    }
}

/// What the operating system says, without the number that Rust appends.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text.chars().take(end).collect::<String>().to_lowercase(),
        None => text,
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, position, source_line, includes, .. } = &*self.inner;
        for (depth, at) in includes.iter().enumerate() {
            let lead = if depth == 0 { "In file included from" } else { "                 from" };
            let end = if depth + 1 == includes.len() { ':' } else { ',' };
            writeln!(f, "{lead} {}:{}{end}", at.file, at.line)?;
        }
        if position.line == 0 {
            return write!(f, "{}: error: {message}", position.file);
        }
        let Position { file, line, column } = position;
        write!(f, "{file}:{line}:{column}: error: {message}")?;
        let (text, caret) = excerpt(source_line, *column);
        write!(f, "\n{line:5} | {text}\n      | {caret}^")
    }
}

/// Characters of a source line that are shown on each side of the caret.
const EXCERPT_CHARS: usize = 120;

/// The part of a line around a column, and what pads the caret below it. Tabs stay tabs in both, so
/// that the caret is in place whatever their width; other control characters must not reach a
/// terminal.
fn excerpt(line: &str, column: u32) -> (String, String) {
    let at = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let first = at.saturating_sub(EXCERPT_CHARS);
    let cut = |char: char| if char.is_control() && char != '\t' { '\u{fffd}' } else { char };
    let chars = line.chars().map(cut).skip(first);
    let text: String = chars.clone().take(2 * EXCERPT_CHARS).collect();
    let blank = |char| if char == '\t' { '\t' } else { ' ' };
    let mut caret: String = chars.take(at - first).map(blank).collect();
    // A column past the end of the line: its end is at fault.
    caret.extend(std::iter::repeat_n(' ', (at - first).saturating_sub(caret.chars().count())));
    (text, caret)
}

impl std::error::Error for HeaderError {}

//! Why one declaration cannot be resolved.

use crate::source::Loc;

/// Why one declaration cannot be resolved. What becomes of it depends on the declaration: a record
/// is refused, a variable is ignored.
#[derive(Clone, Debug)]
pub(crate) struct Fail {
    /// Where.
    pub(crate) loc: Loc,
    /// What was needed and what was found.
    pub(crate) reason: String,
    /// Whether the whole header is wrong for this ABI (a failing `static_assert`).
    pub(crate) fatal: bool,
}

impl Fail {
    pub(crate) fn new(loc: Loc, reason: impl Into<String>) -> Self {
        Self { loc, reason: reason.into(), fatal: false }
    }

    pub(crate) fn fatal(loc: Loc, reason: impl Into<String>) -> Self {
        Self { loc, reason: reason.into(), fatal: true }
    }
}

/// A result of resolving.
pub(crate) type Resolved<T> = Result<T, Fail>;

//! Why a record cannot be compiled.

use std::fmt;

use cwire_layout::LayoutError;

use crate::error::Names;

/// Why a record cannot be compiled.
///
/// Displays as `order.legs: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// The record, and after a dot the field.
    path: String,
    kind: PlanErrorKind,
}

/// What is wrong with a record, an annotation or a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanErrorKind {
    /// The record is declared and not defined.
    Incomplete,
    /// The record is larger than the host's address space.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// The record is made of too many fields, or they lie too deep in each other.
    TooComplex {
        /// What there is too much of: `fields` or `levels`.
        what: &'static str,
        /// How many are allowed.
        max: usize,
    },
    /// A field has no size.
    Layout(LayoutError),
    /// A selection or annotation names a field that is not there.
    UnknownField {
        /// The names of the fields that are.
        known: Vec<String>,
    },
    /// An annotation names a field that is not of the kind it needs.
    WrongField {
        /// What it needs.
        needed: &'static str,
        /// The type found.
        found: String,
    },
}

impl PlanError {
    pub(crate) fn new(path: &str, kind: PlanErrorKind) -> Self {
        Self { path: path.into(), kind }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &PlanErrorKind {
        &self.kind
    }

    /// The record, and after a dot the field.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.kind {
            PlanErrorKind::Incomplete => f.write_str("needs a complete type, found a declaration"),
            PlanErrorKind::TooLarge { size } => {
                write!(f, "needs a record that fits memory, found one of {size} bytes")
            }
            PlanErrorKind::TooComplex { what, max } => {
                write!(f, "needs a record of at most {max} {what}, found more")
            }
            PlanErrorKind::Layout(error) => error.fmt(f),
            PlanErrorKind::UnknownField { known } if known.is_empty() => {
                f.write_str("needs the name of a field, found none of this name and no others")
            }
            PlanErrorKind::UnknownField { known } => {
                write!(f, "needs one of the fields {}, found another name", Names(known))
            }
            PlanErrorKind::WrongField { needed, found } => {
                write!(f, "needs {needed}, found `{found}`")
            }
        }
    }
}

impl std::error::Error for PlanError {}

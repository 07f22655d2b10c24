//! What is noticed while a frame is decoded, beside its values.

/// What was noticed in a frame. None of it is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub(crate) cut: bool,
    pub(crate) padding: bool,
    pub(crate) invalid: Option<u64>,
}

impl Findings {
    /// Whether fields are missing because the frame ends before them
    /// ([`Short::Cut`](super::Short::Cut)).
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether some padding is not zero; [`Plan::padding`](super::Plan::padding) says where it is.
    #[must_use]
    pub fn has_padding(&self) -> bool {
        self.padding
    }

    /// The byte, from the start of the record, of the first field whose bits are no value of its type;
    /// [`Plan::invalid`](super::Plan::invalid) names the fields.
    #[must_use]
    pub fn first_invalid(&self) -> Option<usize> {
        self.invalid.and_then(|bits| usize::try_from(bits / 8).ok())
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// A field whose bits are no value of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalid {
    /// C path of the field.
    pub path: String,
    /// Bytes from the start of the record.
    pub offset: usize,
    /// Its type.
    pub ctype: String,
    /// The number it holds.
    pub found: i128,
}

impl std::fmt::Display for Invalid {
    /// As in `open: 2 is no value of `bool`, at offset 0x4`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, offset, ctype, found } = self;
        write!(f, "{path}: {found} is no value of `{ctype}`, at offset {offset:#x}")
    }
}

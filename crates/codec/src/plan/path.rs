//! Names fields of a frame, for messages.

use super::visit::{Item, Scalar, Visitor};
use super::{Invalid, Key, Leaf};

/// The C path of what is visited.
#[derive(Default)]
struct Path {
    steps: Vec<Step>,
}

enum Step {
    Key(Box<str>),
    Index(usize),
}

impl Path {
    fn key(&mut self, key: &Key) {
        // The last member is done with.
        if let Some(Step::Key(_)) = self.steps.last() {
            self.steps.pop();
        }
        self.steps.push(Step::Key(key.name.clone()));
    }

    fn end_object(&mut self) {
        if let Some(Step::Key(_)) = self.steps.last() {
            self.steps.pop();
        }
        self.next();
    }

    fn begin_list(&mut self) {
        self.steps.push(Step::Index(0));
    }

    fn end_list(&mut self) {
        self.steps.pop();
        self.next();
    }

    /// A scalar, list or object is over.
    fn next(&mut self) {
        if let Some(Step::Index(index)) = self.steps.last_mut() {
            *index += 1;
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            match step {
                Step::Key(name) if text.is_empty() => text.push_str(name),
                Step::Key(name) => text.extend([".", name]),
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }
}

/// An object begins as a marker that no key of an outer object is taken for one of its own.
macro_rules! follow {
    () => {
        fn begin_object(&mut self) {
            // A placeholder that the first key replaces.
            self.path.steps.push(Step::Key(Box::default()));
        }

        fn key(&mut self, key: &Key) {
            self.path.key(key);
        }

        fn end_object(&mut self) {
            self.path.end_object();
        }

        fn begin_list(&mut self) {
            self.path.begin_list();
        }

        fn end_list(&mut self) {
            self.path.end_list();
        }
    };
}

/// Finds the first field that a frame lacks.
#[derive(Default)]
pub(crate) struct FirstMissing {
    path: Path,
    /// Its path, its leaf if it is one, and its offset in bytes.
    pub(crate) found: Option<(String, Option<usize>, usize)>,
}

impl Visitor for FirstMissing {
    follow!();

    fn scalar(&mut self, _: &Item<'_>) {
        self.path.next();
    }

    fn null(&mut self, leaf: Option<usize>, offset_bits: u64) {
        if self.found.is_none() {
            let offset = usize::try_from(offset_bits / 8).unwrap_or(usize::MAX);
            self.found = Some((self.path.text(), leaf, offset));
        }
        self.path.next();
    }
}

/// Collects the fields whose bits are no value of their type.
pub(crate) struct InvalidFields<'a> {
    path: Path,
    leaves: &'a [Leaf],
    limit: usize,
    pub(crate) found: Vec<Invalid>,
}

impl<'a> InvalidFields<'a> {
    pub(crate) fn new(leaves: &'a [Leaf], limit: usize) -> Self {
        Self { path: Path::default(), leaves, limit, found: Vec::new() }
    }
}

impl Visitor for InvalidFields<'_> {
    follow!();

    fn scalar(&mut self, item: &Item<'_>) {
        if item.invalid && self.found.len() < self.limit {
            self.found.push(Invalid {
                path: self.path.text(),
                offset: usize::try_from(item.offset_bits / 8).unwrap_or(usize::MAX),
                ctype: self
                    .leaves
                    .get(item.leaf)
                    .map_or_else(String::new, |leaf| leaf.ctype.clone()),
                found: match item.scalar {
                    Scalar::Int(found) => found,
                    _ => i128::MAX,
                },
            });
        }
        self.path.next();
    }

    fn null(&mut self, _: Option<usize>, _: u64) {
        self.path.next();
    }
}

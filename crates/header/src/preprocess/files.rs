//! Finding included files, and reading each of them once.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::builtin::Available;
use crate::source::{Files, Origin, Text};
use crate::token::Symbol;

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) text: Arc<Text>,
    pub(super) origin: Origin,
    /// The folder where its own `#include "…"` begin to look.
    pub(super) dir: PathBuf,
    /// `#pragma once`, or `#import`.
    pub(super) once: bool,
    pub(super) entered: bool,
    /// The macro of the `#ifndef` around the whole of it: where that is defined, it is empty.
    pub(super) guard: Option<Symbol>,
}

pub(super) type FileId = usize;

/// Where a search found something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) file: FileId,
    /// Number of the folder, for `#include_next`; `None`: beside the file that includes it.
    pub(super) dir: Option<usize>,
}

/// The files that were read, by path.
pub(super) struct Cache<'a> {
    files: &'a dyn Files,
    by_path: HashMap<PathBuf, Option<FileId>>,
    read: Vec<File>,
    dirs: &'a [PathBuf],
    built_in: Available,
}

impl<'a> Cache<'a> {
    pub(super) fn new(files: &'a dyn Files, dirs: &'a [PathBuf], built_in: Available) -> Self {
        Self { files, by_path: HashMap::new(), read: Vec::new(), dirs, built_in }
    }

    pub(super) fn get(&self, id: FileId) -> Option<&File> {
        self.read.get(id)
    }

    pub(super) fn get_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.read.get_mut(id)
    }

    /// Whether a file that says `#pragma once` has the same text and was entered under another path.
    pub(super) fn is_copy_of_once(&self, id: FileId) -> bool {
        let Some(file) = self.get(id) else { return false };
        self.read.iter().enumerate().any(|(other, once)| {
            once.once && once.entered && other != id && once.text.text == file.text.text
        })
    }

    /// The file at exactly this path; `None` where there is none.
    ///
    /// # Errors
    ///
    /// There is one, and it cannot be read.
    pub(super) fn open(&mut self, path: &Path, origin: Origin) -> io::Result<Option<FileId>> {
        if let Some(&known) = self.by_path.get(path) {
            return Ok(known);
        }
        let id = match self.files.read(path) {
            Ok(bytes) => {
                let name = path.display().to_string();
                let dir = path.parent().unwrap_or(Path::new("")).to_owned();
                Some(self.add(Text::from_bytes(&name, bytes), origin, dir))
            }
            Err(error) if is_missing(&error) => None,
            Err(error) => return Err(error),
        };
        self.by_path.insert(path.to_owned(), id);
        Ok(id)
    }

    pub(super) fn add(&mut self, text: Text, origin: Origin, dir: PathBuf) -> FileId {
        self.read.push(File {
            text: Arc::new(text),
            origin,
            dir,
            once: false,
            entered: false,
            guard: None,
        });
        self.read.len() - 1
    }

    /// Looks for an included file: in the folders `beside` (none for `<…>`), then in those of the
    /// options from number `first` on, then among the built-in headers
    /// (`strict`: those that the compiler comes with).
    ///
    /// # Errors
    ///
    /// One was found, and cannot be read.
    pub(super) fn find(
        &mut self,
        name: &str,
        beside: &[PathBuf],
        first: usize,
        strict: bool,
    ) -> io::Result<Option<Found>> {
        if let Some(found) = self.find_spelled(name, beside, first, strict)? {
            return Ok(Some(found));
        }
        if name.contains('\\') {
            // Windows sources write paths so.
            return self.find_spelled(&name.replace('\\', "/"), beside, first, strict);
        }
        Ok(None)
    }

    fn find_spelled(
        &mut self,
        name: &str,
        beside: &[PathBuf],
        first: usize,
        strict: bool,
    ) -> io::Result<Option<Found>> {
        if name.is_empty() || name.contains('\0') {
            return Ok(None);
        }
        if Path::new(name).is_absolute() {
            let file = self.open(Path::new(name), Origin::Included)?;
            return Ok(file.map(|file| Found { file, dir: None }));
        }
        for dir in beside {
            if let Some(file) = self.open(&dir.join(name), Origin::Included)? {
                return Ok(Some(Found { file, dir: None }));
            }
        }
        let dirs = self.dirs;
        for (number, dir) in dirs.iter().enumerate().skip(first) {
            if let Some(file) = self.open(&dir.join(name), Origin::Included)? {
                return Ok(Some(Found { file, dir: Some(number) }));
            }
        }
        let file = if first <= dirs.len() { self.open_built_in(name, strict) } else { None };
        Ok(file.map(|file| Found { file, dir: Some(dirs.len()) }))
    }

    fn open_built_in(&mut self, name: &str, strict: bool) -> Option<FileId> {
        let (name, text) = self.built_in.find(name, strict)?;
        let path = PathBuf::from(format!("<built-in>/{name}"));
        if let Some(&known) = self.by_path.get(&path) {
            return known;
        }
        let text = Text::new(&path.display().to_string(), text.into());
        let id = self.add(text, Origin::BuiltIn, PathBuf::from("<built-in>"));
        self.by_path.insert(path, Some(id));
        Some(id)
    }

    /// The folders of the options, as an error lists them.
    pub(super) fn searched(&self) -> String {
        match self.dirs {
            [] => "no folder was given with -I".to_owned(),
            [only] => format!("it is not in {}", only.display()),
            [first, rest @ ..] => {
                format!("it is neither in {} nor in {} more folders", first.display(), rest.len())
            }
        }
    }
}

/// Whether the search goes on: there is nothing of that name, or part of the path is no folder.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidFilename
    )
}

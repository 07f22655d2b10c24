//! Where bytes come from: files and standard input, plain or as a hex dump.
//!
//! An input is a source of streams: it says where one begins, what its bytes are, and what of it is
//! missing. A plain file has one, a hex dump one for each dump in it.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;
use cwire_hexdump::{Detected, DumpReader, Event, detect};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Bytes as they are.
    Binary,
    /// A hex dump.
    Hex,
}

/// What comes out of an input.
pub(crate) enum Piece<'a> {
    /// A stream begins, the one before has ended. Its first byte has this offset.
    Begin { offset: u64 },
    /// The bytes that follow.
    Bytes(&'a [u8]),
    /// So many bytes are missing here.
    Gap { missing: u64 },
    /// The input itself is not as it should be.
    Problem { message: String },
    /// Nothing more has come yet: what was made of the pieces so far is to be handed on.
    Pause,
    /// The input has ended.
    End,
}

/// An open input.
pub(crate) struct Input {
    /// What it is called in messages.
    pub(crate) name: String,
    reader: Box<dyn Read>,
    form: Option<Form>,
    /// Bytes of a file; `None` for what is no file.
    pub(crate) length: Option<u64>,
}

/// How the beginning of a capture looks: pcap in both byte orders with micro- and nanoseconds, pcapng.
const CAPTURES: [[u8; 4]; 5] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

impl Input {
    /// Opens a file, or standard input for `-`. What its content is, is found out unless `form` says.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub(crate) fn open(path: &Path, form: Option<Form>) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            let reader = Box::new(io::stdin().lock());
            return Ok(Self { name: "<stdin>".to_owned(), reader, form, length: None });
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        let meta = file.metadata().with_context(|| name.clone())?;
        if meta.is_dir() {
            bail!("{name}: a file is needed, found a folder");
        }
        // Files that are made up while they are read (`/proc`) have no length.
        let length = (meta.is_file() && meta.len() > 0).then_some(meta.len());
        Ok(Self { name, reader: Box::new(file), form, length })
    }

    /// Reads to the end, or until `take` has seen enough, and hands out the pieces. `read` is told how many
    /// bytes of the input were read.
    ///
    /// # Errors
    ///
    /// The input cannot be read, it is a capture, or `take` fails.
    pub(crate) fn pump(
        mut self,
        mut read: impl FnMut(u64),
        mut take: impl FnMut(Piece<'_>) -> anyhow::Result<ControlFlow<()>>,
    ) -> anyhow::Result<Form> {
        let mut buffer = vec![0; CHUNK];
        let (begin, form) = self.begin(&mut buffer)?;
        let mut source = match form {
            Form::Binary => Source::Binary { has_begun: false },
            Form::Hex => Source::Hex(Box::default()),
        };
        let mut total = begin.len() as u64;
        read(total);
        if source.feed(&begin, &mut take)?.is_break() {
            return Ok(form);
        }
        drop(begin);
        loop {
            if self.length.is_none() && take(Piece::Pause)?.is_break() {
                return Ok(form);
            }
            let count = self.some(&mut buffer)?;
            let chunk = buffer.get(..count).unwrap_or_default();
            if chunk.is_empty() {
                break;
            }
            total += chunk.len() as u64;
            read(total);
            if source.feed(chunk, &mut take)?.is_break() {
                return Ok(form);
            }
        }
        if source.finish(&mut take)?.is_continue() {
            let _ = take(Piece::End)?;
        }
        Ok(form)
    }

    /// The first bytes, as many as tell what the input is.
    fn begin(&mut self, buffer: &mut [u8]) -> anyhow::Result<(Vec<u8>, Form)> {
        let mut begin = Vec::new();
        loop {
            let count = self.some(buffer)?;
            begin.extend_from_slice(buffer.get(..count).unwrap_or_default());
            if let Some(form) = self.form {
                return Ok((begin, form));
            }
            if begin.get(..4).is_some_and(|magic| CAPTURES.iter().any(|it| magic == it)) {
                bail!(
                    "{}: bytes or a hex dump are needed, found a capture of packets (--input binary reads \
                     its bytes as they are)",
                    self.name
                );
            }
            match detect(&begin, count == 0) {
                Detected::Dump => return Ok((begin, Form::Hex)),
                Detected::Bytes => return Ok((begin, Form::Binary)),
                Detected::Undecided => {}
            }
        }
    }

    /// What has come, at least a byte; none at the end.
    fn some(&mut self, buffer: &mut [u8]) -> anyhow::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.with_context(|| self.name.clone()),
            }
        }
    }
}

enum Source {
    Binary { has_begun: bool },
    Hex(Box<DumpReader>),
}

impl Source {
    fn feed(
        &mut self,
        chunk: &[u8],
        take: &mut impl FnMut(Piece<'_>) -> anyhow::Result<ControlFlow<()>>,
    ) -> anyhow::Result<ControlFlow<()>> {
        match self {
            Self::Binary { has_begun } => {
                if !std::mem::replace(has_begun, true)
                    && take(Piece::Begin { offset: 0 })?.is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
                if chunk.is_empty() {
                    return Ok(ControlFlow::Continue(()));
                }
                take(Piece::Bytes(chunk))
            }
            Self::Hex(reader) => {
                reader.push(chunk);
                drain(reader, take)
            }
        }
    }

    fn finish(
        &mut self,
        take: &mut impl FnMut(Piece<'_>) -> anyhow::Result<ControlFlow<()>>,
    ) -> anyhow::Result<ControlFlow<()>> {
        match self {
            Self::Binary { .. } => Ok(ControlFlow::Continue(())),
            Self::Hex(reader) => {
                reader.finish();
                drain(reader, take)
            }
        }
    }
}

fn drain(
    reader: &mut DumpReader,
    take: &mut impl FnMut(Piece<'_>) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<ControlFlow<()>> {
    while let Some(event) = reader.next() {
        let piece = match event {
            Event::Begin { offset } => Piece::Begin { offset },
            Event::Bytes(bytes) => Piece::Bytes(bytes),
            Event::Gap { missing } => Piece::Gap { missing },
            Event::Problem(error) => Piece::Problem { message: error.to_string() },
        };
        if take(piece)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

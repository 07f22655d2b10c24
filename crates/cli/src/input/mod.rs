//! Where bytes come from: files and standard input, plain, as a hex dump, or as captured packets.
//!
//! An input is a source of streams. Of a plain file or a dump it says where one begins, what its bytes
//! are, and what of it is missing; a plain file has one, a hex dump one for each dump in it. A capture has
//! many at a time.

mod compressed;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use cwire_capture::file::{Detected as DetectedFile, detect as detect_file};
use cwire_hexdump::{Detected, DumpReader, Event, detect};

use self::compressed::{Compression, MAGIC};
use crate::capture::{Capture, Go, Heard, Next};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// How long a live capture is silent before its streams go on without what may not have been captured.
#[cfg(unix)]
const WAIT_NANOS: i64 = 250_000_000;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Captured packets: pcap or pcapng.
    Pcap,
    /// Bytes as they are.
    Binary,
    /// A hex dump.
    Hex,
}

/// What comes out of a plain file or a dump.
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

/// What comes out of a capture.
pub(crate) enum Part<'a> {
    Heard(Heard<'a>),
    /// Nothing more has come yet: what was made of what was heard is to be handed on.
    Pause,
}

/// An open input.
pub(crate) struct Input {
    /// What it is called in messages.
    pub(crate) name: String,
    reader: Box<dyn Read>,
    pub(crate) form: Form,
    /// The first bytes, by which its form was found out.
    begin: Vec<u8>,
    /// Whether it ended behind them.
    is_at_end: bool,
    /// Whether it is standard input as it is, whose readiness can be asked for.
    #[cfg_attr(not(unix), expect(dead_code, reason = "asked for on Unix"))]
    is_stdin: bool,
    /// Bytes of a file; `None` for what is no file.
    pub(crate) length: Option<u64>,
    /// Bytes that were read of it so far.
    pub(crate) position: Rc<Cell<u64>>,
}

/// Counts the bytes that are read.
struct Counted<R> {
    reader: R,
    position: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buf)?;
        self.position.set(self.position.get() + count as u64);
        Ok(count)
    }
}

impl Input {
    /// Opens a file, or standard input for `-`. What its content is, is found out unless `form` says;
    /// unless it is [`Form::Binary`], what is compressed with gzip or zstd is decompressed.
    ///
    /// # Errors
    ///
    /// It cannot be opened or read.
    pub(crate) fn open(path: &Path, form: Option<Form>) -> anyhow::Result<Self> {
        let position = Rc::<Cell<u64>>::default();
        if path == Path::new("-") {
            let reader = Counted { reader: io::stdin().lock(), position: Rc::clone(&position) };
            return Self::new("<stdin>".to_owned(), Box::new(reader), form, (true, None), position);
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        let meta = file.metadata().with_context(|| name.clone())?;
        if meta.is_dir() {
            bail!("{name}: a file is needed, found a folder");
        }
        // Files that are made up while they are read (`/proc`) have no length.
        let length = (meta.is_file() && meta.len() > 0).then_some(meta.len());
        let reader = Counted { reader: file, position: Rc::clone(&position) };
        Self::new(name, Box::new(reader), form, (false, length), position)
    }

    fn new(
        name: String,
        reader: Box<dyn Read>,
        form: Option<Form>,
        (is_stdin, length): (bool, Option<u64>),
        position: Rc<Cell<u64>>,
    ) -> anyhow::Result<Self> {
        let (begin, is_at_end) = (Vec::new(), false);
        let mut input =
            Self { name, reader, form: Form::Binary, begin, is_at_end, is_stdin, length, position };
        input.form = match form {
            Some(Form::Binary) => Form::Binary,
            form => {
                input.decompress()?;
                match form {
                    Some(form) => form,
                    None => input.find_out()?,
                }
            }
        };
        Ok(input)
    }

    /// Reads what is compressed as what it was before.
    fn decompress(&mut self) -> anyhow::Result<()> {
        while self.begin.len() < MAGIC && self.more()? {}
        if let Some(compression) = Compression::of(&self.begin) {
            let reader = std::mem::replace(&mut self.reader, Box::new(io::empty()));
            let reader = compression.reader(std::mem::take(&mut self.begin), reader);
            self.reader = reader.with_context(|| self.name.clone())?;
            (self.is_at_end, self.is_stdin) = (false, false);
        }
        Ok(())
    }

    /// What it is, by its first bytes.
    fn find_out(&mut self) -> anyhow::Result<Form> {
        loop {
            let file = detect_file(&self.begin, self.is_at_end);
            match (file, detect(&self.begin, self.is_at_end)) {
                (DetectedFile::Capture, _) => return Ok(Form::Pcap),
                (DetectedFile::Undecided, _) => {}
                (DetectedFile::Other, Detected::Dump) => return Ok(Form::Hex),
                (DetectedFile::Other, Detected::Bytes) => return Ok(Form::Binary),
                (DetectedFile::Other, Detected::Undecided) => {}
            }
            self.more()?;
        }
    }

    /// Reads more of the first bytes; false if there are no more.
    fn more(&mut self) -> anyhow::Result<bool> {
        let mut buffer = vec![0; CHUNK];
        let count = self.some(&mut buffer)?;
        self.begin.extend_from_slice(buffer.get(..count).unwrap_or_default());
        self.is_at_end = count == 0;
        Ok(count > 0)
    }

    /// Reads a plain file or a dump to the end, or until `take` has seen enough, and hands out the pieces.
    /// `read` is called when something was read.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or `take` fails.
    pub(crate) fn pump(
        mut self,
        mut read: impl FnMut(),
        mut take: impl FnMut(Piece<'_>) -> anyhow::Result<ControlFlow<()>>,
    ) -> anyhow::Result<()> {
        let mut source = match self.form {
            Form::Hex => Source::Hex(Box::default()),
            Form::Binary | Form::Pcap => Source::Binary { has_begun: false },
        };
        let begin = std::mem::take(&mut self.begin);
        read();
        if source.feed(&begin, &mut take)?.is_break() {
            return Ok(());
        }
        drop(begin);
        let mut buffer = vec![0; CHUNK];
        loop {
            if self.length.is_none() && take(Piece::Pause)?.is_break() {
                return Ok(());
            }
            let count = match self.some(&mut buffer) {
                Ok(count) => count,
                Err(error) => {
                    let message = format!("cannot be read further: {}", error.root_cause());
                    let _ = take(Piece::Problem { message })?;
                    0
                }
            };
            let chunk = buffer.get(..count).unwrap_or_default();
            if chunk.is_empty() {
                break;
            }
            read();
            if source.feed(chunk, &mut take)?.is_break() {
                return Ok(());
            }
        }
        if source.finish(&mut take)?.is_continue() {
            let _ = take(Piece::End)?;
        }
        Ok(())
    }

    /// Reads a capture to the end, or until `take` has heard enough. `read` is called when something was
    /// read.
    ///
    /// # Errors
    ///
    /// `take` fails. That the input cannot be read further is something that it hears.
    pub(crate) fn listen(
        mut self,
        capture: &mut Capture,
        mut read: impl FnMut(),
        mut take: impl FnMut(Part<'_>) -> Go,
    ) -> anyhow::Result<()> {
        let mut buffer = std::mem::take(&mut self.begin);
        let mut filled = buffer.len();
        let mut is_broken = false;
        loop {
            let bytes = buffer.get(..filled).unwrap_or_default();
            let is_finished = self.is_at_end;
            let mut hear = |heard: Heard<'_>| match heard {
                // Why a packet is cut short was said.
                Heard::Problem { .. } if is_broken => Ok(ControlFlow::Continue(())),
                heard => take(Part::Heard(heard)),
            };
            let (used, next) = capture.feed(bytes, is_finished, &mut hear)?;
            buffer.copy_within(used..filled, 0);
            filled -= used;
            let Next::Need(needed) = next else {
                if next == Next::End {
                    let _ = capture.finish(&mut |heard| take(Part::Heard(heard)))?;
                }
                return Ok(());
            };
            while filled < needed && !self.is_at_end {
                if self.length.is_none() && take(Part::Pause)?.is_break() {
                    return Ok(());
                }
                while capture.is_live() && !self.is_ready()? {
                    let mut go = capture.wait(&mut |heard| take(Part::Heard(heard)))?;
                    if go.is_continue() {
                        go = take(Part::Pause)?;
                    }
                    if go.is_break() {
                        return Ok(());
                    }
                }
                // Grows as bytes come, whatever the file says of those that follow.
                if filled == buffer.len() {
                    buffer.resize((2 * filled).max(CHUNK), 0);
                }
                let space = buffer.get_mut(filled..).unwrap_or_default();
                match read_some(&mut *self.reader, space) {
                    Ok(count) => {
                        filled += count;
                        self.is_at_end = count == 0;
                    }
                    Err(error) => {
                        (self.is_at_end, is_broken) = (true, true);
                        let at = capture.offset() + filled as u64;
                        let message = format!("at {at:#x} ({at}): cannot be read further: {error}");
                        let problem = Heard::Problem { message: &message, offset: at };
                        if take(Part::Heard(problem))?.is_break() {
                            return Ok(());
                        }
                    }
                }
                read();
            }
        }
    }

    /// Waits a while for more to come on standard input; whether reading would not wait.
    #[cfg(unix)]
    fn is_ready(&self) -> anyhow::Result<bool> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        if !self.is_stdin {
            return Ok(true);
        }
        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: WAIT_NANOS })) {
            Ok(count) => Ok(count > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error).with_context(|| self.name.clone()),
        }
    }

    #[cfg(not(unix))]
    fn is_ready(&self) -> anyhow::Result<bool> {
        Ok(true)
    }

    /// What has come, at least a byte; none at the end.
    fn some(&mut self, buffer: &mut [u8]) -> anyhow::Result<usize> {
        read_some(&mut *self.reader, buffer)
            .with_context(|| format!("{}: cannot be read further", self.name))
    }
}

fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
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

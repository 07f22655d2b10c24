//! Where records are written to.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, bail};

use crate::args::Color;
use crate::paint::Paint;

/// Size of the buffer in front of files and pipes.
const BUFFER: usize = 64 << 10;

/// An open output, and whether it is coloured.
pub(crate) struct Output {
    pub(crate) writer: Box<dyn Write>,
    pub(crate) paint: Paint,
    /// Whether people see it as it is written.
    pub(crate) is_terminal: bool,
}

impl Output {
    /// Opens FILE of `-o FILE`, or standard output for `-` and where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be created.
    pub(crate) fn open(path: Option<&Path>, color: Color) -> anyhow::Result<Self> {
        match path {
            Some(path) if path != Path::new("-") => Self::file(path, color),
            _ => Ok(Self::stdout(color)),
        }
    }

    /// Opens FILE for bytes that are no text; `-` is standard output.
    ///
    /// # Errors
    ///
    /// The file cannot be created, or standard output is a terminal.
    pub(crate) fn open_bytes(path: &Path) -> anyhow::Result<Box<dyn Write + Send>> {
        if path != Path::new("-") {
            let file =
                File::create(path).with_context(|| format!("creating {}", path.display()))?;
            return Ok(Box::new(BufWriter::with_capacity(BUFFER, file)));
        }
        if io::stdout().is_terminal() {
            bail!("standard output is a terminal; -o FILE, or a pipe, is needed for bytes");
        }
        Ok(Box::new(BufWriter::with_capacity(BUFFER, io::stdout())))
    }

    /// Whether people will see what is written to FILE of `-o FILE`.
    pub(crate) fn is_for_people(path: Option<&Path>) -> bool {
        path.is_none_or(|path| path == Path::new("-")) && io::stdout().is_terminal()
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    ///
    /// The output does not take it.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn file(path: &Path, color: Color) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
        let writer = BufWriter::with_capacity(BUFFER, file);
        let paint = Paint(color == Color::Always);
        Ok(Self { writer: Box::new(writer), paint, is_terminal: false })
    }

    fn stdout(color: Color) -> Self {
        let stdout = io::stdout();
        let paint = is_coloured(&stdout, color);
        let stdout = stdout.lock();
        let is_terminal = stdout.is_terminal();
        // Through anstream on terminals alone: those of old Windows need translation, a file none.
        let writer: Box<dyn Write> = if paint.0 && is_terminal {
            Box::new(BufWriter::new(AutoStream::new(stdout, ColorChoice::Always)))
        } else {
            Box::new(BufWriter::with_capacity(BUFFER, stdout))
        };
        Self { writer, paint, is_terminal }
    }
}

/// Whether a standard stream is coloured: `--color`, then NO_COLOR and its kin, then whether it is
/// a terminal.
pub(crate) fn is_coloured<S: anstream::stream::RawStream>(stream: &S, color: Color) -> Paint {
    let choice = match color {
        Color::Auto => AutoStream::choice(stream),
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    Paint(choice != ColorChoice::Never)
}

/// Whether what failed is a write that nobody reads.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return error.kind() == io::ErrorKind::BrokenPipe;
        }
        let json = cause.downcast_ref::<serde_json::Error>();
        json.and_then(serde_json::Error::io_error_kind) == Some(io::ErrorKind::BrokenPipe)
    })
}

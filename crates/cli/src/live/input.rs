//! What is sent: standard input, read on a thread of its own, and files of records.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::Mode;
use crate::complaint::say;
use crate::jsonl::{Input, Lines, Plans};
use crate::records::setup::Shown;
use crate::source::STACK;

/// Pieces of what is to be sent that wait for it, and how many bytes are put together in one.
const AHEAD: usize = 16;
const PIECE: usize = 64 << 10;

/// Standard input as bytes to send.
pub(crate) struct Stdin {
    pub(crate) pieces: mpsc::Receiver<Bytes>,
    is_bad: Arc<AtomicBool>,
}

/// Whether something of the input was bad.
#[derive(Clone)]
pub(crate) struct Verdict(Arc<AtomicBool>);

impl Verdict {
    pub(crate) fn set_bad(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_bad(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Stdin {
    /// Begins to read: records in JSON, or bytes as they are.
    ///
    /// The thread is never waited for, since nothing ends a read of a terminal.
    ///
    /// # Errors
    ///
    /// The thread cannot be started.
    pub(crate) fn read(mode: Mode, shown: &Shown, quiet: bool) -> anyhow::Result<Self> {
        let (to, pieces) = mpsc::channel(AHEAD);
        let is_bad = Arc::new(AtomicBool::new(false));
        let (shown, verdict) = (shown.clone(), Verdict(Arc::clone(&is_bad)));
        let read = move || {
            let done = match mode {
                Mode::Records => records(&shown, quiet, &to, &verdict),
                Mode::Text | Mode::Raw => bytes(&to),
            };
            if let Err(error) = done {
                say(format_args!("cwire: {error:#}"));
                verdict.set_bad();
            }
        };
        let thread = std::thread::Builder::new().name("input".to_owned()).stack_size(STACK);
        thread.spawn(read).context("starting a thread")?;
        Ok(Self { pieces, is_bad })
    }

    pub(crate) fn verdict(&self) -> Verdict {
        Verdict(Arc::clone(&self.is_bad))
    }
}

/// Encodes lines. That one is bad counts at once: the program may end before the input does.
fn records(
    shown: &Shown,
    quiet: bool,
    to: &mpsc::Sender<Bytes>,
    verdict: &Verdict,
) -> anyhow::Result<()> {
    let mut plans = shown.plans()?;
    let mut lines = Lines::open(Path::new("-"))?;
    let mut input = Input::new(&lines.name, shown.framing.record.as_deref(), quiet);
    while let Some((number, line)) = lines.next()? {
        input.take(number, &line, &mut plans);
        if input.complaints.count() > 0 {
            verdict.set_bad();
        }
        let is_due = lines.is_live() || input.bytes.len() >= PIECE;
        if is_due && !input.bytes.is_empty() {
            let piece = std::mem::take(&mut input.bytes).into();
            if to.blocking_send(piece).is_err() {
                break;
            }
        }
    }
    if !input.bytes.is_empty() {
        // Nobody sends it any more: that is told where it is known why.
        let _ = to.blocking_send(std::mem::take(&mut input.bytes).into());
    }
    input.complaints.finish();
    Ok(())
}

fn bytes(to: &mpsc::Sender<Bytes>) -> anyhow::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; PIECE];
    loop {
        let count = match stdin.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("<stdin>"),
        };
        let piece = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
        if to.blocking_send(piece).is_err() {
            return Ok(());
        }
    }
}

/// The bytes of the records in a file; `record` is that of lines that name none.
///
/// # Errors
///
/// The file cannot be read, or a line of it is no record.
pub(crate) fn file(path: &Path, record: Option<&str>, mut plans: Plans) -> anyhow::Result<Bytes> {
    let mut lines = Lines::open(path)?;
    let mut input = Input::new(&lines.name, record, false);
    while let Some((number, line)) = lines.next()? {
        input.take(number, &line, &mut plans);
    }
    let bytes = std::mem::take(&mut input.bytes);
    if input.complaints.finish() {
        bail!("{}: lines that are records are needed, found others", path.display());
    }
    Ok(bytes.into())
}

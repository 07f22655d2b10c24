//! How far a long input has been read.

use std::cell::Cell;
use std::io::IsTerminal;
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::Input;

/// Work that takes less shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on standard error, if that is a terminal, once a second has passed.
pub(crate) struct Progress {
    is_wanted: bool,
    begun: Instant,
    length: Option<u64>,
    position: Rc<Cell<u64>>,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(input: &Input, is_quiet: bool) -> Self {
        // Records that scroll over the same terminal would tear it.
        let is_wanted =
            !is_quiet && std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        let (length, position) = (input.length, Rc::clone(&input.position));
        Self { is_wanted, begun: Instant::now(), length, position, bar: None }
    }

    /// Shows how far it is.
    pub(crate) fn update(&mut self) {
        if !self.is_wanted || (self.bar.is_none() && self.begun.elapsed() < PATIENCE) {
            return;
        }
        let length = self.length;
        let bar = self.bar.get_or_insert_with(|| {
            let (bar, template) = match length {
                Some(length) => (
                    ProgressBar::new(length),
                    "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
                ),
                None => (ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}"),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_position(self.position.get());
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

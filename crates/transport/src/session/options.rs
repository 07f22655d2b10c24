//! What a session may, and what it does by itself.

use std::time::Duration;

use super::frames::Frames;

/// Bytes that a queue holds by default before it is full: 1 MiB.
const HIGH_BYTES: usize = 1 << 20;

/// Records that a queue holds by default before it is full: 65,536.
const HIGH_RECORDS: usize = 1 << 16;

/// When a session's queue of unsent records is full.
///
/// It is full once it holds as much as a high mark, and stays so until it is drained: until it holds
/// no more than both low marks. So it may exceed the high mark by one record, of any size, or by
/// what a hub sends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    pub(crate) high: Marks,
    pub(crate) low: Marks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) bytes: usize,
    pub(crate) records: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self::new(HIGH_BYTES, HIGH_RECORDS)
    }
}

impl QueueLimits {
    /// Full at so many bytes or so many records; drained at half of both. Default: 1 MiB and
    /// 65,536 records.
    ///
    /// A queue takes up to 16 bytes of memory per record on top, if no two records in a row have
    /// the same length.
    #[must_use]
    pub fn new(bytes: usize, records: usize) -> Self {
        Self {
            high: Marks { bytes, records },
            low: Marks { bytes: bytes / 2, records: records / 2 },
        }
    }

    /// Drained at so many bytes and so many records. Default: half of what is full. A low mark
    /// that is not below the high one is just below it.
    #[must_use]
    pub fn low(mut self, bytes: usize, records: usize) -> Self {
        self.low = Marks { bytes, records };
        self
    }

    pub(crate) fn is_full(&self, bytes: usize, records: usize) -> bool {
        records > 0 && (bytes >= self.high.bytes || records >= self.high.records)
    }

    /// Whether there is more than fits.
    pub(crate) fn is_over(&self, bytes: usize, records: usize) -> bool {
        records > 1 && (bytes > self.high.bytes || records > self.high.records)
    }

    pub(crate) fn is_drained(&self, bytes: usize, records: usize) -> bool {
        !self.is_full(bytes, records) && bytes <= self.low.bytes && records <= self.low.records
    }
}

/// What a session does when nothing moves for as long as [`SessionOptions`] allow. Either way
/// there is an [`Event::Idle`](crate::Event::Idle) first.
#[derive(Clone, Debug, Default)]
pub enum OnIdle {
    /// Nothing more.
    #[default]
    Report,
    /// Closes, in order: what waits to be sent is sent first.
    Close,
    /// Sends these frames, then closes in order.
    Farewell(Frames),
    /// Sends these frames and waits for an answer, as long again. The peer has so many tries before
    /// the session closes; any byte is an answer. For idle times of reading, and of both.
    Ping {
        /// What is sent.
        frames: Frames,
        /// Questions without an answer after which the session closes.
        tries: u32,
    },
}

/// What a session may and what it does by itself.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    pub(crate) idle_read: Option<Duration>,
    pub(crate) idle_write: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) on_idle: OnIdle,
    pub(crate) record_timeout: Option<Duration>,
    pub(crate) half_open: bool,
    pub(crate) queue: QueueLimits,
    pub(crate) close_timeout: Duration,
    pub(crate) handshake_timeout: Duration,
    pub(crate) paused: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            idle_read: None,
            idle_write: None,
            idle: None,
            on_idle: OnIdle::Report,
            record_timeout: None,
            half_open: false,
            queue: QueueLimits::default(),
            close_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            paused: false,
        }
    }
}

impl SessionOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Longest time in which no byte arrives and none is sent. Default: any.
    #[must_use]
    pub fn idle(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle = time.into();
        self
    }

    /// Longest time in which no byte arrives. Time in which the session is paused does not count;
    /// bytes that arrived while nobody asked for events do. Default: any.
    #[must_use]
    pub fn idle_read(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle_read = time.into();
        self
    }

    /// Longest time in which no byte is sent, be it that there is none or that the peer takes none.
    /// Default: any.
    #[must_use]
    pub fn idle_write(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle_write = time.into();
        self
    }

    /// What happens when one of the times above is over. Default: it is only reported.
    #[must_use]
    pub fn on_idle(mut self, on_idle: OnIdle) -> Self {
        self.on_idle = on_idle;
        self
    }

    /// Longest time between the first byte of a record and its last. A peer that sends a byte now
    /// and then is never idle, but it does not get past this. Default: any.
    #[must_use]
    pub fn record_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.record_timeout = time.into();
        self
    }

    /// Whether the session goes on sending after the peer has finished. If not, its own sending
    /// side finishes as soon as [`Event::Finished`](crate::Event::Finished) was taken and the next
    /// event is asked for. Default: no.
    #[must_use]
    pub fn half_open(mut self, half_open: bool) -> Self {
        self.half_open = half_open;
        self
    }

    /// When the queue of unsent records is full. Default: [`QueueLimits::default`].
    #[must_use]
    pub fn queue(mut self, queue: QueueLimits) -> Self {
        self.queue = queue;
        self
    }

    /// Longest time that closing in order may take; then the connection is cut off. It covers what
    /// is still unsent and the peer's own end. Default: 10 seconds.
    #[must_use]
    pub fn close_timeout(mut self, time: Duration) -> Self {
        self.close_timeout = time;
        self
    }

    /// Longest time that a TLS handshake may take. Default: 10 seconds.
    #[must_use]
    pub fn handshake_timeout(mut self, time: Duration) -> Self {
        self.handshake_timeout = time;
        self
    }

    /// Whether any time has to be watched.
    pub(crate) fn is_timed(&self) -> bool {
        let times = [self.idle, self.idle_read, self.idle_write, self.record_timeout];
        times.iter().any(Option::is_some)
    }

    /// Whether nothing is read until [`resume`](crate::Handle::resume). Default: no.
    #[must_use]
    pub fn paused(mut self, paused: bool) -> Self {
        self.paused = paused;
        self
    }
}

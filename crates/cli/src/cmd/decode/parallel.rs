//! Several threads decode the streams of a capture, and what they write comes in the order of the capture.
//!
//! ```text
//! packets -> segments -> streams -+- batch -> thread    -> lines of each job -+-> in order -> output
//!                                 `- batch -> this one  -> lines of each job -´
//! ```
//!
//! A connection is always decoded by the same thread, so both its directions share what they remember.
//! There are as many threads as processors, the one that reads among them: were there one more, those that
//! decode would often wait for it, and it for a processor.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use cwire_capture::Arrival;
use cwire_capture::reassembly::{Event, Flow};
use cwire_codec::json::Text;

use super::capture::Connections;
use crate::capture::Heard;
use crate::complaint::Complaints;
use crate::records::work::{Options, To, Totals, Work};
use crate::sink::json::Json;

/// Bytes of streams that are handed over at once, and jobs.
const BATCH_BYTES: usize = 32 << 10;
const BATCH_JOBS: usize = 4096;
/// Batches that are decoded while others are read.
const AHEAD: usize = 2;

/// Something that was heard.
struct Job {
    flow: Flow,
    what: What,
}

enum What {
    Data { bytes: Range<usize>, arrival: Arrival },
    Datagram { bytes: Range<usize>, missing: u32, arrival: Arrival },
    Gap { missing: u64 },
    Differs { offset: u64, count: u64, arrival: Arrival },
    Late { count: u64, arrival: Arrival },
    End,
}

/// Jobs for one thread, and what it has written of each.
#[derive(Default)]
struct Batch {
    jobs: Vec<Job>,
    bytes: Vec<u8>,
    lines: Text,
    /// Where in `lines` those of each job end.
    ends: Vec<usize>,
    /// Complaints with the job that they are about.
    complaints: Vec<(usize, String)>,
}

/// Decodes batches.
struct Decoder<'a> {
    work: Work<'a>,
    connections: Connections,
    sink: Json,
}

/// Who decodes some of the streams.
struct Lane<'a> {
    next: Batch,
    by: By<'a>,
}

enum By<'a> {
    Thread {
        jobs: SyncSender<Batch>,
        done: Receiver<io::Result<Batch>>,
        totals: Receiver<(Totals, u64)>,
    },
    /// The thread that reads.
    Own { decoder: Box<Decoder<'a>>, done: VecDeque<Batch> },
}

/// The threads, and the order of what they do.
pub(crate) struct Workers<'a> {
    lanes: Vec<Lane<'a>>,
    /// Whose the streams are, by the remainder of their numbers.
    shares: Vec<usize>,
    /// For each job that was not handed over yet, whose it is.
    order: Vec<usize>,
    /// The same for batches that are being decoded.
    pending: VecDeque<Vec<usize>>,
    size: usize,
    spare: Vec<Batch>,
}

/// Who decodes which share of the streams, where the last of the lanes is the thread that reads: reading a
/// stream takes about a third of the time that decoding it does.
fn shares(processors: usize) -> (usize, Vec<usize>) {
    match processors {
        0..=2 => (1, vec![0, 0, 1]),
        3 => (2, vec![0, 1, 0, 1, 0, 1, 2]),
        // Reading is enough for one.
        many => (many - 1, (0..many - 1).collect()),
    }
}

impl<'a> Workers<'a> {
    /// Starts threads, which the system may refuse, to use so many processors.
    pub(crate) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        processors: usize,
        options: &Options<'a>,
    ) -> io::Result<Self>
    where
        'a: 'scope,
    {
        let (threads, shares) = shares(processors);
        let mut lanes = Vec::with_capacity(threads + 1);
        for _ in 0..threads {
            let (jobs, todo) = sync_channel::<Batch>(AHEAD);
            let (results, done) = sync_channel(AHEAD + 1);
            let (sums, totals) = sync_channel(1);
            let options = options.clone();
            Builder::new().spawn_scoped(scope, move || {
                let mut decoder = Decoder::new(options);
                for mut batch in todo {
                    let result = decoder.decode(&mut batch);
                    if results.send(result.map(|()| batch)).is_err() {
                        return;
                    }
                }
                let _ = sums.send(decoder.finish());
            })?;
            lanes.push(Lane { next: Batch::default(), by: By::Thread { jobs, done, totals } });
        }
        let decoder = Box::new(Decoder::new(options.clone()));
        let by = By::Own { decoder, done: VecDeque::new() };
        lanes.push(Lane { next: Batch::default(), by });
        Ok(Self {
            lanes,
            shares,
            order: Vec::new(),
            pending: VecDeque::new(),
            size: 0,
            spare: Vec::new(),
        })
    }

    /// Hands over what was heard of a stream. What is heard of the file is not for threads.
    pub(crate) fn take(
        &mut self,
        heard: &Heard<'_>,
        complaints: &mut Complaints,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let flow = match heard {
            Heard::Stream(event) => event.flow(),
            Heard::Datagram { flow, .. } => *flow,
            Heard::Problem { .. } => return Ok(()),
        };
        let share = flow.stream.checked_rem(self.shares.len() as u64).unwrap_or(0);
        let share = usize::try_from(share).unwrap_or(0);
        let index = self.shares.get(share).copied().unwrap_or(0);
        let Some(Lane { next, .. }) = self.lanes.get_mut(index) else { return Ok(()) };
        let mut keep = |bytes: &[u8]| {
            let start = next.bytes.len();
            next.bytes.extend_from_slice(bytes);
            start..next.bytes.len()
        };
        let what = match *heard {
            Heard::Stream(Event::Begin(_)) | Heard::Problem { .. } => return Ok(()),
            Heard::Stream(Event::End(_)) => What::End,
            Heard::Stream(Event::Data { bytes, arrival, .. }) => {
                self.size += bytes.len();
                What::Data { bytes: keep(bytes), arrival }
            }
            Heard::Stream(Event::Gap { missing, .. }) => What::Gap { missing },
            Heard::Stream(Event::Differs { offset, count, arrival, .. }) => {
                What::Differs { offset, count, arrival }
            }
            Heard::Stream(Event::Late { count, arrival, .. }) => What::Late { count, arrival },
            Heard::Datagram { payload, missing, arrival, .. } => {
                self.size += payload.len();
                What::Datagram { bytes: keep(payload), missing, arrival }
            }
        };
        next.jobs.push(Job { flow: *flow, what });
        self.order.push(index);
        if self.size >= BATCH_BYTES || self.order.len() >= BATCH_JOBS {
            self.hand_over()?;
            while self.pending.len() > AHEAD {
                self.collect(complaints, out)?;
            }
        }
        Ok(())
    }

    /// Waits for all that was handed over, and writes it.
    pub(crate) fn catch_up(
        &mut self,
        complaints: &mut Complaints,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !self.order.is_empty() {
            self.hand_over()?;
        }
        while !self.pending.is_empty() {
            self.collect(complaints, out)?;
        }
        Ok(())
    }

    /// Ends the threads, and says what they have found.
    pub(crate) fn finish(self, complaints: &mut Complaints) -> Totals {
        let mut all = Totals::default();
        for Lane { by, .. } in self.lanes {
            let found = match by {
                By::Own { decoder, .. } => Some(decoder.finish()),
                By::Thread { jobs, totals, .. } => {
                    drop(jobs);
                    totals.recv().ok()
                }
            };
            if let Some((totals, count)) = found {
                all.add(totals);
                complaints.add_unsaid(count);
            }
        }
        all
    }

    fn hand_over(&mut self) -> io::Result<()> {
        // The thread that reads is the last, so that the others are not kept waiting.
        for Lane { next, by } in &mut self.lanes {
            let mut batch = std::mem::replace(next, self.spare.pop().unwrap_or_default());
            match by {
                By::Thread { jobs, .. } => jobs.send(batch).map_err(|_| lost())?,
                By::Own { decoder, done } => {
                    decoder.decode(&mut batch)?;
                    done.push_back(batch);
                }
            }
        }
        self.pending.push_back(std::mem::take(&mut self.order));
        self.size = 0;
        Ok(())
    }

    /// Writes what the threads have made of the oldest batch.
    fn collect(&mut self, complaints: &mut Complaints, out: &mut dyn Write) -> io::Result<()> {
        let Some(order) = self.pending.pop_front() else { return Ok(()) };
        let mut batches = Vec::with_capacity(self.lanes.len());
        for Lane { by, .. } in &mut self.lanes {
            batches.push(match by {
                By::Thread { done, .. } => done.recv().map_err(|_| lost())??,
                By::Own { done, .. } => done.pop_front().unwrap_or_default(),
            });
        }
        let mut done = vec![(0, 0, 0); batches.len()];
        let mut slices = Vec::with_capacity(order.len());
        for index in order {
            let (Some(batch), Some((job, start, said))) = (batches.get(index), done.get_mut(index))
            else {
                continue;
            };
            let end = batch.ends.get(*job).copied().unwrap_or(*start);
            let lines = batch.lines.as_bytes().get(*start..end).unwrap_or_default();
            if !lines.is_empty() {
                slices.push(IoSlice::new(lines));
            }
            while let Some((_, line)) = batch.complaints.get(*said).filter(|(of, _)| of == job) {
                complaints.add(line);
                *said += 1;
            }
            (*job, *start) = (*job + 1, end);
        }
        write_all(&mut slices, out)?;
        self.spare.extend(batches.into_iter().map(Batch::emptied));
        self.spare.truncate(self.lanes.len() * AHEAD);
        Ok(())
    }
}

/// A thread has panicked.
fn lost() -> io::Error {
    io::Error::other("a thread that decodes has ended")
}

fn write_all(slices: &mut [IoSlice<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut slices = slices;
    while !slices.is_empty() {
        match out.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut slices, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Batch {
    fn emptied(mut self) -> Self {
        self.jobs.clear();
        self.bytes.clear();
        self.lines.clear();
        self.ends.clear();
        self.complaints.clear();
        self
    }
}

impl<'a> Decoder<'a> {
    fn new(options: Options<'a>) -> Self {
        Self {
            work: Work::new(options, Complaints::kept()),
            connections: Connections::default(),
            sink: Json::default(),
        }
    }

    /// What was found, and how many complaints there were.
    fn finish(self) -> (Totals, u64) {
        let count = self.work.complaints.count();
        (self.work.totals, count)
    }

    fn decode(&mut self, batch: &mut Batch) -> io::Result<()> {
        let Self { work, connections, sink } = self;
        let Batch { jobs, bytes, lines, ends, complaints } = batch;
        for (index, Job { flow, what }) in jobs.iter().enumerate() {
            let part = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
            let heard = match *what {
                What::End => Heard::Stream(Event::End(flow)),
                What::Data { ref bytes, arrival } => {
                    Heard::Stream(Event::Data { flow, bytes: part(bytes), arrival })
                }
                What::Gap { missing } => Heard::Stream(Event::Gap { flow, missing }),
                What::Differs { offset, count, arrival } => {
                    Heard::Stream(Event::Differs { flow, offset, count, arrival })
                }
                What::Late { count, arrival } => {
                    Heard::Stream(Event::Late { flow, count, arrival })
                }
                What::Datagram { ref bytes, missing, arrival } => {
                    Heard::Datagram { flow, payload: part(bytes), missing, arrival }
                }
            };
            connections.take(heard, work, &mut To { sink, out: lines })?;
            ends.push(lines.len());
            complaints.extend(work.complaints.drain().map(|line| (index, line)));
        }
        Ok(())
    }
}

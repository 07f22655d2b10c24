//! Captures: packets in, the bytes of streams and datagrams out.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

use cwire_capture::dissect::{Counts, Datagram, Dissector, Transport};
use cwire_capture::file::{Packet, Packets, Step};
use cwire_capture::reassembly::{Datagrams, Event, Flow, Limits, Reassembler};
use cwire_capture::{Arrival, Timestamp};

use crate::complaint::counted;

/// Which packets count, and how they are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Only streams with one of these ports on either side; all if there are none.
    pub(crate) ports: Vec<u16>,
    /// The same for addresses.
    pub(crate) hosts: Vec<IpAddr>,
    /// Only TCP streams of these numbers, and no datagrams.
    pub(crate) follow: Vec<u64>,
    pub(crate) verifies_checksums: bool,
}

impl Settings {
    fn follows(&self, flow: &Flow) -> bool {
        self.follow.is_empty() || self.follow.contains(&flow.stream)
    }

    /// Whether a stream or datagram counts.
    fn wants(&self, flow: &Flow) -> bool {
        let Flow { src, dst, .. } = flow;
        let has_port = |port: &u16| src.port() == *port || dst.port() == *port;
        let has_host = |host: &IpAddr| src.ip() == *host || dst.ip() == *host;
        (self.ports.is_empty() || self.ports.iter().any(has_port))
            && (self.hosts.is_empty() || self.hosts.iter().any(has_host))
    }
}

/// What a capture says.
pub(crate) enum Heard<'a> {
    /// Of a TCP stream.
    Stream(Event<'a>),
    /// A datagram.
    Datagram { flow: &'a Flow, payload: &'a [u8], missing: u32, arrival: Arrival },
    /// The file is damaged here, or cannot be read further.
    Problem { message: &'a str, offset: u64 },
}

/// What was in a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) packets: u64,
    pub(crate) connections: u64,
    pub(crate) pairs: u64,
    pub(crate) differing: u64,
    pub(crate) late: u64,
    /// What became of the packets.
    pub(crate) counts: Counts,
}

impl Seen {
    /// How many packets there were, and which could not be used, in words.
    pub(crate) fn packets(&self) -> String {
        let packets = counted(self.packets, "packet");
        let reasons: Vec<String> = self
            .left_out()
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{count} {why}"))
            .collect();
        match reasons.is_empty() {
            true => packets,
            false => format!("{packets} (left out: {})", reasons.join(", ")),
        }
    }

    /// Whether some could not be used.
    pub(crate) fn has_left_out(&self) -> bool {
        self.left_out().iter().any(|(count, _)| *count > 0)
    }

    fn left_out(&self) -> [(u64, &'static str); 7] {
        let Counts { unknown_link, encrypted, truncated, malformed, .. } = self.counts;
        let Counts { bad_checksum, too_deep, given_up, .. } = self.counts;
        [
            (unknown_link, "of a link type that is not known"),
            (encrypted, "encrypted"),
            (truncated, "cut before their payload"),
            (malformed, "malformed"),
            (bad_checksum, "with a wrong checksum"),
            (too_deep, "in too many tunnels"),
            (given_up, "lacking fragments"),
        ]
    }
}

/// A capture that is being read.
pub(crate) struct Capture {
    packets: Packets,
    hearing: Hearing,
    liveness: Liveness,
}

/// Whether packets are captured while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Liveness {
    /// They come through a pipe; the time of the first will tell.
    Unknown,
    /// They are: their clock is that of this machine, and somebody looks on.
    Live,
    /// They are not: what is missing may still come, however long that takes.
    Stored,
}

/// How far behind the clock the first packet of a live capture is at most.
const LIVE: Duration = Duration::from_secs(5);

/// How long streams of a live capture wait for what may not have been captured.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is to be done behind the packets that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// So many bytes are needed.
    Need(usize),
    /// The file has ended.
    End,
    /// Who listens has heard enough.
    Enough,
}

/// All behind the file.
struct Hearing {
    settings: Settings,
    dissector: Dissector,
    reassembler: Reassembler,
    datagrams: Datagrams,
    seen: Seen,
}

/// What goes wrong ends the reading, as does who has heard enough.
pub(crate) type Go = anyhow::Result<ControlFlow<()>>;

impl Capture {
    /// `is_pipe`: it may be written while it is read.
    pub(crate) fn new(settings: Settings, is_pipe: bool) -> Self {
        let limits = Limits::default().server_ports(&settings.ports);
        Self {
            packets: Packets::new(),
            hearing: Hearing {
                dissector: Dissector::new().verify_checksums(settings.verifies_checksums),
                reassembler: Reassembler::new(limits),
                datagrams: Datagrams::new(&settings.ports),
                seen: Seen::default(),
                settings,
            },
            liveness: if is_pipe { Liveness::Unknown } else { Liveness::Stored },
        }
    }

    /// Whether packets are captured while they are read.
    pub(crate) fn is_live(&self) -> bool {
        self.liveness == Liveness::Live
    }

    /// Nothing has come for a while.
    pub(crate) fn wait(&mut self, take: &mut dyn FnMut(Heard<'_>) -> Go) -> Go {
        if self.is_live() { self.hearing.tick(now(), take) } else { Ok(ControlFlow::Continue(())) }
    }

    /// Finds out by the time of a packet whether it was captured just now.
    fn find_out(&mut self, packet: Option<Timestamp>) {
        let Some(time) = packet else { return };
        let apart = (now().total_nanos() - time.total_nanos()).unsigned_abs();
        self.liveness = if apart <= LIVE.as_nanos() { Liveness::Live } else { Liveness::Stored };
        if self.is_live() {
            self.hearing.reassembler.set_patience(Some(PATIENCE));
        }
    }

    /// Takes bytes of the file off the front of `buf`, as many as there are whole packets, and says how
    /// many those were.
    pub(crate) fn feed(
        &mut self,
        buf: &[u8],
        is_finished: bool,
        take: &mut dyn FnMut(Heard<'_>) -> Go,
    ) -> anyhow::Result<(usize, Next)> {
        let mut at = 0;
        loop {
            let rest = buf.get(at..).unwrap_or_default();
            let go = match self.packets.next(rest, is_finished) {
                Step::Need(needed) => return Ok((at, Next::Need(needed))),
                Step::End => return Ok((at, Next::End)),
                Step::Skipped(len) => {
                    at += len;
                    ControlFlow::Continue(())
                }
                Step::Packet { packet, len } => {
                    at += len;
                    if self.liveness == Liveness::Unknown {
                        self.find_out(packet.time);
                    }
                    self.hearing.packet(&packet, take)?
                }
                Step::Problem(error) => {
                    take(Heard::Problem { message: &error.to_string(), offset: error.offset() })?
                }
            };
            if go.is_break() {
                return Ok((at, Next::Enough));
            }
        }
    }

    /// The file has ended.
    pub(crate) fn finish(&mut self, take: &mut dyn FnMut(Heard<'_>) -> Go) -> Go {
        self.hearing.finish(take)
    }

    /// Where in the file the bytes begin that are fed next.
    pub(crate) fn offset(&self) -> u64 {
        self.packets.offset()
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen { counts: *self.hearing.dissector.counts(), ..self.hearing.seen }
    }
}

impl Hearing {
    #[inline]
    fn packet(&mut self, packet: &Packet<'_>, take: &mut dyn FnMut(Heard<'_>) -> Go) -> Go {
        self.seen.packets += 1;
        let Self { settings, dissector, reassembler, datagrams, seen } = self;
        let arrival = packet.arrival();
        let mut listener = Listener::new(settings, seen, take);
        dissector.packet(packet, |transport| match transport {
            Transport::Tcp(segment) => {
                let mut take = |event: Event<'_>| listener.hear(Heard::Stream(event));
                reassembler.segment(&segment, arrival, &mut take);
            }
            Transport::Udp(Datagram { src, dst, payload, missing }) => {
                let flow = datagrams.flow(src, dst);
                listener.hear(Heard::Datagram { flow: &flow, payload, missing, arrival });
            }
        });
        listener.go
    }

    fn tick(&mut self, now: Timestamp, take: &mut dyn FnMut(Heard<'_>) -> Go) -> Go {
        let Self { settings, reassembler, seen, .. } = self;
        let mut listener = Listener::new(settings, seen, take);
        reassembler.tick(now, &mut |event| listener.hear(Heard::Stream(event)));
        listener.go
    }

    fn finish(&mut self, take: &mut dyn FnMut(Heard<'_>) -> Go) -> Go {
        let Self { settings, dissector, reassembler, datagrams, seen } = self;
        dissector.finish();
        seen.pairs = datagrams.count();
        let mut listener = Listener::new(settings, seen, take);
        reassembler.finish(&mut |event| listener.hear(Heard::Stream(event)));
        listener.go
    }
}

/// Hands on what is wanted, until one who takes it has had enough.
struct Listener<'a> {
    settings: &'a Settings,
    seen: &'a mut Seen,
    take: &'a mut dyn FnMut(Heard<'_>) -> Go,
    go: Go,
}

impl<'a> Listener<'a> {
    fn new(
        settings: &'a Settings,
        seen: &'a mut Seen,
        take: &'a mut dyn FnMut(Heard<'_>) -> Go,
    ) -> Self {
        Self { settings, seen, take, go: Ok(ControlFlow::Continue(())) }
    }

    fn hear(&mut self, heard: Heard<'_>) {
        let Self { settings, seen, take, go } = self;
        let is_wanted = match &heard {
            Heard::Stream(event) => {
                let flow = event.flow();
                seen.connections = seen.connections.max(flow.stream + 1);
                settings.follows(flow) && settings.wants(flow)
            }
            Heard::Datagram { flow, .. } => settings.follow.is_empty() && settings.wants(flow),
            Heard::Problem { .. } => true,
        };
        if !is_wanted || !matches!(go, Ok(ControlFlow::Continue(()))) {
            return;
        }
        match &heard {
            Heard::Stream(Event::Differs { count, .. }) => seen.differing += count,
            Heard::Stream(Event::Late { count, .. }) => seen.late += count,
            _ => {}
        }
        *go = take(heard);
    }
}

/// What time it is.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

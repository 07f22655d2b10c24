//! Two connections, and what goes from one to the other.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cwire_capture::Timestamp;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Amount, CloseReason, Closed, Event, Session, TrySendError};
use tokio::time::Instant;
use tokio_util::codec::BytesCodec;
use tokio_util::sync::CancellationToken;

use super::PATIENCE;
use super::fault::{Break, Fault, Next, Wire};
use crate::live::news::{Teller, What};
use crate::live::{index, now, sleep_until};

/// Bytes that may be on a wire before nothing more is read: with `--break delay` they are long on it.
const MAX_ON_WIRE: usize = 4 << 20;

/// How often a queue is looked at whose end is waited for.
const GLANCE: Duration = Duration::from_millis(5);

type BytesSession = Session<BytesCodec>;

/// Those who are told of what one connection says, without ever being waited for.
#[derive(Clone)]
pub(super) struct Listeners(pub(super) Vec<Teller>);

/// The same for one connection.
struct Audience {
    stream: u64,
    /// With the bytes of both sides that there was no room for since the last that there was.
    listeners: Vec<(Teller, [u64; 2])>,
}

impl Audience {
    fn bytes(&mut self, from: Side, bytes: &Bytes, time: Timestamp) {
        for (teller, missed) in &mut self.listeners {
            let Some(missed) = missed.get_mut(index(from)) else { continue };
            if !teller.has_room(bytes.len()) {
                *missed += bytes.len() as u64;
                continue;
            }
            if *missed > 0 {
                let count = std::mem::take(missed);
                teller.tell_at_once(self.stream, time, What::Missed { from, count });
            }
            teller.tell_at_once(self.stream, time, What::Bytes { from, bytes: bytes.clone() });
        }
    }

    fn tell(&mut self, what: &What) {
        let time = now();
        let ended: &[Side] = match what {
            What::Finished { from: Side::Client } => &[Side::Client],
            What::Finished { from: Side::Server } => &[Side::Server],
            What::Reset { .. } | What::Closed(_) => &[Side::Client, Side::Server],
            _ => &[],
        };
        for (teller, missed) in &mut self.listeners {
            // Nothing follows what was missed last.
            for &from in ended {
                let count = missed.get_mut(index(from)).map_or(0, std::mem::take);
                if count > 0 {
                    teller.tell_at_once(self.stream, time, What::Missed { from, count });
                }
            }
            teller.tell_at_once(self.stream, time, what.clone());
        }
    }
}

/// One of the two connections.
struct Leg {
    session: BytesSession,
    /// Whether more can be sent.
    has_room: bool,
    /// Whether the peer has finished, and whether it was told that the other one has.
    has_finished: bool,
    is_finished: bool,
    is_closing: bool,
    is_paused: bool,
    /// Whether its stream has failed, whatever was finished before.
    is_broken: bool,
    /// When it is reset at the latest, as the other one was; before that it is given what the other has sent.
    reset_by: Option<Instant>,
    /// Whether `--break` has ended it.
    is_cut: bool,
    /// Bytes for it that came when nothing could be sent any more.
    lost: u64,
    closed: Option<Closed>,
}

impl Leg {
    fn new(session: BytesSession) -> Self {
        Self {
            session,
            has_room: true,
            has_finished: false,
            is_finished: false,
            is_closing: false,
            is_paused: false,
            is_broken: false,
            reset_by: None,
            is_cut: false,
            lost: 0,
            closed: None,
        }
    }
}

/// Two connections with a wire from each to the other.
pub(super) struct Relay {
    client: Leg,
    server: Leg,
    /// From the client to the server, and back.
    wires: [Wire; 2],
    audience: Audience,
}

impl Relay {
    pub(super) fn new(
        (client, server): (BytesSession, BytesSession),
        stream: u64,
        fault: Option<Fault>,
        listeners: Listeners,
    ) -> Self {
        let mut audience = Audience {
            stream,
            listeners: listeners.0.into_iter().map(|teller| (teller, [0; 2])).collect(),
        };
        let (ours, theirs) = (client.peer().clone(), server.peer().clone());
        audience.tell(&What::Opened { client: ours, server: theirs, peer: None });
        Self {
            client: Leg::new(client),
            server: Leg::new(server),
            wires: [Wire::new(fault), Wire::new(fault)],
            audience,
        }
    }

    /// Passes on what comes until both connections are over.
    pub(super) async fn run(mut self, stop: &CancellationToken) {
        let mut stop_by = None;
        loop {
            let now = Instant::now();
            let due = self.forward(now).into_iter().flatten().chain(stop_by).min();
            if let Some(by) = stop_by {
                self.close_what_is_passed_on();
                if now >= by {
                    // Those who do not take what is for them are waited for no longer.
                    stop_by = Some(by + PATIENCE);
                    self.client.session.handle().abort();
                    self.server.session.handle().abort();
                }
            }
            if self.client.closed.is_some() && self.server.closed.is_some() {
                break;
            }
            let (side, event) = tokio::select! {
                event = self.client.session.next(), if self.client.closed.is_none() => {
                    (Side::Client, event)
                }
                event = self.server.session.next(), if self.server.closed.is_none() => {
                    (Side::Server, event)
                }
                () = sleep_until(due), if due.is_some() => continue,
                () = stop.cancelled(), if stop_by.is_none() => {
                    stop_by = Some(Instant::now() + PATIENCE);
                    continue;
                }
            };
            self.take(side, event);
        }
        self.tell_closed();
    }

    /// What happened on one of the two.
    fn take(&mut self, side: Side, event: Option<Event<BytesMut, std::io::Error>>) {
        let Self { client, server, wires: [up, down], audience } = self;
        let (leg, other, wire) = match side {
            Side::Client => (client, server, up),
            Side::Server => (server, client, down),
        };
        match event {
            Some(Event::Record(bytes)) => {
                let (bytes, time) = (bytes.freeze(), now());
                let instant = Instant::now();
                wire.put(bytes.clone(), instant);
                // Who listens is told when they are on their way.
                pass(leg, wire, other, instant);
                audience.bytes(side, &bytes, time);
            }
            Some(Event::Finished) => {
                leg.has_finished = true;
                audience.tell(&What::Finished { from: side });
            }
            Some(Event::Drained) => leg.has_room = true,
            Some(Event::Error(error)) => {
                leg.is_broken = true;
                let who = if side == Side::Client { "the client" } else { "the server" };
                let error = anyhow::Error::new(error);
                audience.tell(&What::Failed(format!("{who}: {error:#}")));
            }
            Some(Event::Closed(closed)) => {
                leg.closed = Some(closed);
                if leg.is_broken || closed.reason == CloseReason::Reset {
                    audience.tell(&What::Reset { from: side });
                    other.reset_by = Instant::now().checked_add(PATIENCE);
                }
            }
            _ => {}
        }
    }

    /// Sends what is due, and says when more of both wires is.
    fn forward(&mut self, now: Instant) -> [Option<Instant>; 2] {
        let Self { client, server, wires: [up, down], .. } = self;
        [pass(client, up, server, now), pass(server, down, client, now)]
    }

    /// Ends what nothing is on its way to any more; what is received then is thrown away.
    fn close_what_is_passed_on(&mut self) {
        let Self { client, server, wires: [up, down], .. } = self;
        for (wire, to) in [(up, server), (down, client)] {
            if wire.len() == 0 && !std::mem::replace(&mut to.is_closing, true) {
                to.session.handle().close();
            }
        }
    }

    fn tell_closed(mut self) {
        let (Some(client), Some(server)) = (self.client.closed, self.server.closed) else { return };
        // Of the two, the one that was not a consequence of the other.
        let first = if client.reason == CloseReason::ByUs { server } else { client };
        if self.client.is_cut || self.server.is_cut {
            // What is lost then was meant to be.
            self.audience.tell(&What::Closed(Closed { unsent: Amount::default(), ..first }));
            return;
        }
        let on_wires: usize = self.wires.iter().map(Wire::len).sum();
        let lost = self.client.lost + self.server.lost + on_wires as u64;
        let unsent = Amount {
            bytes: client.unsent.bytes + server.unsent.bytes + lost,
            records: client.unsent.records + server.unsent.records,
        };
        self.audience.tell(&What::Closed(Closed { unsent, ..first }));
    }
}

/// Sends what is due on the wire from one leg to another, and says when more is.
fn pass(from: &mut Leg, wire: &mut Wire, to: &mut Leg, now: Instant) -> Option<Instant> {
    let mut due = None;
    while to.has_room {
        match wire.next(now) {
            Next::Bytes(bytes) => match to.session.try_send(bytes) {
                Ok(()) | Err(TrySendError::Refused(_)) => {}
                Err(TrySendError::Ended(bytes)) => to.lost += bytes.len() as u64,
                Err(TrySendError::Full(bytes)) => {
                    wire.put_back(bytes, now);
                    to.has_room = false;
                }
            },
            Next::Wait(until) => {
                due = Some(until);
                break;
            }
            Next::Nothing => break,
            Next::Break(how) => {
                to.is_cut = true;
                end(from, to, how);
                break;
            }
        }
    }
    let is_full = !to.has_room || wire.len() >= MAX_ON_WIRE;
    if is_full != from.is_paused {
        from.is_paused = is_full;
        match is_full {
            true => from.session.pause(),
            false => from.session.resume(),
        }
    }
    if wire.len() == 0 && from.has_finished && !to.is_finished {
        to.is_finished = true;
        to.session.finish();
    }
    if let Some(by) = to.reset_by.filter(|_| to.closed.is_none()) {
        let is_through = wire.len() == 0 && to.session.stats().queued.bytes == 0;
        if is_through || now >= by {
            to.session.handle().reset();
            return None;
        }
        // Nothing says that a queue is empty, if it was never full.
        return now.checked_add(GLANCE);
    }
    // Nobody takes what it would say.
    if wire.len() == 0 && from.closed.is_some() && to.closed.is_none() {
        to.session.handle().close();
    }
    due
}

/// Breaks a connection as networks do.
fn end(from: &Leg, to: &Leg, how: Break) {
    match how {
        Break::Reset => {
            from.session.handle().reset();
            to.session.handle().reset();
        }
        Break::Cut => {
            to.session.handle().close();
            from.session.handle().abort();
        }
    }
}

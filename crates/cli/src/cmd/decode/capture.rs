//! The streams and datagrams of a capture.

use std::collections::HashMap;
use std::io;

use cwire_capture::reassembly::{Event, Flow};
use cwire_codec::frame::protocol::{Conversation, Protocol, Side};

use crate::capture::Heard;
use crate::complaint::counted;
use crate::records::stream::{Stream, Talk};
use crate::records::work::{To, Work};
use crate::sink::Ends;

/// Pairs of ends whose datagrams are one conversation each; those of more begin anew.
const MAX_PAIRS: usize = 1 << 14;

/// Connections that are being decoded.
#[derive(Default)]
pub(crate) struct Connections {
    tcp: HashMap<u64, Connection>,
    udp: HashMap<u64, Conversation>,
}

struct Connection {
    conversation: Conversation,
    streams: [Option<Stream>; 2],
}

fn side(flow: &Flow) -> Option<Side> {
    Some(if flow.is_client { Side::Client } else { Side::Server })
}

impl Connections {
    /// Takes what a capture says.
    pub(crate) fn take(
        &mut self,
        heard: Heard<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        match heard {
            Heard::Stream(event) => self.event(event, work, to),
            Heard::Datagram { flow, payload, missing, arrival } => {
                if self.udp.len() >= MAX_PAIRS && !self.udp.contains_key(&flow.stream) {
                    self.udp.clear();
                }
                let protocol = &work.options.protocol;
                let conversation =
                    self.udp.entry(flow.stream).or_insert_with(|| protocol.conversation());
                let mut talk = Talk { conversation, side: side(flow) };
                let ends = Ends::new(flow, true);
                Stream::datagram(ends, (payload, missing), arrival, &mut talk, work, to)
            }
            Heard::Problem { message, offset } => work.problem(message, offset, to),
        }
    }

    fn event(&mut self, event: Event<'_>, work: &mut Work<'_>, to: &mut To<'_>) -> io::Result<()> {
        let flow = event.flow();
        if let Event::End(_) = event {
            return self.end(flow, work, to);
        }
        let protocol = &work.options.protocol;
        let connection = self.tcp.entry(flow.stream).or_insert_with(|| Connection::new(protocol));
        let Connection { conversation, streams } = connection;
        let Some(stream) = streams.get_mut(flow.direction) else { return Ok(()) };
        let stream =
            stream.get_or_insert_with(|| Stream::new(Some(Ends::new(flow, false)), 0, 0, work));
        let mut talk = Talk { conversation, side: side(flow) };
        match event {
            Event::Data { bytes, arrival, .. } => {
                stream.bytes(bytes, Some(arrival), &mut talk, work, to)
            }
            Event::Gap { missing, .. } => stream.gap(missing, &mut talk, work, to),
            Event::Differs { offset, count, arrival, .. } => {
                let what = format!(
                    "{} of packet {} unlike those that came first",
                    counted(count, "repeated byte"),
                    arrival.packet
                );
                stream.remark(offset, &what, work);
                Ok(())
            }
            Event::Late { count, arrival, .. } => {
                let what = format!(
                    "{} of packet {} came after the stream had gone on without",
                    counted(count, "byte"),
                    arrival.packet
                );
                stream.remark(stream.end(), &what, work);
                Ok(())
            }
            Event::Begin(_) | Event::End(_) => Ok(()),
        }
    }

    fn end(&mut self, flow: &Flow, work: &mut Work<'_>, to: &mut To<'_>) -> io::Result<()> {
        let Some(connection) = self.tcp.get_mut(&flow.stream) else { return Ok(()) };
        let Connection { conversation, streams } = connection;
        if let Some(mut stream) = streams.get_mut(flow.direction).and_then(Option::take) {
            stream.finish(&mut Talk { conversation, side: side(flow) }, work, to)?;
        }
        if streams.iter().all(Option::is_none) {
            self.tcp.remove(&flow.stream);
        }
        Ok(())
    }
}

impl Connection {
    fn new(protocol: &Protocol) -> Self {
        Self { conversation: protocol.conversation(), streams: [None, None] }
    }
}

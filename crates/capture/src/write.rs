//! Writes captures of what a program that stands between two others has read: as pcapng, with the TCP and
//! IP headers that the bytes would have had.
//!
//! ```text
//! section head | interface: IP without link layer, nanoseconds | packet | packet | …
//!
//! client                      server
//!   SYN, seq n       -->
//!                    <--      SYN+ACK          the connection is opened
//!   ACK              -->
//!   data, PSH        -->                       what was read at once, in packets of at most 64 KiB
//!                    <--      ACK              now and then, for bytes that no data acknowledges
//!   FIN or RST       -->
//! ```
//!
//! Nothing here does I/O: blocks are appended to the caller's buffer. The source is
//! draft-ietf-opsawg-pcapng; of the packets RFC 791, RFC 8200, RFC 9293 and RFC 7323. Checksums are right.
//!
//! # Example
//!
//! ```
//! use cwire_capture::Timestamp;
//! use cwire_capture::write::{Connection, Sender, head};
//!
//! let [client, server] = ["10.0.0.1:40000", "10.0.0.2:9000"].map(|it| it.parse().unwrap());
//! let mut file = Vec::new();
//! head("example", &mut file);
//! let mut now = Timestamp::new(1_767_323_045, 0);
//! let mut connection = Connection::open(0, client, server, now, &mut file);
//! connection.data(Sender::Client, b"hello", now, &mut file);
//! connection.finish(Sender::Client, now, &mut file);
//! ```

use std::net::{IpAddr, SocketAddr};

use binrw::BinWrite;
use binrw::meta::WriteEndian;
use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, TcpOptionElement};

use crate::time::Timestamp;

/// IP packets without a frame around them: <https://www.tcpdump.org/linktypes.html>.
const LINKTYPE_RAW: u16 = 101;

/// Payload that fits into one packet of IPv4 (RFC 791 §3.1: 65,535 bytes with both heads).
const MAX_PAYLOAD: usize = 65_535 - 20 - 20;

/// Windows are of 2^14 (RFC 7323 §2.3: the most) times 65,535 bytes, as nobody was held up by them.
const WINDOW_SCALE: u8 = 14;

/// Bytes of one side that are acknowledged at the latest, so that dissectors know them received.
const UNACKNOWLEDGED: u64 = 1 << 20;

/// Options of a section and an interface (draft-ietf-opsawg-pcapng §3.5, §4.1, §4.2).
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const USER_APPLICATION: u16 = 4;
    pub(super) const TIME_RESOLUTION: u16 = 9;
}

#[derive(BinWrite)]
#[bw(little)]
struct Section {
    magic: u32,
    major: u16,
    minor: u16,
    /// -1: nobody has counted.
    len: i64,
}

#[derive(BinWrite)]
#[bw(little)]
struct Interface {
    link: u16,
    reserved: u16,
    /// 0: packets are not cut.
    snap_len: u32,
}

#[derive(BinWrite)]
#[bw(little)]
struct EnhancedPacket {
    interface: u32,
    ticks_high: u32,
    ticks_low: u32,
    captured_len: u32,
    original_len: u32,
}

/// The head of a file, which comes before all packets. `application` says who writes it.
pub fn head(application: &str, out: &mut Vec<u8>) {
    block(0x0a0d_0d0a, out, |out| {
        push(&Section { magic: 0x1a2b_3c4d, major: 1, minor: 0, len: -1 }, out);
        push_option(option::USER_APPLICATION, application.as_bytes(), out);
        push_option(option::END, &[], out);
    });
    block(1, out, |out| {
        push(&Interface { link: LINKTYPE_RAW, reserved: 0, snap_len: 0 }, out);
        // 10 to the minus 9 seconds.
        push_option(option::TIME_RESOLUTION, &[9], out);
        push_option(option::END, &[], out);
    });
}

/// A block around a body, which is padded to 32 bits.
fn block(kind: u32, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    body(out);
    pad(out.len() - start, out);
    // Bodies have at most a packet of 64 KiB and what is said of it.
    let len = u32::try_from(out.len() - start + 4).unwrap_or(u32::MAX).to_le_bytes();
    out.extend_from_slice(&len);
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&len);
    }
}

fn push<T>(value: &T, out: &mut Vec<u8>)
where
    T: for<'a> BinWrite<Args<'a> = ()> + WriteEndian,
{
    let mut bytes = std::io::Cursor::new(Vec::new());
    value.write(&mut bytes).expect("memory takes it");
    out.extend_from_slice(bytes.get_ref());
}

fn push_option(code: u16, value: &[u8], out: &mut Vec<u8>) {
    let value = value.get(..value.len().min(usize::from(u16::MAX))).unwrap_or_default();
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(value);
    pad(value.len(), out);
}

fn pad(len: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + (len.next_multiple_of(4) - len), 0);
}

/// Which end of a connection sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Who connected.
    Client,
    /// Who was connected to.
    Server,
}

/// A TCP connection that is written.
#[derive(Clone, Debug)]
pub struct Connection {
    number: u64,
    client: Half,
    server: Half,
}

#[derive(Clone, Debug)]
struct Half {
    addr: SocketAddr,
    /// Sequence number of the byte that comes next.
    next: u32,
    /// Bytes that the other side has not acknowledged.
    unacknowledged: u64,
    /// Whether nothing follows.
    is_over: bool,
}

impl Connection {
    /// Writes how a connection is opened. `number` is to be another for each connection of a file: the same
    /// two ends may connect again, and initial sequence numbers tell the one from the other.
    ///
    /// Ends of different families are both written as IPv6, that of IPv4 as a mapped address (RFC 4291
    /// §2.5.5.2).
    #[must_use]
    pub fn open(
        number: u64,
        client: SocketAddr,
        server: SocketAddr,
        time: Timestamp,
        out: &mut Vec<u8>,
    ) -> Self {
        let (client, server) = match (client.ip(), server.ip()) {
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {
                (mapped(client), mapped(server))
            }
            _ => (client, server),
        };
        // A prime that is far from any power of two, so that those of neighbours are far apart.
        let initial = low(number.wrapping_add(number >> 32).wrapping_mul(2_654_435_761));
        let half = |addr, next| Half { addr, next, unacknowledged: 0, is_over: false };
        let mut it = Self {
            number,
            client: half(client, initial),
            server: half(server, initial.wrapping_add(1 << 31)),
        };
        let options = [
            TcpOptionElement::MaximumSegmentSize(65_495),
            TcpOptionElement::Noop,
            TcpOptionElement::WindowScale(WINDOW_SCALE),
        ];
        let mut with_options = |from: Sender, is_answer: bool| {
            it.packet(from, &[], time, out, |header| {
                header.syn = true;
                header.ack = is_answer;
                if !is_answer {
                    header.acknowledgment_number = 0;
                }
                header.set_options(&options).expect("8 of 40 bytes");
            });
            let (half, _) = it.halves(from);
            half.next = half.next.wrapping_add(1);
        };
        with_options(Sender::Client, false);
        with_options(Sender::Server, true);
        it.packet(Sender::Client, &[], time, out, |_| {});
        it
    }

    /// Writes bytes that one side sent.
    pub fn data(&mut self, from: Sender, bytes: &[u8], time: Timestamp, out: &mut Vec<u8>) {
        let mut pieces = bytes.chunks(MAX_PAYLOAD).peekable();
        while let Some(piece) = pieces.next() {
            let is_last = pieces.peek().is_none();
            self.packet(from, piece, time, out, |header| header.psh = is_last);
            let (half, other) = self.halves(from);
            half.next = half.next.wrapping_add(low(piece.len() as u64));
            half.unacknowledged += piece.len() as u64;
            // All data acknowledges what came before.
            other.unacknowledged = 0;
            if half.unacknowledged >= UNACKNOWLEDGED {
                half.unacknowledged = 0;
                self.packet(from.opposite(), &[], time, out, |_| {});
            }
        }
    }

    /// Leaves out bytes that one side sent: readers find a gap. Sequence numbers are compared modulo 2^32
    /// (RFC 9293 §3.4), so that one of 2 GiB and more would be none: there the connection is reset and
    /// another opened between the same ends.
    pub fn leave_out(&mut self, from: Sender, count: u64, time: Timestamp, out: &mut Vec<u8>) {
        if count >= 1 << 31 {
            let is_over = (self.client.is_over, self.server.is_over);
            self.reset(from, time, out);
            let (client, server) = (self.client.addr, self.server.addr);
            *self = Self::open(self.number.wrapping_add(1 << 32), client, server, time, out);
            (self.client.is_over, self.server.is_over) = is_over;
            return;
        }
        let (half, _) = self.halves(from);
        half.next = half.next.wrapping_add(low(count));
        half.unacknowledged += count;
    }

    /// Writes that one side has finished.
    pub fn finish(&mut self, from: Sender, time: Timestamp, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.halves(from).0.is_over, true) {
            return;
        }
        self.packet(from, &[], time, out, |header| header.fin = true);
        let (half, _) = self.halves(from);
        half.next = half.next.wrapping_add(1);
        self.packet(from.opposite(), &[], time, out, |_| {});
    }

    /// Writes that one side has reset the connection, unless both have finished it.
    pub fn reset(&mut self, from: Sender, time: Timestamp, out: &mut Vec<u8>) {
        if self.client.is_over && self.server.is_over {
            return;
        }
        (self.client.is_over, self.server.is_over) = (true, true);
        self.packet(from, &[], time, out, |header| header.rst = true);
    }

    /// Who sends, and who receives.
    fn halves(&mut self, from: Sender) -> (&mut Half, &mut Half) {
        match from {
            Sender::Client => (&mut self.client, &mut self.server),
            Sender::Server => (&mut self.server, &mut self.client),
        }
    }

    fn packet(
        &mut self,
        from: Sender,
        payload: &[u8],
        time: Timestamp,
        out: &mut Vec<u8>,
        change: impl FnOnce(&mut TcpHeader),
    ) {
        let (half, other) = self.halves(from);
        let (src, dst) = (half.addr, other.addr);
        let mut header = TcpHeader::new(src.port(), dst.port(), half.next, u16::MAX);
        header.ack = true;
        header.acknowledgment_number = other.next;
        change(&mut header);
        let builder = match (src.ip(), dst.ip()) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                PacketBuilder::ipv4(src.octets(), dst.octets(), 64).tcp_header(header)
            }
            (src, dst) => PacketBuilder::ipv6(octets(src), octets(dst), 64).tcp_header(header),
        };
        enhanced(builder, payload, time, out);
    }
}

impl Sender {
    fn opposite(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

fn enhanced(
    builder: PacketBuilderStep<TcpHeader>,
    payload: &[u8],
    time: Timestamp,
    out: &mut Vec<u8>,
) {
    // What was before 1970 or comes after 2554 has no number of ticks.
    let ticks = u64::try_from(time.total_nanos()).unwrap_or_default();
    let len = u32::try_from(builder.size(payload.len())).unwrap_or(u32::MAX);
    block(6, out, |out| {
        let head = EnhancedPacket {
            interface: 0,
            ticks_high: low(ticks >> 32),
            ticks_low: low(ticks),
            captured_len: len,
            original_len: len,
        };
        push(&head, out);
        builder.write(out, payload).expect("at most 64 KiB, into memory");
    });
}

/// The low 32 bits.
fn low(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or_default()
}

fn mapped(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(IpAddr::V6(octets(addr.ip()).into()), addr.port())
}

fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

#[cfg(test)]
mod tests;

//! The commonest packets in one go: TCP and UDP over IP over Ethernet, nothing special about any of
//! them.
//!
//! They come out the same without this, after four times as many instructions (350 instead of 80), as
//! layers are otherwise opened into values in memory. Whatever is not exactly this, errors included,
//! takes the general way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::counts::Fate;
use super::span::{Span, be16};
use super::{Transport, link, protocol, transport, tunnel};

/// What is in a whole Ethernet frame without tags, options of IP, fragments, tunnels, or bytes not captured.
#[inline]
pub(super) fn open(frame: &[u8]) -> Option<(Transport<'_>, Fate)> {
    let (&[.., high, low], packet) = frame.split_first_chunk::<14>()?;
    let Whole { src, dst, protocol, payload } = match be16(high, low) {
        link::IPV4 => v4(packet)?,
        link::IPV6 => v6(packet)?,
        _ => return None,
    };
    let span = Span { data: payload, missing: 0, trailer: 0 };
    match protocol {
        protocol::TCP => {
            let (segment, _) = transport::segment(src, dst, span).ok()?;
            Some((Transport::Tcp(segment), Fate::Tcp))
        }
        protocol::UDP => {
            let (datagram, payload) = transport::datagram(src, dst, span).ok()?;
            let is_tunnel = tunnel::udp(datagram.dst.port(), payload).is_some();
            (!is_tunnel).then_some((Transport::Udp(datagram), Fate::Udp))
        }
        _ => None,
    }
}

/// An IP packet that is all there.
struct Whole<'a> {
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    payload: &'a [u8],
}

#[inline]
fn v4(packet: &[u8]) -> Option<Whole<'_>> {
    let (head, rest) = packet.split_first_chunk::<20>()?;
    let [first, _, high, low, _, _, flags, offset, _, protocol, _, _, addresses @ ..] = *head;
    if first != 0x45 || be16(flags & 0x3f, offset) != 0 {
        return None;
    }
    let payload = rest.get(..usize::from(be16(high, low)).checked_sub(20)?)?;
    let [a, b, c, d, e, f, g, h] = addresses;
    let (src, dst) = (Ipv4Addr::new(a, b, c, d).into(), Ipv4Addr::new(e, f, g, h).into());
    Some(Whole { src, dst, protocol, payload })
}

#[inline]
fn v6(packet: &[u8]) -> Option<Whole<'_>> {
    let (&[first, _, _, _, high, low, protocol, _], rest) = packet.split_first_chunk::<8>()?;
    let (src, rest) = rest.split_first_chunk::<16>()?;
    let (dst, rest) = rest.split_first_chunk::<16>()?;
    let len = usize::from(be16(high, low));
    if first >> 4 != 6 || len == 0 {
        return None;
    }
    let (src, dst) = (Ipv6Addr::from(*src).into(), Ipv6Addr::from(*dst).into());
    Some(Whole { src, dst, protocol, payload: rest.get(..len)? })
}

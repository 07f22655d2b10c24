//! MPLS (RFC 3032), and pseudowires of Ethernet in it (RFC 4448).

use super::counts::Fate;
use super::layer::Layer;
use super::link;
use super::span::{Span, be16};

/// A stack of labels. What is below it only its first bits tell (RFC 4928).
pub(super) fn open(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let mut span = span;
    loop {
        let (&[_, _, bottom, _], rest) = span.head::<4>()?;
        span = rest;
        if bottom & 1 == 1 {
            return payload(span);
        }
    }
}

/// IP; a pseudowire with a control word, which starts with 0; or one without, whose frame starts with an
/// address that may look like either.
fn payload(span: Span<'_>) -> Result<Layer<'_>, Fate> {
    let (&[first], _) = span.head::<1>()?;
    match first >> 4 {
        4 if is_ipv4(span) || !link::is_likely(span) => Ok(Layer::Ip(span)),
        6 if is_ipv6(span) || !link::is_likely(span) => Ok(Layer::Ip(span)),
        0 => match (span.skip(4), link::is_likely(span)) {
            (Ok(frame), false) => Ok(Layer::Ethernet(frame)),
            (Ok(frame), true) if link::is_likely(frame) => Ok(Layer::Ethernet(frame)),
            _ => Ok(Layer::Ethernet(span)),
        },
        // Messages about the pseudowire or path (RFC 5586).
        1 if !link::is_likely(span) => Err(Fate::NotIp),
        _ => Ok(Layer::Ethernet(span)),
    }
}

/// Whether the lengths of an IPv4 header fit the span.
fn is_ipv4(span: Span<'_>) -> bool {
    span.head::<4>().is_ok_and(|(&[first, _, high, low], _)| {
        let (header, total) = (usize::from(first & 0xf) * 4, usize::from(be16(high, low)));
        header >= 20 && (total == 0 || (header..=span.len()).contains(&total))
    })
}

/// Whether the length in an IPv6 header fits the span.
fn is_ipv6(span: Span<'_>) -> bool {
    span.head::<6>()
        .is_ok_and(|(&[.., high, low], _)| usize::from(be16(high, low)) + 40 <= span.len())
}

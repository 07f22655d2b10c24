//! The checksum of IP, TCP and UDP (RFC 1071).

use std::net::IpAddr;

/// A sum of 16-bit words, whose carries are still to be added.
#[derive(Clone, Copy, Debug, Default)]
struct Sum(u64);

impl Sum {
    fn add(self, bytes: &[u8]) -> Self {
        let (words, last) = bytes.as_chunks::<2>();
        let sum: u64 = words.iter().map(|&word| u64::from(u16::from_be_bytes(word))).sum();
        let last = last.first().map_or(0, |&byte| u64::from(byte) << 8);
        Self(self.0 + sum + last)
    }

    fn add_ip(self, ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => self.add(&ip.octets()),
            IpAddr::V6(ip) => self.add(&ip.octets()),
        }
    }

    /// Whether the words, the checksum among them, add up to all ones.
    fn is_right(mut self) -> bool {
        while self.0 > 0xffff {
            self.0 = (self.0 & 0xffff) + (self.0 >> 16);
        }
        self.0 == 0xffff
    }
}

/// Whether the checksum in an IPv4 header is right.
pub(super) fn is_header_right(header: &[u8]) -> bool {
    Sum::default().add(header).is_right()
}

/// Whether the checksum in a TCP segment or UDP datagram is right, pseudo-header included.
pub(super) fn is_right(src: IpAddr, dst: IpAddr, protocol: u8, bytes: &[u8]) -> bool {
    let sum = Sum(u64::from(protocol) + bytes.len() as u64);
    sum.add_ip(src).add_ip(dst).add(bytes).is_right()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        // RFC 1071, 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
        let words = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert!(!is_header_right(&words));
        let sum = !0xddf2_u16;
        assert!(is_header_right(&[&words[..], &sum.to_be_bytes()].concat()));
        // Halves of a word may lie at the end, the other half is then zero.
        assert!(
            is_header_right(&[0xff, 0x01, 0x00, 0xfe]) && !is_header_right(&[0xff, 0x01, 0xfe])
        );
        assert!(is_header_right(&[0x00, 0xff, 0xff]));
    }
}

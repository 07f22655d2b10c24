//! Which peers are welcome.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

use crate::Address;

/// Addresses that may connect, and addresses that may not.
///
/// An address that is denied stays out even if it is allowed too. If none is allowed by name, all
/// are that are not denied. An IPv4 address that arrived over an IPv6 socket (`::ffff:192.0.2.1`) is
/// that IPv4 address.
///
/// Asking takes time in the logarithm of the number of ranges.
///
/// ```
/// use cwire_transport::{AccessList, AddressRange};
///
/// let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<AddressRange>, _>>();
/// let list = AccessList::new()
///     .allow(ranges(&["192.0.2.0/24", "2001:db8::/32"])?)
///     .deny(ranges(&["192.0.2.7", "192.0.2.100-192.0.2.199"])?);
/// assert!(list.permits("192.0.2.1".parse()?));
/// assert!(!list.permits("192.0.2.150".parse()?));
/// assert!(!list.permits("198.51.100.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessList {
    allowed: Ranges,
    denied: Ranges,
}

impl AccessList {
    /// A list that permits all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows these too.
    #[must_use]
    pub fn allow(mut self, ranges: impl IntoIterator<Item = AddressRange>) -> Self {
        self.allowed.add(ranges);
        self
    }

    /// Denies these too.
    #[must_use]
    pub fn deny(mut self, ranges: impl IntoIterator<Item = AddressRange>) -> Self {
        self.denied.add(ranges);
        self
    }

    /// Whether this address may connect.
    #[must_use]
    pub fn permits(&self, ip: IpAddr) -> bool {
        !self.denied.contain(ip) && (self.allowed.is_empty() || self.allowed.contain(ip))
    }

    /// Whether this peer may connect.
    ///
    /// One without an IP address may, be the list what it is: over a UNIX socket come programs of
    /// this machine, and the permissions of the file say which.
    #[must_use]
    pub fn permits_peer(&self, peer: &Address) -> bool {
        peer.ip().is_none_or(|ip| self.permits(ip))
    }
}

/// Ranges that are sorted and do not overlap; first and last address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranges {
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<(Ipv6Addr, Ipv6Addr)>,
}

impl Ranges {
    fn add(&mut self, ranges: impl IntoIterator<Item = AddressRange>) {
        for range in ranges {
            match range.0 {
                Bounds::V4(first, last) => self.v4.push((first, last)),
                Bounds::V6(first, last) => self.v6.push((first, last)),
            }
        }
        merge(&mut self.v4);
        merge(&mut self.v6);
    }

    fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    fn contain(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(ip) => contains(&self.v4, ip),
            IpAddr::V6(ip) => contains(&self.v6, ip),
        }
    }
}

fn merge<T: Copy + Ord>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|(first, last), (_, last_before)| {
        let joins = *first <= *last_before;
        if joins {
            *last_before = (*last_before).max(*last);
        }
        joins
    });
}

fn contains<T: Copy + Ord>(ranges: &[(T, T)], ip: T) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= ip);
    let candidate = after.checked_sub(1).and_then(|index| ranges.get(index));
    candidate.is_some_and(|(_, last)| ip <= *last)
}

/// An address, all addresses between two, or a CIDR block (RFC 4632, RFC 4291).
///
/// | text | means |
/// |---|---|
/// | `192.0.2.1`, `2001:db8::1` | this address |
/// | `10.0.0.1-10.0.0.9` | these nine |
/// | `192.0.2.0/24`, `2001:db8::/32` | all that begin with these 24, or 32, bits; the other bits are ignored |
///
/// IPv4 addresses that are written as IPv6 (`::ffff:192.0.2.1`) are IPv4 addresses, and so are
/// blocks and ranges of them. A range of IPv6 addresses holds no IPv4 address, not even `::/0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressRange(Bounds);

/// The first and the last address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Bounds {
    V4(Ipv4Addr, Ipv4Addr),
    V6(Ipv6Addr, Ipv6Addr),
}

impl Bounds {
    /// `None` if one is an IPv4 address and the other is not.
    fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        match (first.to_canonical(), last.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => return Some(Self::V4(first, last)),
            (IpAddr::V6(first), IpAddr::V6(last)) => return Some(Self::V6(first, last)),
            _ => {}
        }
        // A range that has IPv4 addresses inside or at one end.
        match (first, last) {
            (IpAddr::V6(first), IpAddr::V6(last)) => Some(Self::V6(first, last)),
            _ => None,
        }
    }
}

impl From<IpAddr> for AddressRange {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => Bounds::V4(ip, ip),
            IpAddr::V6(ip) => Bounds::V6(ip, ip),
        })
    }
}

/// A text that is no [`AddressRange`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: needs {needed}")]
pub struct AddressRangeError {
    text: String,
    needed: &'static str,
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let error = |needed| AddressRangeError { text: text.to_owned(), needed };
        let address = |part: &str, needed| part.parse::<IpAddr>().map_err(|_| error(needed));
        let (first, last) = if let Some((ip, bits)) = text.split_once('/') {
            let ip = address(ip, "an address before the /")?;
            let needed = match ip {
                IpAddr::V4(_) => "0 to 32 bits after the /",
                IpAddr::V6(_) => "0 to 128 bits after the /",
            };
            let block = bits.parse().ok().and_then(|bits| IpNet::new(ip, bits).ok());
            let block = block.filter(|_| bits.bytes().all(|digit| digit.is_ascii_digit()));
            let block = block.ok_or_else(|| error(needed))?;
            (block.network(), block.broadcast())
        } else if let Some((first, last)) = text.split_once('-') {
            (address(first, "an address before the -")?, address(last, "an address after the -")?)
        } else {
            let ip = address(text, "an address, ADDRESS-ADDRESS or ADDRESS/BITS")?;
            (ip, ip)
        };
        if first > last {
            return Err(error("the lower address first"));
        }
        let bounds = Bounds::new(first, last);
        Ok(Self(bounds.ok_or_else(|| error("two addresses of one family"))?))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Bounds::V4(first, last) if first == last => first.fmt(f),
            Bounds::V4(first, last) => write!(f, "{first}-{last}"),
            Bounds::V6(first, last) if first == last => first.fmt(f),
            Bounds::V6(first, last) => write!(f, "{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use proptest::prelude::*;

    use super::*;

    fn ranges(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    /// The blocks of RFC 1918, section 3, and RFC 4291, section 2.5.6, and their ends as given there.
    #[test]
    fn blocks_are_ranges() {
        for (block, range) in [
            ("10.0.0.0/8", "10.0.0.0-10.255.255.255"),
            ("172.16.0.0/12", "172.16.0.0-172.31.255.255"),
            ("192.168.0.0/16", "192.168.0.0-192.168.255.255"),
            ("fe80::/10", "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("0.0.0.0/0", "0.0.0.0-255.255.255.255"),
            ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("2001:db8::1/128", "2001:db8::1"),
            // Bits after the prefix are ignored.
            ("192.168.7.9/16", "192.168.0.0-192.168.255.255"),
            // IPv4 in IPv6 is IPv4.
            ("::ffff:192.168.0.0/112", "192.168.0.0-192.168.255.255"),
            ("::ffff:0:0/96", "0.0.0.0-255.255.255.255"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1-::ffff:10.0.0.9", "10.0.0.1-10.0.0.9"),
        ] {
            let parsed: AddressRange = block.parse().expect(block);
            assert_eq!(parsed.to_string(), range, "{block}");
            assert_eq!(Ok(parsed), range.parse(), "{block}");
        }
    }

    #[test]
    fn a_text_that_is_no_range_says_what_is_needed() {
        for (text, needed) in [
            ("", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("localhost", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("10.0.0", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("010.0.0.1", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("[::1]", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("fe80::1%lo", "an address, ADDRESS-ADDRESS or ADDRESS/BITS"),
            ("10.0.0/8", "an address before the /"),
            ("10.0.0.0/", "0 to 32 bits after the /"),
            ("10.0.0.0/33", "0 to 32 bits after the /"),
            ("10.0.0.0/+8", "0 to 32 bits after the /"),
            ("10.0.0.0/255.0.0.0", "0 to 32 bits after the /"),
            ("::/129", "0 to 128 bits after the /"),
            ("::/-1", "0 to 128 bits after the /"),
            ("-10.0.0.1", "an address before the -"),
            ("10.0.0.1-", "an address after the -"),
            ("10.0.0.1-9", "an address after the -"),
            ("10.0.0.1 - 10.0.0.9", "an address before the -"),
            ("10.0.0.9-10.0.0.1", "the lower address first"),
            ("::2-::1", "the lower address first"),
            ("10.0.0.1-::1", "two addresses of one family"),
        ] {
            let error = text.parse::<AddressRange>().expect_err(text);
            assert_eq!(error.to_string(), format!("`{text}`: needs {needed}"));
        }
    }

    #[test]
    fn deny_wins_and_no_allowed_address_allows_all() {
        let ip = |text: &str| text.parse::<IpAddr>().expect(text);
        let denying = AccessList::new().deny(ranges(&["192.0.2.0/24"]));
        assert!(!denying.permits(ip("192.0.2.1")));
        assert!(!denying.permits(ip("::ffff:192.0.2.1")));
        assert!(denying.permits(ip("192.0.3.0")));
        assert!(denying.permits(ip("::1")));

        let both = denying.clone().allow(ranges(&["192.0.2.1"])).allow(ranges(&["2001:db8::/32"]));
        assert!(!both.permits(ip("192.0.2.1")));
        assert!(both.permits(ip("2001:db8:ffff::1")));
        assert!(!both.permits(ip("2001:db9::")));
        assert!(!both.permits(ip("192.0.3.0")));

        // All of IPv6 is no address of IPv4.
        let v6 = AccessList::new().allow(ranges(&["::/0"]));
        assert!(v6.permits(ip("::1")));
        assert!(!v6.permits(ip("::ffff:192.0.2.1")));
    }

    #[test]
    fn peers_without_an_address_are_permitted() {
        let list = AccessList::new().deny(ranges(&["0.0.0.0/0", "::/0"]));
        assert!(list.permits_peer(&Address::Unix(None)));
        assert!(!list.permits_peer(&Address::Tcp(([127, 0, 0, 1], 1).into())));
    }

    /// Few bits, so that ranges overlap and touch, and addresses hit their ends.
    fn few_ips() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (0u32..32).prop_map(|bits| IpAddr::V4(bits.into())),
            (u32::MAX - 8..=u32::MAX).prop_map(|bits| IpAddr::V4(bits.into())),
            (0u128..32).prop_map(|bits| IpAddr::V6(bits.into())),
            (0u32..32).prop_map(|bits| IpAddr::V6(Ipv4Addr::from(bits).to_ipv6_mapped())),
        ]
    }

    fn few_ranges() -> impl Strategy<Value = Vec<RangeInclusive<IpAddr>>> {
        let canonical = || few_ips().prop_map(|ip| ip.to_canonical());
        let range = (canonical(), canonical()).prop_filter_map("one family", |(a, b)| {
            (a.is_ipv4() == b.is_ipv4()).then(|| a.min(b)..=a.max(b))
        });
        prop::collection::vec(range, 0..6)
    }

    fn parsed(ranges: &[RangeInclusive<IpAddr>]) -> Vec<AddressRange> {
        let text = |range: &RangeInclusive<IpAddr>| format!("{}-{}", range.start(), range.end());
        ranges.iter().map(|range| text(range).parse().expect("a range")).collect()
    }

    proptest! {
        #[test]
        fn the_list_says_what_each_range_by_itself_says(
            allowed in few_ranges(),
            denied in few_ranges(),
            later in few_ranges(),
            ips in prop::collection::vec(few_ips(), 1..20),
        ) {
            let list = AccessList::new()
                .allow(parsed(&allowed))
                .deny(parsed(&denied))
                .deny(parsed(&later));
            for ip in ips {
                let plain = ip.to_canonical();
                let within = |ranges: &[RangeInclusive<IpAddr>]| {
                    ranges.iter().any(|range| range.contains(&plain))
                };
                let expected = !within(&denied)
                    && !within(&later)
                    && (allowed.is_empty() || within(&allowed));
                prop_assert_eq!(list.permits(ip), expected, "{}", ip);
            }
        }
    }
}

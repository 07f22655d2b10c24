//! Who sends datagrams to whom.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::{Flow, is_client};

/// Pairs of ends that are known at a time: 65,536. When there are more, all are forgotten, and numbered
/// anew as they are heard again.
pub const MAX_PAIRS: usize = 1 << 16;

/// Numbers pairs of ends that send each other datagrams, in the order in which they are first heard.
#[derive(Debug, Default)]
pub struct Datagrams {
    pairs: HashMap<(SocketAddr, SocketAddr), Flow>,
    count: u64,
    server_ports: Vec<u16>,
}

impl Datagrams {
    /// Knows none yet. Ports of servers are as in
    /// [`Limits::server_ports`](super::Limits::server_ports).
    #[must_use]
    pub fn new(server_ports: &[u16]) -> Self {
        Self { server_ports: server_ports.to_vec(), ..Self::default() }
    }

    /// The direction of a datagram.
    pub fn flow(&mut self, src: SocketAddr, dst: SocketAddr) -> Flow {
        let key = (src.min(dst), src.max(dst));
        if let Some(first) = self.pairs.get(&key) {
            return if first.src == src { *first } else { first.back() };
        }
        if self.pairs.len() >= MAX_PAIRS {
            self.pairs.clear();
        }
        let flow = Flow::first(self.count, src, dst, is_client(src, dst, &self.server_ports));
        self.count += 1;
        self.pairs.insert(key, flow);
        flow
    }

    /// Pairs that were heard.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_are_of_one_pair() {
        let [a, b, c] =
            ["10.0.0.1:5000", "10.0.0.2:53", "10.0.0.3:53"].map(|it| it.parse().unwrap());
        let mut datagrams = Datagrams::new(&[]);
        let answer = datagrams.flow(b, a);
        assert_eq!((answer.stream, answer.direction, answer.is_client), (0, 0, false));
        let query = datagrams.flow(a, b);
        assert_eq!((query.stream, query.direction, query.is_client), (0, 1, true));
        assert_eq!((query.src, query.dst), (a, b));
        assert_eq!(datagrams.flow(a, c).stream, 1);
        assert_eq!(datagrams.count(), 2);
        assert!(!Datagrams::new(&[5000]).flow(a, b).is_client);
    }
}

//! Access lists beside Node's `net.BlockList`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Stdio;

use cwire_transport::{AccessList, AddressRange};

/// Reads lines `deny RANGE` and `ask ADDRESS`, and answers each question with a line.
const NODE: &str = r"
const { BlockList, isIPv6 } = require('node:net');
const list = new BlockList();
const family = (ip) => (isIPv6(ip) ? 'ipv6' : 'ipv4');
for (const line of require('node:fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const [verb, what] = line.split(' ');
  const [ip, bits] = what.split('/');
  const [first, last] = what.split('-');
  if (verb === 'ask') console.log(list.check(what, family(what)) ? 'denied' : 'permitted');
  else if (bits !== undefined) list.addSubnet(ip, Number(bits), family(ip));
  else if (last !== undefined) list.addRange(first, last, family(first));
  else list.addAddress(what, family(what));
}
";

/// Numbers that are the same in every run (xorshift64, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// An address of a few thousand, IPv4 or IPv6, whose bits differ high and low.
    fn ip(&mut self, v6: bool) -> IpAddr {
        let [high, low] = [self.below(8), self.below(256)];
        if v6 {
            Ipv6Addr::from(0x2001_0db8_u128 << 96 | u128::from(high) << 61 | u128::from(low)).into()
        } else {
            let bits = u32::try_from(0x0a00_0000 | high << 14 | low).expect("below 2 to the 32nd");
            Ipv4Addr::from(bits).into()
        }
    }

    fn range(&mut self) -> String {
        let v6 = self.below(2) == 1;
        let (a, b) = (self.ip(v6), self.ip(v6));
        let most = if v6 { 128 } else { 32 };
        match self.below(3) {
            0 => a.to_string(),
            1 if self.below(4) > 0 => format!("{a}/{}", most - self.below(6)),
            1 => format!("{a}/{}", most - self.below(20)),
            _ => format!("{}-{}", a.min(b), a.max(b)),
        }
    }
}

#[test]
fn addresses_that_node_blocks_are_denied() {
    let Some(mut node) = cwire_tests::tool("node") else { return };
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let ranges: Vec<_> = (0..60).map(|_| numbers.range()).collect();
    let mut ips: Vec<_> = (0..4000).map(|number| numbers.ip(number % 2 == 1)).collect();
    // IPv4 over IPv6 too.
    for ip in ips.iter_mut().step_by(4) {
        let IpAddr::V4(v4) = *ip else { panic!("every second one is IPv4") };
        *ip = v4.to_ipv6_mapped().into();
    }
    let denied = ranges.iter().map(|text| text.parse::<AddressRange>().expect(text));
    let list = AccessList::new().deny(denied);

    let node = node.args(["-e", NODE]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = node.spawn().expect("node starts");
    let mut stdin = child.stdin.take().expect("piped");
    for range in &ranges {
        writeln!(stdin, "deny {range}").expect("node reads");
    }
    for ip in &ips {
        writeln!(stdin, "ask {ip}").expect("node reads");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("node ends");
    let answers = String::from_utf8(output.stdout).expect("text");
    assert_eq!(answers.lines().count(), ips.len());
    for (ip, answer) in ips.iter().zip(answers.lines()) {
        let own = if list.permits(*ip) { "permitted" } else { "denied" };
        assert_eq!(own, answer, "{ip}");
    }
    // The addresses meet the ranges, and miss them.
    for answer in ["permitted", "denied"] {
        let count = answers.lines().filter(|line| *line == answer).count();
        assert!(count > 500, "{count} {answer}");
    }
}

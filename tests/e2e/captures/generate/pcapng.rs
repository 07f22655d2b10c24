//! Files of the format pcapng (draft-ietf-opsawg-pcapng).

use fastrand::Rng;

use super::links::Link;
use super::pcap::Frame;

/// Two sections of different byte order, each with an interface of another link in front of that of the
/// frames, which come in blocks of every kind; between them blocks that no reader knows.
pub(crate) fn file(rng: &mut Rng, link: Link, frames: &[Frame]) -> Vec<u8> {
    let (first, second) = frames.split_at(rng.usize(..=frames.len()));
    let is_big = rng.bool();
    let sections = [(is_big, first, 9), (!is_big, second, 6)];
    sections
        .map(|(is_big, frames, resolution)| Section { is_big, resolution }.write(rng, link, frames))
        .concat()
}

struct Section {
    is_big: bool,
    /// Decimal digits of a second's fraction.
    resolution: u8,
}

const END: [u8; 4] = [0; 4];

impl Section {
    fn u32(&self, value: usize) -> [u8; 4] {
        let value = u32::try_from(value).unwrap();
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u16(&self, value: u16) -> [u8; 2] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn block(&self, kind: usize, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let len = self.u32(padded + 12);
        let mut block = [&self.u32(kind)[..], &len, body].concat();
        block.resize(8 + padded, 0);
        block.extend(len);
        block
    }

    fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len()).unwrap();
        let mut option = [&self.u16(code)[..], &self.u16(len), value].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    fn interface(&self, number: u16, options: &[u8]) -> Vec<u8> {
        let head = [&self.u16(number)[..], &[0; 2], &self.u32(0), options, &END].concat();
        self.block(1, &head)
    }

    fn write(&self, rng: &mut Rng, link: Link, frames: &[Frame]) -> Vec<u8> {
        let magic = self.u32(0x1a2b_3c4d);
        let version = [self.u16(1), self.u16(0)].concat();
        let head = [&magic[..], &version, &[0xff; 8]].concat();
        let mut file = self.block(0x0a0d_0d0a, &head);
        // Packets of simple blocks are of the first interface.
        let has_simple = rng.bool();
        let fcs = match link.fcs_len() {
            0 => Vec::new(),
            len => self.option(13, &[len]),
        };
        let resolution = self.option(9, &[self.resolution]);
        let own = self.interface(link.number(), &[resolution, fcs].concat());
        let other = self.interface(147, &self.option(2, b"another"));
        let index = usize::from(!has_simple);
        file.extend(if has_simple { [own, other].concat() } else { [other, own].concat() });
        for (number, frame) in frames.iter().enumerate() {
            if rng.u8(..8) == 0 {
                file.extend(self.block(0x0bad_0000 + rng.usize(..9), &[7; 13]));
            }
            file.extend(self.packet(rng, index, number, frame));
        }
        file
    }

    fn packet(&self, rng: &mut Rng, interface: usize, number: usize, frame: &Frame) -> Vec<u8> {
        let unit = 10_u64.pow(u32::from(self.resolution) - 3);
        let time = 1_767_323_045_000 * unit + u64::try_from(number).unwrap() * unit;
        let halves = [time >> 32, time & 0xffff_ffff].map(|half| usize::try_from(half).unwrap());
        let times = halves.map(|half| self.u32(half)).concat();
        let lengths = [frame.bytes.len(), frame.len].map(|len| self.u32(len)).concat();
        let mut bytes = frame.bytes.clone();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let comment = [self.option(1, b"a comment"), END.to_vec()].concat();
        match rng.u8(..4) {
            0 if interface == 0 && frame.bytes.len() == frame.len => {
                self.block(3, &[&self.u32(frame.len)[..], &bytes].concat())
            }
            1 => {
                let interface = self.u16(u16::try_from(interface).unwrap());
                let drops = self.u16(0xffff);
                self.block(2, &[&interface[..], &drops, &times, &lengths, &bytes].concat())
            }
            2 => {
                let head = [&self.u32(interface)[..], &times, &lengths].concat();
                self.block(6, &[&*head, &bytes, &comment].concat())
            }
            _ => {
                let head = [&self.u32(interface)[..], &times, &lengths].concat();
                self.block(6, &[head, bytes].concat())
            }
        }
    }
}

//! Goes through a frame and tells a visitor of its parts.

use cwire_layout::abi::Endian;

use super::Findings;
use super::Inner;
use super::bits;
use super::float::{Float, FloatFormat};
use super::text::Charset;
use super::tree::{Kind, List, Member, Node, Object, ScalarNode, TextNode, Unit};
use super::visit::{Item, Scalar, Visitor};

/// Goes through one frame. Whatever the bytes, there is a value: what the frame lacks is null.
pub(crate) struct Walk<'a, V> {
    pub(crate) plan: &'a Inner,
    pub(crate) frame: &'a [u8],
    pub(crate) visitor: &'a mut V,
    pub(crate) findings: Findings,
}

impl<'a, V: Visitor> Walk<'a, V> {
    /// The members of the record at `base`, without the braces around them.
    pub(crate) fn members(&mut self, object: &'a Object, base: usize) {
        for member in &object.members {
            self.member(member, base);
        }
    }

    fn object(&mut self, object: &'a Object, base: usize) {
        self.visitor.begin_object();
        self.members(object, base);
        self.visitor.end_object();
    }

    fn member(&mut self, member: &'a Member, base: usize) {
        self.visitor.key(&member.key);
        let offset = base.saturating_add(member.offset);
        match (&member.node, &member.tag) {
            (Node::Object(union), Some(tag)) => match tag.chosen(self.frame, base) {
                Some(chosen) => {
                    self.visitor.begin_object();
                    if let Some(chosen) = union.members.get(chosen) {
                        self.member(chosen, offset);
                    }
                    self.visitor.end_object();
                }
                None => self.node(&member.node, base, offset),
            },
            _ => self.node(&member.node, base, offset),
        }
    }

    /// What is at `offset`, in the object at `base`.
    fn node(&mut self, node: &'a Node, base: usize, offset: usize) {
        match node {
            Node::Scalar(scalar) => self.scalar(scalar, offset),
            Node::Text(text) => self.text(text, base, offset),
            Node::List(list) => self.list(list, base, offset),
            Node::Object(object) if object.has_values && offset >= self.frame.len() => {
                self.null(None, offset);
            }
            Node::Object(object) => self.object(object, offset),
        }
    }

    fn null(&mut self, leaf: Option<usize>, offset: usize) {
        self.findings.cut = true;
        self.visitor.null(leaf, offset as u64 * 8);
    }

    fn list(&mut self, list: &'a List, base: usize, offset: usize) {
        let elements =
            list.len.in_frame(self.frame, base, offset, list.stride, list.element.has_parts());
        if elements.there == 0 && elements.wanted > 0 {
            return self.null(None, offset);
        }
        self.findings.cut |= elements.there < elements.wanted;
        self.visitor.begin_list();
        for index in 0..elements.there {
            self.node(&list.element, base, offset + index * list.stride);
        }
        self.visitor.end_list();
    }

    fn text(&mut self, text: &'a TextNode, base: usize, offset: usize) {
        let size = text.unit.size();
        let elements = text.len.in_frame(self.frame, base, offset, size, false);
        if elements.there == 0 && elements.wanted > 0 {
            return self.null(Some(text.leaf), offset);
        }
        self.findings.cut |= elements.there < elements.wanted;
        let end = offset.saturating_add(elements.there * size);
        let raw = self.frame.get(offset..end).unwrap_or(&[]);
        let charset = self.plan.charset(text.unit);
        let decoded = charset.decode(charset.until_nul(raw));
        let exact =
            !self.plan.lossless || charset.is_exact(&decoded, raw, text.len.fixed.is_some());
        self.visitor.scalar(&Item {
            scalar: Scalar::Text(decoded),
            leaf: text.leaf,
            offset_bits: offset as u64 * 8,
            size_bits: raw.len() as u64 * 8,
            raw,
            exact,
            invalid: false,
        });
    }

    fn scalar(&mut self, node: &'a ScalarNode, offset: usize) {
        let end = offset.saturating_add(node.size);
        let Some(raw) = self.frame.get(offset..end) else {
            return self.null(Some(node.leaf), offset);
        };
        let offset_bits = offset as u64 * 8 + u64::from(node.first_bit);
        let read = read(node, raw, self.plan.endian, self.plan.lossless);
        if read.invalid {
            self.findings.invalid.get_or_insert(offset_bits);
        }
        self.visitor.scalar(&Item {
            scalar: read.scalar,
            leaf: node.leaf,
            offset_bits,
            size_bits: u64::from(node.width),
            raw,
            exact: read.exact,
            invalid: read.invalid,
        });
    }
}

/// A scalar out of its bytes.
pub(crate) struct Read<'a> {
    pub(crate) scalar: Scalar<'a>,
    pub(crate) exact: bool,
    pub(crate) invalid: bool,
}

impl Inner {
    pub(crate) fn charset(&self, unit: Unit) -> Charset {
        Charset { unit, encoding: self.encoding, endian: self.endian }
    }
}

/// Reads a scalar out of its bytes; whether it is exact only if `lossless` asks.
pub(crate) fn read<'a>(
    node: &'a ScalarNode,
    raw: &[u8],
    endian: Endian,
    lossless: bool,
) -> Read<'a> {
    let plain = |scalar| Read { scalar, exact: true, invalid: false };
    if let Kind::Wide = node.kind {
        return plain(Scalar::Wide(wide(node, raw, endian)));
    }
    let bits = bits::load(raw, node.first_bit, node.width, endian);
    match &node.kind {
        Kind::Int => plain(Scalar::Int(bits::sign_extend(bits, node.width))),
        Kind::UInt | Kind::Wide => plain(unsigned(bits)),
        Kind::Bool => match bits {
            0 | 1 => plain(Scalar::Bool(bits == 1)),
            _ => Read { scalar: unsigned(bits), exact: true, invalid: true },
        },
        Kind::Enum(names) => {
            let value = match names.is_signed {
                true => Scalar::Int(bits::sign_extend(bits, node.width)),
                false => unsigned(bits),
            };
            plain(match value {
                Scalar::Int(value) if !names.as_number => match names.name(value) {
                    Some(name) => Scalar::Enum { name, value },
                    None => Scalar::Int(value),
                },
                other => other,
            })
        }
        Kind::Char => {
            let (char, exact) = character(bits, node.size);
            Read { scalar: Scalar::Char(char), exact: exact || !lossless, invalid: false }
        }
        Kind::Float(format) => read_float(*format, bits, endian, lossless),
    }
}

fn read_float(format: FloatFormat, bits: u128, endian: Endian, lossless: bool) -> Read<'static> {
    let float = format.decode(bits, endian);
    let (scalar, plain) = match float {
        Float::Single(value) => (Scalar::Float32(value), f64::from(value)),
        Float::Double(value) => (Scalar::Float64(value), value),
    };
    // JSON has one NaN only.
    let plain = if plain.is_nan() { f64::NAN } else { plain };
    let exact = !lossless || format.encode(plain, endian) == Some(bits);
    Read { scalar, exact, invalid: false }
}

/// A character of 1, 2 or 4 bytes, and whether it tells all of its bits.
pub(crate) fn character(bits: u128, size: usize) -> (char, bool) {
    let code = u32::try_from(bits).unwrap_or(u32::MAX);
    let char = match size {
        1 => u8::try_from(code).ok().map(char::from),
        _ => char::from_u32(code),
    };
    (char.unwrap_or(char::REPLACEMENT_CHARACTER), char.is_some())
}

fn unsigned(bits: u128) -> Scalar<'static> {
    i128::try_from(bits).map_or(Scalar::UInt(bits), Scalar::Int)
}

/// All hex digits of an integer, the most significant first.
fn wide(node: &ScalarNode, raw: &[u8], endian: Endian) -> String {
    let bytes = bits::load_wide(raw, node.first_bit, node.width, endian);
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("0x");
    for byte in bytes.iter().rev() {
        text.push(char::from(crate::json::hex_digit(byte >> 4)));
        text.push(char::from(crate::json::hex_digit(byte & 15)));
    }
    text
}

impl super::tree::Choice {
    /// The member that the tag chooses, for the union in the object at `base`.
    pub(crate) fn chosen(&self, frame: &[u8], base: usize) -> Option<usize> {
        let record = frame.get(base.saturating_add(self.owner)..)?;
        let name = (self.tag.choose)(record)?;
        self.members.get(name).copied()
    }
}

/// Adds to `mask` the bits of a frame that fields hold.
pub(crate) struct Cover<'a> {
    pub(crate) plan: &'a Inner,
    pub(crate) frame: &'a [u8],
    pub(crate) mask: &'a mut [u8],
}

impl Cover<'_> {
    pub(crate) fn object(&mut self, object: &Object, base: usize) {
        for member in &object.members {
            let offset = base.saturating_add(member.offset);
            let chosen = member.tag.as_ref().and_then(|tag| tag.chosen(self.frame, base));
            match (&member.node, chosen) {
                (Node::Object(union), Some(chosen)) => {
                    if let Some(chosen) = union.members.get(chosen) {
                        self.node(&chosen.node, offset, offset.saturating_add(chosen.offset));
                    }
                }
                _ => self.node(&member.node, base, offset),
            }
        }
    }

    fn node(&mut self, node: &Node, base: usize, offset: usize) {
        if offset >= self.mask.len() {
            return;
        }
        match node {
            Node::Scalar(scalar) if scalar.is_whole() => self.bytes(offset, scalar.size),
            Node::Scalar(scalar) => {
                let endian = self.plan.endian;
                let value = vec![0xff; scalar.size];
                let bits =
                    bits::store_wide(&value, scalar.size, scalar.first_bit, scalar.width, endian);
                let slots = self.mask.get_mut(offset..).unwrap_or_default();
                for (slot, bits) in slots.iter_mut().zip(bits) {
                    *slot |= bits;
                }
            }
            Node::Text(text) => {
                let size = text.unit.size();
                let elements = text.len.in_frame(self.frame, base, offset, size, true);
                self.bytes(offset, elements.there * size);
            }
            Node::List(list) => self.list(list, base, offset),
            Node::Object(object) => self.object(object, offset),
        }
    }

    fn list(&mut self, list: &List, base: usize, offset: usize) {
        let elements = list.len.in_frame(self.frame, base, offset, list.stride, true);
        match &*list.element {
            Node::Scalar(scalar) if scalar.is_whole() && scalar.size == list.stride => {
                self.bytes(offset, elements.there.saturating_mul(list.stride));
            }
            element => {
                for index in 0..elements.there {
                    self.node(element, base, offset + index * list.stride);
                }
            }
        }
    }

    fn bytes(&mut self, offset: usize, len: usize) {
        let end = offset.saturating_add(len).min(self.mask.len());
        if let Some(bytes) = self.mask.get_mut(offset..end) {
            bytes.fill(0xff);
        }
    }
}

/// How many bytes an object needs at least, and where its arrays without length begin.
pub(crate) struct Extent {
    /// End of the fields that are always there.
    pub(crate) end: usize,
    /// Start of the first array without length.
    pub(crate) tail: Option<usize>,
}

impl Extent {
    pub(crate) fn of(object: &Object) -> Self {
        let mut extent = Self { end: 0, tail: None };
        extent.object(object, 0);
        extent
    }

    fn object(&mut self, object: &Object, base: usize) {
        for member in &object.members {
            let offset = base.saturating_add(member.offset);
            let is_tail = match &member.node {
                Node::Text(text) => text.len.fixed.is_none(),
                Node::List(list) => list.len.fixed.is_none(),
                Node::Object(object) => {
                    self.object(object, offset);
                    continue;
                }
                Node::Scalar(_) => false,
            };
            match is_tail {
                true => self.tail = Some(self.tail.map_or(offset, |tail| tail.min(offset))),
                false => self.end = self.end.max(offset.saturating_add(member.node.size())),
            }
        }
    }
}

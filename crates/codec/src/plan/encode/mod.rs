//! Values to bytes, straight from JSON text or from a tree.
//!
//! What a record is made of is put where it belongs as it is read, in whatever order it comes. What
//! cannot be known before all is there is checked afterwards: the tag of a union, the count of an
//! array, the bits that members of a union share, and padding.
//!
//! Members of a union lie over each other. One that is given will do; if there are several, they have
//! to say the same. A plain form may leave bits open (what follows a text's NUL, the payload of a NaN,
//! a `long double` of which only the nearest `double` is known): such bits follow the members that are
//! sure of theirs, and afterwards the record has to read as it was given.

mod checks;
pub(super) mod fuzz;
#[cfg(test)]
mod laws;
mod scalar;
mod seen;
mod set;
mod source;
mod target;
#[cfg(test)]
mod tests;
mod text;

use cwire_layout::abi::Endian;

use super::Inner;
use super::bits;
use super::tree::{Kind, List, Member, Node, Object, Part, Parts, ScalarNode, TextNode};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::json::JsonError;
use crate::json::read::{Reader, Text, Token, utf8};
use crate::scalar::{low_mask, store_uint};
use crate::value::Value;
use checks::{Check, Counted, Given, Open};
use seen::Seen;
pub(super) use set::{has_field, set};
use source::{Fail, Source, Values};
use target::Target;

/// Appends the bytes of a record; nothing on error.
pub(crate) fn encode(plan: &Inner, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    Encoder::new(plan, Values::new(value), out).run().map_err(Fail::into_encode)
}

/// Appends the bytes of a record that is given in JSON; nothing on error.
pub(crate) fn encode_json(plan: &Inner, json: &[u8], out: &mut Vec<u8>) -> Result<(), JsonError> {
    let reader = Reader::new(utf8(json)?);
    Encoder::new(plan, reader, out).run().map_err(Fail::into_json)
}

/// Whether members of a record share bits.
pub(crate) fn has_unions(object: &Object) -> bool {
    fn in_parts(parts: &Parts) -> bool {
        let in_part = |part: &Part| match part {
            Part::Member(_) => false,
            Part::Group(parts) => in_parts(parts),
        };
        parts.is_union || parts.parts.iter().any(in_part)
    }
    fn in_node(node: &Node) -> bool {
        match node {
            Node::Object(object) => has_unions(object),
            Node::List(list) => in_node(&list.element),
            Node::Scalar(_) | Node::Text(_) => false,
        }
    }
    in_parts(&object.parts) || object.members.iter().any(|member| in_node(&member.node))
}

struct Encoder<'a, 'o, S> {
    plan: &'a Inner,
    source: S,
    target: Target<'o>,
    /// Text without its escapes, and bytes of text; here so that their memory is used again.
    text: String,
    bytes: Vec<u8>,
    /// Elements of the list, or units of the text, that ended last.
    len: usize,
    /// Unions with a tag in the objects that have not ended: their members' indices, and what was
    /// given of them.
    tagged: Vec<(usize, Seen)>,
    /// Arrays with a count in the objects that have not ended.
    counted: Vec<Counted>,
    checks: Vec<Check<'a>>,
    padding: Vec<Given>,
}

impl<'a, 'o, 's, S: Source<'s>> Encoder<'a, 'o, S> {
    fn new(plan: &'a Inner, source: S, out: &'o mut Vec<u8>) -> Self {
        Self::over(plan, source, Target::new(out, plan.max_len, plan.has_unions))
    }

    fn over(plan: &'a Inner, source: S, target: Target<'o>) -> Self {
        Self {
            plan,
            source,
            target,
            text: String::new(),
            bytes: Vec::new(),
            len: 0,
            tagged: Vec::new(),
            counted: Vec::new(),
            checks: Vec::new(),
            padding: Vec::new(),
        }
    }

    fn run(mut self) -> Result<(), Fail> {
        let result = self.record();
        if result.is_err() {
            self.target.abandon();
        }
        result
    }

    fn record(&mut self) -> Result<(), Fail> {
        let plan = self.plan;
        self.grow(plan.needed)?;
        self.begin_object("an object of the record's fields")?;
        let seen = self.object(&plan.root, 0)?;
        self.check_complete(&plan.root, &seen)?;
        self.source.end()?;
        self.check_shared()?;
        self.put_padding()
    }

    fn begin_object(&mut self, needed: &'static str) -> Result<(), Fail> {
        match self.source.value()? {
            Token::Object => Ok(()),
            other => Err(self.wrong_form(needed, other)),
        }
    }

    #[cold]
    fn wrong_form(&self, needed: &'static str, token: Token<'_>) -> Fail {
        let found = scalar::describe(token);
        self.source.fail(EncodeErrorKind::WrongForm { needed, found })
    }

    fn grow(&mut self, len: usize) -> Result<(), Fail> {
        self.target.grow(len).map_err(|kind| self.source.fail(kind))
    }

    /// The members of an object that has begun; tells which were given.
    fn object(&mut self, object: &'a Object, base: usize) -> Result<Seen, Fail> {
        let open = Open { tagged: self.tagged.len(), counted: self.counted.len() };
        let mut seen = Seen::default();
        let mut has_padding = false;
        // Members come in the order of their declaration nearly always.
        let mut next = 0;
        let mut is_first = true;
        while let Some(name) = self.source.key(is_first)? {
            is_first = false;
            let in_turn = |member: &&Member| !name.escaped && *member.key.name == *name.raw;
            let found = match object.members.get(next).filter(in_turn) {
                Some(member) => Some((next, member)),
                None => find(object, name),
            };
            let Some((index, member)) = found else {
                self.no_member(object, name, base, &mut has_padding)?;
                continue;
            };
            if !seen.insert(index) {
                let fail = self.source.fail(EncodeErrorKind::TwiceGiven);
                return Err(fail.within(&member.key.name, member.offset));
            }
            next = index + 1;
            self.member(index, member, base)
                .map_err(|fail| fail.within(&member.key.name, member.offset))?;
        }
        self.check_counts(object, base, open.counted)?;
        self.check_tags(object, base, open.tagged)?;
        Ok(seen)
    }

    /// What is named is no member: it may be padding.
    #[cold]
    fn no_member(
        &mut self,
        object: &'a Object,
        name: Text<'_>,
        base: usize,
        has_padding: &mut bool,
    ) -> Result<(), Fail> {
        let name = name.get();
        if name != padding_name(object) {
            let known = object.members.iter().map(|member| member.key.name.to_string()).collect();
            return Err(self.source.fail(EncodeErrorKind::UnknownField { known }).within(&name, 0));
        }
        if std::mem::replace(has_padding, true) {
            return Err(self.source.fail(EncodeErrorKind::TwiceGiven).within(&name, 0));
        }
        self.padding(object, base).map_err(|fail| fail.within(&name, 0))
    }

    fn member(&mut self, index: usize, member: &'a Member, base: usize) -> Result<(), Fail> {
        let offset = base.saturating_add(member.offset);
        if let (Node::Object(union), Some(_)) = (&member.node, &member.tag) {
            self.begin_object("an object")?;
            let seen = self.object(union, offset)?;
            self.tagged.push((index, seen));
            return Ok(());
        }
        self.node(&member.node, base, offset)?;
        let len = match &member.node {
            Node::List(list) => &list.len,
            Node::Text(text) => &text.len,
            Node::Scalar(_) | Node::Object(_) => return Ok(()),
        };
        if len.count.is_some() {
            self.counted.push(Counted { member: index, found: self.len });
        }
        Ok(())
    }

    /// What belongs at `offset`, in the object at `base`.
    fn node(&mut self, node: &'a Node, base: usize, offset: usize) -> Result<(), Fail> {
        match node {
            Node::Scalar(scalar) => self.scalar(scalar, offset),
            Node::Text(text) => self.text(text, base, offset),
            Node::List(list) => self.list(list, base, offset),
            Node::Object(object) => {
                self.begin_object("an object")?;
                let seen = self.object(object, offset)?;
                self.check_complete(object, &seen)
            }
        }
    }

    fn list(&mut self, list: &'a List, base: usize, offset: usize) -> Result<(), Fail> {
        match self.source.value()? {
            Token::List => {}
            other => return Err(self.wrong_form("a list", other)),
        }
        // Elements without bytes are not decoded, either.
        let fixed = if list.stride == 0 { Some(0) } else { list.len.fixed };
        let at_most = list.len.count.is_some();
        let mut found = 0usize;
        while self.source.element(found == 0)? {
            let from_first = found.saturating_mul(list.stride);
            let at = offset.saturating_add(from_first);
            match fixed {
                None => self.grow(at.saturating_add(list.stride))?,
                Some(needed) if found == needed => {
                    let found = found + 1;
                    let kind = EncodeErrorKind::WrongCount { needed, found, at_most };
                    return Err(self.source.fail(kind));
                }
                Some(_) => {}
            }
            self.node(&list.element, base, at)
                .map_err(|fail| fail.within(&format!("[{found}]"), from_first))?;
            found += 1;
        }
        if let Some(needed) = fixed.filter(|&needed| found < needed && !at_most) {
            let kind = EncodeErrorKind::WrongCount { needed, found, at_most };
            return Err(self.source.fail(kind));
        }
        self.len = found;
        Ok(())
    }

    #[inline]
    fn scalar(&mut self, node: &'a ScalarNode, offset: usize) -> Result<(), Fail> {
        let token = self.source.value()?;
        match (token, &node.kind) {
            (Token::Object, kind) if !matches!(kind, Kind::Wide) => self.scalar_hex(node, offset),
            (Token::Text(text), Kind::Wide) => self.wide(node, text, offset),
            _ => {
                let encoded = scalar::encode(node, token, self.plan.endian);
                let encoded = encoded.map_err(|kind| self.source.fail(kind))?;
                if !encoded.certain && self.target.has_unions() {
                    let column = self.source.column();
                    self.checks.push(Check::Scalar { node, offset, bits: encoded.bits, column });
                }
                self.put_scalar(node, offset, encoded.bits, encoded.certain)
            }
        }
    }

    fn put_scalar(
        &mut self,
        node: &ScalarNode,
        offset: usize,
        bits: u128,
        certain: bool,
    ) -> Result<(), Fail> {
        let endian = self.plan.endian;
        if node.is_whole() && !self.target.has_unions() {
            if let Some(slot) = self.target.slot(offset, node.size) {
                store_uint(slot, bits, endian);
            }
            return Ok(());
        }
        let put = match Place::of(node, endian) {
            Some(place) => {
                let (value, mask) = place.bytes(bits, endian);
                let mask = |at| mask.get(at).copied().unwrap_or(0);
                let value = value.get(..node.size).unwrap_or(&value);
                self.target.put(offset, value, mask, certain)
            }
            None => {
                let store = |value: &[u8]| {
                    bits::store_wide(value, node.size, node.first_bit, node.width, endian)
                };
                let (value, mask) = (store(&bits.to_le_bytes()), store(&[0xff; 16]));
                let mask = |at| mask.get(at).copied().unwrap_or(0);
                self.target.put(offset, &value, mask, certain)
            }
        };
        put.map_err(|kind| self.source.fail(kind))
    }

    /// An integer of more than 128 bits.
    fn wide(&mut self, node: &ScalarNode, text: Text<'_>, offset: usize) -> Result<(), Fail> {
        let value = scalar::wide(text, node.width).map_err(|kind| self.source.fail(kind))?;
        let store = |value: &[u8]| {
            bits::store_wide(value, node.size, node.first_bit, node.width, self.plan.endian)
        };
        let mask = store(&vec![0xff; value.len()]);
        let mask = |at| mask.get(at).copied().unwrap_or(0);
        let put = self.target.put(offset, &store(&value), mask, true);
        put.map_err(|kind| self.source.fail(kind))
    }

    /// The rest of `{"value": …, "hex": …}`.
    #[cold]
    fn scalar_hex(&mut self, node: &'a ScalarNode, offset: usize) -> Result<(), Fail> {
        let endian = self.plan.endian;
        let size = node.size;
        let plain =
            self.lossless("value", |len| len == size, || format!("hex digits of {size} bytes"))?;
        let bits = bits::load(&self.bytes, node.first_bit, node.width, endian);
        if let Some((token, column)) = plain {
            let at_value = |kind| Fail::Encode(column, EncodeError::new(kind)).within("value", 0);
            if !scalar::reads_as(node, bits, token, endian).map_err(at_value)? {
                return Err(at_value(EncodeErrorKind::HexDiffers));
            }
        }
        self.put_scalar(node, offset, bits, true)
    }

    /// The rest of an object of a plain form and the bytes, which are left in `self.bytes`; gives back
    /// the plain form, and its column.
    fn lossless(
        &mut self,
        plain_name: &'static str,
        fits: impl Fn(usize) -> bool,
        needed: impl Fn() -> String,
    ) -> Result<Option<(Token<'s>, usize)>, Fail> {
        let (mut plain, mut has_hex, mut is_first) = (None, false, true);
        while let Some(name) = self.source.key(is_first)? {
            is_first = false;
            let name = name.get();
            let is_hex = name == "hex";
            if !is_hex && name != plain_name {
                let known = vec![plain_name.to_owned(), "hex".to_owned()];
                let fail = self.source.fail(EncodeErrorKind::UnknownField { known });
                return Err(fail.within(&name, 0));
            }
            if if is_hex { has_hex } else { plain.is_some() } {
                return Err(self.source.fail(EncodeErrorKind::TwiceGiven).within(&name, 0));
            }
            let token = self.source.value()?;
            if !is_hex {
                plain = Some((token, self.source.column()));
                continue;
            }
            has_hex = true;
            self.hex(token, &fits, &needed).map_err(|fail| fail.within("hex", 0))?;
        }
        if !has_hex {
            return Err(self.source.fail(EncodeErrorKind::MissingField).within("hex", 0));
        }
        Ok(plain)
    }

    /// Reads hex digits into `self.bytes`.
    fn hex(
        &mut self,
        token: Token<'_>,
        fits: impl Fn(usize) -> bool,
        needed: impl Fn() -> String,
    ) -> Result<(), Fail> {
        let Token::Text(text) = token else {
            return Err(self.wrong_form("text of hex digits", token));
        };
        let digits = text.get_in(&mut self.text);
        self.bytes.clear();
        let is_hex = scalar::unhex(digits, &mut self.bytes).is_some();
        if is_hex && fits(self.bytes.len()) {
            return Ok(());
        }
        let kind = EncodeErrorKind::WrongHex { needed: needed(), found: digits.to_owned() };
        Err(self.source.fail(kind))
    }

    fn text(&mut self, node: &'a TextNode, base: usize, offset: usize) -> Result<(), Fail> {
        let token = self.source.value()?;
        let given = match token {
            Token::Text(given) => given,
            Token::Object => return self.text_hex(node, offset),
            other => return Err(self.wrong_form("text", other)),
        };
        let charset = self.plan.charset(node.unit);
        let size = node.unit.size();
        let text = given.get_in(&mut self.text);
        let encoded = text::encode(charset, text, &mut self.bytes).and_then(|bytes| {
            let max = node.len.fixed.map(|units| units.saturating_mul(size));
            match max.filter(|&max| bytes.len() > max) {
                Some(max) => Err(EncodeErrorKind::TextTooLong { max, found: bytes.len() }),
                None => Ok(bytes),
            }
        });
        let column = self.source.column();
        let shared = self.target.has_unions();
        if shared {
            let otherwise = encoded.as_ref().err().cloned();
            let text = text.to_owned();
            self.checks.push(Check::Text { node, base, offset, text, column, otherwise });
        }
        let put = match encoded {
            // Other members of the union may say it.
            Err(_) if shared => Ok(0),
            Err(kind) => Err(kind),
            Ok(bytes) => put_text(&mut self.target, node, offset, bytes).map(|()| bytes.len()),
        };
        self.len = put.map_err(|kind| self.source.fail(kind))? / size;
        Ok(())
    }

    /// The rest of `{"text": …, "hex": …}`.
    #[cold]
    fn text_hex(&mut self, node: &'a TextNode, offset: usize) -> Result<(), Fail> {
        let charset = self.plan.charset(node.unit);
        let size = node.unit.size();
        let max = node.len.fixed.map(|units| units.saturating_mul(size));
        let at_most = node.len.count.is_some();
        let fits = |len: usize| {
            len.is_multiple_of(size) && max.is_none_or(|max| len == max || at_most && len < max)
        };
        let needed = || match max {
            Some(max) if at_most => format!("hex digits of at most {max} bytes"),
            Some(max) => format!("hex digits of {max} bytes"),
            None => format!("hex digits of a multiple of {size} bytes"),
        };
        let plain = self.lossless("text", fits, needed)?;
        if let Some((token, column)) = plain {
            let at_text = |kind| Fail::Encode(column, EncodeError::new(kind)).within("text", 0);
            let Token::Text(text) = token else {
                let (needed, found) = ("text", scalar::describe(token));
                return Err(at_text(EncodeErrorKind::WrongForm { needed, found }));
            };
            if charset.decode(charset.until_nul(&self.bytes)) != text.get() {
                return Err(at_text(EncodeErrorKind::HexDiffers));
            }
        }
        self.grow(offset.saturating_add(self.bytes.len()))?;
        let put = self.target.put(offset, &self.bytes, |_| 0xff, true);
        put.map_err(|kind| self.source.fail(kind))?;
        self.len = self.bytes.len() / size;
        Ok(())
    }

    /// The padding of an object: ranges of bytes from its start, and their bytes.
    fn padding(&mut self, object: &Object, base: usize) -> Result<(), Fail> {
        self.begin_object("an object of ranges of bytes")?;
        let mut is_first = true;
        while let Some(range) = self.source.key(is_first)? {
            is_first = false;
            let range = range.get().into_owned();
            self.padding_run(&range, object, base).map_err(|fail| fail.within(&range, 0))?;
        }
        Ok(())
    }

    fn padding_run(&mut self, range: &str, object: &Object, base: usize) -> Result<(), Fail> {
        let bounds = range.split_once("..");
        let bounds = bounds.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
        let is_root = std::ptr::eq(object, &self.plan.root);
        let limit = if is_root && self.plan.has_tail { usize::MAX } else { object.size };
        let fits = |&(from, to): &(usize, usize)| from < to && to <= limit;
        let Some((from, to)) = bounds.filter(fits) else {
            let needed = "a range `FROM..TO` of bytes of the record";
            return Err(self.source.fail(EncodeErrorKind::NoPadding { needed }));
        };
        let token = self.source.value()?;
        let len = to - from;
        self.hex(token, |found| found == len, || format!("hex digits of {len} bytes"))?;
        let start = base.saturating_add(from);
        let (bytes, column) = (self.bytes.clone(), self.source.column());
        self.padding.push(Given { start, bytes, column, range: range.to_owned() });
        Ok(())
    }
}

/// The member of a name.
fn find<'a>(object: &'a Object, name: Text<'_>) -> Option<(usize, &'a Member)> {
    let index = match name.escaped {
        false => object.index.get(name.raw),
        true => object.index.get(&*name.get()),
    };
    let index = *index?;
    Some((index, object.members.get(index)?))
}

/// The name under which padding is listed: `padding`, with as many `_` as make it no member's.
fn padding_name(object: &Object) -> String {
    let mut name = "padding".to_owned();
    while object.index.contains_key(&*name) {
        name.push('_');
    }
    name
}

/// Puts text, and the NUL that ends it if there is room.
fn put_text(
    target: &mut Target<'_>,
    node: &TextNode,
    offset: usize,
    bytes: &[u8],
) -> Result<(), EncodeErrorKind> {
    target.grow(offset.saturating_add(bytes.len()))?;
    if !target.has_unions() {
        if let Some(slot) = target.slot(offset, bytes.len()) {
            slot.copy_from_slice(bytes);
        }
        return Ok(());
    }
    target.put(offset, bytes, |_| 0xff, false)?;
    let size = node.unit.size();
    let has_room = node.len.fixed.is_some_and(|units| bytes.len() < units.saturating_mul(size));
    let nul = [0; 4];
    match nul.get(..size).filter(|_| has_room) {
        Some(nul) => target.put(offset + bytes.len(), nul, |_| 0xff, false),
        None => Ok(()),
    }
}

/// Where a scalar's bits are in its bytes, which are at most 16.
struct Place {
    shift: u32,
    mask: u128,
    size: usize,
}

impl Place {
    fn of(node: &ScalarNode, endian: Endian) -> Option<Self> {
        if node.size > 16 {
            return None;
        }
        let shift = bits::shift(node.size, node.first_bit, node.width, endian);
        Some(Self { shift, mask: low_mask(node.width.min(128)), size: node.size })
    }

    /// The bytes, and which of their bits are the scalar's.
    fn bytes(&self, bits: u128, endian: Endian) -> ([u8; 16], [u8; 16]) {
        let (mut value, mut mask) = ([0; 16], [0; 16]);
        for (bytes, bits) in [(&mut value, bits & self.mask), (&mut mask, self.mask)] {
            if let Some(bytes) = bytes.get_mut(..self.size) {
                store_uint(bytes, bits << self.shift, endian);
            }
        }
        (value, mask)
    }
}

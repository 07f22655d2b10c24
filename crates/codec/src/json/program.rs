//! A plan as a flat list of steps that write JSON.
//!
//! What stands between two values never changes: braces, names, colons and commas are one piece of
//! text in front of each step, worked out beforehand. What is left per value is a load, a conversion
//! and a few stores of a fixed size.
//!
//! ```text
//! {"a": "    A    ", "b":     300    , "c": "    hello    "}
//! literal   char   literal    i32     literal     text   literal
//! ```

use std::sync::Arc;

use cwire_layout::abi::Endian;

use super::out::{Out, SLACK, special};
use super::string::{ESCAPES, push_escaped};
use super::writer::push_scalar;
use crate::plan::tree::{Kind, List, Node, Object, ScalarNode, TextNode, Unit};
use crate::plan::{
    Charset, Enumerators, Findings, FloatFormat, Inner, TextEncoding, load, read, sign_extend,
};
use crate::scalar::{load_f32, load_f64, load_u16, load_u32, load_u64};

/// Longest text of a record that is written in steps.
const MAX_LEN: usize = 256 << 10;

/// Steps of a plan; more, and going through the tree costs no more.
const MAX_STEPS: usize = 1 << 14;

/// Steps that write a record.
#[derive(Clone)]
pub(crate) struct Program {
    steps: Vec<Step>,
    end: Literal,
    endian: Endian,
    encoding: TextEncoding,
    /// Bytes of the longest text, with room for pieces of a fixed size.
    pub(crate) max_len: usize,
}

/// A value, and the text in front of it.
#[derive(Clone)]
struct Step {
    literal: Literal,
    /// First byte, from the start of the record or element.
    offset: usize,
    op: Op,
}

#[derive(Clone)]
enum Op {
    Char,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
    Bool,
    /// A bit-field in 8 bytes.
    Bits {
        shift: u32,
        mask: u64,
        sign: u64,
    },
    BoolBit {
        shift: u32,
    },
    /// An enum of 1 to 8 bytes.
    Enum {
        size: usize,
        names: Arc<Names>,
    },
    /// Text of one byte per unit: ASCII as it is.
    Text {
        len: usize,
        latin1: bool,
    },
    /// Any other scalar.
    Scalar(Arc<ScalarNode>),
    /// Any other text.
    OtherText(Arc<TextNode>),
    List(Arc<Elements>),
}

#[derive(Clone)]
struct Elements {
    count: usize,
    stride: usize,
    body: Body,
}

/// What an element is.
#[derive(Clone)]
enum Body {
    /// A scalar or a text.
    Plain(Op),
    /// The steps of an object, and what closes it.
    Steps(Vec<Step>, Literal),
}

/// Enumerators in quotes.
struct Names {
    of: Arc<Enumerators>,
    json: Vec<Literal>,
}

/// Text that is copied in pieces of 32 bytes.
#[derive(Clone, Default)]
pub(crate) struct Literal {
    first: [u8; 32],
    first_len: usize,
    rest: Box<[[u8; 32]]>,
    rest_len: usize,
}

impl Literal {
    pub(crate) fn new(text: &[u8]) -> Self {
        let piece = |text: &[u8]| {
            let mut piece = [0; 32];
            piece.iter_mut().zip(text).for_each(|(slot, &byte)| *slot = byte);
            piece
        };
        let (first, rest) = text.split_at(text.len().min(32));
        Self {
            first: piece(first),
            first_len: first.len(),
            rest: rest.chunks(32).map(piece).collect(),
            rest_len: rest.len(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.first_len + self.rest_len
    }

    #[inline(always)]
    pub(crate) fn write(&self, out: &mut Out<'_>) {
        out.chunk(&self.first, self.first_len);
        let mut left = self.rest_len;
        for piece in &self.rest {
            out.chunk(piece, left.min(32));
            left = left.saturating_sub(32);
        }
    }
}

impl Program {
    /// The steps for `{"a": …}`; `None` if the text may be too long or the steps too many.
    pub(crate) fn new(plan: &Inner) -> Option<Self> {
        Self::between(plan, b"{", b"}")
    }

    /// The same with other text in place of the outermost braces.
    pub(crate) fn between(plan: &Inner, before: &[u8], after: &[u8]) -> Option<Self> {
        let mut compiler = Compiler {
            endian: plan.endian,
            encoding: plan.encoding,
            literal: before.to_vec(),
            left: MAX_STEPS,
        };
        let mut steps = Vec::new();
        compiler.members(&plan.root, 0, plan.root.size, &mut steps)?;
        compiler.literal.extend_from_slice(after);
        let end = Literal::new(&compiler.literal);
        let max_len = longest(&steps)?.checked_add(end.len() + SLACK)?;
        let (endian, encoding) = (plan.endian, plan.encoding);
        (max_len <= MAX_LEN).then_some(Self { steps, end, endian, encoding, max_len })
    }

    /// Appends the text of a frame that has the whole record.
    pub(crate) fn write(&self, frame: &[u8], out: &mut Vec<u8>) -> Findings {
        let start = out.len();
        out.resize(start + self.max_len, 0);
        let mut findings = Findings::default();
        let room = out.get_mut(start..).unwrap_or_default();
        let mut text = Out::new(room);
        self.record(frame, 0, &mut text, &mut findings);
        let end = start + text.pos();
        out.truncate(end);
        findings
    }

    /// Writes the record at `at` of `bytes`; what follows it may be read but does not count.
    #[inline(always)]
    pub(crate) fn record(
        &self,
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        match self.endian {
            Endian::Little => self.run::<false>(&self.steps, bytes, at, out, findings),
            Endian::Big => self.run::<true>(&self.steps, bytes, at, out, findings),
        }
        self.end.write(out);
    }

    #[inline(always)]
    fn run<const BIG: bool>(
        &self,
        steps: &[Step],
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        for step in steps {
            step.literal.write(out);
            self.op::<BIG>(&step.op, bytes, at + step.offset, out, findings);
        }
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, reason = "takes low bits")]
    fn op<const BIG: bool>(
        &self,
        op: &Op,
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        let endian = if BIG { Endian::Big } else { Endian::Little };
        match op {
            Op::Char => put_char(&CHARS, first(bytes, at), out),
            Op::I8 => out.int(i64::from(first(bytes, at).cast_signed())),
            Op::U8 => out.uint(u64::from(first(bytes, at))),
            Op::I16 => out.int(i64::from(load_u16(&take::<2>(bytes, at), endian).cast_signed())),
            Op::U16 => out.uint(u64::from(load_u16(&take::<2>(bytes, at), endian))),
            Op::I32 => out.int(i64::from(load_u32(&take::<4>(bytes, at), endian).cast_signed())),
            Op::U32 => out.uint(u64::from(load_u32(&take::<4>(bytes, at), endian))),
            Op::I64 => out.int(load_u64(&take::<8>(bytes, at), endian).cast_signed()),
            Op::U64 => out.uint(load_u64(&take::<8>(bytes, at), endian)),
            Op::F32 => {
                let value = load_f32(&take::<4>(bytes, at), endian);
                match value.is_finite() {
                    true => out.f32(value),
                    false => out.outlined(|out| word(f64::from(value), out)),
                }
            }
            Op::F64 => {
                let value = load_f64(&take::<8>(bytes, at), endian);
                match value.is_finite() {
                    true => out.f64(value),
                    false => out.outlined(|out| word(value, out)),
                }
            }
            Op::Bool => boolean(first(bytes, at), at, out, findings),
            Op::Bits { shift, mask, sign } => {
                let bits = (load_u64(&take::<8>(bytes, at), endian) >> shift) & mask;
                match sign {
                    0 => out.uint(bits),
                    // Spreads the sign bit over the bits above it.
                    sign => out.int((bits ^ sign).wrapping_sub(*sign).cast_signed()),
                }
            }
            Op::BoolBit { shift } => {
                let bit = load_u64(&take::<8>(bytes, at), endian) >> shift & 1;
                boolean(bit as u8, at, out, findings);
            }
            Op::Enum { size, names } => {
                let raw = bytes.get(at..at + size).unwrap_or(&[]);
                let bits = load(raw, 0, *size as u32 * 8, endian);
                let value = match names.of.is_signed {
                    true => sign_extend(bits, *size as u32 * 8),
                    false => bits.cast_signed(),
                };
                let name = names.of.index(value).filter(|_| !names.of.as_number);
                match name.and_then(|index| names.json.get(index)) {
                    Some(name) => name.write(out),
                    // At most 8 bytes: one of the two holds it.
                    None if value < 0 => out.int(value as i64),
                    None => out.uint(value as u64),
                }
            }
            Op::Text { len, latin1 } => self.text(bytes, at, *len, *latin1, out),
            Op::Scalar(node) => {
                let raw = bytes.get(at..at + node.size).unwrap_or(&[]);
                let read = read(node, raw, endian, false);
                if read.invalid {
                    note_invalid(at as u64 * 8 + u64::from(node.first_bit), findings);
                }
                let mut text = Vec::new();
                push_scalar(&mut text, &read.scalar);
                out.bytes(&text);
            }
            Op::OtherText(node) => {
                let len = node.unit.size() * node.len.fixed.unwrap_or(0);
                let charset = Charset { unit: node.unit, encoding: self.encoding, endian };
                let raw = bytes.get(at..at + len).unwrap_or(&[]);
                let mut text = Vec::new();
                push_escaped(&mut text, &charset.decode(charset.until_nul(raw)));
                out.bytes(&text);
            }
            Op::List(list) => {
                out.outlined(|out| self.list::<BIG>(list, bytes, at, out, findings));
            }
        }
    }

    #[inline(never)]
    fn list<const BIG: bool>(
        &self,
        list: &Elements,
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        for index in 0..list.count {
            if index > 0 {
                out.chunk(b", ", 2);
            }
            let at = at + index * list.stride;
            match &list.body {
                Body::Plain(op) => self.element::<BIG>(op, bytes, at, out, findings),
                Body::Steps(steps, end) => {
                    self.steps::<BIG>(steps, bytes, at, out, findings);
                    end.write(out);
                }
            }
        }
    }

    /// As [`op`](Self::op), for what may contain itself.
    fn element<const BIG: bool>(
        &self,
        op: &Op,
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        self.op::<BIG>(op, bytes, at, out, findings);
    }

    fn steps<const BIG: bool>(
        &self,
        steps: &[Step],
        bytes: &[u8],
        at: usize,
        out: &mut Out<'_>,
        findings: &mut Findings,
    ) {
        for step in steps {
            step.literal.write(out);
            self.element::<BIG>(&step.op, bytes, at + step.offset, out, findings);
        }
    }

    /// The characters of a text.
    #[inline(always)]
    fn text(&self, bytes: &[u8], at: usize, len: usize, latin1: bool, out: &mut Out<'_>) {
        if len <= 16 && short_text(bytes, at, len, out) {
            return;
        }
        out.outlined(|out| self.long_text(bytes, at, len, latin1, out));
    }

    /// Text eight bytes at a time while they are plain.
    #[inline(never)]
    fn long_text(&self, bytes: &[u8], at: usize, len: usize, latin1: bool, out: &mut Out<'_>) {
        let mut done = 0;
        while done < len {
            let word = load_text(bytes, at + done);
            let marks = special(word) | end_mark(len - done);
            let plain = marks.trailing_zeros() as usize / 8;
            out.chunk(&word.to_le_bytes(), plain);
            done += plain;
            if marks == 0 {
                continue;
            }
            if done >= len {
                return;
            }
            match first(bytes, at + done) {
                0 => return,
                0x80.. if !latin1 => {
                    let raw = bytes.get(at + done..at + len).unwrap_or(&[]);
                    return self.other_text(raw, out);
                }
                byte => {
                    put_char(&CHARS_INSIDE, byte, out);
                    done += 1;
                }
            }
        }
    }

    /// Text that is not all ASCII.
    #[cold]
    fn other_text(&self, raw: &[u8], out: &mut Out<'_>) {
        let charset = Charset { unit: Unit::Utf8, encoding: self.encoding, endian: self.endian };
        let mut text = Vec::new();
        push_escaped(&mut text, &charset.decode(charset.until_nul(raw)));
        out.bytes(&text);
    }
}

/// Writes a text of at most 16 bytes if all that ends it is a NUL or its array, without asking how long
/// it is; otherwise nothing.
#[inline(always)]
fn short_text(bytes: &[u8], at: usize, len: usize, out: &mut Out<'_>) -> bool {
    let (low, high) = (load_text(bytes, at), load_text(bytes, at + 8));
    let marks = u128::from(special(low) | end_mark(len))
        | u128::from(special(high) | end_mark(len.saturating_sub(8)) & mask_if(len > 8)) << 64;
    let word = u128::from(low) | u128::from(high) << 64;
    let plain = marks.trailing_zeros() as usize / 8;
    let is_over = plain >= len || (word >> (plain * 8)) & 0xff == 0;
    if is_over {
        out.chunk(&word.to_le_bytes(), plain.min(len));
    }
    is_over
}

/// All bits, or none.
#[inline(always)]
fn mask_if(condition: bool) -> u64 {
    0u64.wrapping_sub(u64::from(condition))
}

/// A mark in the byte behind the last of `left`, if that is one of eight.
#[inline(always)]
fn end_mark(left: usize) -> u64 {
    if left < 8 { 0x80 << (left * 8) } else { 0 }
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "a byte is below 256")]
fn put_char(table: &[([u8; 8], u8); 256], byte: u8, out: &mut Out<'_>) {
    let (text, len) = &table[usize::from(byte)];
    out.chunk(text, usize::from(*len));
}

#[inline(always)]
fn first(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

#[inline(always)]
fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<N>).copied().unwrap_or([0; N])
}

/// Eight bytes, the first in the lowest bits; zeros beyond the end.
#[inline(always)]
fn load_text(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => load_end(bytes, at),
    }
}

#[cold]
fn load_end(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or(&[]);
    rest.iter().rev().fold(0, |all, &byte| all << 8 | u64::from(byte))
}

#[cold]
fn note_invalid(offset_bits: u64, findings: &mut Findings) {
    findings.invalid.get_or_insert(offset_bits);
}

#[inline(always)]
fn boolean(byte: u8, at: usize, out: &mut Out<'_>, findings: &mut Findings) {
    match byte {
        0 => out.chunk(b"false", 5),
        1 => out.chunk(b"true", 4),
        other => {
            note_invalid(at as u64 * 8, findings);
            out.uint(u64::from(other));
        }
    }
}

#[cold]
fn word(value: f64, out: &mut Out<'_>) {
    out.byte(b'"');
    out.bytes(crate::value::infinity_word(value).as_bytes());
    out.byte(b'"');
}

/// A byte as the character of its number, with what JSON escapes.
static CHARS_INSIDE: [([u8; 8], u8); 256] = chars(false);
/// The same with quotes around it.
static CHARS: [([u8; 8], u8); 256] = chars(true);

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
#[allow(clippy::cast_possible_truncation, reason = "bytes of a two-byte character")]
const fn chars(quoted: bool) -> [([u8; 8], u8); 256] {
    let mut table = [([0; 8], 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let mut escape = [0; 8];
        let mut len = 1;
        if byte >= 0x80 {
            escape[0] = 0xc0 | (byte >> 6) as u8;
            escape[1] = 0x80 | byte as u8 & 0x3f;
            len = 2;
        } else if ESCAPES[byte].1 > 0 {
            (escape, len) = ESCAPES[byte];
        } else {
            escape[0] = byte as u8;
        }
        let mut text = [0; 8];
        let start = quoted as usize;
        let mut at = 0;
        while at < len as usize {
            text[start + at] = escape[at];
            at += 1;
        }
        if quoted {
            text[0] = b'"';
            text[1 + len as usize] = b'"';
            len += 2;
        }
        table[byte] = (text, len);
        byte += 1;
    }
    table
}

/// Bytes of the longest text of some steps.
fn longest(steps: &[Step]) -> Option<usize> {
    steps.iter().try_fold(0usize, |all, step| {
        all.checked_add(step.literal.len())?.checked_add(longest_op(&step.op)?)
    })
}

fn longest_op(op: &Op) -> Option<usize> {
    Some(match op {
        Op::Text { len, .. } => len.checked_mul(6)?,
        Op::Enum { names, .. } => names.json.iter().map(Literal::len).max().unwrap_or(0).max(24),
        // Of an integer, two digits for each byte and what is around them; the longest number of 128
        // bits; the longest name.
        Op::Scalar(node) => {
            let name = match &node.kind {
                Kind::Enum(names) => {
                    names.names().iter().map(|(_, name)| name.len() * 6).max().unwrap_or(0)
                }
                _ => 0,
            };
            node.size.checked_mul(2)?.checked_add(name + 48)?
        }
        Op::OtherText(node) => node.unit.size().checked_mul(node.len.fixed?)?.checked_mul(6)?,
        Op::List(list) => {
            let element = match &list.body {
                Body::Plain(op) => longest_op(op)?,
                Body::Steps(steps, end) => longest(steps)?.checked_add(end.len())?,
            };
            element.checked_add(2)?.checked_mul(list.count)?
        }
        _ => 32,
    })
}

/// Whether the elements of an array have steps of their own, which is faster than a loop over them.
fn is_short(list: &List) -> bool {
    let is_plain = matches!(&*list.element, Node::Scalar(_) | Node::Text(_));
    is_plain && list.stride > 0 && list.len.fixed.is_some_and(|len| len <= 16)
}

struct Compiler {
    endian: Endian,
    encoding: TextEncoding,
    /// Text in front of the next value.
    literal: Vec<u8>,
    /// Steps that may yet be added.
    left: usize,
}

impl Compiler {
    fn push(&mut self, offset: usize, op: Op, steps: &mut Vec<Step>) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        steps.push(Step { literal: Literal::new(&self.literal), offset, op });
        self.literal.clear();
        Some(())
    }

    /// The members of an object at `base`, in a record or element of `size` bytes. The object itself may
    /// be longer than what is left of it: its record may end before its tail padding.
    fn members(
        &mut self,
        object: &Object,
        base: usize,
        size: usize,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        for (index, member) in object.members.iter().enumerate() {
            if index > 0 {
                self.literal.extend_from_slice(b", ");
            }
            self.literal.extend_from_slice(member.key.json.as_bytes());
            self.node(&member.node, base + member.offset, size, steps)?;
        }
        Some(())
    }

    /// A node at `offset` of a record or element of `size` bytes.
    fn node(
        &mut self,
        node: &Node,
        offset: usize,
        size: usize,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        match node {
            Node::Scalar(scalar) => {
                let (op, offset) = self.scalar(scalar, offset, size);
                self.push(offset, op, steps)
            }
            Node::Text(text) => {
                self.literal.push(b'"');
                let op = self.text(text)?;
                self.push(offset, op, steps)?;
                self.literal.push(b'"');
                Some(())
            }
            Node::Object(object) => {
                self.literal.push(b'{');
                self.members(object, offset, size, steps)?;
                self.literal.push(b'}');
                Some(())
            }
            Node::List(list) if is_short(list) => {
                self.literal.push(b'[');
                for index in 0..list.len.fixed? {
                    if index > 0 {
                        self.literal.extend_from_slice(b", ");
                    }
                    let at = offset + index * list.stride;
                    self.node(&list.element, at, size, steps)?;
                }
                self.literal.push(b']');
                Some(())
            }
            Node::List(list) => {
                self.literal.push(b'[');
                let op = self.list(list)?;
                self.push(offset, op, steps)?;
                self.literal.push(b']');
                Some(())
            }
        }
    }

    fn list(&mut self, list: &List) -> Option<Op> {
        let stride = list.stride;
        let count = if stride == 0 { 0 } else { list.len.fixed? };
        let outer = std::mem::take(&mut self.literal);
        let body = match &*list.element {
            Node::Scalar(scalar) => {
                let (op, offset) = self.scalar(scalar, 0, stride);
                if offset != 0 {
                    return None;
                }
                Body::Plain(op)
            }
            element => {
                let mut steps = Vec::new();
                self.node(element, 0, stride, &mut steps)?;
                Body::Steps(steps, Literal::new(&std::mem::take(&mut self.literal)))
            }
        };
        self.literal = outer;
        Some(Op::List(Arc::new(Elements { count, stride, body })))
    }

    fn text(&self, text: &TextNode) -> Option<Op> {
        let len = text.len.fixed?;
        Some(match (text.unit, self.encoding) {
            (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => Op::Text { len, latin1: false },
            (Unit::Char, TextEncoding::Latin1) => Op::Text { len, latin1: true },
            _ => Op::OtherText(Arc::new(text.clone())),
        })
    }

    /// The step for a scalar, and where it loads, in a record or element of `size` bytes.
    fn scalar(&self, scalar: &ScalarNode, offset: usize, size: usize) -> (Op, usize) {
        let other = || (Op::Scalar(Arc::new(scalar.clone())), offset);
        if !scalar.is_whole() {
            return self.bits(scalar, offset, size).unwrap_or_else(other);
        }
        let op = match (&scalar.kind, scalar.size) {
            (Kind::Int, 1) => Op::I8,
            (Kind::UInt, 1) => Op::U8,
            (Kind::Int, 2) => Op::I16,
            (Kind::UInt, 2) => Op::U16,
            (Kind::Int, 4) => Op::I32,
            (Kind::UInt, 4) => Op::U32,
            (Kind::Int, 8) => Op::I64,
            (Kind::UInt, 8) => Op::U64,
            (Kind::Bool, 1) => Op::Bool,
            (Kind::Char, 1) => Op::Char,
            (Kind::Float(FloatFormat::Single), 4) => Op::F32,
            (Kind::Float(FloatFormat::Double), 8) => Op::F64,
            (Kind::Enum(names), size @ 1..=8) => {
                let json = |(_, name): &(i128, Box<str>)| {
                    let mut json = Vec::new();
                    super::push_string(&mut json, name);
                    Literal::new(&json)
                };
                let json = names.names().iter().map(json).collect();
                Op::Enum { size, names: Arc::new(Names { of: Arc::clone(names), json }) }
            }
            _ => return other(),
        };
        (op, offset)
    }

    /// A bit-field in the eight bytes of the record or element that begin at it, or that end with the
    /// record.
    fn bits(&self, scalar: &ScalarNode, offset: usize, size: usize) -> Option<(Op, usize)> {
        let start = offset.min(size.checked_sub(8)?);
        let before = u32::try_from(offset - start).ok()? * 8 + scalar.first_bit;
        if before + scalar.width > 64 {
            return None;
        }
        let shift = match self.endian {
            Endian::Little => before,
            Endian::Big => 64 - before - scalar.width,
        };
        let mask = u64::MAX.checked_shr(64 - scalar.width)?;
        let op = match scalar.kind {
            Kind::Int => Op::Bits { shift, mask, sign: 1 << (scalar.width - 1) },
            Kind::UInt => Op::Bits { shift, mask, sign: 0 },
            Kind::Bool if scalar.width == 1 => Op::BoolBit { shift },
            _ => return None,
        };
        Some((op, start))
    }
}

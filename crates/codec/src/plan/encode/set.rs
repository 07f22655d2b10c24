//! One field of a record that is there.

use super::target::Target;
use super::{Encoder, Values, find};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::json::read::Text;
use crate::plan::Inner;
use crate::plan::tree::{Kind, Node, Object, ScalarNode};
use crate::value::Value;

/// A field that a path names.
struct Field<'a> {
    node: &'a Node,
    /// Bytes to the object that it is in, and to it.
    base: usize,
    offset: usize,
}

/// Writes one field of a frame; see [`Plan::set`](crate::plan::Plan::set).
pub(in crate::plan) fn set(
    plan: &Inner,
    frame: &mut Vec<u8>,
    path: &str,
    value: &Value,
) -> Result<(), EncodeError> {
    let Field { node, base, offset } =
        resolve(&plan.root, path).map_err(|error| error.within(path, 0))?;
    let at_field = |kind| EncodeError::new(kind).within(path, offset);
    let is_open = match node {
        Node::List(list) => list.len.fixed.is_none(),
        Node::Text(text) => text.len.fixed.is_none(),
        Node::Scalar(_) | Node::Object(_) => false,
    };
    if is_open {
        // As many bytes as before it could be, and nobody knows how many are meant.
        let needed = "an element of an array whose length the frame decides";
        return Err(at_field(EncodeErrorKind::WrongForm { needed, found: "the array" }));
    }
    let end = offset.saturating_add(node.size());
    if end > frame.len() {
        let kind = EncodeErrorKind::BufferTooShort { needed: end, left: frame.len() };
        return Err(at_field(kind));
    }
    let character = match (node, value) {
        (Node::Scalar(ScalarNode { kind: Kind::Char, .. }), Value::Int(number)) => {
            let byte = u32::try_from(*number).ok().and_then(char::from_u32);
            byte.map(|byte| Value::Text(byte.to_string()))
        }
        _ => None,
    };
    let value = character.as_ref().unwrap_or(value);
    let mut changed = frame.clone();
    if !matches!(node, Node::Scalar(_))
        && let Some(bytes) = changed.get_mut(offset..end)
    {
        bytes.fill(0);
    }
    let mut encoder = Encoder::over(plan, Values::new(value), Target::over(&mut changed));
    encoder.node(node, base, offset).map_err(|fail| fail.within(path, offset).into_encode())?;
    *frame = changed;
    Ok(())
}

/// Whether a path names a field.
pub(in crate::plan) fn has_field(plan: &Inner, path: &str) -> bool {
    resolve(&plan.root, path).is_ok()
}

fn resolve<'a>(root: &'a Object, path: &str) -> Result<Field<'a>, EncodeError> {
    let wrong = |needed, found| EncodeError::new(EncodeErrorKind::WrongForm { needed, found });
    let mut found = None;
    let mut object = Some((root, 0));
    for step in path.split('.') {
        let (name, indices) = match step.find('[') {
            Some(bracket) => step.split_at(bracket),
            None => (step, ""),
        };
        let Some((inside, base)) = object else {
            return Err(wrong("a struct or union before the `.`", "another field"));
        };
        let mut at = member(inside, base, name)?;
        let mut rest = indices;
        while !rest.is_empty() {
            let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let Some((digits, behind)) = inside else {
                return Err(wrong("an index in brackets", "another text"));
            };
            rest = behind;
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let Some(number) = digits.parse::<usize>().ok().filter(|_| is_number) else {
                return Err(wrong("an index in brackets", "another text"));
            };
            let Node::List(list) = at.node else {
                return Err(wrong("an array before the `[`", "another field"));
            };
            if let Some(len) = list.len.fixed.filter(|&len| number >= len) {
                return Err(EncodeError::new(EncodeErrorKind::NoElement { len, found: number }));
            }
            let offset = at.offset.saturating_add(number.saturating_mul(list.stride));
            at = Field { node: &list.element, base: at.base, offset };
        }
        object = match at.node {
            Node::Object(object) => Some((object, at.offset)),
            _ => None,
        };
        found = Some(at);
    }
    found.ok_or_else(|| wrong("a path", "none"))
}

/// A member by its name.
fn member<'a>(object: &'a Object, base: usize, name: &str) -> Result<Field<'a>, EncodeError> {
    match find(object, Text::plain(name)) {
        Some((_, member)) => {
            Ok(Field { node: &member.node, base, offset: base.saturating_add(member.offset) })
        }
        None => {
            let known = object.members.iter().map(|member| member.key.name.to_string()).collect();
            Err(EncodeError::new(EncodeErrorKind::UnknownField { known }))
        }
    }
}

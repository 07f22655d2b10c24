//! Leaves out the fields that are not asked for.

use std::collections::HashMap;

use super::error::{PlanError, PlanErrorKind};
use super::leaf::Leaf;
use super::tree::{Node, Object, Part, Parts};

/// Names that are asked for, by the names before them.
#[derive(Default)]
struct Wanted<'a> {
    /// Whether all that is in it is asked for.
    all: bool,
    members: HashMap<&'a str, Self>,
}

/// Keeps the fields of these paths, and their leaves.
///
/// # Errors
///
/// A path is that of no field.
pub(crate) fn select(
    root: &mut Object,
    paths: &[String],
    leaves: &mut Vec<Leaf>,
) -> Result<(), PlanError> {
    let mut wanted = Wanted::default();
    for path in paths {
        check(root, path)?;
        let mut at = &mut wanted;
        for name in steps(path) {
            at = at.members.entry(name).or_default();
        }
        at.all = true;
    }
    prune(root, &wanted);
    let mut kept = Vec::new();
    renumber(root, leaves, &mut kept);
    *leaves = kept;
    Ok(())
}

/// The names of a path; `[]` behind one of an array may be there or not.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').map(|step| step.trim().trim_end_matches("[]"))
}

fn check(root: &Object, path: &str) -> Result<(), PlanError> {
    let mut at = Some(root);
    for name in steps(path) {
        let index = at.and_then(|object| object.index.get(name));
        let member = at.zip(index).and_then(|(object, &index)| object.members.get(index));
        let Some(member) = member else {
            let names = at.map_or(&[][..], |object| object.members.as_slice());
            let known = names.iter().map(|member| member.key.name.to_string()).collect();
            let path = format!("{}.{path}", root.name);
            return Err(PlanError::new(&path, PlanErrorKind::UnknownField { known }));
        };
        at = object_of(&member.node);
    }
    Ok(())
}

fn object_of(mut node: &Node) -> Option<&Object> {
    loop {
        match node {
            Node::Object(object) => return Some(object),
            Node::List(list) => node = &list.element,
            Node::Scalar(_) | Node::Text(_) => return None,
        }
    }
}

fn prune(object: &mut Object, wanted: &Wanted<'_>) {
    if wanted.all {
        return;
    }
    let mut kept = HashMap::new();
    let members = std::mem::take(&mut object.members);
    for (index, mut member) in members.into_iter().enumerate() {
        let Some(wanted) = wanted.members.get(&*member.key.name) else { continue };
        let mut node = &mut member.node;
        loop {
            match node {
                Node::Object(inner) => {
                    let before = inner.members.len();
                    let names: Vec<_> =
                        inner.members.iter().map(|member| member.key.name.clone()).collect();
                    prune(inner, wanted);
                    if let (Some(tag), true) = (&mut member.tag, inner.members.len() < before) {
                        // What is not asked for is chosen as a member that is not there.
                        for chosen in &mut tag.members {
                            let name = names.get(*chosen);
                            let again = name.and_then(|name| inner.index.get(name));
                            *chosen = again.copied().unwrap_or(usize::MAX);
                        }
                    }
                    break;
                }
                Node::List(list) => node = &mut list.element,
                Node::Scalar(_) | Node::Text(_) => break,
            }
        }
        kept.insert(index, object.members.len());
        object.members.push(member);
    }
    keep_parts(&mut object.parts, &kept);
    let names = object.members.iter().map(|member| member.key.name.clone());
    object.index = names.zip(0..).collect();
}

fn keep_parts(parts: &mut Parts, kept: &HashMap<usize, usize>) {
    parts.parts.retain_mut(|part| match part {
        Part::Member(index) => match kept.get(index) {
            Some(&new) => {
                *index = new;
                true
            }
            None => false,
        },
        Part::Group(parts) => {
            keep_parts(parts, kept);
            !parts.parts.is_empty()
        }
    });
}

fn renumber(object: &mut Object, leaves: &[Leaf], kept: &mut Vec<Leaf>) {
    for member in &mut object.members {
        let mut node = &mut member.node;
        loop {
            let leaf = match node {
                Node::Object(inner) => {
                    renumber(inner, leaves, kept);
                    break;
                }
                Node::List(list) => {
                    node = &mut list.element;
                    continue;
                }
                Node::Scalar(scalar) => &mut scalar.leaf,
                Node::Text(text) => &mut text.leaf,
            };
            if let Some(found) = leaves.get(*leaf) {
                *leaf = kept.len();
                kept.push(found.clone());
            }
            break;
        }
    }
}

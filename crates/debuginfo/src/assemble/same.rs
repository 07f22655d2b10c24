//! Which entries are the same record or enum.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{MAX_DEPTH, ids};
use crate::graph::{Graph, Name, Node, NodeId, Place, Ref};

/// What makes two definitions one.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    name: Name,
    link: Name,
    place: Place,
    size: Option<u64>,
    /// Of members and their types, or of enumerators.
    body: u64,
}

/// The records and enums of a graph, each once.
#[derive(Debug)]
pub(super) struct Same {
    /// For every node that is a record or an enum, the node that stands for it.
    stands_for: HashMap<NodeId, NodeId>,
    /// Those that stand for others, declarations without a definition among them: the one of each
    /// name that most units have comes after the others of that name.
    pub(super) chosen: Vec<NodeId>,
}

impl Same {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut merge = Merge::default();
        let mut hashes = Hashes { graph, records: HashMap::new() };
        for id in ids(graph) {
            if let Some(key) = hashes.key(id) {
                merge.define(id, key);
            }
        }
        let names = merge.best_by_name();
        let mut declared = HashMap::new();
        let mut mentioned = Vec::new();
        for id in ids(graph) {
            let Some(name) = declared_name(graph, id) else { continue };
            let chosen = match names.get(&name) {
                Some(&definition) => definition,
                None if name.is_none() => {
                    mentioned.push(id);
                    id
                }
                None => *declared.entry(name).or_insert_with(|| {
                    mentioned.push(id);
                    id
                }),
            };
            merge.stands_for.insert(id, chosen);
        }
        let is_best = |id: NodeId, name: Name| names.get(&name) == Some(&id);
        let mut chosen = mentioned;
        chosen.extend(merge.found.iter().filter(|f| !is_best(f.id, f.name)).map(|f| f.id));
        chosen.extend(merge.found.iter().filter(|f| is_best(f.id, f.name)).map(|f| f.id));
        Self { stands_for: merge.stands_for, chosen }
    }

    /// The node that stands for a record or an enum.
    pub(super) fn chosen(&self, id: NodeId) -> Option<NodeId> {
        self.stands_for.get(&id).copied()
    }
}

/// A definition, and how often it is there.
struct Found {
    id: NodeId,
    /// Its name, or what links its declarations to it.
    name: Name,
    count: usize,
}

#[derive(Default)]
struct Merge {
    by_key: HashMap<Key, usize>,
    found: Vec<Found>,
    stands_for: HashMap<NodeId, NodeId>,
}

impl Merge {
    fn define(&mut self, id: NodeId, key: Key) {
        let name = linked(key.link, key.name);
        let index = *self.by_key.entry(key).or_insert(self.found.len());
        match self.found.get_mut(index) {
            Some(found) => {
                found.count += 1;
                self.stands_for.insert(id, found.id);
            }
            None => {
                self.found.push(Found { id, name, count: 1 });
                self.stands_for.insert(id, id);
            }
        }
    }

    /// The definition of each name that most units have, the first of equals.
    fn best_by_name(&self) -> HashMap<Name, NodeId> {
        let mut best: HashMap<Name, (usize, NodeId)> = HashMap::new();
        for found in self.found.iter().filter(|found| !found.name.is_none()) {
            let entry = best.entry(found.name).or_insert((0, found.id));
            if found.count > entry.0 {
                *entry = (found.count, found.id);
            }
        }
        best.into_iter().map(|(name, (_, id))| (name, id)).collect()
    }
}

fn linked(link: Name, name: Name) -> Name {
    if link.is_none() { name } else { link }
}

/// What links a declaration without a body to its definition.
fn declared_name(graph: &Graph, id: NodeId) -> Option<Name> {
    match graph.node(id) {
        Node::Record(record) if record.incomplete => Some(linked(record.link, record.name)),
        Node::Enum(node) if node.incomplete => Some(linked(node.link, node.name)),
        _ => None,
    }
}

/// Hashes of what decides the layout of a record, each computed once.
struct Hashes<'g> {
    graph: &'g Graph,
    records: HashMap<NodeId, u64>,
}

impl Hashes<'_> {
    fn key(&mut self, id: NodeId) -> Option<Key> {
        let graph = self.graph;
        match graph.node(id) {
            Node::Record(record) if !record.incomplete => {
                let (name, place, size) = (record.name, record.place, record.size);
                let link = record.link;
                Some(Key { name, link, place, size, body: self.record(id, 0) })
            }
            Node::Enum(node) if !node.incomplete => {
                let mut hasher = DefaultHasher::new();
                node.values.hash(&mut hasher);
                let (name, place, size) = (node.name, node.place, node.size);
                let link = node.link;
                Some(Key { name, link, place, size, body: hasher.finish() })
            }
            _ => None,
        }
    }

    fn record(&mut self, id: NodeId, depth: usize) -> u64 {
        let Node::Record(record) = self.graph.node(id) else { return 0 };
        if let Some(&hash) = self.records.get(&id) {
            return hash;
        }
        if depth > MAX_HASH_DEPTH {
            return 0;
        }
        // What a malformed file puts inside itself counts as 0 there.
        self.records.insert(id, 0);
        let mut hasher = DefaultHasher::new();
        (record.kind, record.size, record.align, record.refused).hash(&mut hasher);
        for base in &record.bases {
            base.offset.hash(&mut hasher);
            self.ty(base.ty, depth, &mut hasher);
        }
        for member in &record.members {
            (member.name, member.place, member.align).hash(&mut hasher);
            self.ty(member.ty, depth, &mut hasher);
        }
        let hash = hasher.finish();
        self.records.insert(id, hash);
        hash
    }

    /// Hashes a type: named ones by their names only, so that the walk ends there.
    fn ty(&mut self, mut reference: Ref, depth: usize, hasher: &mut DefaultHasher) {
        let graph = self.graph;
        for _ in 0..MAX_HASH_DEPTH {
            let Some(id) = graph.find(reference) else {
                return matches!(reference, Ref::Void).hash(hasher);
            };
            let node = graph.node(id);
            std::mem::discriminant(node).hash(hasher);
            reference = match node {
                Node::Record(record) => {
                    return match record.name {
                        Name::NONE => (record.place, self.record(id, depth + 1)).hash(hasher),
                        name => (record.kind, name).hash(hasher),
                    };
                }
                node => match shallow(node, hasher) {
                    Some(next) => next,
                    None => return,
                },
            };
        }
    }
}

/// Hashes a node without what it refers to, which is returned if it matters.
fn shallow(node: &Node, hasher: &mut DefaultHasher) -> Option<Ref> {
    match node {
        Node::Base(base) => (base.name, base.encoding, base.size, base.bits).hash(hasher),
        Node::Typedef { name, .. } => name.hash(hasher),
        Node::Enum(node) => (node.name, node.place, node.size).hash(hasher),
        Node::Function { params, .. } => params.len().hash(hasher),
        Node::Void | Node::Opaque(_) | Node::Record(_) => {}
        Node::Pointer { target, .. }
        | Node::Reference { target, .. }
        | Node::MemberPointer { target, .. }
        | Node::Atomic(target)
        | Node::Alias(target) => return Some(*target),
        Node::Qualified { target, is_const, is_volatile } => {
            (is_const, is_volatile).hash(hasher);
            return Some(*target);
        }
        Node::Array { element, dims } | Node::Vector { element, dims, .. } => {
            dims.hash(hasher);
            return Some(*element);
        }
        Node::SizedArray { element, size } => {
            size.hash(hasher);
            return Some(*element);
        }
    }
    None
}

/// References from one unnamed type to another that still tell two records apart.
const MAX_HASH_DEPTH: usize = 64;
const _: () = assert!(MAX_HASH_DEPTH < MAX_DEPTH);

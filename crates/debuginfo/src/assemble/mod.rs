//! Makes the graph of a file into [`Types`]: one record per definition, each type once.
//!
//! ```text
//! unit 1: struct S {int a;}  --+
//! unit 2: struct S {int a;}  --+-> record S        same name, place, size and members
//! unit 3: struct S;          --+
//! unit 4: struct S {long a;} ----> record S again  another definition of that name
//! ```

mod base;
mod place;
mod resolve;
mod same;

use std::sync::Arc;

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{Origin, Refused};

use crate::graph::{Graph, Name, Node, NodeId, Place};
use resolve::Resolver;

/// Types that lie inside each other by value, or refer to each other without a name in between;
/// deeper ones are refused.
const MAX_DEPTH: usize = 256;

/// Makes types of a graph.
pub(crate) fn assemble(mut graph: Graph, abi: Abi) -> Types {
    complete_names(&mut graph);
    let named_by_typedef = name_by_typedef(&mut graph);
    let same = same::Same::new(&graph);
    let mut resolver = Resolver::new(&graph, &same, abi);
    resolver.declare(&named_by_typedef);
    resolver.define_enums();
    resolver.define_typedefs();
    resolver.define_records();
    resolver.finish()
}

/// Puts the names of records in other units before those of what is declared inside.
fn complete_names(graph: &mut Graph) {
    let mut inside: Vec<NodeId> = graph.inside.keys().copied().collect();
    inside.sort_unstable();
    for id in inside {
        complete_name(graph, id, 0);
    }
}

fn complete_name(graph: &mut Graph, id: NodeId, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    // Taken out, so that each is completed once and a circle ends.
    let Some(outer) = graph.inside.remove(&id).and_then(|outer| graph.find(outer)) else { return };
    complete_name(graph, outer, depth + 1);
    let (Some(outer), Some(&mut inner)) = (name_of(graph, outer), name_mut(graph, id)) else {
        return;
    };
    let text = format!("{}::{}", graph.names.get(outer), graph.names.get(inner));
    // Without memory for more names this one stays as it is.
    if !outer.is_none()
        && !inner.is_none()
        && let Ok(full) = graph.names.intern(&text)
        && let Some(name) = name_mut(graph, id)
    {
        *name = full;
    }
}

fn name_of(graph: &mut Graph, id: NodeId) -> Option<Name> {
    name_mut(graph, id).copied()
}

fn name_mut(graph: &mut Graph, id: NodeId) -> Option<&mut Name> {
    match graph.node_mut(id) {
        Node::Record(record) => Some(&mut record.name),
        Node::Enum(node) => Some(&mut node.name),
        Node::Typedef { name, .. } => Some(name),
        _ => None,
    }
}

/// Gives definitions the names of the declarations that they complete, and unnamed records and enums
/// that of the first typedef of them. Returns which have theirs from a typedef.
fn name_by_typedef(graph: &mut Graph) -> Vec<NodeId> {
    let mut named = Vec::new();
    for id in ids(graph) {
        match graph.node(id) {
            Node::Typedef { name, target, .. } => {
                let name = *name;
                let Some(target) = graph.find(*target) else { continue };
                if set_name(graph, target, name) {
                    named.push(target);
                }
            }
            Node::Record(record) => {
                complete(graph, id, record.completes.and_then(|r| graph.find(r)))
            }
            Node::Enum(node) => complete(graph, id, node.completes.and_then(|r| graph.find(r))),
            _ => {}
        }
    }
    named
}

fn complete(graph: &mut Graph, id: NodeId, declaration: Option<NodeId>) {
    let name = match declaration.map(|id| graph.node(id)) {
        Some(Node::Record(record)) => record.name,
        Some(Node::Enum(node)) => node.name,
        _ => return,
    };
    set_name(graph, id, name);
}

/// Names an unnamed record or enum.
fn set_name(graph: &mut Graph, id: NodeId, new: Name) -> bool {
    let name = match graph.node_mut(id) {
        Node::Record(record) => &mut record.name,
        Node::Enum(node) => &mut node.name,
        _ => return false,
    };
    if !name.is_none() || new.is_none() {
        return false;
    }
    *name = new;
    true
}

fn ids(graph: &Graph) -> std::ops::Range<NodeId> {
    0..NodeId::try_from(graph.nodes.len()).expect("`Graph::push` counts in a `NodeId`")
}

fn origin(graph: &Graph, place: Place) -> Option<Origin> {
    if place.file.is_none() {
        return None;
    }
    Some(Origin { file: Arc::clone(graph.names.get(place.file)), line: place.line })
}

fn refused(graph: &Graph, name: Name, place: Place, reason: String) -> Refused {
    let name = match name {
        Name::NONE => "(unnamed)",
        name => graph.names.get(name),
    };
    Refused { name: name.into(), origin: origin(graph, place), reason }
}

//! References of a graph to types, and entries to records.

use std::collections::HashMap;

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{
    Basic, EnumDefinition, EnumId, RecordDef, RecordId, RecordKind, Type, TypeId, Typedef,
};

use super::base::{base_type, integer};
use super::same::Same;
use super::{MAX_DEPTH, ids, origin, refused};
use crate::graph::{EnumNode, Graph, Name, Node, NodeId, Ref};

/// What a node came to.
#[derive(Clone, Debug)]
enum State {
    Open,
    /// Being resolved: who meets it again goes in a circle.
    Active,
    Done(TypeId),
    /// It has no counterpart in C: what it is.
    Bad(Box<str>),
}

/// How far a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    Active,
    Defined,
    Refused,
}

/// Builds the types.
pub(super) struct Resolver<'g> {
    pub(super) graph: &'g Graph,
    same: &'g Same,
    pub(super) types: Types,
    states: Vec<State>,
    records: HashMap<NodeId, RecordId>,
    /// The node of each record, by the record's number.
    nodes: HashMap<RecordId, NodeId>,
    enums: HashMap<NodeId, EnumId>,
    typedefs: HashMap<(Name, TypeId, Option<u64>), TypeId>,
    stages: HashMap<NodeId, Stage>,
}

impl<'g> Resolver<'g> {
    pub(super) fn new(graph: &'g Graph, same: &'g Same, abi: Abi) -> Self {
        Self {
            graph,
            same,
            types: Types::new(abi),
            states: vec![State::Open; graph.nodes.len()],
            records: HashMap::new(),
            nodes: HashMap::new(),
            enums: HashMap::new(),
            typedefs: HashMap::new(),
            stages: HashMap::new(),
        }
    }

    pub(super) fn finish(self) -> Types {
        self.types
    }

    /// Adds all records and enums, without their bodies. A name from a typedef is not a tag.
    pub(super) fn declare(&mut self, named_by_typedef: &[NodeId]) {
        for &id in &self.same.chosen {
            let by_typedef = named_by_typedef.binary_search(&id).is_ok();
            match self.graph.node(id) {
                Node::Record(record) => {
                    let name = self.graph.names.get(record.name);
                    let origin = origin(self.graph, record.place);
                    let tag = if by_typedef { "" } else { name };
                    let added = self.types.add_record(record.kind, tag, origin);
                    if by_typedef {
                        self.types.name_record(added, name);
                    }
                    self.records.insert(id, added);
                    self.nodes.insert(added, id);
                }
                Node::Enum(node) => {
                    let name = self.graph.names.get(node.name);
                    let origin = origin(self.graph, node.place);
                    let added = self.types.add_enum(if by_typedef { "" } else { name }, origin);
                    if by_typedef {
                        self.types.name_enum(added, name);
                    }
                    self.enums.insert(id, added);
                }
                _ => {}
            }
        }
    }

    pub(super) fn define_enums(&mut self) {
        for id in ids(self.graph) {
            let Node::Enum(node) = self.graph.node(id) else { continue };
            if node.incomplete || self.same.chosen(id) != Some(id) {
                continue;
            }
            let Some(&added) = self.enums.get(&id) else { continue };
            match self.enum_definition(node) {
                Ok(definition) => self.types.define_enum(added, definition),
                Err(reason) => {
                    let refusal = refused(self.graph, node.name, node.place, reason);
                    self.types.refuse(refusal);
                }
            }
        }
    }

    fn enum_definition(&mut self, node: &EnumNode) -> Result<EnumDefinition, String> {
        let underlying = match node.underlying {
            Ref::Void => None,
            reference => Some(self.resolve(reference, 0)?),
        };
        let negative = node.values.iter().any(|(_, value)| *value < 0);
        let underlying = match (underlying, node.size) {
            (Some(ty), _) => ty,
            (None, Some(size)) => {
                let basic = integer(&mut self.types, size, negative);
                let basic =
                    basic.ok_or_else(|| format!("an enum has no integer type of {size} bytes"))?;
                self.types.basic(basic)
            }
            (None, None) => return Err("its size is not said".to_owned()),
        };
        let (bits, signed) = self.integer_bits(underlying);
        let values = node.values.iter().map(|&(name, value)| {
            (self.graph.names.get(name).as_ref().into(), sign(value, bits, signed))
        });
        Ok(EnumDefinition {
            values: values.collect(),
            underlying,
            align: node.align,
            is_fixed: false,
        })
    }

    /// Bits of an integer type, and whether it is signed.
    fn integer_bits(&self, ty: TypeId) -> (u32, bool) {
        let size = self.types.layout_of(ty).map_or(0, |layout| layout.size);
        let signed = match self.types.get(self.types.strip(ty)) {
            Type::Basic(basic) => matches!(
                basic,
                Basic::SChar
                    | Basic::Short
                    | Basic::Int
                    | Basic::Long
                    | Basic::LongLong
                    | Basic::Int128
            ),
            Type::BitInt { signed, .. } => *signed,
            _ => false,
        };
        (u32::try_from(size.saturating_mul(8)).unwrap_or(0), signed)
    }

    pub(super) fn define_typedefs(&mut self) {
        for id in ids(self.graph) {
            if matches!(self.graph.node(id), Node::Typedef { .. }) {
                // One that cannot be resolved is missed where it is used.
                let _ = self.node(id, 0);
            }
        }
    }

    /// Lays out the records in the order in which they are there, but for those that are inside of
    /// others, which come before these.
    pub(super) fn define_records(&mut self) {
        for id in ids(self.graph) {
            if matches!(self.graph.node(id), Node::Record(_)) && self.same.chosen(id) == Some(id) {
                self.define(id, 0);
            }
        }
    }

    /// Lays out one record after those that are inside of it.
    fn define(&mut self, id: NodeId, depth: usize) -> Stage {
        match self.stages.get(&id).copied().unwrap_or(Stage::Open) {
            Stage::Open => {}
            stage => return stage,
        }
        let Node::Record(record) = self.graph.node(id) else { return Stage::Refused };
        let Some(&added) = self.records.get(&id) else { return Stage::Refused };
        if record.incomplete {
            return Stage::Refused;
        }
        self.stages.insert(id, Stage::Active);
        let placed = self.place_record(record, depth).and_then(|(def, layout)| {
            let defined = self.types.define_placed_record(added, def, layout);
            defined.map_err(|error| error.to_string())
        });
        let stage = match placed {
            Ok(()) => Stage::Defined,
            Err(reason) => {
                let refusal = refused(self.graph, record.name, record.place, reason);
                self.types.refuse(refusal);
                Stage::Refused
            }
        };
        self.stages.insert(id, stage);
        stage
    }

    fn place_record(
        &mut self,
        record: &'g crate::graph::RecordNode,
        depth: usize,
    ) -> Result<(RecordDef, cwire_layout::RecordLayout), String> {
        if let Some(reason) = record.refused {
            return Err(reason.to_owned());
        }
        if depth > MAX_DEPTH {
            return Err(format!("records are inside of each other more than {MAX_DEPTH} deep"));
        }
        for base in &record.bases {
            let ty = self.resolve(base.ty, 0)?;
            self.require(ty, depth).map_err(|what| format!("a base class is {what}"))?;
        }
        for member in &record.members {
            let name = self.graph.names.get(member.name);
            let ty = self.resolve(member.ty, 0).map_err(|what| format!("`{name}` is {what}"))?;
            self.require(ty, depth).map_err(|what| format!("`{name}` is {what}"))?;
        }
        super::place::place(self, record)
    }

    /// Lays out the record that a type holds, if it holds one.
    fn require(&mut self, mut ty: TypeId, depth: usize) -> Result<(), String> {
        loop {
            ty = match self.types.get(self.types.strip(ty)) {
                Type::Array { element, .. } | Type::Vector { element, .. } => *element,
                Type::Atomic(inner) => *inner,
                Type::Record(record) => {
                    let record = *record;
                    let Some(&id) = self.nodes.get(&record) else { return Ok(()) };
                    let stage = self.define(id, depth + 1);
                    let name = &self.types.record(record).name;
                    let name = if name.is_empty() { "an unnamed record" } else { name };
                    return match stage {
                        Stage::Defined => Ok(()),
                        Stage::Active => Err(format!("{name}, which it is inside of")),
                        Stage::Open | Stage::Refused => {
                            Err(format!("{name}, which is not laid out"))
                        }
                    };
                }
                _ => return Ok(()),
            };
        }
    }

    /// The type that a reference means.
    pub(super) fn resolve(&mut self, reference: Ref, depth: usize) -> Result<TypeId, String> {
        match (reference, self.graph.find(reference)) {
            (Ref::Void, _) => Ok(self.types.intern(Type::Void)),
            (_, Some(id)) => self.node(id, depth),
            (Ref::Elsewhere, None) => Err("of a type in a file that is not here".to_owned()),
            (Ref::Signature(signature), None) => {
                Err(format!("of a type with signature {signature:#018x} that is not here"))
            }
            (Ref::Key(_), None) => Err("of a type that is not here".to_owned()),
        }
    }

    /// What a pointer points to: `void` where that cannot be said.
    fn target(&mut self, reference: Ref, depth: usize) -> TypeId {
        self.resolve(reference, depth).unwrap_or_else(|_| self.types.intern(Type::Void))
    }

    fn node(&mut self, id: NodeId, depth: usize) -> Result<TypeId, String> {
        match self.states.get(id as usize) {
            Some(State::Done(ty)) => return Ok(*ty),
            Some(State::Bad(reason)) => return Err(reason.to_string()),
            Some(State::Active) => return Err("of a type that refers to itself".to_owned()),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("of a type that is nested more than {MAX_DEPTH} deep"));
        }
        self.set(id, State::Active);
        let result = self.convert(id, depth + 1);
        self.set(
            id,
            match &result {
                Ok(ty) => State::Done(*ty),
                Err(reason) => State::Bad(reason.as_str().into()),
            },
        );
        result
    }

    fn set(&mut self, id: NodeId, state: State) {
        if let Some(slot) = self.states.get_mut(id as usize) {
            *slot = state;
        }
    }

    fn convert(&mut self, id: NodeId, depth: usize) -> Result<TypeId, String> {
        let graph = self.graph;
        let ty = match graph.node(id) {
            Node::Void => Type::Void,
            Node::Base(base) => {
                let name = graph.names.get(base.name);
                return base_type(&mut self.types, *base, name);
            }
            Node::Pointer { target, size } => {
                let needed = self.types.abi().pointer_size();
                if size.is_some_and(|size| size != needed) {
                    let size = size.unwrap_or_default();
                    return Err(format!("a pointer of {size} bytes, not {needed}"));
                }
                Type::Pointer(self.target(*target, depth))
            }
            Node::Reference { target, rvalue } => {
                Type::Reference { target: self.target(*target, depth), rvalue: *rvalue }
            }
            Node::MemberPointer { class, target } => {
                let class = self.resolve(*class, depth)?;
                let Type::Record(class) = *self.types.get(self.types.strip(class)) else {
                    return Err("a pointer to a member of no class".to_owned());
                };
                Type::MemberPointer { class, target: self.target(*target, depth) }
            }
            Node::Function { returns, params, variadic } => {
                let returns = self.target(*returns, depth);
                let params = params.iter().map(|&param| self.target(param, depth)).collect();
                Type::Function { returns, params, variadic: *variadic }
            }
            Node::Array { element, dims } => {
                let element = self.resolve(*element, depth)?;
                return self.array(element, dims);
            }
            Node::SizedArray { element, size } => return self.sized_array(*element, *size, depth),
            Node::Vector { element, dims, size } => {
                return self.vector(*element, dims, *size, depth);
            }
            Node::Typedef { name, target, align } => {
                return self.typedef(*name, *target, *align, depth);
            }
            Node::Qualified { target, is_const, is_volatile } => {
                let ty = self.resolve(*target, depth)?;
                self.qualified(ty, *is_const, *is_volatile)
            }
            Node::Atomic(target) => Type::Atomic(self.resolve(*target, depth)?),
            Node::Alias(target) => return self.resolve(*target, depth),
            Node::Record(_) => match self.same.chosen(id).and_then(|id| self.records.get(&id)) {
                Some(&record) => Type::Record(record),
                None => return Err("of an unknown record".to_owned()),
            },
            Node::Enum(_) => match self.same.chosen(id).and_then(|id| self.enums.get(&id)) {
                Some(&found) => Type::Enum(found),
                None => return Err("of an unknown enum".to_owned()),
            },
            Node::Opaque(what) => return Err(what.clone()),
        };
        Ok(self.types.intern(ty))
    }

    fn qualified(&self, ty: TypeId, is_const: bool, is_volatile: bool) -> Type {
        match *self.types.get(ty) {
            Type::Qualified { ty, is_const: c, is_volatile: v } => {
                Type::Qualified { ty, is_const: c | is_const, is_volatile: v | is_volatile }
            }
            _ => Type::Qualified { ty, is_const, is_volatile },
        }
    }

    fn array(&mut self, element: TypeId, dims: &[Option<u64>]) -> Result<TypeId, String> {
        if dims.len() > MAX_DEPTH {
            return Err(format!("an array of more than {MAX_DEPTH} dimensions"));
        }
        if dims.is_empty() {
            return Ok(self.types.array(element, None));
        }
        Ok(dims.iter().rev().fold(element, |element, &len| self.types.array(element, len)))
    }

    /// An array of PDB, which says its size only: dimensions are arrays inside each other.
    fn sized_array(&mut self, element: Ref, size: u64, depth: usize) -> Result<TypeId, String> {
        let element = self.resolve(element, depth)?;
        self.require(element, depth)?;
        let each = self.types.layout_of(element).map_err(|error| error.to_string())?.size;
        let len = match (size, each) {
            (0, _) => 0,
            (size, each) if each != 0 && size % each == 0 => size / each,
            _ => return Err(format!("an array of {size} bytes of elements of {each} bytes")),
        };
        Ok(self.types.array(element, Some(len)))
    }

    fn vector(
        &mut self,
        element: Ref,
        dims: &[Option<u64>],
        size: Option<u64>,
        depth: usize,
    ) -> Result<TypeId, String> {
        let element = self.resolve(element, depth)?;
        let each = self.types.layout_of(element).map_err(|error| error.to_string())?.size;
        let len = match (dims, size) {
            ([Some(len)], _) => *len,
            (_, Some(size)) if each != 0 => size / each,
            _ => return Err("a vector of unknown length".to_owned()),
        };
        Ok(self.types.intern(Type::Vector { element, len }))
    }

    fn typedef(
        &mut self,
        name: Name,
        target: Ref,
        align: Option<u64>,
        depth: usize,
    ) -> Result<TypeId, String> {
        let target = self.resolve(target, depth)?;
        if let Some(&ty) = self.typedefs.get(&(name, target, align)) {
            return Ok(ty);
        }
        let text = self.graph.names.get(name).as_ref().into();
        let ty = self.types.add_typedef(Typedef { name: text, target, align });
        self.typedefs.insert((name, target, align), ty);
        Ok(ty)
    }

    /// The type that a reference was resolved to before.
    pub(super) fn known(&self, reference: Ref) -> Option<TypeId> {
        let id = self.graph.find(reference)?;
        match self.states.get(id as usize)? {
            State::Done(ty) => Some(*ty),
            _ => None,
        }
    }

    /// The record that a base class is.
    pub(super) fn record_of(&self, ty: TypeId) -> Option<RecordId> {
        match self.types.get(self.types.strip(ty)) {
            Type::Record(record) if self.types.record(*record).kind != RecordKind::Union => {
                Some(*record)
            }
            _ => None,
        }
    }
}

/// The value of an enumerator in its type. Some forms (`DW_FORM_data1`, clang's CodeView) leave the
/// sign to that.
fn sign(value: i128, bits: u32, signed: bool) -> i128 {
    let Some(modulus) = 1_i128.checked_shl(bits).filter(|_| (1..127).contains(&bits)) else {
        return value;
    };
    let is_below = value < 0 && !signed;
    let is_above = value >= modulus / 2 && value < modulus && signed;
    match (is_below, is_above) {
        (true, _) if value >= -modulus / 2 => value + modulus,
        (_, true) => value - modulus,
        _ => value,
    }
}

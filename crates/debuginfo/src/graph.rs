//! The types of a file as its debug information has them: one node per entry, duplicates and all.
//!
//! DWARF and PDB are read into the same graph, which [`assemble`](crate::assemble) makes into
//! [`Types`](cwire_layout::Types). Entries refer to each other by [`Ref`], forwards and in circles.

use std::collections::HashMap;
use std::sync::Arc;

use cwire_layout::types::{Access, RecordKind};

/// An interned name. [`Name::NONE`] is no name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Name(u32);

impl Name {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// The names of a graph: a type that is in a thousand units has its name once.
#[derive(Debug)]
pub(crate) struct Names {
    list: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, Name>,
    /// Bytes that may still be added. Qualified names repeat their scopes, so that a small file could
    /// ask for any amount.
    budget: usize,
}

/// The names of a file need more memory than its size accounts for.
#[derive(Debug)]
pub(crate) struct TooManyNames;

impl Names {
    fn new() -> Self {
        Self { list: vec!["".into()], ids: HashMap::from([("".into(), Name::NONE)]), budget: 0 }
    }

    /// Makes room for the names of `bytes` of debug information.
    pub(crate) fn allow(&mut self, bytes: usize) {
        self.budget = self.budget.saturating_add(bytes.saturating_mul(16)).saturating_add(1 << 20);
    }

    pub(crate) fn intern(&mut self, text: &str) -> Result<Name, TooManyNames> {
        if let Some(&name) = self.ids.get(text) {
            return Ok(name);
        }
        self.budget = self.budget.checked_sub(text.len()).ok_or(TooManyNames)?;
        let name = Name(u32::try_from(self.list.len()).map_err(|_| TooManyNames)?);
        let text: Arc<str> = text.into();
        self.list.push(Arc::clone(&text));
        self.ids.insert(text, name);
        Ok(name)
    }

    pub(crate) fn get(&self, name: Name) -> &Arc<str> {
        self.list.get(name.0 as usize).expect("a name comes from the graph that it is given to")
    }
}

/// A reference from one entry to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Ref {
    /// No type is said, which is `void`.
    #[default]
    Void,
    /// The entry with this key.
    Key(u64),
    /// The type unit with this signature (DWARF 4 and 5, `DW_FORM_ref_sig8`).
    Signature(u64),
    /// Something in a file that is not here (`DW_FORM_GNU_ref_alt`).
    Elsewhere,
}

/// The position of a node in its graph.
pub(crate) type NodeId = u32;

/// How the bits of a base type are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Bool,
    Signed,
    Unsigned,
    /// `char`, `signed char`, `unsigned char`: told apart by name.
    SignedChar,
    UnsignedChar,
    Float,
    Complex,
    /// `char8_t`, `char16_t`, `char32_t`.
    Utf,
    Address,
    NullPtr,
    Other,
}

/// A base type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    pub(crate) name: Name,
    pub(crate) encoding: Encoding,
    pub(crate) size: u64,
    /// Bits that hold the value, where they are not all of `size`.
    pub(crate) bits: Option<u32>,
}

/// One entry.
#[derive(Debug)]
pub(crate) enum Node {
    Base(Base),
    Void,
    Pointer {
        target: Ref,
        size: Option<u64>,
    },
    Reference {
        target: Ref,
        rvalue: bool,
    },
    MemberPointer {
        class: Ref,
        target: Ref,
    },
    Function {
        returns: Ref,
        params: Vec<Ref>,
        variadic: bool,
    },
    /// Dimensions outermost first; `None` is no bound.
    Array {
        element: Ref,
        dims: Vec<Option<u64>>,
    },
    /// An array by its size in bytes, as PDB gives it.
    SizedArray {
        element: Ref,
        size: u64,
    },
    Vector {
        element: Ref,
        dims: Vec<Option<u64>>,
        size: Option<u64>,
    },
    Typedef {
        name: Name,
        target: Ref,
        align: Option<u64>,
    },
    Qualified {
        target: Ref,
        is_const: bool,
        is_volatile: bool,
    },
    Atomic(Ref),
    /// Another name of the same type.
    Alias(Ref),
    Record(Box<RecordNode>),
    Enum(Box<EnumNode>),
    /// A type that has no counterpart in C: what it is.
    Opaque(String),
}

/// Where an entry says that it is declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) file: Name,
    pub(crate) line: u32,
}

/// A struct, union or class.
#[derive(Debug)]
pub(crate) struct RecordNode {
    pub(crate) kind: RecordKind,
    /// Qualified.
    pub(crate) name: Name,
    /// What links declarations and definitions, where that is not the name.
    pub(crate) link: Name,
    pub(crate) place: Place,
    /// The declaration that this completes and has its name from.
    pub(crate) completes: Option<Ref>,
    /// Only mentioned, not defined.
    pub(crate) incomplete: bool,
    pub(crate) cxx: bool,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Bytes, where the source asked for them.
    pub(crate) align: Option<u64>,
    /// Whether it would say so if the source had.
    pub(crate) says_align: bool,
    pub(crate) bases: Vec<BaseNode>,
    pub(crate) members: Vec<MemberNode>,
    /// Why it cannot be laid out.
    pub(crate) refused: Option<&'static str>,
}

/// A base class.
#[derive(Debug)]
pub(crate) struct BaseNode {
    pub(crate) ty: Ref,
    /// Bytes.
    pub(crate) offset: u64,
    pub(crate) access: Access,
}

/// A member.
#[derive(Debug)]
pub(crate) struct MemberNode {
    pub(crate) name: Name,
    pub(crate) ty: Ref,
    pub(crate) place: MemberPlace,
    pub(crate) align: Option<u64>,
    pub(crate) access: Access,
}

/// Where a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MemberPlace {
    /// Bytes from the start.
    Byte(u64),
    /// A bit-field, counted from the start in the order in which bits are filled.
    Bits { offset: u64, width: u32 },
    /// A bit-field as DWARF 2 and 3 have it: `from_top` bits from the most significant bit of a
    /// storage unit of `unit` bytes (`None`: of its type) at byte `offset`.
    Storage { offset: u64, unit: Option<u64>, from_top: i64, width: u32 },
    /// A bit-field as CodeView has it: `from_bottom` bits from the least significant bit of a unit
    /// at byte `offset`.
    Low { offset: u64, from_bottom: u32, width: u32 },
}

/// An enum.
#[derive(Debug)]
pub(crate) struct EnumNode {
    pub(crate) name: Name,
    pub(crate) link: Name,
    pub(crate) place: Place,
    pub(crate) completes: Option<Ref>,
    pub(crate) incomplete: bool,
    /// Bytes.
    pub(crate) size: Option<u64>,
    pub(crate) align: Option<u64>,
    pub(crate) underlying: Ref,
    /// As they are written, whatever sign the enum's type gives them.
    pub(crate) values: Vec<(Name, i128)>,
}

/// All entries of a file and of those that belong to it.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) names: Names,
    pub(crate) nodes: Vec<Node>,
    /// Keys of the nodes, in ascending order.
    keys: Vec<u64>,
    signatures: HashMap<u64, u64>,
    /// What the names of some nodes have to begin with: the name of another node.
    pub(crate) inside: HashMap<NodeId, Ref>,
    /// First key that is not taken.
    next_space: u64,
}

impl Graph {
    pub(crate) fn new() -> Self {
        Self {
            names: Names::new(),
            nodes: Vec::new(),
            keys: Vec::new(),
            signatures: HashMap::new(),
            inside: HashMap::new(),
            next_space: 0,
        }
    }

    /// A run of `len` keys for the offsets of one section. Nodes are added in the order of the runs.
    pub(crate) fn space(&mut self, len: u64) -> u64 {
        let base = self.next_space;
        self.next_space = base.saturating_add(len).saturating_add(1);
        base
    }

    /// Adds a node. A key that does not rise, which no well-formed section has, makes the node
    /// unreachable.
    pub(crate) fn push(&mut self, key: u64, node: Node) -> Option<NodeId> {
        if self.keys.last().is_some_and(|&last| last >= key) {
            return None;
        }
        let id = NodeId::try_from(self.nodes.len()).ok()?;
        self.keys.push(key);
        self.nodes.push(node);
        Some(id)
    }

    pub(crate) fn sign(&mut self, signature: u64, key: u64) {
        self.signatures.entry(signature).or_insert(key);
    }

    pub(crate) fn has_signature(&self, signature: u64) -> bool {
        self.signatures.contains_key(&signature)
    }

    /// The node that a reference means; `None` for `void` and for what is not there.
    pub(crate) fn find(&self, reference: Ref) -> Option<NodeId> {
        let key = match reference {
            Ref::Void | Ref::Elsewhere => return None,
            Ref::Key(key) => key,
            Ref::Signature(signature) => *self.signatures.get(&signature)?,
        };
        let index = self.keys.binary_search(&key).ok()?;
        NodeId::try_from(index).ok()
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id as usize).expect("a node's id comes from its graph")
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        self.nodes.get_mut(id as usize).expect("a node's id comes from its graph")
    }
}

//! The walk over the entries of one unit.

use std::sync::Arc;

use cwire_layout::types::{Access, RecordKind};
use gimli::{Abbreviation, AttributeValue, EntriesRaw, Unit, UnitOffset};

use super::attrs::{Attrs, member_offset};
use super::root::Root;
use super::{Failure, Slice, Walker};
use crate::graph::{
    Base, BaseNode, Encoding, EnumNode, MemberNode, MemberPlace, Name, Node, NodeId, Place,
    RecordNode, Ref,
};

/// Scopes with names inside each other; deeper ones are not read.
const MAX_SCOPES: usize = 256;

/// An entry whose children are being read.
#[derive(Debug)]
struct Frame {
    /// Depth of its children.
    depth: isize,
    kind: FrameKind,
    /// What stands before the names of its children, `::` included.
    prefix: Prefix,
    /// Scopes with names around and including this one.
    scopes: usize,
    /// The record in another unit that names begin with, where a stub without a name stands for it.
    stub: Option<Ref>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    /// Holds declarations.
    Scope,
    Record(NodeId),
    Enum(NodeId),
    Array(NodeId),
    Function(NodeId),
}

#[derive(Clone, Debug)]
enum Prefix {
    Name(Name),
    /// A function's, which is made up only where a type is declared inside.
    Function {
        entry: UnitOffset,
        outer: Name,
    },
}

/// A function, and the name of what it is declared in.
struct Function {
    at: UnitOffset,
    outer: Name,
    stub: Option<Ref>,
}

/// The walk over one unit.
struct Walk<'w, 'g, 'd> {
    walker: &'w mut Walker<'g, 'd>,
    root: &'w Root<'d>,
    unit: &'w Unit<Slice<'d>>,
    /// Key of the unit's first byte, and of its section's `.debug_info`.
    base: u64,
    info_base: u64,
    files: Option<Arc<[Name]>>,
    frames: Vec<Frame>,
    /// Functions that are declared inside of something with a name, in ascending order.
    functions: Vec<Function>,
    /// That of the frame that is opened next.
    stub: Option<Ref>,
}

/// Reads the types of a unit into the graph.
pub(super) fn walk<'d>(
    walker: &mut Walker<'_, 'd>,
    root: &Root<'d>,
    unit: &Unit<Slice<'d>>,
    base: u64,
    info_base: u64,
) -> Result<(), Failure> {
    let mut walk = Walk {
        walker,
        root,
        unit,
        base,
        info_base,
        files: None,
        frames: Vec::new(),
        functions: Vec::new(),
        stub: None,
    };
    let mut entries = unit.entries_raw(None)?;
    while !entries.is_empty() {
        let offset = entries.next_offset();
        let depth = entries.next_depth();
        let Some(abbreviation) = entries.read_abbreviation()? else { continue };
        while walk.frames.last().is_some_and(|frame| frame.depth > depth) {
            walk.frames.pop();
        }
        walk.entry(&mut entries, abbreviation, offset)?;
    }
    Ok(())
}

impl<'d> Walk<'_, '_, 'd> {
    /// Reads one entry, and notes what its children belong to.
    fn entry(
        &mut self,
        entries: &mut EntriesRaw<'_, Slice<'d>>,
        abbreviation: &Abbreviation,
        offset: UnitOffset,
    ) -> Result<(), Failure> {
        let tag = abbreviation.tag();
        if !is_read(tag) {
            entries.skip_attributes(abbreviation.attributes())?;
            return Ok(());
        }
        let depth = entries.next_depth();
        let attrs = Attrs::read(entries, abbreviation.attributes())?;
        let parent = self.frames.last().map_or(FrameKind::Scope, |frame| frame.kind);
        let opened = match tag {
            gimli::DW_TAG_member => return self.member(&attrs, parent),
            gimli::DW_TAG_inheritance => return self.inheritance(&attrs, parent),
            gimli::DW_TAG_enumerator => return self.enumerator(&attrs, parent),
            gimli::DW_TAG_subrange_type if matches!(parent, FrameKind::Array(_)) => {
                return self.dimension(&attrs, parent);
            }
            gimli::DW_TAG_enumeration_type if matches!(parent, FrameKind::Array(_)) => {
                self.unbounded(parent, "an array whose index is an enum");
                None
            }
            gimli::DW_TAG_formal_parameter | gimli::DW_TAG_unspecified_parameters => {
                return self.parameter(tag, &attrs, parent);
            }
            gimli::DW_TAG_variant_part => {
                self.refuse(parent, "it has variants that share their bytes");
                None
            }
            gimli::DW_TAG_namespace | gimli::DW_TAG_module => self.namespace(&attrs)?,
            gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine => {
                let outer = self.prefix()?;
                let stub = self.frames.last().and_then(|frame| frame.stub);
                if !outer.is_none() || stub.is_some() {
                    self.functions.push(Function { at: offset, outer, stub });
                }
                Some((FrameKind::Scope, Prefix::Function { entry: offset, outer }, 1))
            }
            _ => self.type_entry(tag, &attrs, offset)?,
        };
        if abbreviation.has_children() {
            self.open(depth, opened)?;
        }
        Ok(())
    }

    /// Makes an entry the parent of what follows at `depth`.
    fn open(
        &mut self,
        depth: isize,
        opened: Option<(FrameKind, Prefix, usize)>,
    ) -> Result<(), Failure> {
        let Some((kind, prefix, scopes)) = opened else { return Ok(()) };
        let scopes = self.frames.last().map_or(0, |frame| frame.scopes) + scopes;
        if scopes > MAX_SCOPES {
            return Err(Failure::Limit("scopes are nested more than 256 deep"));
        }
        let around = self.frames.last().and_then(|frame| frame.stub);
        let stub = self.stub.take().or(around);
        self.frames.push(Frame { depth, kind, prefix, scopes, stub });
        Ok(())
    }

    fn namespace(&mut self, attrs: &Attrs<'d>) -> Result<Option<Opened>, Failure> {
        let name = self.text(attrs.name).unwrap_or_else(|| "(anonymous namespace)".to_owned());
        let prefix = self.prefix()?;
        let prefix = self.scope_name(prefix, &name)?;
        Ok(Some((FrameKind::Scope, Prefix::Name(prefix), 1)))
    }

    fn type_entry(
        &mut self,
        tag: gimli::DwTag,
        attrs: &Attrs<'d>,
        offset: UnitOffset,
    ) -> Result<Option<Opened>, Failure> {
        let key = self.base.saturating_add(offset.0 as u64);
        let target = self.reference(attrs.ty);
        let node = match tag {
            gimli::DW_TAG_structure_type => {
                return self.record(RecordKind::Struct, attrs, key).map(Some);
            }
            gimli::DW_TAG_class_type => {
                return self.record(RecordKind::Class, attrs, key).map(Some);
            }
            gimli::DW_TAG_union_type => {
                return self.record(RecordKind::Union, attrs, key).map(Some);
            }
            gimli::DW_TAG_enumeration_type => return self.enumeration(attrs, key),
            gimli::DW_TAG_array_type => {
                let node = if attrs.stride {
                    Node::Opaque("an array with a stride".to_owned())
                } else if attrs.vector {
                    Node::Vector { element: target, dims: Vec::new(), size: attrs.byte_size }
                } else {
                    Node::Array { element: target, dims: Vec::new() }
                };
                let id = self.walker.graph.push(key, node);
                return Ok(id.map(|id| (FrameKind::Array(id), self.same_prefix(), 0)));
            }
            gimli::DW_TAG_subroutine_type => {
                let node = Node::Function { returns: target, params: Vec::new(), variadic: false };
                let id = self.walker.graph.push(key, node);
                return Ok(id.map(|id| (FrameKind::Function(id), self.same_prefix(), 0)));
            }
            gimli::DW_TAG_base_type => self.base_type(attrs)?,
            gimli::DW_TAG_unspecified_type => self.unspecified(attrs)?,
            gimli::DW_TAG_pointer_type => Node::Pointer { target, size: attrs.byte_size },
            gimli::DW_TAG_reference_type => Node::Reference { target, rvalue: false },
            gimli::DW_TAG_rvalue_reference_type => Node::Reference { target, rvalue: true },
            gimli::DW_TAG_ptr_to_member_type => {
                Node::MemberPointer { class: self.reference(attrs.containing), target }
            }
            gimli::DW_TAG_typedef | gimli::DW_TAG_template_alias => {
                match self.qualified(attrs.name)? {
                    Name::NONE => Node::Alias(target),
                    name => Node::Typedef { name, target, align: attrs.alignment },
                }
            }
            gimli::DW_TAG_const_type => {
                Node::Qualified { target, is_const: true, is_volatile: false }
            }
            gimli::DW_TAG_volatile_type => {
                Node::Qualified { target, is_const: false, is_volatile: true }
            }
            gimli::DW_TAG_atomic_type => Node::Atomic(target),
            gimli::DW_TAG_restrict_type
            | gimli::DW_TAG_immutable_type
            | gimli::DW_TAG_packed_type
            | gimli::DW_TAG_subrange_type => Node::Alias(target),
            _ => Node::Opaque(format!("a type that C does not have ({tag})")),
        };
        let is_typedef = matches!(node, Node::Typedef { .. });
        let id = self.walker.graph.push(key, node);
        if is_typedef {
            self.note_stub(id);
        }
        Ok(None)
    }

    /// Notes that a name begins with one that is known when all units are read.
    fn note_stub(&mut self, id: Option<NodeId>) {
        if let Some(id) = id
            && let Some(stub) = self.frames.last().and_then(|frame| frame.stub)
        {
            self.walker.graph.inside.insert(id, stub);
        }
    }

    fn record(&mut self, kind: RecordKind, attrs: &Attrs<'d>, key: u64) -> Result<Opened, Failure> {
        let completes = attrs.specification.map(|value| self.reference(Some(value)));
        let name = match completes {
            Some(declaration) => self.name_of(declaration),
            None => self.qualified(attrs.name)?,
        };
        let prefix = match name {
            Name::NONE => self.prefix()?,
            name => name,
        };
        if let Some(value) = attrs.signature {
            // A stub of what a type unit defines; what is declared inside belongs to that.
            let target = self.reference(Some(value));
            self.walker.graph.push(key, Node::Alias(target));
            if name.is_none() {
                // clang leaves the name with the type unit, too.
                self.stub = Some(target);
                return Ok((FrameKind::Scope, Prefix::Name(Name::NONE), 1));
            }
            return Ok((FrameKind::Scope, Prefix::Name(prefix), 1));
        }
        let node = RecordNode {
            kind,
            name,
            link: Name::NONE,
            place: self.place(attrs)?,
            completes,
            incomplete: attrs.declaration,
            cxx: self.root.is_cxx(),
            size: attrs.byte_size,
            align: attrs.alignment,
            says_align: true,
            bases: Vec::new(),
            members: Vec::new(),
            refused: record_refused(attrs, self.root.is_cxx()),
        };
        let id = self.walker.graph.push(key, Node::Record(Box::new(node)));
        self.note_stub(id);
        let frame = id.map_or(FrameKind::Scope, FrameKind::Record);
        Ok((frame, Prefix::Name(prefix), 1))
    }

    fn enumeration(&mut self, attrs: &Attrs<'d>, key: u64) -> Result<Option<Opened>, Failure> {
        if let Some(value) = attrs.signature {
            let target = self.reference(Some(value));
            self.walker.graph.push(key, Node::Alias(target));
            return Ok(None);
        }
        let completes = attrs.specification.map(|value| self.reference(Some(value)));
        let name = match completes {
            Some(declaration) => self.name_of(declaration),
            None => self.qualified(attrs.name)?,
        };
        let node = EnumNode {
            name,
            link: Name::NONE,
            place: self.place(attrs)?,
            completes,
            incomplete: attrs.declaration,
            size: attrs.byte_size,
            align: attrs.alignment,
            underlying: self.reference(attrs.ty),
            values: Vec::new(),
        };
        let id = self.walker.graph.push(key, Node::Enum(Box::new(node)));
        self.note_stub(id);
        Ok(id.map(|id| (FrameKind::Enum(id), self.same_prefix(), 0)))
    }

    fn base_type(&mut self, attrs: &Attrs<'d>) -> Result<Node, Failure> {
        let name = self.text(attrs.name).unwrap_or_default();
        if matches!(attrs.endianity, Some(gimli::DW_END_big | gimli::DW_END_little))
            && self.swapped(attrs)
        {
            return Ok(Node::Opaque(format!("`{name}` in the other byte order")));
        }
        let name = self.walker.graph.names.intern(&name)?;
        let encoding = match attrs.encoding {
            Some(gimli::DW_ATE_boolean) => Encoding::Bool,
            Some(gimli::DW_ATE_signed) => Encoding::Signed,
            Some(gimli::DW_ATE_unsigned) => Encoding::Unsigned,
            Some(gimli::DW_ATE_signed_char) => Encoding::SignedChar,
            Some(gimli::DW_ATE_unsigned_char) => Encoding::UnsignedChar,
            Some(gimli::DW_ATE_float) => Encoding::Float,
            Some(gimli::DW_ATE_complex_float) => Encoding::Complex,
            Some(gimli::DW_ATE_UTF | gimli::DW_ATE_UCS) => Encoding::Utf,
            Some(gimli::DW_ATE_address) => Encoding::Address,
            _ => Encoding::Other,
        };
        let bits = attrs.bit_size.and_then(|bits| u32::try_from(bits).ok());
        Ok(Node::Base(Base { name, encoding, size: attrs.byte_size.unwrap_or(0), bits }))
    }

    /// Whether a type is in another byte order than its file.
    fn swapped(&self, attrs: &Attrs<'d>) -> bool {
        use gimli::{Endianity, Reader, Section};
        let big = self.walker.dwarf.debug_info.reader().endian().is_big_endian();
        match attrs.endianity {
            Some(gimli::DW_END_big) => !big,
            Some(gimli::DW_END_little) => big,
            _ => false,
        }
    }

    fn unspecified(&mut self, attrs: &Attrs<'d>) -> Result<Node, Failure> {
        let name = self.text(attrs.name).unwrap_or_default();
        if name.contains("nullptr") {
            let name = self.walker.graph.names.intern(&name)?;
            return Ok(Node::Base(Base { name, encoding: Encoding::NullPtr, size: 0, bits: None }));
        }
        Ok(Node::Void)
    }

    fn member(&mut self, attrs: &Attrs<'d>, parent: FrameKind) -> Result<(), Failure> {
        let FrameKind::Record(id) = parent else { return Ok(()) };
        // A static data member: DWARF 2 to 4 declare it among the others.
        if attrs.external || attrs.declaration {
            return Ok(());
        }
        let text = self.text(attrs.name).unwrap_or_default();
        if text.starts_with("_vptr") {
            self.refuse(parent, "it has virtual functions");
            return Ok(());
        }
        let name = self.walker.graph.names.intern(&text)?;
        let Some(place) = self.member_place(attrs) else {
            self.refuse(parent, "the place of a member is computed while the program runs");
            return Ok(());
        };
        let ty = self.reference(attrs.ty);
        let Node::Record(record) = self.walker.graph.node_mut(id) else { return Ok(()) };
        let access = access(attrs, record.kind);
        record.members.push(MemberNode { name, ty, place, align: attrs.alignment, access });
        Ok(())
    }

    fn member_place(&self, attrs: &Attrs<'d>) -> Option<MemberPlace> {
        let width = attrs.bit_size.map(|bits| u32::try_from(bits).ok());
        if let Some(offset) = attrs.data_bit_offset {
            return Some(match width {
                Some(width) => MemberPlace::Bits { offset, width: width? },
                None => MemberPlace::Byte(offset / 8),
            });
        }
        let offset = member_offset(attrs.member_location, self.unit.encoding())?;
        let Some(width) = width else { return Some(MemberPlace::Byte(offset)) };
        let (width, unit) = (width?, attrs.byte_size);
        Some(match attrs.bit_offset {
            Some(from_top) => MemberPlace::Storage { offset, unit, from_top, width },
            None => MemberPlace::Bits { offset: offset.checked_mul(8)?, width },
        })
    }

    fn inheritance(&mut self, attrs: &Attrs<'d>, parent: FrameKind) -> Result<(), Failure> {
        let FrameKind::Record(id) = parent else { return Ok(()) };
        if attrs.virtuality {
            // Such a class has a pointer to a table, too; this says more.
            if let Node::Record(record) = self.walker.graph.node_mut(id) {
                record.refused = Some("it has a virtual base class");
            }
            return Ok(());
        }
        let Some(offset) = member_offset(attrs.member_location, self.unit.encoding()) else {
            self.refuse(parent, "the place of a base class is computed while the program runs");
            return Ok(());
        };
        let ty = self.reference(attrs.ty);
        let Node::Record(record) = self.walker.graph.node_mut(id) else { return Ok(()) };
        let access = access(attrs, record.kind);
        record.bases.push(BaseNode { ty, offset, access });
        Ok(())
    }

    fn enumerator(&mut self, attrs: &Attrs<'d>, parent: FrameKind) -> Result<(), Failure> {
        let FrameKind::Enum(id) = parent else { return Ok(()) };
        let Some(value) = attrs.const_value.and_then(enum_value) else { return Ok(()) };
        let text = self.text(attrs.name).unwrap_or_default();
        let name = self.walker.graph.names.intern(&text)?;
        if let Node::Enum(node) = self.walker.graph.node_mut(id) {
            node.values.push((name, value));
        }
        Ok(())
    }

    /// The bounds of one dimension of an array.
    fn dimension(&mut self, attrs: &Attrs<'d>, parent: FrameKind) -> Result<(), Failure> {
        let FrameKind::Array(id) = parent else { return Ok(()) };
        let dimension = match self.bounds(attrs) {
            Ok(dimension) => dimension,
            Err(()) => {
                self.unbounded(parent, "an array whose length is computed while the program runs");
                return Ok(());
            }
        };
        if let Node::Array { dims, .. } | Node::Vector { dims, .. } = self.walker.graph.node_mut(id)
        {
            dims.push(dimension);
        }
        Ok(())
    }

    /// Number of elements; `None` if no bound is given, an error if it is no constant.
    fn bounds(&self, attrs: &Attrs<'d>) -> Result<Option<u64>, ()> {
        if let Some(count) = attrs.count {
            // gcc writes `T x[]` in some places as a count of -1.
            return match count {
                AttributeValue::Sdata(-1) => Ok(None),
                count => count.udata_value().map(Some).ok_or(()),
            };
        }
        let Some(upper) = attrs.upper_bound else { return Ok(None) };
        let lower = match attrs.lower_bound {
            Some(lower) => signed(lower).ok_or(())?,
            None => i128::from(self.root.lower_bound()),
        };
        let upper = signed(upper).ok_or(())?;
        // The upper bound of `T x[0]` is -1, which some write without a sign and in 32 bits.
        let len = match upper {
            0xffff_ffff | 0xffff_ffff_ffff_ffff if lower == 0 => 0,
            upper => upper - lower + 1,
        };
        u64::try_from(len).map(Some).map_err(|_| ())
    }

    fn unbounded(&mut self, parent: FrameKind, what: &str) {
        if let FrameKind::Array(id) = parent {
            *self.walker.graph.node_mut(id) = Node::Opaque(what.to_owned());
        }
    }

    fn parameter(
        &mut self,
        tag: gimli::DwTag,
        attrs: &Attrs<'d>,
        parent: FrameKind,
    ) -> Result<(), Failure> {
        let FrameKind::Function(id) = parent else { return Ok(()) };
        let ty = self.reference(attrs.ty);
        if let Node::Function { params, variadic, .. } = self.walker.graph.node_mut(id) {
            match tag {
                gimli::DW_TAG_unspecified_parameters => *variadic = true,
                _ => params.push(ty),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, parent: FrameKind, reason: &'static str) {
        if let FrameKind::Record(id) = parent
            && let Node::Record(record) = self.walker.graph.node_mut(id)
        {
            record.refused.get_or_insert(reason);
        }
    }

    fn reference(&self, value: Option<AttributeValue<Slice<'d>>>) -> Ref {
        match value {
            None => Ref::Void,
            Some(AttributeValue::UnitRef(offset)) => {
                Ref::Key(self.base.saturating_add(offset.0 as u64))
            }
            Some(AttributeValue::DebugInfoRef(offset)) => {
                Ref::Key(Walker::info_key(self.info_base, offset))
            }
            Some(AttributeValue::DebugTypesRef(signature)) => Ref::Signature(signature.0),
            Some(_) => Ref::Elsewhere,
        }
    }

    /// The name of an entry that was read before.
    fn name_of(&self, reference: Ref) -> Name {
        match self.walker.graph.find(reference).map(|id| self.walker.graph.node(id)) {
            Some(Node::Record(record)) => record.name,
            Some(Node::Enum(node)) => node.name,
            _ => Name::NONE,
        }
    }

    fn text(&self, value: Option<AttributeValue<Slice<'d>>>) -> Option<String> {
        let text = self.walker.dwarf.attr_string(self.unit, value?).ok()?;
        (!text.is_empty()).then(|| text.to_string_lossy().into_owned())
    }

    /// A declared name with those of the scopes around it.
    fn qualified(&mut self, name: Option<AttributeValue<Slice<'d>>>) -> Result<Name, Failure> {
        let Some(name) = self.text(name) else { return Ok(Name::NONE) };
        let prefix = self.prefix()?;
        self.scope_name(prefix, &name)
    }

    fn scope_name(&mut self, prefix: Name, name: &str) -> Result<Name, Failure> {
        if prefix.is_none() {
            return Ok(self.walker.graph.names.intern(name)?);
        }
        let text = format!("{}::{name}", self.walker.graph.names.get(prefix));
        Ok(self.walker.graph.names.intern(&text)?)
    }

    fn same_prefix(&self) -> Prefix {
        self.frames.last().map_or(Prefix::Name(Name::NONE), |frame| frame.prefix.clone())
    }

    /// The name of the scope that entries are now read in.
    fn prefix(&mut self) -> Result<Name, Failure> {
        let Some(frame) = self.frames.last() else { return Ok(Name::NONE) };
        let (entry, outer) = match frame.prefix {
            Prefix::Name(name) => return Ok(name),
            Prefix::Function { entry, outer } => (entry, outer),
        };
        let found = self.function_name(entry);
        let declared = found.as_ref().and_then(|&(_, at)| {
            let index = self.functions.binary_search_by_key(&at, |function| function.at).ok()?;
            self.functions.get(index)
        });
        let outer = declared.map_or(outer, |function| function.outer);
        let stub = declared.and_then(|function| function.stub);
        let name = found.map_or_else(|| "(function)".to_owned(), |(name, _)| format!("{name}()"));
        let name = self.scope_name(outer, &name)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.prefix = Prefix::Name(name);
            frame.stub = frame.stub.or(stub);
        }
        Ok(name)
    }

    /// The name of a function, which its definition may leave with its declaration, and which of them
    /// has it.
    fn function_name(&self, mut entry: UnitOffset) -> Option<(String, UnitOffset)> {
        for _ in 0..4 {
            let mut entries = self.unit.entries_raw(Some(entry)).ok()?;
            let abbreviation = entries.read_abbreviation().ok()??;
            let attrs = Attrs::read(&mut entries, abbreviation.attributes()).ok()?;
            if let Some(name) = self.text(attrs.name) {
                return Some((name, entry));
            }
            match attrs.specification.or(attrs.origin)? {
                AttributeValue::UnitRef(next) => entry = next,
                _ => return None,
            }
        }
        None
    }

    fn place(&mut self, attrs: &Attrs<'d>) -> Result<Place, Failure> {
        if self.files.is_none() {
            self.files = Some(self.walker.files(self.root, self.unit)?);
        }
        let index = usize::try_from(attrs.file).unwrap_or(usize::MAX);
        let file = self.files.as_ref().and_then(|files| files.get(index)).copied();
        Ok(Place { file: file.unwrap_or(Name::NONE), line: attrs.line })
    }
}

/// What the children of an entry belong to.
type Opened = (FrameKind, Prefix, usize);

/// Whether the attributes of an entry matter, or those of its children as its children.
fn is_read(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        gimli::DW_TAG_member
            | gimli::DW_TAG_inheritance
            | gimli::DW_TAG_enumerator
            | gimli::DW_TAG_subrange_type
            | gimli::DW_TAG_generic_subrange
            | gimli::DW_TAG_formal_parameter
            | gimli::DW_TAG_unspecified_parameters
            | gimli::DW_TAG_variant_part
            | gimli::DW_TAG_namespace
            | gimli::DW_TAG_module
            | gimli::DW_TAG_subprogram
            | gimli::DW_TAG_inlined_subroutine
            | gimli::DW_TAG_structure_type
            | gimli::DW_TAG_class_type
            | gimli::DW_TAG_union_type
            | gimli::DW_TAG_interface_type
            | gimli::DW_TAG_enumeration_type
            | gimli::DW_TAG_array_type
            | gimli::DW_TAG_subroutine_type
            | gimli::DW_TAG_base_type
            | gimli::DW_TAG_unspecified_type
            | gimli::DW_TAG_pointer_type
            | gimli::DW_TAG_reference_type
            | gimli::DW_TAG_rvalue_reference_type
            | gimli::DW_TAG_ptr_to_member_type
            | gimli::DW_TAG_typedef
            | gimli::DW_TAG_template_alias
            | gimli::DW_TAG_const_type
            | gimli::DW_TAG_volatile_type
            | gimli::DW_TAG_restrict_type
            | gimli::DW_TAG_atomic_type
            | gimli::DW_TAG_immutable_type
            | gimli::DW_TAG_packed_type
            | gimli::DW_TAG_shared_type
            | gimli::DW_TAG_string_type
            | gimli::DW_TAG_set_type
            | gimli::DW_TAG_file_type
            | gimli::DW_TAG_coarray_type
            | gimli::DW_TAG_dynamic_type
    )
}

fn record_refused(attrs: &Attrs<'_>, cxx: bool) -> Option<&'static str> {
    if cxx && attrs.containing.is_some() {
        Some("it has virtual functions")
    } else if attrs.computed_size {
        Some("its size is computed while the program runs")
    } else {
        None
    }
}

fn access(attrs: &Attrs<'_>, kind: RecordKind) -> Access {
    match (attrs.accessibility, kind) {
        (Some(gimli::DW_ACCESS_public), _) => Access::Public,
        (Some(gimli::DW_ACCESS_protected), _) => Access::Protected,
        (Some(gimli::DW_ACCESS_private), _) | (None, RecordKind::Class) => Access::Private,
        _ => Access::Public,
    }
}

fn signed<R: gimli::Reader>(value: AttributeValue<R>) -> Option<i128> {
    match value {
        AttributeValue::Sdata(value) => Some(value.into()),
        value => value.udata_value().map(i128::from),
    }
}

/// The value of an enumerator.
fn enum_value<R: gimli::Reader>(value: AttributeValue<R>) -> Option<i128> {
    match value {
        AttributeValue::Data16(value) => Some(i128::from_ne_bytes(value.to_ne_bytes())),
        value => signed(value),
    }
}

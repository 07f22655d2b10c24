//! CodeView: the types of PDBs, and of objects before a linker puts them into one.
//!
//! ```text
//! 0x1000  field list  | member a: 0x74, at 0 | bit-field 0x1002, at 4 | base class 0x1004 |
//! 0x1001  struct S    | fields 0x1000, 8 bytes, name "ns::S"
//! 0x1002  bit-field   | of 0x74, 3 bits from bit 5
//! ```
//!
//! Records are numbered from 0x1000; numbers below are built-in types. A record refers to earlier ones,
//! and to later ones by a forward reference of the same name.
//!
//! Anonymous members are not there: compilers list what is inside of them as members of what is around.

mod msf;
mod names;
mod pdb;
mod primitive;

use std::collections::HashMap;

use cwire_layout::types::{Access, RecordKind};
use ms_codeview::parser::Parser;
use ms_codeview::syms::{SymIter, SymKind, Udt};
use ms_codeview::types::fields::Field;
use ms_codeview::types::number::Number;
use ms_codeview::types::{
    Leaf, MemberFunc, Pointer, TypeData, TypeIndex, TypeRecord, TypesIter, UdtProperties,
};

use crate::error::DebugInfoErrorKind;
use crate::graph::{
    BaseNode, EnumNode, Graph, MemberNode, MemberPlace, Name, Node, NodeId, Place, RecordNode, Ref,
    TooManyNames,
};
pub(crate) use pdb::{Pdb, object_types};

/// Number of the first record.
const FIRST: u32 = 0x1000;
/// What a field list continues in, one after the other.
const MAX_CONTINUATIONS: usize = 1 << 12;

/// Reads type records into a graph.
struct Reader<'g, 'd> {
    graph: &'g mut Graph,
    records: Vec<TypeRecord<'d>>,
    /// Keys: twice the number of a record, and one more for what is inside of a qualified pointer.
    base: u64,
    /// Fields and arguments that may still be read: records may share lists, but not without end.
    budget: usize,
    origins: HashMap<u32, Place>,
}

/// The records of a run of them.
fn records<'d>(section: &str, bytes: &'d [u8]) -> Result<Vec<TypeRecord<'d>>, DebugInfoErrorKind> {
    let mut iter = TypesIter::new(bytes);
    let found = iter.by_ref().collect();
    let left = iter.rest().len();
    if left != 0 {
        let offset = u64::try_from(bytes.len() - left).ok();
        return Err(DebugInfoErrorKind::malformed(section, offset, "a type record is cut off"));
    }
    Ok(found)
}

/// A section or stream whose names or lists need more memory than its size accounts for.
fn limit(section: &str, what: &str) -> DebugInfoErrorKind {
    DebugInfoErrorKind::Limit { what: format!("{section}: {what}") }
}

/// Reads the types of one stream, and the typedefs of `symbols` of them.
fn read(
    graph: &mut Graph,
    section: &str,
    bytes: &[u8],
    origins: HashMap<u32, Place>,
    symbols: &[u8],
) -> Result<(), DebugInfoErrorKind> {
    let names =
        |_: TooManyNames| limit(section, "more bytes of names than fit the size of the file");
    graph.names.allow(bytes.len().saturating_add(symbols.len()));
    let base = graph.space(1 << 34);
    let records = records(section, bytes)?;
    let mut reader = Reader { graph, records, base, budget: bytes.len(), origins };
    reader.primitives().map_err(names)?;
    for index in 0..reader.records.len() {
        reader.record(index).map_err(names)?;
    }
    if reader.budget == 0 {
        return Err(limit(section, "more fields of records than fit the size of the file"));
    }
    reader.typedefs(symbols).map_err(names)
}

impl Reader<'_, '_> {
    fn key(&self, number: u32) -> u64 {
        self.base.saturating_add(2 * u64::from(number))
    }

    fn reference(&self, index: TypeIndex) -> Ref {
        match index.0 {
            0 => Ref::Void,
            number => Ref::Key(self.key(number)),
        }
    }

    fn primitives(&mut self) -> Result<(), TooManyNames> {
        for number in 1..FIRST {
            let key = self.key(number);
            if let Some(node) = primitive::node(self.graph, number, |number| {
                Ref::Key(self.base.saturating_add(2 * u64::from(number)))
            })? {
                self.graph.push(key, node);
            }
        }
        Ok(())
    }

    fn data(&self, index: TypeIndex) -> Option<TypeData<'_>> {
        let record = self.records.get(index.0.checked_sub(FIRST)? as usize)?;
        record.parse().ok()
    }

    fn record(&mut self, position: usize) -> Result<(), TooManyNames> {
        let Some(record) = self.records.get(position).cloned() else { return Ok(()) };
        let Some(number) = u32::try_from(position).ok().and_then(|p| p.checked_add(FIRST)) else {
            return Ok(());
        };
        let key = self.key(number);
        if record.kind == Leaf::LF_MFUNCTION {
            let node = self.member_function(record.data);
            self.graph.push(key, node);
            return Ok(());
        }
        let node = match record.parse() {
            Ok(TypeData::Struct(found)) => {
                let kind = match record.kind {
                    Leaf::LF_CLASS => RecordKind::Class,
                    _ => RecordKind::Struct,
                };
                let body = Body {
                    kind,
                    properties: found.fixed.property.get(),
                    fields: found.fixed.field_list.get(),
                    size: number_of(&found.length),
                    virtuals: found.fixed.vtable_shape.get().0 != 0,
                };
                let name = names::display(&found.name.to_string());
                self.body(&body, &name, found.unique_name.map(ToString::to_string), number)?
            }
            Ok(TypeData::Union(found)) => {
                let body = Body {
                    kind: RecordKind::Union,
                    properties: found.fixed.property.get(),
                    fields: found.fixed.fields.get(),
                    size: number_of(&found.length),
                    virtuals: false,
                };
                let name = names::display(&found.name.to_string());
                self.body(&body, &name, found.unique_name.map(ToString::to_string), number)?
            }
            Ok(TypeData::Enum(found)) => {
                let properties = found.fixed.property.get();
                let name = names::display(&found.name.to_string());
                let unique = found.unique_name.map(ToString::to_string);
                let fields = found.fixed.fields.get();
                let underlying = self.reference(found.fixed.underlying_type.get());
                self.enumeration(&properties, &name, unique, fields, underlying, number)?
            }
            Ok(TypeData::Pointer(pointer)) => return self.pointer(&pointer, key),
            Ok(TypeData::Modifier(modifier)) => Node::Qualified {
                target: self.reference(modifier.underlying_type.get()),
                is_const: modifier.is_const(),
                is_volatile: modifier.is_volatile(),
            },
            Ok(TypeData::Array(array)) => {
                let element = self.reference(array.fixed.element_type.get());
                match number_of(&array.len) {
                    Some(size) => Node::SizedArray { element, size },
                    None => Node::Opaque("an array of unknown length".to_owned()),
                }
            }
            Ok(TypeData::Bitfield(_)) => Node::Opaque("a bit-field".to_owned()),
            Ok(TypeData::Alias(alias)) => Node::Alias(self.reference(alias.utype)),
            Ok(TypeData::Proc(found)) => {
                let returns = self.reference(found.return_value.get());
                self.function(returns, found.arg_list.get())
            }
            Ok(_) => return Ok(()),
            Err(_) => Node::Opaque("of a malformed record".to_owned()),
        };
        self.graph.push(key, node);
        Ok(())
    }

    fn member_function(&mut self, data: &[u8]) -> Node {
        let mut parser = Parser::new(data);
        match parser.get::<MemberFunc>() {
            Ok(found) => {
                let returns = self.reference(found.return_value.get());
                self.function(returns, found.arg_list.get())
            }
            Err(_) => Node::Opaque("of a malformed record".to_owned()),
        }
    }

    fn function(&mut self, returns: Ref, arguments: TypeIndex) -> Node {
        let mut params = Vec::new();
        let mut variadic = false;
        if let Some(TypeData::ArgList(list)) = self.data(arguments) {
            let spent = list.args.len();
            for argument in list.args.iter().take(self.budget) {
                match argument.get() {
                    TypeIndex(0) => variadic = true,
                    index => params.push(self.reference(index)),
                }
            }
            self.budget = self.budget.saturating_sub(spent);
        }
        Node::Function { returns, params, variadic }
    }

    fn pointer(&mut self, pointer: &Pointer<'_>, key: u64) -> Result<(), TooManyNames> {
        let target = self.reference(pointer.fixed.ty.get());
        let attr = pointer.fixed.attr();
        let size = u64::from(attr.size());
        let node = match attr.mode() {
            1 => Node::Reference { target, rvalue: false },
            4 => Node::Reference { target, rvalue: true },
            2 | 3 => match Parser::new(pointer.variant).type_index() {
                Ok(class) => Node::MemberPointer { class: self.reference(class), target },
                Err(_) => Node::Opaque("a pointer to a member of no class".to_owned()),
            },
            _ => Node::Pointer { target, size: (size != 0).then_some(size) },
        };
        let (is_const, is_volatile) = (attr.r#const(), attr.volatile());
        if is_const || is_volatile {
            let inner = key.saturating_add(1);
            self.graph
                .push(key, Node::Qualified { target: Ref::Key(inner), is_const, is_volatile });
            self.graph.push(inner, node);
        } else {
            self.graph.push(key, node);
        }
        Ok(())
    }

    fn body(
        &mut self,
        body: &Body,
        name: &str,
        unique: Option<String>,
        number: u32,
    ) -> Result<Node, TooManyNames> {
        let mut node = RecordNode {
            kind: body.kind,
            name: self.graph.names.intern(name)?,
            link: self.link(unique)?,
            place: self.origins.get(&number).copied().unwrap_or_default(),
            completes: None,
            incomplete: body.properties.fwdref(),
            cxx: body.properties.hasuniquename(),
            size: body.size,
            align: None,
            says_align: false,
            bases: Vec::new(),
            members: Vec::new(),
            refused: None,
        };
        if node.incomplete {
            return Ok(Node::Record(Box::new(node)));
        }
        // `__m128` and its like are unions that are aligned as a whole.
        if body.properties.intrinsic() {
            node.align = body.size.filter(|size| size.is_power_of_two());
        }
        if body.virtuals {
            node.refused = Some("it has virtual functions");
        }
        for field in self.fields(body.fields) {
            match field {
                Some(field) => self.field(&mut node, &field)?,
                None => node.refused = Some("a list of its members is malformed"),
            }
        }
        Ok(Node::Record(Box::new(node)))
    }

    fn link(&mut self, unique: Option<String>) -> Result<Name, TooManyNames> {
        match unique {
            Some(unique) => self.graph.names.intern(&unique),
            None => Ok(Name::NONE),
        }
    }

    /// The fields of a list and of those that it continues in; `None` where it is malformed.
    fn fields(&mut self, list: TypeIndex) -> Vec<Option<OwnedField>> {
        let mut found = Vec::new();
        let mut next = Some(list).filter(|list| list.0 != 0);
        for _ in 0..MAX_CONTINUATIONS {
            let Some(list) = next.take() else { return found };
            let Some(TypeData::FieldList(fields)) = self.data(list) else { break };
            let mut parser = Parser::new(fields.bytes);
            let mut spent = 0;
            loop {
                skip_padding(&mut parser);
                if parser.is_empty() || spent >= self.budget {
                    break;
                }
                spent += 1;
                match Field::parse(&mut parser) {
                    Ok(Field::Index(more)) => next = Some(more),
                    Ok(field) => found.extend(OwnedField::of(&field).map(Some)),
                    Err(_) => {
                        found.push(None);
                        break;
                    }
                }
            }
            self.budget -= spent;
        }
        found.push(None);
        found
    }

    fn field(&mut self, node: &mut RecordNode, field: &OwnedField) -> Result<(), TooManyNames> {
        match field {
            OwnedField::Member { ty, offset: Some(offset), name, access } => {
                let (ty, place) = match self.data(*ty) {
                    Some(TypeData::Bitfield(bits)) => {
                        let (width, from_bottom) = (bits.length.into(), bits.position.into());
                        let ty = self.reference(bits.underlying_type.get());
                        (ty, MemberPlace::Low { offset: *offset, from_bottom, width })
                    }
                    _ => (self.reference(*ty), MemberPlace::Byte(*offset)),
                };
                let name = self.graph.names.intern(name)?;
                let access = *access;
                node.members.push(MemberNode { name, ty, place, align: None, access });
            }
            OwnedField::Base { ty, offset: Some(offset), access } => {
                let (ty, offset, access) = (self.reference(*ty), *offset, *access);
                node.bases.push(BaseNode { ty, offset, access });
            }
            OwnedField::VirtualBase => node.refused = Some("it has a virtual base class"),
            OwnedField::Virtuals => node.refused = Some("it has virtual functions"),
            OwnedField::Member { .. } | OwnedField::Base { .. } => {
                node.refused = Some("a list of its members is malformed");
            }
            OwnedField::Enumerator { .. } => {}
        }
        Ok(())
    }

    fn enumeration(
        &mut self,
        properties: &UdtProperties,
        name: &str,
        unique: Option<String>,
        fields: TypeIndex,
        underlying: Ref,
        number: u32,
    ) -> Result<Node, TooManyNames> {
        let mut node = EnumNode {
            name: self.graph.names.intern(name)?,
            link: self.link(unique)?,
            place: self.origins.get(&number).copied().unwrap_or_default(),
            completes: None,
            incomplete: properties.fwdref(),
            size: None,
            align: None,
            underlying,
            values: Vec::new(),
        };
        if !node.incomplete {
            for field in self.fields(fields).into_iter().flatten() {
                if let OwnedField::Enumerator { name, value: Some(value) } = field {
                    let name = self.graph.names.intern(&name)?;
                    node.values.push((name, value));
                }
            }
        }
        Ok(Node::Enum(Box::new(node)))
    }

    /// Typedefs are symbols. Those of a record's own name are not typedefs of the source.
    fn typedefs(&mut self, symbols: &[u8]) -> Result<(), TooManyNames> {
        let base = self.graph.space(symbols.len() as u64);
        let mut key = base;
        for symbol in SymIter::new(symbols) {
            if symbol.kind != SymKind::S_UDT {
                continue;
            }
            let Ok(udt) = Parser::new(symbol.data).parse::<Udt<'_>>() else { continue };
            let target = self.reference(udt.type_);
            let name = names::display(&udt.name.to_string());
            let name = self.graph.names.intern(&name)?;
            if name.is_none() || self.own_name(target) == name {
                continue;
            }
            key = key.saturating_add(1);
            self.graph.push(key, Node::Typedef { name, target, align: None });
        }
        Ok(())
    }

    fn own_name(&self, target: Ref) -> Name {
        match self.graph.find(target).map(|id: NodeId| self.graph.node(id)) {
            Some(Node::Record(record)) => record.name,
            Some(Node::Enum(node)) => node.name,
            _ => Name::NONE,
        }
    }
}

/// What structs, classes and unions have in common.
struct Body {
    kind: RecordKind,
    properties: UdtProperties,
    fields: TypeIndex,
    size: Option<u64>,
    virtuals: bool,
}

/// A field that decides a layout.
enum OwnedField {
    Member { ty: TypeIndex, offset: Option<u64>, name: String, access: Access },
    Base { ty: TypeIndex, offset: Option<u64>, access: Access },
    VirtualBase,
    Virtuals,
    Enumerator { name: String, value: Option<i128> },
}

impl OwnedField {
    fn of(field: &Field<'_>) -> Option<Self> {
        Some(match field {
            Field::Member(member) => Self::Member {
                ty: member.ty,
                offset: number_of(&member.offset),
                name: member.name.to_string(),
                access: access(member.attr),
            },
            Field::BaseClass(base) => Self::Base {
                ty: base.ty,
                offset: number_of(&base.offset),
                access: access(base.attr),
            },
            Field::DirectVirtualBaseClass(_) | Field::IndirectVirtualBaseClass(_) => {
                Self::VirtualBase
            }
            Field::VFuncTable(_) | Field::VFuncOffset(_) => Self::Virtuals,
            Field::Enumerate(found) => Self::Enumerator {
                name: found.name.to_string(),
                value: i128::try_from(found.value).ok(),
            },
            _ => return None,
        })
    }
}

/// Skips what aligns fields: bytes `0xf1` to `0xff`, of which the low bits say how many are left.
fn skip_padding(parser: &mut Parser<'_>) {
    while let Some(&byte) = parser.peek_rest().first()
        && byte >= 0xf0
    {
        if parser.skip(usize::from(byte & 0xf).max(1)).is_err() {
            *parser = Parser::new(&[]);
        }
    }
}

/// `CV_fldattr_t`, the two lowest bits; 0 is not said.
fn access(attr: u16) -> Access {
    match attr & 3 {
        1 => Access::Private,
        2 => Access::Protected,
        _ => Access::Public,
    }
}

fn number_of(number: &Number<'_>) -> Option<u64> {
    u64::try_from(*number).ok()
}

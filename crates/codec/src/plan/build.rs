//! Compiles a record of [`Types`] into the tree of its parts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cwire_layout::Types;
use cwire_layout::abi::{Endian, LongDoubleFormat};
use cwire_layout::place::Place;
use cwire_layout::types::{Basic, EnumId, MemberDef, RecordId, RecordKind, Type, TypeId};

use super::annotations::Annotations;
use super::enumerators::Enumerators;
use super::error::{PlanError, PlanErrorKind};
use super::float::FloatFormat;
use super::leaf::{Dimension, Leaf, LeafKind};
use super::options::{EnumForm, PlanOptions};
use super::tree::{
    Choice, Count, Kind, Len, List, Member, Node, Object, Part, Parts, ScalarNode, TextNode, Unit,
};
use super::visit::Key;

/// Records and arrays inside each other: what walks the tree recurses.
const MAX_DEPTH: usize = 256;

/// Parts of a record; an array counts as one, and its element as another.
const MAX_PARTS: usize = 1 << 16;

pub(crate) struct Builder<'a> {
    types: &'a Types,
    options: &'a PlanOptions,
    endian: Endian,
    pub(crate) leaves: Vec<Leaf>,
    enums: HashMap<EnumId, Arc<Enumerators>>,
    /// The arrays around what is compiled now.
    dimensions: Vec<Dimension>,
    /// The C path of what is compiled now.
    path: String,
    depth: usize,
    parts: usize,
    /// Annotated fields that were found.
    pub(crate) annotated: HashSet<(Box<str>, Box<str>)>,
    pub(crate) has_tail: bool,
}

/// A member before its name in the object is known.
struct Found<'a> {
    def: &'a MemberDef,
    place: Place,
    /// The records it is a member of, innermost first, up to the object, with their offsets in the
    /// object, in bytes. Those in between are anonymous or bases.
    owners: Vec<(RecordId, usize)>,
    /// How many bases it is inside of, and the innermost of them.
    bases: usize,
    class: Option<RecordId>,
    may_end: bool,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(types: &'a Types, options: &'a PlanOptions, endian: Endian) -> Self {
        Self {
            types,
            options,
            endian,
            leaves: Vec::new(),
            enums: HashMap::new(),
            dimensions: Vec::new(),
            path: String::new(),
            depth: 0,
            parts: 0,
            annotated: HashSet::new(),
            has_tail: false,
        }
    }

    fn fail(&self, id: RecordId, kind: PlanErrorKind) -> PlanError {
        let record = &self.types.record(id).name;
        match self.path.as_str() {
            "" => PlanError::new(record, kind),
            path => PlanError::new(&format!("{record}.{path}"), kind),
        }
    }

    /// Compiles a record whose first bit is `base_bits` from that of the outermost; `may_end` says
    /// whether it may end in an array without length.
    pub(crate) fn object(
        &mut self,
        root: RecordId,
        id: RecordId,
        base_bits: u64,
        may_end: bool,
    ) -> Result<Object, PlanError> {
        let record = self.types.record(id);
        let Some(definition) = &record.definition else {
            return Err(self.fail(root, PlanErrorKind::Incomplete));
        };
        let size = definition.layout.layout.size;
        let Some(size) = usize::try_from(size).ok().filter(|&size| size <= isize::MAX as usize / 8)
        else {
            return Err(self.fail(root, PlanErrorKind::TooLarge { size }));
        };
        let mut found = Vec::new();
        let mut scope = Scope { owners: vec![(id, 0)], bases: 0, class: None, may_end };
        let parts = self.flatten(id, 0, &mut scope, &mut found);
        let keys = self.keys(&found);
        let mut members = Vec::new();
        for (found, key) in found.iter().zip(&keys) {
            members.push(self.member(root, found, key, base_bits)?);
        }
        let index = keys.into_iter().map(Into::into).zip(0..).collect();
        let has_values = members.iter().any(|member| member.node.has_values());
        Ok(Object { name: record.name.clone(), size, has_values, members, parts, index })
    }

    /// Lists the members of a record, those of anonymous members and bases among them.
    fn flatten(
        &self,
        id: RecordId,
        base_bits: u64,
        scope: &mut Scope,
        found: &mut Vec<Found<'a>>,
    ) -> Parts {
        let record = self.types.record(id);
        let is_union = record.kind == RecordKind::Union;
        let mut parts = Vec::new();
        let Some(definition) = &record.definition else { return Parts { is_union, parts } };
        let layout = &definition.layout;
        for (base, place) in definition.def.bases.iter().zip(&layout.bases) {
            let at = base_bits + place.offset_bits;
            let outer = (scope.bases, scope.class, scope.may_end);
            (scope.bases, scope.class, scope.may_end) = (outer.0 + 1, Some(base.record), false);
            parts.push(Part::Group(self.inner(base.record, at, scope, found)));
            (scope.bases, scope.class, scope.may_end) = outer;
        }
        let members = &definition.def.members;
        let is_padding = |def: &MemberDef| def.width_bits.is_some() && def.name.is_empty();
        let last = members.iter().rposition(|def| !is_padding(def));
        for (at, (def, &place)) in members.iter().zip(&layout.members).enumerate() {
            let place = Place { offset_bits: base_bits + place.offset_bits, ..place };
            let outer = scope.may_end;
            scope.may_end = outer && (is_union || Some(at) == last);
            match self.types.get(self.types.strip(def.ty)) {
                _ if is_padding(def) => {}
                Type::Record(inner) if def.name.is_empty() => {
                    parts.push(Part::Group(self.inner(*inner, place.offset_bits, scope, found)));
                }
                // Nothing can name it: its bits are padding.
                _ if def.name.is_empty() => {}
                _ => {
                    parts.push(Part::Member(found.len()));
                    found.push(Found {
                        def,
                        place,
                        owners: scope.owners.iter().rev().copied().collect(),
                        bases: scope.bases,
                        class: scope.class,
                        may_end: scope.may_end,
                    });
                }
            }
            scope.may_end = outer;
        }
        Parts { is_union, parts }
    }

    /// A base or an anonymous member. The layout engine limits how many there are and how deep.
    fn inner(
        &self,
        id: RecordId,
        base_bits: u64,
        scope: &mut Scope,
        found: &mut Vec<Found<'a>>,
    ) -> Parts {
        scope.owners.push((id, bytes(base_bits)));
        let parts = self.flatten(id, base_bits, scope, found);
        scope.owners.pop();
        parts
    }

    /// A name for each member. One that a derived class's member hides gets its class in front, as
    /// C++ spells it (C++17 class.qual); what is still not unique gets a number.
    fn keys(&self, found: &[Found<'_>]) -> Vec<String> {
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by_key(|&index| found.get(index).map(|found| found.bases));
        let mut used = HashSet::new();
        let mut keys = vec![String::new(); found.len()];
        for index in order {
            let (Some(one), Some(slot)) = (found.get(index), keys.get_mut(index)) else { continue };
            let mut key = one.def.name.to_string();
            if let Some(class) = one.class.filter(|_| used.contains(&key)) {
                key = format!("{}::{key}", self.types.record(class).name);
            }
            let plain = key.clone();
            let mut number = 2;
            while used.contains(&key) {
                key = format!("{plain}#{number}");
                number += 1;
            }
            used.insert(key.clone());
            *slot = key;
        }
        keys
    }

    fn member(
        &mut self,
        root: RecordId,
        found: &Found<'_>,
        key: &str,
        base_bits: u64,
    ) -> Result<Member, PlanError> {
        let outer = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        let at_bits = base_bits.saturating_add(found.place.offset_bits);
        let is_bit_field = found.def.width_bits.is_some();
        let mut node = match is_bit_field {
            true => self.bit_field(root, found.def.ty, found.place, at_bits)?,
            false => self.node(root, found.def.ty, at_bits, found.may_end)?,
        };
        let tag = self.annotate(root, found, &mut node)?;
        self.path.truncate(outer);
        Ok(Member { key: Key::new(key), offset: bytes(found.place.offset_bits), node, tag })
    }

    /// Gives a member its tag or count.
    fn annotate(
        &mut self,
        root: RecordId,
        found: &Found<'_>,
        node: &mut Node,
    ) -> Result<Option<Choice>, PlanError> {
        let annotations: &Annotations = &self.options.annotations;
        if annotations.is_empty() {
            return Ok(None);
        }
        let field = &found.def.name;
        let spelled = || self.types.spell(found.def.ty);
        let mut choice = None;
        for &(owner, offset) in &found.owners {
            let record = &self.types.record(owner).name;
            if let Some(count) = annotations.count_of(record, field) {
                let count = Count { count: Arc::clone(count), owner: offset };
                match node {
                    Node::List(list) => list.len.count = Some(count),
                    Node::Text(text) => text.len.count = Some(count),
                    _ => {
                        let kind =
                            PlanErrorKind::WrongField { needed: "an array", found: spelled() };
                        return Err(self.fail(root, kind));
                    }
                }
                self.annotated.insert((record.clone(), field.clone()));
            }
            if let Some(tag) = annotations.tag_of(record, field) {
                let Node::Object(union) = &*node else {
                    let kind = PlanErrorKind::WrongField { needed: "a union", found: spelled() };
                    return Err(self.fail(root, kind));
                };
                let mut members = Vec::new();
                for name in &*tag.members {
                    let Some(&index) = union.index.get(name) else {
                        let known = union.members.iter();
                        let known = known.map(|one| one.key.name.to_string()).collect();
                        let path = format!("{}.{}.{name}", self.types.record(root).name, self.path);
                        return Err(PlanError::new(&path, PlanErrorKind::UnknownField { known }));
                    };
                    members.push(index);
                }
                let members = members.into();
                self.annotated.insert((record.clone(), field.clone()));
                choice = Some(Choice { tag: tag.clone(), owner: offset, members });
            }
        }
        Ok(choice)
    }

    /// A member that is no bit-field, or an element of an array.
    fn node(
        &mut self,
        root: RecordId,
        ty: TypeId,
        at_bits: u64,
        may_end: bool,
    ) -> Result<Node, PlanError> {
        self.parts += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.too_complex(root, "levels", MAX_DEPTH));
        }
        if self.parts > MAX_PARTS {
            return Err(self.too_complex(root, "fields", MAX_PARTS));
        }
        let node = self.node_inside(root, ty, at_bits, may_end)?;
        self.depth -= 1;
        Ok(node)
    }

    fn too_complex(&self, root: RecordId, what: &'static str, max: usize) -> PlanError {
        // The path is as long as the record is deep.
        let record = &self.types.record(root).name;
        PlanError::new(record, PlanErrorKind::TooComplex { what, max })
    }

    fn node_inside(
        &mut self,
        root: RecordId,
        ty: TypeId,
        at_bits: u64,
        may_end: bool,
    ) -> Result<Node, PlanError> {
        let types = self.types;
        let core = types.strip(ty);
        match *types.get(core) {
            Type::Record(id) => {
                let object = self.object(root, id, at_bits, may_end)?;
                Ok(Node::Object(Box::new(object)))
            }
            Type::Array { element, len } => {
                let fixed = match len {
                    None | Some(0) if may_end => None,
                    len => Some(len.unwrap_or(0)),
                };
                self.has_tail |= fixed.is_none();
                if let Some(unit) = self.unit_of(element) {
                    return self.text(root, ty, unit, fixed, at_bits);
                }
                self.list(root, element, fixed, at_bits, false)
            }
            Type::Vector { element, len } => self.list(root, element, Some(len), at_bits, true),
            Type::Complex(basic) => {
                // A type of its own has no id unless something else is of it; the spelling and the
                // size are all that is needed.
                let size = self.size_of(root, ty)? / 2;
                let kind = self.basic(basic);
                let dimension = Dimension { len: Some(2), stride: size };
                self.path.push_str("[]");
                self.dimensions.push(dimension);
                let ctype = types.spell(core);
                let ctype = ctype.strip_prefix("_Complex ").unwrap_or(&ctype).to_owned();
                let element = self.scalar(root, ctype, kind, size, at_bits)?;
                self.dimensions.pop();
                self.path.truncate(self.path.len() - 2);
                let len = Len { fixed: Some(2), count: None };
                let stride = self.to_usize(root, size)?;
                Ok(Node::List(List { element: Box::new(element), stride, len }))
            }
            // It may have more bytes than what is in it; those at the end are padding.
            Type::Atomic(inner) => self.node(root, inner, at_bits, may_end),
            _ => {
                let size = self.size_of(root, core)?;
                let kind = match self.unit_of(ty) {
                    Some(_) => ScalarKind::new(Kind::Char, LeafKind::Char),
                    None => self.kind_of(core),
                };
                self.scalar(root, types.spell(ty), kind, size, at_bits)
            }
        }
    }

    fn size_of(&self, root: RecordId, ty: TypeId) -> Result<u64, PlanError> {
        let layout = self.types.layout_of(ty);
        layout
            .map(|layout| layout.size)
            .map_err(|error| self.fail(root, PlanErrorKind::Layout(error)))
    }

    fn to_usize(&self, root: RecordId, size: u64) -> Result<usize, PlanError> {
        usize::try_from(size).map_err(|_| self.fail(root, PlanErrorKind::TooLarge { size }))
    }

    fn list(
        &mut self,
        root: RecordId,
        element: TypeId,
        fixed: Option<u64>,
        at_bits: u64,
        is_vector: bool,
    ) -> Result<Node, PlanError> {
        let stride = self.size_of(root, element)?;
        self.path.push_str("[]");
        self.dimensions.push(Dimension { len: fixed, stride });
        let core = self.types.strip(element);
        let node = match (is_vector, self.types.get(core)) {
            // Lanes of a vector are numbers, of `char` too.
            (true, &Type::Basic(basic @ (Basic::Char | Basic::Char8))) => {
                let signed = basic == Basic::Char && self.types.abi().char_is_signed();
                let kind = match signed {
                    true => ScalarKind::new(Kind::Int, LeafKind::Int),
                    false => ScalarKind::new(Kind::UInt, LeafKind::UInt),
                };
                self.scalar(root, self.types.spell(element), kind, stride, at_bits)?
            }
            _ => self.node(root, element, at_bits, false)?,
        };
        self.dimensions.pop();
        self.path.truncate(self.path.len() - 2);
        let fixed = fixed.map(|fixed| self.to_usize(root, fixed)).transpose()?;
        let stride = self.to_usize(root, stride)?;
        let len = Len { fixed, count: None };
        Ok(Node::List(List { element: Box::new(node), stride, len }))
    }

    fn text(
        &mut self,
        root: RecordId,
        ty: TypeId,
        unit: Unit,
        fixed: Option<u64>,
        at_bits: u64,
    ) -> Result<Node, PlanError> {
        let size_bits = fixed.unwrap_or(0).saturating_mul(unit.size() as u64 * 8);
        let leaf = self.leaf(self.types.spell(ty), LeafKind::Text, at_bits, size_bits);
        let fixed = fixed.map(|fixed| self.to_usize(root, fixed)).transpose()?;
        Ok(Node::Text(TextNode { leaf, unit, len: Len { fixed, count: None } }))
    }

    fn leaf(&mut self, ctype: String, kind: LeafKind, offset_bits: u64, size_bits: u64) -> usize {
        let (path, dimensions) = (self.path.clone(), self.dimensions.clone());
        self.leaves.push(Leaf { path, ctype, offset_bits, size_bits, kind, dimensions });
        self.leaves.len() - 1
    }

    /// A scalar that has bytes of its own.
    fn scalar(
        &mut self,
        root: RecordId,
        ctype: String,
        kind: ScalarKind,
        size: u64,
        at_bits: u64,
    ) -> Result<Node, PlanError> {
        let all_bits = size.saturating_mul(8);
        let width = kind.width.map_or(all_bits, |width| all_bits.min(u64::from(width)));
        // The value is in the low bits: at the end of the bytes in big-endian records.
        let skipped = match self.endian {
            Endian::Little => 0,
            Endian::Big => all_bits - width,
        };
        let leaf = self.leaf(ctype, kind.leaf, at_bits.saturating_add(skipped), width);
        let size = self.to_usize(root, size)?;
        let too_large = || self.fail(root, PlanErrorKind::TooLarge { size: size as u64 });
        let width = u32::try_from(width).map_err(|_| too_large())?;
        let first_bit = u32::try_from(skipped).map_err(|_| too_large())?;
        Ok(Node::Scalar(ScalarNode { leaf, kind: widen(kind.kind, width), size, first_bit, width }))
    }

    fn bit_field(
        &mut self,
        root: RecordId,
        ty: TypeId,
        place: Place,
        at_bits: u64,
    ) -> Result<Node, PlanError> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(self.too_complex(root, "fields", MAX_PARTS));
        }
        let core = self.types.strip(ty);
        let kind = match self.unit_of(ty).map(Unit::size) {
            // A few bits are a number, not a character.
            Some(1) if self.types.get(core) == &Type::Basic(Basic::Char) => {
                match self.types.abi().char_is_signed() {
                    true => ScalarKind::new(Kind::Int, LeafKind::Int),
                    false => ScalarKind::new(Kind::UInt, LeafKind::UInt),
                }
            }
            _ => self.kind_of(core),
        };
        // C has none of these: what somebody made up has bits all the same.
        let kind = match kind.kind {
            Kind::Float(_) => ScalarKind::new(Kind::UInt, LeafKind::UInt),
            _ => kind,
        };
        let leaf = self.leaf(self.types.spell(ty), kind.leaf, at_bits, place.size_bits);
        let too_large = || self.fail(root, PlanErrorKind::TooLarge { size: place.size_bits / 8 });
        let width = u32::try_from(place.size_bits).map_err(|_| too_large())?;
        let first_bit = u32::try_from(place.offset_bits % 8).map_err(|_| too_large())?;
        let size = (first_bit as usize + width as usize).div_ceil(8);
        Ok(Node::Scalar(ScalarNode { leaf, kind: widen(kind.kind, width), size, first_bit, width }))
    }

    /// The unit of a text, if an array of the type is text: `char`, and the character types of C++ and,
    /// by the names of their typedefs, of C.
    fn unit_of(&self, mut ty: TypeId) -> Option<Unit> {
        let types = self.types;
        let mut is_wide = false;
        loop {
            match types.get(ty) {
                Type::Typedef(id) => {
                    let typedef = types.typedef(*id);
                    let name = typedef.name.strip_prefix("std::").unwrap_or(&typedef.name);
                    is_wide |= matches!(name, "wchar_t" | "char8_t" | "char16_t" | "char32_t");
                    ty = typedef.target;
                }
                Type::Qualified { ty: inner, .. } => ty = *inner,
                Type::Basic(Basic::Char) => return Some(Unit::Char),
                Type::Basic(Basic::Char8) => return Some(Unit::Utf8),
                Type::Basic(Basic::WChar | Basic::Char16 | Basic::Char32) => break,
                Type::Basic(_) if is_wide => break,
                _ => return None,
            }
        }
        match types.layout_of(ty).ok()?.size {
            1 => Some(Unit::Utf8),
            2 => Some(Unit::Utf16),
            4 => Some(Unit::Utf32),
            _ => None,
        }
    }

    fn kind_of(&mut self, core: TypeId) -> ScalarKind {
        match *self.types.get(core) {
            Type::Basic(basic) => self.basic(basic),
            Type::BitInt { width_bits, signed } => {
                let kind = if signed { Kind::Int } else { Kind::UInt };
                let leaf = if signed { LeafKind::Int } else { LeafKind::UInt };
                ScalarKind { kind, leaf, width: Some(width_bits) }
            }
            Type::Enum(id) => ScalarKind::new(Kind::Enum(self.enumerators(id)), LeafKind::Enum),
            _ => ScalarKind::new(Kind::UInt, LeafKind::Pointer),
        }
    }

    fn basic(&self, basic: Basic) -> ScalarKind {
        let abi = self.types.abi();
        let float = |format| {
            let width = (format == FloatFormat::X87).then_some(80);
            ScalarKind { kind: Kind::Float(format), leaf: LeafKind::Float, width }
        };
        let is_signed = match basic {
            Basic::Bool => return ScalarKind::new(Kind::Bool, LeafKind::Bool),
            Basic::Float16 => return float(FloatFormat::Half),
            Basic::Float => return float(FloatFormat::Single),
            Basic::Double => return float(FloatFormat::Double),
            Basic::Float128 => return float(FloatFormat::Quad),
            Basic::LongDouble => {
                return float(match abi.long_double_format() {
                    LongDoubleFormat::Double => FloatFormat::Double,
                    LongDoubleFormat::X87 => FloatFormat::X87,
                    LongDoubleFormat::DoubleDouble => FloatFormat::DoubleDouble,
                    LongDoubleFormat::Quad => FloatFormat::Quad,
                });
            }
            Basic::NullPtr => return ScalarKind::new(Kind::UInt, LeafKind::Pointer),
            Basic::Char => abi.char_is_signed(),
            // Signed where a bit-field or an arithmetic use asks: 4 bytes are `int` but on ARM.
            Basic::WChar => abi.wchar_is_signed(),
            Basic::SChar | Basic::Short | Basic::Int | Basic::Long | Basic::LongLong => true,
            Basic::Int128 => true,
            _ => false,
        };
        match is_signed {
            true => ScalarKind::new(Kind::Int, LeafKind::Int),
            false => ScalarKind::new(Kind::UInt, LeafKind::UInt),
        }
    }

    fn enumerators(&mut self, id: EnumId) -> Arc<Enumerators> {
        if let Some(known) = self.enums.get(&id) {
            return Arc::clone(known);
        }
        let one = self.types.enumeration(id);
        let as_number = self.options.enums == EnumForm::Number;
        let ctype = match &*one.name {
            "" => "enum".to_owned(),
            name => format!("enum {name}"),
        };
        let enumerators = match &one.definition {
            Some(definition) => {
                let underlying = self.types.strip(definition.underlying);
                let is_signed = matches!(self.kind_of(underlying).kind, Kind::Int);
                Enumerators::new(ctype, is_signed, as_number, &definition.values)
            }
            None => Enumerators::new(ctype, false, as_number, &[]),
        };
        let enumerators = Arc::new(enumerators);
        self.enums.insert(id, Arc::clone(&enumerators));
        enumerators
    }
}

/// What is around the members that are listed.
struct Scope {
    /// The records, outermost first, and their offsets in the object, in bytes.
    owners: Vec<(RecordId, usize)>,
    bases: usize,
    class: Option<RecordId>,
    may_end: bool,
}

/// How a type is read.
struct ScalarKind {
    kind: Kind,
    leaf: LeafKind,
    /// Bits of the value, where they are fewer than those of its bytes.
    width: Option<u32>,
}

impl ScalarKind {
    fn new(kind: Kind, leaf: LeafKind) -> Self {
        Self { kind, leaf, width: None }
    }
}

/// What no integer of the host holds is given as hex digits.
fn widen(kind: Kind, width: u32) -> Kind {
    match kind {
        Kind::Int | Kind::UInt | Kind::Enum(_) if width > 128 => Kind::Wide,
        kind => kind,
    }
}

/// Whole bytes before a bit; records are checked to fit memory before.
fn bytes(bits: u64) -> usize {
    usize::try_from(bits / 8).unwrap_or(usize::MAX)
}

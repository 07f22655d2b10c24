//! Values against the bytes that compilers make of them, and what is refused.

mod compilers;
mod refused;
mod set;
mod unions;

use std::sync::Arc;

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{
    Basic, EnumDefinition, MemberDef, RecordDef, RecordId, RecordKind, Type, TypeId,
};

use super::super::{Annotations, Plan, PlanOptions, Short, TextEncoding};
use crate::value::Value;

/// Builds types member by member.
struct Build {
    types: Types,
}

impl Build {
    fn new(abi: Abi) -> Self {
        Self { types: Types::new(abi) }
    }

    fn basic(&mut self, basic: Basic) -> TypeId {
        self.types.basic(basic)
    }

    fn array(&mut self, basic: Basic, len: u64) -> TypeId {
        let element = self.types.basic(basic);
        self.types.array(element, Some(len))
    }

    fn record(&mut self, kind: RecordKind, name: &str, members: Vec<MemberDef>) -> RecordId {
        let id = self.types.add_record(kind, name, None);
        self.types.define_record(id, RecordDef { members, ..RecordDef::default() }).unwrap();
        id
    }

    fn record_type(&mut self, kind: RecordKind, name: &str, members: Vec<MemberDef>) -> TypeId {
        let id = self.record(kind, name, members);
        self.types.record_type(id)
    }

    fn side(&mut self) -> TypeId {
        let underlying = self.basic(Basic::UInt);
        let id = self.types.add_enum("side", None);
        let values = vec![("BUY".into(), 0), ("SELL".into(), 5)];
        let definition = EnumDefinition { values, underlying, align: None, is_fixed: false };
        self.types.define_enum(id, definition);
        self.types.intern(Type::Enum(id))
    }

    fn plan(&self, id: RecordId) -> Plan {
        Plan::new(&self.types, id, &PlanOptions::default()).unwrap()
    }
}

fn field(name: &str, ty: TypeId) -> MemberDef {
    MemberDef::new(name, ty)
}

fn bits(name: &str, ty: TypeId, width: u32) -> MemberDef {
    MemberDef { width_bits: Some(width), ..MemberDef::new(name, ty) }
}

/// A plan of a struct of one member.
fn one(basic: Basic) -> Plan {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let ty = build.basic(basic);
    let id = build.record(RecordKind::Struct, "R", vec![field("a", ty)]);
    build.plan(id)
}

/// The bytes of JSON, which those of the same as a tree are, too.
fn encoded(plan: &Plan, json: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    plan.encode_json(json.as_bytes(), &mut bytes).unwrap_or_else(|error| panic!("{json}: {error}"));
    let mut again = Vec::new();
    plan.encode(&Value::from_json(json.as_bytes()).unwrap(), &mut again).unwrap();
    assert_eq!(bytes, again, "{json}");
    bytes
}

/// Why JSON is refused; nothing is appended.
fn refusal(plan: &Plan, json: &str) -> String {
    let mut bytes = b"before".to_vec();
    let error = plan.encode_json(json.as_bytes(), &mut bytes).expect_err(json);
    assert_eq!(bytes, b"before");
    error.to_string()
}

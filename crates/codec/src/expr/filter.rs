//! Conditions on records, as users type them.

use std::borrow::Cow;
use std::cmp::Ordering;

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;

use super::arith::{Binary, Unary};
use super::program::{Op, Program, Scope, Stop};
use super::{Compiler, EvalError, EvalErrorKind, ExprError, Fields, Kind, Names};
use crate::plan::PlanOptions;

/// A condition on the fields of a record, compiled: `quantity > 100 && symbol == "ABC"`.
///
/// Beside the integers of all expressions it knows floating fields and constants, computed as
/// `double`, and strings: an array of characters is compared up to its first NUL with a string or with
/// another array, by code points. Strings are UTF-8, arrays of `char` in the encoding of the records
/// (UTF-8 unless told otherwise), of bytes likewise, `wchar_t`, `char16_t` and `char32_t` by their width.
/// Offsets of raw reads count from the start of the record, and `remaining()` is
/// how many bytes the record has.
///
/// # Example
///
/// ```
/// use cwire_codec::expr::{Filter, NoNames};
/// use cwire_layout::Types;
/// use cwire_layout::abi::{Abi, Endian};
/// use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind};
///
/// let mut types = Types::new(Abi::X86_64_LINUX);
/// let (char, int) = (types.basic(Basic::Char), types.basic(Basic::Int));
/// let text = types.array(char, Some(4));
/// let order = types.add_record(RecordKind::Struct, "order", None);
/// let members = vec![MemberDef::new("symbol", text), MemberDef::new("quantity", int)];
/// types.define_record(order, RecordDef { members, ..RecordDef::default() })?;
///
/// let text = r#"symbol == "ABC" && quantity > 100"#;
/// let filter = Filter::compile(text, &types, order, Endian::Little, &mut NoNames)?;
/// assert!(filter.matches(b"ABC\0\x65\0\0\0")?);
/// assert!(!filter.matches(b"ABC\0\x64\0\0\0")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    program: Program,
    /// Whether it is about integers alone, which need no tags.
    is_integer: bool,
}

impl Filter {
    /// Compiles the text of a condition on `record`, whose fields are in byte order `endian`.
    ///
    /// # Errors
    ///
    /// The text is no expression, or names what the record and `names` do not know.
    pub fn compile(
        text: &str,
        types: &Types,
        record: RecordId,
        endian: Endian,
        names: &mut dyn Names,
    ) -> Result<Self, ExprError> {
        let options = PlanOptions { endian: Some(endian), ..PlanOptions::default() };
        Self::with_options(text, types, record, &options, names)
    }

    /// The same with the byte order and the text encoding of records that are read with `options`.
    ///
    /// # Errors
    ///
    /// As [`Filter::compile`].
    pub fn with_options(
        text: &str,
        types: &Types,
        record: RecordId,
        options: &PlanOptions,
        names: &mut dyn Names,
    ) -> Result<Self, ExprError> {
        let endian = options.endian.unwrap_or(types.abi().endian());
        let fields = Some(Fields { record, base: 0, endian });
        let (kind, encoding) = (Kind::Filter, options.encoding);
        let mut compiler = Compiler { types, fields, names, tables: None, kind, encoding };
        let program = compiler.program(text)?;
        let is_tagged = |op: &Op| {
            matches!(op, Op::Float(_) | Op::ReadFloat(..) | Op::Text(_) | Op::ReadText(..))
        };
        let is_integer = !program.ops.iter().any(is_tagged);
        Ok(Self { program, is_integer })
    }

    /// Whether the bytes of a record fulfil the condition. Where it reads beyond them they do not.
    ///
    /// # Errors
    ///
    /// The condition has no value for these bytes: it divides by 0, overflows, or indexes outside an
    /// array.
    pub fn matches(&self, record: &[u8]) -> Result<bool, EvalError> {
        let scope = Scope::of_record(record);
        let result = match self.is_integer {
            true => self.program.eval(&scope).map(|value| value != 0),
            false => {
                Run { program: &self.program, scope, stack: Vec::with_capacity(self.program.depth) }
                    .run()
            }
        };
        match result {
            Ok(is_fulfilled) => Ok(is_fulfilled),
            Err(Stop::Need(_)) => Ok(false),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

#[derive(Clone, Debug)]
enum Value<'v> {
    Int(i128),
    Float(f64),
    Text(Cow<'v, [u8]>),
}

impl Value<'_> {
    fn float(&self) -> f64 {
        match *self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
            Self::Text(_) => 0.0,
        }
    }

    fn int(&self) -> i128 {
        match *self {
            Self::Int(value) => value,
            _ => 0,
        }
    }

    fn is_true(&self) -> bool {
        match *self {
            Self::Int(value) => value != 0,
            Self::Float(value) => value != 0.0,
            Self::Text(_) => false,
        }
    }
}

/// One evaluation of a condition that is about more than integers.
struct Run<'r> {
    program: &'r Program,
    scope: Scope<'r>,
    stack: Vec<Value<'r>>,
}

impl<'r> Run<'r> {
    fn pop(&mut self) -> Value<'static> {
        match self.stack.pop() {
            Some(Value::Int(value)) => Value::Int(value),
            Some(Value::Float(value)) => Value::Float(value),
            _ => Value::Int(0),
        }
    }

    fn run(mut self) -> Result<bool, Stop> {
        let program = self.program;
        let mut at = 0;
        while let Some(op) = program.ops.get(at) {
            at += 1;
            match op {
                Op::Jump(to) => at = *to,
                Op::JumpIfZero(to) => {
                    if !self.pop().is_true() {
                        at = *to;
                    }
                }
                Op::JumpUnlessZero(to) => {
                    if self.pop().is_true() {
                        at = *to;
                    }
                }
                op => self.step(op, at - 1)?,
            }
        }
        Ok(self.pop().is_true())
    }

    fn step(&mut self, op: &'r Op, at: usize) -> Result<(), Stop> {
        let program = self.program;
        let value = match op {
            Op::Const(value) => Value::Int(*value),
            Op::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Op::Read(read) => Value::Int(program.read(&self.scope, read, at)?),
            Op::ReadMoved(read) => {
                let by = self.pop().int();
                Value::Int(program.read_moved(&self.scope, read, by, at)?)
            }
            Op::Index { stride, len } => {
                let index = self.pop().int();
                Value::Int(program.index(index, *stride, *len, at)?)
            }
            Op::Unary(op) => self.unary(*op, at)?,
            Op::Binary(op) => return self.binary(*op, at),
            Op::Remaining => Value::Int(program.remaining(&self.scope, at)?),
            Op::ReadFloat(field, is_moved) => {
                let from = self.from(field.at, *is_moved);
                let bytes = self.scope.bytes.get(from..).unwrap_or_default();
                let end = from.saturating_add(field.len());
                Value::Float(field.load(bytes).ok_or(Stop::Need(end))?)
            }
            Op::ReadText(field, is_moved) => return self.text(field.at, *is_moved, op),
            Op::Text(_) => return self.text(0, false, op),
            // Neither tables nor occasions are known here, and the jumps are done by who calls.
            Op::Recall(_)
            | Op::Ask(_)
            | Op::Sum(_)
            | Op::Jump(_)
            | Op::JumpIfZero(_)
            | Op::JumpUnlessZero(_) => {
                return Ok(());
            }
        };
        self.stack.push(value);
        Ok(())
    }

    fn from(&mut self, at: usize, is_moved: bool) -> usize {
        match is_moved {
            true => {
                usize::try_from(self.pop().int().saturating_add(at as i128)).unwrap_or(usize::MAX)
            }
            false => at,
        }
    }

    fn unary(&mut self, op: Unary, at: usize) -> Result<Value<'static>, Stop> {
        Ok(match (self.pop(), op) {
            (Value::Float(value), Unary::Neg) => Value::Float(-value),
            (value @ Value::Float(_), Unary::Not) => Value::Int(i128::from(!value.is_true())),
            (value @ Value::Float(_), Unary::Bool) => Value::Int(i128::from(value.is_true())),
            (value, op) => {
                let result = op.apply(value.int());
                Value::Int(result.map_err(|kind| self.program.error(kind, at))?)
            }
        })
    }

    fn binary(&mut self, op: Binary, at: usize) -> Result<(), Stop> {
        let right = self.stack.pop().unwrap_or(Value::Int(0));
        let left = self.stack.pop().unwrap_or(Value::Int(0));
        let value = match (&left, &right) {
            (Value::Text(left), Value::Text(right)) => compared(op, Some(left.cmp(right))),
            (Value::Int(left), Value::Int(right)) => op.apply(*left, *right).map(Value::Int),
            (left, right) => floating(op, left.float(), right.float()),
        };
        let value = value.map_err(|kind| self.program.error(kind, at))?;
        self.stack.push(value);
        Ok(())
    }

    fn text(&mut self, at: usize, is_moved: bool, op: &'r Op) -> Result<(), Stop> {
        let from = self.from(at, is_moved);
        let text = match op {
            Op::Text(bytes) => Cow::Borrowed(&**bytes),
            Op::ReadText(field, _) => {
                let bytes = self.scope.bytes.get(from..).ok_or(Stop::Need(from))?;
                field.load(bytes)
            }
            _ => Cow::Borrowed(&[][..]),
        };
        self.stack.push(Value::Text(text));
        Ok(())
    }
}

fn compared(op: Binary, order: Option<Ordering>) -> Result<Value<'static>, EvalErrorKind> {
    Ok(Value::Int(i128::from(op.holds(order).unwrap_or(false))))
}

fn floating(op: Binary, left: f64, right: f64) -> Result<Value<'static>, EvalErrorKind> {
    Ok(Value::Float(match op {
        Binary::Add => left + right,
        Binary::Sub => left - right,
        Binary::Mul => left * right,
        Binary::Div => left / right,
        op => return compared(op, left.partial_cmp(&right)),
    }))
}

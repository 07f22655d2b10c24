//! Declarations in words, as `cdecl` gives them, so that tests can say what they expect.

use std::fmt::Write;

use super::support::unit;
use crate::Lang;
use crate::decl::*;
use crate::token::{Interner, Symbol};

/// Describes the items of a text of C.
#[track_caller]
pub(super) fn c(text: &str) -> String {
    describe(text, Lang::C)
}

/// Describes the items of a text of C++.
#[track_caller]
pub(super) fn cxx(text: &str) -> String {
    describe(text, Lang::Cxx)
}

/// Describes the one expression in `int x = …;`.
#[track_caller]
pub(super) fn expr(text: &str) -> String {
    let described = cxx(&format!("int x = {text};"));
    described.strip_prefix("x: int = ").unwrap_or(&described).to_owned()
}

#[track_caller]
pub(super) fn describe(text: &str, lang: Lang) -> String {
    let unit = unit(text, lang);
    match unit.items {
        Ok(items) => Words { names: &unit.names }.items(&items),
        Err(error) => panic!("{error}"),
    }
}

struct Words<'a> {
    names: &'a Interner,
}

impl Words<'_> {
    fn sym(&self, symbol: Symbol) -> &str {
        self.names.text(symbol)
    }

    fn join<T>(&self, list: &[T], with: &str, each: impl Fn(&T) -> String) -> String {
        list.iter().map(each).collect::<Vec<_>>().join(with)
    }

    fn items(&self, items: &[Item]) -> String {
        self.join(items, "; ", |item| self.item(item))
    }

    fn item(&self, item: &Item) -> String {
        match item {
            Item::Declaration(declaration) => self.declaration(declaration),
            Item::Namespace { name, inline, items, .. } => {
                let inline = if *inline { "inline " } else { "" };
                let name = self.join(name, "::", |n| self.sym(*n).to_owned());
                format!("{inline}namespace {name} {{{}}}", self.items(items))
            }
            Item::Alias { name, ty, attrs, .. } => {
                format!("using {}: {}{}", self.sym(*name), self.type_name(ty), self.attrs(attrs))
            }
            Item::Using(name) => format!("using {}", self.name(name)),
            Item::UsingEnum(name) => format!("using enum {}", self.name(name)),
            Item::UsingNamespace(name) => format!("using namespace {}", self.name(name)),
            Item::NamespaceAlias { name, target } => {
                format!("namespace {} = {}", self.sym(*name), self.name(target))
            }
            Item::StaticAssert { condition, message, .. } => {
                let message = message.as_ref().map_or(String::new(), |m| format!(" {m:?}"));
                format!("assert {}{message}", self.expr(condition))
            }
            Item::Template { name, .. } => {
                format!("template {}", name.map_or("?", |n| self.sym(n)))
            }
            Item::Special { member, declared, .. } => format!("{declared:?} {member:?}"),
            Item::Skipped(_) => "skipped".to_owned(),
        }
    }

    fn declaration(&self, declaration: &Declaration) -> String {
        let base = self.specifiers(&declaration.specifiers);
        let access = match declaration.access {
            cwire_layout::types::Access::Public => "",
            cwire_layout::types::Access::Protected => "protected ",
            cwire_layout::types::Access::Private => "private ",
        };
        let storage = match declaration.specifiers.storage {
            Storage::None => "",
            Storage::Typedef => "typedef ",
            Storage::Static => "static ",
            Storage::Extern => "extern ",
            Storage::Other => "other ",
        };
        let constexpr = if declaration.specifiers.constexpr { "constexpr " } else { "" };
        let lead = format!("{access}{constexpr}{storage}");
        if declaration.declarators.is_empty() {
            return format!("{lead}{base}");
        }
        self.join(&declaration.declarators, ", ", |d| {
            let mut text = format!("{lead}{}", self.declarator(&d.declarator, &base));
            if let Some(width) = &d.width {
                let _ = write!(text, " : {}", self.expr(width));
            }
            text.push_str(&self.attrs(&d.attrs));
            if let Some(init) = &d.init {
                let _ = write!(text, " = {}", self.expr(init));
            }
            text
        })
    }

    fn declarator(&self, declarator: &Declarator, base: &str) -> String {
        let name = declarator.name.as_ref().map_or(String::new(), |n| self.name(n));
        format!("{name}: {}{base}", self.parts(&declarator.parts))
    }

    fn parts(&self, parts: &[DeclaratorPart]) -> String {
        parts.iter().fold(String::new(), |mut text, part| {
            let _ = match part {
                DeclaratorPart::Pointer { qualifiers, attrs } => {
                    write!(text, "{}pointer{} to ", self.qualifiers(*qualifiers), self.attrs(attrs))
                }
                DeclaratorPart::Reference { rvalue: false } => write!(text, "reference to "),
                DeclaratorPart::Reference { rvalue: true } => write!(text, "rvalue to "),
                DeclaratorPart::MemberPointer { class, .. } => {
                    write!(text, "pointer to member of {} ", self.name(class))
                }
                DeclaratorPart::Array { len: None, .. } => write!(text, "array of "),
                DeclaratorPart::Array { len: Some(len), .. } => {
                    write!(text, "array[{}] of ", self.expr(len))
                }
                DeclaratorPart::Function { params, variadic, trailing } => {
                    let params = self.join(params, ", ", |p| self.type_name(p));
                    let dots = if *variadic { " ..." } else { "" };
                    let trailing = trailing
                        .as_ref()
                        .map_or(String::new(), |ty| format!("-> {} ", self.type_name(ty)));
                    write!(text, "function({params}{dots}) {trailing}returning ")
                }
            };
            text
        })
    }

    fn type_name(&self, ty: &TypeName) -> String {
        let base = self.specifiers(&ty.specifiers);
        format!("{}{base}", self.parts(&ty.declarator.parts))
    }

    fn qualifiers(&self, qualifiers: Qualifiers) -> String {
        let mut text = String::new();
        for (there, word) in [
            (qualifiers.is_const, "const "),
            (qualifiers.is_volatile, "volatile "),
            (qualifiers.atomic, "atomic "),
            (qualifiers.pointer_bytes == Some(4), "ptr32 "),
            (qualifiers.pointer_bytes == Some(8), "ptr64 "),
        ] {
            if there {
                text.push_str(word);
            }
        }
        text
    }

    fn specifiers(&self, specifiers: &Specifiers) -> String {
        let attrs = self.attrs(&specifiers.attrs);
        format!("{}{}{attrs}", self.qualifiers(specifiers.qualifiers), self.ty(&specifiers.ty))
    }

    fn ty(&self, ty: &TypeSpec) -> String {
        match ty {
            TypeSpec::Void => "void".to_owned(),
            TypeSpec::Basic(basic) => basic_name(*basic),
            TypeSpec::Complex(basic) => format!("complex {}", basic_name(*basic)),
            TypeSpec::Decimal(bytes) => format!("decimal{bytes}"),
            TypeSpec::BitInt { width, signed } => {
                format!("{}bitint({})", if *signed { "" } else { "u" }, self.expr(width))
            }
            TypeSpec::VaList => "va_list".to_owned(),
            TypeSpec::Record(record) => self.record(record),
            TypeSpec::Enum(spec) => self.enumeration(spec),
            TypeSpec::Name(name) => self.name(name),
            TypeSpec::TypeofExpr(e) => format!("typeof({})", self.expr(e)),
            TypeSpec::TypeofType(t) => format!("typeof({})", self.type_name(t)),
            TypeSpec::Decltype { operand, parenthesized } => {
                let parens = if *parenthesized { "()" } else { "" };
                format!("decltype{parens}({})", self.expr(operand))
            }
            TypeSpec::Unqualified(t) => format!("unqualified {}", self.ty(t)),
            TypeSpec::Atomic(t) => format!("atomic({})", self.type_name(t)),
            TypeSpec::UnderlyingType(t) => format!("underlying({})", self.type_name(t)),
            TypeSpec::Auto => "auto".to_owned(),
            TypeSpec::ImplicitInt => "implicit".to_owned(),
        }
    }

    fn record(&self, record: &RecordSpec) -> String {
        let kind = format!("{:?}", record.kind).to_lowercase();
        let name = record.name.as_ref().map_or(String::new(), |n| format!(" {}", self.name(n)));
        let attrs = self.attrs(&record.attrs);
        let Some(body) = &record.body else { return format!("{kind}{name}{attrs}") };
        let mut head = String::new();
        if body.is_final {
            head.push_str(" final");
        }
        for base in &body.bases {
            let is_virtual = if base.is_virtual { "virtual " } else { "" };
            let access = format!("{:?}", base.access).to_lowercase();
            let _ = write!(head, " < {access} {is_virtual}{}", self.name(&base.name));
        }
        match (body.pack_open, body.pack_close) {
            (None, None) => {}
            (open, close) if open == close => {
                let _ = write!(head, " pack({})", open.unwrap_or(0));
            }
            (open, close) => {
                let _ = write!(head, " pack({}..{})", open.unwrap_or(0), close.unwrap_or(0));
            }
        }
        if let Some(on) = body.ms_struct {
            let _ = write!(head, " ms_struct({on})");
        }
        format!("{kind}{name}{attrs}{head} {{{}}}", self.items(&body.items))
    }

    fn enumeration(&self, spec: &EnumSpec) -> String {
        let scoped = if spec.scoped { " class" } else { "" };
        let name = spec.name.as_ref().map_or(String::new(), |n| format!(" {}", self.name(n)));
        let underlying =
            spec.underlying.as_ref().map_or(String::new(), |t| format!(" : {}", self.type_name(t)));
        let attrs = self.attrs(&spec.attrs);
        let head = format!("enum{scoped}{name}{underlying}{attrs}");
        let Some(body) = &spec.body else { return head };
        let body = self.join(body, ", ", |e| {
            let value = e.value.as_ref().map_or(String::new(), |v| format!(" = {}", self.expr(v)));
            format!("{}{value}", self.sym(e.name))
        });
        format!("{head} {{{body}}}")
    }

    fn attrs(&self, attrs: &Attrs) -> String {
        if attrs.list.is_empty() {
            return String::new();
        }
        format!(" [{}]", self.join(&attrs.list, ", ", |a| self.attr(a)))
    }

    fn attr(&self, attr: &Attr) -> String {
        match attr {
            Attr::Packed => "packed".to_owned(),
            Attr::Aligned(None) => "aligned".to_owned(),
            Attr::Aligned(Some(e)) => format!("aligned {}", self.expr(e)),
            Attr::Alignas(e) => format!("alignas {}", self.expr(e)),
            Attr::AlignasType(t) => format!("alignas {}", self.type_name(t)),
            Attr::DeclspecAlign(e) => format!("align {}", self.expr(e)),
            Attr::MsStruct => "ms_struct".to_owned(),
            Attr::GccStruct => "gcc_struct".to_owned(),
            Attr::Mode(mode) => format!("mode {mode}"),
            Attr::VectorSize(e) => format!("vector {}", self.expr(e)),
            Attr::ExtVectorType(e) => format!("ext_vector {}", self.expr(e)),
            Attr::NoUniqueAddress { msvc: false } => "no_unique_address".to_owned(),
            Attr::NoUniqueAddress { msvc: true } => "msvc no_unique_address".to_owned(),
            Attr::EmptyBases => "empty_bases".to_owned(),
            Attr::StorageOrder { big } => format!("big {big}"),
            Attr::TransparentUnion => "transparent_union".to_owned(),
        }
    }

    fn name(&self, name: &Name) -> String {
        let global = if name.global { "::" } else { "" };
        let parts = self.join(&name.parts, "::", |part| {
            let args = part.args.as_ref().map_or(String::new(), |args| {
                let args = self.join(args, ", ", |arg| match arg {
                    TemplateArg::Type(ty) => format!("type {}", self.type_name(ty)),
                    TemplateArg::Value(value) => self.expr(value),
                });
                format!("<{args}>")
            });
            format!("{}{args}", self.sym(part.ident))
        });
        format!("{global}{parts}")
    }

    /// Fully parenthesised.
    fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Int { value, suffix, decimal } => {
                let mut text = value.to_string();
                if suffix.unsigned {
                    text.push('u');
                }
                text.push_str(&"l".repeat(suffix.longs.into()));
                if suffix.size {
                    text.push('z');
                }
                if suffix.bit_int {
                    text.push_str("wb");
                }
                if suffix.bits > 0 {
                    let _ = write!(text, "i{}", suffix.bits);
                }
                if !decimal {
                    text.push('#');
                }
                text
            }
            ExprKind::Char { value, prefix, len } => format!("{prefix:?}'{value}'{len}"),
            ExprKind::Float { value, ty } => format!("{value:?} {}", basic_name(*ty)),
            ExprKind::Str { prefix, len } => format!("{prefix:?}\"{len}\""),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Nullptr => "nullptr".to_owned(),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Unary(op, e) => format!("{op:?}({})", self.expr(e)),
            ExprKind::Binary(op, a, b) => format!("({} {op:?} {})", self.expr(a), self.expr(b)),
            ExprKind::Conditional { condition, then, otherwise } => format!(
                "({} ? {} : {})",
                self.expr(condition),
                then.as_ref().map_or(String::new(), |e| self.expr(e)),
                self.expr(otherwise)
            ),
            ExprKind::Assign(a, b) => format!("({} = {})", self.expr(a), self.expr(b)),
            ExprKind::Comma(a, b) => format!("({}, {})", self.expr(a), self.expr(b)),
            ExprKind::Cast { ty, operand } => {
                format!("cast({}, {})", self.type_name(ty), self.expr(operand))
            }
            ExprKind::SizeofExpr(e) => format!("sizeof {}", self.expr(e)),
            ExprKind::SizeofType(t) => format!("sizeof({})", self.type_name(t)),
            ExprKind::AlignofExpr { operand, preferred } => {
                format!("{}alignof {}", if *preferred { "p" } else { "" }, self.expr(operand))
            }
            ExprKind::AlignofType { ty, preferred } => {
                format!("{}alignof({})", if *preferred { "p" } else { "" }, self.type_name(ty))
            }
            ExprKind::Offsetof { ty, path } => {
                let path = self.join(path, "", |step| match step {
                    OffsetofStep::Member(name) => format!(".{}", self.sym(*name)),
                    OffsetofStep::Index(e) => format!("[{}]", self.expr(e)),
                });
                format!("offsetof({}, {path})", self.type_name(ty))
            }
            ExprKind::Member { base, name, arrow } => {
                format!("{}{}{}", self.expr(base), if *arrow { "->" } else { "." }, self.sym(*name))
            }
            ExprKind::Index { base, index } => {
                format!("{}[{}]", self.expr(base), self.expr(index))
            }
            ExprKind::Call { callee, args } => {
                let args = self.join(args, ", ", |arg| self.arg(arg));
                format!("{}({args})", self.expr(callee))
            }
            ExprKind::CompoundLiteral { ty, init } => {
                format!("literal({}, {})", self.type_name(ty), self.expr(init))
            }
            ExprKind::Generic { control, arms } => {
                let arms = self.join(arms, ", ", |(ty, e)| {
                    let ty = ty.as_ref().map_or("default".to_owned(), |ty| self.type_name(ty));
                    format!("{ty}: {}", self.expr(e))
                });
                format!("generic({}; {arms})", self.arg(control))
            }
            ExprKind::Braces(list) => format!("{{{}}}", self.join(list, ", ", |e| self.expr(e))),
            ExprKind::Opaque => "opaque".to_owned(),
        }
    }

    fn arg(&self, arg: &CallArg) -> String {
        match arg {
            CallArg::Expr(e) => self.expr(e),
            CallArg::Type(t) => format!("type {}", self.type_name(t)),
        }
    }
}

fn basic_name(basic: cwire_layout::types::Basic) -> String {
    format!("{basic:?}").to_lowercase()
}

//! Declarators: `*(*name[3])(int)`, with and without a name.

use super::attributes::Into;
use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use super::name::{IsType, next};
use super::scope::Entity;
use super::specifiers::Place;
use crate::decl::{Attrs, Declarator, DeclaratorPart, Name, TypeName, TypeSpec};
use crate::token::{Punct, TokenKind};

/// Whether a declarator has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It must have one. What it declares may be initialised by `(…)` in C++.
    Yes,
    /// It may have one: a parameter.
    Maybe,
    /// It has none: a type name.
    No,
}

/// The parameters of a function.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) types: Vec<TypeName>,
    pub(super) variadic: bool,
    /// How many have no default argument.
    pub(super) required: usize,
}

impl Parser<'_> {
    /// Takes a declarator; attributes around its name go into `attrs`.
    pub(super) fn declarator(&mut self, named: Named, attrs: &mut Attrs) -> Parsed<Declarator> {
        let prefix = self.pointers(attrs)?;
        let mut declarator = self.direct_declarator(named, attrs)?;
        declarator.parts.extend(prefix.into_iter().rev());
        if declarator.parts.len() > self.limit() {
            return Err(self.too_deep());
        }
        Ok(declarator)
    }

    /// `*`, `&`, `C::*` and what may stand among them, in the order of the text.
    fn pointers(&mut self, attrs: &mut Attrs) -> Parsed<Vec<DeclaratorPart>> {
        let mut parts = Vec::new();
        loop {
            match self.punct(0) {
                Some(Punct::Star | Punct::Caret) => {
                    self.bump();
                    parts.push(self.pointer()?);
                    continue;
                }
                Some(Punct::Amp | Punct::AmpAmp) if self.cxx() => {
                    parts.push(DeclaratorPart::Reference { rvalue: self.at(Punct::AmpAmp) });
                    self.bump();
                    let mut dropped = Attrs::default();
                    self.attributes(&mut dropped, Into::Any)?;
                    self.qualifiers();
                    continue;
                }
                _ => {}
            }
            match self.kw(0) {
                Kw::CallingConvention | Kw::Extension | Kw::Inline => self.bump(),
                Kw::Attribute | Kw::Declspec => self.attributes(attrs, Into::Gnu)?,
                // `int *__ptr32 p`, `int __unaligned *p`: before the pointer it changes nothing.
                Kw::Modifier | Kw::Ptr32 | Kw::Ptr64 | Kw::Restrict => self.bump(),
                _ if self.cxx() && self.at_member_pointer() => {
                    let class = self.name("the class of a member pointer")?;
                    self.bump();
                    self.bump();
                    let qualifiers = self.qualifiers();
                    parts.push(DeclaratorPart::MemberPointer { class, qualifiers });
                }
                _ if self.eat_pack() => {}
                _ => return Ok(parts),
            }
        }
    }

    fn pointer(&mut self) -> Parsed<DeclaratorPart> {
        let mut attrs = Attrs::default();
        let mut qualifiers = self.qualifiers();
        while matches!(self.kw(0), Kw::Attribute | Kw::Declspec) || self.at_standard_attribute() {
            self.attributes(&mut attrs, Into::Any)?;
            let more = self.qualifiers();
            qualifiers.is_const |= more.is_const;
            qualifiers.is_volatile |= more.is_volatile;
            qualifiers.atomic |= more.atomic;
            qualifiers.pointer_bytes = more.pointer_bytes.or(qualifiers.pointer_bytes);
        }
        Ok(DeclaratorPart::Pointer { qualifiers, attrs })
    }

    fn at_member_pointer(&mut self) -> bool {
        (self.at_ident() || self.at(Punct::ColonColon))
            && self.scan_name(self.pos).is_some_and(|scan| scan.member_pointer)
    }

    /// The `...` of a parameter pack before its name.
    fn eat_pack(&mut self) -> bool {
        let pack = self.cxx() && self.at(Punct::Ellipsis) && self.is_ident(self.peek(1));
        if pack {
            self.bump();
        }
        pack
    }

    /// The name or what is in parentheses instead, and what follows it.
    fn direct_declarator(&mut self, named: Named, attrs: &mut Attrs) -> Parsed<Declarator> {
        let loc = self.loc();
        let mut declarator = Declarator { name: None, parts: Vec::new(), loc };
        let mut function_follows = named == Named::Yes;
        if self.at(Punct::LeftParen) && (named == Named::Yes || self.at_nested_declarator(named)) {
            self.bump();
            declarator = self.nested(|p| p.declarator(named, attrs))?;
            self.end_of_nested_declarator()?;
            function_follows = false;
        } else if named != Named::No || self.kw(0) == Kw::Operator {
            declarator.name = self.declared_name(named)?;
            let part = declarator.name.as_ref().and_then(|name| name.parts.last());
            self.declared = part.map(|part| part.ident);
        }
        self.attributes_after_declarator(attrs)?;
        loop {
            match self.punct(0) {
                Some(Punct::LeftBracket) if !self.at_standard_attribute() => {
                    let part = self.array()?;
                    declarator.parts.push(part);
                }
                // `T x(a, b);` of C++ initialises.
                Some(Punct::LeftParen) if !function_follows || self.at_params() => {
                    let part = self.function(attrs)?;
                    declarator.parts.push(part);
                }
                _ => return Ok(declarator),
            }
            function_follows = false;
            let mut of_the_type = Attrs::default();
            if self.at_standard_attribute() {
                self.attributes(&mut of_the_type, Into::Any)?;
            }
        }
    }

    fn end_of_nested_declarator(&mut self) -> Parsed<()> {
        let mut place = "after the declarator in parentheses".to_owned();
        // `int (WINAPI *f)(int);`
        if let Some(name) = self.declared
            && (self.at(Punct::Star) || self.at_ident())
        {
            place.push_str(&format!(
                " (`{}` may be a macro that is not defined here)",
                self.text(name)
            ));
        }
        self.expect(Punct::RightParen, &place)
    }

    /// Whether `(` begins a declarator in parentheses, and no parameters of an abstract function.
    fn at_nested_declarator(&mut self, named: Named) -> bool {
        let inside = next(self.pos);
        let tok = self.tok_at(inside);
        match tok.kind {
            TokenKind::Punct(
                Punct::Star | Punct::Caret | Punct::LeftParen | Punct::Amp | Punct::AmpAmp,
            ) => true,
            TokenKind::Punct(Punct::LeftBracket) => named != Named::No || !self.cxx(),
            TokenKind::Ident => match self.kw_of(tok) {
                Kw::Attribute | Kw::CallingConvention => true,
                Kw::None | Kw::Final | Kw::Override => {
                    let member_pointer =
                        self.scan_name(inside).is_some_and(|scan| scan.member_pointer);
                    let hides = named == Named::Maybe
                        && self.type_at(inside) != IsType::Yes
                        && !self.is_ident(self.tok_at(next(inside)));
                    member_pointer || hides
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The name that is declared; `None` for an operator, a conversion, and where none need be.
    fn declared_name(&mut self, named: Named) -> Parsed<Option<Name>> {
        if self.kw(0) == Kw::Operator {
            self.operator_name()?;
            return Ok(None);
        }
        if self.cxx() && (self.at_ident() || self.at(Punct::ColonColon)) {
            if let Some(scan) = self.scan_name(self.pos)
                && scan.function
            {
                return self.qualified_function(named);
            }
            return Ok(Some(self.name("the name that is declared")?));
        }
        if self.at(Punct::Tilde) && self.cxx() {
            self.bump();
            return Ok(Some(self.name("the class of the destructor")?));
        }
        if self.at_ident() {
            return Ok(Some(self.name("the name that is declared")?));
        }
        match named {
            Named::Yes => Err(self.expected("a name in the declarator")),
            _ => Ok(None),
        }
    }

    /// `X::~X`, `X::operator=`: the name is given with its qualification, the operator left out.
    fn qualified_function(&mut self, _named: Named) -> Parsed<Option<Name>> {
        let mut name = self.name("the name that is declared")?;
        self.expect(Punct::ColonColon, "before the member function")?;
        if self.kw(0) == Kw::Operator {
            self.operator_name()?;
        } else {
            self.expect(Punct::Tilde, "before the class of the destructor")?;
            self.name("the class of the destructor")?;
        }
        if let Some(last) = name.parts.last().cloned() {
            name.parts.push(last);
        }
        Ok(Some(name))
    }

    /// `operator+`, `operator()`, `operator new[]`, `operator""_km`, `operator const char *`.
    fn operator_name(&mut self) -> Parsed<()> {
        self.bump();
        let tok = self.peek(0);
        match tok.kind {
            TokenKind::Punct(Punct::LeftParen | Punct::LeftBracket) => {
                self.skip_brackets("the operator")
            }
            TokenKind::Punct(Punct::ColonColon) => self.conversion_type(),
            TokenKind::Punct(_) => {
                self.bump();
                Ok(())
            }
            TokenKind::Str => {
                self.bump();
                if self.peek(0).kind == TokenKind::Ident {
                    self.bump();
                }
                Ok(())
            }
            _ => match self.kw(0) {
                Kw::New | Kw::Delete => {
                    self.bump();
                    if self.at(Punct::LeftBracket) {
                        self.skip_brackets("the operator")?;
                    }
                    Ok(())
                }
                Kw::Statement => {
                    self.bump();
                    Ok(())
                }
                _ => self.conversion_type(),
            },
        }
    }

    fn conversion_type(&mut self) -> Parsed<()> {
        let written = self.nested(|p| p.specifiers(Place::Type))?.written;
        if written.ty == TypeSpec::ImplicitInt {
            return Err(self.expected("an operator or a type after `operator`"));
        }
        self.pointers(&mut Attrs::default())?;
        Ok(())
    }

    /// `[3]`, `[]`, `[*]`, `[static const 3]`.
    fn array(&mut self) -> Parsed<DeclaratorPart> {
        let loc = self.loc();
        self.bump();
        while self.eat_kw(Kw::Static) || super::name::is_qualifier(self.kw(0)) && self.eat_any() {}
        let star = self.at(Punct::Star) && self.punct(1) == Some(Punct::RightBracket);
        if star {
            self.bump();
        }
        let len = if self.at(Punct::RightBracket) {
            None
        } else {
            Some(self.nested(|p| p.inside_parens(Self::expression))?)
        };
        self.expect(Punct::RightBracket, "after the bound of the array")?;
        Ok(DeclaratorPart::Array { len, loc })
    }

    fn eat_any(&mut self) -> bool {
        self.bump();
        true
    }

    /// Whether `(` after a declared name begins parameters. It does but for a value of C++.
    fn at_params(&mut self) -> bool {
        if !self.cxx() {
            return true;
        }
        let inside = next(self.pos);
        match self.tok_at(inside).kind {
            TokenKind::Punct(Punct::RightParen | Punct::Ellipsis | Punct::LeftBracket) => true,
            TokenKind::Punct(Punct::ColonColon) | TokenKind::Ident => {
                matches!(self.kw_of(self.tok_at(inside)), Kw::Attribute | Kw::Declspec | Kw::This)
                    || self.type_at(inside) != IsType::No
            }
            _ => false,
        }
    }

    /// Parameters and what may follow them in C++.
    fn function(&mut self, attrs: &mut Attrs) -> Parsed<DeclaratorPart> {
        let params = self.nested(|p| p.inside_parens(Self::params))?;
        let trailing = self.after_params(attrs)?;
        Ok(DeclaratorPart::Function { params: params.types, variadic: params.variadic, trailing })
    }

    /// `const & noexcept(…) -> type requires …`, attributes and assembler names.
    pub(super) fn after_params(&mut self, attrs: &mut Attrs) -> Parsed<Option<Box<TypeName>>> {
        let mut trailing = None;
        loop {
            let before = self.pos;
            self.attributes_after_declarator(attrs)?;
            if !self.cxx() {
                return Ok(None);
            }
            match self.kw(0) {
                Kw::Const | Kw::Volatile | Kw::Restrict | Kw::Modifier => self.bump(),
                Kw::Noexcept | Kw::Throw => {
                    self.bump();
                    if self.at(Punct::LeftParen) {
                        self.skip_brackets("the exception specification")?;
                    }
                }
                Kw::Requires => self.skip_requires()?,
                _ => match self.punct(0) {
                    Some(Punct::Amp | Punct::AmpAmp) => self.bump(),
                    Some(Punct::Arrow) => {
                        self.bump();
                        trailing = Some(Box::new(self.type_name()?));
                    }
                    _ => {}
                },
            }
            if self.pos == before {
                return Ok(trailing);
            }
        }
    }

    /// `(int a, char b, ...)`.
    pub(super) fn params(&mut self) -> Parsed<Params> {
        self.expect(Punct::LeftParen, "before the parameters")?;
        let outer = self.scopes.current();
        self.scopes.open();
        let params =
            if self.at_identifier_list() { self.identifier_list() } else { self.param_list() };
        self.scopes.enter(outer);
        params
    }

    /// Names without types, of a function of old C.
    fn at_identifier_list(&mut self) -> bool {
        if self.cxx() || self.type_at(self.pos) == IsType::Yes {
            return false;
        }
        let mut ahead = 0;
        while self.is_plain_ident(self.peek(ahead)) {
            match self.punct(ahead + 1) {
                Some(Punct::Comma) => ahead += 2,
                other => return other == Some(Punct::RightParen),
            }
        }
        false
    }

    fn identifier_list(&mut self) -> Parsed<Params> {
        self.skip_to(&[Punct::RightParen])?;
        self.bump();
        Ok(Params { types: Vec::new(), variadic: false, required: 0 })
    }

    fn param_list(&mut self) -> Parsed<Params> {
        let mut params = Params { types: Vec::new(), variadic: false, required: 0 };
        while !self.at(Punct::RightParen) {
            if self.eat(Punct::Ellipsis) {
                params.variadic = true;
                break;
            }
            let defaulted = self.param(&mut params.types)?;
            if !defaulted {
                params.required = params.types.len();
            }
            if self.eat(Punct::Ellipsis) {
                params.variadic = true;
                break;
            }
            // clang's and gcc's forward declarations of parameters: `(int n; int a[n])`.
            if !self.eat(Punct::Comma) && !self.eat(Punct::Semicolon) {
                break;
            }
        }
        self.expect(Punct::RightParen, "after the parameters")?;
        let only_void = |param: &TypeName| {
            param.specifiers.ty == TypeSpec::Void
                && param.declarator.parts.is_empty()
                && param.declarator.name.is_none()
        };
        if params.types.len() == 1 && params.types.first().is_some_and(only_void) {
            params.types.clear();
            params.required = 0;
        }
        Ok(params)
    }

    /// One parameter; whether it has a default argument.
    fn param(&mut self, types: &mut Vec<TypeName>) -> Parsed<bool> {
        // C++23's explicit object parameter.
        self.eat_kw(Kw::This);
        let mut specifiers = self.specifiers(Place::Type)?.written;
        if specifiers.ty == TypeSpec::ImplicitInt {
            return Err(self.expected("the type of a parameter"));
        }
        let mut attrs = Attrs::default();
        let declarator = self.declarator(Named::Maybe, &mut attrs)?;
        self.attributes_after_declarator(&mut attrs)?;
        specifiers.attrs.list.append(&mut attrs.list);
        if let Some(part) = declarator.name.as_ref().and_then(|name| name.parts.last()) {
            self.scopes.declare(part.ident, Entity::Value);
        }
        types.push(TypeName { specifiers: Box::new(specifiers), declarator });
        let defaulted = self.eat(Punct::Equal);
        if defaulted {
            self.skip_initializer(&[Punct::Comma, Punct::RightParen])?;
        }
        Ok(defaulted)
    }

    /// A type without a name in it.
    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        self.nested(|p| {
            p.around(|p| {
                let mut specifiers = p.specifiers(Place::Type)?.written;
                if specifiers.ty == TypeSpec::ImplicitInt {
                    return Err(p.expected("a type"));
                }
                let mut attrs = Attrs::default();
                let declarator = p.declarator(Named::No, &mut attrs)?;
                specifiers.attrs.list.append(&mut attrs.list);
                Ok(TypeName { specifiers: Box::new(specifiers), declarator })
            })
        })
    }

    /// `(type)`.
    pub(super) fn type_in_parens(&mut self, after: &str) -> Parsed<TypeName> {
        self.expect(Punct::LeftParen, &format!("after {after}"))?;
        let ty = self.inside_parens(Self::type_name)?;
        self.expect(Punct::RightParen, "after the type")?;
        Ok(ty)
    }
}

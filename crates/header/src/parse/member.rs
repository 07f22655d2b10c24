//! What stands in the body of a record.

use cwire_layout::types::{Access, Declared};

use super::attributes::Into;
use super::cursor::{Parsed, Parser, Pos};
use super::declaration::is_function;
use super::declarator::{Named, Params};
use super::keyword::Kw;
use super::name::next;
use super::record::access_of;
use super::specifiers::{DeclSpecifiers, Place};
use crate::decl::{
    Attrs, Declaration, Declarator, DeclaratorPart, InitDeclarator, Item, Name, Special, Storage,
    TypeName, TypeSpec,
};
use crate::source::Loc;
use crate::token::{Punct, Symbol, TokenKind};

impl Parser<'_> {
    /// Takes one member, label or whatever else may stand in a record.
    pub(super) fn member(&mut self, access: &mut Access, items: &mut Vec<Item>) -> Parsed<()> {
        if self.eat(Punct::Semicolon) {
            return Ok(());
        }
        let loc = self.loc();
        let kw = self.kw(0);
        match kw {
            Kw::Extension => {
                self.bump();
                return Ok(());
            }
            Kw::StaticAssert => {
                let item = self.static_assert()?;
                items.push(item);
                return Ok(());
            }
            Kw::Using => return self.using(*access, items),
            Kw::Template => return self.template(items),
            Kw::Friend => {
                self.bump();
                self.skip_friend()?;
                items.push(Item::Skipped(loc));
                return Ok(());
            }
            _ => {}
        }
        if let Some(label) = access_of(kw) {
            self.bump();
            *access = label;
            return self.expect(Punct::Colon, "after the access label");
        }
        self.nested(|p| p.member_declaration(*access, items))
    }

    fn skip_friend(&mut self) -> Parsed<()> {
        if self.kw(0) == Kw::Template {
            self.bump();
            self.skip_angles()?;
        }
        self.skip_declaration()
    }

    fn member_declaration(&mut self, access: Access, items: &mut Vec<Item>) -> Parsed<()> {
        let loc = self.loc();
        let specifiers = self.specifiers(Place::Member)?;
        if self.kw(0) == Kw::Friend {
            self.bump();
            self.skip_friend()?;
            items.push(Item::Skipped(loc));
            return Ok(());
        }
        if self.at(Punct::Semicolon) {
            let item = self.type_alone(specifiers, access)?;
            items.push(item);
            return Ok(());
        }
        if specifiers.written.ty == TypeSpec::ImplicitInt {
            return self.without_type(&specifiers, loc, items);
        }
        let assignment = self.cxx() && self.at_assignment_operator();
        let mut declarators = Vec::new();
        loop {
            let member = self.member_declarator(&specifiers)?;
            if is_function(&member.declarator) && specifiers.written.storage != Storage::Typedef {
                let name = member.declarator.name.clone();
                let params = match member.declarator.parts.first() {
                    Some(DeclaratorPart::Function { params, .. }) => params.clone(),
                    _ => Vec::new(),
                };
                let tail = self.member_function_tail(specifiers.is_virtual)?;
                if assignment && name.is_none() {
                    self.note_assignment(&params, &tail, loc, items);
                }
                if tail.is_virtual {
                    items.push(special(Special::Virtual, Declared::Provided, loc));
                }
                declarators.push(member);
                if tail.body {
                    items.push(declaration(specifiers, declarators, access, loc));
                    return Ok(());
                }
            } else {
                declarators.push(member);
            }
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect_end(&specifiers, "after the member")?;
        items.push(declaration(specifiers, declarators, access, loc));
        Ok(())
    }

    /// A declarator with its width and initialiser.
    fn member_declarator(&mut self, specifiers: &DeclSpecifiers) -> Parsed<InitDeclarator> {
        let mut attrs = Attrs::default();
        let loc = self.loc();
        self.attributes(&mut attrs, Into::Gnu)?;
        let declarator = if self.at(Punct::Colon) {
            Declarator { name: None, parts: Vec::new(), loc }
        } else {
            self.declarator(Named::Yes, &mut attrs)?
        };
        if self.cxx() {
            self.declare(specifiers, &declarator);
        }
        let width = if self.eat(Punct::Colon) {
            Some(self.nested(|p| p.inside_parens(Self::conditional))?)
        } else {
            None
        };
        self.attributes_after_declarator(&mut attrs)?;
        let init = if is_function(&declarator) { None } else { self.initializer(specifiers)? };
        self.attributes_after_declarator(&mut attrs)?;
        Ok(InitDeclarator { declarator, width, init, attrs })
    }

    /// A constructor, a destructor, a conversion; all else needs a type.
    fn without_type(
        &mut self,
        specifiers: &DeclSpecifiers,
        loc: Loc,
        items: &mut Vec<Item>,
    ) -> Parsed<()> {
        if !self.cxx() {
            return Err(self.no_type_of_member());
        }
        if self.at(Punct::Tilde) {
            self.bump();
            self.name("the class of the destructor")?;
            self.params()?;
            let tail = self.special_tail(specifiers)?;
            items.push(special(Special::Destructor, tail.declared, loc));
            self.push_virtual(&tail, loc, items);
            return self.end_of_function(&tail);
        }
        if self.kw(0) == Kw::Operator {
            let declarator = self.declarator(Named::Yes, &mut Attrs::default())?;
            if !is_function(&declarator) {
                return Err(self.expected("`(` after the conversion function"));
            }
            let tail = self.special_tail(specifiers)?;
            self.push_virtual(&tail, loc, items);
            items.push(Item::Skipped(loc));
            return self.end_of_function(&tail);
        }
        let own = self.at_ident() && Some(self.peek(0).text) == self.class_name;
        if !own {
            return Err(self.no_type_of_member());
        }
        let class = self.name("the name of the constructor")?;
        if !self.at(Punct::LeftParen) {
            return Err(self.expected("`(` after the name of the constructor"));
        }
        let params = self.nested(|p| p.inside_parens(Self::params))?;
        let tail = self.special_tail(specifiers)?;
        let ident = class.parts.last().map(|part| part.ident);
        items.push(special(constructor(&params, ident), tail.declared, loc));
        self.end_of_function(&tail)
    }

    fn no_type_of_member(&mut self) -> Box<super::cursor::SyntaxError> {
        if self.is_plain_ident(self.peek(0)) {
            return self.no_type();
        }
        self.expected("a member or `}`")
    }

    fn special_tail(&mut self, specifiers: &DeclSpecifiers) -> Parsed<Tail> {
        self.after_params(&mut Attrs::default())?;
        self.member_function_tail(specifiers.is_virtual)
    }

    fn push_virtual(&self, tail: &Tail, loc: Loc, items: &mut Vec<Item>) {
        if tail.is_virtual {
            items.push(special(Special::Virtual, Declared::Provided, loc));
        }
    }

    fn end_of_function(&mut self, tail: &Tail) -> Parsed<()> {
        if tail.body { Ok(()) } else { self.expect(Punct::Semicolon, "after the member function") }
    }

    /// `override final = 0`, `= default`, or the body.
    fn member_function_tail(&mut self, is_virtual: bool) -> Parsed<Tail> {
        let mut tail = Tail { declared: Declared::Provided, is_virtual, body: false };
        while matches!(self.kw(0), Kw::Override | Kw::Final) {
            self.bump();
            // Only a virtual function may be so marked (C++ class.virtual).
            tail.is_virtual = true;
        }
        self.attributes_after_declarator(&mut Attrs::default())?;
        if self.at(Punct::Equal) {
            self.bump();
            match self.kw(0) {
                Kw::Default => tail.declared = Declared::Defaulted,
                Kw::Delete => tail.declared = Declared::Deleted,
                _ if self.text(self.peek(0).text) == "0" => tail.is_virtual = true,
                _ => return Err(self.expected("`0`, `default` or `delete` after `=`")),
            }
            self.bump();
            // C++26's reason.
            if tail.declared == Declared::Deleted && self.at(Punct::LeftParen) {
                self.skip_brackets("the reason of `delete`")?;
            }
        } else if self.at(Punct::LeftBrace)
            || self.cxx() && (self.at(Punct::Colon) || self.kw(0) == Kw::Try)
        {
            self.skip_function_body()?;
            self.eat(Punct::Semicolon);
            tail.body = true;
        }
        Ok(tail)
    }

    /// Whether `operator=` comes, after any `&`.
    fn at_assignment_operator(&self) -> bool {
        let mut pos = self.pos;
        while matches!(
            self.tok_at(pos).kind,
            TokenKind::Punct(Punct::Star | Punct::Amp | Punct::AmpAmp)
        ) {
            pos = next(pos);
        }
        self.kw_of(self.tok_at(pos)) == Kw::Operator && self.is_punct(next(pos), Punct::Equal)
    }

    fn note_assignment(&self, params: &[TypeName], tail: &Tail, loc: Loc, items: &mut Vec<Item>) {
        let [param] = params else { return };
        if !names_class(param, self.class_name) {
            return;
        }
        let member = match param.declarator.parts.as_slice() {
            [] | [DeclaratorPart::Reference { rvalue: false }] => Special::CopyAssignment,
            [DeclaratorPart::Reference { rvalue: true }] => Special::MoveAssignment,
            _ => return,
        };
        items.push(special(member, tail.declared, loc));
    }

    /// Whether a constructor of the class that is being parsed comes at `pos`.
    pub(super) fn at_own_constructor(&self, pos: Pos) -> bool {
        let tok = self.tok_at(pos);
        tok.kind == TokenKind::Ident
            && Some(tok.text) == self.class_name
            && self.is_punct(next(pos), Punct::LeftParen)
    }
}

/// What follows the parameters of a member function.
struct Tail {
    declared: Declared,
    is_virtual: bool,
    body: bool,
}

pub(super) fn special(member: Special, declared: Declared, loc: Loc) -> Item {
    Item::Special { member, declared, loc }
}

fn declaration(
    specifiers: DeclSpecifiers,
    declarators: Vec<InitDeclarator>,
    access: Access,
    loc: Loc,
) -> Item {
    Item::Declaration(Declaration { specifiers: specifiers.written, declarators, access, loc })
}

/// C++ class.copy.ctor: the first parameter is a reference to the class, and all others have
/// default arguments.
fn constructor(params: &Params, class: Option<Symbol>) -> Special {
    let Some(first) = params.types.first() else { return Special::DefaultConstructor };
    if params.required == 0 && !names_class(first, class) {
        return Special::DefaultConstructor;
    }
    if params.required > 1 || !names_class(first, class) {
        return Special::Constructor;
    }
    match first.declarator.parts.as_slice() {
        [DeclaratorPart::Reference { rvalue: false }] => Special::CopyConstructor,
        [DeclaratorPart::Reference { rvalue: true }] => Special::MoveConstructor,
        _ => Special::Constructor,
    }
}

fn names_class(param: &TypeName, class: Option<Symbol>) -> bool {
    let is = |name: &Name| name.parts.last().map(|part| part.ident) == class && class.is_some();
    match &param.specifiers.ty {
        TypeSpec::Name(name) => is(name),
        TypeSpec::Record(record) => record.name.as_ref().is_some_and(is),
        _ => false,
    }
}

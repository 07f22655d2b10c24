//! Attributes in all their syntaxes. Those that do not count for layout are skipped.

use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use crate::decl::{Attr, Attrs};
use crate::token::{Punct, Symbol, TokenKind};

/// Which attributes to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Into {
    /// All of them.
    Any,
    /// `__attribute__` and `__declspec` count; `[[…]]` and `alignas` are left for who comes next.
    Gnu,
}

/// Who an attribute is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vendor {
    /// `__attribute__((x))`, `[[gnu::x]]`, `[[clang::x]]`.
    Gnu,
    /// `[[x]]`.
    Standard,
    /// `[[msvc::x]]`.
    Msvc,
    /// `__declspec(x)`.
    Declspec,
    /// Any other `[[vendor::x]]`.
    Unknown,
}

impl Parser<'_> {
    pub(super) fn at_standard_attribute(&self) -> bool {
        self.at(Punct::LeftBracket) && self.punct(1) == Some(Punct::LeftBracket)
    }

    /// Takes any number of attributes.
    pub(super) fn attributes(&mut self, attrs: &mut Attrs, which: Into) -> Parsed<()> {
        loop {
            match self.kw(0) {
                Kw::Attribute => self.gnu_attribute(attrs)?,
                Kw::Declspec => self.declspec(attrs)?,
                Kw::Alignas if which == Into::Any => self.alignas(attrs)?,
                _ if which == Into::Any && self.at_standard_attribute() => {
                    self.standard_attribute(attrs)?;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Takes attributes, the assembler name and what else may stand after a declarator.
    pub(super) fn attributes_after_declarator(&mut self, attrs: &mut Attrs) -> Parsed<()> {
        loop {
            let before = self.pos;
            self.attributes(attrs, Into::Any)?;
            if self.kw(0) == Kw::Asm {
                self.skip_asm()?;
            }
            if self.pos == before {
                return Ok(());
            }
        }
    }

    /// `__attribute__((packed, aligned(4)))`.
    fn gnu_attribute(&mut self, attrs: &mut Attrs) -> Parsed<()> {
        self.bump();
        self.expect(Punct::LeftParen, "after `__attribute__`")?;
        self.expect(Punct::LeftParen, "after `__attribute__(`")?;
        self.attribute_list(attrs, Vendor::Gnu, Punct::RightParen)?;
        self.expect(Punct::RightParen, "after the attributes")?;
        self.expect(Punct::RightParen, "after the attributes")
    }

    /// `[[gnu::packed]]`, `[[using gnu: packed]]`.
    fn standard_attribute(&mut self, attrs: &mut Attrs) -> Parsed<()> {
        self.bump();
        self.bump();
        let mut vendor = Vendor::Standard;
        if self.kw(0) == Kw::Using {
            self.bump();
            vendor = self.vendor();
            self.bump();
            self.expect(Punct::Colon, "after the vendor of the attributes")?;
        }
        self.attribute_list(attrs, vendor, Punct::RightBracket)?;
        self.expect(Punct::RightBracket, "after the attributes")?;
        self.expect(Punct::RightBracket, "after the attributes")
    }

    /// `__declspec(align(8) dllexport)`.
    fn declspec(&mut self, attrs: &mut Attrs) -> Parsed<()> {
        self.bump();
        self.expect(Punct::LeftParen, "after `__declspec`")?;
        self.attribute_list(attrs, Vendor::Declspec, Punct::RightParen)?;
        self.expect(Punct::RightParen, "after the attributes")
    }

    /// `alignas(16)`, `alignas(double)`.
    fn alignas(&mut self, attrs: &mut Attrs) -> Parsed<()> {
        self.bump();
        self.expect(Punct::LeftParen, "after `alignas`")?;
        let attr = self.nested(|p| {
            p.inside_parens(|p| {
                Ok(if p.at_type_name() {
                    Attr::AlignasType(p.type_name()?)
                } else {
                    Attr::Alignas(p.conditional()?)
                })
            })
        })?;
        self.eat(Punct::Ellipsis);
        self.expect(Punct::RightParen, "after the alignment")?;
        attrs.list.push(attr);
        Ok(())
    }

    fn vendor(&self) -> Vendor {
        match trim(self.text(self.peek(0).text)) {
            "gnu" | "clang" | "_Clang" => Vendor::Gnu,
            "msvc" => Vendor::Msvc,
            _ => Vendor::Unknown,
        }
    }

    fn attribute_list(&mut self, attrs: &mut Attrs, vendor: Vendor, end: Punct) -> Parsed<()> {
        loop {
            while self.eat(Punct::Comma) {}
            if self.at(end) {
                return Ok(());
            }
            let mut vendor = vendor;
            if self.punct(1) == Some(Punct::ColonColon) {
                vendor = self.vendor();
                self.bump();
                self.bump();
            } else if self.punct(1) == Some(Punct::Colon) && self.punct(2) == Some(Punct::Colon) {
                // C before C23 has no token `::`.
                vendor = self.vendor();
                self.bump();
                self.bump();
                self.bump();
            }
            let tok = self.peek(0);
            if tok.kind != TokenKind::Ident {
                return Err(self.expected("the name of an attribute"));
            }
            self.bump();
            self.attribute(attrs, vendor, tok.text)?;
            self.eat(Punct::Ellipsis);
            let separated = vendor == Vendor::Declspec || self.at(Punct::Comma) || self.at(end);
            if !separated {
                return Err(self.expected(&format!("`,` or `{}` after the attribute", end.text())));
            }
        }
    }

    /// One attribute, after its name.
    fn attribute(&mut self, attrs: &mut Attrs, vendor: Vendor, name: Symbol) -> Parsed<()> {
        let name = trim(self.text(name));
        let attr = match (vendor, name) {
            (Vendor::Gnu, "packed") => Some(Attr::Packed),
            (Vendor::Gnu, "ms_struct") => Some(Attr::MsStruct),
            (Vendor::Gnu, "gcc_struct") => Some(Attr::GccStruct),
            (Vendor::Gnu, "transparent_union") => Some(Attr::TransparentUnion),
            (Vendor::Standard | Vendor::Gnu, "no_unique_address") => {
                Some(Attr::NoUniqueAddress { msvc: false })
            }
            (Vendor::Msvc, "no_unique_address") => Some(Attr::NoUniqueAddress { msvc: true }),
            (Vendor::Declspec, "empty_bases") => Some(Attr::EmptyBases),
            // clang takes GNU's there, MinGW's `__declspec` is `__attribute__`.
            (Vendor::Declspec, "packed") => Some(Attr::Packed),
            (Vendor::Gnu, "aligned") if !self.at(Punct::LeftParen) => Some(Attr::Aligned(None)),
            (Vendor::Gnu, "aligned" | "vector_size" | "ext_vector_type")
            | (Vendor::Declspec, "align" | "aligned")
                if self.at(Punct::LeftParen) =>
            {
                Some(self.attribute_with_expression(name)?)
            }
            (Vendor::Gnu, "mode" | "scalar_storage_order") if self.at(Punct::LeftParen) => {
                self.attribute_with_word(name)?
            }
            _ => None,
        };
        attrs.list.extend(attr);
        if self.at(Punct::LeftParen) {
            self.skip_brackets("the arguments of the attribute")?;
        }
        Ok(())
    }

    fn attribute_with_expression(&mut self, name: &str) -> Parsed<Attr> {
        self.bump();
        if name == "aligned" && self.eat(Punct::RightParen) {
            return Ok(Attr::Aligned(None));
        }
        let expr = self.nested(|p| p.inside_parens(Self::conditional))?;
        self.expect(Punct::RightParen, &format!("after the argument of `{name}`"))?;
        Ok(match name {
            "aligned" => Attr::Aligned(Some(expr)),
            "align" => Attr::DeclspecAlign(expr),
            "vector_size" => Attr::VectorSize(expr),
            _ => Attr::ExtVectorType(expr),
        })
    }

    fn attribute_with_word(&mut self, name: &str) -> Parsed<Option<Attr>> {
        let word = self.text(self.peek(1).text);
        let attr = match name {
            "mode" => Some(Attr::Mode(trim(word).into())),
            _ => match word.trim_matches('"') {
                "big-endian" => Some(Attr::StorageOrder { big: true }),
                "little-endian" => Some(Attr::StorageOrder { big: false }),
                _ => None,
            },
        };
        self.skip_brackets("the arguments of the attribute")?;
        Ok(attr)
    }
}

/// `__packed__` is `packed`.
fn trim(name: &str) -> &str {
    name.strip_prefix("__").and_then(|name| name.strip_suffix("__")).unwrap_or(name)
}

//! What stands in `#[cwire(…)]`.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprGroup, ExprLit, ExprPath, Lit, LitInt, Meta, Path, Token};

use crate::errors::Errors;

/// Byte order, as written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Big,
    Little,
}

/// A number with the literal that says it, for errors.
pub(crate) struct Number {
    pub(crate) value: u64,
    pub(crate) literal: LitInt,
}

/// The keys of a `#[cwire(…)]`, whatever it stands on.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) bits: Option<Number>,
    pub(crate) pack: Option<Number>,
    pub(crate) align: Option<Number>,
    pub(crate) packed: bool,
    pub(crate) endian: Option<Endian>,
    pub(crate) name: Option<String>,
    pub(crate) abi: Option<Path>,
    pub(crate) view: Option<Path>,
    pub(crate) krate: Option<Path>,
}

/// Where a `#[cwire(…)]` stands, and which keys it may hold there.
pub(crate) struct Place {
    what: &'static str,
    keys: &'static [&'static str],
}

pub(crate) const ON_RECORD: Place = Place {
    what: "a struct",
    keys: &["abi", "align", "crate", "endian", "name", "pack", "packed", "view"],
};
pub(crate) const ON_FIELD: Place =
    Place { what: "a field", keys: &["align", "bits", "endian", "name"] };
pub(crate) const ON_ENUM: Place = Place { what: "an enum", keys: &["crate", "name"] };
pub(crate) const ON_ENUMERATOR: Place = Place { what: "an enumerator", keys: &["name"] };

impl Keys {
    /// Reads all `#[cwire(…)]` among `attrs`.
    pub(crate) fn read(attrs: &[Attribute], place: &Place, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("cwire")) {
            let metas = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            for meta in errors.take(metas).into_iter().flatten() {
                let key = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
                if !place.keys.contains(&key.as_str()) {
                    let known: Vec<_> = place.keys.iter().map(|key| format!("`{key}`")).collect();
                    let known = known.join(", ");
                    let what = place.what;
                    errors.at(meta.path(), format!("unknown key `{key}`; {what} takes {known}"));
                } else if seen.contains(&key) {
                    errors.at(meta.path(), format!("`{key}` is given twice"));
                } else {
                    let result = keys.set(&key, &meta);
                    errors.take(result);
                    seen.push(key);
                }
            }
        }
        keys
    }

    fn set(&mut self, key: &str, meta: &Meta) -> syn::Result<()> {
        match key {
            "bits" => self.bits = Some(number(meta, "a number of bits, as in `bits = 3`")?),
            "pack" => self.pack = Some(power_of_two(meta)?),
            "align" => self.align = Some(power_of_two(meta)?),
            "packed" => {
                if !matches!(meta, Meta::Path(_)) {
                    let message = "`packed` takes no value; for `#pragma pack(N)`, `pack = N`";
                    return Err(syn::Error::new_spanned(meta, message));
                }
                self.packed = true;
            }
            "endian" => self.endian = Some(endian(meta)?),
            "name" => self.name = Some(string(meta, "the name in C, as in `name = \"hdr\"`")?),
            "abi" => self.abi = Some(path(meta, "a type, as in `abi = abi::I686Windows`")?),
            "view" => self.view = Some(path(meta, "a name, as in `view = HeaderView`")?),
            _ => self.krate = Some(path(meta, "a path, as in `crate = my::cwire_codec`")?),
        }
        Ok(())
    }
}

/// The literal or path behind `=`.
fn value<'a>(meta: &'a Meta, needed: &str) -> syn::Result<&'a Expr> {
    match meta {
        Meta::NameValue(pair) => Ok(bare(&pair.value)),
        _ => Err(syn::Error::new_spanned(meta, format!("needs {needed}"))),
    }
}

/// The expression itself: one that comes out of a `macro_rules!` is in a group.
fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Group(ExprGroup { expr: inner, .. }) = expr {
        expr = inner;
    }
    expr
}

fn number(meta: &Meta, needed: &str) -> syn::Result<Number> {
    match value(meta, needed)? {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => {
            Ok(Number { value: literal.base10_parse()?, literal: literal.clone() })
        }
        other => Err(syn::Error::new_spanned(other, format!("needs {needed}"))),
    }
}

fn power_of_two(meta: &Meta) -> syn::Result<Number> {
    /// The largest alignment that gcc takes (2^28 bytes).
    const MAX: u64 = 1 << 28;
    let number = number(meta, "a number of bytes, as in `align = 8`")?;
    if number.value.is_power_of_two() && number.value <= MAX {
        return Ok(number);
    }
    Err(syn::Error::new(
        number.literal.span(),
        format!("an alignment is a power of two up to {MAX} bytes, not {}", number.value),
    ))
}

fn string(meta: &Meta, needed: &str) -> syn::Result<String> {
    match value(meta, needed)? {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Ok(literal.value()),
        other => Err(syn::Error::new_spanned(other, format!("needs {needed}"))),
    }
}

fn endian(meta: &Meta) -> syn::Result<Endian> {
    let needed = "\"big\" or \"little\"";
    match string(meta, needed)?.as_str() {
        "big" => Ok(Endian::Big),
        "little" => Ok(Endian::Little),
        _ => Err(syn::Error::new_spanned(value(meta, needed)?, format!("needs {needed}"))),
    }
}

fn path(meta: &Meta, needed: &str) -> syn::Result<Path> {
    match value(meta, needed)? {
        Expr::Path(ExprPath { path, .. }) => Ok(path.clone()),
        other => Err(syn::Error::new_spanned(other, format!("needs {needed}"))),
    }
}

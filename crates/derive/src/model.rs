//! A record or enum whose attributes keep the rules of C.

use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Field as SynField, Fields, GenericArgument, Ident, Path,
    PathArguments, Type, TypeGroup, TypeParen, Visibility, parse_quote,
};

use crate::attrs::{Endian, Keys, Number, ON_ENUM, ON_ENUMERATOR, ON_FIELD, ON_RECORD};
use crate::errors::Errors;

/// A struct that mirrors a C struct.
pub(crate) struct Record {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Name in C.
    pub(crate) name: String,
    pub(crate) view: Ident,
    pub(crate) krate: Path,
    pub(crate) abi: Path,
    pub(crate) pack: Option<u64>,
    pub(crate) packed: bool,
    pub(crate) align: Option<u64>,
    pub(crate) endian: Option<Endian>,
    pub(crate) fields: Vec<Field>,
}

/// One member.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Name in C.
    pub(crate) name: String,
    pub(crate) getter: Ident,
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Attribute>,
    /// Width of a bit-field.
    pub(crate) bits: Option<u32>,
    /// Not so for `Unnamed<T>`.
    pub(crate) named: bool,
    pub(crate) align: Option<u64>,
    pub(crate) endian: Option<Endian>,
}

/// An enum that mirrors a C enum.
pub(crate) struct Enum {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) krate: Path,
    /// Size in bytes and signedness of a fixed underlying type.
    pub(crate) fixed: Option<(u64, bool)>,
    /// Variants with their names in C.
    pub(crate) enumerators: Vec<(Ident, String)>,
}

/// What every view has besides the getters.
const VIEW_FUNCTIONS: [&str; 6] = ["split", "iter", "split_abi", "iter_abi", "as_bytes", "decode"];

impl Record {
    pub(crate) fn new(input: &DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let keys = Keys::read(&input.attrs, &ON_RECORD, &mut errors);
        if !input.generics.params.is_empty() {
            let message = "a C struct has no parameters: write a record for each instance";
            errors.at(&input.generics, message);
        }
        let fields = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => {
                    fields.named.iter().map(|field| Field::new(field, &mut errors)).collect()
                }
                Fields::Unnamed(_) | Fields::Unit => {
                    errors.at(&input.ident, "the members of a C struct have names: write `{ … }`");
                    Vec::new()
                }
            },
            Data::Enum(_) => {
                errors.at(&input.ident, "`Record` is for structs; an enum derives `CEnum`");
                Vec::new()
            }
            Data::Union(_) => {
                errors.at(&input.ident, "unions are not supported: which member counts is unknown");
                Vec::new()
            }
        };
        if let Data::Struct(data) = &input.data
            && matches!(&data.fields, Fields::Named(fields) if fields.named.is_empty())
        {
            errors.at(&input.ident, "a record has at least one field: C has no empty structs");
        }
        let view = match &keys.view {
            None => quote::format_ident!("{}View", input.ident),
            Some(path) => path.get_ident().cloned().unwrap_or_else(|| {
                errors.at(path, "needs a name without a path, as in `view = HeaderView`");
                input.ident.clone()
            }),
        };
        let krate = keys.krate.unwrap_or_else(|| parse_quote!(::cwire_codec));
        errors.finish(Self {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            name: keys.name.unwrap_or_else(|| input.ident.unraw().to_string()),
            view,
            abi: keys.abi.unwrap_or_else(|| parse_quote!(#krate::abi::X86_64Linux)),
            krate,
            pack: keys.pack.map(|pack| pack.value),
            packed: keys.packed,
            align: keys.align.map(|align| align.value),
            endian: keys.endian,
            fields,
        })
    }
}

impl Field {
    fn new(field: &SynField, errors: &mut Errors) -> Self {
        let keys = Keys::read(&field.attrs, &ON_FIELD, errors);
        let ident = field.ident.clone().expect("named fields have names");
        let named = !is_unnamed(&field.ty);
        let bits = keys.bits.map(|bits| check_bits(&bits, &field.ty, named, errors));
        if bits.is_some() && keys.endian.is_some() {
            let message = "a bit-field has the byte order of its struct: set `endian` there";
            errors.at(&ident, message);
        }
        if bits.is_some() && keys.align.is_some() {
            errors.at(&ident, "a bit-field takes no `align`: end the run with `Unnamed` before it");
        }
        let plain = ident.unraw().to_string();
        let getter = if VIEW_FUNCTIONS.contains(&plain.as_str()) {
            quote::format_ident!("{plain}_", span = ident.span())
        } else {
            ident.clone()
        };
        Self {
            getter,
            name: keys.name.unwrap_or(plain),
            ident,
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            docs: field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
            bits,
            named,
            align: keys.align.map(|align| align.value),
            endian: keys.endian,
        }
    }
}

/// The width of a bit-field, checked as far as the type's name tells; the rest is checked when the
/// type is known, by the code that `expand` writes.
fn check_bits(bits: &Number, ty: &Type, named: bool, errors: &mut Errors) -> u32 {
    let width = bits.value;
    let inner = unnamed_of(ty).unwrap_or(ty);
    let spelled = quote::ToTokens::to_token_stream(inner).to_string();
    let max = match last_segment(inner).as_deref() {
        Some("bool") => Some(1),
        Some("u8" | "i8" | "CSChar" | "CUChar") => Some(8),
        Some("u16" | "i16" | "CShort" | "CUShort") => Some(16),
        Some("u32" | "i32" | "CInt" | "CUInt") => Some(32),
        Some("u64" | "i64" | "CLongLong" | "CULongLong") => Some(64),
        Some("f32" | "f64" | "CPtr" | "CChar" | "CharArray" | "CBool") => None,
        Some(_) => Some(64),
        None => None,
    };
    match max {
        None => errors.push(syn::Error::new_spanned(
            inner,
            format!("a bit-field is stored in an integer, a `bool` or an enum, not in `{spelled}`"),
        )),
        Some(_) if width == 0 && named => errors.push(syn::Error::new(
            bits.literal.span(),
            format!("a bit-field of width 0 has no name in C: use the type `Unnamed<{spelled}>`"),
        )),
        Some(max) if width > max => errors.push(syn::Error::new(
            bits.literal.span(),
            match max {
                1 => format!("a bit-field stored in `{spelled}` is 1 bit wide, not {width}"),
                _ => {
                    format!(
                        "a bit-field stored in `{spelled}` is 1 to {max} bits wide, not {width}"
                    )
                }
            },
        )),
        Some(_) => {}
    }
    u32::try_from(width).unwrap_or(u32::MAX)
}

fn is_unnamed(ty: &Type) -> bool {
    last_segment(ty).as_deref() == Some("Unnamed")
}

/// The type itself: one that comes out of a `macro_rules!` is in a group.
fn bare(mut ty: &Type) -> &Type {
    while let Type::Group(TypeGroup { elem, .. }) | Type::Paren(TypeParen { elem, .. }) = ty {
        ty = elem;
    }
    ty
}

/// `T` of `Unnamed<T>`.
fn unnamed_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = bare(ty) else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == "Unnamed")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}

fn last_segment(ty: &Type) -> Option<String> {
    match bare(ty) {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

impl Enum {
    pub(crate) fn new(input: &DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let keys = Keys::read(&input.attrs, &ON_ENUM, &mut errors);
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "a C enum has no parameters");
        }
        let mut enumerators = Vec::new();
        if let Data::Enum(data) = &input.data {
            for variant in &data.variants {
                let keys = Keys::read(&variant.attrs, &ON_ENUMERATOR, &mut errors);
                if !matches!(variant.fields, Fields::Unit) {
                    let message = "an enumerator has no fields; `Open<E>` keeps unknown values";
                    errors.at(variant, message);
                }
                let name = keys.name.unwrap_or_else(|| variant.ident.unraw().to_string());
                enumerators.push((variant.ident.clone(), name));
            }
            if data.variants.is_empty() {
                errors.at(&input.ident, "a C enum has at least one enumerator");
            }
        } else {
            errors.at(&input.ident, "`CEnum` is for enums; a struct derives `Record`");
        }
        let fixed = fixed_type(&input.attrs, &mut errors);
        errors.finish(Self {
            ident: input.ident.clone(),
            name: keys.name.unwrap_or_else(|| input.ident.unraw().to_string()),
            krate: keys.krate.unwrap_or_else(|| parse_quote!(::cwire_codec)),
            fixed,
            enumerators,
        })
    }
}

/// Size and signedness that `#[repr(…)]` names. `#[repr(C)]` leaves the choice to the ABI.
fn fixed_type(attrs: &[Attribute], errors: &mut Errors) -> Option<(u64, bool)> {
    let mut fixed = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
        let result = attr.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            fixed = match name.as_str() {
                "u8" => Some((1, false)),
                "i8" => Some((1, true)),
                "u16" => Some((2, false)),
                "i16" => Some((2, true)),
                "u32" => Some((4, false)),
                "i32" => Some((4, true)),
                "u64" => Some((8, false)),
                "i64" => Some((8, true)),
                "C" => None,
                _ => return Err(meta.error("a C enum is held in 8, 16, 32 or 64 bits")),
            };
            Ok(())
        });
        errors.take(result);
    }
    fixed
}

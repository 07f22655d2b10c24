//! Writes code. Everything was checked before; nothing is checked here.
//!
//! The code names `::cwire_codec::__private` only. What depends on the ABI is a constant of
//! `__Places<A>`, which the compiler evaluates per ABI in use.

mod c_enum;
mod decode;
mod encode;
mod view;

pub(crate) use c_enum::c_enum;

use proc_macro2::TokenStream;
use quote::quote;

use crate::attrs::Endian;
use crate::model::{Field, Record};

/// The implementations for one record.
pub(crate) fn record(record: &Record) -> TokenStream {
    let krate = &record.krate;
    let view = view::definition(record);
    let places = places(record);
    let c_type = c_type(record);
    let record_impls = record_impls(record);
    let view_impls = view::implementations(record);
    quote! {
        #view

        const _: () = {
            use #krate::__private as __p;

            #places
            #c_type
            #record_impls
            #view_impls
        };
    }
}

/// The constants of a record under one ABI.
fn places(record: &Record) -> TokenStream {
    let count = record.fields.len();
    let order = with_endian(record.endian, quote!(__A));
    let pack = option(record.pack);
    let align = option(record.align);
    let packed = record.packed;
    let members = record.fields.iter().map(|field| {
        let abi = field_abi(field);
        let ty = &field.ty;
        let aligned = field.align.map(|align| quote!(.aligned(#align)));
        match field.bits {
            Some(width) => quote!(__p::bit_member::<#abi, #ty>(#width)),
            None => quote!(__p::member::<#abi, #ty>() #aligned),
        }
    });
    let named = record.fields.iter().enumerate().map(|(index, field)| {
        if field.named {
            quote!(Self::PLACED.places[#index])
        } else {
            quote!(__p::Place { size_bits: 0, ..Self::PLACED.places[#index] })
        }
    });
    let fields = record.fields.iter().enumerate().filter(|(_, field)| field.named);
    let fields = fields.map(|(index, field)| {
        let name = &field.name;
        let bit_field = field.bits.is_some();
        quote! {
            __p::FieldLayout {
                name: #name,
                offset_bits: Self::PLACED.places[#index].offset_bits,
                size_bits: Self::PLACED.places[#index].size_bits,
                bit_field: #bit_field,
            }
        }
    });
    let kinds = record.fields.iter().map(|field| match field.bits {
        None => quote!(__p::Kind::Field),
        Some(_) if field.named => quote!(__p::Kind::BitField),
        Some(_) => quote!(__p::Kind::Unnamed),
    });
    let has_bits = record.fields.iter().any(|field| field.bits.is_some());
    let windows = has_bits.then(|| {
        quote! {
            const WINDOWS: [__p::Window; #count] = __p::Window::all(
                &Self::PLACED.places,
                &[#(#kinds),*],
                Self::PLACED.layout.size,
                <__Order<__A> as __p::Target>::ABI.endian(),
            );
        }
    });
    quote! {
        /// The ABI with the record's byte order.
        type __Order<__A> = #order;

        struct __Places<__A>(__p::PhantomData<__A>);

        impl<__A: __p::Target> __Places<__A> {
            const PLACED: __p::Placed<#count> = __p::place(
                <__A as __p::Target>::ABI,
                __p::RecordAttrs {
                    pack: #pack,
                    packed: #packed,
                    align: #align,
                    ..__p::RecordAttrs::NONE
                },
                &[#(#members),*],
            );
            const NAMED: [__p::Place; #count] = [#(#named),*];
            const FIELDS: &'static [__p::FieldLayout] = &[#(#fields),*];
            #windows
        }
    }
}

fn c_type(record: &Record) -> TokenStream {
    let ident = &record.ident;
    let view = &record.view;
    let read = decode::read(record);
    let write = encode::write(record);
    let fits = record.fields.iter().map(|field| {
        let abi = field_abi(field);
        let ty = &field.ty;
        match field.bits {
            Some(width) => quote!(__p::bits_always_fit::<#abi, #ty>(#width)),
            None => quote!(<#ty as __p::CType<#abi>>::ALWAYS_FITS),
        }
    });
    let valid = record.fields.iter().map(|field| {
        let abi = field_abi(field);
        let ty = &field.ty;
        match field.bits {
            Some(width) => quote!(__p::bits_always_valid::<#abi, #ty>(#width)),
            None => quote!(<#ty as __p::CType<#abi>>::ALWAYS_VALID),
        }
    });
    let nested = record.fields.iter().enumerate();
    let nested = nested.filter(|(_, field)| field.bits.is_none() && field.named);
    let nested = nested.map(|(index, field)| {
        let abi = field_abi(field);
        let ty = &field.ty;
        let offset = offset(index);
        quote!(__p::scan_field::<#abi, #ty>(__bytes, #offset, __padding);)
    });
    quote! {
        #[automatically_derived]
        impl<__A: __p::Target> __p::CType<__A> for #ident {
            const LAYOUT: __p::TypeLayout = __Places::<__A>::PLACED.layout;
            const ALWAYS_FITS: bool = true #(&& #fits)*;
            const ALWAYS_VALID: bool = true #(&& #valid)*;
            type View<'__a> = #view<'__a, __A>;

            #read
            #write

            #[inline(always)]
            fn view(__bytes: &[u8]) -> #view<'_, __A> {
                #view { bytes: __p::exactly::<__A, Self>(__bytes), abi: __p::PhantomData }
            }

            fn scan_padding(__bytes: &[u8], __padding: &mut __p::Padding) {
                __padding.between(
                    __bytes,
                    &__Places::<__A>::NAMED,
                    <__Order<__A> as __p::Target>::ABI.endian(),
                );
                #(#nested)*
            }
        }
    }
}

fn record_impls(record: &Record) -> TokenStream {
    let ident = &record.ident;
    let name = &record.name;
    let abi = &record.abi;
    quote! {
        #[automatically_derived]
        impl<__A: __p::Target> __p::RecordType<__A> for #ident {
            const RECORD: __p::RecordLayout = __p::RecordLayout {
                name: #name,
                abi: <__Order<__A> as __p::Target>::ABI,
                size: __Places::<__A>::PLACED.layout.size,
                align: __Places::<__A>::PLACED.layout.align,
                fields: __Places::<__A>::FIELDS,
            };
        }

        #[automatically_derived]
        impl __p::Record for #ident {
            type Abi = #abi;
            type Bytes = [u8; <Self as __p::CType<#abi>>::SIZE];
            const ZEROED: Self::Bytes = [0; <Self as __p::CType<#abi>>::SIZE];
        }
    }
}

/// The ABI that a field is read with.
fn field_abi(field: &Field) -> TokenStream {
    with_endian(field.endian, quote!(__Order<__A>))
}

fn with_endian(endian: Option<Endian>, abi: TokenStream) -> TokenStream {
    match endian {
        None => abi,
        Some(Endian::Big) => quote!(__p::Big<#abi>),
        Some(Endian::Little) => quote!(__p::Little<#abi>),
    }
}

/// Offset in bytes of a field that is no bit-field.
fn offset(index: usize) -> TokenStream {
    quote!(const { __p::offset(__Places::<__A>::PLACED.places[#index]) })
}

/// Where a bit-field is found.
fn window(index: usize) -> TokenStream {
    quote!(const { __Places::<__A>::WINDOWS[#index] })
}

fn option(value: Option<u64>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

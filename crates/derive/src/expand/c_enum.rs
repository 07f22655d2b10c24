//! `CEnum`, and the closed enum as the type of a field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::model::Enum;

pub(crate) fn c_enum(model: &Enum) -> TokenStream {
    let Enum { ident, name, krate, fixed, enumerators } = model;
    let fixed = match fixed {
        None => quote!(::core::option::Option::None),
        Some((size, signed)) => quote! {
            ::core::option::Option::Some(__p::FixedType { size: #size, signed: #signed })
        },
    };
    let constants: Vec<_> =
        (0..enumerators.len()).map(|index| format_ident!("VALUE_{index}")).collect();
    let variants: Vec<_> = enumerators.iter().map(|(variant, _)| variant).collect();
    let names = enumerators.iter().map(|(_, name)| name);
    quote! {
        const _: () = {
            use #krate::__private as __p;

            #(const #constants: i128 = #ident::#variants as i128;)*

            #[automatically_derived]
            impl __p::CEnum for #ident {
                const NAME: &'static str = #name;
                const ENUMERATORS: &'static [__p::Enumerator<Self>] = &[#(
                    __p::Enumerator {
                        name: #names,
                        enumerator: #ident::#variants,
                        value: #constants,
                    }
                ),*];
                const FIXED: ::core::option::Option<__p::FixedType> = #fixed;

                #[inline]
                fn value(self) -> i128 {
                    match self {
                        #(#ident::#variants => #constants),*
                    }
                }

                #[inline]
                fn from_value(value: i128) -> ::core::option::Option<Self> {
                    match value {
                        #(#constants => ::core::option::Option::Some(#ident::#variants),)*
                        _ => ::core::option::Option::None,
                    }
                }
            }

            #[automatically_derived]
            impl<__A: __p::Target> __p::CType<__A> for #ident {
                const LAYOUT: __p::TypeLayout = <__p::Open<Self> as __p::CType<__A>>::LAYOUT;
                const ALWAYS_FITS: bool = __p::closed_always_fits::<__A, Self>();
                const ALWAYS_VALID: bool = false;
                type View<'__a> = __p::Open<Self>;

                #[inline(always)]
                fn read(bytes: &[u8]) -> ::core::result::Result<Self, __p::DecodeError> {
                    __p::read_closed::<__A, Self>(bytes)
                }

                #[inline(always)]
                fn write(&self, bytes: &mut [u8]) -> ::core::result::Result<(), __p::EncodeError> {
                    <__p::Open<Self> as __p::CType<__A>>::write(&__p::Open::Known(*self), bytes)
                }

                #[inline(always)]
                fn view(bytes: &[u8]) -> __p::Open<Self> {
                    <__p::Open<Self> as __p::CType<__A>>::view(bytes)
                }
            }

            #[automatically_derived]
            impl<__A: __p::Target> __p::BitField<__A> for #ident {
                const SIGNED: bool = <__p::Open<Self> as __p::BitField<__A>>::SIGNED;
                type BitsView = __p::Open<Self>;

                #[inline(always)]
                fn from_bits(
                    raw: u64,
                    width: u32,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    __p::closed_from_bits::<__A, Self>(raw, width)
                }

                #[inline(always)]
                fn fits(&self, width: u32) -> bool {
                    <__p::Open<Self> as __p::BitField<__A>>::fits(&__p::Open::Known(*self), width)
                }

                #[inline(always)]
                fn low_bits(&self) -> u64 {
                    <__p::Open<Self> as __p::BitField<__A>>::low_bits(&__p::Open::Known(*self))
                }

                fn number(&self) -> i128 {
                    <Self as __p::CEnum>::value(*self)
                }

                #[inline(always)]
                fn bits_view(raw: u64, width: u32) -> __p::Open<Self> {
                    <__p::Open<Self> as __p::BitField<__A>>::bits_view(raw, width)
                }
            }
        };
    }
}

//! `FooView`: the record in place.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field_abi, offset, window};
use crate::model::Record;

/// The struct. It stands beside the record, where users can name it.
pub(super) fn definition(record: &Record) -> TokenStream {
    let krate = &record.krate;
    let vis = &record.vis;
    let view = &record.view;
    let abi = &record.abi;
    let doc = format!(
        "One [`{}`] in place: borrowed bytes, which need no alignment, and getters that decode \
         one member each.",
        record.ident
    );
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Clone, Copy)]
        #vis struct #view<'a, A: #krate::abi::Target = #abi> {
            bytes: &'a [u8],
            abi: #krate::__private::PhantomData<A>,
        }
    }
}

pub(super) fn implementations(record: &Record) -> TokenStream {
    let ident = &record.ident;
    let vis = &record.vis;
    let view = &record.view;
    let abi = &record.abi;
    let name = view.to_string();
    let getters = record.fields.iter().enumerate().filter(|(_, field)| field.named);
    let getters = getters.map(|(index, field)| {
        let getter = &field.getter;
        let vis = &field.vis;
        let ty = &field.ty;
        let abi = field_abi(field);
        let docs = &field.docs;
        let doc = if docs.is_empty() {
            let doc = format!("The member `{}`.", field.name);
            quote!(#[doc = #doc])
        } else {
            quote!(#(#docs)*)
        };
        let (seen, body) = if field.bits.is_some() {
            let window = window(index);
            (
                quote!(<#ty as __p::BitField<#abi>>::BitsView),
                quote!(__p::view_bits::<#abi, #ty>(self.bytes, #window)),
            )
        } else {
            let offset = offset(index);
            (
                quote!(<#ty as __p::CType<#abi>>::View<'__a>),
                quote!(__p::view_field::<#abi, #ty>(self.bytes, #offset)),
            )
        };
        quote! {
            #doc
            #[inline]
            #[must_use]
            #vis fn #getter(self) -> #seen {
                #body
            }
        }
    });
    let shown = record.fields.iter().filter(|field| field.named).map(|field| {
        let getter = &field.getter;
        let name = &field.name;
        quote!(.field(#name, &self.#getter()))
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl<'__a> #view<'__a, #abi> {
            /// Splits one record off the front of `bytes` and returns it with the rest.
            ///
            /// # Errors
            ///
            /// There are fewer bytes than one record.
            #[inline]
            #vis fn split(
                bytes: &'__a [u8],
            ) -> ::core::result::Result<(Self, &'__a [u8]), __p::DecodeError> {
                Self::split_abi::<#abi>(bytes)
            }

            /// As `split`, under another ABI.
            ///
            /// # Errors
            ///
            /// There are fewer bytes than one record.
            #[inline]
            #vis fn split_abi<__A: __p::Target>(
                bytes: &'__a [u8],
            ) -> ::core::result::Result<(#view<'__a, __A>, &'__a [u8]), __p::DecodeError> {
                __p::split_view::<__A, #ident>(bytes)
            }

            /// The records that `bytes` holds one after the other.
            ///
            /// # Errors
            ///
            /// `bytes` is no whole number of records.
            #[inline]
            #vis fn iter(
                bytes: &'__a [u8],
            ) -> ::core::result::Result<__p::Views<'__a, #ident, #abi>, __p::DecodeError> {
                __p::Views::new(bytes)
            }

            /// As `iter`, under another ABI.
            ///
            /// # Errors
            ///
            /// `bytes` is no whole number of records.
            #[inline]
            #vis fn iter_abi<__A: __p::Target>(
                bytes: &'__a [u8],
            ) -> ::core::result::Result<__p::Views<'__a, #ident, __A>, __p::DecodeError> {
                __p::Views::new(bytes)
            }
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl<'__a, __A: __p::Target> #view<'__a, __A> {
            /// The bytes of the record, padding included.
            #[inline]
            #[must_use]
            #vis fn as_bytes(self) -> &'__a [u8] {
                self.bytes
            }

            /// The owned record.
            ///
            /// # Errors
            ///
            /// A field holds no value of its type.
            #[inline]
            #vis fn decode(self) -> ::core::result::Result<#ident, __p::DecodeError> {
                <#ident as __p::CType<__A>>::read(self.bytes)
            }

            #(#getters)*
        }

        #[automatically_derived]
        impl<__A: __p::Target> ::core::fmt::Debug for #view<'_, __A> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name) #(#shown)* .finish()
            }
        }
    }
}

//! `CType::read`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field_abi, offset, window};
use crate::model::Record;

pub(super) fn read(record: &Record) -> TokenStream {
    let fields = record.fields.iter().enumerate().map(|(index, field)| {
        let ident = &field.ident;
        let name = &field.name;
        let ty = &field.ty;
        let abi = field_abi(field);
        if field.bits.is_some() {
            let window = window(index);
            quote! {
                #ident: __p::read_bits::<#abi, #ty>(
                    __bytes,
                    #window,
                    #name,
                )?
            }
        } else {
            let offset = offset(index);
            quote!(#ident: __p::read_field::<#abi, #ty>(__bytes, #offset, #name)?)
        }
    });
    let into = record.fields.iter().enumerate().map(|(index, field)| {
        let ident = &field.ident;
        let name = &field.name;
        let ty = &field.ty;
        let abi = field_abi(field);
        if field.bits.is_some() {
            let window = window(index);
            quote!(__out.#ident = __p::read_bits::<#abi, #ty>(__bytes, #window, #name)?;)
        } else {
            let offset = offset(index);
            quote!(__p::read_field_into::<#abi, #ty>(
                __bytes, #offset, #name, &mut __out.#ident,
            )?;)
        }
    });
    quote! {
        #[inline(always)]
        fn read(__bytes: &[u8]) -> ::core::result::Result<Self, __p::DecodeError> {
            let __bytes = __p::exactly::<__A, Self>(__bytes);
            ::core::result::Result::Ok(Self { #(#fields),* })
        }

        #[inline(always)]
        fn read_into(
            __bytes: &[u8],
            __out: &mut Self,
        ) -> ::core::result::Result<(), __p::DecodeError> {
            // A record that can fail is built first, so that a failure leaves no half of it.
            if const { !<Self as __p::CType<__A>>::ALWAYS_VALID } {
                *__out = <Self as __p::CType<__A>>::read(__bytes)?;
                return ::core::result::Result::Ok(());
            }
            let __bytes = __p::exactly::<__A, Self>(__bytes);
            #(#into)*
            ::core::result::Result::Ok(())
        }
    }
}

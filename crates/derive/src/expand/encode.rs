//! `CType::write`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field_abi, offset, window};
use crate::model::Record;

pub(super) fn write(record: &Record) -> TokenStream {
    // Bit-fields are or-ed into zeros; where there are none, only the gaps need zeroing.
    let has_bits = record.fields.iter().any(|field| field.bits.is_some());
    let zero_all = has_bits.then(|| quote!(__bytes.fill(0);));
    let mut end = quote!(0);
    let fields = record.fields.iter().enumerate().map(|(index, field)| {
        let ident = &field.ident;
        let name = &field.name;
        let ty = &field.ty;
        let abi = field_abi(field);
        if field.bits.is_some() {
            let window = window(index);
            return quote! {
                __p::write_bits::<#abi, #ty>(
                    &self.#ident,
                    __bytes,
                    const { __Places::<__A>::#window },
                    #name,
                )?;
            };
        }
        let offset = offset(index);
        let zero = (!has_bits).then(|| quote!(__p::zero(__bytes, #end, #offset);));
        end = quote!(const { __p::end(__Places::<__A>::PLACED.places[#index]) });
        quote! {
            #zero
            __p::write_field::<#abi, #ty>(&self.#ident, __bytes, #offset, #name)?;
        }
    });
    let fields: Vec<_> = fields.collect();
    let zero_tail = (!has_bits)
        .then(|| quote!(__p::zero(__bytes, #end, const { <Self as __p::CType<__A>>::SIZE });));
    quote! {
        #[inline]
        fn write(&self, __bytes: &mut [u8]) -> ::core::result::Result<(), __p::EncodeError> {
            let __bytes = __p::exactly_mut::<__A, Self>(__bytes);
            #zero_all
            #(#fields)*
            #zero_tail
            ::core::result::Result::Ok(())
        }
    }
}

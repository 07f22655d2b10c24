//! `CType::write`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field_abi, offset, window};
use crate::model::{Field, Record};

pub(super) fn write(record: &Record) -> TokenStream {
    let mut end = quote!(0);
    let mut steps = Vec::new();
    let mut fields = record.fields.iter().enumerate().peekable();
    while let Some((index, field)) = fields.next() {
        if field.bits.is_none() {
            let offset = offset(index);
            let ident = &field.ident;
            let name = &field.name;
            let ty = &field.ty;
            let abi = field_abi(field);
            steps.push(quote! {
                __p::zero(__bytes, #end, #offset);
                __p::write_field::<#abi, #ty>(&self.#ident, __bytes, #offset, #name)?;
            });
            end = quote!(const { __p::end(__Places::<__A>::PLACED.places[#index]) });
            continue;
        }
        let mut run = vec![(index, field)];
        while let Some(next) = fields.next_if(|(_, field)| field.bits.is_some()) {
            run.push(next);
        }
        let next = match fields.peek() {
            Some(&(next, _)) => offset(next),
            None => quote!(const { <Self as __p::CType<__A>>::SIZE }),
        };
        run.retain(|(_, field)| field.named);
        let check = check(&run);
        let stores = stores(&run);
        steps.push(quote! {
            #check
            __p::zero(__bytes, #end, #next);
            #stores
        });
        end = next;
    }
    quote! {
        #[inline(always)]
        fn write(&self, __bytes: &mut [u8]) -> ::core::result::Result<(), __p::EncodeError> {
            let __bytes = __p::exactly_mut::<__A, Self>(__bytes);
            #(#steps)*
            __p::zero(__bytes, #end, const { <Self as __p::CType<__A>>::SIZE });
            ::core::result::Result::Ok(())
        }
    }
}

/// Checks the values of a run of bit-fields, with one branch while all fit.
fn check(run: &[(usize, &Field)]) -> TokenStream {
    let each = |function: TokenStream, name: bool| {
        let function = &function;
        run.iter()
            .map(move |(index, field)| {
                let ident = &field.ident;
                let ty = &field.ty;
                let abi = field_abi(field);
                let window = window(*index);
                let name = name.then_some(&field.name).into_iter();
                quote!(__p::#function::<#abi, #ty>(&self.#ident, #window #(, #name)*))
            })
            .collect::<Vec<_>>()
    };
    let fits = each(quote!(fits), false);
    let checks = each(quote!(check_fits), true);
    quote! {
        if !(true #(& #fits)*) {
            return __p::misfit([#(#checks),*]);
        }
    }
}

/// Stores a run of bit-fields over zeros, those of one window at once.
fn stores(run: &[(usize, &Field)]) -> TokenStream {
    let stores = run.iter().enumerate().map(|(at, (index, field))| {
        let ident = &field.ident;
        let ty = &field.ty;
        let abi = field_abi(field);
        let this = window(*index);
        let store = quote!(#this.store(__bytes, __unit, __endian););
        let store = match run.get(at + 1) {
            None => store,
            Some((next, _)) => {
                let next = window(*next);
                quote! {
                    if !#this.is_same(#next) {
                        #store
                        __unit = 0;
                    }
                }
            }
        };
        quote! {
            __unit |= __p::shifted_bits::<#abi, #ty>(&self.#ident, #this);
            #store
        }
    });
    let stores: Vec<_> = stores.collect();
    if stores.is_empty() {
        return TokenStream::new();
    }
    quote! {
        let __endian = const { <__Order<__A> as __p::Target>::ABI.endian() };
        let mut __unit = 0;
        #(#stores)*
    }
}

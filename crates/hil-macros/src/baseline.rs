//! `#[hil::baseline]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, parse::Nothing};

use crate::signature;

/// The function, and its registration as the baseline of its module.
pub(crate) fn expand(options: TokenStream, function: TokenStream) -> syn::Result<TokenStream> {
    syn::parse2::<Nothing>(options)?;
    let mut function: ItemFn = syn::parse2(function)?;
    let parameters = signature::parameters(&mut function)?;
    let needs = signature::needs(&parameters);
    let name = function.sig.ident.to_string();
    let run = signature::call(&function, &parameters, None);
    Ok(quote! {
        #function
        const _: () = {
            #run
            ::hil::__private::submit! {
                ::hil::__private::BaselineDef {
                    module: ::core::module_path!(),
                    function: #name,
                    needs: #needs,
                    run,
                }
            }
        };
    })
}

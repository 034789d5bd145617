//! `#[hil::test]`.

use hil_model::Description;
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, ItemFn};

use crate::options::Options;
use crate::signature::{self, Case};

/// The function, and a registration for each of its cases.
pub(crate) fn expand(options: TokenStream, function: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let mut function: ItemFn = syn::parse2(function)?;
    let parameters = signature::parameters(&mut function)?;
    let cases = signature::cases(&mut function, &parameters)?;
    let doc = checked_doc(&function)?;
    let needs = signature::needs(&parameters);
    let name = function.sig.ident.to_string();
    let Options { markers, mutates, covers, timeout_ms, retries, repeats, stop_on_fail, teardown } = options;
    let timeout_ms = optional(timeout_ms.as_ref());
    let (retries, repeats) = (optional(retries.as_ref()), optional(repeats.as_ref()));
    let variants: Vec<Option<&Case>> =
        if cases.is_empty() { vec![None] } else { cases.iter().map(Some).collect() };
    let registrations = variants.into_iter().map(|case| {
        let run = signature::call(&function, &parameters, case);
        let case = optional(case.map(|case| &case.name));
        quote! {
            const _: () = {
                #run
                ::hil::__private::submit! {
                    ::hil::__private::TestDef {
                        module: ::core::module_path!(),
                        function: #name,
                        case: #case,
                        doc: #doc,
                        markers: &[#(#markers),*],
                        needs: #needs,
                        mutates: &[#(::hil::model::Mutation::#mutates),*],
                        covers: &[#(::hil::model::Operation::#covers),*],
                        timeout_ms: #timeout_ms,
                        retries: #retries,
                        repeats: #repeats,
                        stop_on_fail: #stop_on_fail,
                        teardown: #teardown,
                        file: ::core::file!(),
                        line: ::core::line!(),
                        run,
                    }
                }
            };
        }
    });
    Ok(quote! {
        #function
        #(#registrations)*
    })
}

/// The doc comment; a malformed one is a compile error at its place.
fn checked_doc(function: &ItemFn) -> syn::Result<String> {
    let doc = signature::doc(&function.attrs);
    let comment = function.attrs.iter().find(|attribute| attribute.path().is_ident("doc"));
    let span = comment.map_or_else(|| function.sig.ident.span(), Attribute::span);
    if let Err(error) = Description::parse(&doc) {
        let mut message = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            message = format!("{message}: {source}");
        }
        return Err(syn::Error::new(span, message));
    }
    Ok(doc)
}

fn optional<T: quote::ToTokens>(value: Option<&T>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

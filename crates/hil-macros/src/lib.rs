//! The attributes that turn a function into a test of a bench. Test authors reach them as `hil::test` and
//! `hil::baseline`, where they are documented.

#![forbid(unsafe_code)]

mod baseline;
mod options;
mod signature;
mod test;

use proc_macro::TokenStream;

/// Turns a function into a test. See `hil::test`.
#[proc_macro_attribute]
pub fn test(options: TokenStream, function: TokenStream) -> TokenStream {
    test::expand(options.into(), function.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Turns a function into the baseline of its module. See `hil::baseline`.
#[proc_macro_attribute]
pub fn baseline(options: TokenStream, function: TokenStream) -> TokenStream {
    baseline::expand(options.into(), function.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

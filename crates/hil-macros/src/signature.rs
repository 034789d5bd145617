//! What a test asks for in its signature.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, FnArg, ItemFn, Lit, Meta, PatType, Token, Type};

/// A parameter of a test.
pub(crate) enum Parameter {
    /// `&Ctx`.
    Context,
    /// A resource, by its type.
    Resource(Box<Type>),
    /// A value of the case.
    Case,
}

/// A case of a parametrised test.
pub(crate) struct Case {
    /// Its name, unique in the test.
    pub(crate) name: String,
    /// Its values, in order of the parameters.
    pub(crate) values: Vec<Expr>,
}

/// Takes the parameters out of `function`, and its `#[case]` marks.
pub(crate) fn parameters(function: &mut ItemFn) -> syn::Result<Vec<Parameter>> {
    function.sig.inputs.iter_mut().map(parameter).collect()
}

fn parameter(input: &mut FnArg) -> syn::Result<Parameter> {
    let FnArg::Typed(PatType { attrs, ty, .. }) = input else {
        return Err(syn::Error::new(input.span(), "a test takes no `self`"));
    };
    let marks = attrs.len();
    attrs.retain(|attribute| !attribute.path().is_ident("case"));
    if attrs.len() < marks {
        return Ok(Parameter::Case);
    }
    match &**ty {
        Type::Reference(reference) if is_context(&reference.elem) => Ok(Parameter::Context),
        Type::Reference(reference) => {
            Err(syn::Error::new(reference.span(), "resources are taken by value, only `&Ctx` by reference"))
        }
        _ => Ok(Parameter::Resource(ty.clone())),
    }
}

fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Ctx"))
}

/// Takes the `#[case(…)]` and `#[case::name(…)]` attributes out of `function`.
pub(crate) fn cases(function: &mut ItemFn, parameters: &[Parameter]) -> syn::Result<Vec<Case>> {
    let expected = parameters.iter().filter(|parameter| matches!(parameter, Parameter::Case)).count();
    let is_case =
        |attribute: &Attribute| attribute.path().segments.first().is_some_and(|first| first.ident == "case");
    let (marked, rest): (Vec<_>, Vec<_>) = function.attrs.drain(..).partition(is_case);
    function.attrs = rest;
    let mut cases: Vec<Case> = Vec::new();
    for attribute in marked {
        let values = attribute.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
        if values.len() != expected {
            let message = format!("{} values for {expected} `#[case]` parameters", values.len());
            return Err(syn::Error::new(attribute.span(), message));
        }
        let name = match attribute.path().segments.get(1) {
            Some(segment) => segment.ident.to_string(),
            None => format!("case_{}", cases.len() + 1),
        };
        if cases.iter().any(|case| case.name == name) {
            return Err(syn::Error::new(attribute.span(), format!("case `{name}` stands twice")));
        }
        cases.push(Case { name, values: values.into_iter().collect() });
    }
    if cases.is_empty() && expected > 0 {
        let message = "`#[case]` parameters need at least one `#[case::name(value)]` on the function";
        return Err(syn::Error::new(function.sig.ident.span(), message));
    }
    Ok(cases)
}

/// The call of `function` with its resources fetched from `ctx` and the values of `case`.
pub(crate) fn call(function: &ItemFn, parameters: &[Parameter], case: Option<&Case>) -> TokenStream {
    let name = &function.sig.ident;
    let mut values = case.into_iter().flat_map(|case| &case.values);
    let mut fetched = Vec::new();
    let mut arguments = Vec::new();
    for (at, parameter) in parameters.iter().enumerate() {
        match parameter {
            Parameter::Context => arguments.push(quote!(ctx)),
            Parameter::Case => {
                let value = values.next();
                arguments.push(quote!(#value));
            }
            Parameter::Resource(ty) => {
                let resource = format_ident!("resource_{at}");
                fetched.push(quote!(let #resource = <#ty as ::hil::FromBench>::from_bench(ctx)?;));
                arguments.push(quote!(#resource));
            }
        }
    }
    quote! {
        fn run(ctx: &::hil::Ctx) -> ::hil::Result {
            let _ = ctx;
            #(#fetched)*
            ::hil::__private::finish(#name(#(#arguments),*))
        }
    }
}

/// The session resources that the parameters need.
pub(crate) fn needs(parameters: &[Parameter]) -> TokenStream {
    let resources = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Resource(ty) => Some(quote!(<#ty as ::hil::FromBench>::NEEDS)),
        Parameter::Context | Parameter::Case => None,
    });
    quote!(&[#(#resources),*])
}

/// The text of the doc comment.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value()),
            _ => None,
        },
        Meta::Path(_) | Meta::List(_) | Meta::NameValue(_) => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

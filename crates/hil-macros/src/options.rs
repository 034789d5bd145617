//! What stands in the brackets of `#[hil::test(…)]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitInt, LitStr, Token, bracketed};

/// The options of a test.
#[derive(Default)]
pub(crate) struct Options {
    /// The markers, lower-case as the command line spells them.
    pub(crate) markers: Vec<String>,
    /// What it changes that may outlive it: variants of `Mutation`.
    pub(crate) mutates: Vec<Ident>,
    /// What it shows to work: variants of `Operation`.
    pub(crate) covers: Vec<Ident>,
    /// The time limit in milliseconds.
    pub(crate) timeout_ms: Option<u64>,
    /// How often a red attempt is repeated.
    pub(crate) retries: Option<u32>,
    /// How often it may ask to be repeated.
    pub(crate) repeats: Option<u32>,
    /// Whether the run ends with it, once it is red.
    pub(crate) stop_on_fail: bool,
    /// Whether it runs at the end, whatever happened.
    pub(crate) teardown: bool,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if key == "stop_on_fail" {
                options.stop_on_fail = true;
            } else if key == "teardown" {
                options.teardown = true;
            } else if key == "markers" {
                options.markers =
                    names(input)?.iter().map(|marker| marker.to_string().to_lowercase()).collect();
            } else if key == "mutates" {
                options.mutates = names(input)?;
            } else if key == "covers" {
                options.covers = names(input)?;
            } else if key == "timeout" {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                options.timeout_ms = Some(milliseconds(&text)?);
            } else if key == "retries" {
                options.retries = Some(number(input)?);
            } else if key == "repeats" {
                options.repeats = Some(number(input)?);
            } else {
                return Err(syn::Error::new(
                    key.span(),
                    "unknown option; expected `markers`, `mutates`, `covers`, `timeout`, `retries`, `repeats`, `stop_on_fail` or `teardown`",
                ));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// Reads `= [ONE, OTHER]`.
fn names(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    input.parse::<Token![=]>()?;
    let list;
    bracketed!(list in input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&list)?.into_iter().collect())
}

/// Reads `= 3`.
fn number(input: ParseStream<'_>) -> syn::Result<u32> {
    input.parse::<Token![=]>()?;
    input.parse::<LitInt>()?.base10_parse()
}

/// Reads `500ms`, `30s` or `2m`.
fn milliseconds(text: &LitStr) -> syn::Result<u64> {
    let value = text.value();
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(split);
    let factor = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    number
        .parse()
        .ok()
        .zip(factor)
        .and_then(|(number, factor): (u64, u64)| number.checked_mul(factor))
        .filter(|limit| *limit > 0)
        .ok_or_else(|| syn::Error::new(text.span(), "expected a time such as \"500ms\", \"30s\" or \"2m\""))
}

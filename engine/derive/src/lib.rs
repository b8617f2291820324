//! Derives what a step type takes and gives from plain structs, with the doc comments as documentation.
//!
//! `#[derive(Arguments)]` takes fields of type `Arg<T>` and `Option<Arg<T>>`; `#[derive(Outputs)]` takes any field type
//! that is an output type, and each of them says where its value comes from:
//!
//! | attribute | the value |
//! |---|---|
//! | `#[output(from(account, name))]` | is made from these arguments: it is sensitive or ephemeral where one of them is |
//! | `#[output(answer)]` | is the service's alone |
//! | `#[output(echoed)]` | is an argument given back, with the marks that it came with |
//! | `#[output(sensitive)]` | is a secret in every run |
//!
//! A field that says nothing does not compile: the documentation of `arcbook_engine::step::Outputs` shows it.

mod arguments;
mod docs;
mod outputs;
mod redact;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `arcbook_engine::step::Arguments`.
#[proc_macro_derive(Arguments)]
pub fn arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    arguments::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `arcbook_engine::step::Outputs`.
#[proc_macro_derive(Outputs, attributes(output))]
pub fn outputs(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    outputs::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `arcbook_engine::redact::Redact` for structs and enums.
#[proc_macro_derive(Redact, attributes(redact))]
pub fn redact(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    redact::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

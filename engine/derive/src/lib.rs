//! Derives what a step type takes and gives from plain structs, with the doc comments as documentation.
//!
//! `#[derive(Arguments)]` takes fields of type `Arg<T>` and `Option<Arg<T>>`; `#[derive(Outputs)]` takes any field type
//! that is an output type, and `#[output(sensitive)]` on those that are always secret.

mod arguments;
mod docs;
mod outputs;

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

//! Derives the arguments and outputs of a step type from plain structs, with the doc comments as
//! documentation.
//!
//! `#[derive(Arguments)]` accepts fields of type `Arg<T>` and `Option<Arg<T>>`; the documentation of
//! `arcbook_engine::step::Arguments` lists the types and the attributes. `#[derive(Choice)]` makes an argument type
//! of an enum. `#[derive(Outputs)]` accepts fields of any output type, each of which declares the origin of its
//! value:
//!
//! | attribute | origin of the value |
//! |---|---|
//! | `#[output(from(account, name))]` | these arguments: it is sensitive or ephemeral if one of them is |
//! | `#[output(answer)]` | the service alone |
//! | `#[output(fact)]` | the change: no secret by itself, even in a sensitive step |
//! | `#[output(echoed)]` | an argument returned with its own marks |
//! | `#[output(sensitive)]` | a secret in every run |
//! | `#[output(ephemeral)]` | a secret that differs in every run and lives as long as it |
//!
//! `#[output(answer, arm_id)]` also declares that the value is an ARM id: a plan admits several path segments in its
//! place, and a single one in place of other unknown values.
//! `#[output(…, body = "value")]` declares in addition that the output is that member of the response: a record then
//! holds it once, in `body`.
//!
//! A field without this attribute does not compile: the documentation of `arcbook_engine::step::Outputs`
//! shows it.

mod arguments;
mod choice;
mod docs;
mod events;
mod groups;
mod outputs;
mod redact;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `arcbook_engine::step::Arguments`.
#[proc_macro_derive(Arguments, attributes(argument, arguments))]
pub fn arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    arguments::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `arcbook_engine::step::Choice` and `arcbook_engine::step::ArgumentType` for an enum.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
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

/// Derives reading of the events in an enum that serde writes with
/// `#[serde(tag = "event", rename_all = "snake_case")]`, straight from their text.
///
/// serde's own reader of such an enum copies all members first, and cannot read numbers from the copy. This one
/// expects the tag before the members, as serde writes it. A member with `skip_serializing_if` may be missing.
#[proc_macro_derive(ReadEvents, attributes(serde))]
pub fn read_events(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    events::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

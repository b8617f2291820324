//! `#[derive(ReadEvents)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, Result, Variant};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "only an enum is a set of events"));
    };
    let ty = &input.ident;
    let names: Vec<String> = data.variants.iter().map(|variant| snake_case(&variant.ident)).collect();
    let patterns = data.variants.iter().map(|variant| {
        let ident = &variant.ident;
        quote!(Self::#ident { .. })
    });
    let reads = data.variants.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        impl #ty {
            /// The names of all events.
            pub const NAMES: &'static [&'static str] = &[#(#names),*];

            /// Returns the name of the event.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    #(#patterns => #names,)*
                }
            }

            /// Reads the members of the event with that name; an unknown event, an unknown member and a missing
            /// one are errors.
            pub fn read_members<'de, A: ::serde::de::MapAccess<'de>>(
                name: &str,
                members: A,
            ) -> ::std::result::Result<Self, A::Error> {
                let members = ::serde::de::value::MapAccessDeserializer::new(members);
                match name {
                    #(#names => { #reads })*
                    _ => Err(::serde::de::Error::custom(::std::format_args!("unknown event `{name}`"))),
                }
            }
        }
    })
}

/// Returns the code that reads the members of a variant.
fn read(variant: &Variant) -> Result<TokenStream> {
    let ident = &variant.ident;
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Ok(quote!(::serde::Deserialize::deserialize(members).map(Self::#ident)))
        }
        Fields::Named(fields) => {
            let names: Vec<_> = fields.named.iter().map(|field| &field.ident).collect();
            let members = fields.named.iter().map(member);
            Ok(quote! {
                #[derive(::serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct #ident { #(#members),* }
                let #ident { #(#names),* } = ::serde::Deserialize::deserialize(members)?;
                Ok(Self::#ident { #(#names),* })
            })
        }
        _ => Err(Error::new_spanned(ident, "an event has named members, or one struct of them")),
    }
}

/// Returns a member with its `serde` attributes; one that may be left out is read as its default.
fn member(field: &Field) -> TokenStream {
    let (name, ty) = (&field.ident, &field.ty);
    let attributes: Vec<&Attribute> =
        field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")).collect();
    let may_be_missing =
        attributes.iter().any(|attribute| quote!(#attribute).to_string().contains("skip_serializing_if"));
    let default = may_be_missing.then(|| quote!(#[serde(default)]));
    quote!(#(#attributes)* #default #name: #ty)
}

/// Returns `step_started` for `StepStarted`.
fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for letter in ident.to_string().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

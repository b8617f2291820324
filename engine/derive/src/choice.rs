//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

use crate::docs::docs;

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a choice is an enum"));
    };
    let choice = &input.ident;
    let variants = data.variants.iter().map(read).collect::<Result<Vec<_>>>()?;
    let idents: Vec<_> = variants.iter().map(|(variant, ..)| &variant.ident).collect();
    let words: Vec<_> = variants.iter().map(|(_, word, _)| word).collect();
    let docs = variants.iter().map(|(.., docs)| docs);
    Ok(quote! {
        impl ::arcbook_engine::step::Choice for #choice {
            const WORDS: &'static [::arcbook_engine::step::Word] =
                &[#(::arcbook_engine::step::Word { name: #words, docs: #docs }),*];

            fn from_word(word: &str) -> ::std::option::Option<Self> {
                match word {
                    #(#words => ::std::option::Option::Some(Self::#idents),)*
                    _ => ::std::option::Option::None,
                }
            }

            fn word(&self) -> &'static str {
                match self {
                    #(Self::#idents => #words),*
                }
            }
        }

        impl ::arcbook_engine::step::ArgumentType for #choice {
            fn ty() -> ::arcbook_engine::value::Type {
                ::arcbook_engine::value::Type::String
            }

            fn accepts() -> ::arcbook_engine::step::Accepts {
                ::arcbook_engine::step::Accepts::Words(<Self as ::arcbook_engine::step::Choice>::WORDS)
            }

            fn from_value(
                value: &::arcbook_engine::value::Value,
            ) -> ::std::result::Result<Self, ::std::vec::Vec<::arcbook_engine::step::ArgumentError>> {
                <Self as ::arcbook_engine::step::Choice>::choose(value)
            }
        }
    })
}

/// Returns a variant with its word and its documentation.
fn read(variant: &Variant) -> Result<(&Variant, String, String)> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(Error::new_spanned(variant, "a variant of a choice has no fields"));
    }
    let mut word = snake_case(&variant.ident.unraw().to_string());
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("choice")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(Error::new_spanned(&meta.path, "only `name = \"…\"` is known here"));
            }
            word = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        })?;
    }
    Ok((variant, word, docs(&variant.attrs, variant)?))
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

//! `#[derive(Redact)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Index, Result};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let ty = &input.ident;
    let shapes = shapes(input)?;
    let arms = shapes.iter().map(|shape| shape.arm(ty)).collect::<Result<Vec<_>>>()?;
    let samples = shapes.iter().map(|shape| shape.samples(ty));
    Ok(quote! {
        impl ::arcbook_engine::redact::Redact for #ty {
            fn redact(&mut self, secrets: &::arcbook_engine::redact::Secrets) {
                match self {
                    #(#arms)*
                }
            }

            fn samples(text: &str) -> ::std::vec::Vec<Self> {
                let mut samples = ::std::vec::Vec::new();
                #(#samples)*
                samples
            }
        }
    })
}

/// A struct, or one variant of an enum.
struct Shape<'a> {
    variant: Option<&'a Ident>,
    fields: &'a Fields,
}

fn shapes(input: &DeriveInput) -> Result<Vec<Shape<'_>>> {
    match &input.data {
        Data::Struct(data) => Ok(vec![Shape { variant: None, fields: &data.fields }]),
        Data::Enum(data) => {
            let shapes = data
                .variants
                .iter()
                .map(|variant| Shape { variant: Some(&variant.ident), fields: &variant.fields });
            Ok(shapes.collect())
        }
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "a union cannot be redacted")),
    }
}

impl Shape<'_> {
    /// Returns the fields with the names of their bindings.
    fn bound(&self) -> Vec<(Ident, &Field)> {
        let bind = |(at, field)| (format_ident!("field_{at}"), field);
        self.fields.iter().enumerate().map(bind).collect()
    }

    fn path(&self, ty: &Ident) -> TokenStream {
        if let Some(variant) = self.variant { quote!(#ty::#variant) } else { quote!(#ty) }
    }

    fn arm(&self, ty: &Ident) -> Result<TokenStream> {
        let path = self.path(ty);
        let bound = self.bound();
        let pattern = members(&bound);
        let calls = bound.iter().map(|(name, field)| {
            Ok(if is_word(field)? {
                quote!(::arcbook_engine::redact::Words::redact_all_but_words(#name, secrets);)
            } else {
                quote!(::arcbook_engine::redact::Redact::redact(#name, secrets);)
            })
        });
        let calls = calls.collect::<Result<Vec<_>>>()?;
        Ok(quote!(#path { #(#pattern),* } => { #(#calls)* }))
    }

    /// Returns the code that adds as many samples as the field with the most samples has.
    fn samples(&self, ty: &Ident) -> TokenStream {
        let path = self.path(ty);
        let bound = self.bound();
        let pattern = members(&bound);
        let names: Vec<_> = bound.iter().map(|(name, _)| name).collect();
        let types = bound.iter().map(|(_, field)| &field.ty);
        quote! {
            {
                #(let #names: ::std::vec::Vec<#types> = ::arcbook_engine::redact::Redact::samples(text);)*
                let count = [1, #(#names.len()),*].into_iter().max().unwrap_or(1);
                for at in 0..count {
                    #(let #names = #names[at % #names.len()].clone();)*
                    samples.push(#path { #(#pattern),* });
                }
            }
        }
    }
}

/// Returns `member: bound name`, for patterns and for construction.
fn members(bound: &[(Ident, &Field)]) -> Vec<TokenStream> {
    let member = |(at, (name, field)): (usize, &(Ident, &Field))| {
        if let Some(ident) = &field.ident {
            return quote!(#ident: #name);
        }
        let index = Index::from(at);
        quote!(#index: #name)
    };
    bound.iter().enumerate().map(member).collect()
}

fn is_word(field: &Field) -> Result<bool> {
    let mut word = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("redact")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("word") {
                word = true;
                return Ok(());
            }
            Err(Error::new_spanned(&meta.path, "only `word` is known here"))
        })?;
    }
    Ok(word)
}

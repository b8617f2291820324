//! `#[derive(Outputs)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Field, Result};

use crate::docs::{docs, name, named_fields};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input)?;
    let output = &input.ident;
    let schema = fields.iter().map(schema).collect::<Result<Vec<_>>>()?;
    let entries = fields.iter().map(entry);
    Ok(quote! {
        impl ::arcbook_engine::step::Outputs for #output {
            fn fields() -> ::std::vec::Vec<::arcbook_engine::step::Field> {
                ::std::vec![#(#schema),*]
            }

            fn into_entries(self) -> ::arcbook_engine::value::Entries {
                let mut entries = ::arcbook_engine::value::Entries::new();
                #(#entries)*
                entries
            }
        }
    })
}

fn schema(field: &Field) -> Result<TokenStream> {
    let (name, docs, sensitive, ty) =
        (name(field), docs(&field.attrs, field)?, is_sensitive(field)?, &field.ty);
    Ok(quote! {
        ::arcbook_engine::step::Field {
            name: #name,
            docs: #docs,
            ty: <#ty as ::arcbook_engine::step::OutputType>::ty(),
            required: <#ty as ::arcbook_engine::step::OutputType>::REQUIRED,
            sensitive: #sensitive,
        }
    })
}

fn entry(field: &Field) -> TokenStream {
    let (ident, name) = (&field.ident, name(field));
    quote! {
        entries.insert(#name.into(), ::arcbook_engine::step::OutputType::into_value(self.#ident));
    }
}

fn is_sensitive(field: &Field) -> Result<bool> {
    let mut sensitive = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("output")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("sensitive") {
                sensitive = true;
                return Ok(());
            }
            Err(Error::new_spanned(&meta.path, "only `sensitive` is known here"))
        })?;
    }
    Ok(sensitive)
}

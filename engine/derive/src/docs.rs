//! The named fields and the doc comments of a struct, for both derives.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, Lit, Meta, Result, Token};

/// Returns the named fields of a struct.
pub fn named_fields(input: &DeriveInput) -> Result<&Punctuated<Field, Token![,]>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            _ => Err(Error::new_spanned(&input.ident, "a step type's struct has named fields")),
        },
        _ => Err(Error::new_spanned(&input.ident, "a step type's arguments and outputs are structs")),
    }
}

/// Returns the doc comment of `item`, line by line. A missing one is an error, because users read it.
pub fn docs(attributes: &[Attribute], item: &impl ToTokens) -> Result<String> {
    let lines: Vec<String> = attributes.iter().filter_map(doc_line).collect();
    if lines.is_empty() {
        return Err(Error::new_spanned(item, "this needs a doc comment: it is what `arcbook explain` shows"));
    }
    Ok(lines.join("\n").trim().to_owned())
}

/// Returns the name of a field as users write it.
pub fn name(field: &Field) -> String {
    field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default()
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let text = text.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    }
}

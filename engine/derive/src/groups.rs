//! The attribute `#[arguments(exactly_one(a, b), …)]` of a struct of arguments.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Error, Result};

const UNKNOWN_RULE: &str =
    "only `exactly_one(…)`, `at_most_one(…)`, `together(…)` and `requires(…)` are known here";

/// Returns the rules about several of the arguments `names`.
pub fn groups(attributes: &[Attribute], names: &[&str]) -> Result<Vec<TokenStream>> {
    let mut groups = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("arguments")) {
        attribute.parse_nested_meta(|meta| {
            let rule = match meta.path.require_ident()?.to_string().as_str() {
                "exactly_one" => quote!(ExactlyOne),
                "at_most_one" => quote!(AtMostOne),
                "together" => quote!(Together),
                "requires" => quote!(Requires),
                _ => return Err(Error::new_spanned(&meta.path, UNKNOWN_RULE)),
            };
            let mut members = Vec::new();
            meta.parse_nested_meta(|member| {
                let name = member.path.require_ident()?.unraw().to_string();
                if !names.contains(&name.as_str()) {
                    return Err(Error::new_spanned(&member.path, "no field has this name"));
                }
                members.push(name);
                Ok(())
            })?;
            if members.len() < 2 {
                return Err(Error::new_spanned(&meta.path, "a rule names at least two arguments"));
            }
            groups.push(quote! {
                ::arcbook_engine::step::Group {
                    rule: ::arcbook_engine::step::GroupRule::#rule,
                    arguments: &[#(#members),*],
                }
            });
            Ok(())
        })?;
    }
    Ok(groups)
}

//! `#[derive(Outputs)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{DeriveInput, Error, Field, LitStr, Result};

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
    let (name, docs, ty) = (name(field), docs(&field.attrs, field)?, &field.ty);
    let Origin { sensitive, ephemeral, is_fact, from, is_path, body } = Origin::of(field)?;
    let kind = if is_path { quote!(Path) } else { quote!(Plain) };
    let body = body.map_or_else(
        || quote!(::std::option::Option::None),
        |path| quote!(::std::option::Option::Some(#path)),
    );
    Ok(quote! {
        ::arcbook_engine::step::Field {
            name: #name,
            docs: #docs,
            ty: <#ty as ::arcbook_engine::step::OutputType>::ty(),
            accepts: ::arcbook_engine::step::Accepts::All,
            required: <#ty as ::arcbook_engine::step::OutputType>::REQUIRED,
            sensitive: #sensitive,
            ephemeral: #ephemeral,
            is_fact: #is_fact,
            from: &[#(#from),*],
            kind: ::arcbook_engine::value::TextKind::#kind,
            body: #body,
            sink: ::arcbook_engine::step::Sink::Memory,
        }
    })
}

fn entry(field: &Field) -> TokenStream {
    let (ident, name) = (&field.ident, name(field));
    quote! {
        entries.insert(#name.into(), ::arcbook_engine::step::OutputType::into_value(self.#ident));
    }
}

/// The declared origin of a field's value.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Origin {
    /// True if it is sensitive in every run.
    sensitive: bool,
    /// True if it lives as long as the run.
    ephemeral: bool,
    /// True if it is no secret by itself, even in a sensitive step.
    is_fact: bool,
    /// The arguments that it is made from.
    from: Vec<String>,
    /// True if it is a path of any number of segments.
    is_path: bool,
    /// The member of the response that it is, if it is one.
    body: Option<String>,
}

const UNDECLARED: &str = "declare where the value comes from: `#[output(from(argument, …))]` for one that is made from \
    arguments, `#[output(answer)]` for one that the service alone decides, `#[output(fact)]` for one that says something about the \
    change and is no secret by itself, `#[output(echoed)]` for an argument given back \
    with its own marks, `#[output(sensitive)]` for one that is always a secret, or `#[output(ephemeral)]` for a secret that no record \
    may hold and no later run knows";

impl Origin {
    fn of(field: &Field) -> Result<Self> {
        let mut origin = Self::default();
        let mut declared = false;
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("output")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("arm_id") {
                    origin.is_path = true;
                    return Ok(());
                }
                declared = true;
                if meta.path.is_ident("fact") {
                    origin.is_fact = true;
                    return Ok(());
                }
                if meta.path.is_ident("sensitive") {
                    origin.sensitive = true;
                } else if meta.path.is_ident("ephemeral") {
                    (origin.sensitive, origin.ephemeral) = (true, true);
                } else if meta.path.is_ident("from") {
                    meta.parse_nested_meta(|argument| {
                        let name = argument.path.require_ident()?.unraw().to_string();
                        origin.from.push(name);
                        Ok(())
                    })?;
                } else if meta.path.is_ident("body") {
                    origin.body = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if !meta.path.is_ident("answer") && !meta.path.is_ident("echoed") {
                    return Err(Error::new_spanned(
                        &meta.path,
                        "only `from(…)`, `answer`, `fact`, `echoed`, `sensitive`, `ephemeral`, `arm_id` and `body = \"…\"` are known here",
                    ));
                }
                Ok(())
            })?;
        }
        if declared { Ok(origin) } else { Err(Error::new_spanned(field, UNDECLARED)) }
    }
}

//! `#[derive(Arguments)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, Field, GenericArgument, PathArguments, Result, Type};

use crate::docs::{docs, name, named_fields};
use crate::groups::groups;

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input)?.iter().map(Argument::read).collect::<Result<Vec<_>>>()?;
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let groups = groups(&input.attrs, &names)?;
    let (arguments, documentation) = (&input.ident, docs(&input.attrs, &input.ident)?);
    let schema = fields.iter().map(Argument::schema);
    let take = fields.iter().map(Argument::take);
    let idents = fields.iter().map(|field| field.ident);
    let unwrap = fields.iter().map(Argument::unwrap);
    Ok(quote! {
        impl ::arcbook_engine::step::Arguments for #arguments {
            const DOCS: &str = #documentation;

            const GROUPS: &'static [::arcbook_engine::step::Group] = &[#(#groups),*];

            fn fields() -> ::std::vec::Vec<::arcbook_engine::step::Field> {
                ::std::vec![#(#schema),*]
            }

            fn take(
                values: &::arcbook_engine::step::ArgumentValues,
            ) -> ::std::result::Result<Self, ::std::vec::Vec<::arcbook_engine::step::ArgumentError>> {
                let mut errors = ::std::vec::Vec::new();
                #(#take)*
                errors.extend(Self::GROUPS.iter().filter_map(|group| group.check(values)));
                if !errors.is_empty() {
                    return ::std::result::Result::Err(errors);
                }
                ::std::result::Result::Ok(Self { #(#idents: #unwrap),* })
            }
        }
    })
}

struct Argument<'a> {
    ident: &'a syn::Ident,
    name: String,
    docs: String,
    ty: &'a Type,
    required: bool,
    sensitive: bool,
    sink: syn::Ident,
}

impl<'a> Argument<'a> {
    fn read(field: &'a Field) -> Result<Self> {
        let ident = field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a field has a name"))?;
        let (arg, required) = match generic(&field.ty, "Option") {
            Some(inner) => (inner, false),
            None => (&field.ty, true),
        };
        let ty = generic(arg, "Arg").ok_or_else(|| {
            Error::new_spanned(&field.ty, "an argument is an `Arg<T>` or an `Option<Arg<T>>`")
        })?;
        let docs = docs(&field.attrs, field)?;
        let (sensitive, sink) = attributes(field)?;
        Ok(Self { ident, name: name(field), docs, ty, required, sensitive, sink })
    }

    fn schema(&self) -> TokenStream {
        let Self { name, docs, ty, required, sensitive, sink, .. } = self;
        quote! {
            ::arcbook_engine::step::Field {
                name: #name,
                docs: #docs,
                ty: <#ty as ::arcbook_engine::step::ArgumentType>::ty(),
                accepts: <#ty as ::arcbook_engine::step::ArgumentType>::accepts(),
                required: #required,
                sensitive: #sensitive,
                ephemeral: false,
                from: &[],
                is_fact: false,
                kind: ::arcbook_engine::value::TextKind::Plain,
                body: ::std::option::Option::None,
                sink: ::arcbook_engine::step::Sink::#sink,
            }
        }
    }

    fn take(&self) -> TokenStream {
        let Self { name, ty, .. } = self;
        let local = format_ident!("taken_{}", self.ident);
        let missing = if self.required {
            quote! {
                ::std::result::Result::Ok(::std::option::Option::None) => {
                    errors.push(::arcbook_engine::step::ArgumentError::new(#name, "must be given"));
                    ::std::option::Option::None
                }
            }
        } else {
            quote! {}
        };
        quote! {
            let #local = match ::arcbook_engine::step::Arg::<#ty>::take(values, #name) {
                #missing
                ::std::result::Result::Ok(taken) => taken,
                ::std::result::Result::Err(wrong) => {
                    errors.extend(wrong);
                    ::std::option::Option::None
                }
            };
        }
    }

    fn unwrap(&self) -> TokenStream {
        let local = format_ident!("taken_{}", self.ident);
        if self.required {
            quote! { match #local {
                ::std::option::Option::Some(taken) => taken,
                ::std::option::Option::None => return ::std::result::Result::Err(errors),
            } }
        } else {
            quote! { #local }
        }
    }
}

/// Reads `#[argument(sensitive, sink = "body")]`: whether the field is sensitive, and the variant of its sink.
fn attributes(field: &Field) -> Result<(bool, syn::Ident)> {
    let (mut sensitive, mut sink) = (false, format_ident!("Actions"));
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("argument")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("sensitive") {
                sensitive = true;
                return Ok(());
            }
            if meta.path.is_ident("sink") {
                let word: syn::LitStr = meta.value()?.parse()?;
                sink = syn::Ident::new(&variant(&word.value()), word.span());
                return Ok(());
            }
            Err(Error::new_spanned(&meta.path, "only `sensitive` and `sink` are known here"))
        })?;
    }
    Ok((sensitive, sink))
}

/// Returns the name of a variant, such as `Body` for `body`.
fn variant(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns `T` of `name<T>`.
fn generic<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

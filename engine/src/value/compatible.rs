//! Determines which types convert to which.

use std::sync::Arc;

use super::unify::unify;
use super::{ObjectType, Type};

/// Returns the type of a value of type `from` after conversion to `to`; none if no such value can be
/// converted.
///
/// `Any` in `to` is filled in from `from`, so the result contains `Any` only where `from` does. A string
/// converts to a number or a bool by type, although not every string does.
#[must_use]
pub fn conversion(from: &Type, to: &Type) -> Option<Type> {
    match (from, to) {
        (_, Type::Any) => Some(from.clone()),
        (Type::Any, _)
        | (Type::Bool, Type::Bool | Type::String)
        | (Type::Number, Type::Number | Type::String)
        | (Type::String, Type::Bool | Type::Number | Type::String) => Some(to.clone()),
        (Type::List(from) | Type::Set(from), Type::List(to)) => conversion(from, to).map(Type::list),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => conversion(from, to).map(Type::set),
        (Type::Map(from), Type::Map(to)) => conversion(from, to).map(Type::map),
        (Type::Tuple(from), Type::List(to)) => common(from.iter(), to).map(Type::list),
        (Type::Tuple(from), Type::Set(to)) => common(from.iter(), to).map(Type::set),
        (Type::Object(from), Type::Map(to)) => common(from.values(), to).map(Type::map),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => from
            .iter()
            .zip(to.iter())
            .map(|(from, to)| conversion(from, to))
            .collect::<Option<_>>()
            .map(Type::Tuple),
        (Type::Object(from), Type::Object(to)) => attributes(to, |name| from.get(name)),
        (Type::Map(from), Type::Object(to)) => attributes(to, |_| Some(from)),
        _ => None,
    }
}

/// Returns the common type of elements of these types in a collection of `to`.
fn common<'a>(from: impl Iterator<Item = &'a Type>, to: &Type) -> Option<Type> {
    let converted = from.map(|from| conversion(from, to)).collect::<Option<Vec<_>>>()?;
    if converted.is_empty() { Some(to.clone()) } else { unify(&converted) }
}

fn attributes<'a>(to: &ObjectType, from: impl Fn(&str) -> Option<&'a Type>) -> Option<Type> {
    to.iter()
        .map(|(name, to)| Some((Arc::clone(name), conversion(from(name)?, to)?)))
        .collect::<Option<ObjectType>>()
        .map(|attributes| Type::Object(Arc::new(attributes)))
}

/// The choice to name or hide keys that become keys of a map. These are part of the value, unlike names of
/// attributes.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    Named,
    Hidden,
}

/// Returns the reason why no value of type `from` converts to `to`, as a requirement.
pub(super) fn mismatch(from: &Type, to: &Type, keys: Keys) -> String {
    match (from, to) {
        (Type::Object(from), Type::Object(to)) => {
            let missing: Vec<_> = to.keys().filter(|name| !from.contains_key(*name)).collect();
            if !missing.is_empty() {
                return required_attributes(&missing);
            }
            first_mismatch(from.iter().filter_map(|(name, from)| Some((name, from, to.get(name)?))), keys)
                .map(|(name, why)| format!("attribute {name:?}: {why}"))
        }
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => first_mismatch(
            from.iter().zip(to.iter()).enumerate().map(|(at, (from, to))| (at, from, to)),
            keys,
        )
        .map(|(at, why)| format!("element {at}: {why}")),
        (Type::Tuple(_), Type::Tuple(to)) => return format!("tuple of {} elements required", to.len()),
        (Type::Tuple(from), Type::List(element) | Type::Set(element)) => {
            first_mismatch(from.iter().enumerate().map(|(at, from)| (at, from, &**element)), keys)
                .map(|(at, why)| format!("element {at}: {why}"))
                .or_else(|| Some(same_type(if matches!(to, Type::List(_)) { "list" } else { "set" })))
        }
        (Type::Object(from), Type::Map(to)) => {
            first_mismatch(from.iter().map(|(name, from)| (name, from, &**to)), keys)
                .map(|(name, why)| match keys {
                    Keys::Named => format!("element {name:?}: {why}"),
                    Keys::Hidden => format!("an element: {why}"),
                })
                .or_else(|| Some(same_type("map")))
        }
        (Type::List(from), Type::List(to)) => Some(element_mismatch("list", from, to, keys)),
        (Type::Set(from), Type::Set(to)) => Some(element_mismatch("set", from, to, keys)),
        (Type::Map(from), Type::Map(to)) => Some(element_mismatch("map", from, to, keys)),
        _ => None,
    }
    .unwrap_or_else(|| format!("{} required", to.friendly_constraint()))
}

fn required_attributes(names: &[&Arc<str>]) -> String {
    match names {
        [name] => format!("attribute {name:?} is required"),
        [first, second] => format!("attributes {first:?} and {second:?} are required"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("{name:?}")).collect();
            format!("attributes {}, and {last:?} are required", first.join(", "))
        }
        [] => String::new(),
    }
}

fn first_mismatch<'a, K>(
    mut pairs: impl Iterator<Item = (K, &'a Type, &'a Type)>,
    keys: Keys,
) -> Option<(K, String)> {
    pairs.find_map(|(key, from, to)| conversion(from, to).is_none().then(|| (key, mismatch(from, to, keys))))
}

pub(super) fn same_type(kind: &str) -> String {
    format!("all {kind} elements must have the same type")
}

fn element_mismatch(kind: &str, from: &Type, to: &Type, keys: Keys) -> String {
    format!("incorrect {kind} element type: {}", mismatch(from, to, keys))
}

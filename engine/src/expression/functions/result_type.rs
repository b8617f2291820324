//! Returns the types of unknown results from the types of the arguments.
//!
//! An argument whose type has no valid value is an error, so `validate` reports it before a run. An unknown type, `Any`,
//! is never an error.

use std::sync::Arc;

use super::arguments::{elements, text};
use super::failure::Failure;
use super::function::Returns;
use crate::value::{Data, ObjectType, Type, Value, conversion, unify};

type ResultType = Result<Type, Failure>;

/// The result has an unknown type.
pub(super) const ANY: Returns = Returns::Depends(|_| Ok(Type::Any));

/// The result has the type of the first argument.
pub(super) const SAME: Returns = Returns::Depends(|given| Ok(given[0].ty()));

/// `reverse(list)`.
pub(super) fn reversed(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::Tuple(types) => Ok(Type::tuple(types.iter().rev().cloned())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        other => Err(not_reversible(&other)),
    }
}

/// Returns the error of `reverse` for a type.
pub(super) fn not_reversible(ty: &Type) -> Failure {
    Failure::argument(0, format!("can only reverse list or tuple values, not {}", ty.friendly_name()))
}

/// `concat(seqs...)`.
pub(super) fn concatenated(given: &[Value]) -> ResultType {
    let types: Vec<Type> = given.iter().map(Value::ty).collect();
    for (index, ty) in types.iter().enumerate() {
        if !matches!(ty, Type::Any | Type::List(_) | Type::Tuple(_)) {
            return Err(not_a_sequence(index, ty));
        }
    }
    if types.iter().all(|ty| matches!(ty, Type::List(_)) && !has_any(ty))
        && let Some(both) = unify(&types)
    {
        return Ok(both);
    }
    let mut all = Vec::new();
    for (value, ty) in given.iter().zip(types) {
        match (ty, value.length()) {
            (Type::Tuple(types), _) => all.extend(types.iter().cloned()),
            (Type::List(element), Some(length)) if !has_any(&element) => {
                all.extend(std::iter::repeat_n((*element).clone(), length));
            }
            _ => return Ok(Type::Any),
        }
    }
    Ok(Type::tuple(all))
}

/// Returns the error of `concat` for the argument at `index`.
pub(super) fn not_a_sequence(index: usize, ty: &Type) -> Failure {
    Failure::argument(index, format!("all arguments must be lists or tuples; got {}", ty.friendly_name()))
}

/// `element(list, index)`.
pub(super) fn element(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(types) if types.is_empty() => Err(empty()),
        Type::Tuple(types) => {
            let Data::Number(index) = given[1].data() else { return Ok(Type::Any) };
            let length = i64::try_from(types.len()).unwrap_or(i64::MAX);
            let at = index.to_i64().and_then(|index| usize::try_from(index.rem_euclid(length)).ok());
            Ok(at.and_then(|at| types.get(at).cloned()).unwrap_or(Type::Any))
        }
        other => Err(without_elements(&other)),
    }
}

/// Returns the error of `element` for an empty list.
pub(super) fn empty() -> Failure {
    Failure::new("cannot use element function with an empty list")
}

/// Returns the error of `element` for a type.
pub(super) fn without_elements(ty: &Type) -> Failure {
    Failure::new(format!("cannot read elements from {}", ty.friendly_name()))
}

/// `flatten(list)`: an unknown element may be a list.
pub(super) fn flattened(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_) => Ok(Type::Any),
        _ => Err(not_flat()),
    }
}

/// Returns the error of `flatten`.
pub(super) fn not_flat() -> Failure {
    Failure::new("can only flatten lists, sets and tuples")
}

/// `slice(list, start, end)`.
pub(super) fn sliced(given: &[Value]) -> ResultType {
    match given[0].ty() {
        ty @ (Type::Any | Type::List(_)) => Ok(ty),
        Type::Tuple(types) => {
            let at = |index: usize| match given[index].data() {
                Data::Number(number) => number.to_usize(),
                _ => None,
            };
            let part = at(1).zip(at(2)).and_then(|(start, end)| types.get(start..end));
            Ok(part.map_or(Type::Any, |types| Type::tuple(types.iter().cloned())))
        }
        _ => Err(not_sliceable()),
    }
}

/// Returns the error of `slice` for a type.
pub(super) fn not_sliceable() -> Failure {
    Failure::argument(0, "must be a list or tuple value")
}

/// `one(list)`.
pub(super) fn only(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::List(element) | Type::Set(element) => Ok((*element).clone()),
        Type::Tuple(types) if types.len() <= 1 => Ok(types.first().cloned().unwrap_or(Type::Any)),
        _ => Err(not_one()),
    }
}

/// Returns the error of `one`.
pub(super) fn not_one() -> Failure {
    Failure::argument(0, "must be a list, set, or tuple value with either zero or one elements")
}

/// `keys(map)`.
pub(super) fn keys(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(attributes) => Ok(Type::tuple(attributes.keys().map(|_| Type::String))),
        _ => Err(Failure::argument(0, "must have map or object type")),
    }
}

/// `values(map)`.
pub(super) fn values(given: &[Value]) -> ResultType {
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(attributes) => Ok(Type::tuple(attributes.values().cloned())),
        _ => Err(Failure::new("values() requires a map as the first argument")),
    }
}

/// `lookup(map, key, default)`.
pub(super) fn looked_up(given: &[Value]) -> ResultType {
    let default = given.get(2).map(Value::ty);
    match given[0].ty() {
        Type::Any => Ok(Type::Any),
        Type::Map(element) => match default {
            Some(default) if conversion(&default, &element).is_none() => Err(unlike_default()),
            _ => Ok((*element).clone()),
        },
        Type::Object(attributes) => {
            let Some(key) = given[1].as_str() else { return Ok(Type::Any) };
            attributes.get(key).cloned().or(default).ok_or_else(|| no_attribute(key))
        }
        _ => Err(Failure::argument(0, "lookup() requires a map as the first argument")),
    }
}

/// Returns the error of `lookup` for a default.
pub(super) fn unlike_default() -> Failure {
    Failure::argument(2, "the default value must have the same type as the map elements")
}

/// Returns the error of `lookup` for a key of an object.
pub(super) fn no_attribute(key: &str) -> Failure {
    Failure::argument(0, format!("the given object has no attribute {key:?}"))
}

/// `merge(maps...)`: only maps of the same type stay a map; otherwise the types may differ from entry to entry.
pub(super) fn merged(given: &[Value]) -> ResultType {
    let types: Vec<Type> = given.iter().map(Value::ty).collect();
    for ty in &types {
        if !matches!(ty, Type::Any | Type::Map(_) | Type::Object(_)) {
            let found = ty.friendly_name();
            return Err(Failure::new(format!("arguments must be maps or objects, got {found:?}")));
        }
    }
    if types.iter().any(has_any) {
        return Ok(Type::Any);
    }
    match types.as_slice() {
        [first, rest @ ..] if rest.iter().all(|ty| ty == first) => return Ok(first.clone()),
        _ => {}
    }
    let mut attributes = ObjectType::new();
    for (value, ty) in given.iter().zip(&types).filter(|(value, _)| !value.is_null()) {
        match (ty, value.data()) {
            (Type::Object(all), _) => {
                attributes.extend(all.iter().map(|(name, ty)| (Arc::clone(name), ty.clone())));
            }
            (Type::Map(element), Data::Map(_, entries)) => {
                attributes.extend(entries.keys().map(|key| (Arc::clone(key), (**element).clone())));
            }
            _ => return Ok(Type::Any),
        }
    }
    Ok(Type::Object(Arc::new(attributes)))
}

/// `zipmap(keys, values)`.
pub(super) fn zipped(given: &[Value]) -> ResultType {
    match given[1].ty() {
        Type::Any => Ok(Type::Any),
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(types) => {
            let keys = elements(&given[0]).filter(|_| given[0].is_wholly_known());
            let Some(keys) = keys.filter(|keys| keys.len() == types.len()) else { return Ok(Type::Any) };
            if keys.iter().any(Value::is_null) {
                return Ok(Type::Any);
            }
            Ok(Type::object(keys.iter().map(text).zip(types.iter().cloned())))
        }
        _ => Err(Failure::new("values argument must be a list or tuple value")),
    }
}

/// `setproduct(sets...)`.
pub(super) fn product(given: &[Value]) -> ResultType {
    let mut has_set = false;
    let mut each = Vec::with_capacity(given.len());
    for (index, value) in given.iter().enumerate() {
        each.push(match value.ty() {
            Type::Any => return Ok(Type::Any),
            Type::Set(element) => {
                has_set = true;
                (*element).clone()
            }
            Type::List(element) => (*element).clone(),
            Type::Tuple(types) if types.is_empty() || types.iter().any(has_any) => Type::Any,
            Type::Tuple(types) => unify(&types)
                .ok_or_else(|| Failure::argument(index, "all elements must be of the same type"))?,
            _ => return Err(not_a_set(index)),
        });
    }
    let row = Type::tuple(each);
    Ok(if has_set { Type::set(row) } else { Type::list(row) })
}

/// Returns the error of `setproduct` for the argument at `index`.
pub(super) fn not_a_set(index: usize) -> Failure {
    Failure::argument(index, "a set or a list is required")
}

/// Returns true if a part of the type is unknown.
pub(super) fn has_any(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => has_any(element),
        Type::Tuple(types) => types.iter().any(has_any),
        Type::Object(attributes) => attributes.values().any(has_any),
    }
}

#[cfg(test)]
mod tests;

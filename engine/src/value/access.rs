//! Accesses the contents of values.

use std::sync::Arc;

use super::convert::{ConvertError, convert};
use super::{Data, Entries, Type, Value};

/// The reason why an element or attribute cannot be accessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The value is null.
    #[error("this value is null, so it does not have any {0}")]
    Null(&'static str),
    /// The value is a set.
    #[error("elements of a set have no index or key; convert it with tolist, or use a for expression")]
    Set,
    /// The value is a bool, a number or a string.
    #[error("this value is a {0} and has no elements or attributes")]
    Primitive(&'static str),
    /// The value is a list or a tuple, which has no attributes.
    #[error("this is a {0}, whose elements are reached by index, such as [0], not by attribute name")]
    Sequence(&'static str),
    /// The key is null.
    #[error("a null value cannot be used as an index")]
    NullKey,
    /// The key has the wrong type.
    #[error("the given key does not identify an element: {0}")]
    Key(#[from] ConvertError),
    /// The index has a fraction.
    #[error("indexing a sequence requires a whole number, but the given index has a fractional part")]
    Fraction,
    /// The index is negative.
    #[error("a negative number is not a valid index")]
    Negative,
    /// The index is past the end; contains the number of elements.
    #[error("the given index is past the end: {}", elements(*.0))]
    PastEnd(usize),
    /// The map has no such key.
    #[error("the given key does not identify an element in this map")]
    NoElement,
    /// The object has no such attribute; contains the existing names, for a suggestion.
    #[error("this object does not have an attribute named {name:?}")]
    NoAttribute {
        /// The given name.
        name: String,
        /// The existing names.
        names: Vec<Arc<str>>,
    },
}

fn elements(count: usize) -> String {
    match count {
        0 => "there are no elements".to_owned(),
        1 => "there is one element".to_owned(),
        _ => format!("there are {count} elements"),
    }
}

/// Returns `value[key]`: an element of a list or tuple by number, or of a map or object by string.
///
/// The result is unknown if the value or the key is; it has the marks of both.
pub fn index(value: &Value, key: &Value) -> Result<Value, AccessError> {
    let marks = value.marks().union(key.marks());
    let found = match value.data() {
        Data::Null(_) => return Err(AccessError::Null("indices")),
        Data::Set(..) => return Err(AccessError::Set),
        Data::Bool(_) => return Err(AccessError::Primitive("bool")),
        Data::Number(_) => return Err(AccessError::Primitive("number")),
        Data::String(_) => return Err(AccessError::Primitive("string")),
        Data::Unknown(unknown) => unknown_element(&unknown.ty, value, key)?,
        _ if key.is_null() => return Err(AccessError::NullKey),
        Data::List(ty, all) => element(all, key, ty)?,
        Data::Tuple(all) => element(all, key, &Type::Any)?,
        Data::Map(ty, entries) => match text_key(key)? {
            None => Value::unknown(ty.clone(), key.origins()),
            Some(key) => entries.get(&key).cloned().ok_or(AccessError::NoElement)?,
        },
        Data::Object(entries) => match text_key(key)? {
            None => Value::unknown(Type::Any, key.origins()),
            Some(key) => named(entries, &key)?,
        },
    };
    Ok(found.with_marks(&marks))
}

/// Returns `value.name`: an attribute of an object, or an element of a map.
///
/// The result is unknown if the value is; it has the marks of the value.
pub fn attribute(value: &Value, name: &str) -> Result<Value, AccessError> {
    match value.data() {
        Data::Null(_) => Err(AccessError::Null("attributes")),
        Data::List(..) => Err(AccessError::Sequence("list")),
        Data::Tuple(_) => Err(AccessError::Sequence("tuple")),
        _ => index(value, &Value::from(name)),
    }
}

fn element(all: &[Value], key: &Value, ty: &Type) -> Result<Value, AccessError> {
    let key = convert(key, &Type::Number)?;
    let Data::Number(number) = key.data() else {
        return Ok(Value::unknown(ty.clone(), key.origins()));
    };
    if !number.is_integer() {
        return Err(AccessError::Fraction);
    }
    if number.is_negative() && number.to_i64() != Some(0) {
        return Err(AccessError::Negative);
    }
    number.to_usize().and_then(|at| all.get(at)).cloned().ok_or(AccessError::PastEnd(all.len()))
}

/// Converts a key to a string; none if it is unknown.
fn text_key(key: &Value) -> Result<Option<Arc<str>>, AccessError> {
    let key = convert(key, &Type::String)?;
    Ok(if let Data::String(text) = key.data() { Some(Arc::clone(text)) } else { None })
}

fn named(entries: &Entries, name: &str) -> Result<Value, AccessError> {
    entries.get(name).cloned().ok_or_else(|| no_attribute(name, entries.keys()))
}

fn no_attribute<'a>(name: &str, names: impl Iterator<Item = &'a Arc<str>>) -> AccessError {
    AccessError::NoAttribute { name: name.to_owned(), names: names.cloned().collect() }
}

/// Returns the element at `key` of an unknown value of type `ty`, or the reason why it cannot exist.
fn unknown_element(ty: &Type, value: &Value, key: &Value) -> Result<Value, AccessError> {
    if key.is_null() {
        return Err(AccessError::NullKey);
    }
    let inside = match ty {
        Type::Any => Type::Any,
        Type::Bool => return Err(AccessError::Primitive("bool")),
        Type::Number => return Err(AccessError::Primitive("number")),
        Type::String => return Err(AccessError::Primitive("string")),
        Type::Set(_) => return Err(AccessError::Set),
        Type::List(element) => {
            convert(key, &Type::Number)?;
            (**element).clone()
        }
        Type::Map(element) => {
            convert(key, &Type::String)?;
            (**element).clone()
        }
        Type::Tuple(elements) => {
            let key = convert(key, &Type::Number)?;
            match key.data() {
                Data::Number(at) => at
                    .to_usize()
                    .and_then(|at| elements.get(at))
                    .cloned()
                    .ok_or(AccessError::PastEnd(elements.len()))?,
                _ => Type::Any,
            }
        }
        Type::Object(attributes) => match text_key(key)? {
            Some(name) => {
                attributes.get(&name).cloned().ok_or_else(|| no_attribute(&name, attributes.keys()))?
            }
            None => Type::Any,
        },
    };
    Ok(Value::unknown(inside, value.origins().union(&key.origins())))
}

impl AccessError {
    /// Returns true if its remedy lists the names in the value.
    #[must_use]
    pub fn lists_names(&self) -> bool {
        matches!(self, Self::NoElement | Self::NoAttribute { .. })
    }
}

impl Value {
    /// Returns the number of direct children; none for a primitive value, and for a set with unknown
    /// elements.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        match self.data() {
            Data::Set(_, all) if all.iter().any(|value| !value.is_wholly_known()) => None,
            Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => Some(all.len()),
            Data::Map(_, all) | Data::Object(all) => Some(all.len()),
            _ => None,
        }
    }

    /// Returns the keys and values in order: numbers from 0 for lists and tuples, strings for maps and
    /// objects, and the elements themselves for sets. None for a primitive value.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<(Self, Self)>> {
        Some(match self.data() {
            Data::List(_, all) | Data::Tuple(all) => {
                all.iter().enumerate().map(|(at, value)| (Self::from(at), value.clone())).collect()
            }
            Data::Set(_, all) => all.iter().map(|value| (value.clone(), value.clone())).collect(),
            Data::Map(_, all) | Data::Object(all) => all
                .iter()
                .map(|(key, value)| (Self::new(Data::String(Arc::clone(key))), value.clone()))
                .collect(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Marks, Origins};
    use super::*;

    fn json(text: &str) -> Value {
        Value::parse_json(text).unwrap()
    }

    #[test]
    fn elements_by_key() {
        let cases = [
            ("[1, 2, 3]", "2", "3"),
            ("[1, 2, 3]", "\"1\"", "2"),
            (r#"{"a": 1}"#, "\"a\"", "1"),
            (r#"{"1": "x"}"#, "1", "\"x\""),
        ];
        for (value, key, found) in cases {
            assert_eq!(index(&json(value), &json(key)).unwrap(), json(found), "{value}[{key}]");
        }
    }

    #[test]
    fn what_is_not_there_says_why() {
        let cases = [
            ("[1]", "\"a\"", "the given key does not identify an element: a number is required"),
            ("[1]", "true", "the given key does not identify an element: number required"),
            ("[1]", "1", "the given index is past the end: there is one element"),
            ("[]", "0", "the given index is past the end: there are no elements"),
            ("[1]", "1e30", "the given index is past the end: there is one element"),
            ("[1]", "-1", "a negative number is not a valid index"),
            (
                "[1]",
                "0.5",
                "indexing a sequence requires a whole number, but the given index has a fractional part",
            ),
            ("null", "0", "this value is null, so it does not have any indices"),
            ("true", "0", "this value is a bool and has no elements or attributes"),
            ("{}", "null", "a null value cannot be used as an index"),
            ("{}", "\"a\"", "this object does not have an attribute named \"a\""),
        ];
        for (value, key, message) in cases {
            assert_eq!(index(&json(value), &json(key)).unwrap_err().to_string(), message, "{value}[{key}]");
        }
    }

    #[test]
    fn marks_and_origins_go_with_what_is_taken_out() {
        let secret = Marks::sensitive("var.s");
        let inside = index(&json("[1]").with_marks(&secret), &Value::from(0i64)).unwrap();
        assert_eq!(inside.marks(), &secret);
        let unknown = Value::unknown(Type::list(Type::String), Origins::of("step.a"));
        let inside = index(&unknown, &Value::from(7i64)).unwrap();
        assert_eq!((inside.ty(), inside.origins()), (Type::String, Origins::of("step.a")));
        assert!(attribute(&unknown, "x").is_err());
    }
}

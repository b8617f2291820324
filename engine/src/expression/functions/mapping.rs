//! Implements functions on maps and objects.

use std::collections::BTreeMap;

use super::arguments::{Arguments, element_type, entries, text};
use super::call::Failure;
use super::function::Returns;
use super::string::strings;
use super::{Accepts, Function, Parameter};
use crate::value::{Data, Type, Value, convert};

const MAP: Parameter = Parameter::new("inputMap", Accepts::Any).carried();
const ANY: Returns = Returns::Depends(|_| Type::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("keys", "The keys of a map or object, in order.", &[MAP], ANY, |given| {
        let reason = "must have map or object type";
        let all = entries(given.value(0)).ok_or_else(|| Failure::argument(0, reason))?;
        let keys = all.keys().map(|key| Value::from(&**key));
        Ok(match given.value(0).data() {
            Data::Map(..) => Value::list(Type::String, keys),
            _ => Value::tuple(keys),
        })
    }),
    Function::new(
        "lookup",
        "The element of a map by key, or a default when there is none.",
        &[MAP, Parameter::new("key", Accepts::String)],
        Returns::Depends(|given| element_type(&given[0])),
        lookup,
    )
    .variadic(Parameter::new("default", Accepts::Any).or_null().or_unknown().carried()),
    Function::new(
        "merge",
        "The entries of all the maps or objects; later ones take the place of earlier ones with the same key.",
        &[],
        ANY,
        merge,
    )
    .variadic(Parameter::new("maps", Accepts::Any).or_null().carried()),
    Function::new(
        "transpose",
        "A map of lists turned around: for every element the keys of the lists that have it.",
        &[Parameter::new("values", Accepts::StringsByName)],
        Returns::Always(Accepts::StringsByName),
        transpose,
    ),
    Function::new(
        "values",
        "The values of a map or object, in the order of the keys.",
        &[Parameter::new("mapping", Accepts::Any).carried()],
        ANY,
        |given| {
            let all = entries(given.value(0));
            let all = all.ok_or_else(|| Failure::new("values() requires a map as the first argument"))?;
            Ok(match given.value(0).data() {
                Data::Map(element, _) => Value::list(element.clone(), all.values().cloned()),
                _ => Value::tuple(all.values().cloned()),
            })
        },
    ),
    Function::new(
        "zipmap",
        "A map or object made of a list of keys and a list of as many values.",
        &[Parameter::new("keys", Accepts::Strings), Parameter::new("values", Accepts::Any).carried()],
        ANY,
        zipmap,
    ),
];

fn lookup(given: &Arguments<'_>) -> Result<Value, Failure> {
    if given.all().len() > 3 {
        let count = given.all().len();
        return Err(Failure::new(format!("lookup() takes two or three arguments, got {count}")));
    }
    let (map, key) = (given.value(0), given.text(1));
    let all = entries(map);
    let all = all.ok_or_else(|| Failure::argument(0, "lookup() requires a map as the first argument"))?;
    match (all.get(key), given.from(2).first(), map.data()) {
        (Some(value), ..) => Ok(value.clone()),
        (None, Some(default), Data::Map(element, _)) => convert(default, element).map_err(|_| {
            Failure::argument(2, "the default value must have the same type as the map elements")
        }),
        (None, Some(default), _) => Ok(default.clone()),
        (None, None, Data::Map(..)) => Err(Failure::new(format!("lookup failed to find key {key:?}"))),
        (None, None, _) => Err(Failure::argument(0, format!("the given object has no attribute {key:?}"))),
    }
}

fn merge(given: &Arguments<'_>) -> Result<Value, Failure> {
    let given: Vec<&Value> = given.all().iter().filter(|value| !value.is_null()).collect();
    if let Some(other) = given.iter().find(|value| entries(value).is_none()) {
        let found = other.ty().friendly_name();
        return Err(Failure::new(format!("arguments must be maps or objects, got {found:?}")));
    }
    let merged = given.iter().copied().filter_map(entries).flat_map(|all| all.iter());
    let merged = merged.map(|(key, value)| (key.clone(), value.clone()));
    // Only maps of the same type stay a map; otherwise the types may differ from entry to entry.
    let types: Vec<Type> = given.iter().map(|value| value.ty()).collect();
    Ok(match &types[..] {
        [Type::Map(element), rest @ ..] if rest.iter().all(|ty| *ty == types[0]) => {
            Value::map((**element).clone(), merged)
        }
        _ => Value::object(merged),
    })
}

fn transpose(given: &Arguments<'_>) -> Result<Value, Failure> {
    let mut turned: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, list) in given.entries(0).iter() {
        let Data::List(_, elements) = list.data() else {
            return Err(Failure::new("input must not contain null list"));
        };
        for element in elements.iter() {
            if element.is_null() {
                return Err(Failure::new("input list must not contain null string"));
            }
            turned.entry(text(element).to_owned()).or_default().push(key);
        }
    }
    let entries = turned.into_iter().map(|(key, names)| (key, strings(names)));
    Ok(Value::map(Type::list(Type::String), entries))
}

fn zipmap(given: &Arguments<'_>) -> Result<Value, Failure> {
    let keys = given.elements(0);
    let (Data::List(_, values) | Data::Tuple(values)) = given.value(1).data() else {
        return Err(Failure::new("values argument must be a list or tuple value"));
    };
    if let Some(at) = keys.iter().position(Value::is_null) {
        return Err(Failure::new(format!("keys list has null value at index {at}")));
    }
    let (have, want) = (keys.len(), values.len());
    if have != want {
        return Err(Failure::new(format!(
            "number of keys ({have}) does not match number of values ({want})"
        )));
    }
    let entries = keys.iter().map(text).zip(values.iter().cloned());
    Ok(match given.value(1).data() {
        Data::List(element, _) => Value::map(element.clone(), entries),
        _ => Value::object(entries),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("keys", r#"[{"b": 1, "a": 2}]"#, r#"["a","b"]"#),
            ("values", r#"[{"b": 1, "a": [2]}]"#, "[[2],1]"),
            ("lookup", r#"[{"a": null}, "a", "d"]"#, "null"),
            ("lookup", r#"[{"1": "x"}, 1]"#, r#""x""#),
            ("lookup", r#"[{}, "a", []]"#, "[]"),
            ("merge", r#"[{"a": 1, "b": 2}, null, {"b": "x"}]"#, r#"{"a":1,"b":"x"}"#),
            ("merge", "[]", "{}"),
            ("transpose", r#"[{"b": ["x"], "a": ["x", 1]}]"#, r#"{"1":["a"],"x":["a","b"]}"#),
            ("zipmap", r#"[["a", 1], [1, "x"]]"#, r#"{"1":"x","a":1}"#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            ("keys", r#"["a"]"#, r#"invalid value for "inputMap" parameter: must have map or object type"#),
            (
                "lookup",
                r#"[{}, "a"]"#,
                r#"invalid value for "inputMap" parameter: the given object has no attribute "a""#,
            ),
            (
                "lookup",
                r#"[{}, "a", 1, 2]"#,
                r#"call to function "lookup" failed: lookup() takes two or three arguments, got 4"#,
            ),
            (
                "merge",
                "[[1], {}]",
                r#"call to function "merge" failed: arguments must be maps or objects, got "tuple""#,
            ),
            (
                "transpose",
                r#"[{"a": null}]"#,
                r#"call to function "transpose" failed: input must not contain null list"#,
            ),
            (
                "zipmap",
                r#"[["a"], [1, 2]]"#,
                r#"call to function "zipmap" failed: number of keys (1) does not match number of values (2)"#,
            ),
        ]);
    }
}

//! Implements functions on maps and objects.

use std::collections::BTreeMap;

use super::arguments::{Arguments, entries, text};
use super::failure::Failure;
use super::function::Returns;
use super::string::strings;
use super::{Accepts, Function, Parameter, result_type};
use crate::value::{Data, Type, Value, convert};

const MAP: Parameter = Parameter::new("inputMap", Accepts::Any).carried();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "keys",
        "The keys of a map or object, in order.",
        ["keys({ west = 1, east = 2 })", r#"["east", "west"]"#],
        &[MAP.or_unknown()],
        Returns::Depends(result_type::keys),
        keys,
    ),
    Function::new(
        "lookup",
        "The element of a map by key, or a default when there is none.",
        [r#"lookup({ west = 1 }, "north", 0)"#, "0"],
        &[MAP, Parameter::new("key", Accepts::String)],
        Returns::Depends(result_type::looked_up),
        lookup,
    )
    .variadic(Parameter::new("default", Accepts::Any).or_null().or_unknown().carried()),
    Function::new(
        "merge",
        "The entries of all the maps or objects; later ones take the place of earlier ones with the same key.",
        ["merge({ a = 1, b = 1 }, { b = 2 })", "{\n  a = 1\n  b = 2\n}"],
        &[],
        Returns::Depends(result_type::merged),
        merge,
    )
    .variadic(Parameter::new("maps", Accepts::Any).or_null().carried()),
    Function::new(
        "transpose",
        "A map of lists turned around: for every element the keys of the lists that have it.",
        [r#"transpose({ vm1 = ["web", "db"], vm2 = ["web"] })"#, "{\n  db  = [\"vm1\"]\n  web = [\"vm1\", \"vm2\"]\n}"],
        &[Parameter::new("values", Accepts::StringsByName)],
        Returns::Always(Accepts::StringsByName),
        transpose,
    ),
    Function::new(
        "values",
        "The values of a map or object, in the order of the keys.",
        ["values({ west = 1, east = 2 })", "[2, 1]"],
        &[Parameter::new("mapping", Accepts::Any).carried()],
        Returns::Depends(result_type::values),
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
        [r#"zipmap(["west", "east"], [1, 2])"#, "{\n  east = 2\n  west = 1\n}"],
        &[Parameter::new("keys", Accepts::Strings), Parameter::new("values", Accepts::Any).carried()],
        Returns::Depends(result_type::zipped),
        zipmap,
    ),
];

/// Returns the keys; those of an object are known from its type.
fn keys(given: &Arguments<'_>) -> Result<Value, Failure> {
    let map = given.value(0);
    let ty = result_type::keys(given.all())?;
    Ok(match (map.data(), map.ty()) {
        (_, Type::Object(attributes)) => Value::tuple(attributes.keys().map(|name| Value::from(&**name))),
        (Data::Map(_, all), _) => Value::list(Type::String, all.keys().map(|key| Value::from(&**key))),
        _ => Value::unknown(ty, map.origins()).not_null(),
    })
}

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
        (None, Some(default), Data::Map(element, _)) => {
            convert(default, element).map_err(|_| result_type::unlike_default())
        }
        (None, Some(default), _) => Ok(default.clone()),
        (None, None, Data::Map(..)) => Err(Failure::new(format!("lookup failed to find key {key:?}"))),
        (None, None, _) => Err(result_type::no_attribute(key)),
    }
}

fn merge(given: &Arguments<'_>) -> Result<Value, Failure> {
    result_type::merged(given.all())?;
    let all = given.all().iter().filter_map(entries).flat_map(|all| all.iter());
    let all = all.map(|(key, value)| (key.clone(), value.clone()));
    // Only maps of the same type stay a map; otherwise the types may differ from entry to entry.
    let types: Vec<Type> = given.all().iter().map(Value::ty).collect();
    Ok(match types.as_slice() {
        [Type::Map(element), rest @ ..] if rest.iter().all(|ty| *ty == types[0]) => {
            Value::map((**element).clone(), all)
        }
        _ => Value::object(all),
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
                r#"[{}, "x"]"#,
                r#"call to function "merge" failed: arguments must be maps or objects, got "string""#,
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

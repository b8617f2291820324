//! Implements functions on lists, sets and maps.

use std::collections::BTreeSet;

use super::arguments::{Arguments, element_type, elements};
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter, result_type};
use crate::value::{Data, Number, Type, Value, characters, convert, equals, unify};

const BOOL: Returns = Returns::Always(Accepts::Bool);
const NUMBER: Returns = Returns::Always(Accepts::Number);
const SEQUENCE: Parameter = Parameter::new("list", Accepts::Any).carried();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "alltrue",
        "True if every element is true, or the list is empty.",
        ["alltrue([true, 1 < 2])", "true"],
        &[Parameter::new("list", Accepts::Bools)],
        BOOL,
        |given| Ok(given.elements(0).iter().all(is_true).into()),
    ),
    Function::new(
        "anytrue",
        "True if at least one element is true.",
        ["anytrue([false, 1 < 2])", "true"],
        &[Parameter::new("list", Accepts::Bools)],
        BOOL,
        |given| Ok(given.elements(0).iter().any(is_true).into()),
    ),
    Function::new(
        "coalesce",
        "The first argument that is neither null nor empty text, as a value of the type that all have in common.",
        [r#"coalesce(null, "", "west")"#, r#""west""#],
        &[],
        Returns::Depends(|given| Ok(common_type(given).unwrap_or(Type::Any))),
        coalesce,
    )
    .variadic(Parameter::new("vals", Accepts::Any).or_null().or_unknown().carried()),
    Function::new("coalescelist", "The first of the lists that is not empty.", [r#"coalescelist([], ["west"])"#, r#"["west"]"#], &[], result_type::ANY, coalesce_list)
        .variadic(Parameter::new("vals", Accepts::Any).or_null().or_unknown().carried()),
    Function::new(
        "contains",
        "True if a list or set has an element equal to the value.",
        [r#"contains(["west", "east"], "east")"#, "true"],
        &[Parameter::new("list", Accepts::Any), Parameter::new("value", Accepts::Any)],
        BOOL,
        |given| {
            let all = elements(given.value(0));
            let all = all.ok_or_else(|| Failure::new("argument must be list, tuple, or set"))?;
            Ok(position(all, given.value(1)).is_some().into())
        },
    ),
    Function::new(
        "index",
        "The index of the first element that equals the value.",
        [r#"index(["west", "east"], "east")"#, "1"],
        &[Parameter::new("list", Accepts::Any), Parameter::new("value", Accepts::Any)],
        NUMBER,
        index,
    ),
    Function::new(
        "length",
        "The number of elements of a list, set or map, or of characters of a string.",
        [r#"length(["west", "east"])"#, "2"],
        &[Parameter::new("value", Accepts::Any).or_unknown().carried()],
        NUMBER,
        length,
    ),
    Function::new(
        "matchkeys",
        "Those values whose key, at the same index of another list, is in a set of wanted keys.",
        [r#"matchkeys(["vm1", "vm2", "vm3"], ["west", "east", "west"], ["west"])"#, r#"["vm1", "vm3"]"#],
        &[
            Parameter::new("values", Accepts::List).carried(),
            Parameter::new("keys", Accepts::List),
            Parameter::new("searchset", Accepts::List),
        ],
        result_type::SAME,
        match_keys,
    ),
    Function::new(
        "one",
        "The only element of a list or set, or null when it is empty.",
        [r#"one(["west"])"#, r#""west""#],
        &[SEQUENCE],
        Returns::Depends(result_type::only),
        |given| match elements(given.value(0)).map(|all| &all[..]) {
            Some([]) => Ok(Value::null(element_type(given.value(0)))),
            Some([only]) => Ok(only.clone()),
            _ => Err(result_type::not_one()),
        },
    ),
    Function::new(
        "sum",
        "The sum of the numbers.",
        ["sum([1, 2, 3.5])", "6.5"],
        &[Parameter::new("list", Accepts::Any)],
        NUMBER,
        sum,
    ),
];

fn is_true(value: &Value) -> bool {
    matches!(value.data(), Data::Bool(true))
}

fn position(all: &[Value], wanted: &Value) -> Option<usize> {
    all.iter().position(|element| is_true(&equals(element, wanted)))
}

pub(super) fn common_type(values: &[Value]) -> Option<Type> {
    unify(&values.iter().map(Value::ty).collect::<Vec<_>>())
}

fn coalesce(given: &Arguments<'_>) -> Result<Value, Failure> {
    let ty = common_type(given.all()).ok_or_else(|| Failure::new("all arguments must have the same type"))?;
    for value in given.all().iter().filter(|value| !value.is_null()) {
        let value = convert(value, &ty)?;
        if value.as_str() != Some("") {
            return Ok(value);
        }
    }
    Err(Failure::new("no non-null, non-empty-string arguments"))
}

fn coalesce_list(given: &Arguments<'_>) -> Result<Value, Failure> {
    if given.all().is_empty() {
        return Err(Failure::new("at least one argument is required"));
    }
    for (at, value) in given.all().iter().enumerate() {
        match (value.data(), value.ty()) {
            (Data::Unknown(_), Type::Any) => return Ok(value.clone()),
            (_, Type::List(_) | Type::Tuple(_)) => {}
            _ => return Err(Failure::new("coalescelist arguments must be lists or tuples")),
        }
        if value.is_unknown() {
            // The unknown value may be empty, and then a later one is the result.
            let alike = given.from(at).iter().all(|later| later.ty() == value.ty());
            let ty = if alike { value.ty() } else { Type::Any };
            return Ok(Value::unknown(ty, value.origins()));
        }
        if value.length().is_some_and(|length| length > 0) {
            return Ok(value.clone());
        }
    }
    Err(Failure::new("no non-null arguments"))
}

fn index(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (Data::List(_, all) | Data::Tuple(all)) = given.value(0).data() else {
        return Err(Failure::new("argument must be a list or tuple"));
    };
    if all.is_empty() {
        return Err(Failure::new("cannot search an empty list"));
    }
    position(all, given.value(1)).map(Value::from).ok_or_else(|| Failure::new("item not found"))
}

fn length(given: &Arguments<'_>) -> Result<Value, Failure> {
    let value = given.value(0);
    if let Some(text) = value.as_str() {
        return Ok(characters(text).count().into());
    }
    match (value.ty(), value.length()) {
        (_, Some(length)) => Ok(length.into()),
        // The type determines the number of elements.
        (Type::Tuple(elements), None) => Ok(elements.len().into()),
        (Type::Object(attributes), None) => Ok(attributes.len().into()),
        (Type::Bool | Type::Number, None) => {
            Err(Failure::new("argument must be a string, a collection type, or a structural type"))
        }
        _ => Ok(Value::unknown(Type::Number, value.origins()).not_null()),
    }
}

fn match_keys(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (values, keys) = (given.elements(0), given.elements(1));
    if values.len() != keys.len() {
        return Err(Failure::new("length of keys and values should be equal"));
    }
    let ty = common_type(&given.all()[1..]);
    let ty = ty.ok_or_else(|| Failure::new("lists must be of the same type"))?;
    let spelled = |value: &Value| -> Result<Vec<String>, Failure> {
        Ok(elements(&convert(value, &ty)?)
            .into_iter()
            .flat_map(|all| all.iter().map(Value::spelling))
            .collect())
    };
    let wanted: BTreeSet<String> = spelled(given.value(2))?.into_iter().collect();
    let keys = spelled(given.value(1))?;
    let matching =
        values.iter().zip(&keys).filter(|(_, key)| wanted.contains(*key)).map(|(value, _)| value.clone());
    Ok(Value::list(element_type(given.value(0)), matching))
}

fn sum(given: &Arguments<'_>) -> Result<Value, Failure> {
    let value = given.value(0);
    let all = elements(value).ok_or_else(|| {
        let found = value.ty().friendly_name();
        Failure::argument(0, format!("argument must be list, set, or tuple; received {found}"))
    })?;
    if all.is_empty() {
        return Err(Failure::argument(0, "cannot sum an empty list"));
    }
    let mut sum = Number::ZERO;
    for element in all.iter() {
        let element = convert(element, &Type::Number);
        match element.as_ref().map(Value::data) {
            Ok(Data::Number(number)) => sum = sum.add(number)?,
            Ok(_) => return Err(Failure::argument(0, "cannot sum null values")),
            Err(_) => {
                return Err(Failure::argument(0, "argument must be list, set, or tuple of number values"));
            }
        }
    }
    Ok(sum.into())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("alltrue", "[[]]", "true"),
            ("alltrue", "[[null, true]]", "false"),
            ("anytrue", r#"[["true", null]]"#, "true"),
            ("coalesce", r#"["", null, 1]"#, r#""1""#),
            ("coalesce", "[null, 0]", "0"),
            ("coalescelist", r#"[[], ["c"]]"#, r#"["c"]"#),
            ("contains", r#"[[[1], {"a": 1}], {"a": 1}]"#, "true"),
            ("contains", r#"[["1"], 1]"#, "false"),
            ("index", r#"[["a", "b"], "b"]"#, "1"),
            ("length", r#"["🇵🇱🇯🇵"]"#, "2"),
            ("length", r#"[{"a": 1}]"#, "1"),
            ("matchkeys", r#"[["a", "b", "c"], ["1", 2, "3"], [3, "1"]]"#, r#"["a","c"]"#),
            ("one", r#"[["x"]]"#, r#""x""#),
            ("one", "[[]]", "null"),
            ("sum", r#"[["1", 0.5, 1e30]]"#, "1000000000000000000000000000001.5"),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "coalesce",
                "[true, 1]",
                r#"call to function "coalesce" failed: all arguments must have the same type"#,
            ),
            (
                "coalesce",
                r#"["", null]"#,
                r#"call to function "coalesce" failed: no non-null, non-empty-string arguments"#,
            ),
            (
                "coalescelist",
                r#"["a", []]"#,
                r#"call to function "coalescelist" failed: coalescelist arguments must be lists or tuples"#,
            ),
            ("index", r#"[[1], "1"]"#, r#"call to function "index" failed: item not found"#),
            (
                "length",
                "[5]",
                r#"call to function "length" failed: argument must be a string, a collection type, or a structural type"#,
            ),
            ("sum", "[[]]", r#"invalid value for "list" parameter: cannot sum an empty list"#),
        ]);
    }
}

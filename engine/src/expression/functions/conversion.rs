//! Implements type conversion functions.

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Type, Value, conversion, convert};

const V: Parameter = Parameter::new("v", Accepts::Any).or_null().or_unknown().carried();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "tobool",
        "The value as a bool.",
        [r#"tobool("true")"#, "true"],
        &[V],
        Returns::Always(Accepts::Bool),
        |given| to(given, Accepts::Bool),
    ),
    Function::new(
        "tolist",
        "The value as a list.",
        [r#"tolist(["west", 1])"#, r#"["west", "1"]"#],
        &[V],
        Returns::Always(Accepts::List),
        |given| to(given, Accepts::List),
    ),
    Function::new(
        "tomap",
        "The value as a map.",
        [r#"tomap({ west = 1, east = "two" })"#, "{\n  east = \"two\"\n  west = \"1\"\n}"],
        &[V],
        Returns::Always(Accepts::Map),
        |given| to(given, Accepts::Map),
    ),
    Function::new(
        "tonumber",
        "The value as a number.",
        [r#"tonumber("42")"#, "42"],
        &[V],
        Returns::Always(Accepts::Number),
        |given| to(given, Accepts::Number),
    ),
    Function::new(
        "toset",
        "The value as a set.",
        [r#"toset(["west", "east", "west"])"#, r#"["east", "west"]"#],
        &[V],
        Returns::Always(Accepts::Set),
        |given| to(given, Accepts::Set),
    ),
    Function::new(
        "tostring",
        "The value as text.",
        ["tostring(42)", r#""42""#],
        &[V],
        Returns::Always(Accepts::String),
        |given| to(given, Accepts::String),
    )
    .partly(|given| given.value(0).pattern().map(|_| given.value(0).clone().not_null())),
];

fn to(given: &Arguments<'_>, accepts: Accepts) -> Result<Value, Failure> {
    let (value, ty) = (given.value(0), accepts.ty());
    convert(value, &ty).map_err(|error| {
        let wanted = ty.friendly_constraint();
        let reason = match (value.as_str(), &ty) {
            (Some(text), Type::Bool) => {
                format!("cannot convert {text:?} to bool; only the strings \"true\" or \"false\" are allowed")
            }
            (Some(text), Type::Number) => format!(
                "cannot convert {text:?} to number; given string must be a decimal representation of a number"
            ),
            _ if conversion(&value.ty(), &ty).is_some() => error.to_string(),
            _ => format!("cannot convert {} to {wanted}", value.ty().friendly_name()),
        };
        Failure::argument(0, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("tobool", r#"["1"]"#, "true"),
            ("tonumber", r#"["-1e-3"]"#, "-0.001"),
            ("tostring", "[1e21]", r#""1000000000000000000000""#),
            ("tolist", r#"[["a", 1, null]]"#, r#"["a","1",null]"#),
            ("toset", "[[10, 9, 9]]", "[9,10]"),
            ("tomap", r#"[{"a": [1], "b": ["x", "y"]}]"#, r#"{"a":["1"],"b":["x","y"]}"#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "tobool",
                r#"["TRUE"]"#,
                r#"invalid value for "v" parameter: cannot convert "TRUE" to bool; only the strings "true" or "false" are allowed"#,
            ),
            (
                "tonumber",
                r#"["0x10"]"#,
                r#"invalid value for "v" parameter: cannot convert "0x10" to number; given string must be a decimal representation of a number"#,
            ),
            (
                "tolist",
                "[{}]",
                r#"invalid value for "v" parameter: cannot convert object to list of any single type"#,
            ),
            ("tostring", "[[]]", r#"invalid value for "v" parameter: cannot convert tuple to string"#),
        ]);
    }
}

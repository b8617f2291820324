//! Tests type expressions.

use super::*;
use crate::expression::type_constraint;
use crate::value::TypeConstraint;

fn constraint(text: &str) -> Result<TypeConstraint, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("type", text.to_owned()));
    type_constraint(&parse_expression(&sources, file)?, &Bindings::new("."))
}

#[test]
fn types_are_read() {
    let cases = [
        ("string", Type::String),
        ("any", Type::Any),
        ("list(number)", Type::list(Type::Number)),
        ("list", Type::list(Type::Any)),
        ("map", Type::map(Type::Any)),
        ("set(bool)", Type::set(Type::Bool)),
        ("map(list(string))", Type::map(Type::list(Type::String))),
        ("tuple([string, number])", Type::tuple([Type::String, Type::Number])),
        (
            "object({a = string, \"b\" = optional(number, 3)})",
            Type::object([("a", Type::String), ("b", Type::Number)]),
        ),
    ];
    for (text, ty) in cases {
        assert_eq!(constraint(text).unwrap().ty(), ty, "{text}");
    }
}

#[test]
fn defaults_are_filled_in() {
    let constraint =
        constraint("object({ a = optional(string, 1 + 1), b = optional(list(number)) })").unwrap();
    let filled = constraint.apply(&value("{}")).unwrap();
    assert_eq!(crate::value::attribute(&filled, "a").unwrap(), Value::from("2"));
    assert!(crate::value::attribute(&filled, "b").unwrap().is_null());
}

#[test]
fn what_is_no_type_is_refused() {
    let cases = [
        ("strng", "unknown-type"),
        ("\"string\"", "invalid-type"),
        ("set", "invalid-type"),
        ("list(string, number)", "invalid-type"),
        ("list()", "invalid-type"),
        ("string(1)", "invalid-type"),
        ("array(string)", "unknown-type"),
        ("tuple(string)", "invalid-type"),
        ("object([])", "invalid-type"),
        ("object({a = 1})", "invalid-type"),
        ("optional(string)", "invalid-type"),
        ("object({a = optional()})", "invalid-type"),
        ("object({a = optional(number, \"x\")})", "wrong-type"),
        ("object({(a) = string})", "invalid-type"),
        ("1 + 1", "invalid-type"),
    ];
    for (text, code) in cases {
        assert_eq!(constraint(text).unwrap_err().iter().next().unwrap().code, code, "{text}");
    }
}

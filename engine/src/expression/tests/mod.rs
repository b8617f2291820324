//! Tests the whole evaluator in tables.

mod examples;
mod files;
mod generate;
mod language;
mod messages;
mod oracle;
mod properties;
mod templates;
mod types;
mod unknown;

use super::{Bindings, evaluate};
use crate::diagnostic::Diagnostics;
use crate::source::{SourceFile, Sources};
use crate::syntax::parse_expression;
use crate::value::{Marks, Number, Origins, Type, Value};

fn number(text: &str) -> Value {
    text.parse::<Number>().unwrap().into()
}

fn unknown(ty: Type) -> Value {
    Value::unknown(ty, Origins::of("step.a.b"))
}

fn ephemeral(value: impl Into<Value>) -> Value {
    value.into().with_marks(&Marks::ephemeral("var.e"))
}

fn secret(value: impl Into<Value>) -> Value {
    value.into().with_marks(&Marks::sensitive("var.secret"))
}

/// Returns a scope with values of many kinds.
fn world() -> Bindings {
    let strings = Value::tuple(["b", "a"].map(Value::from));
    Bindings::new(".")
        .with("region", "west".into())
        .with("count", 3_i64.into())
        .with("nothing", Value::NULL)
        .with("names", strings)
        .with("template", "a%{ if false }${x}%{ endif }".into())
        .with("machine", Value::object([("name", Value::from("m1")), ("size", 2_i64.into())]))
        .with("secret", secret("s3cret"))
        .with("flag", secret(true))
        .with("secrets", Value::tuple([secret("x"), Value::from("y")]))
        .with("hidden", secret(Value::tuple([Value::from("x"), Value::from("y")])))
        .with("later", unknown(Type::Any))
        .with("later_text", unknown(Type::String))
        .with("later_flag", unknown(Type::Bool))
        .with("later_list", unknown(Type::list(Type::String)))
        .with("later_map", unknown(Type::map(Type::Number)))
        .with("later_object", unknown(Type::object([("a", Type::Number), ("b", Type::String)])))
}

fn run_in(scope: &Bindings, text: &str) -> (Sources, Result<Value, Diagnostics>) {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("console", text.to_owned()));
    let result = parse_expression(&sources, file).and_then(|expression| evaluate(&expression, scope));
    (sources, result)
}

fn run(text: &str) -> Result<Value, Diagnostics> {
    run_in(&world(), text).1
}

fn value(text: &str) -> Value {
    run(text).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

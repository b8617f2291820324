//! Encodes values as Terraform's own files.

use std::sync::Arc;

use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter, result_type};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Bindings, constant};
use crate::format::format;
use crate::source::{SourceFile, Sources};
use crate::syntax::{is_identifier, parse};
use crate::value::{Data, Entries, Value, quote};

const VALUE: Parameter = Parameter::new("value", Accepts::Any);
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "provider::terraform::decode_tfvars",
        "The object in the text of a variable file.",
        [r#"provider::terraform::decode_tfvars("size = 2").size"#, "2"],
        &[Parameter::new("src", Accepts::String)],
        result_type::ANY,
        |given| decode(given.text(0)).map_err(|found| Failure::new(said(&found))),
    ),
    Function::new(
        "provider::terraform::encode_expr",
        "The value as an expression of the language.",
        ["provider::terraform::encode_expr({ size = 2 })", "chomp(<<-EOT\n  {\n    size = 2\n  }\nEOT\n)"],
        &[VALUE],
        STRING,
        |given| Ok(format(&expression(given.value(0))).into()),
    ),
    Function::new(
        "provider::terraform::encode_tfvars",
        "The object as the text of a file of variables.",
        ["provider::terraform::encode_tfvars({ size = 2 })", r#""size = 2\n""#],
        &[VALUE],
        STRING,
        |given| match given.value(0).data() {
            Data::Object(entries) | Data::Map(_, entries) => encode(entries),
            _ => Err(Failure::argument(0, "must be an object with the names of the variables")),
        },
    ),
];

fn decode(text: &str) -> Result<Value, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("decode_tfvars", text.to_owned()));
    let body = parse(&sources, file).whole()?;
    let mut found = Diagnostics::new();
    for block in &body.blocks {
        found.push(
            Diagnostic::error("unexpected-block", "a file of variables holds no blocks").at(block.header, ""),
        );
    }
    let scope = Bindings::new("");
    let mut values = Vec::new();
    for attribute in body.attributes {
        for reference in attribute.expression.references() {
            found.push(Diagnostic::error("not-constant", format!("`{reference}` cannot be used here")));
        }
        let value = found.take(constant(&attribute.expression, &scope));
        values.extend(value.map(|value| (attribute.name.value, value)));
    }
    found.or(Value::object(values))
}

fn said(found: &Diagnostics) -> String {
    found.iter().map(|one| one.summary.as_str()).collect::<Vec<_>>().join("; ")
}

fn encode(entries: &Entries) -> Result<Value, Failure> {
    if let Some(name) = entries.keys().find(|name| !is_identifier(name)) {
        return Err(Failure::argument(0, format!("{name:?} cannot be the name of a variable")));
    }
    let line = |(name, value)| format!("{name} = {}\n", expression(value));
    Ok(format(&entries.iter().map(line).collect::<String>()).into())
}

/// Returns the value as an unformatted expression.
fn expression(value: &Value) -> String {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(value) => value.to_string(),
        Data::String(text) => quote(text),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            format!("[{}]", elements.iter().map(expression).collect::<Vec<_>>().join(", "))
        }
        Data::Map(_, entries) | Data::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Data::Map(_, entries) | Data::Object(entries) => {
            let item = |(name, value): (&Arc<str>, _)| format!("{} = {}\n", key(name), expression(value));
            format!("{{\n{}}}", entries.iter().map(item).collect::<String>())
        }
    }
}

fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quote(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{gives, invoke, refuses};
    use super::*;
    use crate::value::arbitrary;

    #[test]
    fn files_of_variables() {
        gives(&[
            (
                "provider::terraform::encode_tfvars",
                r#"[{"b": [1, null], "a": {"x y": "${"}}]"#,
                r#""a = {\n  \"x y\" = \"$${\"\n}\nb = [1, null]\n""#,
            ),
            (
                "provider::terraform::decode_tfvars",
                r#"["a = 1 + 1\nb = [true, { c = null }]\n"]"#,
                r#"{"a":2,"b":[true,{"c":null}]}"#,
            ),
        ]);
        refuses(&[
            (
                "provider::terraform::decode_tfvars",
                r#"["a = true ? 1 : upper(var.x)"]"#,
                "call to function \"provider::terraform::decode_tfvars\" failed: `var.x` cannot be used here; `upper` cannot be called here",
            ),
            (
                "provider::terraform::encode_tfvars",
                "[[1]]",
                "invalid value for \"value\" parameter: must be an object with the names of the variables",
            ),
        ]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(value in arbitrary::json()) {
            let object = Value::object([("v", value)]);
            let text = invoke("provider::terraform::encode_tfvars", std::slice::from_ref(&object)).unwrap();
            prop_assert_eq!(invoke("provider::terraform::decode_tfvars", &[text]), Ok(object));
        }
    }
}

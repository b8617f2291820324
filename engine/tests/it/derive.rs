//! The code that the derive macros generate for a struct.

use std::collections::BTreeMap;

use arcbook_engine::step::{Arg, ArgumentValues, Arguments, Outputs};
use arcbook_engine::value::{Origins, Type, Value};

/// Greets.
///
/// At length.
#[derive(Arguments, Debug)]
struct Greeting {
    /// Name of the person to greet.
    name: Arg<String>,
    /// Order of the greetings.
    r#type: Option<Arg<BTreeMap<String, String>>>,
}

#[derive(Outputs)]
struct Greeted {
    /// The spoken text.
    #[output(from(name, r#type))]
    text: String,
    /// The unspoken text.
    #[output(sensitive)]
    thought: Option<String>,
}

fn values(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> ArgumentValues {
    pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

#[test]
fn the_schema_matches_the_struct() {
    assert_eq!(Greeting::DOCS, "Greets.\n\nAt length.");
    let fields = Greeting::fields();
    let seen: Vec<_> = fields.iter().map(|field| (field.name, field.docs, field.required)).collect();
    assert_eq!(
        seen,
        [("name", "Name of the person to greet.", true), ("type", "Order of the greetings.", false)]
    );
    assert_eq!(fields[1].ty, Type::map(Type::String));
    let outputs = Greeted::fields();
    let seen: Vec<_> = outputs.iter().map(|field| (field.name, field.required, field.sensitive)).collect();
    assert_eq!(seen, [("text", true, false), ("thought", false, true)]);
}

#[test]
fn arguments_may_be_known_or_unknown() {
    let known = Greeting::take(&values([("name", "Ada".into())])).expect("taken");
    assert_eq!(known.name, Arg::known("Ada".to_owned()));
    assert!(known.r#type.is_none());
    let origins = Origins::of("step.a.b");
    let later =
        Greeting::take(&values([("name", Value::unknown(Type::String, origins.clone()))])).expect("taken");
    assert_eq!(later.name, Arg::Unknown(origins));
}

#[test]
fn every_wrong_argument_is_named() {
    let errors = Greeting::take(&values([("type", true.into())])).expect_err("two errors");
    let seen: Vec<_> = errors.iter().map(|error| (error.argument(), error.message.as_str())).collect();
    assert_eq!(seen, [("name", "must be given"), ("type", "must be a map")]);
}

#[test]
fn outputs_become_values() {
    let entries = Greeted { text: "hello".into(), thought: None }.into_entries();
    assert_eq!(entries["text"], Value::from("hello"));
    assert!(entries["thought"].is_null());
}

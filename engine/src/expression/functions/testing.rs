//! Calls functions with JSON arguments, for the tests of the families.

use super::{CallError, Clock, Context, Files, call};
use crate::value::Value;

pub(super) fn invoke(name: &str, arguments: &[Value]) -> Result<Value, CallError> {
    call(name, arguments, &Context::new(&Files::new("/"), Clock::plan()))
}

/// Calls a function with the elements of a JSON array.
pub(super) fn invoke_json(name: &str, arguments: &str) -> Result<Value, CallError> {
    let arguments = Value::parse_json(arguments).unwrap();
    invoke(name, &arguments.children().cloned().collect::<Vec<_>>())
}

/// Checks `(function, arguments, result)`, both as JSON.
#[track_caller]
pub(super) fn gives(cases: &[(&str, &str, &str)]) {
    for (name, arguments, result) in cases {
        let found = invoke_json(name, arguments).map(|value| value.to_json_text().unwrap());
        assert_eq!(found.as_deref(), Ok(*result), "{name} of {arguments}");
    }
}

/// Checks `(function, arguments as JSON, message)`.
#[track_caller]
pub(super) fn refuses(cases: &[(&str, &str, &str)]) {
    for (name, arguments, message) in cases {
        let found = invoke_json(name, arguments).map_err(|error| error.to_string());
        assert_eq!(found, Err((*message).to_owned()), "{name} of {arguments}");
    }
}

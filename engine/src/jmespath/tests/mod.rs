mod errors;
mod features;
mod flow;
mod functions;
mod nasty;
mod nothing;
mod selections;

use super::{Query, SearchError};
use crate::value::Value;

fn json(text: &str) -> Value {
    Value::parse_json(text).expect("the test's JSON is JSON")
}

fn search(query: &str, value: &Value) -> Result<Value, SearchError> {
    Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}")).search(value)
}

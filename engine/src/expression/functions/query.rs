//! Implements queries on values.

use super::arguments::Arguments;
use super::failure::Failure;
use super::{Accepts, Function, Parameter, result_type};
use crate::jmespath::Query;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "jmespath",
    "The result of a JMESPath query on a value, as with `az --query`.",
    [r#"jmespath({ value = [{ name = "vm1" }, { name = "vm2" }] }, "value[].name | [0]")"#, r#""vm1""#],
    &[
        Parameter::new("value", Accepts::Any).or_null().or_unknown().marked(),
        Parameter::new("query", Accepts::String),
    ],
    result_type::ANY,
    search,
)];

/// Searches a value. Marks and unknowns stay on the parts that the query selects, so the value is passed
/// unchanged.
fn search(given: &Arguments<'_>) -> Result<Value, Failure> {
    let query = Query::parse(given.text(1)).map_err(|error| Failure::argument(1, error.message))?;
    query.search(given.value(0)).map_err(|error| Failure::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::invoke;
    use super::*;
    use crate::value::Marks;

    #[test]
    fn marks_stay_on_what_is_taken() {
        let secret = Value::from("s").with_marks(&Marks::sensitive("x"));
        let value = Value::object([("open", Value::from("o")), ("secret", secret)]);
        let taken = |query: &str| invoke("jmespath", &[value.clone(), query.into()]).expect("found");
        assert_eq!(taken("open"), Value::from("o"));
        assert!(taken("secret").is_sensitive());
        assert!(invoke("jmespath", &[value.clone(), "a.[".into()]).is_err());
    }
}

//! Implements functions on marks.

use super::function::Returns;
use super::{Accepts, Function, Parameter, result_type};
use crate::value::{Marks, Type, Value};

const VALUE: Parameter = Parameter::new("value", Accepts::Any).or_null().or_unknown().marked();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "ephemeralasnull",
        "The value with null in place of every ephemeral part of it, so that it can be kept.",
        [r#"ephemeralasnull("kept")"#, r#""kept""#],
        &[VALUE],
        result_type::SAME,
        |given| Ok(given.value(0).ephemeral_as_null()),
    ),
    Function::new(
        "issensitive",
        "True if the value itself, not only a part of it, is sensitive.",
        [r#"issensitive(sensitive("hush"))"#, "true"],
        &[VALUE],
        Returns::Always(Accepts::Bool),
        |given| {
            let value = given.value(0);
            Ok(match (value.is_sensitive(), value.is_unknown()) {
                // An unknown value may still become sensitive.
                (false, true) => Value::unknown(Type::Bool, value.origins()).not_null(),
                (sensitive, _) => sensitive.into(),
            })
        },
    ),
    Function::new(
        "nonsensitive",
        "The value without its mark of being sensitive; marks on what is inside stay.",
        [r#"nonsensitive(sensitive("not so secret"))"#, r#""not so secret""#],
        &[VALUE],
        result_type::SAME,
        |given| {
            let value = given.value(0);
            Ok(value.clone().with_only_marks(value.marks().without_sensitive()))
        },
    ),
    Function::new(
        "sensitive",
        "The value marked as sensitive.",
        [r#"sensitive("hush")"#, "(sensitive value)"],
        &[VALUE],
        result_type::SAME,
        |given| Ok(given.value(0).clone().with_marks(&Marks::sensitive("sensitive()"))),
    ),
];

#[cfg(test)]
mod tests {
    use super::super::testing::invoke;
    use super::*;
    use crate::value::Origins;

    #[test]
    fn marks_come_and_go() {
        let secret = invoke("sensitive", &[Value::from("a")]).unwrap();
        assert!(secret.is_sensitive());
        assert_eq!(invoke("issensitive", std::slice::from_ref(&secret)), Ok(true.into()));
        assert_eq!(invoke("issensitive", &[Value::tuple([secret.clone()])]), Ok(false.into()));
        assert_eq!(invoke("nonsensitive", &[secret]), Ok(Value::from("a")));
        let unknown = Value::unknown(Type::Any, Origins::of("step.a"));
        assert!(invoke("issensitive", &[unknown]).unwrap().is_unknown());
    }
}

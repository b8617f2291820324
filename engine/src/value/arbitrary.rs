//! Generates values and types for property tests.

use proptest::prelude::*;

use super::{Marks, Number, Origins, Type, Value};

const NAME: &str = "[a-c]";

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        (any::<i64>(), 1i64..1000).prop_map(|(a, b)| Number::from(a).div(&b.into()).unwrap()),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::NULL),
        any::<bool>().prop_map(Value::from),
        number().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        "-?[0-9]{1,3}|true|false".prop_map(Value::from),
    ]
}

/// Generates any value that JSON can represent.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    nested(leaf().boxed())
}

/// Generates structures with unknown values of any type and with marks anywhere.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let unknown = (ty(), NAME).prop_map(|(ty, origin)| Value::unknown(ty, Origins::of(origin)));
    let marks = (any::<bool>(), NAME).prop_map(|(ephemeral, origin)| {
        if ephemeral { Marks::ephemeral(origin) } else { Marks::sensitive(origin) }
    });
    let marked = (leaf(), marks).prop_map(|(value, marks)| value.with_marks(&marks));
    nested(prop_oneof![4 => leaf(), 1 => unknown, 1 => marked].boxed())
}

fn nested(leaf: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::tuple),
            prop::collection::vec((NAME, inner), 0..3).prop_map(Value::object),
        ]
    })
}

/// Generates any type.
pub(crate) fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Any), Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Type::tuple),
            prop::collection::vec((NAME, inner), 0..3).prop_map(Type::object),
        ]
    })
}

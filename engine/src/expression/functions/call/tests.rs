use std::sync::Arc;

use proptest::prelude::*;

use super::super::names;
use super::super::testing::invoke;
use super::*;
use crate::value::{Data, Type, arbitrary};

fn secret(text: &str) -> Value {
    Value::from(text).with_marks(&Marks::sensitive("var.s"))
}

#[test]
fn marks_go_where_the_content_goes() {
    let list = || Value::tuple([secret("s"), Value::from("b")]);
    let whole = ["jsonencode", "join", "contains", "toset", "sort"];
    for name in whole {
        let arguments = match name {
            "join" => vec![Value::from(","), list()],
            "contains" => vec![list(), Value::from("b")],
            _ => vec![list()],
        };
        assert!(invoke(name, &arguments).unwrap().is_sensitive(), "{name}");
    }
    for name in ["length", "reverse", "tolist", "concat", "flatten"] {
        assert!(!invoke(name, &[list()]).unwrap().is_sensitive(), "{name}");
    }
    let marked = list().with_marks(&Marks::sensitive("var.l"));
    assert_eq!(invoke("length", &[marked]).unwrap().marks(), &Marks::sensitive("var.l"));
}

#[test]
fn no_error_shows_what_is_sensitive() {
    let object = Value::object([("hunter2", Value::from("x"))]).with_marks(&Marks::sensitive("var.s"));
    let calls = [
        ("parseint", vec![secret("hunter2"), Value::from(10i64)]),
        ("tonumber", vec![secret("hunter2")]),
        ("regex", vec![secret("(hunter2"), Value::from("a")]),
        ("sum", vec![object.clone()]),
        ("join", vec![Value::from(","), object]),
        ("format", vec![secret("%!hunter2")]),
    ];
    for (name, arguments) in calls {
        let error = invoke(name, &arguments).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn an_error_knows_its_argument() {
    let error = invoke("join", &[Value::from(","), Value::tuple([]), Value::from(1i64)]).unwrap_err();
    assert_eq!(error.argument(), Some(2));
    assert_eq!(invoke("nope", &[]).unwrap_err(), CallError::NoFunction("nope".to_owned()));
}

#[test]
fn what_is_not_known_is_waited_for() {
    let unknown = |origin: &str| Value::unknown(Type::Any, Origins::of(origin));
    let joined = invoke("join", &[unknown("step.a"), Value::tuple([unknown("step.b")])]).unwrap();
    assert_eq!(joined.origins(), Origins::of("step.a").union(&Origins::of("step.b")));
    assert_eq!(joined.ty(), Type::String);
    let pair = Value::tuple([unknown("step.a"), Value::from("b")]);
    assert_eq!(invoke("length", std::slice::from_ref(&pair)), Ok(Value::from(2i64)));
    assert_eq!(invoke("element", &[pair, Value::from(1i64)]), Ok(Value::from("b")));
}

/// Replaces some leaves by unknown values of their type.
fn forget(value: &Value, pick: &mut impl Iterator<Item = bool>) -> Value {
    if pick.next() == Some(true) {
        return Value::unknown(value.ty(), Origins::of("step.x"));
    }
    match value.data() {
        Data::Tuple(all) => Value::tuple(all.iter().map(|value| forget(value, pick)).collect::<Vec<_>>()),
        Data::Object(all) => {
            let all = all.iter().map(|(name, value)| (Arc::clone(name), forget(value, pick)));
            Value::object(all.collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

fn may_become(vague: &Value, exact: &Value) -> bool {
    match (vague.data(), exact.data()) {
        (Data::Unknown(unknown), _) => {
            crate::value::conversion(&exact.ty(), &unknown.ty).is_some()
                && !(unknown.not_null && exact.is_null())
        }
        _ if vague.is_wholly_known() => vague == exact,
        (Data::Set(_, vague), Data::Set(_, exact)) => {
            vague.iter().all(|a| exact.iter().any(|b| may_become(a, b)))
        }
        _ => {
            let (vague, exact): (Vec<_>, Vec<_>) = (vague.children().collect(), exact.children().collect());
            vague.len() == exact.len() && vague.iter().zip(&exact).all(|(a, b)| may_become(a, b))
        }
    }
}

/// Generates lists, sets and maps of strings.
fn collection() -> impl Strategy<Value = Value> {
    let texts = || prop::collection::vec("[a-c0-9]{0,2}".prop_map(Value::from), 0..3);
    let named = prop::collection::vec(("[a-c]", "[a-c0-9]{0,2}".prop_map(Value::from)), 0..3);
    prop_oneof![
        texts().prop_map(|all| Value::list(Type::String, all)),
        texts().prop_map(|all| Value::set(Type::String, all)),
        named.prop_map(|all| Value::map(Type::String, all)),
    ]
}

/// Generates calls of all functions with valid numbers of arguments.
fn any_call() -> impl Strategy<Value = (&'static str, Vec<Value>)> {
    let all: Vec<&str> = names().filter(|name| !name.contains("sensitive")).collect();
    let argument = prop_oneof![
        3 => prop::collection::vec(arbitrary::json(), 0..3).prop_map(Value::tuple),
        2 => prop::collection::vec(("[a-c]", arbitrary::json()), 0..3).prop_map(Value::object),
        2 => "[a-c0-9]{0,3}".prop_map(Value::from),
        1 => (-3i64..9).prop_map(Value::from),
        1 => arbitrary::json(),
        4 => collection(),
    ];
    (prop::sample::select(all), prop::collection::vec(argument, 5), 0..3usize).prop_map(
        |(name, mut arguments, more)| {
            let function = find(name).unwrap();
            let more = if function.rest().is_some() { more } else { 0 };
            arguments.truncate(function.parameters().len() + more);
            (name, arguments)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_mark_is_lost((name, mut arguments) in any_call(), at: prop::sample::Index) {
        if arguments.is_empty() {
            return Ok(());
        }
        let plain = invoke(name, &arguments);
        let at = at.index(arguments.len());
        arguments[at] = arguments[at].clone().with_marks(&Marks::sensitive("var.s"));
        let marked = invoke(name, &arguments);
        prop_assert_eq!(plain.is_ok(), marked.is_ok());
        if let Ok(marked) = marked {
            prop_assert!(marked.is_sensitive(), "{}", name);
        }
    }

    #[test]
    fn knowing_more_never_contradicts(
        (name, arguments) in any_call(),
        picks in prop::collection::vec(prop::bool::weighted(0.2), 32),
    ) {
        let mut picks = picks.into_iter();
        let vague: Vec<Value> = arguments.iter().map(|value| forget(value, &mut picks)).collect();
        match (invoke(name, &vague), invoke(name, &arguments)) {
            (Ok(vague), Ok(exact)) => {
                prop_assert!(may_become(&vague, &exact), "{}: {:?} became {:?}", name, vague, exact);
            }
            (Err(early), Ok(exact)) => {
                prop_assert!(false, "{} of {:?}: {}, but then {:?}", name, vague, early, exact);
            }
            (_, Err(_)) => {}
        }
    }
}

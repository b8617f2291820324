//! Unknowns and marks.

use proptest::prelude::*;

use super::*;
use crate::value::convert;

#[test]
fn what_is_not_known_waits_for_its_origins() {
    let cases = [
        ("later + 1", Type::Number),
        ("later < 1", Type::Bool),
        ("!later_flag", Type::Bool),
        ("later == 1", Type::Bool),
        ("\"a${later}\"", Type::String),
        ("\"%{ if later_flag }a%{ endif }\"", Type::String),
        ("\"%{ for x in later_list }${x}%{ endfor }\"", Type::String),
        ("later_flag ? 1 : 2", Type::Number),
        ("later_flag ? 1 : \"a\"", Type::String),
        ("later.x.y[0]", Type::Any),
        ("later_list[0]", Type::String),
        ("later_list[*]", Type::list(Type::String)),
        ("names[later]", Type::Any),
        ("[for x in later_list : x]", Type::Any),
        ("[for x in names : x if later_flag]", Type::Any),
        ("{(later_text) = 1}", Type::Any),
        ("later_flag && true", Type::Bool),
        ("later_flag && names", Type::Bool),
        ("try(later.x, 1)", Type::Any),
        ("can(later.x)", Type::Bool),
        ("upper(later_text)", Type::String),
        ("templatestring(later_text, {})", Type::String),
    ];
    for (text, ty) in cases {
        let value = value(text);
        assert!(value.is_unknown(), "{text}: {value:?}");
        assert_eq!(value.ty(), ty, "{text}");
        assert_eq!(value.origins(), Origins::of("step.a.b"), "{text}");
    }
}

#[test]
fn what_is_known_stays_known_beside_it() {
    assert_eq!(value("[later, 1][1]"), number("1"));
    assert_eq!(value("{a = later, b = 2}.b"), number("2"));
    assert_eq!(value("[for x in [later, 2] : 1]"), value("[1, 1]"));
    assert_eq!(value("true ? 1 : later"), number("1"));
}

#[test]
fn sensitive_input_marks_what_it_went_into() {
    let whole = [
        "secret",
        "\"a${secret}\"",
        "secret == \"x\"",
        "flag ? 1 : 2",
        "!flag",
        "flag && true",
        "true && flag",
        "later_flag && flag",
        "upper(secret)",
        "hidden[0]",
        "[for x in hidden : 1]",
        "[for x in names : x if flag]",
        "{(secret) = 1}",
        "{for x in names : \"${x}${secret}\" => 1}",
        "hidden[*]",
        "machine[flag ? \"name\" : \"size\"]",
        "\"%{ if flag }a%{ endif }\"",
        "\"%{ for x in hidden }a%{ endfor }\"",
        "\"%{ if later_flag }${secret}%{ endif }\"",
        "try(secret, 1)",
        "can(tonumber(secret))",
        "\"%{ for x in later_list }${secret}%{ endfor }\"",
        "try(nothing[secret], 1)",
        "[for x in later_list : secret]",
        "later_flag ? secret : 1",
        "later_flag && (secret == \"x\")",
        "templatestring(secret, {})",
        "length(hidden)",
    ];
    for text in whole {
        assert!(value(text).is_sensitive(), "{text}");
    }
    for text in ["[secret]", "{a = secret}", "secrets", "[for x in secrets : x]", "secrets[*]"] {
        let value = value(text);
        assert!(!value.is_sensitive() && value.deep_marks().is_sensitive(), "{text}");
    }
    for text in ["[secret, 1][1]", "flag || true ? 1 : 1", "true ? 1 : secret"] {
        let _ = value(text);
    }
    assert!(!value("[secret, 1][1]").is_sensitive());
}

/// Expressions over `a` and `b`, mostly well typed.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("1".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("\"x\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            (two.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%", "<", "==", "!=", "&&", "||"]))
                .prop_map(|((a, b), operator)| format!("({a} {operator} {b})")),
            three.prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("\"<${{{a}}}>\"")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.clone().prop_map(|(a, b)| format!("{{x = {a}, y = {b}}}")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}][{a}]")),
            two.clone().prop_map(|(a, b)| format!("[for v in {a} : [v, {b}]]")),
            two.clone().prop_map(|(a, b)| format!("[for v in [{a}, {b}] : v if {b}]")),
            two.prop_map(|(a, b)| format!("try({a}, {b})")),
            inner.clone().prop_map(|a| format!("{a}[*]")),
            inner.prop_map(|a| format!("!{a}")),
        ]
    })
}

fn inputs() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        Just(Value::from("x")),
        Just(Value::NULL),
        Just(value("[1, \"x\"]")),
        Just(value("{x = 1}")),
    ]
}

/// Whether `known` is something that `open` may turn out to be.
///
/// As in Terraform, a conditional gives what it chose as it is while the type of its other value is not known, so `1` may
/// turn out to be `"1"`, and an empty tuple an empty list.
fn fits(open: &Value, known: &Value) -> bool {
    if open.is_unknown() || (open.is_null() && known.is_null()) {
        return true;
    }
    let (a, b): (Vec<_>, Vec<_>) = (open.children().collect(), known.children().collect());
    if a.is_empty() && b.is_empty() && open.length() == known.length() {
        let text = |value: &Value| convert(&value.without_marks(), &Type::String);
        return open.length().is_some() || text(open) == text(known);
    }
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| fits(a, b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn evaluation_is_deterministic(text in expressions(), a in inputs(), b in inputs()) {
        let scope = Bindings::new(".").with("a", a).with("b", b);
        prop_assert_eq!(run_in(&scope, &text).1, run_in(&scope, &text).1);
    }

    #[test]
    fn an_unknown_that_becomes_known_contradicts_nothing(text in expressions(), a in inputs(), b in inputs()) {
        let scope = Bindings::new(".").with("b", b);
        let open = unknown(a.ty());
        let before = run_in(&scope.clone().with("a", open), &text).1;
        let after = run_in(&scope.with("a", a), &text).1;
        if let (Ok(before), Ok(after)) = (before, after) {
            prop_assert!(fits(&before, &after), "{}: {:?} then {:?}", text, before, after);
        }
    }

    #[test]
    fn a_mark_is_never_lost(text in expressions(), a in inputs(), b in inputs(), c in inputs()) {
        let world = |a: &Value| Bindings::new(".").with("a", secret(a.clone())).with("b", b.clone());
        let results = [&a, &c].map(|a| run_in(&world(a), &text).1);
        if let [Ok(one), Ok(other)] = results {
            // Where another secret would show, the result is marked somewhere.
            if !fits(&one, &other) {
                prop_assert!(one.deep_marks().is_sensitive() || other.deep_marks().is_sensitive(), "{}", text);
            }
        }
    }
}

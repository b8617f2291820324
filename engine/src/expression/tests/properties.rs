//! Tests properties of all expressions.

use proptest::prelude::*;

use super::generate::{expressions, worlds};
use super::*;
use crate::value::{Data, convert};

const NAMES: [&str; 4] = ["a", "b", "v", "k"];

/// Evaluates `text` with these values of the names.
fn result(text: &str, values: &[Value; 4]) -> Result<Value, Diagnostics> {
    let names = NAMES.into_iter().zip(values);
    let template = "%{ if y == z }${y}%{ else }a%{ endif }";
    let scope = Bindings::new(".").with("t", template.into());
    run_in(&names.fold(scope, |scope, (name, value)| scope.with(name, value.clone())), text).1
}

/// Replaces the first value.
fn with_first(values: &[Value; 4], first: Value) -> [Value; 4] {
    let [_, b, v, k] = values.clone();
    [first, b, v, k]
}

/// Returns `value` before all of it is known: `how` selects unknown type, unknown elements or unknown
/// content.
fn opened(value: &Value, how: u8) -> Value {
    let unknown = |value: &Value| unknown(value.ty());
    match (how % 3, value.data()) {
        (0, _) => self::unknown(Type::Any),
        (1, Data::Tuple(all)) => Value::tuple(all.iter().map(unknown)),
        (1, Data::Object(all)) => {
            Value::object(all.iter().map(|(name, value)| (name.clone(), unknown(value))))
        }
        (1, Data::List(ty, all)) => Value::list(ty.clone(), all.iter().map(unknown)),
        (1, Data::Map(ty, all)) => {
            Value::map(ty.clone(), all.iter().map(|(name, value)| (name.clone(), unknown(value))))
        }
        _ => unknown(value),
    }
}

/// Returns true if `open` may turn out to be `known`.
///
/// As in Terraform, a conditional returns the chosen value unconverted while the type of the other one is
/// unknown, so `1` may become `"1"`, and an empty tuple an empty list.
fn fits(open: &Value, known: &Value) -> bool {
    if let Data::Unknown(unknown) = open.data() {
        let is_admitted = |text: &str| unknown.pattern.as_ref().is_none_or(|pattern| pattern.admits(text));
        return convert(known, &unknown.ty).is_ok()
            && !(unknown.not_null && known.is_null())
            && known.as_str().is_none_or(is_admitted);
    }
    if open.is_null() && known.is_null() {
        return true;
    }
    if matches!(open.data(), Data::Set(..)) && !open.is_wholly_known() {
        return known.children().count() <= open.children().count();
    }
    let (a, b): (Vec<_>, Vec<_>) = (open.children().collect(), known.children().collect());
    if a.is_empty() && b.is_empty() && open.length() == known.length() {
        let text = |value: &Value| convert(&value.without_marks(), &Type::String);
        return open.length().is_some() || text(open) == text(known);
    }
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| fits(a, b))
}

/// Converts the numbers and bools in `value` to strings.
///
/// As in Terraform, a value of unknown type beside a number is assumed to be a number, although it may become
/// a string.
fn primitives_as_text(value: &Value) -> Value {
    fn ty(of: &Type) -> Type {
        match of {
            Type::Bool | Type::Number => Type::String,
            Type::List(element) => Type::list(ty(element)),
            Type::Set(element) => Type::set(ty(element)),
            Type::Map(element) => Type::map(ty(element)),
            Type::Tuple(elements) => Type::tuple(elements.iter().map(ty)),
            Type::Object(all) => Type::object(all.iter().map(|(name, of)| (name.clone(), ty(of)))),
            Type::Any | Type::String => of.clone(),
        }
    }
    convert(value, &ty(&value.ty())).unwrap()
}

/// Returns true if the text contains a conditional.
///
/// As in Terraform, the type of the value that is not chosen determines that of the other one, except while
/// it is unknown, and no longer if that value fails.
fn has_conditional(text: &str) -> bool {
    text.contains(" ? ")
}

/// Returns another value of the same type.
fn another(value: &Value) -> Value {
    match value.data() {
        Data::Bool(flag) => (!flag).into(),
        Data::Number(number) => number.add(&1_i64.into()).unwrap().into(),
        Data::String(text) if text.is_empty() => "x".into(),
        Data::String(text) => text[1..].into(),
        Data::List(ty, all) => Value::list(ty.clone(), all.iter().skip(1).map(another)),
        Data::Map(ty, all) => {
            Value::map(ty.clone(), all.iter().skip(1).map(|(name, value)| (name.clone(), another(value))))
        }
        Data::Tuple(all) => Value::tuple(all.iter().map(another)),
        Data::Object(all) => Value::object(all.iter().map(|(name, value)| (name.clone(), another(value)))),
        _ => value.clone(),
    }
}

/// Returns true if the visible parts of `one` and `other` are the same; the types of null and of empty
/// collections, which depend on neighbouring values, are ignored.
fn looks_like(one: &Value, other: &Value) -> bool {
    if one.is_marked() || other.is_marked() {
        return true;
    }
    let (a, b): (Vec<_>, Vec<_>) = (one.children().collect(), other.children().collect());
    if one.is_null() && other.is_null() {
        return true;
    }
    if a.is_empty() && b.is_empty() {
        return one == other || one.length().is_some_and(|length| other.length() == Some(length));
    }
    let names = |value: &Value| match value.data() {
        Data::Map(_, all) | Data::Object(all) => all.keys().cloned().collect(),
        _ => Vec::new(),
    };
    a.len() == b.len() && names(one) == names(other) && a.iter().zip(&b).all(|(a, b)| looks_like(a, b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn evaluation_is_deterministic(text in expressions(), values in worlds()) {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("x", text.clone()));
        prop_assert!(parse_expression(&sources, file).is_ok(), "the generator wrote what does not parse: {}", text);
        prop_assert_eq!(result(&text, &values), result(&text, &values));
    }

    #[test]
    fn an_unknown_that_becomes_known_contradicts_nothing(
        text in expressions(),
        values in worlds(),
        how in any::<u8>(),
    ) {
        let open = with_first(&values, opened(&values[0], how));
        match (result(&text, &open), result(&text, &values)) {
            (Ok(before), Ok(after)) => {
                let before = if open[0].ty() == Type::Any { primitives_as_text(&before) } else { before };
                let fits = fits(&before, &after) || open[0].ty() == Type::Any && has_conditional(&text);
                prop_assert!(fits, "{}: {:?} of {} then {:?} of {}", text, before, before.ty(), after, after.ty());
            }
            (Err(_), Ok(_)) if has_conditional(&text) => {}
            // The neighbouring value converts only because of the known type.
            (Err(_), Ok(_)) if open[0].ty() == Type::Any => {}
            (Err(before), Ok(after)) => prop_assert!(false, "{}: {:?} then {:?}", text, before, after),
            (_, Err(_)) => {}
        }
    }

    #[test]
    fn marks_change_no_value(text in expressions(), values in worlds(), which in 0..4_usize) {
        let mut marked = values.clone();
        marked[which] = secret(marked[which].clone());
        match (result(&text, &values), result(&text, &marked)) {
            (Ok(plain), Ok(marked)) => prop_assert_eq!(plain, marked.without_marks(), "{}", text),
            (Err(_), Err(_)) => {}
            (plain, marked) => prop_assert!(false, "{}: {:?} but {:?}", text, plain, marked),
        }
    }

    #[test]
    fn an_ephemeral_mark_goes_where_a_sensitive_one_goes(
        text in expressions(),
        values in worlds(),
        which in 0..4_usize,
    ) {
        if text.contains("ephemeralasnull") {
            return Ok(());
        }
        let [secret, ephemeral] = [Marks::sensitive("x"), Marks::ephemeral("x")].map(|marks| {
            let mut marked = values.clone();
            marked[which] = marked[which].clone().with_marks(&marks);
            result(&text, &marked)
        });
        match (secret, ephemeral) {
            (Ok(secret), Ok(ephemeral)) => {
                prop_assert_eq!(secret.without_marks(), ephemeral.without_marks(), "{}", text);
                let seen = format!("{ephemeral:?}").replace("(ephemeral)", "(sensitive)");
                prop_assert_eq!(format!("{secret:?}"), seen, "{}", text);
            }
            (Err(_), Err(_)) => {}
            (secret, ephemeral) => prop_assert!(false, "{}: {:?} but {:?}", text, secret, ephemeral),
        }
    }

    #[test]
    fn nothing_ephemeral_is_left_where_it_is_made_null(
        text in expressions(),
        values in worlds(),
        which in 0..4_usize,
    ) {
        let mut marked = values.clone();
        marked[which] = secret(ephemeral(marked[which].clone()));
        if let Ok(before) = result(&text, &marked) {
            let after = before.ephemeral_as_null();
            prop_assert!(!after.deep_marks().is_ephemeral(), "{}: {:?}", text, after);
            prop_assert_eq!(after.ty(), before.ty(), "{}", text);
            if !before.deep_marks().is_ephemeral() {
                prop_assert_eq!(after, before, "{}", text);
            }
        }
    }

    #[test]
    fn what_is_seen_does_not_depend_on_secrets(text in expressions(), values in worlds()) {
        let secrets = [values[0].clone(), another(&values[0])];
        let results = secrets.map(|a| result(&text, &with_first(&values, secret(a))));
        if let [Ok(one), Ok(other)] = results {
            prop_assert!(looks_like(&one, &other), "{}: {:?} and {:?}", text, one, other);
        }
    }
}

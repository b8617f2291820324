//! Compares values as Terraform's `==` does.

use super::{Data, Type, Unknown, Value};

/// Returns whether two values are equal: a bool, or unknown if that depends on unknown values.
///
/// Nothing is converted: values of different types differ, so `1 == "1"` is false; only null equals null of
/// any type. The result has the marks of both and of their contents.
#[must_use]
pub fn equals(a: &Value, b: &Value) -> Value {
    let marks = a.deep_marks().union(&b.deep_marks());
    let result = compare(a, b)
        .map_or_else(|| Value::unknown(Type::Bool, a.origins().union(&b.origins())).not_null(), Value::from);
    result.with_marks(&marks)
}

/// Compares the values; none if the result is unknown.
fn compare(a: &Value, b: &Value) -> Option<bool> {
    match (a.data(), b.data()) {
        (Data::Unknown(a), _) => differs_from_unknown(a, b).then_some(false),
        (_, Data::Unknown(b)) => differs_from_unknown(b, a).then_some(false),
        (Data::Null(_), Data::Null(_)) => Some(true),
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::Number(a), Data::Number(b)) => Some(a == b),
        (Data::String(a), Data::String(b)) => Some(a == b),
        (Data::List(a_type, a), Data::List(b_type, b)) | (Data::Set(a_type, a), Data::Set(b_type, b))
            if may_be_same(a_type, b_type) =>
        {
            elements(a, b)
        }
        (Data::Tuple(a), Data::Tuple(b)) => elements(a, b),
        (Data::Map(a_type, a), Data::Map(b_type, b)) if may_be_same(a_type, b_type) => {
            if a.keys().eq(b.keys()) { all(a.values().zip(b.values())) } else { Some(false) }
        }
        (Data::Object(a), Data::Object(b)) => {
            if a.keys().eq(b.keys()) {
                all(a.values().zip(b.values()))
            } else {
                Some(false)
            }
        }
        _ => Some(false),
    }
}

fn elements(a: &[Value], b: &[Value]) -> Option<bool> {
    if a.len() == b.len() { all(a.iter().zip(b)) } else { Some(false) }
}

/// Returns false if any pair differs, even if others are unknown.
fn all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = true;
    for (a, b) in pairs {
        match compare(a, b) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

fn differs_from_unknown(unknown: &Unknown, other: &Value) -> bool {
    match other.data() {
        Data::Null(_) => unknown.not_null,
        // An unknown value may turn out to be null, but null differs as well.
        _ => !may_be_same(&unknown.ty, &other.ty()) && !matches!(other.data(), Data::Unknown(_)),
    }
}

/// Returns true if the types are the same, as far as they are known.
fn may_be_same(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            may_be_same(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| may_be_same(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| may_be_same(a, b))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Data, Marks, Origins};
    use super::*;

    fn json(text: &str) -> Value {
        Value::parse_json(text).unwrap()
    }

    #[test]
    fn known_values() {
        let cases = [
            ("1", "1.0", true),
            ("0", "-0", true),
            ("1", "\"1\"", false),
            ("null", "null", true),
            ("null", "[]", false),
            ("[null]", "[null]", true),
            ("[1, 2]", "[2, 1]", false),
            (r#"{"a": null}"#, "{}", false),
            ("[]", "{}", false),
        ];
        for (a, b, equal) in cases {
            assert_eq!(equals(&json(a), &json(b)), Value::from(equal), "{a} == {b}");
        }
        let list = Value::list(Type::String, [Value::from("a")]);
        assert_eq!(equals(&list, &json(r#"["a"]"#)), Value::from(false));
        assert_eq!(equals(&list, &Value::set(Type::String, [Value::from("a")])), Value::from(false));
    }

    #[test]
    fn what_is_not_known_leaves_it_open_unless_something_else_decides() {
        let unknown = Value::unknown(Type::Number, Origins::of("step.a"));
        let open = Value::unknown(Type::Bool, Origins::of("step.a")).not_null();
        assert_eq!(equals(&unknown, &Value::from(1i64)), open);
        assert_eq!(equals(&unknown, &Value::NULL), open);
        assert_eq!(equals(&unknown.clone().not_null(), &Value::NULL), Value::from(false));
        assert_eq!(equals(&unknown, &Value::from("x")), Value::from(false));
        let pair = |second: i64| Value::tuple([unknown.clone(), Value::from(second)]);
        assert_eq!(equals(&pair(1), &pair(2)), Value::from(false));
        assert!(equals(&pair(1), &pair(1)).is_unknown());
    }

    #[test]
    fn marks_are_kept() {
        let secret = Value::tuple([Value::from("s").with_marks(&Marks::sensitive("var.s"))]);
        let result = equals(&secret, &Value::NULL);
        assert!(matches!(result.data(), Data::Bool(false)) && result.is_sensitive());
    }
}

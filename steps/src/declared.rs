//! Compares a declared object with the actual one: only what is declared counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use arcbook_engine::step::Difference;
use arcbook_engine::value::{Data, Entries, Value};

/// The names of attributes that Azure's services accept and never return.
const WRITE_ONLY: [&str; 8] = [
    "adminPassword",
    "administratorLoginPassword",
    "customData",
    "password",
    "protectedParameters",
    "protectedSettings",
    "runAsPassword",
    "secretValue",
];

/// Returns the differences between a declared object and the actual one.
///
/// Attributes that only the service sets are ignored, and so are sensitive ones, those that services never
/// return, and those at the paths of `write_only`. Ids, types and locations ignore case.
pub(crate) fn differences(
    declared: &Value,
    actual: &Value,
    write_only: &BTreeSet<String>,
) -> Vec<Difference> {
    let mut comparison = Comparison { write_only, found: Vec::new() };
    comparison.value("", declared, Some(actual));
    comparison.found
}

struct Comparison<'a> {
    write_only: &'a BTreeSet<String>,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn value(&mut self, path: &str, declared: &Value, actual: Option<&Value>) {
        let actual = actual.filter(|actual| !actual.is_null());
        if declared.is_marked() || (actual.is_none_or(is_masked) && self.is_write_only(path)) {
            return;
        }
        match (members(declared), elements(declared)) {
            _ if actual.is_none() && is_empty(declared) => {}
            (Some(declared), _) if actual.is_none_or(|actual| members(actual).is_some()) => {
                self.members(path, declared, actual.and_then(members));
            }
            (_, Some(own)) if actual.and_then(elements).is_some_and(|actual| actual.len() == own.len()) => {
                self.elements(path, own, actual.and_then(elements).unwrap_or_default());
            }
            _ if actual.is_some_and(|actual| is_same(path, declared, actual)) => {}
            _ => {
                let was = actual.cloned().unwrap_or(Value::NULL);
                // The existing value of a part that is declared as a secret is an older secret.
                let is_secret = declared.has_deep_marks();
                self.found.push(Difference::new(path, was, declared.clone()).hidden(is_secret));
            }
        }
    }

    fn members(&mut self, path: &str, declared: &Entries, actual: Option<&Entries>) {
        for (name, value) in declared {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            self.value(&path, value, actual.and_then(|actual| member(actual, name)));
        }
    }

    /// Compares lists of one length: by the names of their elements if all have one, else by position.
    fn elements(&mut self, path: &str, declared: &[Value], actual: &[Value]) {
        let are_named = declared.iter().chain(actual).all(|element| name_of(element).is_some());
        for (at, element) in declared.iter().enumerate() {
            let name = name_of(element).filter(|_| are_named);
            let other = match name {
                Some(name) => {
                    actual.iter().find(|other| name_of(other).is_some_and(|own| is_like(own, name)))
                }
                None => actual.get(at),
            };
            self.value(&element_path(path, at, element, are_named), element, other);
        }
    }

    fn is_write_only(&self, path: &str) -> bool {
        is_write_only(path) || self.write_only.iter().any(|own| is_like(own, path))
    }
}

/// Returns true if Azure's services accept the attribute at a path, and never return it.
pub(crate) fn is_write_only(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    WRITE_ONLY.iter().any(|own| is_like(own, name))
}

/// Returns the member of an object with this name, whose case may differ.
pub(crate) fn member_of<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    member(members(value)?, name)
}

/// Returns what `actual` has at the places that `declared` declares; null where it has nothing.
pub(crate) fn projected(actual: &Value, declared: &Value) -> Value {
    match (members(declared), members(actual)) {
        (Some(declared), Some(actual)) => Value::object(declared.iter().map(|(name, value)| {
            let own = member(actual, name).map_or(Value::NULL, |actual| projected(actual, value));
            (name.clone(), own)
        })),
        _ => actual.clone(),
    }
}

/// Returns an object without some of its members.
pub(crate) fn without(value: &Value, names: &[&str]) -> Value {
    let Some(members) = members(value) else { return value.clone() };
    let is_kept = |name: &str| !names.iter().any(|own| is_like(own, name));
    let kept = members.iter().filter(|(name, _)| is_kept(name));
    Value::object(kept.map(|(name, value)| (name.clone(), value.clone())))
}

/// Returns an object with another value for a member.
pub(crate) fn with(value: &Value, name: &str, new: Value) -> Value {
    let Some(members) = members(value) else { return value.clone() };
    let others = members.iter().filter(|(other, _)| !is_like(other, name));
    let others = others.map(|(name, value)| (name.clone(), value.clone()));
    Value::object(others.chain([(Arc::from(name), new)]))
}

/// Returns the member with this name, whose case may differ if no other member has the same case.
fn member<'a>(members: &'a Entries, name: &str) -> Option<&'a Value> {
    members
        .get(name)
        .or_else(|| members.iter().find(|(other, _)| is_like(other, name)).map(|(_, value)| value))
}

fn members(value: &Value) -> Option<&Entries> {
    match value.data() {
        Data::Map(_, entries) | Data::Object(entries) => Some(entries),
        _ => None,
    }
}

fn elements(value: &Value) -> Option<&[Value]> {
    match value.data() {
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => Some(elements),
        _ => None,
    }
}

/// Returns the path of an element of a list: with its name, if all have one.
pub(crate) fn element_path(path: &str, at: usize, element: &Value, are_named: bool) -> String {
    match name_of(element).filter(|_| are_named) {
        Some(name) => format!("{path}[{name}]"),
        None => format!("{path}[{at}]"),
    }
}

/// Returns the name of an element of a list.
pub(crate) fn name_of(value: &Value) -> Option<&str> {
    let members = members(value)?;
    ["name", "id"].into_iter().find_map(|name| members.get(name)?.as_str())
}

fn is_like(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Returns true for a value that a service shows in place of a secret.
fn is_masked(value: &Value) -> bool {
    let is_mask = |text: &str| text.chars().all(|character| character == '*') || text == "<redacted>";
    value.as_str().is_some_and(is_mask)
}

/// Returns true for a value that is the same as none.
fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Null(_) | Data::Bool(false) => true,
        Data::String(text) => text.is_empty(),
        _ => match (members(value), elements(value)) {
            (Some(members), _) => members.iter().all(|(_, value)| is_empty(value)),
            (_, Some(elements)) => elements.is_empty(),
            _ => false,
        },
    }
}

/// Returns true if two values without members are the same.
fn is_same(path: &str, declared: &Value, actual: &Value) -> bool {
    let (Some(own), Some(other)) = (declared.as_str(), actual.as_str()) else {
        return declared.without_marks().data() == actual.without_marks().data();
    };
    let is_id = |text: &str| text.starts_with("/subscriptions/") || text.starts_with("/providers/");
    match path.rsplit('.').next().unwrap_or(path) {
        "location" => is_like(&squeezed(own), &squeezed(other)),
        "type" => is_like(own, other),
        // Elements of a list are found by their names, whatever the case.
        "name" if path.ends_with("].name") => is_like(own, other),
        _ if is_id(own) && is_id(other) => is_like(own.trim_end_matches('/'), other.trim_end_matches('/')),
        _ => own == other,
    }
}

/// Returns the name of a location as ARM writes it: `West Europe` is `westeurope`.
fn squeezed(location: &str) -> String {
    location.chars().filter(|character| !character.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcbook_engine::value::Marks;

    fn json(text: &str) -> Value {
        Value::parse_json(text).expect("JSON")
    }

    fn told(declared: &str, actual: &str, write_only: &[&str]) -> String {
        let write_only = write_only.iter().map(|&path| path.to_owned()).collect();
        let found = differences(&json(declared), &json(actual), &write_only);
        found.iter().map(|found| found.attribute.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_is_declared_is_compared() {
        for (declared, actual, expected) in [
            ("{}", r#"{"id":"x","etag":"1"}"#, ""),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, ""),
            (r#"{"a":1}"#, r#"{"a":1.0}"#, ""),
            (r#"{"a":1}"#, r#"{"a":"1"}"#, "a"),
            (r#"{"a":{"b":1,"c":2}}"#, r#"{"a":{"b":1,"c":3}}"#, "a.c"),
            (r#"{"a":{"b":1,"c":{"d":2}}}"#, "{}", "a.b a.c.d"),
            (r#"{"Tags":{"x":"y"}}"#, r#"{"tags":{"x":"y"}}"#, ""),
            (r#"{"tags":{"x":"y"}}"#, r#"{"tags":{"x":"Y"}}"#, "tags.x"),
            (r#"{"tags":{"x":"y"}}"#, r#"{"tags":null}"#, "tags.x"),
            (r#"{"tags":{}}"#, "{}", ""),
            (r#"{"a":null,"b":false,"c":"","d":[]}"#, "{}", ""),
            (r#"{"a":null}"#, r#"{"a":1}"#, "a"),
            (r#"{"a":false}"#, r#"{"a":true}"#, "a"),
            (r#"{"location":"West Europe"}"#, r#"{"location":"westeurope"}"#, ""),
            (r#"{"location":"West Europe"}"#, r#"{"location":"northeurope"}"#, "location"),
            (r#"{"type":"A.B/C"}"#, r#"{"type":"a.b/c"}"#, ""),
            (
                r#"{"x":"/subscriptions/s/resourceGroups/g"}"#,
                r#"{"x":"/subscriptions/S/resourcegroups/g/"}"#,
                "",
            ),
            (r#"{"x":"Some text"}"#, r#"{"x":"some text"}"#, "x"),
            (r#"{"a":[1,2]}"#, r#"{"a":[1,2]}"#, ""),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, "a[0] a[1]"),
            (r#"{"a":[1]}"#, r#"{"a":[1,2]}"#, "a"),
            (r#"{"a":[1]}"#, r#"{"a":{"b":1}}"#, "a"),
            (r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#, "a"),
            (
                r#"{"a":[{"name":"x","v":1},{"name":"y","v":2}]}"#,
                r#"{"a":[{"name":"Y","v":2},{"name":"x","v":1,"w":3}]}"#,
                "",
            ),
            (
                r#"{"a":[{"name":"x","v":1},{"name":"y","v":2}]}"#,
                r#"{"a":[{"name":"y","v":3},{"name":"x","v":1}]}"#,
                "a[y].v",
            ),
            (r#"{"p":{"protectedSettings":{"k":"s"}}}"#, r#"{"p":{}}"#, ""),
            (
                r#"{"p":{"protectedSettings":{"k":"s"}}}"#,
                r#"{"p":{"protectedSettings":{"k":"t"}}}"#,
                "p.protectedSettings.k",
            ),
            (r#"{"p":{"password":"s"}}"#, r#"{"p":{"password":"****"}}"#, ""),
            (r#"{"p":{"pin":"s"}}"#, r#"{"p":{"pin":"****"}}"#, "p.pin"),
        ] {
            assert_eq!(told(declared, actual, &[]), expected, "{declared} {actual}");
        }
        assert_eq!(told(r#"{"p":{"pin":"s"}}"#, r#"{"p":{}}"#, &["p.PIN"]), "");
        assert_eq!(told(r#"{"p":{"pin":"s"}}"#, r#"{"p":{"pin":"t"}}"#, &["p.pin"]), "p.pin");
    }

    #[test]
    fn a_sensitive_value_is_never_compared() {
        let secret = Value::from("s").with_marks(&Marks::sensitive("var.key"));
        let declared = Value::object([("key", secret), ("a", Value::from("b"))]);
        let found = differences(&declared, &json(r#"{"key":"other","a":"c"}"#), &BTreeSet::new());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].attribute, "a");
    }

    #[test]
    fn a_list_with_a_sensitive_element_is_hidden_as_a_whole() {
        let secret = Value::from("s").with_marks(&Marks::sensitive("var.key"));
        let keys = Value::tuple([secret, Value::from("b")]);
        let declared = Value::object([("keys", keys), ("open", Value::tuple([Value::from("b")]))]);
        let found = differences(&declared, &json(r#"{"keys":["older"],"open":[]}"#), &BTreeSet::new());
        let hidden: Vec<_> =
            found.iter().map(|found| (found.attribute.as_str(), found.was.is_marked())).collect();
        assert_eq!(hidden, [("keys", true), ("open", false)]);
    }
}

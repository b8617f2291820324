//! Changes to JSON documents: merge patches, defaults, and members by their path.

use serde_json::{Map, Value};

/// Applies a JSON merge patch (RFC 7396): null removes a member.
pub(super) fn merge(document: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (value, document.get_mut(&name)) {
            (Value::Null, _) => {
                document.shift_remove(&name);
            }
            (Value::Object(patch), Some(Value::Object(own))) => merge(own, patch),
            (Value::Object(patch), _) => {
                let mut own = Map::new();
                merge(&mut own, patch);
                document.insert(name, own.into());
            }
            (value, _) => {
                document.insert(name, value);
            }
        }
    }
}

/// Returns an object of these members.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Adds the members that `document` lacks, at every depth.
pub(super) fn add_missing(document: &mut Map<String, Value>, defaults: &Map<String, Value>) {
    for (name, default) in defaults {
        match (document.get_mut(name), default) {
            (Some(Value::Object(own)), Value::Object(default)) => add_missing(own, default),
            (Some(Value::Null) | None, _) => {
                document.insert(name.clone(), default.clone());
            }
            (Some(_), _) => {}
        }
    }
}

/// Removes the member at `path`, compared without case. In a list it removes the member of every item.
pub(super) fn remove(document: &mut Map<String, Value>, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    for_each(document, parents, &mut |holder| holder.retain(|name, _| !name.eq_ignore_ascii_case(last)));
}

/// Turns the text at `path` into lower case.
pub(super) fn lower(document: &mut Map<String, Value>, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    for_each(document, parents, &mut |holder| {
        for (_, value) in holder.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(last)) {
            if let Value::String(text) = value {
                *text = text.to_lowercase();
            }
        }
    });
}

/// Calls `change` with every object at `path`.
fn for_each(
    document: &mut Map<String, Value>,
    path: &[String],
    change: &mut impl FnMut(&mut Map<String, Value>),
) {
    let Some((first, rest)) = path.split_first() else { return change(document) };
    let named = document.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(first));
    for (_, value) in named {
        match value {
            Value::Object(inner) => for_each(inner, rest, change),
            Value::Array(items) => {
                items
                    .iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(|item| for_each(item, rest, change));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_patch_merges_and_null_removes() {
        for (document, patch, result) in [
            (json!({ "a": 1 }), json!({ "b": 2 }), json!({ "a": 1, "b": 2 })),
            (json!({ "a": { "b": 1, "c": 2 } }), json!({ "a": { "b": null } }), json!({ "a": { "c": 2 } })),
            (json!({ "a": [1, 2] }), json!({ "a": [3] }), json!({ "a": [3] })),
            (json!({ "a": "x" }), json!({ "a": { "b": { "c": null } } }), json!({ "a": { "b": {} } })),
            (json!({ "a": 1 }), json!({ "a": null, "z": null }), json!({})),
        ] {
            let mut merged = object(&document);
            merge(&mut merged, object(&patch));
            assert_eq!(Value::from(merged), result, "{document} {patch}");
        }
    }

    #[test]
    fn defaults_replace_nothing() {
        let mut document = object(&json!({ "a": false, "b": { "c": 1 } }));
        add_missing(&mut document, &object(&json!({ "a": true, "b": { "c": 2, "d": 3 }, "e": 4 })));
        assert_eq!(Value::from(document), json!({ "a": false, "b": { "c": 1, "d": 3 }, "e": 4 }));
    }

    #[test]
    fn members_are_found_without_case_and_in_lists() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let mut document = object(&json!({ "P": { "secret": 1, "ID": "/A", "list": [{ "key": 1 }, 2] } }));
        remove(&mut document, &path("p.Secret"));
        remove(&mut document, &path("p.list.key"));
        remove(&mut document, &path("p.none.key"));
        lower(&mut document, &path("P.id"));
        assert_eq!(Value::from(document), json!({ "P": { "ID": "/a", "list": [{}, 2] } }));
    }
}

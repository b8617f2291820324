//! The tags of a subscription, a group or a resource: `{scope}/providers/Microsoft.Resources/tags/default`.

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::store::State;
use super::{Arm, answer};
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;

impl Arm {
    /// Answers a request for the tags of `scope`; every change is synchronous, as in api-version 2021-04-01.
    pub(super) fn tags(&self, call: &Call, claims: &Claims, scope: &str) -> Result<Answer, Refused> {
        let verb = match call.method {
            Method::GET | Method::HEAD => "read",
            Method::PUT | Method::PATCH => "write",
            Method::DELETE => "delete",
            _ => return Err(super::change::not_supported(call)),
        };
        self.requires(claims, &format!("Microsoft.Resources/tags/{verb}"), scope)?;
        let state = &mut *self.store.lock();
        self.has_scope(state, scope)?;
        let current = tags_of(state, scope);
        if verb == "read" {
            return Ok(Answer::json(StatusCode::OK, &document(scope, &current)));
        }
        if let Some(denial) = self.faults.denial(call.method.as_str(), &call.target) {
            return Err(super::denial::denied(denial, scope, verb));
        }
        let changed = match call.method {
            Method::DELETE => Map::new(),
            Method::PUT => given(call)?.1,
            _ => {
                let (operation, tags) = given(call)?;
                patched(&operation, current.clone(), tags)?
            }
        };
        let is_same = changed == current;
        state.set_tags(scope, changed.clone());
        let answer = if verb == "delete" {
            Answer::new(StatusCode::OK)
        } else {
            Answer::json(StatusCode::OK, &document(scope, &changed))
        };
        Ok(if is_same { answer } else { answer.changed() })
    }
}

fn tags_of(state: &State, scope: &str) -> Map<String, Value> {
    match state.get(scope) {
        Some(resource) => resource.body.get("tags").and_then(Value::as_object).cloned().unwrap_or_default(),
        None => state.subscription_tags().clone(),
    }
}

/// Returns the operation of a PATCH and the tags of the body.
fn given(call: &Call) -> Result<(String, Map<String, Value>), Refused> {
    let content = super::content::content(call, false)?;
    let operation = content.get("operation").and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags = content.get("properties").and_then(|properties| properties.get("tags"));
    let tags = tags.and_then(Value::as_object).cloned().unwrap_or_default();
    let odd = |(name, value): (&String, &Value)| {
        !value.is_string() || name.is_empty() || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
    };
    if tags.iter().any(odd) {
        let message = "A tag name is empty or has characters that are not allowed, or a value is not a text.";
        return Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidTagNameCharacters", message));
    }
    Ok((operation, tags))
}

/// Applies the operation of a PATCH; names ignore case, and the spelling of an existing one is kept.
fn patched(
    operation: &str,
    mut current: Map<String, Value>,
    tags: Map<String, Value>,
) -> Result<Map<String, Value>, Refused> {
    match operation.to_ascii_lowercase().as_str() {
        "replace" => Ok(tags),
        "merge" => {
            for (name, value) in tags {
                let spelled = current.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
                current.insert(spelled.unwrap_or(name), value);
            }
            Ok(current)
        }
        "delete" => {
            current.retain(|name, value| {
                let same = |(given, wanted): (&String, &Value)| {
                    given.eq_ignore_ascii_case(name) && (wanted == value || wanted == "")
                };
                !tags.iter().any(same)
            });
            Ok(current)
        }
        _ => {
            let message = format!("The operation '{operation}' is not Merge, Replace or Delete.");
            Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidTagsPatchOperation", &message))
        }
    }
}

fn document(scope: &str, tags: &Map<String, Value>) -> Value {
    json!({
        "id": format!("{scope}/providers/Microsoft.Resources/tags/default"),
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": { "tags": tags },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_merged_replaced_and_deleted() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        let current = || map(json!({ "Env": "test", "owner": "ops" }));
        for (operation, tags, expected) in [
            (
                "Merge",
                json!({ "env": "prod", "new": "x" }),
                json!({ "Env": "prod", "owner": "ops", "new": "x" }),
            ),
            ("Replace", json!({ "a": "b" }), json!({ "a": "b" })),
            ("Delete", json!({ "ENV": "" }), json!({ "owner": "ops" })),
            ("delete", json!({ "owner": "ops", "Env": "other" }), json!({ "Env": "test" })),
        ] {
            assert_eq!(patched(operation, current(), map(tags)).unwrap(), map(expected), "{operation}");
        }
        assert!(patched("Append", current(), Map::new()).is_err());
    }
}

//! The prediction of a deployment, as the differences that a plan shows.
//!
//! Source: "ARM template deployment what-if operation" and the REST reference of deployments.

use arcbook_engine::step::{Difference, ErrorKind, StepError};
use arcbook_engine::value::{Data, Value};

use crate::declared::member_of;
use crate::http::{HttpResponse, failed_operation};

/// Returns the differences that a prediction tells.
pub(super) fn differences(answer: &HttpResponse) -> Result<Vec<Difference>, StepError> {
    let body = answer.value()?;
    let text = |name| member_of(&body, name).and_then(Value::as_str);
    if text("status").is_some_and(|status| !status.eq_ignore_ascii_case("Succeeded")) {
        let (code, said) = failed_operation(answer);
        let error = StepError::new(ErrorKind::Refused, "Azure cannot predict the deployment");
        let error = error.answer(answer.status, code, answer.request_id());
        return Err(match said {
            Some(said) => error.detail(format!("{said}.")),
            None => error,
        });
    }
    let changes = member_of(&body, "properties").and_then(|properties| member_of(properties, "changes"));
    Ok(changes.into_iter().flat_map(Value::children).flat_map(change).collect())
}

/// Returns the differences of one resource.
fn change(change: &Value) -> Vec<Difference> {
    let text = |name| member_of(change, name).and_then(Value::as_str).unwrap_or_default();
    let name = short(text("resourceId"));
    let one = |was: &str, will: &str| {
        let value = |text: &str| if text.is_empty() { Value::NULL } else { Value::from(text) };
        vec![Difference::new(name.clone(), value(was), value(will))]
    };
    match text("changeType").to_ascii_lowercase().as_str() {
        "create" => one("", "created"),
        "delete" => one("exists", ""),
        // Azure redeploys the resource, or cannot tell.
        "deploy" => one("exists", "deployed"),
        "unsupported" => one("not predictable", "deployed"),
        "modify" => {
            let mut found = Vec::new();
            let delta = member_of(change, "delta").into_iter().flat_map(Value::children);
            delta.for_each(|delta| leaves(&name, delta, &mut found));
            found
        }
        _ => Vec::new(),
    }
}

/// Adds the differences of a property: those of its children, if it has any.
fn leaves(path: &str, delta: &Value, found: &mut Vec<Difference>) {
    let text = |name| member_of(delta, name).and_then(Value::as_str).unwrap_or_default();
    let value = |name| member_of(delta, name).cloned().unwrap_or(Value::NULL);
    let path = format!("{path}.{}", text("path"));
    let mut children = member_of(delta, "children").into_iter().flat_map(Value::children).peekable();
    if children.peek().is_some() {
        return children.for_each(|child| leaves(&path, child, found));
    }
    let (was, will) = (value("before"), value("after"));
    if !is_noise(text("propertyChangeType"), &will) {
        found.push(Difference::new(path, was, will));
    }
}

/// Returns true for a property that a deployment does not change: a default of the service is told as one that the
/// template deletes, and a value that only the deployment computes as one that it modifies.
fn is_noise(kind: &str, will: &Value) -> bool {
    let is_computed = |text: &str| text.starts_with('[') && text.contains("reference(");
    matches!(kind, "NoEffect" | "Delete") || will.as_str().is_some_and(is_computed)
}

/// Returns the type and the name of a resource: `vaults/one`, or `resourceGroups/one`.
fn short(id: &str) -> String {
    let segments: Vec<&str> = id.split('/').filter(|segment| !segment.is_empty()).collect();
    let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let start = at.map_or(segments.len().saturating_sub(2), |at| at + 2);
    segments.get(start..).unwrap_or_default().join("/")
}

/// Returns true if two lists of names and values of parameters agree, as far as the service shows its own.
pub(super) fn agrees(deployed: &Value, given: &Value) -> bool {
    let (Data::Object(given) | Data::Map(_, given)) = given.data() else { return true };
    given.iter().all(|(name, value)| {
        let shown = member_of(deployed, name).and_then(|parameter| member_of(parameter, "value"));
        value.is_marked()
            || shown.is_none_or(|shown| shown.without_marks().data() == value.without_marks().data())
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn told(body: &str) -> Result<String, StepError> {
        let headers = http::HeaderMap::new();
        let found = differences(&HttpResponse { status: 200, headers, body: Bytes::from(body.to_owned()) })?;
        Ok(found.iter().map(|found| found.attribute.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_prediction_is_read_without_its_noise() {
        let id = "/subscriptions/s/resourceGroups/g/providers/A.B/c/x";
        for (change, expected) in [
            (r#""changeType":"Create""#.to_owned(), "c/x"),
            (r#""changeType":"Delete""#.to_owned(), "c/x"),
            (r#""changeType":"Deploy""#.to_owned(), "c/x"),
            (r#""changeType":"Unsupported""#.to_owned(), "c/x"),
            (r#""changeType":"NoChange""#.to_owned(), ""),
            (r#""changeType":"Ignore""#.to_owned(), ""),
            (
                modify(r#"{"path":"properties.size","propertyChangeType":"Modify","before":1,"after":2}"#),
                "c/x.properties.size",
            ),
            (modify(r#"{"path":"tags","propertyChangeType":"Delete","before":{"a":"b"}}"#), ""),
            (modify(r#"{"path":"etag","propertyChangeType":"NoEffect","after":"1"}"#), ""),
            (
                modify(
                    r#"{"path":"p","propertyChangeType":"Modify","before":"x","after":"[reference('y').id]"}"#,
                ),
                "",
            ),
            (
                modify(
                    r#"{"path":"p","propertyChangeType":"Array","children":[{"path":"0","propertyChangeType":"Modify","children":[{"path":"q","propertyChangeType":"Create","after":1}]}]}"#,
                ),
                "c/x.p.0.q",
            ),
        ] {
            let body = format!(
                r#"{{"status":"Succeeded","properties":{{"changes":[{{"resourceId":"{id}",{change}}}]}}}}"#
            );
            assert_eq!(told(&body).unwrap(), expected, "{change}");
        }
    }

    fn modify(delta: &str) -> String {
        format!(r#""changeType":"Modify","delta":[{delta}]"#)
    }

    #[test]
    fn a_prediction_may_fail_with_a_good_status() {
        let body = r#"{"status":"Failed","error":{"code":"InvalidTemplate","message":"m","details":[{"code":"Deep","message":"why"}]}}"#;
        let error = told(body).unwrap_err();
        assert_eq!(error.code(), Some("Deep"));
    }
}

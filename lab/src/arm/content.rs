//! The body of a change.

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{answer, lenient};
use crate::exchange::{Call, Refused};
use crate::names;

/// Members that only the service sets; a client may send them back, without effect.
const READ_ONLY: [&str; 5] = ["id", "name", "type", "etag", "systemData"];

/// Reads the body: an object with members of the right types. Its location is normalised, and members that
/// only the service sets are left out.
///
/// `nulls` allows null, which removes a member in a merge patch.
pub(super) fn content(call: &Call, nulls: bool) -> Result<Map<String, Value>, Refused> {
    is_json(call)?;
    let body = call.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&call.body);
    checked(serde_json::from_slice(body).map_err(|error| invalid(&reason(&error)))?, nulls)
}

/// Reads the body of a request about a deployment.
pub(super) fn deployment_content(call: &Call) -> Result<Map<String, Value>, Refused> {
    is_json(call)?;
    let text = std::str::from_utf8(&call.body).map_err(|_| invalid("the content is not UTF-8"))?;
    checked(lenient::parse(text).map_err(|error| invalid(&reason(&error)))?, false)
}

/// Checks the members of a body.
fn checked(parsed: Value, nulls: bool) -> Result<Map<String, Value>, Refused> {
    let Value::Object(mut content) = parsed else {
        return Err(invalid("the content is not a JSON object"));
    };
    content.retain(|name, value| !READ_ONLY.contains(&name.as_str()) && (nulls || !value.is_null()));
    for name in ["properties", "tags", "sku", "identity", "plan"] {
        if content.get(name).is_some_and(|value| !(value.is_object() || value.is_null())) {
            return Err(invalid(&format!("the member '{name}' is not an object")));
        }
    }
    let is_tag = |value: &Value| value.is_string() || (nulls && value.is_null());
    if let Some(Value::Object(tags)) = content.get("tags")
        && !tags.values().all(is_tag)
    {
        return Err(invalid("the value of a tag is not a text"));
    }
    match content.get_mut("location") {
        Some(Value::String(location)) => *location = names::location(location),
        Some(Value::Null) | None => {}
        Some(_) => return Err(invalid("the member 'location' is not a text")),
    }
    if let Some(Value::Object(properties)) = content.get_mut("properties") {
        properties.shift_remove("provisioningState");
    }
    Ok(content)
}

/// Refuses a media type other than JSON, as ARM does before it reads the content.
fn is_json(call: &Call) -> Result<(), Refused> {
    let given = call.header("content-type").unwrap_or("<null>");
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!(
        "The content media type '{media_type}' is not supported. Only 'application/json' is supported."
    );
    Err(answer::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", &message))
}

/// Returns the position of a syntax error, without a part of the body.
fn reason(error: &serde_json::Error) -> String {
    format!("the content is not JSON at line {}, column {}", error.line(), error.column())
}

fn invalid(reason: &str) -> Refused {
    let message = format!("The request content was invalid and could not be deserialized: '{reason}'.");
    answer::refused(StatusCode::BAD_REQUEST, "InvalidRequestContent", &message)
}

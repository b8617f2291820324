//! Errors in JSON.

use serde_json::{Map, Value};

use super::Word;

/// The fields that only wrap another error.
const WRAPPERS: [&str; 6] = ["error", "Error", "odata.error", "@odata.error", "fault", "Fault"];

/// The fields that contain the causes of an error.
const CAUSES: [&str; 9] = [
    "details",
    "Details",
    "detail",
    "innererror",
    "innerError",
    "InnerError",
    "InnerException",
    "errors",
    "Errors",
];

/// The fields that contain an error's code.
const CODES: [&str; 7] = ["code", "Code", "errorCode", "ErrorCode", "errorcode", "error_code", "faultcode"];

/// The fields that contain an error's message; an error may have several, such as a title and a detail.
const MESSAGES: [&str; 9] = [
    "title",
    "message",
    "Message",
    "error_description",
    "errorMessage",
    "error_message",
    "faultstring",
    "ExceptionMessage",
    "detail",
];

/// Returns all causes that `json` names, outer ones first.
///
/// The parser bounds the depth of `json`, and JSON within text is shorter than the text around it.
pub(super) fn words(json: &Value) -> Vec<Word> {
    let mut words = Vec::new();
    gather(json, 0, &mut words);
    words
}

fn gather(json: &Value, depth: usize, words: &mut Vec<Word>) {
    match json {
        Value::String(text) => match nested(text) {
            Some(inner) => gather(&inner, depth, words),
            None => words.push(Word { depth, message: filled(text), ..Word::default() }),
        },
        Value::Array(items) => items.iter().for_each(|item| gather(item, depth, words)),
        Value::Object(error) => gather_object(error, depth, words),
        _ => {}
    }
}

fn gather_object(error: &Map<String, Value>, depth: usize, words: &mut Vec<Word>) {
    let mut word = Word { depth, code: text(error, &CODES), target: text(error, &["target"]), message: None };
    let mut said: Vec<&str> = Vec::new();
    let mut inner = Vec::new();
    for message in MESSAGES.iter().filter_map(|name| error.get(*name)) {
        let text = message.as_str().or_else(|| message.get("value")?.as_str());
        match text.map(|text| (text, nested(text))) {
            Some((_, Some(json))) => inner.push(json),
            Some((text, None)) if !untraced(text).is_empty() && !said.contains(&untraced(text)) => {
                said.push(untraced(text));
            }
            _ => {}
        }
    }
    // The numbers of Entra say more than its `error`.
    let number = error.get("error_codes").and_then(Value::as_array).and_then(|codes| codes.first()?.as_u64());
    word.code = word.code.or_else(|| number.map(|number| format!("AADSTS{number}")));
    // The agent and Entra put the code into `error` itself; a sentence there is not a code.
    if let Some(Value::String(text)) = error.get("error") {
        let is_code = !text.contains(char::is_whitespace) && nested(text).is_none();
        if is_code && word.code.is_none() {
            word.code = filled(text);
        } else if !is_code {
            inner.push(Value::String(text.clone()));
        }
    }
    // The metadata service lists the versions that it has.
    if let Some(Value::Array(versions)) = error.get("newest-versions") {
        let versions: Vec<&str> = versions.iter().filter_map(Value::as_str).collect();
        inner.push(Value::String(format!("The newest versions are {}", versions.join(", "))));
    }
    let sentences: Vec<_> = said.iter().map(|text| text.trim_end_matches('.')).collect();
    word.message = match said.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        _ => Some(sentences.join(". ")),
    };
    word.message = word.message.map(|message| without_code(message, word.code.as_deref()));
    let is_wrapper = word.code.is_none() && word.message.is_none();
    if !is_wrapper {
        words.push(word);
    }
    let below = depth + usize::from(!is_wrapper);
    let wrapped = WRAPPERS.iter().filter_map(|name| error.get(*name)).filter(|inner| !inner.is_string());
    let causes = CAUSES.iter().filter_map(|name| error.get(*name));
    for cause in wrapped.chain(causes).chain(&inner) {
        match cause {
            // The error's own message already contains it.
            Value::String(_) if error.get("detail") == Some(cause) => {}
            // Messages by field name.
            Value::Object(fields) if fields.values().all(Value::is_array) => {
                fields.values().for_each(|messages| gather(messages, below, words));
            }
            cause => gather(cause, below, words),
        }
    }
}

/// Returns a message without the code of its error, with which those of Entra begin.
fn without_code(message: String, code: Option<&str>) -> String {
    let rest = code.and_then(|code| message.strip_prefix(code)?.strip_prefix(':'));
    rest.map(|rest| rest.trim_start().to_owned()).filter(|rest| !rest.is_empty()).unwrap_or(message)
}

/// Returns a message of Entra without the ids at its end, which the response has in fields of their own.
fn untraced(text: &str) -> &str {
    let end = text.find("Trace ID:").filter(|_| text.contains("AADSTS"));
    end.map_or(text, |end| text[..end].trim_end())
}

/// Parses JSON that is encoded as text within JSON.
fn nested(text: &str) -> Option<Value> {
    text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()
}

fn text(error: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| filled(error.get(*name)?.as_str()?))
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// Returns the names of the policy assignments in `additionalInfo`, at any depth, that refused the request.
pub(super) fn policies(json: &Value) -> Vec<String> {
    let mut policies = Vec::new();
    gather_policies(json, &mut policies);
    policies.dedup();
    policies
}

fn gather_policies(json: &Value, policies: &mut Vec<String>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| gather_policies(item, policies)),
        Value::Object(fields) => {
            let is_violation = fields.get("type").and_then(Value::as_str) == Some("PolicyViolation");
            if let Some(info) = fields.get("info").filter(|_| is_violation) {
                policies.extend(policy(info));
            }
            fields.values().for_each(|value| gather_policies(value, policies));
        }
        _ => {}
    }
}

/// Returns the name of the policy assignment, in either format of ARM.
fn policy(info: &Value) -> Option<String> {
    let flat = ["policyAssignmentDisplayName", "policyAssignmentName"];
    let flat = flat.iter().find_map(|name| filled(info.get(*name)?.as_str()?));
    flat.or_else(|| {
        let assignment = ["policyAssignment", "policyDefinition"].iter().find_map(|name| info.get(*name))?;
        ["displayName", "DisplayName", "name", "Name"]
            .iter()
            .find_map(|name| filled(assignment.get(*name)?.as_str()?))
    })
}

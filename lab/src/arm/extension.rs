//! Extensions of Arc-enabled servers: one of each type, one change at a time, and what the agent tells of each.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::answer;
use super::denial::conflict;
use super::id::Id;
use super::resource::Resource;
use super::store::State;
use super::target::Target;
use crate::clock;
use crate::exchange::Refused;

const EXTENSIONS: &str = "Microsoft.HybridCompute/machines/extensions";

fn is_extension(type_name: &str) -> bool {
    type_name.eq_ignore_ascii_case(EXTENSIONS)
}

/// Returns the other extensions of the server of the extension `id`.
fn others<'a>(state: &'a State, id: &str) -> impl Iterator<Item = &'a Resource> {
    let machine = |id: &str| Id::parse(id).and_then(|id| id.parent()).map(|parent| parent.to_lowercase());
    let (id, own) = (id.to_lowercase(), machine(id));
    state.all().filter(move |other| {
        is_extension(&other.type_name) && other.id.to_lowercase() != id && machine(&other.id) == own
    })
}

/// Refuses a change of an extension while the agent works on one of the same server.
pub(super) fn is_free(state: &State, target: &Target<'_>) -> Result<(), Refused> {
    if !is_extension(&target.declared.name) {
        return Ok(());
    }
    let own = state.get(&target.id);
    let busy = own.into_iter().chain(others(state, &target.id)).find(|other| other.operation.is_some());
    let Some(busy) = busy else { return Ok(()) };
    let kind = property(&busy.body, "type");
    let message = format!(
        "An extension of type {kind} is still processing. Only one instance of an extension may be in progress at a time \
         for the same resource. Please retry after sometime"
    );
    Err(conflict("HCRP409", &message))
}

/// Refuses a second extension of one type.
pub(super) fn is_single(
    state: &State,
    target: &Target<'_>,
    body: &Map<String, Value>,
) -> Result<(), Refused> {
    if !is_extension(&target.declared.name) {
        return Ok(());
    }
    let kind = |body| (property(body, "publisher").to_lowercase(), property(body, "type").to_lowercase());
    let wanted = kind(body);
    let Some(other) = others(state, &target.id).find(|other| kind(&other.body) == wanted) else {
        return Ok(());
    };
    let message = format!(
        "The server has the extension '{}' of the same publisher and type. Delete it, or change it under its name.",
        other.name.rsplit('/').next().unwrap_or_default()
    );
    Err(answer::refused(StatusCode::BAD_REQUEST, "BadRequest", &message))
}

/// Returns the status of the answer to a PUT that creates a resource, at once or by an operation that has started. That of
/// an extension is never 201.
pub(super) fn creation_status(target: &Target<'_>, at_once: bool) -> StatusCode {
    match (is_extension(&target.declared.name), at_once) {
        (false, _) => StatusCode::CREATED,
        (true, true) => StatusCode::OK,
        (true, false) => StatusCode::ACCEPTED,
    }
}

fn property<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    let properties = body.get("properties").and_then(Value::as_object);
    properties.and_then(|properties| properties.get(name)?.as_str()).unwrap_or_default()
}

impl Resource {
    /// Ends a change in `state`. The agent tells the end of an extension, with the cause of `error`.
    pub(super) fn settle(&mut self, state: &str, error: Option<&Value>) {
        self.set_state(state);
        if !is_extension(&self.type_name) {
            return;
        }
        let (code, level, message) = match error {
            Some(error) => ("error", "Error", format!("Extension Message: {}", cause(error))),
            None => ("success", "Information", "Extension Message: Enable succeeded".to_owned()),
        };
        let view = json!({
            "name": self.name.rsplit('/').next().unwrap_or_default(),
            "type": property(&self.body, "type"),
            "typeHandlerVersion": property(&self.body, "typeHandlerVersion"),
            "status": {
                "code": code,
                "level": level,
                "displayStatus": format!("Provisioning {}", state.to_lowercase()),
                "message": message,
                "time": clock::iso(clock::now()),
            },
        });
        if let Some(Value::Object(properties)) = self.body.get_mut("properties") {
            properties.insert("instanceView".to_owned(), view);
        }
    }
}

/// Returns the innermost message of an error.
fn cause(error: &Value) -> &str {
    match error.get("details").and_then(|details| details.get(0)) {
        Some(inner) => cause(inner),
        None => error.get("message").and_then(Value::as_str).unwrap_or_default(),
    }
}

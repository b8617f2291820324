//! The prediction of a deployment.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::deployment::{Deployment, Wanted};
use super::operation::Operation;
use super::resource::Resource;
use super::store::State;
use super::target::Target;
use super::{Arm, document};
use crate::exchange::{Answer, Call, Refused};
use crate::log::OperationStep;
use crate::token::Claims;
use crate::world::{ChangeMethod, OperationRule};

/// The members of properties that only the service sets.
const READ_ONLY: [&str; 2] = ["provisioningState", "instanceView"];

impl Arm {
    /// Predicts a deployment, as an operation whose result is at its `Location`.
    pub(super) fn what_if(
        &self,
        call: &Call,
        claims: &Claims,
        state: &mut State,
        target: &Target<'_>,
    ) -> Result<Answer, Refused> {
        let deployment = self.deployment(call, claims, state, target)?;
        let result = json!({ "status": "Succeeded", "properties": { "changes": deployment.changes(state) } });
        let faults = self.faults.of_operation(call.method.as_str(), &call.target);
        let operation =
            Operation::new(ChangeMethod::Post, &target.id, &OperationRule::of_prediction(), faults)
                .resulting_in(result)
                .at(self.operations_path(target));
        let step = OperationStep::Started(operation.id());
        state.start(operation.clone());
        Ok(self.with_links(Answer::new(StatusCode::ACCEPTED), call, &operation).operation(step))
    }
}

impl Deployment<'_> {
    fn changes(&self, state: &State) -> Vec<Value> {
        let own = self.resources.iter().map(|wanted| change(wanted, state.get(&wanted.target.id)));
        let kind = if self.is_complete { "Delete" } else { "Ignore" };
        let others = self.others(state).into_iter();
        let others = others.map(|id| json!({ "changeType": kind, "before": { "id": id }, "resourceId": id }));
        own.chain(others).collect()
    }
}

fn change(wanted: &Wanted<'_>, existing: Option<&Resource>) -> Value {
    let id = &wanted.target.id;
    let after = comparable(&wanted.body, wanted);
    let Some(existing) = existing else {
        return json!({ "resourceId": id, "changeType": "Create", "after": after });
    };
    let before = comparable(&existing.body, wanted);
    let delta = delta(&before, &after);
    let kind = if delta.is_empty() { "NoChange" } else { "Modify" };
    json!({ "resourceId": id, "changeType": kind, "before": before, "after": after, "delta": delta })
}

/// Returns the members that a prediction compares.
fn comparable(body: &Map<String, Value>, wanted: &Wanted<'_>) -> Map<String, Value> {
    let mut body = body.clone();
    wanted.target.declared.write_only.iter().for_each(|path| document::remove(&mut body, path));
    if let Some(Value::Object(properties)) = body.get_mut("properties") {
        properties.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    }
    body.retain(|_, value| !value.as_object().is_some_and(Map::is_empty));
    body
}

/// Returns the differences of two objects: those of inner objects with their whole paths.
fn delta(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Value> {
    let mut found = Vec::new();
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names {
        let (was, will) = (before.get(name), after.get(name));
        match (was, will) {
            (Some(Value::Object(was)), Some(Value::Object(will))) => {
                found.extend(delta(was, will).into_iter().map(|mut inner| {
                    inner["path"] = format!("{name}.{}", inner["path"].as_str().unwrap_or_default()).into();
                    inner
                }));
            }
            (Some(Value::Array(was)), Some(Value::Array(will))) if was != will => {
                found.push(json!({
                    "path": name, "propertyChangeType": "Array", "before": was, "after": will,
                    "children": elements(was, will),
                }));
            }
            _ if was == will => {}
            _ => found.push(json!({
                "path": name, "propertyChangeType": kind(was, will), "before": was, "after": will, "children": null,
            })),
        }
    }
    found
}

/// Returns the differences of two lists by position.
fn elements(before: &[Value], after: &[Value]) -> Vec<Value> {
    let length = before.len().max(after.len());
    let pairs = (0..length).map(|at| (at, before.get(at), after.get(at)));
    let others = pairs.filter(|(_, was, will)| was != will);
    let element = |(at, was, will): (usize, Option<&Value>, Option<&Value>)| json!({ "path": at.to_string(), "propertyChangeType": kind(was, will), "before": was, "after": will });
    others.map(element).collect()
}

fn kind(was: Option<&Value>, will: Option<&Value>) -> &'static str {
    match (was, will) {
        (None, _) => "Create",
        (_, None) => "Delete",
        _ => "Modify",
    }
}

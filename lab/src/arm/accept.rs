//! The first response to a change: the result, or a long-running operation that leads to it.

use hyper::StatusCode;
use serde_json::Value;

use super::id::Id;
use super::operation::Operation;
use super::store::State;
use super::target::Target;
use super::{Arm, answer, extension};
use crate::exchange::{Answer, Call, Refused};
use crate::log::OperationStep;
use crate::world::{ChangeMethod, OperationKind};

impl Arm {
    /// Carries out a change whose members are stored already: at once, or as an operation.
    pub(super) fn accept(
        &self,
        call: &Call,
        state: &mut State,
        target: &Target<'_>,
        method: ChangeMethod,
        created: bool,
    ) -> Result<Answer, Refused> {
        let Some(rule) = target.declared.operation(method) else {
            return self.at_once(call, state, target, method, created);
        };
        let faults = self.faults.of_operation(call.method.as_str(), &call.target);
        let operation = Operation::new(method, &target.id, rule, faults)
            .creating(created)
            .at(self.operations_path(target));
        let id = operation.id();
        let status = status(&operation, target, created);
        state.start(operation.clone());
        let shows_resource = method != ChangeMethod::Delete && rule.kind != OperationKind::Location;
        let answer = match state.get(&target.id).filter(|_| shows_resource) {
            Some(resource) => self.shown(status, resource, call),
            None => Answer::new(status),
        };
        Ok(self.with_links(answer, call, &operation).changed().operation(OperationStep::Started(id)))
    }

    fn at_once(
        &self,
        call: &Call,
        state: &mut State,
        target: &Target<'_>,
        method: ChangeMethod,
        created: bool,
    ) -> Result<Answer, Refused> {
        if method == ChangeMethod::Delete {
            state.remove(&target.id);
            return Ok(Answer::new(StatusCode::OK).changed());
        }
        state.succeed(&target.id);
        state.settle();
        let Some(resource) = state.get(&target.id) else { return Err(self.not_found(state, &target.id)) };
        let status = if created { extension::creation_status(target, true) } else { StatusCode::OK };
        Ok(self.shown(status, resource, call).changed())
    }

    /// Carries out an action of a resource: `POST {id}/{action}`.
    pub(super) fn action(&self, call: &Call, state: &mut State, path: &str) -> Result<Answer, Refused> {
        let (resource, name) = path.rsplit_once('/').unwrap_or_default();
        let Some(id) = Id::parse(resource) else { return Err(super::change::not_supported(call)) };
        let target = self.resource_target(state, call, resource, &id)?;
        if state.get(&target.id).is_none() {
            return Err(self.not_found(state, resource));
        }
        let declared = target.declared.actions.iter().find(|action| action.name.eq_ignore_ascii_case(name));
        let Some(action) = declared else {
            let message = format!("The type '{}' has no action '{name}'.", target.declared.name);
            return Err(answer::refused(StatusCode::NOT_FOUND, "InvalidAction", &message));
        };
        self.is_not_denied(call, state, &target)?;
        let Some(rule) = &action.operation else { return Ok(result(&action.result).changed()) };
        let faults = self.faults.of_operation(call.method.as_str(), &call.target);
        let operation = Operation::new(ChangeMethod::Post, &target.id, rule, faults)
            .resulting_in(action.result.clone())
            .at(self.operations_path(&target));
        let step = OperationStep::Started(operation.id());
        state.start(operation.clone());
        let answer = Answer::new(StatusCode::ACCEPTED);
        Ok(self.with_links(answer, call, &operation).changed().operation(step))
    }

    /// Returns the path under which the operations of a resource lie.
    pub(super) fn operations_path(&self, target: &Target<'_>) -> String {
        let subscription = self.context.world.subscription_scope();
        let Some(id) = Id::parse(&target.id) else { return subscription };
        let location = if target.location.is_empty() { "global" } else { &target.location };
        format!("{subscription}/providers/{}/locations/{location}", id.namespace)
    }
}

/// Returns the status of the first response.
fn status(operation: &Operation, target: &Target<'_>, created: bool) -> StatusCode {
    let rule = operation.rule();
    match (operation.change_method(), rule.kind) {
        (ChangeMethod::Put, OperationKind::AzureAsyncOperation | OperationKind::ProvisioningState)
            if !rule.accepted =>
        {
            if created {
                extension::creation_status(target, false)
            } else {
                StatusCode::OK
            }
        }
        (ChangeMethod::Patch, OperationKind::ProvisioningState) => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    }
}

/// Builds the final response of an action.
pub(super) fn result(result: &Value) -> Answer {
    if result.is_null() { Answer::new(StatusCode::NO_CONTENT) } else { Answer::json(StatusCode::OK, result) }
}

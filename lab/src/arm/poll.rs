//! The URLs of long-running operations, and the responses at them.

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::address::OperationView;
use super::operation::{Operation, OperationStatus};
use super::store::State;
use super::{Arm, accept, answer};
use crate::exchange::{Answer, Call, Refused};
use crate::fault::OperationFault;
use crate::hosts::ELSEWHERE;
use crate::log::OperationStep;
use crate::names;
use crate::world::{ChangeMethod, OperationKind, derived_id};

impl Arm {
    /// Answers a poll of an operation. It needs a valid token and no role, as in Azure.
    pub(super) fn operation(&self, call: &Call, view: OperationView, id: Uuid) -> Result<Answer, Refused> {
        let state = &mut *self.store.lock();
        let polled = state.poll(id).filter(|operation| operation.has_url()).cloned();
        let Some(operation) = polled else {
            let message = format!("The operation '{id}' could not be found.");
            return Err(answer::refused(StatusCode::NOT_FOUND, "OperationNotFound", &message));
        };
        let answer = if operation.has(OperationFault::Redirects) {
            let url = format!("{}{}", self.elsewhere(), call.target);
            Answer::new(StatusCode::FOUND).header("location", url)
        } else {
            match view {
                OperationView::Status => status_view(call, &operation),
                OperationView::Result => self.result_view(call, state, &operation),
            }
        };
        Ok(answer.operation(OperationStep::Polled(id)))
    }

    fn result_view(&self, call: &Call, state: &State, operation: &Operation) -> Answer {
        match (operation.status(), operation.error()) {
            (OperationStatus::Running, _) => {
                let url = self.url(call, operation, OperationView::Result);
                with_delay(Answer::new(StatusCode::ACCEPTED).header("location", url), operation)
            }
            (OperationStatus::Canceled, Some(error)) => {
                Answer::json(StatusCode::CONFLICT, &json!({ "error": error }))
            }
            (_, Some(error)) => Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": error })),
            _ => self.final_answer(call, state, operation),
        }
    }

    /// Returns the response that the change would have had at once.
    fn final_answer(&self, call: &Call, state: &State, operation: &Operation) -> Answer {
        match operation.change_method() {
            ChangeMethod::Post => accept::result(operation.result()),
            ChangeMethod::Delete => Answer::new(StatusCode::NO_CONTENT),
            ChangeMethod::Put | ChangeMethod::Patch => match state.get(operation.resource()) {
                Some(resource) if operation.creates() => self.shown(StatusCode::CREATED, resource, call),
                Some(resource) => self.shown(StatusCode::OK, resource, call),
                None => *self.not_found(state, operation.resource()),
            },
        }
    }

    /// Adds the headers that lead to an operation.
    pub(super) fn with_links(&self, answer: Answer, call: &Call, operation: &Operation) -> Answer {
        let both = operation.has(OperationFault::BothHeaders);
        let kind = operation.rule().kind;
        let mut answer = with_delay(answer, operation);
        if !operation.has_url() {
            return answer;
        }
        if both || kind == OperationKind::AzureAsyncOperation {
            let url = self.url(call, operation, OperationView::Status);
            answer = answer.header("azure-asyncoperation", url);
        }
        if both || kind == OperationKind::Location {
            answer = answer.header("location", self.url(call, operation, OperationView::Result));
        }
        answer
    }

    fn url(&self, call: &Call, operation: &Operation, view: OperationView) -> String {
        let mut path = operation.path().to_owned();
        if operation.has(OperationFault::AnotherSubscription) {
            let rest = path.strip_prefix(names::subscription_of(&path)).unwrap_or_default();
            path = format!("/subscriptions/{}{rest}", derived_id(&["another subscription"]));
        }
        let base = if operation.has(OperationFault::Relative) {
            String::new()
        } else if operation.has(OperationFault::Elsewhere) {
            self.elsewhere()
        } else {
            call.base()
        };
        let version = call.query.raw("api-version").unwrap_or_default();
        let query = if operation.has(OperationFault::WithoutVersion) {
            String::new()
        } else {
            format!("?api-version={version}")
        };
        format!("{base}{path}/{}/{}{query}", view.segment(), operation.id())
    }

    /// Returns the base URL of a host that belongs to no service, and that the lab serves so that its log
    /// shows who went there.
    fn elsewhere(&self) -> String {
        format!("{}://{ELSEWHERE}:{}", self.context.azure.scheme, self.context.azure.port)
    }
}

/// Returns the operation as a resource.
fn status_view(call: &Call, operation: &Operation) -> Answer {
    let path = call.path.trim_end_matches('/');
    let answer = Answer::json(StatusCode::OK, &operation.document(path));
    if operation.is_running() { with_delay(answer, operation) } else { answer }
}

/// Adds the pause that a client should make before the next poll.
pub(super) fn with_delay(answer: Answer, operation: &Operation) -> Answer {
    if operation.has(OperationFault::NoRetryAfter) {
        return answer;
    }
    answer.header("retry-after", operation.rule().retry_after.to_string())
}

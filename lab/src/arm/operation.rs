//! Long-running operations.

use std::time::Instant;

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::clock;
use crate::fault::OperationFault;
use crate::world::{ChangeMethod, Length, OperationFailure, OperationKind, OperationRule};

/// A long-running operation that a request to ARM started.
#[derive(Clone, Debug)]
pub struct Operation {
    id: Uuid,
    change: ChangeMethod,
    resource: String,
    /// Path under which its URLs lie.
    path: String,
    created: bool,
    rule: OperationRule,
    faults: Vec<OperationFault>,
    /// Result of an action; null for the other methods.
    result: Value,
    /// The error with which it ends; none if it succeeds.
    failure: Option<Value>,
    started: OffsetDateTime,
    since: Instant,
    ended: Option<OffsetDateTime>,
    status: OperationStatus,
    polls: u32,
}

/// The state of an [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStatus {
    /// It has not ended.
    Running,
    /// The change is complete.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// It ended without an error and without a complete change.
    Canceled,
}

impl Operation {
    pub(super) fn new(
        change: ChangeMethod,
        resource: &str,
        rule: &OperationRule,
        faults: Vec<OperationFault>,
    ) -> Self {
        Self {
            id: Uuid::new_v4(),
            change,
            resource: resource.to_owned(),
            path: String::new(),
            created: false,
            rule: rule.clone(),
            faults,
            result: Value::Null,
            failure: rule.fails.as_ref().map(failure),
            started: clock::now(),
            since: Instant::now(),
            ended: None,
            status: OperationStatus::Running,
            polls: 0,
        }
    }

    pub(super) fn creating(self, created: bool) -> Self {
        Self { created, ..self }
    }

    pub(super) fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    pub(super) fn resulting_in(self, result: Value) -> Self {
        Self { result, ..self }
    }

    pub(super) fn failing(self, failure: Option<Value>) -> Self {
        Self { failure: failure.or(self.failure), ..self }
    }

    /// Returns the id, which is the last segment of the operation's URL.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the method of the request that started it: `PUT`, `PATCH`, `DELETE` or `POST`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self.change {
            ChangeMethod::Put => "PUT",
            ChangeMethod::Patch => "PATCH",
            ChangeMethod::Delete => "DELETE",
            ChangeMethod::Post => "POST",
        }
    }

    /// Returns the id of the resource that it changes.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Returns the state.
    #[must_use]
    pub fn status(&self) -> OperationStatus {
        self.status
    }

    /// Returns the number of polls: GET requests for its URL, or for the resource while it runs.
    #[must_use]
    pub fn polls(&self) -> u32 {
        self.polls
    }

    pub(super) fn change_method(&self) -> ChangeMethod {
        self.change
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn rule(&self) -> &OperationRule {
        &self.rule
    }

    pub(super) fn result(&self) -> &Value {
        &self.result
    }

    /// Returns whether the operation creates its resource.
    pub(super) fn creates(&self) -> bool {
        self.created
    }

    pub(super) fn is_running(&self) -> bool {
        self.status == OperationStatus::Running
    }

    pub(super) fn has(&self, fault: OperationFault) -> bool {
        self.faults.contains(&fault)
    }

    pub(super) fn poll(&mut self) {
        self.polls = self.polls.saturating_add(1);
    }

    pub(super) fn is_timed(&self) -> bool {
        matches!(self.rule.length, Length::Time(_))
    }

    /// Returns whether a running operation has reached its length.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let reached = match self.rule.length {
            Length::Polls(polls) => self.polls > polls,
            Length::Time(time) => now.saturating_duration_since(self.since) >= time,
        };
        self.is_running() && reached && !self.has(OperationFault::NeverEnds)
    }

    pub(super) fn end(&mut self) -> OperationStatus {
        self.ended = Some(clock::now());
        self.status = if self.failure.is_some() || self.has(OperationFault::Failed) {
            OperationStatus::Failed
        } else if self.has(OperationFault::Canceled) {
            OperationStatus::Canceled
        } else {
            OperationStatus::Succeeded
        };
        self.status
    }

    /// Returns the word for the state, as the resource's `provisioningState` has it.
    pub(super) fn state(&self) -> String {
        let usual = match (self.status, self.change) {
            (OperationStatus::Running, ChangeMethod::Put) if self.created => "Creating",
            (OperationStatus::Running, ChangeMethod::Delete) => "Deleting",
            (OperationStatus::Running, _) => "Updating",
            (OperationStatus::Succeeded, _) => "Succeeded",
            (OperationStatus::Failed, _) => "Failed",
            (OperationStatus::Canceled, _) => "Canceled",
        };
        self.word(usual)
    }

    /// Returns the word for the state, as the operation's own resource has it.
    fn status_word(&self) -> String {
        if self.is_running() { self.word("InProgress") } else { self.state() }
    }

    fn word(&self, usual: &str) -> String {
        let running = self.is_running();
        let word = match &self.rule.running {
            _ if running && self.has(OperationFault::UnknownStatus) => "Rewiring",
            Some(word) if running => word,
            _ => usual,
        };
        if self.has(OperationFault::LowerCase) { word.to_lowercase() } else { word.to_owned() }
    }

    /// Returns the operation as a resource, whose id is `path`.
    pub(super) fn document(&self, path: &str) -> Value {
        let mut document = json!({
            "id": path,
            "name": self.id,
            "status": self.status_word(),
            "startTime": clock::iso(self.started),
            "percentComplete": self.percent(),
        });
        if let Some(ended) = self.ended {
            document["endTime"] = clock::iso(ended).into();
        }
        if let Some(error) = self.error() {
            document["error"] = error;
        } else if self.status == OperationStatus::Succeeded && !self.result.is_null() {
            document["properties"] = self.result.clone();
        }
        document
    }

    /// Returns the error of an operation that failed or was canceled: the cause is in the innermost
    /// `details`.
    pub(super) fn error(&self) -> Option<Value> {
        match self.status {
            OperationStatus::Running | OperationStatus::Succeeded => None,
            OperationStatus::Canceled => Some(json!({
                "code": "OperationCanceled",
                "message": "The operation was canceled.",
            })),
            OperationStatus::Failed => Some(self.failure.clone().unwrap_or_else(unavailable)),
        }
    }

    fn percent(&self) -> u32 {
        match (self.status, self.rule.length) {
            (OperationStatus::Succeeded, _) => 100,
            (_, Length::Polls(polls)) => {
                (self.polls.min(polls)).saturating_mul(99).checked_div(polls.saturating_add(1)).unwrap_or(0)
            }
            (_, Length::Time(_)) => 50,
        }
    }

    /// Returns whether clients find the state at a URL of its own.
    pub(super) fn has_url(&self) -> bool {
        self.rule.kind != OperationKind::ProvisioningState
    }
}

/// Returns the error of an operation whose cause is `failure`, in the innermost `details`.
pub(super) fn failure(failure: &OperationFailure) -> Value {
    caused_by(&json!({ "code": failure.code, "message": failure.message }))
}

/// Returns the error of an operation that a fault lets fail.
fn unavailable() -> Value {
    caused_by(&json!({
        "code": "SkuNotAvailable",
        "message": "The requested size is currently not available in this location.",
        "target": "sku",
    }))
}

fn caused_by(cause: &Value) -> Value {
    json!({
        "code": "ResourceDeploymentFailure",
        "message": "The resource operation completed with terminal provisioning state 'Failed'.",
        "details": [{
            "code": "BadRequest",
            "message": "The resource provider refused the request.",
            "details": [cause],
        }],
    })
}

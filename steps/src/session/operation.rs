//! Polls the operation that a service started for a step.

use std::time::{Duration, SystemTime};

use arcbook_engine::step::{Action, Backoff, ErrorKind, Follow, Method, Progress, StepError};
use url::Url;

use super::http::holds_secret;
use super::{Session, line};
use crate::http::{HttpResponse, Request, asked, failed_operation, firewall};
use crate::operation::{Followed, Stage};

/// The shortest delays between polls, whatever the service asks for.
const SHORTEST: Backoff =
    Backoff { delay: Duration::from_millis(5), factor: 2.0, longest: Duration::from_secs(1), jitter: 0.0 };

/// The end of a change that the service made.
enum End {
    /// The service made it; the last response of the operation, unless the object itself was polled.
    Succeeded(Option<HttpResponse>),
    /// The service gave up with this word for the state, and this response.
    Failed(String, HttpResponse),
}

/// An operation that a change started, and the request that reads the changed object.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    /// The change.
    pub change: &'a Action,
    /// The request that reads the object; none for an action, whose object tells nothing about its end.
    pub read: Option<&'a Action>,
}

impl Session {
    /// Waits for the end of the operation that `answer`, the response to the change, reports. Returns the last
    /// response of the operation; none if there was no operation, or the object itself was polled.
    pub(crate) async fn finish(
        &self,
        operation: Operation<'_>,
        answer: &HttpResponse,
    ) -> Result<Option<HttpResponse>, StepError> {
        let url = self.declared(operation.change)?;
        match Followed::of(answer, &url) {
            Followed::Nowhere => match Stage::of_object(answer) {
                Stage::Failed(status) => Err(failed(operation, &status, answer)),
                _ => Ok(None),
            },
            Followed::AtObject => self.poll_object(operation, Some(answer)).await?.result(operation),
            Followed::At(place) => match self.place(operation, &place) {
                Some(place) => {
                    let end = self.poll(operation, place, Some(answer)).await?;
                    self.settled(operation, end).result(operation)
                }
                // A token is sent to no other host: the object tells as much.
                None => self.poll_object(operation, Some(answer)).await?.result(operation),
            },
        }
    }

    /// Waits for the end of an action, and returns the response with its result: that of the operation, or the first one.
    pub(crate) async fn finish_action(
        &self,
        action: &Action,
        answer: HttpResponse,
    ) -> Result<HttpResponse, StepError> {
        let operation = Operation { change: action, read: None };
        let url = self.declared(action)?;
        let Followed::At(_) = Followed::of(&answer, &url) else { return Ok(answer) };
        let Some(end) = self.finish(operation, &answer).await? else { return Ok(answer) };
        // An operation may have a state at one place and its result at another.
        let result = answer.header("location").filter(|_| answer.header("azure-asyncoperation").is_some());
        match result.and_then(|result| self.place(operation, result)) {
            Some(result) => {
                let request = Request::new(Method::Get, result.clone());
                self.exchange(action, request, result.to_string()).await.map_err(StepError::uncertain)
            }
            None => Ok(end),
        }
    }

    /// Returns the object once the service works on no change of it, or none if it is gone then; `existing` is the
    /// response to `read`.
    pub(crate) async fn at_rest(
        &self,
        read: &Action,
        existing: HttpResponse,
    ) -> Result<Option<HttpResponse>, StepError> {
        if !matches!(Stage::of_object(&existing), Stage::Running { .. }) {
            return Ok(Some(existing));
        }
        let operation = Operation { change: read, read: Some(read) };
        let end = self.poll_object(operation, Some(&existing)).await.and_then(|end| end.result(operation));
        let settled = match end {
            Ok(_) => self.send(read).await.map_err(StepError::uncertain),
            Err(error) => Err(error),
        };
        match settled {
            Err(error) if error.status() == Some(404) => Ok(None),
            settled => settled.map(Some),
        }
    }

    /// Waits before poll `number` of a state that `answer` reports as `status`.
    pub(crate) async fn pause_in(&self, answer: &HttpResponse, number: u32, status: &str) {
        self.pause(answer, number, Stage::Running { status: status.to_owned(), percent: None }).await;
    }

    /// Waits until a quota of the service is filled again.
    pub(crate) async fn pause_for_quota(&self, after: Duration) {
        let after = after.min(self.azure().arm_policy().longest_asked);
        self.context.report(Progress::Polling { status: "quota is spent".to_owned(), percent: None, after });
        self.context.wait(after).await;
    }

    /// Waits before an object is read for the `number`th time, which is in the state `status` until then.
    pub(crate) async fn pause_as(&self, status: &str, number: u32) {
        let after = self.azure().arm_policy().polling.wait(number, fastrand::f64());
        self.context.report(Progress::Polling { status: status.to_owned(), percent: None, after });
        self.context.wait(after).await;
    }

    /// Continues to wait for the operation that an earlier run started at `place`.
    pub(crate) async fn resume(
        &self,
        operation: Operation<'_>,
        place: &str,
    ) -> Result<Option<HttpResponse>, StepError> {
        let end = match self.place(operation, place) {
            Some(place) => self.poll(operation, place, None).await?,
            None => self.poll_object(operation, None).await?,
        };
        self.settled(operation, end).result(operation)
    }

    /// Records the end of a recorded operation, so that no later run polls it again.
    fn settled(&self, operation: Operation<'_>, end: End) -> End {
        let state = match &end {
            End::Succeeded(_) => "Succeeded",
            End::Failed(status, _) => status,
        };
        if !operation.change.is_read() {
            self.context.settled(state);
        }
        end
    }

    /// Returns the URL of an operation, if it may be polled: on the host of the change, over TLS.
    fn place(&self, operation: Operation<'_>, place: &str) -> Option<Url> {
        let change = self.declared(operation.change).ok()?;
        let url = change.join(place).ok()?;
        let url = firewall::allow(url.as_str(), operation.change.audience(), self.azure().cloud()).ok()?;
        (url.origin() == change.origin() && operation.change.follow == Follow::Operation).then_some(url)
    }

    /// Polls the operation at `place` until its end; `started` is the response that reported it, if this run
    /// has it.
    async fn poll(
        &self,
        operation: Operation<'_>,
        mut place: Url,
        started: Option<&HttpResponse>,
    ) -> Result<End, StepError> {
        self.record_operation(operation, &place).await?;
        if let Some(started) = started {
            self.pause(started, 1, Stage::ACCEPTED).await;
        }
        for number in 2.. {
            let request = Request::new(Method::Get, place.clone());
            let answer = match self.exchange(operation.change, request, place.to_string()).await {
                Ok(answer) => answer,
                // The service has forgotten the operation, or does not show it: the object tells its end.
                Err(error) if matches!(error.status(), Some(403..=405 | 410)) => {
                    return self.poll_object(operation, None).await;
                }
                Err(error) => return Err(error.uncertain()),
            };
            if let Some(moved) = self.moved(operation, &answer, &place) {
                place = moved;
                self.record_operation(operation, &place).await?;
            }
            match Stage::of_operation(&answer) {
                Stage::Succeeded => return Ok(End::Succeeded(Some(answer))),
                Stage::Failed(status) => return Ok(End::Failed(status, answer)),
                stage @ Stage::Running { .. } => self.pause(&answer, number, stage).await,
            }
        }
        Ok(End::Succeeded(None))
    }

    /// Records where the operation of a change is polled, so that a later run can continue.
    async fn record_operation(&self, operation: Operation<'_>, place: &Url) -> Result<(), StepError> {
        if operation.change.is_read() { Ok(()) } else { self.context.accepted(place.as_str()).await }
    }

    /// Returns the URL to which the service has moved an operation.
    fn moved(&self, operation: Operation<'_>, answer: &HttpResponse, place: &Url) -> Option<Url> {
        let moved = answer.header("location").filter(|_| answer.status == 202)?;
        self.place(operation, moved).filter(|moved| moved != place)
    }

    /// Polls the object until the service has made the change; a deleted one until it is gone. `answer` is the
    /// response to the change, if this run has it.
    async fn poll_object(
        &self,
        operation: Operation<'_>,
        answer: Option<&HttpResponse>,
    ) -> Result<End, StepError> {
        let Some(read) = operation.read else { return Err(forgotten(operation)) };
        let deletes = operation.change.request().is_some_and(|request| request.method == Method::Delete);
        if let Some(answer) = answer {
            let stage = match Stage::of_object(answer) {
                stage @ Stage::Running { .. } => stage,
                _ => Stage::ACCEPTED,
            };
            self.pause(answer, 1, stage).await;
        }
        for number in 2.. {
            let object = match self.send(read).await {
                Ok(object) => object,
                Err(error) if error.status() == Some(404) && deletes => return Ok(End::Succeeded(None)),
                Err(error) => return Err(error.uncertain()),
            };
            match Stage::of_object(&object) {
                Stage::Succeeded if deletes => self.pause(&object, number, Stage::ACCEPTED).await,
                Stage::Succeeded => return Ok(End::Succeeded(None)),
                Stage::Failed(status) => return Ok(End::Failed(status, object)),
                stage @ Stage::Running { .. } => self.pause(&object, number, stage).await,
            }
        }
        Ok(End::Succeeded(None))
    }

    /// Waits before poll `number`: as long as `answer` asks for, else longer each time.
    pub(crate) async fn pause(&self, answer: &HttpResponse, number: u32, stage: Stage) {
        let Stage::Running { status, percent } = stage else { return };
        let policy = self.azure().arm_policy();
        let asked = asked(&answer.headers, SystemTime::now()).map(|asked| asked.min(policy.longest_asked));
        // A service that asks for no delay at all is not polled without a pause.
        let shortest = SHORTEST.wait(number, 0.0);
        let after = asked.map(|asked| asked.max(shortest));
        let after = after.unwrap_or_else(|| policy.polling.wait(number, fastrand::f64()));
        let status = if status.is_empty() { "accepted".to_owned() } else { status };
        self.context.report(Progress::Polling { status, percent, after });
        self.context.wait(after).await;
    }
}

impl End {
    /// Returns the last response of the operation, or the error that its failure is.
    fn result(self, operation: Operation<'_>) -> Result<Option<HttpResponse>, StepError> {
        match self {
            Self::Succeeded(answer) => Ok(answer),
            Self::Failed(status, answer) => Err(failed(operation, &status, &answer)),
        }
    }
}

/// Returns the error of an operation that the service does not show any more.
fn forgotten(operation: Operation<'_>) -> StepError {
    StepError::new(ErrorKind::Answer, "the service does not show the end of the operation")
        .detail("It accepted the request, and names no place where its end can be read.")
        .request(line(operation.change))
        .help("look at the object in Azure")
        .uncertain()
}

/// Returns the error of an operation that ended with `status`. The object may have been changed in part.
fn failed(operation: Operation<'_>, status: &str, answer: &HttpResponse) -> StepError {
    let (code, said) = failed_operation(answer);
    let what = format!("the service ended the operation with the state {}", crate::http::clean(status));
    let error = StepError::new(ErrorKind::Refused, what)
        .answer(answer.status, code, answer.request_id())
        .request(line(operation.change))
        .help("look at the object in Azure: the operation may have changed a part of it")
        .uncertain();
    match said.filter(|_| !holds_secret(operation.change)) {
        Some(said) => error.detail(format!("{said}.")),
        None => error,
    }
}

//! Makes the change of a declared resource, and finds out whether a change whose answer was lost was made.

use arcbook_engine::step::{Action, ErrorKind, StepError};

use super::declared_resource::DeclaredResource;
use crate::http::{HttpResponse, Payload};
use crate::session::{Operation, Session, body_of, line};

impl DeclaredResource {
    /// Sends the change, on the condition that the resource is the one that was found; or continues to wait
    /// for the change that an earlier run sent.
    pub(super) async fn make(&self, session: &Session, exists: bool) -> Result<(), StepError> {
        let (change, read) = (self.change(session.azure(), exists), self.read(session.azure()));
        let operation = Operation { change: &change, read: Some(&read) };
        if let Some(place) = session.operation() {
            return session.resume(operation, place).await.map(drop);
        }
        let found = session.remembered();
        let condition = found.as_deref().map(|etag| ("if-match", etag));
        let body = match &self.late_body {
            Some(body) if !self.is_absent() => Some(body.clone()),
            _ => body_of(&change)?,
        };
        let body = body.map(Payload::from);
        let answer = session.send_loaded(&change, body, condition.as_slice()).await;
        match answer {
            Ok(answer) => session.finish(operation, &answer).await.map(drop),
            Err(error) if error.is_uncertain() && matches!(error.status(), Some(409 | 412)) => {
                self.own_change(session, &read, error).await
            }
            Err(error) if error.status() == Some(412) => Err(changed_meanwhile(&change)),
            Err(error) => Err(error),
        }
    }

    /// Waits for the end of a change whose answer was lost: repeated, it was refused with `error`, because the
    /// service works on it or has made it. Returns that error if the resource is not as wanted then.
    async fn own_change(&self, session: &Session, read: &Action, error: StepError) -> Result<(), StepError> {
        let settled = match self.existing(session).await.map_err(StepError::uncertain)? {
            Some(existing) => session.at_rest(read, existing).await?,
            None => None,
        };
        match settled {
            None if self.is_absent() => Ok(()),
            Some(existing) if !self.is_absent() && self.differences(&existing)?.is_empty() => Ok(()),
            _ => Err(error),
        }
    }

    /// Reads the resource after its change; the request is repeated while the service does not show it yet.
    pub(super) async fn changed(&self, session: &Session) -> Result<Option<HttpResponse>, StepError> {
        session.created(&self.change(session.azure(), false));
        if let Some(existing) = self.existing(session).await.map_err(StepError::uncertain)? {
            return Ok(Some(existing));
        }
        Err(StepError::new(ErrorKind::Answer, "the resource does not exist after its creation")
            .request(line(&self.read(session.azure())))
            .help("look at the resource in Azure; something else may have deleted it")
            .uncertain())
    }
}

/// Returns the error that another client changed the resource after it was read.
fn changed_meanwhile(change: &Action) -> StepError {
    StepError::new(ErrorKind::Stopped, "another client changed the resource after it was compared")
        .detail("The resource is kept as it is.")
        .request(line(change))
        .help("run again: the comparison starts anew")
}

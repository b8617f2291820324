//! Undoes the changes of declared resources.

use std::collections::BTreeSet;

use arcbook_engine::step::{
    Action, Body, Change, ErrorKind, HttpRequest, Method, Receipt, Safety, StepError, Text,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::{differences, member_of};
use crate::http::{HttpResponse, Payload};
use crate::permission;
use crate::session::{Operation, Session, body_of, line};
use crate::undo::Undo;

/// The facts about a changed resource that show whether it was changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// The URL of the resource, with its API version.
    pub url: String,
    /// The method of the change.
    pub method: Method,
    pub etag: Option<String>,
    /// The time of the last change, as the service records it.
    pub modified: Option<String>,
    /// True if the service had accepted the creation, and no record has its end.
    is_unfinished: bool,
}

impl Proof {
    /// Returns the proof of the change that was made at `url` and left the resource as `existing`; none if the
    /// resource does not exist.
    pub fn of(url: String, method: Method, existing: Option<&HttpResponse>) -> Self {
        let modified = existing.and_then(|existing| time_of(existing, "lastModifiedAt"));
        Self { url, method, etag: existing.and_then(etag), modified, is_unfinished: false }
    }

    pub fn into_value(self) -> Value {
        let text = |text: Option<String>| text.map_or(Value::NULL, Value::string);
        Value::object([
            ("url", Value::string(self.url)),
            ("method", Value::from(self.method.as_str())),
            ("etag", text(self.etag)),
            ("modified", text(self.modified)),
        ])
    }

    fn read(receipt: &Receipt) -> Option<Self> {
        let proof = receipt.proof.as_ref()?;
        let text = |name| member_of(proof, name)?.as_str().map(str::to_owned);
        let method = if text("method")? == Method::Patch.as_str() { Method::Patch } else { Method::Put };
        let is_unfinished = receipt.change.is_none() && receipt.is_accepted;
        Some(Self {
            url: text("url")?,
            method,
            etag: text("etag"),
            modified: text("modified"),
            is_unfinished,
        })
    }

    /// Returns an error unless `existing` certainly is what the change left.
    fn check(&self, existing: &HttpResponse, read: &Action) -> Result<(), StepError> {
        let now = Self::of(self.url.clone(), self.method, Some(existing));
        let now = Self { is_unfinished: self.is_unfinished, ..now };
        let is_as_created = now.modified.is_some() && now.modified == time_of(existing, "createdAt");
        let keep = |what: &str| {
            StepError::new(ErrorKind::Refused, what)
                .request(line(read))
                .help("inspect it, and undo the change manually if it is not needed")
        };
        match (&self.etag, &self.modified) {
            (None, None) if self.is_unfinished && is_as_created => Ok(()),
            (None, None) => {
                Err(keep("the resource has neither an ETag nor a time of its last change and is kept")
                    .detail("arcbook cannot tell whether somebody has changed it since."))
            }
            _ if *self == now => Ok(()),
            _ => Err(keep("the resource has changed since and is kept")),
        }
    }

    fn request(&self, azure: &Azure, method: Method) -> HttpRequest {
        HttpRequest::new(method, self.url.as_str().into()).audience(azure.cloud().audience(Service::Arm))
    }

    /// Returns the path of the resource.
    fn path(&self, azure: &Azure) -> Text {
        let path = self.url.strip_prefix(&*azure.cloud().arm()).unwrap_or(&self.url);
        path.split('?').next().unwrap_or_default().into()
    }

    fn reading(&self, azure: &Azure) -> Action {
        self.request(azure, Method::Get).action().needs(permission::arm(Method::Get, &self.path(azure)))
    }
}

/// Returns a time that the service records of a resource.
fn time_of(existing: &HttpResponse, name: &str) -> Option<String> {
    let body = existing.value().ok()?;
    member_of(member_of(&body, "systemData")?, name)?.as_str().map(str::to_owned)
}

/// Returns the ETag of a resource, from the header or the body.
pub(super) fn etag(existing: &HttpResponse) -> Option<String> {
    let header = existing.header("etag").map(str::to_owned);
    header.or_else(|| member_of(&existing.value().ok()?, "etag")?.as_str().map(str::to_owned))
}

/// Reads the resource, once the service works on no change of it, such as that of an earlier undo; none if it does not
/// exist.
async fn existing(session: &Session, read: &Action) -> Result<Option<HttpResponse>, StepError> {
    match session.send(read).await {
        Ok(existing) => session.at_rest(read, existing).await,
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends a change on the condition that the resource is still what `proof` describes, and waits for its end; or
/// continues to wait for the change that an earlier undo sent. Returns false if there is nothing to do, because the
/// resource no longer exists or `is_done`.
async fn make(
    session: &Session,
    operation: Operation<'_>,
    proof: &Proof,
    is_done: impl Fn(&HttpResponse) -> bool,
) -> Result<bool, StepError> {
    let Operation { change, read: Some(read) } = operation else { return Ok(false) };
    if let Some(place) = session.operation() {
        return session.resume(operation, place).await.map(|_| true);
    }
    let Some(existing) = existing(session, read).await? else { return Ok(false) };
    if is_done(&existing) {
        return Ok(false);
    }
    proof.check(&existing, read)?;
    let found = existing.header("etag");
    let condition = found.map(|etag| ("if-match", etag));
    let body = body_of(change)?.map(Payload::from);
    let answer = session.send_loaded(change, body, condition.as_slice()).await?;
    session.finish(operation, &answer).await.map(|_| true)
}

/// Deletes a resource that a step created.
pub(super) struct RemoveResource {
    read: Action,
    delete: Action,
    proof: Proof,
}

impl RemoveResource {
    /// Returns the removal; none if the receipt does not identify the resource.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = Proof::read(receipt)?;
        let delete = proof.request(azure, Method::Delete).action();
        let delete = delete.needs(permission::arm(Method::Delete, &proof.path(azure))).operation();
        Some(Self { read: proof.reading(azure), delete, proof })
    }
}

impl Undo for RemoveResource {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let operation = Operation { change: &self.delete, read: Some(&self.read) };
        let made = make(session, operation, &self.proof, |_| false).await?;
        Ok(if made { Change::Removed } else { Change::None })
    }
}

/// Puts back the state of a resource before a step changed it.
pub(super) struct PutBack {
    read: Action,
    write: Action,
    /// The state before the change.
    prior: Value,
    proof: Proof,
}

impl PutBack {
    /// Returns the change; none if the receipt lacks the prior state.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = Proof::read(receipt)?;
        let prior = receipt.prior.clone()?;
        let body = prior.to_json().ok()?;
        let request = proof.request(azure, proof.method).header("content-type", "application/json");
        let request = request.body(Body::Bytes(Bytes::from(body.to_string())));
        let write = request.action().safety(Safety::Idempotent);
        let write = write.needs(permission::arm(proof.method, &proof.path(azure))).operation();
        Some(Self { read: proof.reading(azure), write, prior, proof })
    }

    /// Returns true if the resource is as it was, because an earlier undo was killed after its change.
    fn is_back(&self, existing: &HttpResponse) -> bool {
        let now = existing.value();
        now.is_ok_and(|now| differences(&self.prior, &now, &BTreeSet::new()).is_empty())
    }
}

impl Undo for PutBack {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.write.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let operation = Operation { change: &self.write, read: Some(&self.read) };
        let made = make(session, operation, &self.proof, |existing| self.is_back(existing)).await?;
        Ok(if made { Change::Updated } else { Change::None })
    }
}

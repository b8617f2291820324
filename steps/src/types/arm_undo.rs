//! Undoes the changes of `arm_resource`.

use arcbook_engine::step::{
    Action, Body, Change, ErrorKind, HttpRequest, Method, Receipt, Safety, StepError, Text,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use super::arm_resource::etag;
use crate::azure::Azure;
use crate::declared::member_of;
use crate::http::HttpResponse;
use crate::permission;
use crate::session::{Operation, Session, line};
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
}

impl Proof {
    /// Returns the proof of the change that was made at `url` and left the resource as `existing`; none if the
    /// resource does not exist.
    pub fn of(url: String, method: Method, existing: Option<&HttpResponse>) -> Self {
        let body = existing.and_then(|existing| existing.value().ok());
        let system = body.as_ref().and_then(|body| member_of(body, "systemData"));
        let modified =
            system.and_then(|system| member_of(system, "lastModifiedAt")?.as_str().map(str::to_owned));
        Self { url, method, etag: existing.and_then(etag), modified }
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
        Some(Self { url: text("url")?, method, etag: text("etag"), modified: text("modified") })
    }

    /// Returns an error unless `existing` certainly is what the change left.
    fn check(&self, existing: &HttpResponse, read: &Action) -> Result<(), StepError> {
        let now = Self::of(self.url.clone(), self.method, Some(existing));
        let keep = |what: &str| {
            StepError::new(ErrorKind::Refused, what)
                .request(line(read))
                .help("inspect it, and undo the change manually if it is not needed")
        };
        match (&self.etag, &self.modified) {
            (None, None) => {
                Err(keep("the resource has neither an ETag nor a time of its last change and is kept")
                    .detail("arcbook cannot tell whether somebody has changed it since."))
            }
            _ if *self == now => Ok(()),
            _ => Err(keep("the resource has changed since and is kept")),
        }
    }

    fn request(&self, azure: &Azure, method: Method) -> HttpRequest {
        HttpRequest::new(method, self.url.as_str().into()).audience(azure.cloud().arm_audience.clone())
    }

    /// Returns the path of the resource.
    fn path(&self, azure: &Azure) -> Text {
        let path = self.url.strip_prefix(&*azure.cloud().arm).unwrap_or(&self.url);
        path.split('?').next().unwrap_or_default().into()
    }

    fn reading(&self, azure: &Azure) -> Action {
        self.request(azure, Method::Get).action().needs(permission::arm(Method::Get, &self.path(azure)))
    }
}

/// Returns the resource if it still exists and was not changed since.
async fn unchanged(
    session: &Session,
    read: &Action,
    proof: &Proof,
) -> Result<Option<HttpResponse>, StepError> {
    match session.send(read).await {
        Ok(existing) => proof.check(&existing, read).map(|()| Some(existing)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends a change on the condition that the resource is still the one that was read, and waits for its end.
async fn send(
    session: &Session,
    change: &Action,
    read: &Action,
    existing: &HttpResponse,
) -> Result<(), StepError> {
    let found = existing.header("etag");
    let condition = found.map(|etag| ("if-match", etag));
    let body = session.load(change).await?;
    let answer = session.send_loaded(change, body, condition.as_slice()).await?;
    session.finish(Operation { change, read }, &answer).await.map(drop)
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
        let Some(existing) = unchanged(session, &self.read, &self.proof).await? else {
            return Ok(Change::None);
        };
        send(session, &self.delete, &self.read, &existing).await.map(|()| Change::Removed)
    }
}

/// Puts back the state of a resource before a step changed it.
pub(super) struct PutBack {
    read: Action,
    write: Action,
    proof: Proof,
}

impl PutBack {
    /// Returns the change; none if the receipt lacks the prior state.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = Proof::read(receipt)?;
        let body = receipt.prior.as_ref()?.to_json().ok()?;
        let request = proof.request(azure, proof.method).header("content-type", "application/json");
        let request = request.body(Body::Bytes(Bytes::from(body.to_string())));
        let write = request.action().safety(Safety::Idempotent);
        let write = write.needs(permission::arm(proof.method, &proof.path(azure))).operation();
        Some(Self { read: proof.reading(azure), write, proof })
    }
}

impl Undo for PutBack {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.write.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let Some(existing) = unchanged(session, &self.read, &self.proof).await? else {
            return Ok(Change::None);
        };
        send(session, &self.write, &self.read, &existing).await.map(|()| Change::Updated)
    }
}

//! The undo operations of Blob storage.

use arcbook_engine::step::{Action, Change, ErrorKind, HttpRequest, Method, StepError, Text};

use super::page::ListPage;
use super::request::{Right, container_of, created_by, request};
use crate::azure::Azure;
use crate::session::{Session, line};
use crate::undo::{Undo, removed};

/// The certainty that a run created the object to be removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The run created it.
    Created,
    /// The run may have created it: an object of another creator is kept.
    Unconfirmed,
}

impl Origin {
    /// Returns the outcome when the object turns out to have another creator.
    fn of_another(self, what: &str, action: &Action) -> Result<Change, StepError> {
        match self {
            Self::Unconfirmed => Ok(Change::None),
            Self::Created => Err(StepError::new(
                ErrorKind::Refused,
                format!("the {what} was recreated by another client and is kept"),
            )
            .detail("Its metadata `arcbook_run` does not name a run that is being undone.")
            .request(line(action))
            .help("inspect it, and delete it manually if it is not needed")),
        }
    }
}

/// Deletes an empty container that a run created.
pub(crate) struct RemoveContainer {
    head: Action,
    list: Action,
    delete: Action,
    origin: Origin,
    url: String,
}

impl RemoveContainer {
    /// Returns the removal of the container at `url`.
    pub fn at(azure: &Azure, url: &str, origin: Origin) -> Self {
        let container = || Text::from(url).then("?restype=container");
        let list = container().then("&comp=list&maxresults=1");
        let needs = |right: Right| right.at(url.into());
        Self {
            head: request(azure, Method::Head, container()).action().needs(needs(Right::ReadContainer)),
            list: request(azure, Method::Get, list).action().needs(needs(Right::ReadBlob)),
            delete: request(azure, Method::Delete, container()).action().needs(needs(Right::DeleteContainer)),
            origin,
            url: url.to_owned(),
        }
    }

    /// Returns the error for a container that is not empty, with the steps that left blobs in it, if any.
    fn is_not_empty(&self, session: &Session) -> StepError {
        let error = StepError::new(ErrorKind::Refused, "the container is not empty and is kept")
            .request(line(&self.list));
        let left: Vec<&str> = session.left_within(&self.url).collect();
        if left.is_empty() {
            return error
                .detail("Its blobs were not created by the run being undone, or have changed since.")
                .help("inspect its content, and delete it manually if it is not needed");
        }
        error
            .detail(format!(
                "Blobs that these steps created in it could not be removed: {}.",
                left.join(", ")
            ))
            .help("resolve the errors of those steps, then undo the run again")
    }
}

impl Undo for RemoveContainer {
    fn actions(&self) -> Vec<Action> {
        vec![self.head.clone(), self.list.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match session.send(&self.head).await {
            Ok(container) if session.is_own(created_by(&container)) => {}
            Ok(_) => return self.origin.of_another("container", &self.head),
            error => return removed(error),
        }
        match session.send(&self.list).await {
            Ok(response) if ListPage::is_empty(&response.body) => removed(session.send(&self.delete).await),
            Ok(_) => Err(self.is_not_empty(session)),
            error => removed(error),
        }
    }
}

/// Deletes a blob that has not changed since its upload.
pub(crate) struct RemoveBlob {
    delete: Action,
}

impl RemoveBlob {
    /// Returns the removal of the blob at `url` with this ETag.
    pub fn at(azure: &Azure, url: &str, etag: &str) -> Self {
        let request = request(azure, Method::Delete, url.into()).header("if-match", etag);
        Self { delete: delete_blob(request, url) }
    }
}

fn delete_blob(request: HttpRequest, url: &str) -> Action {
    request.action().needs(Right::DeleteBlob.at(container_of(url)))
}

/// Deletes the blob, unless it has changed; `conditions` are the headers that state its expected ETag.
async fn delete_unchanged(
    session: &Session,
    delete: &Action,
    conditions: &[(&str, &str)],
) -> Result<Change, StepError> {
    removed(session.send_loaded(delete, None, conditions).await).map_err(|error| match error.status() {
        Some(412) => StepError::new(ErrorKind::Refused, "the blob has changed since and is kept")
            .request(line(delete))
            .help("inspect it, and delete it manually if it is not needed"),
        _ => error,
    })
}

impl Undo for RemoveBlob {
    fn actions(&self) -> Vec<Action> {
        vec![self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        delete_unchanged(session, &self.delete, &[]).await
    }
}

/// Deletes a blob if its metadata shows that a run created it.
pub(crate) struct RemoveOwnBlob {
    head: Action,
    delete: Action,
}

impl RemoveOwnBlob {
    /// Returns the removal of the blob at `url`.
    pub fn at(azure: &Azure, url: &str) -> Self {
        let request = |method| request(azure, method, url.into());
        Self {
            head: request(Method::Head).action().needs(Right::ReadBlob.at(container_of(url))),
            delete: delete_blob(request(Method::Delete), url),
        }
    }
}

impl Undo for RemoveOwnBlob {
    fn actions(&self) -> Vec<Action> {
        vec![self.head.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match session.send(&self.head).await {
            Ok(blob) if session.is_own(created_by(&blob)) => {
                let etag = blob.header("etag").map(|etag| ("if-match", etag));
                delete_unchanged(session, &self.delete, etag.as_slice()).await
            }
            Ok(_) => Origin::Unconfirmed.of_another("blob", &self.head),
            error => removed(error),
        }
    }
}

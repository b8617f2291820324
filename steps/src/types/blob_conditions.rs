//! The conditions of a blob upload.

use arcbook_engine::step::PriorState;
use arcbook_engine::value::Value;

use crate::blob::CREATED_BY;
use crate::session::Session;

/// Returns the blob's ETag as an earlier run recorded it.
pub(super) fn recorded_etag(session: &Session) -> Option<&str> {
    session.recorded("etag").and_then(Value::as_str)
}

/// The headers of an upload that depend on the state before it.
#[derive(Clone)]
pub(super) struct Conditions {
    /// True if the upload requires that there is no blob.
    if_absent: bool,
    /// The ETag that the upload requires.
    if_match: Option<String>,
    /// The run that a new blob's metadata names as its creator.
    created_by: Option<String>,
    /// True if a successful upload under these conditions creates the blob.
    pub is_created: bool,
}

impl Conditions {
    /// Returns the conditions; `names_run` if the blob's own metadata has the entry `arcbook_run`.
    pub fn of(session: &Session, creates_only: bool, names_run: bool) -> Self {
        let if_match = recorded_etag(session).map(str::to_owned);
        // If the blob was absent, the service must confirm that it still is: only then does the upload create
        // it.
        let may_create = session.before() == Some(PriorState::Absent) || creates_only;
        let is_created = may_create && if_match.is_none();
        let created_by = session.run().filter(|_| may_create && !names_run).map(str::to_owned);
        Self { if_absent: is_created && !creates_only, if_match, created_by, is_created }
    }

    /// Returns the headers.
    pub fn all(&self) -> Vec<(&str, &str)> {
        let if_absent = self.if_absent.then_some(("if-none-match", "*"));
        let if_match = self.if_match.as_deref().map(|etag| ("if-match", etag));
        let created_by = self.created_by.as_deref().map(|run| (CREATED_BY, run));
        [if_absent, if_match, created_by].into_iter().flatten().collect()
    }

    /// Returns whether the upload requires the recorded ETag.
    pub fn is_held(&self) -> bool {
        self.if_match.is_some()
    }

    /// Returns the conditions for a blob that turned out to exist.
    pub fn over_what_is_there(&self) -> Self {
        Self { if_absent: false, if_match: None, ..self.clone() }
    }
}

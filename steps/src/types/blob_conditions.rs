//! Under which conditions a blob is uploaded.

use arcbook_engine::step::PriorState;
use arcbook_engine::value::Value;

use crate::blob::CREATED_BY;
use crate::session::Session;

/// What the service calls the state in which an earlier run left the blob.
pub(super) fn recorded_etag(session: &Session) -> Option<&str> {
    session.recorded("etag").and_then(Value::as_str)
}

/// The headers of an upload that follow from what there was before.
#[derive(Clone)]
pub(super) struct Conditions {
    md5: String,
    /// Whether the service is made to vouch that there is no blob.
    if_absent: bool,
    /// The state that the service is made to vouch for.
    if_match: Option<String>,
    /// The run that a blob which is created bears the name of.
    created_by: Option<String>,
    /// Whether the blob was created, should it be stored under these conditions.
    pub is_created: bool,
}

impl Conditions {
    /// Those of content with that MD5; `names_run` says whether the blob's own metadata has an entry of that name.
    pub fn of(session: &Session, md5: String, creates_only: bool, names_run: bool) -> Self {
        let if_match = recorded_etag(session).map(str::to_owned);
        // Where there was none, the service is made to vouch that there still is none: only then was it created.
        let may_create = session.before() == Some(PriorState::Absent) || creates_only;
        let is_created = may_create && if_match.is_none();
        let created_by = session.run().filter(|_| may_create && !names_run).map(str::to_owned);
        Self { md5, if_absent: is_created && !creates_only, if_match, created_by, is_created }
    }

    /// The headers.
    pub fn all(&self) -> Vec<(&str, &str)> {
        let if_absent = self.if_absent.then_some(("if-none-match", "*"));
        let if_match = self.if_match.as_deref().map(|etag| ("if-match", etag));
        let created_by = self.created_by.as_deref().map(|run| (CREATED_BY, run));
        [Some(("content-md5", self.md5.as_str())), if_absent, if_match, created_by]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether the blob is replaced only in the state that a record has.
    pub fn is_held(&self) -> bool {
        self.if_match.is_some()
    }

    /// For a blob that turned out to be there.
    pub fn over_what_is_there(&self) -> Self {
        Self { if_absent: false, if_match: None, ..self.clone() }
    }
}

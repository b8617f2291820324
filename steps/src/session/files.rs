//! Finds the bodies of requests, and looks up files.

use std::io;
use std::path::Path;

use arcbook_engine::step::{Action, ActionKind, Body, ErrorKind, StepError};
use bytes::Bytes;

use super::{Session, undeclared};

impl Session {
    /// Returns true if the file that `action` reads exists; links are followed.
    pub(crate) async fn exists(&self, action: &Action) -> Result<bool, StepError> {
        self.check(action)?;
        let ActionKind::ReadFile(file) = &action.kind else { return Err(undeclared(action)) };
        let path = file.path.reveal().ok_or_else(|| StepError::internal("a path is not known yet"))?;
        match tokio::fs::metadata(self.context.directory().join(path)).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(error) => Err(StepError::new(ErrorKind::Local, "the file cannot be looked up")
                .detail(format!("{error}."))
                .argument(file.argument)
                .help(
                    "give the user that runs arcbook the permission to search every directory in its path",
                )),
        }
    }
}

/// Returns the body of a request that is in memory; none without a body.
pub(crate) fn body_of(action: &Action) -> Result<Option<Bytes>, StepError> {
    match body(action) {
        None | Some(Body::None) => Ok(None),
        Some(Body::Bytes(bytes)) => Ok(Some(bytes.clone())),
        Some(Body::File(_)) => Err(StepError::internal("a file is not sent from memory")),
        Some(Body::Unknown) => Err(StepError::internal("a body is not known yet")),
    }
}

/// Returns the path of the file that a request sends, as the step names it.
pub(super) fn sent_path(action: &Action) -> Option<&Path> {
    match body(action) {
        Some(Body::File(path)) => Some(path),
        _ => None,
    }
}

fn body(action: &Action) -> Option<&Body> {
    action.request().map(|request| &request.body)
}

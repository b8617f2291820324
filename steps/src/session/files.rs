//! Loads the bodies of requests.

use std::io;

use arcbook_engine::step::{Action, ActionKind, Body, ErrorKind, StepError};
use bytes::Bytes;

use super::{Session, undeclared};
use crate::file;

impl Session {
    /// Returns an error if the body file of the request cannot be sent; the file is opened but not read.
    pub(crate) async fn look(&self, action: &Action) -> Result<(), StepError> {
        match body(action) {
            Some(Body::File(path)) => file::open(&self.context.directory().join(path)).await.map(drop),
            _ => Ok(()),
        }
    }

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

    /// Returns the body of the request, read from its file if it has one.
    pub(crate) async fn load(&self, action: &Action) -> Result<Option<Bytes>, StepError> {
        match body(action) {
            None | Some(Body::None) => Ok(None),
            Some(Body::Bytes(bytes)) => Ok(Some(bytes.clone())),
            Some(Body::File(path)) => {
                let bytes = file::read(&self.context.directory().join(path)).await?;
                self.context.check_file(path, &bytes)?;
                Ok(Some(bytes))
            }
            Some(Body::Unknown) => Err(StepError::internal("a body is not known yet")),
        }
    }
}

fn body(action: &Action) -> Option<&Body> {
    action.request().map(|request| &request.body)
}

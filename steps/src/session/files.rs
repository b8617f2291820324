//! Loads the bodies of requests.

use arcbook_engine::step::{Action, Body, StepError};
use bytes::Bytes;

use super::Session;
use crate::file;

impl Session {
    /// Returns an error if the body file of the request cannot be sent; the file is opened but not read.
    pub(crate) async fn look(&self, action: &Action) -> Result<(), StepError> {
        match body(action) {
            Some(Body::File(path)) => file::open(&self.context.directory().join(path)).await.map(drop),
            _ => Ok(()),
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

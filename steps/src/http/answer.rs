//! What a service answered.

use std::fmt;

use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_engine::value::Value;
use bytes::Bytes;
use http::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::json;

/// An answer, its body read to the end.
///
/// `Debug` shows no content and no header's value, since either may be secret.
#[derive(Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The text of a header; none when it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The service's name for the request.
    pub fn request_id(&self) -> Option<String> {
        self.header("x-ms-request-id").map(super::clean)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON of a known shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        serde_json::from_slice(&self.body).map_err(|error| self.nonsense(&json::position(&error)))
    }

    /// The body as a value, of whatever shape its JSON has.
    pub fn value(&self) -> Result<Value, StepError> {
        json::value(&self.body).map_err(|reason| self.nonsense(&reason))
    }

    /// The error that the answer makes no sense; `reason` must not quote the body, which may be secret.
    pub fn nonsense(&self, reason: &str) -> StepError {
        StepError::new(ErrorKind::Answer, "the answer makes no sense")
            .detail(format!("The body of {} bytes cannot be used: {reason}.", self.body.len()))
            .answer(self.status, None, self.request_id())
            .help("check that no proxy or other program answers in place of the service")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        let mut debug = f.debug_struct("Answer");
        debug.field("status", &self.status).field("headers", &headers).field("bytes", &self.body.len());
        debug.finish()
    }
}

//! What a service answered.

use std::fmt;

use arcbook_engine::step::{ErrorKind, StepError};
use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

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
        serde_json::from_slice(&self.body).map_err(|error| self.nonsense(&position(&error)))
    }

    /// The error that the answer makes no sense; `reason` must not quote the body, which may be secret.
    pub fn nonsense(&self, reason: &str) -> StepError {
        StepError::new(ErrorKind::Answer, "the answer makes no sense")
            .detail(format!("The body of {} bytes cannot be used: {reason}.", self.body.len()))
            .answer(self.status, None, self.request_id())
            .help("check that no proxy or other program answers in place of the service")
    }
}

/// Where JSON went wrong. The error's own text can quote the document, so only its place and class are told.
fn position(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let class = match error.classify() {
        Category::Io | Category::Eof => "it ends too early",
        Category::Syntax => "it is not JSON",
        Category::Data => "a field is missing or of another type",
    };
    format!("{class} (line {}, column {})", error.line(), error.column())
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        let mut debug = f.debug_struct("Answer");
        debug.field("status", &self.status).field("headers", &headers).field("bytes", &self.body.len());
        debug.finish()
    }
}

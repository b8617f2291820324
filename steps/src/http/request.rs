//! An HTTP request.

use std::fmt;

use arcbook_engine::step::{Method, StepError};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::Payload;

/// A request that may be sent more than once.
///
/// `Debug` shows neither header values nor the body, since either may be secret.
#[derive(Clone)]
pub(crate) struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Payload>,
    /// True for one of the many requests of a transfer, which are not reported one by one.
    pub is_part: bool,
    /// The statuses that count as success; none for those that HTTP calls successful.
    pub statuses: Option<Vec<u16>>,
    /// The maximum size of the response's body, which is then kept byte by byte; none for the client's own limit.
    pub most: Option<usize>,
    /// True if the body contains a sensitive value.
    pub holds_secret: bool,
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), None);
        Self { method, url, headers, body, is_part: false, statuses: None, most: None, holds_secret: false }
    }

    /// Adds a header. The error for a header that HTTP cannot carry does not show its value.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, StepError> {
        let pair = (HeaderName::try_from(name).ok(), HeaderValue::try_from(value).ok());
        let (Some(name), Some(value)) = pair else {
            return Err(StepError::internal(format!("the header {} cannot be sent", name.escape_debug())));
        };
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds headers, as [`Self::header`] does.
    pub fn headers(self, headers: &[(&str, &str)]) -> Result<Self, StepError> {
        headers.iter().try_fold(self, |request, (name, value)| request.header(name, value))
    }

    /// Sets the authorization header, replacing any earlier one.
    pub fn authorize(mut self, value: &str) -> Result<Self, StepError> {
        self = self.header(AUTHORIZATION.as_str(), value)?;
        if let Some(value) = self.headers.get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        Ok(self)
    }

    /// Returns true if a response with this status is successful.
    pub fn expects(&self, status: u16) -> bool {
        self.statuses.as_ref().map_or((200..300).contains(&status), |statuses| statuses.contains(&status))
    }

    pub fn body(mut self, body: Option<Payload>) -> Self {
        self.body = body;
        self
    }

    /// Marks the request as one of the many requests of a transfer.
    pub fn part(mut self) -> Self {
        self.is_part = true;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        let mut debug = f.debug_struct("Request");
        debug.field("method", &self.method).field("host", &self.url.host_str()).field("headers", &headers);
        debug.finish_non_exhaustive()
    }
}

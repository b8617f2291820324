//! HTTP responses, before they are sent.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::content::Content;
use crate::log::OperationStep;

/// A response: status, headers and body, and the effect of the request on the service's state.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Content,
    pub changed: bool,
    /// The long-running operation that the request started or polled.
    pub operation: Option<OperationStep>,
    /// The principal that the request came from, as the log names it.
    pub principal: Option<String>,
    /// The fields of the request's form, as the log shows them.
    pub form: Vec<(String, String)>,
}

/// An error response, as the `Err` of a handler.
pub(crate) type Refused = Box<Answer>;

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Content::default(),
            changed: false,
            operation: None,
            principal: None,
            form: Vec::new(),
        }
    }

    /// Builds a response with a JSON body.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status).header("content-type", "application/json; charset=utf-8").body(body.to_string())
    }

    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        self.content(body.into().into())
    }

    /// Sets a body that need not be in memory.
    pub(crate) fn content(mut self, content: Content) -> Self {
        self.body = content;
        self
    }

    /// Sets a header; drops a value that HTTP does not allow, such as an echo of arbitrary input.
    pub(crate) fn header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Sets a header with a dynamic name; drops a name or value that HTTP does not allow.
    pub(crate) fn named_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            self.headers.insert(name, value);
        }
        self
    }

    /// Marks the response as having changed the service's state.
    pub(crate) fn changed(mut self) -> Self {
        self.changed = true;
        self
    }

    /// Marks the response as that of a request that started or polled an operation.
    pub(crate) fn operation(mut self, step: OperationStep) -> Self {
        self.operation = Some(step);
        self
    }
}

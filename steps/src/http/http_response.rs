//! A complete HTTP response.

use std::error::Error;
use std::fmt;
use std::pin::pin;

use arcbook_engine::step::{ErrorKind, Method, StepError};
use arcbook_engine::value::Value;
use bytes::{Bytes, BytesMut};
use http::Response;
use http::header::{CONTENT_LENGTH, ETAG, HeaderMap};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::Failure;
use crate::json;

/// A response with its whole body.
///
/// `Debug` shows neither the body nor header values, since either may be secret.
#[derive(Clone)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl HttpResponse {
    /// Reads the body of `response`, up to `limit` bytes.
    pub async fn read<B>(response: Response<B>, limit: usize) -> Result<Self, Failure>
    where
        B: Body<Data = Bytes>,
        B::Error: Error + 'static,
    {
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status.as_u16(), parts.headers);
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let (body, end) = read(body, limit, announced.unwrap_or_default()).await;
        match end {
            // The connection reset that follows a refusal may cut its body short; the status still counts.
            Err(Failure::Broken { .. }) if !(200..300).contains(&status) => {}
            end => end?,
        }
        Ok(Self { status, headers, body })
    }

    /// Returns the response without a byte order mark, with which some services begin their text.
    pub fn unmarked(self) -> Self {
        Self { body: self.body.slice_ref(json::unmarked(&self.body)), ..self }
    }

    /// Returns the text of a header; none if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the service's id of the request.
    pub fn request_id(&self) -> Option<String> {
        // The second one is that of Microsoft Graph.
        self.header("x-ms-request-id").or_else(|| self.header("request-id")).map(super::clean)
    }

    /// Returns true if the body is an HTML page.
    pub fn is_page(&self) -> bool {
        let begins = |with: &str| {
            self.body.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()))
        };
        let is_html = self.header("content-type").is_some_and(|ty| ty.trim_start().starts_with("text/html"));
        is_html || begins("<!doctype html") || begins("<html")
    }

    /// Returns true if no service of Azure sent this response, although its status tells the state of an object. Every
    /// service sends an id of the request, and describes objects in JSON or XML, or in headers for a HEAD.
    pub fn is_foreign(&self, method: Method) -> bool {
        if self.request_id().is_some() {
            return false;
        }
        let text = json::unmarked(&self.body);
        let is_data = || text.starts_with(b"<") || serde_json::from_slice::<IgnoredAny>(text).is_ok();
        let is_empty = || text.is_empty() && method != Method::Head;
        let is_content = || self.headers.contains_key(ETAG) || is_empty() || is_data();
        // The reset that follows a refusal may cut its text short.
        self.is_page() && (self.is_success() || self.status == 404) || self.is_success() && !is_content()
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Parses the body as JSON of a known shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        self.check_values(0)?;
        serde_json::from_slice(&self.body).map_err(|error| self.nonsense(&json::position(&error)))
    }

    /// Parses the body as JSON of any shape.
    pub fn value(&self) -> Result<Value, StepError> {
        self.check_values(0)?;
        json::value(&self.body).map_err(|reason| self.nonsense(&reason))
    }

    /// Returns the number of values in this body plus the `earlier` ones of other pages. Fails if they would
    /// exceed this machine's memory.
    pub fn check_values(&self, earlier: usize) -> Result<usize, StepError> {
        let values = earlier + json::count(&self.body);
        if values <= json::MOST_VALUES {
            return Ok(values);
        }
        Err(StepError::new(ErrorKind::Answer, "the response contains too many values")
            .detail(format!(
                "Its JSON of {} bytes has more than {} values, which would need too much memory.",
                self.body.len(),
                json::MOST_VALUES
            ))
            .answer(self.status, None, self.request_id())
            .help("request less: a narrower `scope`, a `resource_type` or a `filter`, or `$top` in `query`"))
    }

    /// Returns the error for an unexpected response; `reason` must not quote the body, which may be secret.
    pub fn nonsense(&self, reason: &str) -> StepError {
        StepError::new(ErrorKind::Answer, "unexpected response")
            .detail(format!("The body of {} bytes cannot be used: {reason}.", self.body.len()))
            .answer(self.status, None, self.request_id())
            .help("check that no proxy or other program answers in place of the service")
    }
}

/// The maximum room that is reserved for a body because its length is announced, in bytes.
const MOST_ROOM: usize = 8 << 20;

/// Reads `body` up to `limit` bytes; returns the bytes read, and an error if the body does not end there.
async fn read<B>(body: B, limit: usize, announced: usize) -> (Bytes, Result<(), Failure>)
where
    B: Body<Data = Bytes>,
    B::Error: Error + 'static,
{
    let room = announced.min(limit).min(MOST_ROOM);
    let (mut body, mut read) = (pin!(body), BytesMut::new());
    loop {
        match body.frame().await {
            None => return (read.freeze(), Ok(())),
            Some(Err(error)) => return (read.freeze(), Err(Failure::of(&error, false))),
            Some(Ok(frame)) => {
                let Ok(chunk) = frame.into_data() else { continue };
                if read.len() + chunk.len() > limit {
                    return (read.freeze(), Err(Failure::TooLong { limit }));
                }
                if read.is_empty() {
                    read.reserve(room);
                }
                read.extend_from_slice(&chunk);
            }
        }
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        let mut debug = f.debug_struct("HttpResponse");
        debug.field("status", &self.status).field("headers", &headers).field("bytes", &self.body.len());
        debug.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_in_place_of_a_service_is_noticed() {
        let (page, json, xml) = ("<!DOCTYPE html>", r#"{"a": 1}"#, "<?xml version='1.0'?><a/>");
        let (html, plain) = (Some("text/html"), None);
        for (status, id, ty, body, is_foreign) in [
            (200, false, html, page, true),
            (404, false, html, page, true),
            (200, false, html, "", true),
            (200, false, Some("application/json"), "\0{", true),
            (201, true, plain, "\0{", false),
            (200, true, html, page, false),
            (200, false, plain, json, false),
            (200, false, plain, xml, false),
            (200, false, plain, "<EnumerationResults/>", false),
            (200, false, plain, "<HTML>", true),
            (204, false, plain, "", false),
            (502, false, html, page, false),
            (412, false, html, page, false),
            (404, false, plain, "{", false),
            (403, false, html, page, false),
        ] {
            let mut headers = HeaderMap::new();
            if id {
                headers.insert("x-ms-request-id", "1".parse().unwrap());
            }
            if let Some(ty) = ty {
                headers.insert("content-type", ty.parse().unwrap());
            }
            let response = HttpResponse { status, headers, body: Bytes::from_static(body.as_bytes()) };
            assert_eq!(response.is_foreign(Method::Put), is_foreign, "{status} {ty:?} {body:?}");
        }
        for (name, is_foreign) in [("content-length", true), ("etag", false), ("x-ms-request-id", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(name, "1".parse().unwrap());
            let response = HttpResponse { status: 200, headers, body: Bytes::new() };
            assert_eq!(response.is_foreign(Method::Head), is_foreign, "{name}");
        }
    }
}

//! A complete HTTP response.

use std::error::Error;
use std::fmt;
use std::pin::pin;

use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_engine::value::Value;
use bytes::{Bytes, BytesMut};
use http::Response;
use http::header::{CONTENT_LENGTH, HeaderMap};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use serde::de::DeserializeOwned;

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
        self.header("x-ms-request-id").map(super::clean)
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

//! The parts of a request that are the same on either way out.

use arcbook_engine::step::Method;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, HeaderMap, HeaderValue, USER_AGENT};
use uuid::Uuid;

use super::Request;

const PROGRAM: &str = concat!("arcbook/", env!("CARGO_PKG_VERSION"));

/// The bytes that the request carries; none when its body is empty.
pub(super) fn body(request: &Request) -> Option<&Bytes> {
    request.body.as_ref().filter(|body| !body.is_empty())
}

/// The request's headers and those that each request has, under a new name of its own.
pub(super) fn headers(request: &Request) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.extend(request.headers.clone());
    if let Ok(id) = Uuid::new_v4().to_string().parse() {
        headers.insert("x-ms-client-request-id", id);
    }
    let carries = matches!(request.method, Method::Put | Method::Post | Method::Patch);
    if carries && body(request).is_none() {
        // The libraries leave it out, and Azure answers 411 without it.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    headers
}

pub(super) fn method(request: &Request) -> http::Method {
    match request.method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    }
}

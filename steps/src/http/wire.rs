//! The parts of a request that both transports share.

use arcbook_engine::step::Method;
use http::header::{ACCEPT, CONTENT_LENGTH, HeaderMap, HeaderValue, USER_AGENT};
use uuid::Uuid;

use super::{Payload, Request};

const PROGRAM: &str = concat!("arcbook/", env!("CARGO_PKG_VERSION"));

/// Returns the body of the request; none if it is empty.
pub(super) fn body(request: &Request) -> Option<&Payload> {
    request.body.as_ref().filter(|body| !body.is_empty())
}

/// Returns the request's headers and the standard ones, with a new client request id.
pub(crate) fn headers(request: &Request) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.extend(request.headers.clone());
    if let Ok(id) = Uuid::new_v4().to_string().parse() {
        headers.insert("x-ms-client-request-id", id);
    }
    let carries = matches!(request.method, Method::Put | Method::Post | Method::Patch);
    if carries && body(request).is_none() {
        // The libraries omit it, and Azure returns 411 without it.
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
        // The name was checked when it became a method.
        Method::Other(_) => {
            http::Method::from_bytes(request.method.as_str().as_bytes()).unwrap_or(http::Method::OPTIONS)
        }
    }
}

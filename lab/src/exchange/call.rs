//! A request that has been read completely.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Method, Uri};
use uuid::Uuid;

use super::{BadTarget, Query, decode};

/// A request with its target decoded and its body read.
#[derive(Debug)]
pub(crate) struct Call {
    pub method: Method,
    pub scheme: &'static str,
    /// Host and port as the client wrote them, in lower case.
    pub authority: String,
    /// Path and query as sent.
    pub target: String,
    /// The path, decoded.
    pub path: String,
    pub query: Query,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The request id that responses echo.
    pub id: Uuid,
}

impl Call {
    /// Decodes a request; the caller sets `body` once it is read.
    pub(crate) fn new(
        scheme: &'static str,
        authority: String,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
    ) -> Result<Self, BadTarget> {
        Ok(Self {
            method,
            scheme,
            authority,
            target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            path: decode(uri.path())?,
            query: Query::parse(uri.query().unwrap_or_default())?,
            headers,
            body: Bytes::new(),
            id: Uuid::new_v4(),
        })
    }

    /// Returns a header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the headers whose names start with `prefix`: the rest of each name, and its value.
    pub(crate) fn headers_under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = move |(name, value): (&'a HeaderName, &'a hyper::header::HeaderValue)| {
            Some((name.as_str().strip_prefix(prefix)?, value.to_str().ok()?))
        };
        self.headers.iter().filter_map(named)
    }

    /// Returns the non-empty path segments, so that a trailing slash makes no difference.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// Returns the token of an `Authorization: Bearer` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Returns the base URL under which the client reached this service: `https://management.localhost:8443`.
    pub(crate) fn base(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    pub(crate) fn client_request_id(&self) -> Option<&str> {
        self.header("x-ms-client-request-id")
    }
}

//! Describes an HTTP request as data.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::{Action, Safety, Text};

/// The audience of an access token, such as `https://vault.azure.net`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Audience(Arc<str>);

impl Audience {
    /// Returns the audience with that name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The HTTP method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Reads a resource without its body.
    Head,
    /// Creates or replaces a resource.
    Put,
    /// Changes parts of a resource.
    Patch,
    /// Performs an action.
    Post,
    /// Deletes a resource.
    Delete,
}

impl Method {
    /// Returns the name of the method in HTTP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Returns the effect of a request with this method, as HTTP defines it (RFC 9110, section 9.2).
    #[must_use]
    pub const fn safety(self) -> Safety {
        match self {
            Self::Get | Self::Head => Safety::Reads,
            Self::Put | Self::Delete => Safety::Idempotent,
            Self::Patch | Self::Post => Safety::Once,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The body of a request.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Body {
    /// No body.
    #[default]
    None,
    /// These bytes; `Debug` shows only their number.
    Bytes(Bytes),
    /// The content of a file, read when the call is sent.
    File(PathBuf),
    /// Bytes that are not known yet.
    Unknown,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The full URL.
    pub url: Text,
    /// The audience of the access token; none for a request without a token.
    pub audience: Option<Audience>,
    /// The headers, in addition to those of every request.
    pub headers: Vec<(Cow<'static, str>, Text)>,
    /// The body.
    pub body: Body,
}

impl HttpRequest {
    /// Returns a request without token, headers or body.
    #[must_use]
    pub fn new(method: Method, url: Text) -> Self {
        Self { method, url, audience: None, headers: Vec::new(), body: Body::None }
    }

    /// Sets the audience of the access token.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Returns the sending of the request, whose method decides on the effect.
    #[must_use]
    pub fn action(self) -> Action {
        self.into()
    }
}

/// Writes the method and the URL, with phrases in place of sensitive and unknown parts.
impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

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
    /// Any other method.
    Other(Verb),
}

/// The name of a method, such as `OPTIONS` or `PURGE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verb {
    letters: [u8; Verb::LONGEST],
    length: usize,
}

impl Verb {
    /// The maximum length of a name.
    pub const LONGEST: usize = 24;

    fn parse(name: &str) -> Option<Self> {
        let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let mut letters = [0; Self::LONGEST];
        letters.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        is_plain.then_some(Self { letters, length: name.len() })
    }

    fn as_str(&self) -> &str {
        self.letters
            .get(..self.length)
            .and_then(|letters| std::str::from_utf8(letters).ok())
            .unwrap_or_default()
    }
}

impl Method {
    /// Returns the method with this name: capital letters, up to [`Verb::LONGEST`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        const ALL: [Method; 6] =
            [Method::Get, Method::Head, Method::Put, Method::Patch, Method::Post, Method::Delete];
        let known = ALL.into_iter().find(|method| method.as_str() == name);
        known.or_else(|| Verb::parse(name).map(Self::Other))
    }

    /// Returns the name of the method in HTTP.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other(verb) => verb.as_str(),
        }
    }

    /// Returns the effect of a request with this method, as HTTP defines it (RFC 9110, section 9.2).
    #[must_use]
    pub fn safety(self) -> Safety {
        match self {
            Self::Get | Self::Head => Safety::Reads,
            Self::Put | Self::Delete => Safety::Idempotent,
            Self::Other(verb) if ["OPTIONS", "TRACE"].contains(&verb.as_str()) => Safety::Reads,
            Self::Patch | Self::Post | Self::Other(_) => Safety::Once,
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
    /// True if the request may cross a network without TLS.
    pub plain_http: bool,
}

impl HttpRequest {
    /// Returns a request without token, headers or body.
    #[must_use]
    pub fn new(method: Method, url: Text) -> Self {
        Self { method, url, audience: None, headers: Vec::new(), body: Body::None, plain_http: false }
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

    /// Allows the request to cross a network without TLS.
    #[must_use]
    pub fn in_the_clear(mut self) -> Self {
        self.plain_http = true;
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

//! A request as data.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::Text;

/// Who a token is for, such as `https://vault.azure.net`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Audience(Arc<str>);

impl Audience {
    /// The audience of that name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
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

/// What a call does to a resource, in HTTP's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads without the body.
    Head,
    /// Creates or replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Acts.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    /// The name on the wire.
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
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the caller must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    /// The action, such as `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
    pub action: &'static str,
    /// Whether it is an action on data rather than on resources.
    pub data: bool,
    /// The built-in role with the fewest rights that has it.
    pub role: &'static str,
}

/// The body of a request.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Body {
    /// No body at all.
    #[default]
    None,
    /// These bytes; `Debug` shows their number only.
    Bytes(Bytes),
    /// The bytes of a file, read when the call is sent.
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

/// One request that a step makes: what the plan prints, the firewall allows and the run sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: Text,
    /// Who the token is for that goes with it; none when no token does.
    pub audience: Option<Audience>,
    /// What the caller must be allowed to do.
    pub permission: Option<Permission>,
    /// Headers beside those that every call has.
    pub headers: Vec<(Cow<'static, str>, Text)>,
    /// The body.
    pub body: Body,
    /// Whether further pages of the answer are read, from the same host and path with the same token.
    pub pages: bool,
}

impl Call {
    /// A call without token, permission, headers or body.
    #[must_use]
    pub fn new(method: Method, url: Text) -> Self {
        Self {
            method,
            url,
            audience: None,
            permission: None,
            headers: Vec::new(),
            body: Body::None,
            pages: false,
        }
    }

    /// Sends a token for `audience` with it.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Says what the caller must be allowed to do.
    #[must_use]
    pub fn needs(mut self, permission: Permission) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Text>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Gives it a body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Reads further pages too.
    #[must_use]
    pub fn paged(mut self) -> Self {
        self.pages = true;
        self
    }
}

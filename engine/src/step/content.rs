//! Defines outputs for answers that are not JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::value::{Type, Value};

use super::OutputType;

/// The bytes of an answer that is not JSON, for two outputs: `text`, which is null if the bytes are not UTF-8, and
/// `base64`, which is exact.
#[derive(Clone, PartialEq, Eq)]
pub struct Content(Bytes);

/// Bytes as an output: base64 text, since no value is made of bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64(Bytes);

impl Content {
    /// Returns the content with these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// Returns the content as text; none if it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        std::str::from_utf8(&self.0).ok().map(ToOwned::to_owned)
    }

    /// Returns the exact content.
    #[must_use]
    pub fn base64(&self) -> Base64 {
        Base64(self.0.clone())
    }
}

/// Omits the content, which may be secret.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

/// Omits the content, which may be secret.
impl std::fmt::Debug for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl OutputType for Base64 {
    fn ty() -> Type {
        Type::String
    }

    fn into_value(self) -> Value {
        Value::string(STANDARD.encode(&self.0))
    }
}

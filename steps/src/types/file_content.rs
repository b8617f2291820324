//! Reads bytes that are written as base64.

use std::fmt;

use arcbook_engine::step::{Accepts, ArgumentError, ArgumentType};
use arcbook_engine::value::{Type, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// Bytes that a runbook writes as base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded(Bytes);

impl Encoded {
    /// Returns the bytes.
    pub(super) fn bytes(&self) -> Bytes {
        self.0.clone()
    }
}

/// Omits the bytes, which may be secret.
impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes)", self.0.len())
    }
}

impl ArgumentType for Encoded {
    fn ty() -> Type {
        Type::String
    }

    fn accepts() -> Accepts {
        Accepts::Form("Bytes in base64, with padding.")
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = value.as_str().unwrap_or_default();
        let error = || ArgumentError::value("must be base64").help("`base64encode` and `filebase64` make it");
        STANDARD.decode(text).map(|bytes| Self(bytes.into())).map_err(|_| error().into())
    }
}

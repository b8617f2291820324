//! Defines access tokens.

use std::fmt;
use std::sync::Arc;

use super::Setting;

/// An access token with the public facts about it; clones share it, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    text: String,
    expires_on: i64,
    principal: Setting,
    document: Vec<u8>,
}

impl Token {
    /// Returns a token that expires at `expires_on`, in seconds since 1970; `document` is the response that
    /// contained it.
    #[must_use]
    pub fn new(text: String, expires_on: i64, principal: Setting, document: Vec<u8>) -> Self {
        Self(Arc::new(Inner { text, expires_on, principal, document }))
    }

    /// Returns the token itself: its holder can act as the principal until it expires.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.text
    }

    /// Returns the expiry in seconds since 1970.
    #[must_use]
    pub fn expires_on(&self) -> i64 {
        self.0.expires_on
    }

    /// Returns the principal, such as the tenant, in facts from the token itself; empty if it names none.
    #[must_use]
    pub fn principal(&self) -> &Setting {
        &self.0.principal
    }

    /// Returns the response that contained the token, with the token.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.0.document
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_on", &self.0.expires_on).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_token() {
        let token = Token::new("hunter2".to_owned(), 60, Setting::default(), b"hunter2".to_vec());
        assert!(!format!("{token:?}").contains("hunter2"));
    }
}

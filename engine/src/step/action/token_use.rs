//! Describes the use of a token as a value.

use super::Audience;
use crate::step::Text;

/// A token that a step takes as a value, such as to give it to another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// The name of the audience.
    pub text: Text,
    /// The audience, if it is known and not sensitive.
    pub audience: Option<Audience>,
}

impl TokenUse {
    /// Returns the use of a token for the audience of that name.
    #[must_use]
    pub fn new(text: Text) -> Self {
        let audience = text.reveal().filter(|_| !text.is_sensitive());
        Self { audience: audience.map(|name| Audience::new(&*name)), text }
    }
}

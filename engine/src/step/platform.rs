//! Who gets tokens and opens connections.

use super::{Audience, BoxFuture, Context, Setting, StepError};

/// What may be told about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// Who the token speaks for and how that was chosen, such as `the machine's managed identity (agent found at …)`.
    pub identity: String,
    /// When it expires, in seconds since 1970.
    pub expires_on: i64,
    /// Who it speaks for, as the token itself says, such as the tenant; empty when it does not say.
    pub principal: Setting,
}

/// What the engine needs to know of the world it runs in: how to get a token, and how to open a connection early.
pub trait Platform: Send + Sync {
    /// Gets a token for `audience` and keeps it for the steps that need it.
    ///
    /// Many may ask at once; one request per audience is in flight.
    fn acquire<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>>;

    /// Opens a connection to the host of `url`, so that the first request finds it open; never fails, sends nothing.
    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()>;

    /// Where a token for `audience` is asked for; none when there is nobody to ask.
    fn token_url(&self, audience: &Audience) -> Option<String>;

    /// Who steps act as and why, in one line, without asking the network.
    fn identity(&self) -> String;

    /// The world that steps act on, such as the cloud, without asking the network.
    fn setting(&self) -> Setting;
}

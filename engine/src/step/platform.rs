//! Defines the platform, which acquires tokens and opens connections.

use super::{Audience, BoxFuture, Context, Permission, Right, Setting, StepError};

/// The public facts about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// The identity that the token belongs to and how it was chosen, such as
    /// `the machine's managed identity (agent found at …)`.
    pub identity: String,
    /// The expiry time, in seconds since 1970.
    pub expires_on: i64,
    /// The principal, such as the tenant, in facts from the token itself; empty if it contains none.
    pub principal: Setting,
}

/// The engine's interface to its environment: acquires tokens and opens connections early.
pub trait Platform: Send + Sync {
    /// Acquires a token for `audience`, and caches it for the steps that need it.
    ///
    /// Concurrent callers share one request per audience.
    fn acquire<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>>;

    /// Opens a connection to the host of `url` for later requests; never fails, and sends no request.
    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()>;

    /// Returns the URL of the token endpoint for `audience`; none if there is none.
    fn token_url(&self, audience: &Audience) -> Option<String>;

    /// Describes in one line the identity that steps use and why, without network access.
    fn identity(&self) -> String;

    /// Returns the roles that grant `needs`, by scope, without network access; empty if the platform has no roles.
    fn rights(&self, _needs: &[Permission]) -> Vec<Right> {
        Vec::new()
    }

    /// Returns the environment that steps act on, such as the cloud, without network access.
    fn setting(&self) -> Setting;
}

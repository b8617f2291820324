//! Defines identities, which get the tokens that steps act with.

use std::sync::Arc;

use super::{
    Action, ArgumentError, ArgumentValues, Audience, BoxFuture, Context, Field, Group, StepError, Token,
};

/// An identity that steps act as.
///
/// It keeps its tokens in memory as long as it lives: each is fetched once, shared by all steps, and renewed
/// before it expires.
pub trait Identity: Send + Sync {
    /// Returns the actions that get a token for `audience`, as far as they are known: requests, programs and
    /// files. The identity performs these and no others.
    fn actions(&self, audience: &Audience) -> Vec<Action>;

    /// Describes in one line who acts and how the identity was found, such as
    /// `the machine's managed identity (from the Arc agent at …)`, without network access.
    fn describe(&self) -> String;

    /// Returns a token for `audience`; concurrent callers share one request.
    ///
    /// The token is among the secrets of `context` before anything else is done with it.
    fn token<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>>;

    /// Returns a token for `audience` other than `refused`; none if the identity gets the same one again.
    fn another_token<'a>(
        &'a self,
        audience: &'a Audience,
        refused: &'a Token,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Token>, StepError>>;
}

/// A kind of identity, such as `client_secret`.
pub trait IdentityType: Send + Sync {
    /// Returns the schema.
    fn schema(&self) -> &IdentitySchema;

    /// Prepares an identity with these arguments, which may be unknown; returns all errors at once. Only an
    /// identity whose arguments are all known can get tokens.
    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn Identity>, Vec<ArgumentError>>;
}

/// The schema of a kind of identity.
#[derive(Clone, Debug)]
pub struct IdentitySchema {
    /// The name, such as `client_secret`.
    pub name: &'static str,
    /// The documentation: Markdown, with one sentence as the first line.
    pub docs: &'static str,
    /// A runbook that uses the kind.
    pub example: &'static str,
    /// The arguments.
    pub arguments: Vec<Field>,
    /// The rules about several arguments.
    pub groups: &'static [Group],
}

impl IdentitySchema {
    /// Returns the argument with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Field> {
        self.arguments.iter().find(|field| field.name == name)
    }

    /// Returns the first line of the documentation.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.docs.lines().next().unwrap_or_default()
    }
}

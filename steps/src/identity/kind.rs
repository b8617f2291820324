//! The trait of this crate's kinds of identities, and its adapter for the engine.

use std::marker::PhantomData;
use std::sync::Arc;

use arcbook_engine::step::{
    Action, ArgumentError, ArgumentValues, Arguments, Audience, BoxFuture, Context, Identity, IdentitySchema,
    IdentityType, StepError, Token,
};

use super::cache::TokenCache;
use super::source::Source;
use super::tools::Tools;

/// A kind of identity: a struct of arguments whose doc comments are its documentation.
pub(crate) trait Kind: Arguments + Send + Sync + 'static {
    /// The name, such as `client_secret`.
    const KIND: &'static str;
    /// A runbook that uses it.
    const EXAMPLE: &'static str;

    /// Validates the known arguments beyond each one's own type.
    fn check(&self, _tools: &Tools) -> Vec<ArgumentError> {
        Vec::new()
    }

    /// Returns the actions that get a token for `audience`.
    fn actions(&self, tools: &Tools, audience: &Audience) -> Vec<Action>;

    /// Describes in one line who acts and how the identity was found.
    fn describe(&self, tools: &Tools) -> String;

    /// Returns the source of the tokens; every argument is known by then.
    fn source(&self, tools: &Tools) -> Result<Source, StepError>;
}

/// A kind of identity in the engine's interface.
pub(crate) struct KindAdapter<K> {
    schema: IdentitySchema,
    tools: Arc<Tools>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> KindAdapter<K> {
    pub fn new(tools: Arc<Tools>) -> Self {
        let schema = IdentitySchema {
            name: K::KIND,
            docs: K::DOCS,
            example: K::EXAMPLE,
            arguments: K::fields(),
            groups: K::GROUPS,
        };
        Self { schema, tools, kind: PhantomData }
    }
}

impl<K: Kind> IdentityType for KindAdapter<K> {
    fn schema(&self) -> &IdentitySchema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn Identity>, Vec<ArgumentError>> {
        let kind = K::take(arguments)?;
        let errors = kind.check(&self.tools);
        if errors.is_empty() { Ok(Arc::new(Holder::new(kind, Arc::clone(&self.tools)))) } else { Err(errors) }
    }
}

/// An identity with its tokens.
pub(crate) struct Holder<K> {
    kind: K,
    tools: Arc<Tools>,
    tokens: TokenCache,
}

impl<K: Kind> Holder<K> {
    /// Returns the identity without a token.
    pub fn new(kind: K, tools: Arc<Tools>) -> Self {
        let tokens = TokenCache::new(tools.now);
        Self { kind, tools, tokens }
    }
}

impl<K: Kind> Identity for Holder<K> {
    fn actions(&self, audience: &Audience) -> Vec<Action> {
        self.kind.actions(&self.tools, audience)
    }

    fn describe(&self) -> String {
        self.kind.describe(&self.tools)
    }

    fn token<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>> {
        Box::pin(async move {
            let fetch = || {
                let source = self.kind.source(&self.tools);
                let (audience, context) = (audience.clone(), context.clone());
                async move { source?.token(audience, context).await }
            };
            let token = self.tokens.get(audience, fetch).await?;
            context.secrets().add(token.reveal());
            Ok(token)
        })
    }

    fn another_token<'a>(
        &'a self,
        audience: &'a Audience,
        refused: &'a Token,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Token>, StepError>> {
        Box::pin(async move {
            self.tokens.invalidate(audience, refused);
            let token = self.token(audience, context).await?;
            Ok((token.reveal() != refused.reveal()).then_some(token))
        })
    }
}

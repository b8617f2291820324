//! The managed identity of this machine.

use arcbook_engine::step::{
    Action, Audience, BoxFuture, Context, HttpRequest, Identity, Method, StepError, Text, Token,
};
use url::Url;

use super::agent::Agent;
use super::cache::TokenCache;
use super::exchange::Exchange;
use crate::http::{Client, Policy};

/// The machine's managed identity, from the Arc agent.
pub(crate) struct Managed {
    exchange: Result<Exchange, StepError>,
    tokens: TokenCache,
}

impl Managed {
    /// Returns the identity that `agent` issues tokens for; `now` returns the current Unix time, in seconds.
    pub fn new(agent: Result<Agent, StepError>, client: Client, policy: Policy, now: fn() -> i64) -> Self {
        let exchange = agent.map(|agent| Exchange { agent, client, policy, now });
        Self { exchange, tokens: TokenCache::new(now) }
    }

    /// Returns the base URL of the agent's metadata endpoint, even if the agent is not installed.
    pub fn agent_url(&self) -> Option<&Url> {
        self.exchange.as_ref().ok().map(|exchange| &exchange.agent.base)
    }

    /// Returns an error if there is no agent to ask.
    pub fn require(&self) -> Result<(), StepError> {
        self.exchange.as_ref().map_err(Clone::clone)?.agent.require()
    }
}

impl Identity for Managed {
    fn actions(&self, audience: &Audience) -> Vec<Action> {
        let url = self.exchange.as_ref().map(|exchange| exchange.url(audience));
        url.into_iter()
            .map(|url| HttpRequest::new(Method::Get, Text::from(url.to_string())).action())
            .collect()
    }

    fn describe(&self) -> String {
        match &self.exchange {
            Ok(exchange) => exchange.agent.to_string(),
            Err(error) => format!("none: {error}"),
        }
    }

    fn token<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>> {
        Box::pin(async move {
            let exchange = self.exchange.as_ref().map_err(Clone::clone)?;
            let fetch = || {
                let (exchange, audience, context) = (exchange.clone(), audience.clone(), context.clone());
                async move { exchange.token(&audience, &context).await }
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

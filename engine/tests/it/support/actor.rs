//! A kind of identity whose tokens name its arguments.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentValues, Arguments, Audience, BoxFuture, Context, ErrorKind,
    HttpRequest, Identity, IdentitySchema, IdentityType, Method, Setting, StepError, Text, Token,
};

use super::Log;

/// Acts under a name, with a secret.
#[derive(Arguments, Clone)]
struct Actor {
    /// Name of the principal.
    name: Arg<String>,
    /// Secret of the principal.
    #[argument(sensitive)]
    secret: Option<Arg<String>>,
}

/// The kind `actor`; it logs each token that it issues.
pub struct ActorType {
    schema: IdentitySchema,
    log: Log,
}

impl ActorType {
    pub fn new(log: &Log) -> Self {
        let schema = IdentitySchema {
            name: "actor",
            docs: Actor::DOCS,
            example: "",
            arguments: Actor::fields(),
            groups: Actor::GROUPS,
        };
        Self { schema, log: log.clone() }
    }
}

impl IdentityType for ActorType {
    fn schema(&self) -> &IdentitySchema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn Identity>, Vec<ArgumentError>> {
        Ok(Arc::new(Acting { actor: Actor::take(arguments)?, log: self.log.clone() }))
    }
}

struct Acting {
    actor: Actor,
    log: Log,
}

impl Identity for Acting {
    fn actions(&self, audience: &Audience) -> Vec<Action> {
        let url = Text::from("https://login.test/").then_arg(&self.actor.name, Clone::clone);
        vec![HttpRequest::new(Method::Post, url.then(format!("?for={audience}"))).action()]
    }

    fn describe(&self) -> String {
        format!("the actor {}", Text::new().then_arg(&self.actor.name, Clone::clone))
    }

    fn token<'a>(
        &'a self,
        audience: &'a Audience,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>> {
        Box::pin(async move {
            let name = self.actor.name.get()?.clone();
            let secret = self.actor.secret.as_ref().map(Arg::get).transpose()?;
            if secret.is_some_and(|secret| secret == "wrong") {
                return Err(StepError::new(ErrorKind::Refused, "the secret is wrong").argument("secret"));
            }
            self.log.push(format!("token of {name} for {audience}, with {secret:?}"));
            Ok(Token::new(format!("{name}-token"), 0, Setting::default().with("name", name), Vec::new()))
        })
    }

    fn another_token<'a>(
        &'a self,
        _audience: &'a Audience,
        _refused: &'a Token,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Token>, StepError>> {
        Box::pin(async { Ok(None) })
    }
}

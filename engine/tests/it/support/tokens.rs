//! A platform that issues tokens.

use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::step::{
    Action, Audience, BoxFuture, Context, ErrorKind, Identity, Platform, Progress, Setting, StepError, Token,
};

/// Issues tokens.
#[derive(Clone, Default)]
pub struct Tokens {
    /// If set, every request fails.
    pub refuses: bool,
    /// If set, every token is issued a minute late, because the agent is not ready.
    pub waits: bool,
}

impl Platform for Tokens {
    fn machine(&self) -> Arc<dyn Identity> {
        Arc::new(self.clone())
    }

    fn warm<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn setting(&self) -> Setting {
        Setting::default().with("place", "a test")
    }
}

impl Identity for Tokens {
    fn actions(&self, _audience: &Audience) -> Vec<Action> {
        Vec::new()
    }

    fn describe(&self) -> String {
        "nobody".to_owned()
    }

    fn token<'a>(
        &'a self,
        _audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>> {
        if self.refuses {
            return Box::pin(async {
                Err(StepError::new(ErrorKind::Refused, "told to refuse").help("ask again"))
            });
        }
        Box::pin(async {
            if self.waits {
                let (after, reason) = (Duration::from_mins(1), "it is not ready".to_owned());
                context.report(Progress::Retrying { attempt: 2, attempts: 2, after, reason });
                tokio::time::sleep(after).await;
            }
            Ok(Token::new("a token".to_owned(), 0, principal(), Vec::new()))
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

/// Returns the identity of every token.
fn principal() -> Setting {
    Setting::default().with("name", "nobody")
}

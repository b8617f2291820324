//! A platform that issues tokens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arcbook_engine::step::{
    Audience, BoxFuture, Context, ErrorKind, Platform, Progress, Setting, StepError, TokenFacts,
};

/// Issues tokens and counts them.
#[derive(Default)]
pub struct Tokens {
    pub given: AtomicUsize,
    /// If set, every request fails.
    pub refuses: bool,
    /// If set, every token is issued a minute late, because the agent is not ready.
    pub waits: bool,
}

impl Platform for Tokens {
    fn acquire<'a>(
        &'a self,
        _audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>> {
        self.given.fetch_add(1, Ordering::Relaxed);
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
            Ok(TokenFacts { identity: "nobody".to_owned(), expires_on: 0, principal: principal() })
        })
    }

    fn warm<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn token_url(&self, _audience: &Audience) -> Option<String> {
        None
    }

    fn identity(&self) -> String {
        "nobody".to_owned()
    }

    fn setting(&self) -> Setting {
        Setting::default().with("place", "a test")
    }
}

/// Returns the identity of every token.
fn principal() -> Setting {
    Setting::default().with("name", "nobody")
}

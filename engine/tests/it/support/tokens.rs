//! A platform that gives tokens.

use std::sync::atomic::{AtomicUsize, Ordering};

use arcbook_engine::step::{
    Audience, BoxFuture, Context, ErrorKind, Platform, Setting, StepError, TokenFacts,
};

/// Gives tokens, and counts them.
#[derive(Default)]
pub struct Tokens {
    pub given: AtomicUsize,
    /// Whether it gives none.
    pub refuses: bool,
}

impl Platform for Tokens {
    fn acquire<'a>(
        &'a self,
        _audience: &'a Audience,
        _context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>> {
        self.given.fetch_add(1, Ordering::Relaxed);
        if self.refuses {
            return Box::pin(async {
                Err(StepError::new(ErrorKind::Refused, "told to refuse").help("ask again"))
            });
        }
        Box::pin(async {
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

/// Who every token speaks for.
fn principal() -> Setting {
    Setting::default().with("name", "nobody")
}

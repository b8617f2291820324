//! The platform of a plan that is made for another machine than this one.

use arcbook_engine::step::{Audience, BoxFuture, Context, Platform, Setting, StepError, TokenFacts};

/// A platform whose identity is that of a machine with a known resource id.
///
/// This machine may have no agent, or another one, so its own description of the identity says nothing.
pub struct ForMachine<'a> {
    here: &'a dyn Platform,
    machine: String,
}

impl<'a> ForMachine<'a> {
    /// Returns the platform of the machine with that resource id; `here` is the platform of this machine.
    pub fn new(here: &'a dyn Platform, machine: &str) -> Self {
        // ARM changes the case of ids.
        Self { here, machine: machine.to_ascii_lowercase() }
    }
}

impl Platform for ForMachine<'_> {
    fn acquire<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<TokenFacts, StepError>> {
        self.here.acquire(audience, context)
    }

    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()> {
        self.here.warm(url)
    }

    fn token_url(&self, audience: &Audience) -> Option<String> {
        self.here.token_url(audience)
    }

    fn identity(&self) -> String {
        format!("the managed identity of the machine {}", self.machine)
    }

    fn setting(&self) -> Setting {
        self.here.setting()
    }
}

//! The platform of a plan that is made for another machine than this one, or for any.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, ActionFacts, Audience, BoxFuture, Context, Identity, Permission, Platform, Right, Setting,
    StepError, Token,
};

/// A platform whose identity is that of another machine.
///
/// This machine may have no agent, or another one, so its own description of the identity says nothing.
pub struct ForMachine<'a> {
    here: &'a dyn Platform,
    words: String,
}

impl<'a> ForMachine<'a> {
    /// Returns the platform of the machine with that resource id; `here` is the platform of this machine.
    pub fn new(here: &'a dyn Platform, machine: &str) -> Self {
        // ARM changes the case of ids.
        Self { here, words: format!("the managed identity of the machine {}", machine.to_ascii_lowercase()) }
    }

    /// Returns the platform of whatever machine runs the plan.
    pub fn any(here: &'a dyn Platform) -> Self {
        Self { here, words: "the managed identity of the machine that runs it".to_owned() }
    }
}

impl Platform for ForMachine<'_> {
    fn machine(&self) -> Arc<dyn Identity> {
        Arc::new(OfMachine { here: self.here.machine(), words: self.words.clone() })
    }

    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()> {
        self.here.warm(url)
    }

    fn rights(&self, needs: &[Permission]) -> Vec<Right> {
        self.here.rights(needs)
    }

    fn local_right(&self, action: &ActionFacts) -> Option<&'static str> {
        self.here.local_right(action)
    }

    fn serves(&self, host: &str) -> bool {
        self.here.serves(host)
    }

    fn keeps_objects(&self, host: &str) -> bool {
        self.here.keeps_objects(host)
    }

    fn setting(&self) -> Setting {
        self.here.setting()
    }
}

/// The identity of another machine, which gets no token here.
struct OfMachine {
    here: Arc<dyn Identity>,
    words: String,
}

impl Identity for OfMachine {
    fn actions(&self, audience: &Audience) -> Vec<Action> {
        self.here.actions(audience)
    }

    fn describe(&self) -> String {
        self.words.clone()
    }

    fn token<'a>(
        &'a self,
        audience: &'a Audience,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Token, StepError>> {
        self.here.token(audience, context)
    }

    fn another_token<'a>(
        &'a self,
        audience: &'a Audience,
        refused: &'a Token,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Token>, StepError>> {
        self.here.another_token(audience, refused, context)
    }
}

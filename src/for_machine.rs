//! The platform of a plan that is made for another machine than this one.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, Audience, BoxFuture, Context, Identity, Permission, Platform, Right, Setting, StepError, Token,
};

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
    fn machine(&self) -> Arc<dyn Identity> {
        Arc::new(OfMachine { here: self.here.machine(), machine: self.machine.clone() })
    }

    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()> {
        self.here.warm(url)
    }

    fn rights(&self, needs: &[Permission]) -> Vec<Right> {
        self.here.rights(needs)
    }

    fn setting(&self) -> Setting {
        self.here.setting()
    }
}

/// The identity of another machine, which gets no token here.
struct OfMachine {
    here: Arc<dyn Identity>,
    machine: String,
}

impl Identity for OfMachine {
    fn actions(&self, audience: &Audience) -> Vec<Action> {
        self.here.actions(audience)
    }

    fn describe(&self) -> String {
        format!("the managed identity of the machine {}", self.machine)
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

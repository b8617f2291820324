//! Evaluates identities, and gets the tokens that steps act with.

use std::sync::Arc;

use super::dispatcher::Dispatcher;
use super::ended::Ended;
use super::{Completion, Event, Start, failure};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Acting, ModuleId, Node, NodeId};
use crate::plan::{self, acting, register_secrets};
use crate::step::{Action, ActionFacts, Audience, ErrorKind, Identity, StepError, Token};

impl Dispatcher<'_> {
    /// Evaluates an identity; a step that acts as it does not run without it.
    pub(super) fn identity(&mut self, start: Start, module: ModuleId, index: usize) {
        // The plan reported the warnings.
        match plan::identity(&self.state, module, index, &mut Diagnostics::new()) {
            Ok(identity) => {
                if let Some(evaluated) = &identity {
                    evaluated
                        .arguments
                        .iter()
                        .for_each(|(_, value)| register_secrets(&self.job.secrets, value));
                    let identity = self.address(start.node());
                    let arguments = evaluated.arguments.iter().map(|(name, value)| (name.as_str(), value));
                    self.emit(Event::IdentityEvaluated {
                        secrets: plan::secrets_of(&identity, arguments),
                        identity,
                        kind: self.state.runbook(module).identities[index].kind.schema().name.to_owned(),
                        arguments: evaluated.shown(),
                        source: evaluated.identity.describe(),
                    });
                }
                self.state.set_identity(module, index, identity);
                self.done(start);
            }
            // Only a step that acts as it fails.
            Err(errors) if plan::is_absent(&errors) => {
                self.absent.insert(Acting::Declared { module, index }, errors);
                self.done(start);
            }
            Err(errors) => self.value_failed(start, errors),
        }
    }

    /// Returns the errors of the identity as which a step with these actions acts, if it has a null argument.
    pub(super) fn absent_actor(&self, id: NodeId, actions: &[Action]) -> Option<Diagnostics> {
        plan::acts_as(self.schedule.graph(), &self.state, id, actions)?;
        self.absent.get(&acting(self.schedule.graph(), &self.state, id)?).cloned()
    }

    /// Requests a token, if the actions that get it are those of the plan.
    pub(super) fn token(&mut self, id: NodeId, acting: Acting, audience: &Audience) {
        if self.mode.leaves_token(id) || self.state.acting(acting, &*self.job.platform).is_none() {
            // A refresh leaves it out; or its module does not run, or one of its arguments is null.
            return self.finish(Start::Work(id), Completion::Done);
        }
        self.emit(Event::TokenRequested {
            audience: audience.to_string(),
            acts_as: Some(self.state.modules.acting_address(acting)),
            queued_microseconds: self.times.queued(id),
        });
        let context = self.context(id);
        let identity = self.planned_identity(acting, audience);
        let audience = audience.clone();
        self.futures.launch(id, async move {
            Ended::Token(match identity {
                Ok(identity) => identity.token(&audience, &context).await,
                Err(error) => Err(error),
            })
        });
    }

    /// Returns the identity that acts, if it gets a token as planned.
    fn planned_identity(&self, acting: Acting, audience: &Audience) -> Result<Arc<dyn Identity>, StepError> {
        let platform = &*self.job.platform;
        let unknown = || StepError::internal("the identity is not known");
        let identity = self.state.acting(acting, platform).ok_or_else(unknown)?;
        let planned = self.job.plan.state.acting(self.state.planned_acting(acting), platform);
        let planned = planned.map(|planned| planned.actions(audience)).unwrap_or_default();
        let is_stray = |action: &&Action| !planned.iter().any(|planned| planned.admits(action));
        match identity.actions(audience).iter().find(is_stray) {
            Some(stray) => Err(unplanned(stray)),
            None => Ok(identity),
        }
    }

    pub(super) fn token_ended(&mut self, id: NodeId, result: Result<Token, StepError>) {
        let Node::Token { acting, audience } = self.schedule.graph().get(id).clone() else { return };
        let milliseconds = self.since(id);
        let acts_as = self.state.modules.acting_address(acting);
        let result = result.and_then(|token| {
            self.resumed.check_principal(&acts_as, &token)?;
            Ok(token)
        });
        let audience = audience.to_string();
        match result {
            Ok(token) => {
                let identity = self.state.acting(acting, &*self.job.platform);
                self.emit(Event::TokenAcquired {
                    audience,
                    acts_as: Some(acts_as),
                    identity: identity.map(|identity| identity.describe()).unwrap_or_default(),
                    expires_on: token.expires_on(),
                    principal: token.principal().clone(),
                    milliseconds,
                });
                self.finish(Start::Work(id), Completion::Done);
            }
            Err(error) => {
                let address = self.address(id);
                let errors = Diagnostics::from(self.token_failure(acting, &address, &error));
                let error = failure::json(&errors, self.job.sources);
                self.tally.blame(&address, failure::why(&errors));
                self.emit(Event::TokenFailed { audience, acts_as: Some(acts_as), error, milliseconds });
                self.failed(Start::Work(id), errors);
            }
        }
    }

    /// Returns the diagnostic of a failed token request, at the identity in the runbook if it is declared.
    fn token_failure(&self, acting: Acting, address: &str, error: &StepError) -> Diagnostic {
        let Acting::Declared { module, index } = acting else { return failure::token(address, error) };
        let declared = self.state.runbook(module).identities[index].typed();
        let place = error.about().map_or(declared.header, |argument| declared.place(argument));
        failure::token(address, error).at(place, "")
    }

    /// Returns the identity as which the step at a node acts; none if it is not evaluated.
    pub(super) fn identity_of(&self, id: NodeId) -> Option<Arc<dyn Identity>> {
        let acting = acting(self.schedule.graph(), &self.state, id)?;
        self.state.acting(acting, &*self.job.platform)
    }
}

fn unplanned(action: &Action) -> StepError {
    let line = ActionFacts::brief(action).line();
    StepError::new(ErrorKind::Unplanned, format!("`{line}` is not in the plan"))
        .detail("A run gets its tokens only as its plan lists. Nothing was sent.")
}

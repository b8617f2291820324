//! Acquires the tokens of an undo before its steps, so that its record names the principal.

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::clock::milliseconds;
use super::undo::{Ended, UndoJob, Undoing};
use super::{Event, StopSignal, failure};
use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use crate::source::Sources;
use crate::step::{Action, Audience, Context};

impl Undoing<'_> {
    /// Acquires a token for each identity and audience of the actions, one after the other.
    pub(super) async fn tokens(&mut self, job: &UndoJob<'_>, interrupts: &mut mpsc::Receiver<StopSignal>) {
        let steps = &job.undo.steps;
        let mut needed: Vec<(&str, &Audience)> = Vec::new();
        for step in steps {
            let Some(acts_as) = step.acts_as.as_deref() else { continue };
            for audience in step.actions.iter().filter_map(Action::audience) {
                if !needed.contains(&(acts_as, audience)) {
                    needed.push((acts_as, audience));
                }
            }
        }
        for (at, (acts_as, audience)) in needed.into_iter().enumerate() {
            if self.stops.is_interrupted() {
                return;
            }
            let id = NodeId::new(steps.len() + at);
            self.token(id, acts_as, audience.clone(), interrupts).await;
        }
    }

    /// Acquires a token; without it, the steps that need it fail.
    async fn token(
        &mut self,
        id: NodeId,
        acts_as: &str,
        audience: Audience,
        interrupts: &mut mpsc::Receiver<StopSignal>,
    ) {
        let Some(identity) = self.identities.get(acts_as) else { return };
        let (name, acts_as) = (audience.to_string(), Some(acts_as.to_owned()));
        let began = Instant::now();
        let requested = Event::TokenRequested {
            audience: name.clone(),
            acts_as: acts_as.clone(),
            queued_microseconds: 0,
        };
        let address = requested.token().unwrap_or_default();
        self.events.emit(requested);
        let sender = self.futures.sender(id);
        let context = Context::new(&*address, &self.directory, self.secrets.clone(), sender);
        let description = identity.describe();
        self.futures.launch(id, async move { Ended::Token(identity.token(&audience, &context).await) });
        let result = match self.end_of(id, &address, interrupts).await {
            Some(Ended::Token(result)) => result,
            _ => Err(self.stops.error("the token was there")),
        };
        let milliseconds = milliseconds(began.elapsed());
        match result {
            Ok(token) => {
                self.events.emit(Event::TokenAcquired {
                    audience: name,
                    acts_as,
                    identity: description,
                    expires_on: token.expires_on(),
                    principal: token.principal().clone(),
                    milliseconds,
                });
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::token(&address, &error));
                self.tally.blame(&address, failure::why(&errors));
                let error = failure::json(&errors, &Sources::new());
                self.events.emit(Event::TokenFailed { audience: name, acts_as, error, milliseconds });
            }
        }
    }
}

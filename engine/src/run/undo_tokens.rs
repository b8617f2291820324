//! Acquires the tokens of an undo before its steps, so that its record names the principal.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::clock::milliseconds;
use super::undo::{Ended, UndoJob, Undoing};
use super::{Event, StopSignal, failure};
use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use crate::source::Sources;
use crate::step::{Action, Audience, Context, Platform, TokenFacts};

impl Undoing<'_> {
    /// Acquires a token for each audience of the actions, one after the other.
    pub(super) async fn tokens(&mut self, job: &UndoJob<'_>, interrupts: &mut mpsc::Receiver<StopSignal>) {
        let steps = &job.undo.steps;
        let all = steps.iter().flat_map(|step| &step.actions).filter_map(Action::audience);
        let mut audiences: Vec<&Audience> = Vec::new();
        for audience in all {
            if !audiences.contains(&audience) {
                audiences.push(audience);
            }
        }
        for (at, audience) in audiences.into_iter().enumerate() {
            if self.stops.is_interrupted() {
                return;
            }
            self.token(NodeId::new(steps.len() + at), audience.clone(), &job.platform, interrupts).await;
        }
    }

    /// Acquires a token; without it, the steps that need it fail.
    async fn token(
        &mut self,
        id: NodeId,
        audience: Audience,
        platform: &Arc<dyn Platform>,
        interrupts: &mut mpsc::Receiver<StopSignal>,
    ) {
        let name = audience.to_string();
        let began = Instant::now();
        self.events.emit(Event::TokenRequested { audience: name.clone(), queued_microseconds: 0 });
        let address = format!("token for {name}");
        let sender = self.futures.sender(id);
        let context = Context::new(&*address, &self.directory, self.secrets.clone(), sender);
        let platform = Arc::clone(platform);
        self.futures.launch(id, async move { Ended::Token(platform.acquire(&audience, &context).await) });
        let result = match self.end_of(id, &address, interrupts).await {
            Some(Ended::Token(result)) => result,
            _ => Err(self.stops.error("the token was there")),
        };
        let milliseconds = milliseconds(began.elapsed());
        match result {
            Ok(TokenFacts { identity, expires_on, principal }) => {
                let audience = name;
                self.events.emit(Event::TokenAcquired {
                    audience,
                    identity,
                    expires_on,
                    principal,
                    milliseconds,
                });
            }
            Err(error) => {
                let errors = Diagnostics::from(failure::token(&name, &error));
                self.tally.failed(&address, failure::why(&errors));
                let error = failure::json(&errors, &Sources::new());
                self.events.emit(Event::TokenFailed { audience: name, error, milliseconds });
            }
        }
    }
}

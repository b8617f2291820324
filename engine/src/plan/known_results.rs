//! What steps gave before the plan was made.

use std::collections::HashMap;

use crate::diagnostic::Diagnostics;
use crate::expression::functions::Clock;
use crate::redact::Secrets;
use crate::runbook::{RunOn, Step};
use crate::step::Effect;
use crate::value::Value;

use super::{EvalScope, Fingerprints, PlannedChange, PlannedStep, Recorded, pending};

/// What steps gave, or would change, before the plan was made, by the addresses of their instances.
#[derive(Clone)]
pub struct KnownResults {
    /// Who told.
    pub source: Source,
    /// The time at which the plan is made.
    pub(super) clock: Clock,
    all: HashMap<String, KnownResult>,
    /// What is blotted out of records.
    secrets: Secrets,
}

/// Who told what steps give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nobody was asked.
    #[default]
    Nobody,
    /// The services, just now.
    Services,
    /// The record of the run with this name.
    Run(String),
}

/// What is known of one instance of a step.
#[derive(Clone)]
pub enum KnownResult {
    /// It gave this object just now; one that changes something had nothing to change.
    Gave(Value),
    /// It gave this in a run.
    Recorded(Recorded),
    /// It would change this.
    Would(PlannedChange),
    /// It failed, for this reason, and a run would go on without what it gives.
    Failed(String),
    /// It was not asked, or failed, for this reason.
    Missing(String),
}

/// Whether what a step gives is known before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answered {
    /// Nobody was asked.
    #[default]
    NotAsked,
    /// It is.
    Yes,
    /// It is not, for this reason.
    No(String),
}

impl Default for KnownResults {
    /// None: nobody is asked.
    fn default() -> Self {
        Self::new(Source::Nobody, Secrets::new())
    }
}

impl KnownResults {
    /// None yet, from there.
    #[must_use]
    pub fn new(source: Source, secrets: Secrets) -> Self {
        Self { source, clock: Clock::plan(), all: HashMap::new(), secrets }
    }

    /// The same for a plan that is made at another time than now.
    #[must_use]
    pub fn at(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Takes the answer of the instance at an address, in place of an earlier one.
    pub fn insert(&mut self, address: impl Into<String>, answer: KnownResult) {
        self.all.insert(address.into(), answer);
    }

    /// Notes in `planned` what is known of it; gives its object when that is known.
    pub(super) fn take_up(
        &self,
        scope: &EvalScope<'_>,
        step: &Step,
        planned: &mut PlannedStep,
    ) -> Result<Option<Value>, Diagnostics> {
        if self.source == Source::Nobody
            || planned.effect == Effect::Nothing && self.source != Source::Services
        {
            return Ok(None);
        }
        let answer = self.all.get(&planned.address);
        if self.source == Source::Services && planned.effect == Effect::Changes {
            planned.planned_change = Some(self.planned_change(answer, planned));
        }
        let object = match answer {
            Some(KnownResult::Gave(object)) => Ok(object.clone()),
            Some(KnownResult::Recorded(recorded)) => {
                match recorded.missing(step, planned, self.fingerprints(scope)) {
                    None => Ok(recorded.object(scope, step, planned)?),
                    Some(why) => Err(why),
                }
            }
            Some(KnownResult::Failed(why)) => {
                planned.answered = Answered::No(why.clone());
                return Ok(Some(pending::nothing(step, &planned.address)));
            }
            Some(KnownResult::Would(_)) => return Ok(None),
            Some(KnownResult::Missing(why)) => Err(why.clone()),
            None => Err(self.unasked(planned).to_owned()),
        };
        planned.answered = match &object {
            Ok(_) => Answered::Yes,
            Err(why) => Answered::No(why.clone()),
        };
        Ok(object.ok())
    }

    /// Makes the fingerprints of steps.
    fn fingerprints<'a>(&'a self, scope: &'a EvalScope<'_>) -> Fingerprints<'a> {
        Fingerprints { directory: scope.directory(), secrets: &self.secrets }
    }

    /// What a step that changes something would change.
    fn planned_change(&self, answer: Option<&KnownResult>, planned: &PlannedStep) -> PlannedChange {
        match answer {
            Some(KnownResult::Would(planned_change)) => planned_change.clone(),
            Some(KnownResult::Gave(_) | KnownResult::Recorded(_)) => PlannedChange::Nothing,
            Some(KnownResult::Failed(why) | KnownResult::Missing(why)) => PlannedChange::unknown(why),
            None => PlannedChange::unknown(self.unasked(planned)),
        }
    }

    /// Why there is no answer.
    fn unasked(&self, planned: &PlannedStep) -> &'static str {
        match (&self.source, planned.run_on) {
            _ if planned.address.contains("[*]") => "how many there are is known only while running",
            (Source::Run(_), _) => "it was not run then",
            (_, RunOn::Failure) => "it is run only when something fails",
            _ => "it was not asked",
        }
    }
}

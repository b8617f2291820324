//! Holds the results of steps that are known before planning.

use std::collections::HashMap;

use crate::diagnostic::Diagnostics;
use crate::expression::functions::Clock;
use crate::redact::Secrets;
use crate::runbook::{RunOn, Step};
use crate::step::Effect;
use crate::value::Value;

use super::{EvalScope, Fingerprints, PlannedChange, PlannedStep, Recorded, pending};

/// The results or planned changes of steps that are known before planning, by instance address.
#[derive(Clone)]
pub struct KnownResults {
    /// The source of the results.
    pub source: Source,
    /// The time at which the plan is made.
    pub(super) clock: Clock,
    all: HashMap<String, KnownResult>,
    /// The secrets that are redacted from records.
    secrets: Secrets,
}

/// The source of known results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// None: the plan is made offline.
    #[default]
    Nobody,
    /// The services, in a refresh.
    Services,
    /// The journal of the run with this name.
    Run(String),
}

/// The known result of one instance of a step.
#[derive(Clone)]
pub enum KnownResult {
    /// The object that the step returned in a refresh; a step that changes something had nothing to change.
    Gave(Value),
    /// The result recorded in a run.
    Recorded(Recorded),
    /// The change that the step would make.
    Would(PlannedChange),
    /// The step failed with this message, and a run would continue without its result.
    Failed(String),
    /// The step did not run, or failed, for this reason.
    Missing(String),
}

/// The state of a step's result before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answered {
    /// The plan is offline.
    #[default]
    NotAsked,
    /// The result is known.
    Yes,
    /// The result is unknown, for this reason.
    No(String),
}

impl Default for KnownResults {
    /// Returns no results, for an offline plan.
    fn default() -> Self {
        Self::new(Source::Nobody, Secrets::new())
    }
}

impl KnownResults {
    /// Returns an empty set of results from `source`.
    #[must_use]
    pub fn new(source: Source, secrets: Secrets) -> Self {
        Self { source, clock: Clock::plan(), all: HashMap::new(), secrets }
    }

    /// Sets the time at which the plan is made.
    #[must_use]
    pub fn at(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sets the result of the instance at an address, replacing an earlier one.
    pub fn insert(&mut self, address: impl Into<String>, answer: KnownResult) {
        self.all.insert(address.into(), answer);
    }

    /// Records in `planned` the known result of the step, and returns its object if that is known.
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

    /// Returns the fingerprinter for steps in `scope`.
    fn fingerprints<'a>(&'a self, scope: &'a EvalScope<'_>) -> Fingerprints<'a> {
        Fingerprints { directory: scope.directory(), secrets: &self.secrets }
    }

    fn planned_change(&self, answer: Option<&KnownResult>, planned: &PlannedStep) -> PlannedChange {
        match answer {
            Some(KnownResult::Would(planned_change)) => planned_change.clone(),
            Some(KnownResult::Gave(_) | KnownResult::Recorded(_)) => PlannedChange::Nothing,
            Some(KnownResult::Failed(why) | KnownResult::Missing(why)) => PlannedChange::unknown(why),
            None => PlannedChange::unknown(self.unasked(planned)),
        }
    }

    /// Returns the reason why a step has no known result.
    fn unasked(&self, planned: &PlannedStep) -> &'static str {
        match (&self.source, planned.run_on) {
            _ if planned.address.contains("[*]") => "the number of instances is known only during the run",
            (Source::Run(_), _) => "it did not run then",
            (_, RunOn::Failure) => "it runs only after a failure",
            _ => "it was not asked",
        }
    }
}

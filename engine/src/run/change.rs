//! A change: first what there is, then the intent on the disk, then the change. And none at all where an earlier run
//! made it.

use super::Event;
use super::attempt::{Attempt, within};
use super::dispatcher::{Dispatcher, Ended};
use super::execute::{self, Verdict};
use super::{Completion, Deed, Start, held, recall};
use crate::graph::NodeId;
use crate::plan;
use crate::runbook::Step;
use crate::step::{Change, ErrorKind, Found, StepError};

impl Dispatcher<'_> {
    /// What the run that is resumed did in a step, or may have done; of what cleans up, which each run does for itself,
    /// nothing.
    fn deed(&self, id: NodeId) -> Option<&Deed> {
        let past = self.job.past.filter(|_| !self.schedule.cleans_up(id))?;
        past.deeds.get(&self.address(id))
    }

    /// Whether the cleanup of the run that is resumed may have taken away what it had made in a step, which the service
    /// can tell.
    fn may_be_gone(&self, id: NodeId) -> bool {
        let made = self.deed(id).and_then(|deed| deed.outcome.as_ref());
        let before_cleanup = made.zip(self.cleaned_up).is_some_and(|(made, cleaned_up)| made.at < cleaned_up);
        before_cleanup && self.finds(id)
    }

    /// Whether the service can be asked what there is of what a step would make.
    fn finds(&self, id: NodeId) -> bool {
        self.place(id).is_some_and(|place| place.step().step_type.schema().finds)
    }

    /// Takes what an earlier run did in a step for done; whether that is all there is to do.
    pub(super) fn recall(&mut self, start: Start, step: &Step, address: &str) -> bool {
        let id = start.node();
        let Some(deed) = self.deed(id) else { return false };
        let Some(outcome) = deed.outcome.clone() else { return false };
        if self.may_be_gone(id) {
            return false;
        }
        let run = deed.run.clone();
        if let Some(object) = recall::object(step, &outcome.outputs) {
            let Some(place) = self.place(id) else { return false };
            let site = self.state.step_site(place.module, place.index, &place.instance).with_self(&object);
            match execute::judge(&site, step, address) {
                Ok(Verdict::Good) => self.state.set_step(place.module, place.index, &place.instance, object),
                // Such a step may make its change again.
                Ok(Verdict::Again(_)) => return false,
                Err(unmet) => {
                    self.step_failed(start, step, address.to_owned(), unmet, None);
                    return true;
                }
            }
        } else if !outcome.good || self.schedule.graph().waiters(id).next().is_some() {
            // What is not in the record is asked for again, when somebody needs it.
            return false;
        } else {
            self.gave_nothing(id, step, address);
        }
        let (change, outputs) = (outcome.change, outcome.outputs);
        self.emit(Event::StepRecalled { step: address.to_owned(), run, change, outputs });
        self.summary.done += 1;
        self.summary.recalled += 1;
        self.finish(start, Completion::Done);
        true
    }

    /// Asks what there is before a change, where that can be asked.
    pub(super) fn look(&mut self, id: NodeId, attempt: Attempt) {
        if !self.finds(id) {
            return self.found(id, attempt, Ok(Found::Unknown));
        }
        // In this run, when it is tried again, or in the one that is resumed.
        let own = self.intended.get(&id).map(|before| (*before, self.job.id.as_str()));
        let earlier = || self.deed(id).map(|deed| (deed.before, deed.run.as_str()));
        let context = match own.or_else(earlier) {
            Some((before, run)) => self.context_of(id).after(Some(before)).in_run(run),
            None => self.context_of(id),
        };
        self.launch_future(id, async move {
            let found = within(attempt.limit, attempt.work.find(context)).await;
            Ended::Found(id, Box::new((attempt, found)))
        });
    }

    /// Goes on with a step, now that it is known what there is.
    pub(super) fn found(&mut self, id: NodeId, attempt: Attempt, found: Result<Found, StepError>) {
        if self.survey.is_some() {
            return self.surveyed(id, &attempt, found);
        }
        let deed = self.deed(id).map(|deed| deed.outcome.is_some());
        match (found, deed) {
            (Ok(Found::AsWanted(mut outcome)), deed) => {
                if deed == Some(true) {
                    // It was made before, by the run that says so.
                    outcome.change = Change::None;
                }
                self.step_ended(id, Ok(outcome));
            }
            (Ok(Found::Unknown), Some(false)) if !self.may_be_repeated(id) => {
                self.step_ended(id, Err(unconfirmed()));
            }
            (Ok(_), Some(true)) if !self.is_repeated(id) && !self.may_be_gone(id) => {
                self.step_ended(id, Err(withheld()));
            }
            (Ok(_), _) if self.is_stopped(id) => self.step_ended(id, Err(stopped())),
            (Ok(found), deed) => match self.hold(id, &found) {
                // What an earlier run or attempt may have done is not what the plan found.
                Err(error) if deed.is_none() && !self.intended.contains_key(&id) => {
                    self.step_ended(id, Err(error));
                }
                _ => self.change(id, attempt, &found),
            },
            (Err(error), _) => self.step_ended(id, Err(error)),
        }
    }

    /// Holds a change to the plan, where that was reviewed as a file.
    fn hold(&self, id: NodeId, found: &Found) -> Result<(), StepError> {
        if self.job.held.is_none() {
            return Ok(());
        }
        held::change(self.planned(id).and_then(|planned| planned.prospect.as_ref()), found)
    }

    /// Whether a change that may have been made can be made once more.
    fn may_be_repeated(&self, id: NodeId) -> bool {
        self.place(id).is_some_and(|place| place.step().step_type.schema().idempotent)
    }

    /// Whether a change that was made is made again until all is as it must be.
    fn is_repeated(&self, id: NodeId) -> bool {
        let has_conditions = |step: &Step| step.control.conditions().next().is_some();
        self.may_be_repeated(id) && self.place(id).is_some_and(|place| has_conditions(place.step()))
    }

    /// Makes a change, once the intent would survive a crash.
    fn change(&mut self, id: NodeId, attempt: Attempt, found: &Found) {
        let Some(place) = self.place(id) else { return };
        let definition = plan::definition(&self.state, self.job.sources, place.module, place.index);
        let step = self.address(id);
        let before = *self.intended.entry(id).or_insert(found.before());
        self.emit(Event::ChangeIntended { step, before, definition });
        if let Some(begun) = self.begun.get_mut(&id)
            && !matches!(found, Found::Unknown)
        {
            // What an earlier attempt may have done was looked at.
            begun.aftermath.uncertain = false;
        }
        let intent = self.events.barrier();
        let context = self.context_of(id).after(Some(before)).in_run(self.job.id.as_str());
        let Attempt { work, limit } = attempt;
        self.launch_future(id, async move {
            let result = match intent.await {
                Ok(()) => within(limit, work.run(context)).await.map_err(|error| match error.kind() {
                    ErrorKind::Timeout => error.uncertain(),
                    _ => error,
                }),
                Err(reason) => Err(not_recorded(&reason)),
            };
            Ended::Step(id, Box::new(result))
        });
    }
}

/// That nothing was changed, since the intent could not be written.
pub(super) fn not_recorded(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, "the journal cannot be written, so nothing was changed")
        .detail(reason)
        .help("see that there is room on the disk and the right to write there, then run again")
}

fn stopped() -> StepError {
    StepError::new(ErrorKind::Stopped, "the run was stopped before the step changed anything")
}

fn unconfirmed() -> StepError {
    StepError::new(ErrorKind::Stopped, "nobody knows whether the run that is resumed made this change")
        .detail("It was begun, its end is not in the record, and the service cannot be asked.")
        .help("look at the service, then run the runbook from its beginning: leave out `-resume`")
}

fn withheld() -> StepError {
    StepError::new(ErrorKind::Stopped, "what this step gave holds secrets, which are in no record")
        .detail(
            "It was done by the run that is resumed, and the service does not have it any more as it was.",
        )
        .help("run the runbook from its beginning: leave out `-resume`")
}

//! Asking what a run would change, without changing anything.
//!
//! A survey is a run that stops before each change: steps that read are run, and steps that change something are asked
//! what they find. What cannot be known without a change is left unknown, as it is in a plan.

use std::collections::HashMap;

use tokio::sync::mpsc;

use super::attempt::Attempt;
use super::dispatcher::{Dispatcher, Job, drive};
use super::ending::Place;
use super::execute::Prepared;
use super::{Cause, Completion, CriticalPath, Event, Observer, Report, Start, Status, Summary};
use crate::graph::NodeId;
use crate::plan::{self, Answer, Answers, Marking, PlannedStep, Prospect, Source, When, shown};
use crate::redact::Secrets;
use crate::runbook::{RunOn, Step};
use crate::step::{Change, Effect, Found, StepError, Work};
use crate::value::{Entries, Value};

/// Asks what a run of `job` would change; `interrupts` gives one message for each time that the user asks to stop.
///
/// Gives what the steps answered; the report says what failed.
pub async fn survey(
    job: Job<'_>,
    observer: &mut dyn Observer,
    interrupts: mpsc::Receiver<()>,
) -> (Answers, Report) {
    let mut dispatcher = drive(&job, observer, interrupts, Some(Survey::new())).await;
    let answers = dispatcher.survey.take().map(|survey| survey.answers);
    (answers.unwrap_or_default(), dispatcher.end(finished).await)
}

fn finished(status: Status, Summary { milliseconds, .. }: Summary, _: CriticalPath) -> Event {
    Event::SurveyFinished { status, milliseconds }
}

/// What a survey has learnt so far.
pub(super) struct Survey {
    answers: Answers,
    /// Of the nodes that come after a change that may be made, the step that may make it.
    after: HashMap<NodeId, String>,
}

impl Survey {
    fn new() -> Self {
        Self { answers: Answers::new(Source::Services, Secrets::new()), after: HashMap::new() }
    }
}

/// After what a survey runs a step that a run runs after that: what cleans up after failures is left out.
pub(super) fn run_on(run_on: RunOn) -> Option<RunOn> {
    (run_on != RunOn::Failure).then_some(RunOn::Success)
}

impl Dispatcher<'_> {
    /// Notes which change a node comes after.
    pub(super) fn follow(&mut self, id: NodeId) {
        let Some(survey) = &mut self.survey else { return };
        let graph = self.schedule.graph();
        if let Some(change) = graph.needs(id).find_map(|needed| survey.after.get(&needed)).cloned() {
            survey.after.insert(id, change);
        }
    }

    /// Why a survey does not ask the instance of a step that is prepared like this, and what is certain of it.
    pub(super) fn unasked(
        &self,
        id: NodeId,
        step: &Step,
        when: &When,
        prepared: &Prepared,
    ) -> Option<(String, Entries)> {
        let survey = self.survey.as_ref()?;
        if let When::Later(origins) = when {
            return Some((format!("whether it is run is {origins}"), Entries::new()));
        }
        let foreseen = || foreseen(step, &*prepared.work);
        if let Some(origins) = &prepared.later {
            return Some((format!("its arguments are {origins}"), foreseen()));
        }
        let reads = step.step_type.schema().effect == Effect::Reads;
        let change = survey.after.get(&id).filter(|_| reads)?;
        Some((format!("it comes after {change}, which may change something"), foreseen()))
    }

    /// Leaves what the instance of a step gives unknown, but for what is foreseen.
    pub(super) fn leave(
        &mut self,
        id: NodeId,
        step: &Step,
        address: String,
        (why, foreseen): (String, Entries),
    ) {
        if step.step_type.schema().effect == Effect::Changes {
            return self.would(id, step, &address, Prospect::unknown(why), &foreseen);
        }
        self.answer(&address, Answer::Missing(why.clone()));
        self.not_given(id, step, &address, &foreseen);
        self.emit(Event::StepSkipped { step: address, cause: Cause::Unknown, because: why });
        self.finish(Start::Work(id), Completion::Done);
    }

    /// Goes on with a step that changes something, now that it is known what there is.
    pub(super) fn surveyed(&mut self, id: NodeId, attempt: &Attempt, found: Result<Found, StepError>) {
        let Some(place) = self.place(id) else { return };
        let step = place.step();
        let address = self.address(id);
        let after = self.survey.as_ref().and_then(|survey| survey.after.get(&id)).cloned();
        let foreseen = foreseen(step, &*attempt.work);
        match (found, after) {
            (Ok(Found::AsWanted(outcome)), _) => self.step_ended(id, Ok(outcome)),
            (Ok(found), _) => self.would(id, step, &address, Prospect::of(&found), &foreseen),
            // What it needs may not be there before that change.
            (Err(error), Some(change)) => {
                let why = format!("it comes after {change}, and cannot be asked before: {}", error.summary());
                self.would(id, step, &address, Prospect::unknown(why), &foreseen);
            }
            (Err(error), None) => self.step_ended(id, Err(error)),
        }
    }

    /// Ends a step that changes something and has told what.
    fn would(&mut self, id: NodeId, step: &Step, address: &str, prospect: Prospect, foreseen: &Entries) {
        self.not_given(id, step, address, foreseen);
        if let Some(survey) = &mut self.survey {
            survey.after.insert(id, address.to_owned());
        }
        self.foreseen(id, address, &prospect);
        self.answer(address, Answer::Would(prospect));
        self.finish(Start::Work(id), Completion::Done);
    }

    /// Ends a step that gave something.
    pub(super) fn answered(&mut self, id: NodeId, place: &Place, address: &str, object: Value) {
        if place.step().step_type.schema().effect == Effect::Changes {
            self.foreseen(id, address, &Prospect::Nothing);
        } else {
            let (change, milliseconds) = (Change::None, self.since(id));
            self.emit(Event::StepFinished {
                step: address.to_owned(),
                change,
                outputs: shown(&object),
                milliseconds,
            });
        }
        self.state.set_step(place.module, place.index, &place.instance, object.clone());
        self.answer(address, Answer::Gave(object));
        self.summary.done += 1;
        self.finish(Start::Work(id), Completion::Done);
    }

    fn foreseen(&mut self, id: NodeId, address: &str, prospect: &Prospect) {
        let (step, milliseconds) = (address.to_owned(), self.since(id));
        self.emit(Event::ChangeForeseen { step, change: prospect.to_json(), milliseconds });
    }

    /// Takes an answer, when this is a survey.
    pub(super) fn answer(&mut self, address: &str, answer: Answer) {
        if let Some(survey) = &mut self.survey {
            survey.answers.insert(address, answer);
        }
    }

    /// Says that nobody knows what an instance of a step gives, but for what is foreseen.
    fn not_given(&mut self, id: NodeId, step: &Step, address: &str, foreseen: &Entries) {
        let Some(place) = self.place(id) else { return };
        let marks = self.planned(id).map(PlannedStep::marks).unwrap_or_default();
        let object = plan::pending(Marking { step, address, arguments: &marks }, foreseen);
        self.state.set_step(place.module, place.index, &place.instance, object);
    }
}

/// What is certain of what a step gives that is done for certain.
fn foreseen(step: &Step, work: &dyn Work) -> Entries {
    // Where it may give nothing, nothing it gives is certain.
    if step.control.always_gives() { work.foreseen() } else { Entries::new() }
}

//! Plans the undoing of a run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::{PriorRun, RecordedChange, Undone, recall};
use crate::graph::Acting;
use crate::plan::ShownValue;
use crate::step::{Action, Change, PriorState, Receipt, Registry, Title, Work};
use crate::value::Value;

/// The plan of undoing a run.
pub struct Undo {
    /// The changes to undo, newest first; uncertain ones are queried first, and undone only if the run made
    /// them.
    pub steps: Vec<UndoStep>,
    /// The steps whose change stays, with the reasons.
    pub stays: Vec<(String, String)>,
}

/// The undoing of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoKind {
    /// The object that the step created is removed.
    Remove,
    /// The object that the step updated gets its prior state back.
    PutBack,
    /// The object that the step removed is created anew.
    Recreate,
}

/// A change to undo.
pub struct UndoStep {
    /// The kind of undoing.
    pub kind: UndoKind,
    /// The address of the step that made the change.
    pub address: String,
    /// The run that made it.
    pub run: String,
    /// The type of the step.
    pub step_type: String,
    /// The object, in the words of the record.
    pub title: Title,
    /// The address of the identity as which it acts, or `machine`; none if it needs no token.
    pub acts_as: Option<String>,
    /// True if the run is known to have made it; otherwise the service is queried first.
    pub is_certain: bool,
    /// The actions of the undoing.
    pub actions: Vec<Action>,
    /// The operation that an earlier undo started and did not see the end of.
    pub(super) operation: Option<String>,
    /// True if an earlier undo was killed after it had begun with this change.
    pub(super) has_begun: bool,
    pub(super) target: Vec<String>,
    pub(super) work: Box<dyn Work>,
}

impl Undo {
    /// Plans the undoing of what earlier runs have not `undone` of `prior_run`. If its services are gone, for
    /// the reason `gone`, only what it changed on this machine and in databases is undone.
    #[must_use]
    pub fn of(prior_run: &PriorRun, undone: &Undone, registry: &Registry, gone: Option<&str>) -> Self {
        let mut undo = Self { steps: Vec::new(), stays: Vec::new() };
        let mut changes: Vec<&RecordedChange> = prior_run.changes.iter().collect();
        changes.sort_by_key(|recorded| std::cmp::Reverse(recorded.at));
        for recorded in changes {
            if undone.has(&recorded.step, &recorded.intent.target) {
                continue;
            }
            match gone {
                Some(why) if !recorded.is_local => undo.leave(recorded, why),
                _ => undo.take(recorded, registry),
            }
        }
        for step in &mut undo.steps {
            step.operation = undone.operation(&step.address, &step.target).map(str::to_owned);
            step.has_begun = undone.has_begun(&step.address, &step.target);
        }
        undo
    }

    /// Returns the addresses of the identities as which the steps act, each once; `machine` is that of this machine.
    #[must_use]
    pub fn actors(&self) -> BTreeSet<&str> {
        self.steps.iter().filter_map(|step| step.acts_as.as_deref()).collect()
    }

    fn take(&mut self, recorded: &RecordedChange, registry: &Registry) {
        let receipt = receipt(recorded);
        let undo = |receipt: &Receipt| registry.get(&recorded.step_type)?.undo(receipt);
        let unconfirmed = || undo(&receipt.unconfirmed());
        let lasting = registry.get(&recorded.step_type).and_then(|step_type| step_type.lasting());
        let kept = |why| lasting.unwrap_or(why);
        let Some(outcome) = &recorded.outcome else {
            return match (recorded.before, unconfirmed()) {
                (PriorState::Present, Some(work)) if receipt.prior.is_some() => {
                    self.step(recorded, work, (UndoKind::PutBack, false));
                }
                (PriorState::Present, None) if receipt.prior.is_some() => {
                    self.stays(recorded, &untold(lasting));
                }
                // Without its prior state, an object that existed before is never touched.
                (PriorState::Present, _) => self.stays(
                    recorded,
                    "it existed before, and may have been changed; no record has its prior state",
                ),
                (_, Some(work)) => self.step(recorded, work, (UndoKind::Remove, false)),
                (_, None) => self.stays(recorded, &untold(lasting)),
            };
        };
        match (outcome.change, undo(&receipt)) {
            (Change::None, _) => {}
            (Change::Created, Some(work)) => self.step(recorded, work, (UndoKind::Remove, true)),
            // The outputs contain secrets that the record lacks, so the service is asked whether the object is
            // the run's.
            (Change::Created, None) => match unconfirmed() {
                Some(work) => self.step(recorded, work, (UndoKind::Remove, false)),
                None => self.stays(recorded, kept("the record does not say enough to remove it")),
            },
            (Change::Updated, Some(work)) => self.step(recorded, work, (UndoKind::PutBack, true)),
            (Change::Updated, None) => self.stays(recorded, kept(not_put_back(recorded))),
            (Change::Removed, Some(work)) => self.step(recorded, work, (UndoKind::Recreate, true)),
            (Change::Removed, None) => {
                self.stays(recorded, kept("the run removed it, and no record has its prior state"));
            }
        }
    }

    fn step(&mut self, recorded: &RecordedChange, work: Box<dyn Work>, (kind, is_certain): (UndoKind, bool)) {
        let actions = work.actions();
        let needs_token = actions.iter().any(|action| action.audience().is_some());
        let acts_as = recorded.acts_as.clone().unwrap_or_else(|| Acting::MACHINE.to_owned());
        self.steps.push(UndoStep {
            acts_as: needs_token.then_some(acts_as),
            kind,
            address: recorded.step.clone(),
            run: recorded.run.clone(),
            step_type: recorded.step_type.clone(),
            title: recorded.title.clone(),
            is_certain,
            actions,
            operation: None,
            has_begun: false,
            target: recorded.intent.target.clone(),
            work,
        });
    }

    /// Leaves the change, if there is one.
    fn leave(&mut self, recorded: &RecordedChange, why: &str) {
        if recorded.outcome.as_ref().is_none_or(|outcome| outcome.change != Change::None) {
            self.stays(recorded, why);
        }
    }

    fn stays(&mut self, recorded: &RecordedChange, why: &str) {
        self.stays.push((recorded.step.clone(), why.to_owned()));
    }
}

/// Returns the facts about a recorded change, without the values of which the record lacks a part.
fn receipt(recorded: &RecordedChange) -> Receipt {
    let outcome = recorded.outcome.as_ref();
    let whole = |shown: &ShownValue| shown.to_value().ok().filter(|_| shown.is_whole());
    let arguments = recorded.intent.arguments.iter();
    Receipt {
        target: recorded.intent.target.clone(),
        change: outcome.map(|outcome| outcome.change),
        arguments: arguments
            .map(|(name, text)| (Arc::from(name.as_str()), Value::from(text.as_str())))
            .collect(),
        outputs: outcome.map(|outcome| recall::recorded(&outcome.outputs)).unwrap_or_default(),
        before: recorded.before,
        prior: recorded.prior.as_deref().and_then(whole),
        kept: recorded.kept.as_ref().map(PathBuf::from),
        proof: match outcome {
            Some(outcome) => outcome.receipt.as_deref(),
            None => recorded.proof.as_deref(),
        }
        .and_then(whole),
        is_accepted: recorded.is_accepted,
    }
}

/// Returns the reason why an updated object does not get its prior state back.
fn not_put_back(recorded: &RecordedChange) -> &'static str {
    match (recorded.before, &recorded.prior, &recorded.kept) {
        (PriorState::Present, None, None) => "it existed before, and no record has its prior state",
        (PriorState::Present, ..) => "it existed before, and the record does not say enough to put it back",
        (PriorState::Absent | PriorState::Unknown, ..) => {
            "its type cannot undo it, or the record does not say enough"
        }
    }
}

/// Returns the reason why an unconfirmed change stays.
fn untold(lasting: Option<&str>) -> String {
    match lasting {
        Some(why) => format!("the change is unconfirmed, and {why}: check it yourself"),
        None => UNTOLD.to_owned(),
    }
}

/// The reason why an unconfirmed change stays that could be undone.
const UNTOLD: &str = "the change is unconfirmed, and nothing on record shows whether it was made: resume the run, and then undo it, or check it yourself";

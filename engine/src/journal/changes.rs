//! Folds the records of a chain of runs into the changes that they made.

use super::{RecordedIntent, RecordedStep, RunRecord, StepEnding, StepResult};
use crate::plan::{Named, ShownValue};
use crate::run::{ChangeOutcome, Intent, RecordedChange, RecordedChanges};
use crate::step::{ActionFacts, Change, Safety, Title};

/// The state of a fold over the records of a chain, oldest first.
#[derive(Default)]
pub(super) struct Fold {
    pub changes: RecordedChanges,
    /// The number of records of the runs before the current one.
    before: u64,
}

/// A step of the current run.
struct Begun<'a> {
    /// The name of the run.
    run: &'a str,
    /// The address of the step.
    step: &'a str,
    step_type: &'a str,
    acts_as: Option<&'a str>,
    title: &'a Title,
    intent: Intent,
    /// True if all its actions work on this machine.
    is_local: bool,
    /// True if the step intended its change in this run.
    own: bool,
    /// The change of the step on that target before this run, if there is one.
    earlier: Option<RecordedChange>,
}

/// A change that a step made.
#[derive(Clone, Copy)]
struct Made<'a> {
    /// The position of the event in the chain.
    at: u64,
    change: Change,
    outputs: Option<&'a Named>,
    receipt: Option<&'a ShownValue>,
    /// True if the step succeeded.
    good: bool,
}

/// Returns true if a step with these actions changes nothing but this machine, whatever it reads elsewhere: a download is a
/// change of this machine.
fn is_local(actions: &[ActionFacts]) -> bool {
    let mut changing = actions.iter().filter(|action| action.safety != Safety::Reads).peekable();
    match changing.peek() {
        Some(_) => changing.all(ActionFacts::is_local),
        None => actions.iter().all(ActionFacts::is_local),
    }
}

impl Fold {
    /// Reads the record of a run with that name.
    pub fn read(&mut self, run: &str, record: &RunRecord<'_>) {
        for (step, recorded) in &record.steps {
            self.step(run, step, recorded);
        }
        self.before += record.count;
    }

    fn step(&mut self, run: &str, step: &str, recorded: &RecordedStep<'_>) {
        let Some(started) = &recorded.started else { return };
        let intent = Intent { target: recorded.target(), ..Intent::default() };
        let is_local = is_local(started.actions);
        let (step_type, title, acts_as) = (started.step_type, started.title, started.acts_as);
        let mut begun =
            Begun { run, step, step_type, acts_as, title, intent, is_local, own: false, earlier: None };
        for intent in &recorded.intents {
            self.intended(&mut begun, intent);
        }
        if let Some(operation) = recorded.operation {
            self.changes.operate(step, &begun.intent.target, operation.url());
        }
        let Some(StepEnding { seq, result }) = &recorded.ending else { return };
        let at = self.before + seq;
        match *result {
            StepResult::Finished { change, outputs, receipt } => {
                self.made(&begun, Made { at, change, outputs: Some(outputs), receipt, good: true });
            }
            StepResult::Failed { change: Some(change), outputs, receipt, .. } => {
                self.made(&begun, Made { at, change, outputs, receipt, good: false });
            }
            StepResult::Failed { uncertain: false, .. } if begun.own => self.unmade(&mut begun),
            StepResult::Failed { .. } | StepResult::Recalled { .. } | StepResult::Skipped { .. } => {}
        }
    }

    /// Records that a change is intended; its outcome is unknown until the end of the step.
    fn intended(&mut self, begun: &mut Begun<'_>, intent: &RecordedIntent<'_>) {
        intent.fingerprint.clone_into(&mut begun.intent.fingerprint);
        begun.intent.arguments.clone_from(intent.arguments);
        let earlier = self.changes.take(begun.step, &begun.intent.target);
        let standing = earlier
            .as_ref()
            .and_then(|recorded| recorded.outcome.as_ref().or(recorded.standing.as_ref()).cloned());
        // Until this run reports another one, the operation of an earlier run counts.
        let unfinished = earlier.as_ref().filter(|recorded| recorded.outcome.is_none());
        let operation = unfinished.and_then(|recorded| recorded.operation.clone());
        let is_accepted = unfinished.is_some_and(|recorded| recorded.is_accepted);
        if !begun.own {
            begun.earlier = earlier;
        }
        begun.own = true;
        self.changes.put(RecordedChange {
            step: begun.step.to_owned(),
            run: begun.run.to_owned(),
            step_type: begun.step_type.to_owned(),
            acts_as: begun.acts_as.map(str::to_owned),
            title: begun.title.clone(),
            intent: begun.intent.clone(),
            is_local: begun.is_local,
            before: intent.before,
            prior: intent.prior.cloned().map(Box::new),
            kept: intent.kept.map(str::to_owned),
            proof: intent.proof.cloned().map(Box::new),
            operation,
            is_accepted,
            at: self.before + intent.seq,
            outcome: None,
            standing,
        });
    }

    /// Records that a change was made. An object that the step created earlier stays created when it is
    /// changed again.
    fn made(&mut self, begun: &Begun<'_>, made: Made<'_>) {
        let Some(mut recorded) = self.changes.take(begun.step, &begun.intent.target) else { return };
        let known = recorded.outcome.take();
        let change = if let Some(known) = &known {
            // The later run found the change in place and kept it.
            known.change
        } else {
            recorded.at = made.at;
            begun.run.clone_into(&mut recorded.run);
            match recorded.standing.take().map(|outcome| outcome.change) {
                Some(Change::Created) => Change::Created,
                Some(earlier) if made.change == Change::None => earlier,
                _ => made.change,
            }
        };
        let (known_outputs, known_receipt) =
            known.map_or((None, None), |known| (Some(known.outputs), known.receipt));
        let outputs = made.outputs.cloned().or(known_outputs).unwrap_or_default();
        let receipt = made.receipt.cloned().map(Box::new).or(known_receipt);
        recorded.outcome = Some(ChangeOutcome { change, outputs, receipt, good: made.good });
        self.changes.put(recorded);
    }

    /// Records that a change was not made, which restores the previous one.
    fn unmade(&mut self, begun: &mut Begun<'_>) {
        drop(self.changes.take(begun.step, &begun.intent.target));
        if let Some(earlier) = begun.earlier.take() {
            self.changes.put(earlier);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Journal;
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::json::JsonDiagnostic;
    use crate::run::Event;
    use crate::source::Sources;
    use crate::step::{Effect, PriorState};

    /// Returns the journal of a run of one step, from a short notation: `i` for an intent, `c`, `u` and `n`
    /// for an end that created, updated or changed nothing, `f` for a certain failure, `?` for an uncertain
    /// one.
    fn journal(short: &str, url: &str) -> Journal {
        let actions: Vec<ActionFacts> = serde_json::from_value(serde_json::json!([
            { "kind": "http", "method": "HEAD", "url": url, "safety": "reads" },
            { "kind": "http", "method": "PUT", "url": format!("{url}?x=1"), "safety": "idempotent" },
        ]))
        .expect("actions");
        let step = || "s".to_owned();
        let begun = Event::StepStarted {
            acts_as: None,
            step: step(),
            step_type: "t".to_owned(),
            effect: Effect::Changes,
            title: Title::default(),
            secrets: BTreeMap::new(),
            gives_secret: false,
            actions,
            fingerprint: None,
            after: None,
            queued_for: None,
            queued_microseconds: 0,
        };
        let finished = |change| Event::StepFinished {
            step: step(),
            change,
            outputs: Named::default(),
            receipt: None,
            milliseconds: 0,
        };
        let failed = |uncertain: bool| Event::StepFailed {
            step: step(),
            error: Box::new(JsonDiagnostic::new(&Diagnostic::error("x", "x"), &Sources::new())),
            uncertain,
            change: None,
            outputs: None,
            receipt: None,
            tolerated: false,
            milliseconds: 0,
        };
        let event = |letter| match letter {
            'i' => Event::ChangeIntended {
                step: step(),
                before: PriorState::Absent,
                fingerprint: "1".to_owned(),
                arguments: BTreeMap::new(),
                change: None,
                prior: None,
                kept: None,
                proof: None,
            },
            'c' => finished(Change::Created),
            'u' => finished(Change::Updated),
            'n' => finished(Change::None),
            other => failed(other == '?'),
        };
        Journal::of_events(std::iter::once(begun).chain(short.chars().map(event)))
    }

    #[test]
    fn a_chain_of_records_comes_to_what_is_certain_of_each_target() {
        // The records of each run, and the expected outcome of the change.
        let cases: [(&[&str], &str); 14] = [
            (&["ic"], "created"),
            (&["iu"], "updated"),
            (&["i"], "in doubt"),
            (&["i?"], "in doubt"),
            (&["if"], "none of it"),
            (&["n"], "none of it"),
            (&["i", "c"], "created"),
            (&["i", "n"], "none"),
            (&["ic", "iu"], "created"),
            (&["ic", "n"], "created"),
            (&["ic", "if"], "created"),
            (&["ic", "i"], "in doubt"),
            (&["ic", "i", "u"], "created"),
            (&["i", "if"], "in doubt"),
        ];
        for (runs, expected) in cases {
            let mut fold = Fold::default();
            for (at, short) in runs.iter().enumerate() {
                fold.read(&format!("run-{at}"), &RunRecord::of(&journal(short, "https://a.test/x")));
            }
            let told = fold.changes.iter().map(|recorded| match &recorded.outcome {
                Some(outcome) => outcome.change.as_str(),
                None => "in doubt",
            });
            let told: Vec<&str> = told.collect();
            assert_eq!(told, if expected == "none of it" { Vec::new() } else { vec![expected] }, "{runs:?}");
        }
    }

    #[test]
    fn each_target_has_a_change_of_its_own() {
        let mut fold = Fold::default();
        for (run, url) in [("a", "https://a.test/1"), ("b", "https://a.test/2"), ("c", "https://a.test/1")] {
            let journal = journal(if run == "c" { "iu" } else { "ic" }, url);
            fold.read(run, &RunRecord::of(&journal));
        }
        let told: Vec<_> = fold
            .changes
            .of("s")
            .iter()
            .map(|recorded| (recorded.run.as_str(), &*recorded.intent.target[0]))
            .collect();
        assert_eq!(told, [("b", "https://a.test/2"), ("c", "https://a.test/1")]);
    }
}

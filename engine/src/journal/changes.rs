//! Folds the records of a chain of runs into the changes that they made.

use std::collections::HashMap;

use serde::Deserialize as _;
use serde_json::Value as Json;

use super::Journal;
use crate::run::{ChangeOutcome, Intent, RecordedChange, RecordedChanges, targets};
use crate::step::{ActionFacts, Change, PriorState};

/// The state of a fold over the journals of a chain, oldest first.
#[derive(Default)]
pub(super) struct Fold {
    pub changes: RecordedChanges,
    /// The number of changes begun or made so far.
    at: usize,
}

/// A step that has begun in the current journal.
#[derive(Default)]
struct Begun {
    step_type: String,
    intent: Intent,
    /// True if the step intended its change in this run.
    own: bool,
    /// The change of the step on that target before this run, if there is one.
    earlier: Option<RecordedChange>,
}

impl Fold {
    /// Reads the journal of a run.
    pub fn read(&mut self, run: &str, journal: &Journal) {
        let mut begun: HashMap<String, Begun> = HashMap::new();
        for record in &journal.records {
            let step = text(record, "step");
            let event = text(record, "event");
            if event == "step_started" {
                begun.insert(step.to_owned(), started(record));
                continue;
            }
            let Some(begun) = begun.get_mut(step) else { continue };
            match event {
                "change_intended" => self.intended(run, step, begun, record),
                "step_finished" => self.made(run, step, begun, record),
                "step_failed" if !record["change"].is_null() => self.made(run, step, begun, record),
                "step_failed" if record["uncertain"] != true && begun.own => self.unmade(step, begun),
                _ => {}
            }
        }
    }

    /// Records that a change is intended; its outcome is unknown until a later record.
    fn intended(&mut self, run: &str, step: &str, begun: &mut Begun, record: &Json) {
        self.at += 1;
        text(record, "fingerprint").clone_into(&mut begun.intent.fingerprint);
        begun.intent.arguments = record["arguments"].as_object().cloned().unwrap_or_default();
        let earlier = self.changes.take(step, &begun.intent.target);
        let standing = earlier
            .as_ref()
            .and_then(|recorded| recorded.outcome.as_ref().or(recorded.standing.as_ref()).cloned());
        if !begun.own {
            begun.earlier = earlier;
        }
        begun.own = true;
        self.changes.put(RecordedChange {
            step: step.to_owned(),
            run: run.to_owned(),
            step_type: begun.step_type.clone(),
            intent: begun.intent.clone(),
            before: serde_json::from_value(record["before"].clone()).unwrap_or(PriorState::Unknown),
            at: self.at,
            outcome: None,
            standing,
        });
    }

    /// Records that a change was made. An object that the step created earlier stays created when it is
    /// changed again.
    fn made(&mut self, run: &str, step: &str, begun: &mut Begun, record: &Json) {
        let Some(mut recorded) = self.changes.take(step, &begun.intent.target) else { return };
        let change = serde_json::from_value(record["change"].clone()).unwrap_or(Change::None);
        let (outputs, good) = (record["outputs"].clone(), record["event"] == "step_finished");
        let mut made = ChangeOutcome { change, outputs, good };
        if let Some(known) = &recorded.outcome {
            // The later run found the change in place and kept it.
            made.change = known.change;
        } else {
            self.at += 1;
            recorded.at = self.at;
            run.clone_into(&mut recorded.run);
            let earlier = recorded.standing.take().map(|outcome| outcome.change);
            if earlier == Some(Change::Created) || change == Change::None {
                made.change = earlier.unwrap_or(change);
            }
        }
        if made.outputs.is_null() {
            made.outputs = recorded.outcome.take().map_or(Json::Null, |known| known.outputs);
        }
        recorded.outcome = Some(made);
        self.changes.put(recorded);
    }

    /// Records that a change was not made, which restores the previous one.
    fn unmade(&mut self, step: &str, begun: &mut Begun) {
        drop(self.changes.take(step, &begun.intent.target));
        if let Some(earlier) = begun.earlier.take() {
            self.changes.put(earlier);
        }
    }
}

fn started(record: &Json) -> Begun {
    let intent = Intent { target: target(record), ..Intent::default() };
    Begun { step_type: text(record, "type").to_owned(), intent, own: false, earlier: None }
}

/// Returns the targets of the step in a `step_started` record.
pub(super) fn target(started: &Json) -> Vec<String> {
    let actions = Vec::<ActionFacts>::deserialize(&started["actions"]).unwrap_or_default();
    targets(&actions)
}

pub(super) fn text<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{GENESIS, Verdict};
    use super::*;

    /// Returns the journal of a run of one step, from a short notation: `i` for an intent, `c`, `u` and `n`
    /// for an end that created, updated or changed nothing, `f` for a certain failure, `?` for an uncertain
    /// one.
    fn journal(short: &str, url: &str) -> Journal {
        let actions = json!([
            { "kind": "http", "method": "HEAD", "url": url, "safety": "reads" },
            { "kind": "http", "method": "PUT", "url": format!("{url}?x=1"), "safety": "idempotent" },
        ]);
        let begun = json!({ "event": "step_started", "step": "s", "type": "t", "actions": actions });
        let finished =
            |change: &str| json!({ "event": "step_finished", "step": "s", "change": change, "outputs": {} });
        let failed = |uncertain: bool| json!({ "event": "step_failed", "step": "s", "uncertain": uncertain });
        let record = |letter| match letter {
            'i' => json!({ "event": "change_intended", "step": "s", "before": "absent", "fingerprint": "1" }),
            'c' => finished("created"),
            'u' => finished("updated"),
            'n' => finished("none"),
            other => failed(other == '?'),
        };
        let records = std::iter::once(begun).chain(short.chars().map(record)).collect();
        Journal { records, verdict: Verdict::Unfinished, head: GENESIS }
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
                fold.read(&format!("run-{at}"), &journal(short, "https://a.test/x"));
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
            fold.read(run, &journal(if run == "c" { "iu" } else { "ic" }, url));
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

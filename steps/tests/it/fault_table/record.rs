//! The events of a record, in short.

use std::fmt::Write as _;

use arcbook_engine::journal::Journal;
use arcbook_engine::run::Event;
use arcbook_engine::step::{Change, PriorState};

/// The end of the step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It never started, since its token failed.
    NotStarted,
    /// It is done, and made this change.
    Done(Change),
    /// It failed.
    Failed {
        /// True if its outcome is unknown.
        is_uncertain: bool,
        /// True if it made a change before.
        changed: bool,
    },
}

/// Returns the end of the only step.
pub fn end(journal: &Journal) -> End {
    let of = |event: &Event| match event {
        Event::StepFinished { change, .. } | Event::StepRecalled { change, .. } => Some(End::Done(*change)),
        Event::StepFailed { uncertain, change, .. } => Some(End::Failed {
            is_uncertain: *uncertain,
            changed: change.is_some_and(|change| change != Change::None),
        }),
        _ => None,
    };
    journal.records().find_map(|record| of(&record.event)).unwrap_or(End::NotStarted)
}

/// Returns true if the step was about to change something.
pub fn intends(journal: &Journal) -> bool {
    journal.records().any(|record| matches!(record.event, Event::ChangeIntended { .. }))
}

/// Returns the events in one line: the kinds in their order, with a response after the request that it belongs to.
pub fn events(journal: &Journal) -> String {
    let mut words: Vec<String> = Vec::new();
    for record in journal.records() {
        match (&record.event, words.last_mut()) {
            (Event::RequestAnswered { status, .. }, Some(last)) if last == "sent" => {
                let _ = write!(last, ">{status}");
            }
            (event, _) => words.extend(word(event)),
        }
    }
    // A challenge of the agent and its answer.
    words.join(" ").replace("sent>401 sent>200 token", "token")
}

/// Returns the errors of the step and of its token, for messages.
pub fn errors(journal: &Journal) -> String {
    let error = |event: &Event| match event {
        Event::StepFailed { error, .. } | Event::TokenFailed { error, .. } => {
            Some(format!("{}: {}", error.summary, error.detail.as_deref().unwrap_or_default()))
        }
        _ => None,
    };
    journal.records().filter_map(|record| error(&record.event)).collect::<Vec<_>>().join("; ")
}

fn word(event: &Event) -> Option<String> {
    let word = match event {
        Event::RunStarted(_) | Event::RunFinished(_) | Event::TokenRequested { .. } => return None,
        Event::TokenAcquired { .. } => "token".to_owned(),
        Event::TokenFailed { .. } => "token-failed".to_owned(),
        Event::StepStarted { .. } => "started".to_owned(),
        Event::ChangeIntended { before, .. } => format!(
            "intended:{}",
            match before {
                PriorState::Unknown => "unknown",
                PriorState::Absent => "absent",
                PriorState::Present => "present",
            }
        ),
        Event::RequestSent { .. } => "sent".to_owned(),
        Event::RequestAnswered { status, .. } => format!("answered:{status}"),
        Event::RequestRetried { .. } => "retried".to_owned(),
        Event::BytesTransferred { .. } => "transferred".to_owned(),
        Event::OperationStarted { .. } => "accepted".to_owned(),
        Event::OperationPolled { state, .. } => format!("working:{state}"),
        Event::OperationFinished { state, .. } => format!("ended:{state}"),
        Event::StepRetried { .. } => "again".to_owned(),
        Event::StepFinished { change, .. } => format!("finished:{}", change.as_str()),
        Event::StepFailed { uncertain, change, .. } => {
            let change = change.map(|change| format!(":{}", change.as_str())).unwrap_or_default();
            format!("failed{}{change}", if *uncertain { ":uncertain" } else { "" })
        }
        Event::StepRecalled { change, .. } => format!("recalled:{}", change.as_str()),
        Event::StepSkipped { .. } => "skipped".to_owned(),
        Event::ValueFailed { .. } => "value-failed".to_owned(),
        Event::Output { .. } => "output".to_owned(),
        other => panic!("no run of the table has this event: {other:?}"),
    };
    Some(word)
}

//! Writes one step of a plan with its arguments.

use super::fold::symbol;
use crate::graph::Acting;
use crate::layout::Page;
use crate::plan::ShownValue;
use crate::plan::listing::{ListedAnswers, ListedStep, ListedWhen, Listing};
use crate::runbook::{OnError, RunOn};
use crate::step::{ActionFacts, Follow, KindFacts};
use crate::value::{Layout, Value, show as show_value};

/// Writes a step; with `actions`, also its requests, permissions and dependencies.
pub fn write(page: &mut Page, plan: &Listing, step: &ListedStep, actions: bool) {
    page.marked(0, symbol(step), &[&step.address]);
    if let Some(description) = &step.description {
        page.line(4, description);
    }
    for note in notes(plan, step) {
        page.line(4, note);
    }
    changes(page, step);
    let width = step.arguments.names().map(str::len).max().unwrap_or(0);
    for (name, value) in step.arguments.to_values() {
        let value = show_value(&value, Layout { indent: 0, heredocs: false });
        page.pair(4, (name, width), &value);
    }
    for name in step.arguments.names() {
        // An argument with a secret sends that secret off the machine.
        if let Some(secrets) = step.secrets.get(name) {
            page.line(4, format_args!("a secret goes into {name}: {}", secrets.join(", ")));
        }
    }
    if !actions {
        return;
    }
    for action in &step.actions {
        write_action(page, action);
    }
    let waits: Vec<&str> = step.after.iter().map(String::as_str).collect();
    if !waits.is_empty() {
        page.line(4, format_args!("after {}", waits.join(", ")));
    }
}

/// Writes the differences that a change would make, in their colours.
fn changes(page: &mut Page, step: &ListedStep) {
    let Some(change) = &step.change else { return };
    if let Some(note) = change.note() {
        page.line(4, note);
    }
    let sides = change.sides();
    let width = sides.iter().map(|side| side.attribute.len()).max().unwrap_or(0);
    for side in &sides {
        if side.lines.is_empty() {
            page.difference(4, side.symbol, (side.attribute, width), &side.text);
            continue;
        }
        let count = |symbol| side.lines.iter().filter(|line| line.symbol == symbol).count();
        let told = format!("{} of its lines removed, {} added:", count("-"), count("+"));
        page.difference(4, side.symbol, (side.attribute, width), &told);
        for line in &side.lines {
            page.changed_line(8, line.symbol, &line.text);
        }
    }
}

/// Returns the instances, the condition, the ordering, the error handling and the known result of a step.
pub fn notes(plan: &Listing, step: &ListedStep) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(step.each_of.iter().map(|later| format!("one for each of ({later})")));
    for (what, addresses) in [("of these only", &step.each_only), ("but not", &step.each_but)] {
        if !addresses.is_empty() {
            notes.push(format!("{what} {}", addresses.join(", ")));
        }
    }
    notes.extend(match &step.when {
        ListedWhen::Decided(true) => None,
        ListedWhen::Decided(false) => Some("not run: `when` is false".to_owned()),
        ListedWhen::Later(when) => Some(format!("only when {when}")),
    });
    notes.extend(match step.run_on {
        RunOn::Success => None,
        RunOn::Failure => Some("only after a failure of a step before it".to_owned()),
        RunOn::Always => Some("whether or not the steps before it succeed".to_owned()),
    });
    let declared = step.acts_as.iter().filter(|acts_as| *acts_as != Acting::MACHINE);
    notes.extend(declared.map(|acts_as| format!("as {acts_as}")));
    match &step.max_failures {
        Some(most) => {
            notes.push(format!("{} of its instances may fail; with one more, the run fails", number(most)));
        }
        None if step.on_error == OnError::Continue => {
            notes.push("if it fails, the run continues with nulls for its outputs".to_owned());
        }
        None => {}
    }
    notes.extend(step.concurrency.map(|most| format!("at most {most} of its instances run at once")));
    notes.extend(step.limit.as_ref().map(|limit| {
        format!("at most {} of the steps with the limit {} run at once", limit.concurrency, limit.name)
    }));
    notes.extend(answered(plan, step));
    notes
}

/// Writes a number, or the phrase that says when it is known.
fn number(shown: &ShownValue) -> String {
    show_value(&shown.to_value().unwrap_or(Value::NULL), Layout { indent: 0, heredocs: false })
}

/// Says whether the result of a step is known.
fn answered(plan: &Listing, step: &ListedStep) -> Option<String> {
    match (&plan.answers, &step.unanswered) {
        (Some(ListedAnswers::Run { .. }), None) if step.answered == Some(true) => {
            Some("returns its recorded results".to_owned())
        }
        // In a live plan, a step that changes something has shown its change already.
        (Some(answers), Some(why)) if *answers != ListedAnswers::Services || step.change.is_none() => {
            Some(format!("its results are unknown: {why}"))
        }
        _ => None,
    }
}

/// Names the environment variables that a program gets beside the usual ones.
pub fn gets(action: &ActionFacts) -> Option<String> {
    match &action.kind {
        KindFacts::Exec { environment, .. } if !environment.is_empty() => {
            Some(format!("gets {}", environment.join(", ")))
        }
        _ => None,
    }
}

fn write_action(page: &mut Page, action: &ActionFacts) {
    page.line(4, format_args!("{}{}", action.line(), follow(action)));
    if let Some(gets) = gets(action) {
        page.line(8, gets);
    }
    if let KindFacts::Exec { directory: Some(directory), .. } = &action.kind {
        page.line(8, format_args!("in {directory}"));
    }
    if let Some(audience) = action.sent_token() {
        page.line(8, format_args!("token for {audience}"));
    }
    for permission in &action.needs {
        page.line(8, format_args!("needs {}", permission.action));
    }
}

/// Returns the words for the requests that may follow from the answer.
pub fn follow(action: &ActionFacts) -> &'static str {
    match action.follow {
        Follow::Nothing => "",
        Follow::Pages => " (and its further pages)",
        Follow::Operation => " (and the polls of its operation)",
        Follow::Blocks => " (in blocks, if the file is large)",
        Follow::Ranges => " (in ranges, if the answer is large)",
    }
}

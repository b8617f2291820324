//! Writes the first page of a record: the result, who acted, the changes, and where data went.

use indexmap::IndexMap;

use super::problems::Problems;
use super::verdict::told;
use super::who::who;
use super::{Extent, RunView};
use crate::graph::Acting;
use crate::journal::{Journal, RecordedStep, RunRecord, StepResult, Verdict};
use crate::layout::{Ink, Page, Row};
use crate::plan::{Programs, SecretFlow, ShownValue, shape};
use crate::run::{Event, Status};
use crate::step::{Change, Safety, Title, few};
use crate::value::{Layout, show as show_value};

/// The maximum number of failures that the page lists.
const PROBLEMS: usize = 5;

/// The maximum number of blocks that the page names among those that read.
const READS: usize = 8;

/// Writes the first page and the outputs.
pub fn write(page: &mut Page, journal: &Journal, view: &RunView) {
    let run = RunRecord::of(journal);
    heading(page, &run, &journal.verdict);
    page.gap();
    problems(page, journal, &run, view);
    for (label, rows) in who(&run) {
        page.table(label, &rows);
    }
    page.table("Policies", &policies(&run));
    let changed = changed(&run);
    if changed.is_empty() {
        page.labelled("Changed", "nothing");
    }
    page.columns("Changed", &["", "object", "name", "where"], changed);
    page.legend(MARKS);
    let read = read(&run);
    if !read.is_empty() {
        page.labelled("Read", &read.join("; "));
    }
    page.columns("Programs", &["step", "use", "program"], programs(&run, view));
    page.columns("Secrets", &["secret", "goes to"], secrets(journal, &run));
    record(page, journal);
    if let Some(place) = run.started.and_then(|started| started.ships_to.as_ref()) {
        page.labelled("Leaves", &format!("the record → {place}"));
    }
    outputs(page, &run);
}

/// The meanings of the marks before changes.
const MARKS: &[(&str, &str)] = &[
    ("+", "created"),
    ("~", "updated, or a program that ran"),
    ("-", "removed"),
    ("?", "perhaps changed: the run does not know"),
    ("=", "changed by the resumed run"),
];

/// Writes the name of the run, its result and its environment.
fn heading(page: &mut Page, run: &RunRecord<'_>, verdict: &Verdict) {
    let Some(started) = run.started else { return page.heading("A record without a beginning", "") };
    let result = match run.finished {
        _ if matches!(verdict, Verdict::Broken { .. }) => "altered".to_owned(),
        None if matches!(verdict, Verdict::Unreadable { .. }) => "unreadable".to_owned(),
        None => "not ended".to_owned(),
        Some(finished) => {
            let after = if finished.status == Status::Done { "in" } else { "after" };
            format!("{} {after} {}", finished.status.as_str(), seconds(finished.milliseconds))
        }
    };
    let undo = started.undoes.as_ref().map(|lineage| format!("undo of {}", lineage.run));
    let (date, time) = run.at.split_once('T').unwrap_or((run.at, ""));
    let at = format!("{date} {}Z", time.split('.').next().unwrap_or_default().trim_end_matches('Z'));
    let parts = [Some(started.runbook.clone()), undo, Some(result), Some(at)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    page.heading(&parts.join(" · "), &started.setting.brief());
    page.line(0, format_args!("run {}", started.run));
}

/// Returns the policies that were asked before the run, with their warnings.
fn policies(run: &RunRecord<'_>) -> Vec<Row> {
    let asked = run.started.into_iter().flat_map(|started| &started.policies);
    let rows = asked.flat_map(|policy| {
        let digest = format!("SHA-256 {}", policy.sha256);
        let warnings =
            policy.warnings.iter().map(|warning| Row::of([String::new(), format!("warned: {warning}")]));
        [Row::of([policy.file.clone(), digest])].into_iter().chain(warnings).collect::<Vec<_>>()
    });
    rows.collect()
}

/// Formats a number of milliseconds.
fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// Writes the failures, the steps that did not run, and the next command; nothing for a run that is done.
fn problems(page: &mut Page, journal: &Journal, run: &RunRecord<'_>, view: &RunView) {
    if !matches!(journal.verdict, Verdict::Complete) {
        page.inked(0, Ink::Red, told(&journal.verdict, &journal.head));
    }
    let is_done = run.finished.is_some_and(|finished| finished.status == Status::Done);
    let lines = Problems::of(journal).lines();
    let label = match run.finished.map(|finished| finished.status) {
        Some(Status::Interrupted) => "Interrupted",
        Some(Status::Done) => "Tolerated",
        Some(Status::Failed) | None => "Failed",
    };
    let mut rows = Vec::new();
    for (line, messages) in lines.iter().take(PROBLEMS) {
        rows.push(Row::of([line.clone()]));
        rows.extend(messages.iter().map(|message| Row::of([format!("| {message}")])));
    }
    if let Some(more) = lines.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        rows.push(Row::of([format!("and {more} more: -events lists them")]));
    }
    page.table(label, &rows);
    let mut skipped: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (address, step) in &run.steps {
        if let Some(StepResult::Skipped { because, .. }) = step.ending.as_ref().map(|ending| ending.result) {
            skipped.entry(because).or_default().push(address);
        }
    }
    let row = |(because, steps): (&str, Vec<&str>)| Row::of([format!("{}: {because}", few(&steps))]);
    page.table("Not run", &skipped.into_iter().map(row).collect::<Vec<_>>());
    if let (false, Some(next)) = (is_done, &view.next) {
        page.labelled("Next", next);
    }
    page.gap();
}

/// Returns a row for each kind of change of each block.
fn changed(run: &RunRecord<'_>) -> Vec<Row> {
    let mut folds: IndexMap<(String, &'static str), Vec<(&str, &RecordedStep<'_>)>> = IndexMap::new();
    for (address, step) in &run.steps {
        if let Some(symbol) = symbol(step) {
            folds.entry((shape(address), symbol)).or_default().push((address, step));
        }
    }
    let row = |((block, symbol), steps): ((String, &'static str), Vec<(&str, &RecordedStep<'_>)>)| {
        let title = title(&steps);
        let note = match symbol {
            "?" => "unconfirmed",
            "=" => "made by the resumed run",
            _ => "",
        };
        let actor = steps.first().and_then(|(_, step)| step.started?.acts_as);
        let actor = actor.filter(|actor| *actor != Acting::MACHINE).map(|actor| format!("as {actor}"));
        let place = [title.place.as_str(), note, actor.as_deref().unwrap_or_default()];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        (block, Row { symbol, cells: vec![title.noun, title.name, place.join(", ")] })
    };
    Row::told_apart(folds.into_iter().map(row).collect())
}

/// Returns the titles of steps as one; their addresses if their types have no words.
fn title(steps: &[(&str, &RecordedStep<'_>)]) -> Title {
    let titles = steps.iter().filter_map(|(_, step)| step.started).map(|started| started.title);
    let title = Title::of_all(&titles.collect::<Vec<_>>());
    if title.is_empty() {
        Title::new(few(&steps.iter().map(|(address, _)| *address).collect::<Vec<_>>()))
    } else {
        title
    }
}

/// Returns the symbol of the change that a step made; none if it made none.
fn symbol(step: &RecordedStep<'_>) -> Option<&'static str> {
    let made = |change: Change| match change {
        Change::None => None,
        Change::Created => Some("+"),
        Change::Updated => Some("~"),
        Change::Removed => Some("-"),
    };
    match step.ending.as_ref().map(|ending| ending.result) {
        Some(StepResult::Finished { change, .. }) => made(change),
        Some(StepResult::Recalled { change, .. }) => made(change).map(|_| "="),
        Some(StepResult::Failed { uncertain: true, .. }) => Some("?"),
        Some(StepResult::Failed { change, .. }) => change.and_then(made),
        Some(StepResult::Skipped { .. }) => None,
        None => (!step.intents.is_empty()).then_some("?"),
    }
}

/// Returns the objects that were read, in words, with the number of pages.
fn read(run: &RunRecord<'_>) -> Vec<String> {
    let mut folds: IndexMap<String, Vec<(&str, &RecordedStep<'_>)>> = IndexMap::new();
    for (address, step) in &run.steps {
        // Programs have their own rows.
        let reads = step.started.is_some_and(|started| {
            let actions = started.actions;
            actions.iter().all(|action| action.safety == Safety::Reads)
                && !actions.iter().all(|action| action.command().is_some())
        });
        if reads && step.outputs().is_some() && !gives_secret(step) {
            folds.entry(shape(address)).or_default().push((address, step));
        }
    }
    let words = |steps: &Vec<(&str, &RecordedStep<'_>)>| title(steps).whole();
    let mut all: Vec<String> = folds.values().map(words).collect();
    // Steps that read run side by side, in another order each time.
    all.sort();
    // One more is as short as its number.
    if all.len() > READS + 1 {
        let more = all.split_off(READS).len();
        all.push(format!("and {more} more"));
    }
    all
}

/// Returns the programs that ran beside those that the changes name.
fn programs(run: &RunRecord<'_>, view: &RunView) -> Vec<Row> {
    let mut programs = Programs::default();
    for (address, step) in &run.steps {
        if let Some(started) = step.started {
            programs.step(address, started.title, started.actions, symbol(step).is_some());
        }
    }
    programs.rows(match view.extent {
        Extent::Screen => Some(": -verbose lists them"),
        Extent::Document => Some(""),
        Extent::Everything => None,
    })
}

/// Returns true if the step gave a secret that none of its arguments brought.
fn gives_secret(step: &RecordedStep<'_>) -> bool {
    step.started.is_some_and(|started| started.gives_secret) && step.outputs().is_some()
}

/// Returns a row for each secret that was read, and where it went.
fn secrets<'a>(journal: &'a Journal, run: &RunRecord<'a>) -> Vec<Row> {
    let mut flow = SecretFlow::default();
    let started = |step: &RecordedStep<'a>| step.started;
    for (&address, step) in &run.steps {
        if let Some(started) = started(step) {
            flow.step(address, started.title);
        }
    }
    for (&address, step) in &run.steps {
        if gives_secret(step) {
            flow.source(address);
        }
        for (name, origins) in started(step).iter().flat_map(|started| started.secrets) {
            flow.argument(address, name, origins);
        }
    }
    for record in journal.records() {
        match &record.event {
            Event::IdentityEvaluated { identity, secrets, .. } => {
                for (name, origins) in secrets {
                    flow.argument(identity, name, origins);
                }
            }
            Event::Output { name, secrets, .. } => flow.output(name, secrets),
            _ => {}
        }
    }
    flow.rows()
}

fn record(page: &mut Page, journal: &Journal) {
    if matches!(journal.verdict, Verdict::Complete) {
        page.labelled("Record", &format!("whole, sha256 {}", journal.head));
    } else {
        page.labelled("Record", &format!("intact up to the line with sha256 {}", journal.head));
    }
}

fn outputs(page: &mut Page, run: &RunRecord<'_>) {
    if run.outputs.is_empty() {
        return;
    }
    page.gap();
    page.heading("Outputs", "");
    let width = run.outputs.iter().map(|output| output.name.len()).max().unwrap_or(0);
    let mut outputs: Vec<_> = run.outputs.iter().collect();
    outputs.sort_by_key(|output| output.name);
    for output in outputs {
        let value = match output.value.map(ShownValue::to_value) {
            None => "(sensitive value)".to_owned(),
            Some(Ok(value)) => show_value(&value, Layout { indent: 0, heredocs: false }),
            Some(Err(_)) => "(unreadable)".to_owned(),
        };
        page.pair(2, (output.name, width), &value);
    }
}

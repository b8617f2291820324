//! Writes the first page of a plan: who acts, the changes, the rights, and where data goes.

use indexmap::IndexMap;

use super::PlanView;
use super::fold::{Fold, fold};
use crate::layout::{Page, Row};
use crate::plan::count::plural;
use crate::plan::listing::{ListedAnswers, ListedWhen, Listing};
use crate::plan::{SecretFlow, SentFile};
use crate::runbook::RunOn;
use crate::step::{ActionFacts, few};

/// The maximum number of blocks that the page names among those that read.
const READS: usize = 8;

/// Writes the first page.
pub fn write(page: &mut Page, plan: &Listing, view: &PlanView) {
    let setting = plan.setting.brief();
    let title = [plan.runbook.as_str(), "plan", &setting];
    let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
    page.heading(&title.join(" · "), &asked(plan));
    if let Some(description) = &plan.description {
        page.prose(description);
    }
    page.gap();
    let folds = fold(&plan.steps);
    if plan.steps.iter().any(|step| step.actions.iter().any(ActionFacts::is_request)) {
        page.labelled("Acts as", &plan.identity);
    }
    changes(page, &folds);
    reads(page, &folds);
    rights(page, plan);
    secrets(page, plan);
    leaves(page, &folds);
    let counts = counts(plan);
    if let (Some(counts), false) = (counts, view.requests) {
        page.gap();
        page.line(0, format_args!("{counts}: {} lists them.", view.option("-requests")));
    }
}

/// Says what was asked for the plan.
fn asked(plan: &Listing) -> String {
    match &plan.answers {
        None => "nothing was sent".to_owned(),
        Some(ListedAnswers::Services) => "the services were asked".to_owned(),
        Some(ListedAnswers::Run { run }) => format!("with the results of {run}"),
    }
}

fn changes(page: &mut Page, folds: &[Fold<'_>]) {
    let rows: Vec<Row> = folds.iter().filter(|fold| fold.may_change()).map(change).collect();
    let as_wanted: usize = folds.iter().filter(|fold| fold.is_as_wanted()).map(|fold| fold.steps.len()).sum();
    match (rows.is_empty(), as_wanted) {
        (true, 0) => page.labelled("Changes", "nothing"),
        (true, 1) => page.labelled("Changes", "nothing: 1 object is as wanted"),
        (true, count) => page.labelled("Changes", &format!("nothing: {count} objects are as wanted")),
        (false, _) => page.table("Changes", &rows),
    }
}

/// Returns the row of a change: the noun, the name, and the place or the file that it comes from.
fn change(fold: &Fold<'_>) -> Row {
    let title = fold.title();
    let files: Vec<&str> =
        fold.steps.iter().flat_map(|step| &step.sends).map(|file| file.path.as_str()).collect();
    let from = (!files.is_empty()).then(|| format!("from {}", few(&files)));
    let later = fold.steps.first().and_then(|step| match (&step.when, &step.each_of, step.run_on) {
        (_, Some(later), _) => Some(format!("one for each of ({later})")),
        (ListedWhen::Later(when), ..) => Some(format!("only when {when}")),
        (_, _, RunOn::Failure) => Some("only after a failure".to_owned()),
        _ => None,
    });
    let place = Some(title.place).filter(|place| !place.is_empty());
    let place = [from, place, later].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Row { symbol: fold.symbol, cells: vec![title.noun, title.name, place] }
}

fn reads(page: &mut Page, folds: &[Fold<'_>]) {
    // Secrets have their own rows.
    let is_public = |fold: &&Fold<'_>| fold.reads() && !fold.steps.iter().any(|step| step.gives_secret);
    let words = |fold: &Fold<'_>| {
        let title = fold.title();
        format!("{} {}", title.brief(), title.place).trim_end().to_owned()
    };
    let mut all: Vec<String> = folds.iter().filter(is_public).map(words).collect();
    if all.len() > READS {
        let more = all.split_off(READS).len();
        all.push(format!("and {more} more"));
    }
    if !all.is_empty() {
        page.labelled("Reads", &all.join("; "));
    }
}

/// Writes the suggested roles, those at one kind of scope together.
fn rights(page: &mut Page, plan: &Listing) {
    let mut scopes: IndexMap<String, Vec<&str>> = IndexMap::new();
    for right in &plan.rights {
        if !right.roles.is_empty() {
            scopes.entry(right.roles.join(", ")).or_default().push(&right.scope_name);
        }
        for needed in &right.uncovered {
            scopes.entry(format!("(no known role) {}", needed.action)).or_default().push(&right.scope_name);
        }
    }
    let row = |(roles, scopes): (String, Vec<&str>)| Row::of([roles, few(&scopes)]);
    page.table("Rights", &scopes.into_iter().map(row).collect::<Vec<_>>());
}

fn secrets(page: &mut Page, plan: &Listing) {
    let mut flow = SecretFlow::default();
    for step in &plan.steps {
        flow.step(&step.address, &step.title);
    }
    for step in &plan.steps {
        if step.gives_secret && step.when != ListedWhen::Decided(false) {
            flow.source(&step.address);
        }
        for (name, origins) in &step.secrets {
            flow.argument(&step.address, name, origins);
        }
    }
    for (name, origins) in &plan.output_secrets {
        flow.output(name, origins);
    }
    page.table("Secrets", &flow.rows());
}

/// Writes the files that leave the machine, and where they go.
fn leaves(page: &mut Page, folds: &[Fold<'_>]) {
    let row = |fold: &Fold<'_>| {
        let files: Vec<String> = fold.steps.iter().flat_map(|step| &step.sends).map(sized).collect();
        let title = fold.title();
        (!files.is_empty()).then(|| Row::of([few(&files), format!("→ {}", title.brief())]))
    };
    page.table("Leaves", &folds.iter().filter_map(row).collect::<Vec<_>>());
}

fn sized(file: &SentFile) -> String {
    match file.bytes {
        Some(bytes) => {
            format!("{} ({})", file.path, plural(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"))
        }
        None => file.path.clone(),
    }
}

/// Returns the numbers of requests, tokens and hosts; none if there are none.
fn counts(plan: &Listing) -> Option<String> {
    let actions = plan.steps.iter().flat_map(|step| &step.actions);
    let requests = actions.filter(|action| action.is_request()).count();
    let counts = [(requests, "request"), (plan.tokens.len(), "token"), (plan.hosts.len(), "host")];
    let counts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| plural(count, noun)).collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

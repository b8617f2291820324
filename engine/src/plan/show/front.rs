//! Writes the first page of a plan: who acts, the changes, the rights, and where data goes.

use std::borrow::Cow;
use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};

use super::fold::{Fold, fold};
use super::section::section;
use super::{PlanView, after_run, long_value, rights};
use crate::graph::Acting;
use crate::layout::{Page, Row};
use crate::plan::listing::{ListedAnswers, ListedWhen, Listing};
use crate::plan::plural;
use crate::plan::secret_path;
use crate::plan::{PlannedChange, Programs, SecretFlow, SentFile, host};
use crate::runbook::RunOn;
use crate::step::{ActionFacts, Effect, KindFacts, Safety, Title, few};

/// The maximum number of blocks that the page names among those that read.
const READS: usize = 8;

/// The words for actions, in the order of their counts.
const ACTIONS: [&str; 5] = ["request", "program", "file", "directory", "statement"];

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
    page.table("Acts as", &actors(plan, view));
    changes(page, &folds);
    reads(page, &folds);
    let programs = programs(plan, view);
    page.columns("Programs", &["step", "use", "program"], programs.clone());
    rights::write(page, plan, view);
    secrets(page, plan, view);
    leaves(page, plan, &folds, view);
    after_run::write(page, plan, view);
    if let (Some(counts), false) = (counts(plan), view.requests) {
        page.gap();
        let lists = view.option("-requests");
        page.line(0, format_args!("{counts}: {lists} lists them."));
    }
    if !view.verbose && is_abridged(&folds, &programs) {
        page.gap();
        page.line(0, format_args!("… stands for more: {} shows all of it.", view.option("-verbose")));
    }
}

/// Returns the identities that steps act as, and the user of the machine, if a step does anything without a token.
fn actors(plan: &Listing, view: &PlanView) -> Vec<Row> {
    let steps = || plan.steps.iter().filter(|step| step.when != ListedWhen::Decided(false));
    let without = steps().flat_map(|step| &step.actions).filter(|action| action.audience().is_none());
    let without: Vec<&ActionFacts> = without.collect();
    let acts = |address: &str| steps().any(|step| step.acts_as.as_deref() == Some(address));
    let machine = (acts(Acting::MACHINE) || plan.record.is_some()).then(|| plan.identity.clone());
    let declared = plan.identities.iter().filter(|identity| acts(&identity.address));
    let declared = declared.map(|identity| format!("{}: {}", identity.address, identity.source));
    let user = view.user.as_deref().unwrap_or("the user that runs arcbook");
    let words = |noun: &'static str| match noun {
        "request" => "requests without a token".to_owned(),
        "directory" => "directories".to_owned(),
        noun => format!("{noun}s"),
    };
    let nouns = ACTIONS.into_iter().filter(|noun| without.iter().any(|action| action.noun() == *noun));
    let nouns: Vec<String> = nouns.map(words).collect();
    let user = (!nouns.is_empty()).then(|| format!("{user} (for {})", nouns.join(" and ")));
    let remote = steps().filter_map(|step| step.remote_code.as_ref());
    let remote: IndexSet<String> = remote
        .map(|code| format!("{}, with that machine's own identity (runs the {})", code.user, code.noun))
        .collect();
    machine.into_iter().chain(declared).chain(user).chain(remote).map(|actor| Row::of([actor])).collect()
}

/// Returns true if a row of the page stands for more than it names.
fn is_abridged(folds: &[Fold<'_>], programs: &[Row]) -> bool {
    let is_seen = |fold: &&Fold<'_>| fold.may_change() || fold.reads();
    let is_cut = |text: &String| text.contains('…');
    folds.iter().filter(is_seen).any(|fold| is_cut(&fold.title().whole()))
        || programs.iter().flat_map(|row| &row.cells).any(is_cut)
}

/// Says what was asked for the plan.
fn asked(plan: &Listing) -> String {
    match &plan.answers {
        None => "nothing was sent".to_owned(),
        Some(ListedAnswers::Services) => "the services were asked".to_owned(),
        Some(ListedAnswers::Run { run }) => format!("with the results of {run}"),
    }
}

/// The meanings of the marks before changes.
const MARKS: &[(&str, &str)] = &[
    ("+", "creates"),
    ("~", "creates or updates the object, or runs the program"),
    ("~/-", "creates or updates the object, or deletes it: an argument that is not known yet decides"),
    ("-/+", "deletes the object and creates it anew"),
    ("-", "deletes"),
    ("?", "may change the object"),
    ("?/-", "may change or delete the object"),
];

fn changes(page: &mut Page, folds: &[Fold<'_>]) {
    let rows: Vec<(String, Row)> = folds.iter().filter(|fold| fold.may_change()).map(change).collect();
    let as_wanted: usize = folds.iter().filter(|fold| fold.is_as_wanted()).map(|fold| fold.steps.len()).sum();
    if !rows.is_empty() {
        page.columns("Changes", &["", "object", "name", "where"], Row::told_apart(rows));
        return page.legend(MARKS);
    }
    match as_wanted {
        0 => page.labelled("Changes", "nothing"),
        1 => page.labelled("Changes", "nothing: 1 object is as wanted"),
        count => page.labelled("Changes", &format!("nothing: {count} objects are as wanted")),
    }
}

/// Returns the row of a change: the noun, the name, and the place or the file that it comes from.
fn change(fold: &Fold<'_>) -> (String, Row) {
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
    let names: HashSet<Cow<'_, str>> = fold.steps.iter().map(|step| step.title.name()).collect();
    // As many names as steps say it themselves.
    let count = (names.len() < fold.steps.len()).then(|| plural(fold.steps.len(), "time"));
    let place = Some(title.place).filter(|place| !place.is_empty());
    let actor = fold.steps.first().and_then(|step| step.acts_as.as_deref());
    let actor = actor.filter(|actor| *actor != Acting::MACHINE).map(|actor| format!("as {actor}"));
    let place = [from, place, count, later, actor].into_iter().flatten().collect::<Vec<_>>().join(", ");
    (fold.address.clone(), Row { symbol: fold.symbol, cells: vec![title.noun, title.name, place] })
}

fn reads(page: &mut Page, folds: &[Fold<'_>]) {
    // Secrets and programs have their own rows.
    let is_object = |fold: &&Fold<'_>| {
        let runs = |action: &ActionFacts| action.command().is_some();
        fold.reads() && !fold.steps.iter().any(|step| step.gives_secret || step.actions.iter().all(runs))
    };
    let words = |fold: &Fold<'_>| fold.title().whole();
    let all: IndexSet<String> = folds.iter().filter(is_object).map(words).collect();
    let mut all: Vec<String> = all.into_iter().collect();
    // One more is as short as its number.
    if all.len() > READS + 1 {
        let more = all.split_off(READS).len();
        all.push(format!("and {more} more"));
    }
    if !all.is_empty() {
        page.labelled("Reads", &all.join("; "));
    }
}

/// Returns the programs that run beside those that the changes name; in a document, which is read for completeness, all
/// programs.
fn programs(plan: &Listing, view: &PlanView) -> Vec<Row> {
    let mut programs = Programs::default();
    for step in plan.steps.iter().filter(|step| step.when != ListedWhen::Decided(false)) {
        let is_change = step.effect == Effect::Changes && step.change != Some(PlannedChange::Nothing);
        let is_named = is_change && !view.is_document;
        programs.step(&step.address, &step.title, &step.actions, is_named);
        if let Some(code) = &step.remote_code {
            let value = step.arguments.get(&code.argument).and_then(|value| value.to_value().ok());
            let words = value.map(|value| long_value::code(&value, 8)).unwrap_or_default();
            programs.remote(&step.address, (code, &words), step.effect == Effect::Reads);
        }
    }
    match (view.is_document, view.verbose) {
        (true, _) => programs.rows(Some("")),
        (false, true) => programs.rows(None),
        (false, false) => programs.rows(Some(&format!(": {} lists them", view.option("-verbose")))),
    }
}

fn secrets(page: &mut Page, plan: &Listing, view: &PlanView) {
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
    let titles: Vec<Title> =
        plan.identities.iter().map(|identity| receiver(plan, &identity.address)).collect();
    for (identity, title) in plan.identities.iter().zip(&titles).filter(|(identity, _)| identity.acts) {
        flow.step(&identity.address, title);
        for (name, origins) in &identity.secrets {
            flow.argument(&identity.address, name, origins);
        }
    }
    for (name, origins) in &plan.output_secrets {
        flow.output(name, origins);
    }
    tokens_given(plan, &mut flow);
    let none = "No step, identity or output holds a secret.";
    section(page, ("Secrets", &["secret", "goes to"]), flow.rows(), view, none);
    if view.verbose {
        let rows = secret_path::rows(&plan.secret_paths);
        page.columns("Flow", &["secret", "ends in"], rows);
    }
}

/// Adds the tokens that steps take for programs. No argument holds them.
fn tokens_given(plan: &Listing, flow: &mut SecretFlow<'_>) {
    for step in plan.steps.iter().filter(|step| step.when != ListedWhen::Decided(false)) {
        let audiences = step.actions.iter().filter_map(|action| match &action.kind {
            KindFacts::Token { audience } => Some(audience),
            _ => None,
        });
        let of = step.acts_as.as_deref().filter(|of| *of != Acting::MACHINE).unwrap_or("the machine");
        for audience in audiences {
            for program in receiving_programs(&step.actions) {
                flow.program(format!("token for {audience} of {of}"), program, &step.address);
            }
        }
    }
}

/// Returns the programs that get the token that their step takes: those that may change something with it.
fn receiving_programs(actions: &[ActionFacts]) -> IndexSet<&str> {
    let changing = actions.iter().filter(|action| action.safety != Safety::Reads);
    let program = changing.filter_map(|action| match &action.kind {
        KindFacts::Exec { argv, .. } => argv.first().map(String::as_str),
        _ => None,
    });
    program.collect()
}

/// Describes an identity by what gets its secrets: a host or a program.
fn receiver(plan: &Listing, address: &str) -> Title {
    let tokens = plan.tokens.iter().filter(|token| token.acts_as == address);
    let receivers = tokens.flat_map(|token| &token.actions).filter_map(|action| match &action.kind {
        KindFacts::Http { url, .. } => Some(format!("sent to {}", host(url))),
        KindFacts::Exec { argv, .. } => argv.first().map(|program| format!("given to {program}")),
        _ => None,
    });
    let receivers: IndexSet<String> = receivers.collect();
    Title::new(address).placed(receivers.into_iter().collect::<Vec<_>>().join(" and "))
}

/// Writes the files and the record that leave the machine, or are given to programs, and where they go.
fn leaves(page: &mut Page, plan: &Listing, folds: &[Fold<'_>], view: &PlanView) {
    let sent = |fold: &Fold<'_>| {
        let files: Vec<String> = fold.steps.iter().flat_map(|step| &step.sends).map(sized).collect();
        let title = fold.title();
        (!files.is_empty()).then(|| Row::of([few(&files), format!("→ {}", title.brief())]))
    };
    let read = folds.iter().flat_map(read_by);
    let record = plan
        .record
        .as_ref()
        .map(|record| Row::of(["the record of this run".to_owned(), format!("→ {}", record.title.whole())]));
    let rows = folds.iter().filter_map(sent).chain(read).chain(record);
    let none = "No file and no record leaves the machine.";
    section(page, ("Leaves", &["file", "goes to"]), rows.collect(), view, none);
}

/// Returns the rows of the files that functions read for the arguments of steps.
fn read_by(fold: &Fold<'_>) -> Vec<Row> {
    let mut ends: IndexMap<String, IndexSet<&str>> = IndexMap::new();
    // The address says which block it is, as the runbook writes it.
    let address = &fold.address;
    let actions = || fold.steps.iter().flat_map(|step| &step.actions);
    let to = match () {
        () if !actions().any(ActionFacts::is_request) => format!("what {address} gets"),
        () if fold.steps.iter().all(|step| step.sends_addresses) => {
            format!("an address that {address} reads")
        }
        () => format!("what {address} sends"),
    };
    for step in &fold.steps {
        for file in &step.may_send {
            let end = match step.whole_files.get(file) {
                Some(argument) => format!("{argument} of {address}, the whole file"),
                None if step.answered_files.contains(file) => {
                    format!("part of {to}, only if the answer to an earlier step has it")
                }
                None => format!("may be part of {to}"),
            };
            ends.entry(end).or_default().insert(file);
        }
    }
    let row = |(end, files): (String, IndexSet<&str>)| {
        let files: Vec<&str> = files.into_iter().collect();
        Row::of([format!("{} (read by the runbook)", few(&files)), format!("→ {end}")])
    };
    ends.into_iter().map(row).collect()
}

fn sized(file: &SentFile) -> String {
    match file.bytes {
        Some(bytes) => {
            format!("{} ({})", file.path, plural(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"))
        }
        None => file.path.clone(),
    }
}

/// Returns the numbers of the actions of each kind, as `-requests` lists them, and of tokens and hosts; none if there
/// are none.
fn counts(plan: &Listing) -> Option<String> {
    let mut counts: IndexMap<&str, usize> = IndexMap::from_iter(ACTIONS.map(|noun| (noun, 0)));
    let of_record = plan.record.iter().flat_map(|record| &record.actions);
    for action in plan.steps.iter().flat_map(|step| &step.actions).chain(of_record) {
        *counts.entry(action.noun()).or_default() += 1;
    }
    counts.insert("token", plan.tokens.len());
    counts.insert("host", plan.hosts.len());
    let counts: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(noun, count)| plural(count, noun)).collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

//! Lists the changes that an undo takes back, and those that stay.

use arcbook_engine::diagnostic::Style;
use arcbook_engine::graph::Acting;
use arcbook_engine::journal::History;
use arcbook_engine::layout::Page;
use arcbook_engine::plan::shape;
use arcbook_engine::run::{Undo, UndoKind, UndoStep};
use arcbook_engine::step::{ActionFacts, Title};
use indexmap::IndexMap;

/// Returns the list for people. Instances of one block that are undone alike are one entry, unless it is `verbose`.
pub fn told(history: &History, undo: &Undo, (style, verbose): (Style, bool)) -> String {
    let run = &history.prior_run.lineage.run;
    let mut page = Page::new(style);
    match undo.steps.len() {
        0 => page.line(0, format_args!("There is nothing to undo in the run {run}.")),
        _ => page.line(0, headline(run, undo)),
    }
    let alike = |step: &UndoStep| (symbol(step.kind), step.is_certain, step.acts_as.clone());
    for ((_, (symbol, is_certain, _)), steps) in
        folded(&undo.steps, |step| (&step.address, alike(step)), verbose)
    {
        let asked = match (is_certain, symbol) {
            (true, _) => "",
            (false, "-") => ", if the run created it",
            (false, _) => ", if the run changed it",
        };
        let addresses: Vec<&str> = steps.iter().map(|step| step.address.as_str()).collect();
        let titles: Vec<&Title> = steps.iter().map(|step| &step.title).collect();
        page.marked(0, symbol, &[&format!("{}{asked}", named(&addresses)), &Title::of_all(&titles).whole()]);
        if let Some(actor) = steps[0].acts_as.as_deref().filter(|actor| *actor != Acting::MACHINE) {
            page.line(4, format_args!("as {actor}"));
        }
        for action in &steps[0].actions {
            page.line(4, ActionFacts::brief(action).line());
        }
        if let more @ 1.. = steps.len() - 1 {
            page.line(4, format_args!("and the same for {more} more: -verbose lists them"));
        }
    }
    if !undo.stays.is_empty() {
        page.line(0, "These changes stay:");
    }
    for ((_, why), steps) in folded(&undo.stays, |(step, why)| (step, why.as_str()), verbose) {
        let addresses: Vec<&str> = steps.iter().map(|(step, _)| step.as_str()).collect();
        page.marked(0, "=", &[&format!("{}: {why}", named(&addresses))]);
    }
    page.finish()
}

/// Groups entries by their block and by what they have in common, in the order of the first ones.
fn folded<'a, T, K: std::hash::Hash + Eq>(
    all: &'a [T],
    key: impl Fn(&'a T) -> (&'a String, K),
    verbose: bool,
) -> IndexMap<(String, K), Vec<&'a T>> {
    let mut folds: IndexMap<(String, K), Vec<&T>> = IndexMap::new();
    for one in all {
        let (address, common) = key(one);
        let block = if verbose { address.clone() } else { shape(address) };
        folds.entry((block, common)).or_default().push(one);
    }
    folds
}

/// Returns the address of an instance, or that of the block of several.
fn named(addresses: &[&str]) -> String {
    match addresses {
        [one] => (*one).to_owned(),
        many => format!("{}[…] ({})", shape(many[0]), many.len()),
    }
}

/// Returns the line above the changes to undo.
fn headline(run: &str, undo: &Undo) -> String {
    if undo.steps.iter().all(|step| step.kind == UndoKind::Remove) {
        return format!("An undo of the run {run} removes these objects:");
    }
    format!("An undo of the run {run} takes back these changes (- removes, ~ puts back, + creates anew):")
}

fn symbol(kind: UndoKind) -> &'static str {
    match kind {
        UndoKind::Remove => "-",
        UndoKind::PutBack => "~",
        UndoKind::Recreate => "+",
    }
}

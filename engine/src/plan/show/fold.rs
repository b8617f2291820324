//! Folds the instances of a block.

use indexmap::IndexMap;

use crate::plan::listing::{ListedStep, ListedWhen};
use crate::plan::{PlannedChange, shape};
use crate::step::{ActionFacts, Deletion, Effect, KindFacts, Safety, Title};

/// Instances of one block that would do the same kind of thing.
pub struct Fold<'a> {
    /// The symbol before them.
    pub symbol: &'static str,
    /// The address of the instance, or of the block of several.
    pub address: String,
    /// The instances.
    pub steps: Vec<&'a ListedStep>,
}

/// Folds the steps of a plan, in the order of the runbook.
pub fn fold(steps: &[ListedStep]) -> Vec<Fold<'_>> {
    // Instances whose condition decides otherwise do another kind of thing.
    let mut folds: IndexMap<(String, &'static str, Option<bool>), Vec<&ListedStep>> = IndexMap::new();
    for step in steps {
        let decided = match step.when {
            ListedWhen::Decided(decided) => Some(decided),
            ListedWhen::Later(_) => None,
        };
        folds.entry((shape(&step.address), symbol(step), decided)).or_default().push(step);
    }
    folds.into_iter().map(|((block, symbol, _), steps)| Fold::of(&block, symbol, steps)).collect()
}

impl<'a> Fold<'a> {
    fn of(block: &str, symbol: &'static str, steps: Vec<&'a ListedStep>) -> Self {
        let address = match steps.as_slice() {
            [one] => one.address.clone(),
            many => format!("{block}[…] ({})", many.len()),
        };
        Self { symbol, address, steps }
    }

    /// Returns true if the steps may change something.
    pub fn may_change(&self) -> bool {
        let may = |step: &ListedStep| {
            step.effect == Effect::Changes
                && step.when != ListedWhen::Decided(false)
                && step.change != Some(PlannedChange::Nothing)
        };
        self.steps.first().is_some_and(|step| may(step))
    }

    /// Returns true if a live plan found that the steps would change nothing.
    pub fn is_as_wanted(&self) -> bool {
        self.steps.first().is_some_and(|step| step.change == Some(PlannedChange::Nothing))
    }

    /// Returns true if the steps read something.
    pub fn reads(&self) -> bool {
        let reads =
            |step: &ListedStep| step.effect == Effect::Reads && step.when != ListedWhen::Decided(false);
        self.steps.first().is_some_and(|step| reads(step))
    }

    /// Returns the objects in words; the address if the step type has none.
    pub fn title(&self) -> Title {
        let title = Title::of_all(&self.steps.iter().map(|step| &step.title).collect::<Vec<_>>());
        if title.is_empty() { Title::new(self.address.clone()) } else { title }
    }
}

/// Returns the symbol of a step: that of its change, or of its effect.
pub fn symbol(step: &ListedStep) -> &'static str {
    match (&step.change, step.effect) {
        (Some(PlannedChange::Unknown { .. }), _) if deletions(step) != Deletions::None => "?/-",
        (Some(planned_change), _) => planned_change.symbol(),
        (None, Effect::Nothing) => "=",
        (None, Effect::Reads) => "<",
        (None, Effect::Changes) => match deletions(step) {
            Deletions::None => "~",
            Deletions::Some => "~/-",
            Deletions::All => "-",
        },
    }
}

/// The changes of a step that delete something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deletions {
    None,
    /// The step deletes, or makes another change: an argument that decides on it is not known yet.
    Some,
    All,
}

fn deletions(step: &ListedStep) -> Deletions {
    match step.deletion {
        Deletion::ByActions => {}
        Deletion::Maybe => return Deletions::Some,
        Deletion::Certain => return Deletions::All,
    }
    let changes = step.actions.iter().filter(|action| action.safety != Safety::Reads);
    let deletes = |action: &ActionFacts| match &action.kind {
        KindFacts::Http { method, .. } => method == "DELETE",
        KindFacts::RemoveFile { .. } | KindFacts::RemoveDirectory { .. } => true,
        _ => false,
    };
    let (deletions, others): (Vec<_>, Vec<_>) = changes.partition(|action| deletes(action));
    match (deletions.is_empty(), others.is_empty()) {
        (true, _) => Deletions::None,
        (false, false) => Deletions::Some,
        (false, true) => Deletions::All,
    }
}

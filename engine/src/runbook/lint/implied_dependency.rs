//! Warns about `depends_on` of steps that are referred to anyway.

use crate::diagnostic::Diagnostic;
use crate::runbook::{Runbook, Target};
use crate::syntax::{Expression, Reference, Segment};

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let runbook = view.runbook;
    let steps = runbook.steps.iter().filter(|step| !step.depends_on.is_empty());
    let of_steps = steps.flat_map(|step| implied(runbook, &step.depends_on, step.expressions()));
    let outputs = runbook.outputs.iter().filter(|output| !output.depends_on.is_empty());
    let of_outputs = outputs.flat_map(|output| implied(runbook, &output.depends_on, output.expressions()));
    let identities = runbook.identities.iter().filter(|identity| !identity.depends_on.is_empty());
    let of_identities =
        identities.flat_map(|identity| implied(runbook, &identity.depends_on, identity.expressions()));
    of_steps.chain(of_outputs).chain(of_identities).collect()
}

fn implied<'a>(
    runbook: &Runbook,
    waits: &[Reference],
    expressions: impl IntoIterator<Item = &'a Expression>,
) -> Vec<Diagnostic> {
    let references: Vec<_> = expressions.into_iter().flat_map(Expression::references).collect();
    let read: Vec<_> = references
        .iter()
        .filter_map(|reference| Some((whole_step(runbook, reference)?, reference)))
        .collect();
    waits
        .iter()
        .filter_map(|wait| {
            let (target, _) = runbook.names.resolve(wait).ok()?;
            let (_, reader) = read.iter().find(|(step, _)| *step == target)?;
            Some(
                Diagnostic::warning(
                    "implied-dependency",
                    format!("`depends_on` repeats the dependency on `{wait}`"),
                )
                .at(wait.span, "redundant")
                .also(reader.span, "this already waits for it")
                .help("remove it from `depends_on`"),
            )
        })
        .collect()
}

/// Returns the step that a reference needs as a whole; a reference to one instance waits for less than
/// `depends_on`.
fn whole_step(runbook: &Runbook, reference: &Reference) -> Option<Target> {
    let (target, used) = runbook.names.resolve(reference).ok()?;
    let is_whole = matches!(reference.path.get(used), Some(Segment::Attribute(_)));
    (matches!(target, Target::Step(_)) && is_whole).then_some(target)
}

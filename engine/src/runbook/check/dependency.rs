//! What `depends_on` names.

use crate::diagnostic::Diagnostic;
use crate::runbook::{Runbook, Target};
use crate::syntax::{Reference, Segment};

/// All that is named in a `depends_on`.
pub fn all(runbook: &Runbook) -> impl Iterator<Item = &Reference> {
    let steps = runbook.steps.iter().flat_map(|step| &step.depends_on);
    let modules = runbook.modules.iter().flat_map(|module| &module.depends_on);
    steps.chain(modules).chain(runbook.outputs.iter().flat_map(|output| &output.depends_on))
}

/// What is wrong with `reference`: it must name a whole step, module, variable or local value, or an instance.
pub fn error(runbook: &Runbook, reference: &Reference) -> Option<Diagnostic> {
    let (target, used) = match runbook.names.resolve(reference) {
        Ok(resolved) => resolved,
        Err(error) => return Some(*error),
    };
    let whole = match &reference.path[used..] {
        [] => matches!(target, Target::Step(_) | Target::Module(_) | Target::Variable(_) | Target::Local(_)),
        [Segment::Index(_)] => matches!(target, Target::Step(_) | Target::Module(_)),
        _ => false,
    };
    (!whole).then(|| {
        Diagnostic::error("invalid-dependency", format!("`{reference}` is not a step or a module"))
            .at(reference.span, "only a whole step or module can be waited for")
            .help("write `step.type.name` or `module.name`")
    })
}

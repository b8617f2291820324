//! Checks the references in `depends_on`.

use crate::diagnostic::Diagnostic;
use crate::runbook::{Runbook, Target};
use crate::syntax::{Reference, Segment};

/// Returns an error unless `reference`, whose first segments resolve to `target`, names a whole step, module,
/// variable or local value, or an instance.
pub fn error(runbook: &Runbook, reference: &Reference, (target, at): (Target, usize)) -> Option<Diagnostic> {
    let whole = match &reference.path[at..] {
        [] => matches!(target, Target::Step(_) | Target::Module(_) | Target::Variable(_) | Target::Local(_)),
        [Segment::Index(_)] => matches!(target, Target::Step(_) | Target::Module(_)),
        _ => false,
    };
    (!whole).then(|| {
        let whole = match target {
            Target::Step(index) => runbook.steps[index].address.to_string(),
            Target::Module(index) => runbook.modules[index].address(),
            _ => "step.type.name".to_owned(),
        };
        Diagnostic::error("invalid-dependency", format!("`{reference}` is not a step or a module"))
            .at(reference.span, "only a whole step or module can be waited for")
            .help(format!("write `{whole}`"))
    })
}

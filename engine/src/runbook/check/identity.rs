//! Checks the references in `identity`.

use crate::diagnostic::Diagnostic;
use crate::runbook::Target;
use crate::syntax::Reference;

/// Returns an error unless `reference`, whose first segments resolve to `target`, names an identity.
pub fn error(reference: &Reference, (target, at): (Target, usize)) -> Option<Diagnostic> {
    let is_whole = matches!(target, Target::Identity(_)) && reference.path.len() == at;
    (!is_whole).then(|| {
        let error = Diagnostic::error("invalid-identity", format!("`{reference}` is not an identity"))
            .at(reference.span, "not an identity");
        if matches!(target, Target::Identity(_)) {
            return error.help("only a whole identity acts: write `identity.kind.name` and nothing after it");
        }
        error.help(
            "declare one, `identity \"kind\" \"name\" { … }`, and write `identity = identity.kind.name`",
        )
    })
}

/// Returns the error that an identity is used as a value.
pub fn value(reference: &Reference) -> Diagnostic {
    Diagnostic::error("unknown-reference", format!("`{reference}` has no value"))
        .at(reference.span, "an identity is not a value")
        .help("a step, a module or the runbook names who acts with `identity = identity.kind.name`")
}

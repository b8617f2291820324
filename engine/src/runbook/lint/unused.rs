//! Warns about unused variables, local values and identities.

use crate::diagnostic::Diagnostic;
use crate::runbook::Target;

use super::view::{View, is_exempt};

/// Warns about unused variables. One that only its own rules refer to is used: they check the input.
pub fn variables(view: &View<'_>) -> Vec<Diagnostic> {
    let all = view.runbook.variables.iter().enumerate();
    let unused = all.filter(|(index, variable)| {
        !view.is_used(Target::Variable(*index)) && !is_exempt(&variable.name.value)
    });
    unused
        .map(|(_, variable)| {
            let name = &variable.name.value;
            Diagnostic::warning("unused-variable", format!("the variable `{name}` is never used"))
                .at(variable.name.span, format!("nothing refers to `var.{name}`"))
                .help(format!("remove it, or call it `_{name}` to keep it unused"))
        })
        .collect()
}

/// Warns about unused local values.
pub fn locals(view: &View<'_>) -> Vec<Diagnostic> {
    let all = view.runbook.locals.iter().enumerate();
    let unused =
        all.filter(|(index, local)| !view.is_used(Target::Local(*index)) && !is_exempt(&local.name.value));
    unused
        .map(|(_, local)| {
            let name = &local.name.value;
            Diagnostic::warning("unused-local", format!("the local value `{name}` is never used"))
                .at(local.name.span, format!("nothing refers to `local.{name}`"))
                .help(format!("remove it, or call it `_{name}` to keep it unused"))
        })
        .collect()
}

/// Warns about unused identities.
pub fn identities(view: &View<'_>) -> Vec<Diagnostic> {
    let all = view.runbook.identities.iter().enumerate();
    let unused = all.filter(|(index, identity)| {
        !view.is_used(Target::Identity(*index)) && !is_exempt(&identity.name.value)
    });
    unused
        .map(|(_, identity)| {
            let (address, name) = (&identity.address, &identity.name.value);
            Diagnostic::warning("unused-identity", format!("`{address}` is never used"))
                .at(identity.header, "no step, module or runbook names it")
                .help(format!(
                    "write `identity = {address}` where it acts, or call it `_{name}` to keep it unused"
                ))
        })
        .collect()
}

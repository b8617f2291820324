//! Checks the arguments of modules.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::runbook::read::is_meant;
use crate::runbook::{Module, Runbook};

/// Adds errors for the arguments of the modules of `runbook`.
pub fn check(runbook: &Runbook, found: &mut Diagnostics) {
    for module in runbook.modules.iter().filter(|module| !module.runbook.files.is_empty()) {
        found.extend(unknown(module));
        if module.is_whole {
            missing(module, found);
        }
    }
}

fn unknown(module: &Module) -> impl Iterator<Item = Diagnostic> {
    let names = &module.runbook.names;
    let unknown = module.arguments.iter().filter(|argument| names.variable(&argument.name.value).is_none());
    unknown.map(|argument| {
        let name = &argument.name.value;
        let known = module.runbook.variables.iter().map(|variable| &*variable.name.value);
        let hint = did_you_mean(name, known)
            .unwrap_or_else(|| format!("declare it there: `variable \"{name}\" {{}}`"));
        Diagnostic::error(
            "unknown-argument",
            format!("the module `{}` has no variable `{name}`", module.name.value),
        )
        .at(argument.name.span, "no variable of this name in the runbook of the module")
        .help(hint)
    })
}

fn missing(module: &Module, found: &mut Diagnostics) {
    let (names, variables) = (&module.runbook.names, &module.runbook.variables);
    let known: Vec<&str> = variables.iter().map(|variable| &*variable.name.value).collect();
    let required = variables.iter().filter(|variable| variable.default.is_none());
    for variable in required.filter(|variable| module.argument(&variable.name.value).is_none()) {
        let name = &variable.name.value;
        let unknown =
            module.arguments.iter().filter(|argument| names.variable(&argument.name.value).is_none());
        if is_meant(unknown, name, &known, found) {
            continue;
        }
        let what = variable.description.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
        found.push(
            Diagnostic::error(
                "missing-argument",
                format!("the module `{}` needs `{name}`", module.name.value),
            )
            .at(module.header, format!("`{name}` is missing"))
            .also(variable.name.span, "it has no default")
            .help(format!("add `{name} = …`{what}")),
        );
    }
}

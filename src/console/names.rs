//! The names that the console can complete and resolve.

use std::path::Path;

use arcbook_engine::expression::Tree;
use arcbook_engine::runbook::{Module, Runbook};
use arcbook_engine::value::Value;

/// Returns the sorted addresses in a runbook.
pub fn of_runbook(runbook: &Runbook) -> Vec<String> {
    let variables = runbook.variables.iter().map(|variable| format!("var.{}", variable.name.value));
    let locals = runbook.locals.iter().map(|local| format!("local.{}", local.name.value));
    let steps = runbook.steps.iter().map(|step| step.address.to_string());
    let modules = runbook.modules.iter().map(Module::address);
    let constants = ["path.module", "path.root", "path.cwd", "runbook.name"].map(str::to_owned);
    let mut all: Vec<_> = variables.chain(locals).chain(steps).chain(modules).chain(constants).collect();
    all.sort();
    all
}

/// Returns the names without a runbook: `path.…`, as in Terraform's console in an empty directory.
pub fn nothing(directory: &Path) -> Tree {
    let mut tree = Tree::new(directory, "no runbook is open: name its directory, `arcbook console DIR`");
    for name in ["module", "root"] {
        tree.insert(&["path", name], Value::from("."));
    }
    let current = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    tree.insert(&["path", "cwd"], Value::string(current.to_string_lossy()));
    tree
}

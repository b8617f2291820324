//! Rules about the parts that a runbook is made of.

use std::path::{Path, PathBuf};

use crate::audit::level::Level;
use crate::audit::{AuditRule, Found, Subject};
use crate::source::relative;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "module-outside",
    level: Level::Warning,
    title: "a module lies outside of the directory of the runbook",
    explanation: "A review of the directory does not show the module, and whoever may write there changes the runbook. A \
        review follows no symbolic link that leads out.",
    prevents: "A change of a runbook that its reviewers do not see (SOC 2 CC8.1).",
    remedy: "move the module below the directory of the runbook",
    check: outside,
}];

fn outside(subject: &Subject<'_>) -> Vec<Found> {
    let root = PathBuf::from(subject.runbook().place());
    let mut found = Vec::new();
    for runbook in subject.runbooks() {
        for module in &runbook.modules {
            // Links are followed: a link inside of the directory may lead out.
            let path = relative(&root, Path::new(&module.runbook.place()));
            let is_below = |path: &str| !path.starts_with("..") && !Path::new(path).is_absolute();
            if !module.runbook.files.is_empty() && !is_below(&path) {
                let message = "a module outside of the directory of the runbook";
                found.push(Found::at(module.place(), message).about(module.address()));
            }
        }
    }
    found
}

//! The rule about characters that reorder what a reviewer sees.

use crate::audit::level::Level;
use crate::audit::{AuditRule, Found, Subject};
use crate::diagnostic::Lookalike;
use crate::runbook::reordering;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "text-direction",
    level: Level::Error,
    title: "a character reorders what a reviewer sees",
    explanation: "Controls of the direction of text, such as `U+202E`, have no shape of their own: an editor shows the text \
        after them in another order than arcbook reads it. Texts and comments of the runbook and of its modules count; \
        anywhere else such a character is an error. `validate` and `plan` warn of the same places.",
    prevents: "A change that a reviewer read otherwise than it runs (Trojan Source; CVE-2021-42574, CWE-1007).",
    remedy: "remove it, or write it in quotes as `\\u202e` where a text needs it",
    check: direction,
}];

fn direction(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for file in subject.runbook().all_files() {
        for (span, c) in reordering(file, subject.sources) {
            let what = Lookalike::of(c).map(|lookalike| lookalike.to_string()).unwrap_or_default();
            found.push(Found::at(span, format!("{what} reorders what is shown of the text after it")));
        }
    }
    found
}

//! Shows the ways of the secrets of a run, and the findings about its runbook, which only a plan has.

use super::ReportedRun;
use crate::diagnostic::Style;
use crate::layout::Page;
use crate::plan::{Listing, secret_rows};

/// Writes the ways of secrets; without the plan of the run, the command that shows them.
pub fn flow(run: &ReportedRun<'_>) -> Page {
    let mut page = Page::new(Style::default());
    let Some(plan) = of_run(run) else {
        page.prose(
            "A record says from which step a secret came and to which one it went, and not the places where it ended: \
             `arcbook report RUN -plan PLAN` shows them, with the plan file or the directory of the run's runbook.",
        );
        return page;
    };
    let rows = secret_rows(&plan.secret_paths);
    if rows.is_empty() {
        page.line(0, "The plan has no secret that goes anywhere.");
    }
    page.columns("", &["secret", "ends in"], rows);
    page
}

/// Returns the findings about the runbook and the comments that suppress some; without its directory, the command that
/// shows them.
pub fn findings(run: &ReportedRun<'_>, findings: Option<Page>) -> Page {
    findings.filter(|_| of_run(run).is_some()).unwrap_or_else(|| {
        let mut page = Page::new(Style::default());
        page.prose(
            "Neither a record nor a plan file holds findings about the runbook, or the comments that suppress some: \
             `arcbook audit DIR` lists both, and so does `arcbook report RUN -plan DIR`.",
        );
        page
    })
}

/// Returns the plan, if it is that of the run.
fn of_run<'a>(run: &ReportedRun<'a>) -> Option<&'a Listing> {
    run.plan.filter(|_| run.mismatch().is_none()).map(|plan| plan.listing)
}

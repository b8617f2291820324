//! Puts the parts of a plan in order.

use serde_json::Value as Json;

use super::{PlanView, details, front, requests};
use crate::layout::Page;
use crate::plan::count::Count;
use crate::plan::listing::{ListedAnswers, ListedStep};
use crate::plan::selection::grouped;
use crate::plan::{Listing, Plan};
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::step::Platform;
use crate::value::{Layout, show as show_value};

/// Returns `plan` as text for people, without secrets: the first page, the steps in the order of the runbook, the
/// outputs, and the parts that `view` asks for.
#[must_use]
pub fn show(
    plan: &Plan,
    runbook: &Runbook,
    platform: &dyn Platform,
    secrets: &Secrets,
    view: &PlanView,
) -> String {
    // Redaction comes before truncation: a truncated secret would not be recognized.
    show_listing(&secrets.redacted(&Listing::of(plan, runbook, platform)), view)
}

/// Returns the listing of a plan as text for people, as [`show`] does. The plan may come from an untrusted file.
#[must_use]
pub fn show_listing(plan: &Listing, view: &PlanView) -> String {
    let mut page = Page::new(view.style);
    front::write(&mut page, plan, view);
    details::write(&mut page, plan, view);
    if view.requests {
        requests::write(&mut page, plan);
    }
    page.list("Files read", &plan.files);
    outputs(&mut page, plan);
    page.list("Left out", &grouped(&plan.left_out));
    page.gap();
    if let Some(ListedAnswers::Run { run }) = &plan.answers {
        let answered = || plan.steps.iter().filter_map(|step: &ListedStep| step.answered);
        let (used, asked) = (answered().filter(|answered| *answered).count(), answered().count());
        page.line(0, format_args!("{used} of {asked} results are known from the run {run}."));
    }
    page.line(0, Count(plan));
    page.finish()
}

/// Returns `plan` as JSON for tools, without secrets: one object with `format` 1, which stays readable for
/// programs that read it today.
#[must_use]
pub fn to_json(plan: &Plan, runbook: &Runbook, platform: &dyn Platform, secrets: &Secrets) -> Json {
    // Serialization cannot fail: a listing holds strings, numbers and values.
    let listing = Listing::of(plan, runbook, platform);
    serde_json::to_value(&*secrets.redacted(&listing)).unwrap_or(Json::Null)
}

fn outputs(page: &mut Page, plan: &Listing) {
    if plan.outputs.is_empty() {
        return;
    }
    page.gap();
    page.heading("Outputs", "");
    let width = plan.outputs.names().map(str::len).max().unwrap_or(0);
    for (name, value) in plan.outputs.to_values() {
        let value = show_value(&value, Layout { indent: 0, heredocs: false });
        page.pair(2, (name, width), &value);
    }
}

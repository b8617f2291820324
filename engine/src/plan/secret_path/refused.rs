//! Refuses plans in which a secret ends where nothing keeps it.

use std::collections::HashMap;

use super::Place;
use super::ends::{Leaf, leaves, places};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::secrets_of::secrets_of;
use crate::plan::{Plan, PlannedStep, When};
use crate::runbook::Step;
use crate::source::Span;

/// The code of the errors about a secret that others would see.
const FLOW: &str = "secret-flow";

/// The codes of the errors about a secret that ends where nothing keeps it: the plan has all of its steps none the less,
/// and only a run must not follow it.
pub const SECRET_ERRORS: [&str; 5] =
    ["secret-flow", "sensitive-output", "ephemeral-value", "sensitive-condition", "sensitive-setting"];

/// Returns an error for each secret that would become an argument of a program, or cross a network without TLS.
///
/// The value need not be known yet: its marks are. An argument that a step type has refused already is left out.
#[must_use]
pub fn refused_ends(plan: &Plan, already: &Diagnostics) -> Diagnostics {
    let mut told: HashMap<&str, Vec<Span>> = HashMap::new();
    for error in already.iter().filter(|error| error.code == FLOW) {
        let (address, place) = (error.address.as_deref(), error.primary.as_ref());
        told.entry(address.unwrap_or_default()).or_default().extend(place.map(|place| place.span));
    }
    let mut found = Diagnostics::new();
    for planned in plan.steps.iter().filter(|step| step.when != When::No) {
        let is_marked = planned.arguments.iter().any(|(_, value)| value.has_deep_marks());
        if let Some(step) = plan.written(planned).filter(|_| is_marked) {
            let told = told.get(planned.address.as_str()).map_or(&[][..], Vec::as_slice);
            found.extend(of_step(planned, step, told));
        }
    }
    found
}

fn of_step(planned: &PlannedStep, step: &Step, told: &[Span]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, value) in &planned.arguments {
        let Some(field) = step.typed().field(name) else { continue };
        let argument = step.place(name);
        if told.iter().any(|place| argument.contains(*place)) {
            continue;
        }
        for leaf in leaves(field, name.clone(), value) {
            let why = places(&leaf, &planned.actions).iter().find_map(reason);
            found.extend(why.map(|why| refused(planned, step, name, &leaf, why)));
        }
    }
    found
}

/// The reason why a secret must not end in a place, and the remedy; none if it may.
fn reason(place: &Place) -> Option<[&'static str; 3]> {
    match place {
        Place::Argument { .. } => Some([
            "a secret would become an argument of a program",
            "every user of the machine can read the arguments of a program",
            "pass it in `environment` or `stdin`",
        ]),
        Place::Url { plain_http: true, .. }
        | Place::Header { plain_http: true, .. }
        | Place::Body { plain_http: true, .. } => Some([
            "a secret would be sent without TLS",
            "everybody between this machine and the host can read it",
            "use `https://`",
        ]),
        _ => None,
    }
}

fn refused(
    planned: &PlannedStep,
    step: &Step,
    name: &str,
    leaf: &Leaf<'_>,
    [summary, reason, remedy]: [&'static str; 3],
) -> Diagnostic {
    let origins = secrets_of(&planned.address, [(leaf.name.as_str(), leaf.value)].into_iter());
    let origins: Vec<String> = origins.into_values().flatten().map(|origin| format!("`{origin}`")).collect();
    // It does not release an ephemeral value.
    let release = "if the value is no secret, write `nonsensitive(…)` with a comment that says why";
    let release = (!leaf.value.deep_marks().is_ephemeral()).then_some(release);
    Diagnostic::error(FLOW, summary)
        .at(step.place(name), reason)
        .detail(format!("The secret comes from {}.", origins.join(", ")))
        .help(remedy)
        .maybe_help(release)
        .about(&*planned.address)
}

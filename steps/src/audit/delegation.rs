//! Finds trust in those who are not principals of the tenant.

use arcbook_engine::audit::{Found, StepView, Subject};
use arcbook_engine::step::Action;

use super::written::written;

/// The ends of the types of resources that give rights to others, with the words for them.
const TYPES: [(&str, &str); 3] = [
    ("microsoft.managedservices/registrationdefinitions", "a delegation to another tenant"),
    ("microsoft.managedservices/registrationassignments", "a delegation to another tenant"),
    ("/federatedidentitycredentials", "an identity for whoever has a token of another issuer"),
];

/// The path of the request by which the caller becomes an administrator of the tenant.
const ELEVATION: &str = "/providers/microsoft.authorization/elevateaccess";

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let resources = written(subject).into_iter().filter_map(|one| {
        let (_, words) = TYPES.iter().find(|(kind, _)| one.kind.ends_with(kind))?;
        Some(one.view.found(one.argument, *words))
    });
    let elevates = |view: &StepView<'_>| {
        let urls =
            view.planned.actions.iter().filter_map(Action::request).map(|request| request.url.to_string());
        urls.map(|url| url.to_ascii_lowercase()).any(|url| url.contains(ELEVATION))
    };
    let found = |view: StepView<'_>| {
        let argument = if view.argument("url").is_some() { "url" } else { "id" };
        view.found(argument, "the caller becomes an administrator of everything in the tenant")
    };
    resources.chain(subject.steps().filter(elevates).map(found)).collect()
}

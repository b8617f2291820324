//! Rules about the rights that a runbook needs.

use std::collections::HashMap;

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::permissions::{Needs, PermissionReport};
use arcbook_engine::step::{Permission, Plane};

use super::rights::wide_scope;
use crate::roles::built_in;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "needs-wide-rights",
    level: Level::Note,
    title: "the runbook needs a right that reaches far",
    explanation: "A step changes something for which its identity needs a permission at a whole subscription or more, or no \
        role grants what it needs but Owner, Contributor, User Access Administrator or Role Based Access Control \
        Administrator. `arcbook permissions` lists the needs, and `arcbook permissions -custom-role` makes a role of exactly \
        these.",
    prevents: "A leaked identity of a pipeline that changes everything in a subscription (SOC 2 CC6.3; ISO 27001 A.8.2).",
    remedy: "change the scope of the step, give a custom role, or say why the identity may have the right",
    check: needed,
}];

/// The roles that reach far.
const ROLES: [&str; 4] =
    ["Owner", "Contributor", "User Access Administrator", "Role Based Access Control Administrator"];

fn needed(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for view in subject.steps() {
        let needs = view.planned.actions.iter().flat_map(|action| &action.needs);
        let wide = needs.filter(|need| is_change(need)).find_map(|need| {
            let words = wide_scope(&need.scope.to_string())?;
            Some(format!("the identity of the step needs {} for {words}", need.action))
        });
        found.extend(wide.map(|message| view.found_in_whole(message)));
    }
    let steps: HashMap<&str, StepView<'_>> =
        subject.steps().map(|view| (view.planned.address.as_str(), view)).collect();
    let needs = Needs::of_plan(subject.plan, &subject.listing.runbook, subject.sources, subject.platform);
    let report = PermissionReport::of(&needs, built_in());
    for scope in report.identities.iter().flat_map(|identity| &identity.scopes) {
        let Some(role) = scope.roles.iter().find(|role| ROLES.contains(&role.name.as_str())) else {
            continue;
        };
        let needing = scope.permissions.iter().filter(|need| role.grants.contains(&need.action));
        let step =
            needing.flat_map(|need| &need.needed_by).find_map(|request| steps.get(request.step.as_str()));
        let message = format!("no smaller built-in role than {} has the permissions of the step", role.name);
        found.extend(step.map(|view| view.found_in_whole(message)));
    }
    found
}

/// Returns true if a permission is one to change something.
fn is_change(need: &Permission) -> bool {
    need.plane == Plane::Control && !need.action.to_ascii_lowercase().ends_with("/read")
}

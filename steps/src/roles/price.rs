//! Weighs a role by its rights beyond the need.

use arcbook_engine::step::{Permission, Plane};

use super::role::Role;

/// Rights that nearly every role has; they do not count.
const COMMON: [&str; 8] = [
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.ResourceHealth/availabilityStatuses/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/operationresults/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
];

/// The ends of actions that reveal secrets, run code on machines or give rights.
const GRAVE: [&str; 7] = [
    "accessPolicies/write",
    "addExtensions/action",
    "extensions/write",
    "getSecret/action",
    "listKeys/action",
    "roleAssignments/write",
    "runCommands/write",
];

/// The price of a role that may do everything, which no other reaches.
pub const EVERYTHING: u32 = 100_000;

/// Returns the patterns of a role that go beyond `needs`: the rights that nobody asked for.
pub fn beyond<'a>(
    role: &'a Role,
    needs: &'a [&Permission],
) -> impl Iterator<Item = (Plane, &'a str)> + use<'a> {
    let patterns = role.blocks.iter().flat_map(|block| {
        [Plane::Control, Plane::Data]
            .into_iter()
            .flat_map(|plane| block.patterns(plane).0.iter().map(move |pattern| (plane, pattern.as_str())))
    });
    let is_needed = |plane, pattern: &str| {
        needs.iter().any(|need| need.plane == plane && need.action.eq_ignore_ascii_case(pattern))
    };
    patterns.filter(move |(plane, pattern)| !is_needed(*plane, pattern) && !is_common(*plane, pattern))
}

/// Returns the price of a role for `needs`: the weight of its rights beyond them.
#[must_use]
pub fn price(role: &Role, needs: &[&Permission]) -> u32 {
    beyond(role, needs).map(|(plane, pattern)| weight(plane, pattern)).fold(0, u32::saturating_add)
}

/// Returns true if nearly every role has the right.
pub(super) fn is_common(plane: Plane, pattern: &str) -> bool {
    plane == Plane::Control && COMMON.iter().any(|common| common.eq_ignore_ascii_case(pattern))
}

/// Returns true if a pattern allows reads alone.
pub(super) fn is_read(pattern: &str) -> bool {
    ends_with(pattern, "/read") || ends_with(pattern, "readMetadata/action")
}

/// Returns true if a text has this end, in any case.
pub(super) fn ends_with(text: &str, end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn weight(plane: Plane, pattern: &str) -> u32 {
    if pattern == "*" {
        return EVERYTHING;
    }
    if pattern == "*/read" {
        return 10;
    }
    if is_read(pattern) {
        return match (plane, pattern.contains('*')) {
            (Plane::Control | Plane::Directory, false) => 1,
            (Plane::Control | Plane::Directory, true) => 3,
            (Plane::Data, false) => 5,
            (Plane::Data, true) => 15,
        };
    }
    if pattern.ends_with('*') {
        // The shorter the pattern, the more it allows.
        return match pattern.split('/').count() {
            0..=2 => 400,
            3 => 200,
            _ => 60,
        };
    }
    if GRAVE.iter().any(|grave| ends_with(pattern, grave)) { 60 } else { 10 }
}

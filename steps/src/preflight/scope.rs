//! Finds the scopes at which Azure lists permissions.

use arcbook_engine::step::{Permission, Plane};

use crate::permission;

/// Returns the id at which a permission of a resource is asked about; none if it is not known, or the scope has no id.
pub(crate) fn arm_scope(need: &Permission) -> Option<String> {
    let scope = need.scope.reveal().filter(|scope| scope.starts_with("/subscriptions/"))?;
    if need.plane == Plane::Directory || need.scope.is_sensitive() || need.action.contains(permission::ANY) {
        return None;
    }
    Some(assignable(&scope).to_owned())
}

/// Returns the id without the provider at its end: the list of a type ends with it, and it is no scope.
pub(super) fn assignable(scope: &str) -> &str {
    let scope = scope.trim_end_matches('/');
    let (before, after) = scope.rsplit_once("/providers/").unwrap_or((scope, "a/b/c"));
    if after.contains('/') { scope } else { before }
}

/// Returns a scope and those around it, the nearest first, up to the subscription.
pub(super) fn ancestors(scope: &str) -> Vec<String> {
    let segments: Vec<&str> = scope.trim_end_matches('/').split('/').collect();
    let (mut found, mut count) = (Vec::new(), segments.len());
    while count >= 3 {
        found.push(segments[..count].join("/"));
        let is_first_of_provider =
            count >= 7 && segments.get(count - 4).is_some_and(|kind| kind.eq_ignore_ascii_case("providers"));
        count -= if is_first_of_provider { 4 } else { 2 };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_an_object_follows_from_its_id() {
        let group = "/subscriptions/s/resourceGroups/g";
        for (id, expected) in [
            ("/subscriptions/s", vec![]),
            (group, vec!["/subscriptions/s"]),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f/",
                vec!["/subscriptions/s/resourceGroups/g/providers/A.B/c/d", group, "/subscriptions/s"],
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/c/d/providers/E.F/g/h",
                vec!["/subscriptions/s/resourceGroups/g/providers/A.B/c/d", group, "/subscriptions/s"],
            ),
        ] {
            assert_eq!(ancestors(id)[1..], expected, "{id}");
            assert_eq!(ancestors(id)[0], id.trim_end_matches('/'));
        }
        assert_eq!(assignable("/subscriptions/s/resourceGroups/g/providers/A.B"), group);
        assert_eq!(assignable(group), group);
    }
}

//! Tells whether a permission is missing because its role was assigned a moment ago.

use arcbook_engine::step::Permission;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::examination::Examination;
use crate::json::or_empty;
use crate::preflight::Asker;
use crate::roles::{Reading, Role, built_in};

/// The time after which a role assignment counts everywhere.
///
/// Source: "Troubleshoot Azure RBAC", Microsoft Learn: changes can take up to 10 minutes to take effect.
const LONGEST: Duration = Duration::minutes(10);

/// A role assignment, as Azure lists it.
#[derive(Deserialize)]
pub(super) struct Assignment {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "or_empty")]
    role_definition_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    created_on: String,
}

/// Returns a sentence about the newest role with a missing permission that was assigned to the identity so recently that it
/// may not count yet; none without one, and if the identity may not list its roles.
pub(super) async fn recent(it: &Examination<'_>, scope: &str, missing: &[Permission]) -> Option<String> {
    let object_id = it.token.as_ref()?.principal().get("object_id")?;
    let asker = Asker { azure: it.azure, context: it.context() };
    let filter = format!("assignedTo('{object_id}')");
    let listed: Vec<Assignment> = asker.authorization(scope, "roleAssignments", &filter).await.ok()?;
    newest(&listed, missing, OffsetDateTime::now_utc())
}

fn newest(listed: &[Assignment], missing: &[Permission], now: OffsetDateTime) -> Option<String> {
    let gives =
        |role: &Role| missing.iter().any(|need| role.allows(&need.action, need.plane, Reading::Lenient));
    let fresh = listed.iter().filter_map(|Assignment { properties }| {
        let role = built_in().defined_by(&properties.role_definition_id)?;
        let created = OffsetDateTime::parse(&properties.created_on, &Rfc3339).ok()?;
        let age = now - created;
        // The clock of this machine may be a little behind.
        (gives(role) && age < LONGEST && age > -LONGEST).then_some((age, role))
    });
    let (age, role) = fresh.min_by_key(|(age, _)| *age)?;
    let until = (now - age + LONGEST).replace_nanosecond(0).ok()?.format(&Rfc3339).ok()?;
    let age = match age.whole_minutes() {
        ..=0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    };
    Some(format!("{} was assigned {age}; it counts everywhere from {until} on", role.name))
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Plane;
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    const BLOB_READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

    #[test]
    fn a_role_that_was_assigned_a_moment_ago_is_named() {
        let action = "Microsoft.Compute/virtualMachines/read".into();
        let need = Permission { action, plane: Plane::Control, scope: "/subscriptions/s".into() };
        let now = datetime!(2026-01-01 12:00:00 UTC);
        for (role, created, expected) in [
            (
                READER,
                "2026-01-01T11:57:00.1Z",
                Some("2 minutes ago; it counts everywhere from 2026-01-01T12:07:00Z"),
            ),
            (READER, "2026-01-01T12:00:30Z", Some("less than a minute ago")),
            (READER, "2026-01-01T11:49:00Z", None),
            (READER, "soon", None),
            // Another role would not help.
            (BLOB_READER, "2026-01-01T11:57:00Z", None),
            ("another", "2026-01-01T11:57:00Z", None),
        ] {
            let id = format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}");
            let listed = json!([{ "properties": { "roleDefinitionId": id, "createdOn": created } }]);
            let listed: Vec<Assignment> = serde_json::from_value(listed).unwrap();
            let said = newest(&listed, std::slice::from_ref(&need), now);
            assert_eq!(said.is_some(), expected.is_some(), "{role} {created}: {said:?}");
            assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()), "{role} {created}");
        }
    }
}

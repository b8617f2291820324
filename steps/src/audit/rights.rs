//! Rules about the rights that a runbook gives.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::step::{ArgumentType as _, Plane};
use arcbook_engine::value::{Data, Value};

use crate::directory::RoleId;
use crate::roles::{Reading, Role, built_in};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "rights-owner",
        level: Level::Error,
        title: "somebody becomes Owner",
        explanation: "Owner may do everything at the scope, also give every right to anybody.",
        prevents: "Takeover of a subscription through one identity (SOC 2 CC6.3; ISO 27001 A.8.2).",
        remedy: "assign the roles that the principal needs, such as `Contributor` of one resource group",
        check: |subject| assignments(subject, &["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"], "the role Owner"),
    },
    AuditRule {
        id: "rights-access-administrator",
        level: Level::Error,
        title: "somebody may give rights",
        explanation: "User Access Administrator and Role Based Access Control Administrator may assign any role, also to \
            themselves, unless a condition limits them.",
        prevents: "Escalation of privileges (MITRE ATT&CK T1098; SOC 2 CC6.3).",
        remedy: "let an operator assign roles, or limit the assignment by a condition",
        check: |subject| {
            let roles = ["18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"];
            assignments(subject, &roles, "a role that may give rights")
        },
    },
    AuditRule {
        id: "rights-wide-scope",
        level: Level::Warning,
        title: "a role is assigned for a whole subscription or more",
        explanation: "The principal holds the role for everything in the subscription, the management group or the tenant, also \
            for what is made later.",
        prevents: "A right that grows with the subscription (SOC 2 CC6.3; ISO 27001 A.5.15).",
        remedy: "assign the role at a resource group or a resource",
        check: wide,
    },
    AuditRule {
        id: "rights-wildcard",
        level: Level::Error,
        title: "a custom role allows every action",
        explanation: "An action of `*` allows everything, also giving rights; `*/write` and `*/action` allow nearly as much. \
            `*/read` is not one of them.",
        prevents: "A role whose name hides that it is Owner (ISO 27001 A.8.2).",
        remedy: "list the actions that the role needs",
        check: wildcard,
    },
    AuditRule {
        id: "rights-foreign-tenant",
        level: Level::Warning,
        title: "a role goes to a principal of another tenant",
        explanation: "A group of another tenant (`ForeignGroup`), or an assignment with `delegatedManagedIdentityResourceId`: who \
            acts there is decided by others.",
        prevents: "Access that this tenant cannot take away from a person (SOC 2 CC6.2).",
        remedy: "assign the role to a group of this tenant, and invite the people as guests",
        check: foreign,
    },
    AuditRule {
        id: "rights-adds-extensions",
        level: Level::Warning,
        title: "an identity may add extensions to machines",
        explanation: "Extensions and run commands execute as root on every machine in the scope. Azure Connected Machine Onboarding \
            allows them too (`Microsoft.HybridCompute/machines/addExtensions/action`), and its secret often lies on each machine.",
        prevents: "One leaked onboarding secret that runs programs on the whole fleet (MITRE ATT&CK T1651).",
        remedy: "assign the role at the resource group of one site, for as long as machines are onboarded there",
        check: extensions,
    },
    AuditRule {
        id: "rights-vault-policy",
        level: Level::Warning,
        title: "an access policy allows to purge, or everything",
        explanation: "Who may purge deletes secrets, keys or certificates beyond recovery; `all` includes that.",
        prevents: "Loss of keys, and of the data that they encrypt (SOC 2 A1.2).",
        remedy: "list the permissions that the principal needs, without `purge`",
        check: policies,
    },
];

/// Returns the role of an assignment, if it is known and the step does not remove it.
fn role(view: &StepView<'_>) -> Option<String> {
    let is_absent = view.argument("absent").is_some_and(|value| matches!(value.data(), Data::Bool(true)));
    let role = view.argument("role").filter(|role| !is_absent && !role.is_unknown())?;
    let RoleId(id) = RoleId::from_value(role).ok()?;
    Some(id.to_string())
}

fn assignments(subject: &Subject<'_>, roles: &[&str], words: &str) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let role = role(&view)?;
        roles.contains(&role.as_str()).then(|| view.found("role", format!("{words} is assigned")))
    };
    subject.steps_of("role_assignment").filter_map(found).collect()
}

fn wide(subject: &Subject<'_>) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let scope = view.text("scope")?.trim_matches('/').to_ascii_lowercase();
        let segments: Vec<&str> = scope.split('/').filter(|segment| !segment.is_empty()).collect();
        let words = match segments.as_slice() {
            [] => "the whole tenant",
            ["subscriptions", _] => "a whole subscription",
            ["providers", "microsoft.management", "managementgroups", _] => "a whole management group",
            _ => return None,
        };
        role(&view)?;
        Some(view.found("scope", format!("a role is assigned for {words}")))
    };
    let by_pattern = |view: StepView<'_>| {
        // A subscription whose id is known later is one too.
        let scope = view.argument("scope")?;
        let pattern = scope.pattern()?.to_string();
        let rest = pattern.strip_prefix("/subscriptions/(")?;
        let is_whole = rest.rfind(')').is_some_and(|end| rest[end + 1..].trim_matches('/').is_empty());
        is_whole.then(|| view.found("scope", "a role is assigned for a whole subscription"))
    };
    let known = subject.steps_of("role_assignment").filter_map(found);
    known.chain(subject.steps_of("role_assignment").filter_map(by_pattern)).collect()
}

fn extensions(subject: &Subject<'_>) -> Vec<Found> {
    const ACTIONS: [&str; 3] = [
        "Microsoft.HybridCompute/machines/addExtensions/action",
        "Microsoft.HybridCompute/machines/extensions/write",
        "Microsoft.HybridCompute/machines/runCommands/write",
    ];
    let adds =
        |role: &Role| ACTIONS.iter().any(|action| role.allows(action, Plane::Control, Reading::Strict));
    let found = |view: StepView<'_>| {
        let id = role(&view)?;
        let role = built_in().roles().iter().find(|role| role.id == id)?;
        let message = format!("{} may add extensions, which run as root", role.name);
        adds(role).then(|| view.found("role", message))
    };
    subject.steps_of("role_assignment").filter_map(found).collect()
}

/// Returns the resources that `arm_resource` keeps, whose type is `kind` in lower case, with their bodies.
pub(super) fn resources<'a>(
    subject: &Subject<'a>,
    kind: &'static str,
) -> impl Iterator<Item = (StepView<'a>, &'a Value)> + use<'a> {
    let is_it = move |view: &StepView<'a>| {
        let id = view.argument("id").map(shown).unwrap_or_default().to_ascii_lowercase();
        of_type(&id, kind)
    };
    let views: Vec<StepView<'a>> = subject.steps_of("arm_resource").filter(is_it).collect();
    views.into_iter().filter_map(|view| Some((view, view.argument("body")?)))
}

/// Returns an id, with phrases in place of its unknown parts.
fn shown(id: &Value) -> String {
    id.as_str().map(str::to_owned).or_else(|| Some(id.pattern()?.to_string())).unwrap_or_default()
}

/// Returns true if the last resource type in an id is `kind`, such as `microsoft.storage/storageaccounts`.
fn of_type(id: &str, kind: &str) -> bool {
    let Some((_, rest)) = id.rsplit_once("/providers/") else { return false };
    let segments: Vec<&str> = rest.split('/').collect();
    let types = segments.iter().skip(1).step_by(2);
    let found: Vec<&str> = segments.first().into_iter().chain(types).copied().collect();
    found.join("/") == kind
}

/// Returns the member of an object at a path, whatever the case of its names.
pub(super) fn member<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let Some((name, rest)) = path.split_first() else { return Some(value) };
    let (Data::Object(entries) | Data::Map(_, entries)) = value.data() else { return None };
    let found = entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.and_then(|(_, inner)| member(inner, rest))
}

fn wildcard(subject: &Subject<'_>) -> Vec<Found> {
    let is_wide = |action: &Value| {
        action.as_str().is_some_and(|action| ["*", "*/write", "*/action", "*/delete"].contains(&action))
    };
    let found = |(view, body): (StepView<'_>, &Value)| {
        let permissions = member(body, &["properties", "permissions"])?;
        let blocks = permissions.children().flat_map(|block| {
            let lists = ["actions", "dataActions"].map(|name| member(block, &[name]));
            lists.into_iter().flatten().flat_map(Value::children)
        });
        blocks.into_iter().any(is_wide).then(|| view.found("body", "a role that allows every action"))
    };
    resources(subject, "microsoft.authorization/roledefinitions").filter_map(found).collect()
}

fn foreign(subject: &Subject<'_>) -> Vec<Found> {
    let found = |(view, body): (StepView<'_>, &Value)| {
        let kind = member(body, &["properties", "principalType"]).and_then(Value::as_str);
        let delegated = member(body, &["properties", "delegatedManagedIdentityResourceId"]);
        let is_foreign = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("ForeignGroup"));
        (is_foreign || delegated.is_some_and(|value| !value.is_null()))
            .then(|| view.found("body", "a role for a principal of another tenant"))
    };
    resources(subject, "microsoft.authorization/roleassignments").filter_map(found).collect()
}

fn policies(subject: &Subject<'_>) -> Vec<Found> {
    const KINDS: [&str; 4] = ["secrets", "keys", "certificates", "storage"];
    let is_wide = |value: &Value| {
        value.as_str().is_some_and(|word| ["all", "purge"].contains(&word.to_ascii_lowercase().as_str()))
    };
    let mut found = Vec::new();
    for view in subject.steps_of("keyvault_access_policy") {
        for kind in KINDS {
            if view.argument(kind).is_some_and(|words| words.children().any(is_wide)) {
                found.push(view.found(kind, format!("the policy allows to purge {kind}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_the_last_one_of_an_id() {
        let kind = "microsoft.storage/storageaccounts/blobservices";
        for (id, expected) in [
            (
                "/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a/blobservices/default",
                true,
            ),
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a", false),
            ("/subscriptions/s", false),
        ] {
            assert_eq!(of_type(id, kind), expected, "{id}");
        }
    }
}

//! Rules about the rights that a runbook gives.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::step::{ArgumentType as _, Plane};
use arcbook_engine::value::Value;
use uuid::Uuid;

use super::delegation;
use super::written::{Written, is_true, member, segments, shown, written};
use crate::directory::RoleId;
use crate::roles::{Reading, Role, built_in};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "rights-owner",
        level: Level::Error,
        title: "somebody becomes Owner",
        explanation: "Owner may do everything at the scope, also give every right to anybody. Each way to assign it counts: \
            `role_assignment`, `arm_resource`, a request of `http`, also one in a batch, and the template of a deployment, of a \
            deployment stack or of a policy.",
        prevents: "Takeover of a subscription through one identity (SOC 2 CC6.3; ISO 27001 A.8.2).",
        remedy: "assign the roles that the principal needs, such as `Contributor` of one resource group",
        check: |subject| assignments(subject, &["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"], "the role Owner"),
    },
    AuditRule {
        id: "rights-unknown-role",
        level: Level::Warning,
        title: "nobody can see which role is assigned",
        explanation: "The role, the actions of a custom role, or the whole template of a deployment are known only during the \
            run, so it may be Owner. A template behind a link (`templateLink`), a batch of unknown requests, and a request to an \
            unknown URL count too. A review sees no more than that.",
        prevents: "Escalation of privileges through a value that nobody reviews (MITRE ATT&CK T1098; SOC 2 CC6.3).",
        remedy: "write the role out, or say who decides about the value",
        check: unknown,
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
        title: "a custom role allows every action, or to give rights",
        explanation: "An action of `*` allows everything, also giving rights; `*/write` and `*/action` allow nearly as much. \
            `Microsoft.Authorization/*` and `Microsoft.Authorization/roleAssignments/write` allow to give every right. \
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
        id: "rights-delegation",
        level: Level::Error,
        title: "another place decides who gets rights",
        explanation: "A delegation to another tenant (`Microsoft.ManagedServices`) lets its people act here with the roles that it \
            lists. A federated credential lets whoever has a token of another issuer act as an identity. \
            `elevateAccess` makes the caller an administrator of everything in the tenant. Requests to Microsoft Graph that give \
            roles of the directory, permissions of applications, credentials or owners count, also those in a batch.",
        prevents: "Takeover through a trust that no list of role assignments shows (MITRE ATT&CK T1484.002; SOC 2 CC6.3).",
        remedy: "let an operator set up the trust or change the directory, and assign roles to principals of this tenant",
        check: delegation::check,
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
        explanation: "Who may purge deletes secrets, keys or certificates beyond recovery; `all` includes that. The \
            `accessPolicies` of a vault count, whatever writes it.",
        prevents: "Loss of keys, and of the data that they encrypt (SOC 2 A1.2).",
        remedy: "list the permissions that the principal needs, without `purge`",
        check: policies,
    },
];

/// An assignment that a runbook makes.
struct Given<'a> {
    view: StepView<'a>,
    /// The argument that names the role.
    argument: &'static str,
    /// The ids of the roles that it may be; none if nobody can see it.
    roles: Vec<String>,
    /// The scope in lower case.
    scope: String,
    /// The resource, unless it is a `role_assignment`.
    written: Option<Written<'a>>,
}

/// Returns the assignments that a runbook makes, whatever step type makes them.
fn given<'a>(subject: &Subject<'a>) -> Vec<Given<'a>> {
    let own = subject.steps_of("role_assignment").filter(|view| !is_true(view.argument("absent")));
    let own = own.map(|view| {
        let role = view.argument("role").filter(|role| !role.is_unknown());
        let role = role.and_then(|role| RoleId::from_value(role).ok()).map(|RoleId(id)| id.to_string());
        let scope = view.argument("scope").map(shown).unwrap_or_default().to_ascii_lowercase();
        Given { view, argument: "role", roles: role.into_iter().collect(), scope, written: None }
    });
    let others = written(subject).into_iter().filter(Written::is_assignment).map(|one| {
        let roles = one.at(&["properties", "roleDefinitionId"]).into_iter().flat_map(|id| ids(&shown(id)));
        let (view, argument, roles, scope) = (one.view, one.argument, roles.collect(), one.scope.clone());
        Given { view, argument, roles, scope, written: Some(one) }
    });
    own.chain(others).collect()
}

/// Returns the ids in a text that may name a role: those behind the type of roles, or else all. An expression of a template
/// may name several.
fn ids(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let behind = text.split_once("roledefinitions").map_or(text.as_str(), |(_, behind)| behind);
    let words = behind.split(|next: char| !next.is_ascii_hexdigit() && next != '-');
    words.filter_map(|word| Uuid::parse_str(word).ok()).map(|id| id.to_string()).collect()
}

fn assignments(subject: &Subject<'_>, roles: &[&str], words: &str) -> Vec<Found> {
    let found = |one: Given<'_>| {
        let is_it = one.roles.iter().any(|role| roles.contains(&role.as_str()));
        is_it.then(|| one.view.found(one.argument, format!("{words} is assigned")))
    };
    given(subject).into_iter().filter_map(found).collect()
}

fn unknown(subject: &Subject<'_>) -> Vec<Found> {
    let assigned = given(subject).into_iter().filter(|one| one.roles.is_empty());
    let mut found: Vec<Found> =
        assigned.map(|one| one.view.found(one.argument, "nobody can see which role is assigned")).collect();
    for one in written(subject) {
        let is_role = one.kind == ROLES;
        let actions = actions(&one);
        let is_hidden = actions.is_empty() || actions.iter().any(|action| action.is_unknown());
        if is_role && is_hidden {
            found.push(one.view.found(one.argument, "nobody can see which actions the role allows"));
        } else if let Some(thing) = one.hidden {
            let message = format!("nobody can see which rights the {thing} gives");
            found.push(one.view.found(one.argument, message));
        }
    }
    found
}

/// The type of custom roles.
const ROLES: &str = "microsoft.authorization/roledefinitions";

/// Returns the words for a scope that is a whole subscription or more; none for a smaller one, or an unknown one.
pub(super) fn wide_scope(scope: &str) -> Option<&'static str> {
    let segments = segments(&scope.to_ascii_lowercase());
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [] => Some("the whole tenant"),
        ["subscriptions", _] => Some("a whole subscription"),
        ["providers", "microsoft.management", "managementgroups", _] => Some("a whole management group"),
        _ => None,
    }
}

fn wide(subject: &Subject<'_>) -> Vec<Found> {
    let found = |one: Given<'_>| {
        let words = wide_scope(&one.scope)?;
        let argument = if one.written.is_some() { one.argument } else { "scope" };
        Some(one.view.found(argument, format!("a role is assigned for {words}")))
    };
    given(subject).into_iter().filter_map(found).collect()
}

fn extensions(subject: &Subject<'_>) -> Vec<Found> {
    const ACTIONS: [&str; 3] = [
        "Microsoft.HybridCompute/machines/addExtensions/action",
        "Microsoft.HybridCompute/machines/extensions/write",
        "Microsoft.HybridCompute/machines/runCommands/write",
    ];
    let adds =
        |role: &Role| ACTIONS.iter().any(|action| role.allows(action, Plane::Control, Reading::Strict));
    let found = |one: Given<'_>| {
        let is_it = |role: &&Role| one.roles.contains(&role.id) && adds(role);
        let role = built_in().roles().iter().find(is_it)?;
        Some(one.view.found(one.argument, format!("{} may add extensions, which run as root", role.name)))
    };
    given(subject).into_iter().filter_map(found).collect()
}

/// Returns the patterns of the actions of a custom role.
fn actions<'w>(role: &'w Written<'_>) -> Vec<&'w Value> {
    let lists =
        role.at(&["properties", "permissions"]).into_iter().flat_map(Value::children).flat_map(|block| {
            ["actions", "dataActions"].into_iter().filter_map(|name| member(block, &[name]))
        });
    lists.flat_map(|list| if list.is_unknown() { vec![list] } else { list.children().collect() }).collect()
}

/// The actions that give rights.
const GIVING: [&str; 5] = [
    "microsoft.authorization/roleassignments/write",
    "microsoft.authorization/roledefinitions/write",
    "microsoft.authorization/elevateaccess/action",
    "microsoft.authorization/roleassignmentschedulerequests/write",
    "microsoft.authorization/roleeligibilityschedulerequests/write",
];

/// Returns true if the pattern of an action allows every change, or to give rights.
fn is_wide(pattern: &str) -> bool {
    let mut pattern = pattern.to_ascii_lowercase();
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    // `*` stands for any characters, slashes among them.
    let matches = |action: &str| {
        let parts: Vec<&str> = pattern.split('*').collect();
        let Some((first, rest)) = parts.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return action == *first };
        let Some(mut left) = action.strip_prefix(first) else { return false };
        for part in middle {
            let Some(at) = left.find(part) else { return false };
            left = &left[at + part.len()..];
        }
        left.ends_with(last)
    };
    let every = pattern.starts_with('*')
        && ["/write", "/action", "/delete", "*"].iter().any(|end| pattern.ends_with(end));
    every || GIVING.iter().any(|action| matches(action))
}

fn wildcard(subject: &Subject<'_>) -> Vec<Found> {
    let roles = written(subject).into_iter().filter(|one| one.kind == ROLES);
    let found = |one: Written<'_>| {
        let is_it = actions(&one).iter().any(|action| is_wide(&shown(action)));
        is_it.then(|| one.view.found(one.argument, "a role that allows every action, or to give rights"))
    };
    roles.filter_map(found).collect()
}

fn foreign(subject: &Subject<'_>) -> Vec<Found> {
    let found = |one: Written<'_>| {
        let kinds = one.at(&["properties", "principalType"]);
        let delegated = one.at(&["properties", "delegatedManagedIdentityResourceId"]);
        let is_foreign = kinds.iter().any(|kind| shown(kind).eq_ignore_ascii_case("ForeignGroup"));
        (is_foreign || delegated.iter().any(|value| !value.is_null()))
            .then(|| one.view.found(one.argument, "a role for a principal of another tenant"))
    };
    written(subject).into_iter().filter(Written::is_assignment).filter_map(found).collect()
}

/// The kinds of objects in a vault that an access policy is about.
const KINDS: [&str; 4] = ["secrets", "keys", "certificates", "storage"];

fn policies(subject: &Subject<'_>) -> Vec<Found> {
    let is_wide = |value: &Value| {
        value.as_str().is_some_and(|word| ["all", "purge"].contains(&word.to_ascii_lowercase().as_str()))
    };
    let message = |kind: &str| format!("the policy allows to purge {kind}");
    let mut found = Vec::new();
    for view in subject.steps_of("keyvault_access_policy") {
        for kind in KINDS {
            if view.argument(kind).is_some_and(|words| words.children().any(is_wide)) {
                found.push(view.found(kind, message(kind)));
            }
        }
    }
    let is_vault = |one: &Written<'_>| one.kind.starts_with("microsoft.keyvault/vaults");
    for one in written(subject).into_iter().filter(is_vault) {
        let lists = one.at(&["properties", "accessPolicies"]);
        let policies: Vec<&Value> = lists.into_iter().flat_map(Value::children).collect();
        for kind in KINDS {
            let words = policies.iter().filter_map(|policy| member(policy, &["permissions", kind]));
            if words.flat_map(Value::children).any(is_wide) {
                found.push(one.view.found(one.argument, message(kind)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_actions_is_wide_whatever_its_spelling() {
        for (pattern, expected) in [
            ("*", true),
            ("**", true),
            ("*/Write", true),
            ("*/action", true),
            ("Microsoft.Authorization/*", true),
            ("microsoft.authorization/roleassignments/WRITE", true),
            ("Microsoft.Authorization/*/write", true),
            ("Microsoft.Auth*", true),
            ("*/read", false),
            ("Microsoft.Authorization/*/read", false),
            ("Microsoft.Compute/*", false),
            ("Microsoft.Compute/virtualMachines/write", false),
        ] {
            assert_eq!(is_wide(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn the_id_of_a_role_is_found_in_ids_and_in_expressions() {
        let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        let subscription = "10000000-0000-4000-8000-000000000000";
        for text in [
            format!(
                "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{owner}"
            ),
            format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{owner}')]"),
            owner.to_ascii_uppercase(),
        ] {
            assert_eq!(ids(&text), [owner], "{text}");
        }
        assert_eq!(ids("[parameters('role')]"), Vec::<String>::new());
    }
}

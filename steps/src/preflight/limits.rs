//! Reads what takes a permission back: deny assignments, and conditions of role assignments.

use arcbook_engine::step::{Permission, StepError, fits};
use serde::Deserialize;

use super::ask::Asker;
use super::held::is_held;
use super::verdict::Verdict;
use crate::json::or_empty;
use crate::roles::{Block, Reading, Role, built_in};

/// The id that stands for every principal.
const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The limits at one scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    denials: Vec<Denial>,
    grants: Vec<Grant>,
}

#[derive(Clone, Debug, Deserialize)]
struct Item<T> {
    properties: T,
}

/// A deny assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Denial {
    #[serde(default, deserialize_with = "or_empty")]
    deny_assignment_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    permissions: Vec<Block>,
    #[serde(default, deserialize_with = "or_empty")]
    scope: String,
    #[serde(default, deserialize_with = "or_empty")]
    do_not_apply_to_child_scopes: bool,
    #[serde(default, deserialize_with = "or_empty")]
    principals: Vec<Principal>,
    #[serde(default, deserialize_with = "or_empty")]
    exclude_principals: Vec<Principal>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Principal {
    #[serde(default, deserialize_with = "or_empty")]
    id: String,
    #[serde(rename = "type", default, deserialize_with = "or_empty")]
    kind: String,
}

/// A role assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    #[serde(default, deserialize_with = "or_empty")]
    role_definition_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    principal_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    scope: String,
    #[serde(default, deserialize_with = "or_empty")]
    condition: String,
}

impl Limits {
    /// Reads the limits at a scope, as far as the identity may read them.
    pub async fn read(asker: &Asker<'_>, scope: &str, object_id: Option<&str>) -> Self {
        let denials: Result<Vec<Item<Denial>>, StepError> =
            asker.authorization(scope, "denyAssignments", "atScope()").await;
        let grants: Result<Vec<Item<Grant>>, StepError> =
            asker.authorization(scope, "roleAssignments", "atScope()").await;
        let is_own = |grant: &Grant| {
            object_id.is_some_and(|id| grant.principal_id.eq_ignore_ascii_case(id))
                && is_around(&grant.scope, scope)
        };
        let concerns = |denial: &Denial| {
            let is_here = denial.scope.is_empty() || denial.scope.eq_ignore_ascii_case(scope);
            is_here || (!denial.do_not_apply_to_child_scopes && is_around(&denial.scope, scope))
        };
        // Few identities may read them; without, the permissions alone count.
        let properties = |denial: Item<Denial>| denial.properties;
        Self {
            denials: denials.unwrap_or_default().into_iter().map(properties).filter(concerns).collect(),
            grants: grants
                .unwrap_or_default()
                .into_iter()
                .map(|item| item.properties)
                .filter(is_own)
                .collect(),
        }
    }

    /// Returns the verdict on a permission that the identity holds by `held`.
    pub fn verdict(&self, need: &Permission, held: Verdict, object_id: Option<&str>) -> Verdict {
        let denials = self.denials.iter().filter(|denial| denial.denies(need));
        let of = |denial: &Denial| denial.verdict(object_id);
        if let Some(denied) = denials.filter_map(of).min_by_key(|verdict| !verdict.is_no()) {
            return denied;
        }
        match self.condition(need) {
            Some(condition) if held.is_yes() => Verdict::Conditional { condition: condition.to_owned() },
            _ => held,
        }
    }

    /// Returns the condition of the role assignment that alone gives the permission; none if there is no condition, or
    /// another assignment gives it without.
    fn condition(&self, need: &Permission) -> Option<&str> {
        let role = |grant: &Grant| built_in().defined_by(&grant.role_definition_id);
        let allows = |role: &Role| role.allows(&need.action, need.plane, Reading::Lenient);
        let is_free = |grant: &&Grant| grant.condition.trim().is_empty();
        if self.grants.iter().filter(is_free).filter_map(role).any(allows) {
            return None;
        }
        let mut limited = self
            .grants
            .iter()
            .filter(|grant| !is_free(grant))
            .filter(|grant| role(grant).is_none_or(allows) && is_limited(&grant.condition, &need.action));
        limited.next().map(|grant| grant.condition.trim())
    }
}

impl Denial {
    fn denies(&self, need: &Permission) -> bool {
        is_held(&self.permissions, need)
    }

    /// Returns the verdict on a permission that the assignment denies; none if it does not concern the principal.
    fn verdict(&self, object_id: Option<&str>) -> Option<Verdict> {
        let is_it = |principal: &Principal| {
            principal.id == EVERYBODY || object_id.is_some_and(|id| principal.id.eq_ignore_ascii_case(id))
        };
        let may_be = |principal: &Principal| principal.kind.eq_ignore_ascii_case("Group");
        let name = &self.deny_assignment_name;
        let excluded = &self.exclude_principals;
        if excluded.iter().any(|principal| principal.id != EVERYBODY && is_it(principal)) {
            return None;
        }
        let is_certain = self.principals.iter().any(is_it) && !excluded.iter().any(may_be);
        if is_certain {
            return Some(Verdict::no(format!("the deny assignment `{name}` denies it")));
        }
        let is_possible = self.principals.iter().any(|principal| is_it(principal) || may_be(principal));
        let reason = format!("the deny assignment `{name}` names groups, whose members are not known here");
        is_possible.then(|| Verdict::cannot_tell(reason))
    }
}

/// Returns true if a condition may limit an action: it names no actions, or this one.
fn is_limited(condition: &str, action: &str) -> bool {
    let lower = condition.to_ascii_lowercase();
    let mut named =
        lower.split("actionmatches{").skip(1).filter_map(|rest| rest.split('\'').nth(1)).peekable();
    named.peek().is_none() || named.any(|pattern| fits(pattern, action))
}

/// Returns true if a scope is the other one or around it.
fn is_around(outer: &str, scope: &str) -> bool {
    let outer = outer.trim_end_matches('/');
    let start = scope.get(..outer.len()).is_some_and(|start| start.eq_ignore_ascii_case(outer));
    // Management groups and the root are around every subscription that asks about them.
    outer.is_empty()
        || outer.starts_with("/providers/Microsoft.Management/")
        || start && matches!(scope.as_bytes().get(outer.len()), None | Some(b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRIBUTOR: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";

    fn limits(denials: &str, grants: &str) -> Limits {
        let denials: Vec<Denial> = serde_json::from_str(denials).unwrap();
        let grants: Vec<Grant> = serde_json::from_str(grants).unwrap();
        Limits { denials, grants }
    }

    fn words(limits: &Limits, action: &str) -> &'static str {
        let need = Permission::data(action.to_owned(), "/x".into());
        limits.verdict(&need, Verdict::Yes, Some("me")).words()
    }

    #[test]
    fn a_deny_assignment_comes_first() {
        let denial = |principals: &str, excluded: &str| {
            let text = format!(
                r#"[{{"denyAssignmentName":"d","permissions":[{{"dataActions":["Microsoft.Storage/*"],"notDataActions":["*/read"]}}],
                "principals":[{principals}],"excludePrincipals":[{excluded}]}}]"#
            );
            words(&limits(&text, "[]"), WRITE)
        };
        let everybody = format!(r#"{{"id":"{EVERYBODY}","type":"SystemDefined"}}"#);
        let me = r#"{"id":"ME","type":"ServicePrincipal"}"#;
        let group = r#"{"id":"g","type":"Group"}"#;
        assert_eq!(denial(&everybody, ""), "no");
        assert_eq!(denial(me, ""), "no");
        assert_eq!(denial(&everybody, me), "yes");
        assert_eq!(denial(&everybody, group), "cannot tell");
        assert_eq!(denial(group, ""), "cannot tell");
        assert_eq!(denial(r#"{"id":"other","type":"ServicePrincipal"}"#, ""), "yes");
    }

    #[test]
    fn a_condition_counts_if_nothing_else_gives_the_permission() {
        let grant = |role: &str, condition: &str| {
            format!(
                r#"{{"roleDefinitionId":"/x/{role}","principalId":"me","scope":"/","condition":{condition}}}"#
            )
        };
        let reads = r#""(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'}) OR @Resource[x] StringEquals 'y')""#;
        let of = |grants: &[String], action: &str| {
            words(&limits("[]", &format!("[{}]", grants.join(","))), action)
        };
        let (limited, free) = (grant(CONTRIBUTOR, "\"x\""), grant(CONTRIBUTOR, "null"));
        assert_eq!(of(std::slice::from_ref(&limited), WRITE), "under a condition");
        assert_eq!(of(&[limited.clone(), free], WRITE), "yes");
        assert_eq!(of(&[limited], "A.B/c/read"), "yes", "the role does not give it");
        let limited = grant(CONTRIBUTOR, reads);
        assert_eq!(of(std::slice::from_ref(&limited), WRITE), "yes", "the condition names other actions");
        assert_eq!(of(&[limited], &WRITE.replace("write", "read")), "under a condition");
        assert_eq!(of(&[grant("unknown", "\"x\"")], WRITE), "under a condition");
    }
}

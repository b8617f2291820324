//! Suggests the roles for a set of permissions.

use std::cmp::Reverse;
use std::collections::HashMap;

use arcbook_engine::step::{Permission, Plane, Text};

use super::price::{EVERYTHING, beyond, price};
use super::role::{Reading, Role};
use super::table::built_in;

/// The roles that a set of permissions needs, by scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The scopes, in the order in which the permissions first name them; a scope that another one covers is left
    /// out.
    pub scopes: Vec<ScopeSuggestion>,
}

/// The roles to assign at one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSuggestion {
    /// The scope, which may have unknown parts.
    pub scope: Text,
    /// The roles, by name.
    pub roles: Vec<SuggestedRole>,
    /// The permissions that no role of the table grants.
    pub uncovered: Vec<Permission>,
}

/// A suggested role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedRole {
    /// The name.
    pub name: &'static str,
    /// The id.
    pub id: &'static str,
    /// The needed permissions that it grants.
    pub grants: Vec<Permission>,
    /// The patterns of the actions that it allows beyond the need, without those that nearly every role has.
    pub beyond: Vec<(Plane, &'static str)>,
    /// True if it grants a permission only if `*` in a pattern may stand for nothing, as Azure probably reads it.
    pub is_lenient: bool,
}

/// A needed permission.
#[derive(Clone)]
struct Need<'a> {
    permission: &'a Permission,
    /// The roles that may be suggested for it.
    roles: Vec<&'static Role>,
}

/// The needs at one scope.
struct Group<'a> {
    scope: &'a Text,
    /// The scope, if all of it is known.
    known: Option<String>,
    needs: Vec<Need<'a>>,
}

/// Suggests the smallest sensible set of roles for `permissions`.
#[must_use]
pub fn suggest(permissions: &[Permission]) -> Suggestion {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut by_scope: HashMap<String, Vec<usize>> = HashMap::new();
    for permission in permissions {
        let shown = permission.scope.to_string().to_ascii_lowercase();
        let near = by_scope.entry(shown.trim_end_matches('/').to_owned()).or_default();
        let same = near.iter().find(|at| groups[**at].is_at(&permission.scope)).copied();
        let at = same.unwrap_or_else(|| {
            near.push(groups.len());
            groups.push(Group::at(&permission.scope));
            groups.len() - 1
        });
        groups[at].add(permission);
    }
    // A role at a wider scope holds at the narrower ones, so the wider ones come first.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|at| groups[*at].known.as_ref().map_or(usize::MAX, String::len));
    let mut assigned: Vec<Vec<&'static Role>> = vec![Vec::new(); groups.len()];
    let mut found: Vec<Option<ScopeSuggestion>> = vec![None; groups.len()];
    for at in order {
        let wider = groups.iter().zip(&assigned).filter(|(group, _)| group.contains(&groups[at]));
        let inherited: Vec<&Role> = wider.flat_map(|(_, roles)| roles.iter().copied()).collect();
        let is_open = |need: &&Need<'_>| !inherited.iter().any(|role| role.allows_strictly(need.permission));
        let open: Vec<Need<'_>> = groups[at].needs.iter().filter(is_open).cloned().collect();
        if !open.is_empty() {
            assigned[at] = roles_for(&open);
            found[at] = Some(ScopeSuggestion::of(groups[at].scope, &assigned[at], &open));
        }
    }
    Suggestion { scopes: found.into_iter().flatten().collect() }
}

impl<'a> Group<'a> {
    fn at(scope: &'a Text) -> Self {
        let known = scope.reveal().map(|known| known.trim_end_matches('/').to_ascii_lowercase());
        Self { scope, known, needs: Vec::new() }
    }

    fn add(&mut self, permission: &'a Permission) {
        let is_same = |need: &Need<'_>| {
            need.permission.plane == permission.plane
                && need.permission.action.eq_ignore_ascii_case(&permission.action)
        };
        if !self.needs.iter().any(is_same) {
            self.needs.push(Need { permission, roles: candidates(permission) });
        }
    }

    /// Returns true if the scope is the same, as far as it is known.
    fn is_at(&self, scope: &Text) -> bool {
        match (&self.known, scope.reveal()) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other.trim_end_matches('/')),
            _ => self.scope == scope,
        }
    }

    /// Returns true if the scope is certainly around that of `inner`.
    fn contains(&self, inner: &Self) -> bool {
        let (Some(outer), Some(inner)) = (&self.known, &inner.known) else { return false };
        inner.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl Need<'_> {
    /// Returns true if the role grants it, by the reading that its suggestion uses.
    fn is_granted_by(&self, role: &Role) -> bool {
        role.allows_strictly(self.permission) || self.roles.iter().any(|one| one.id == role.id)
    }
}

impl ScopeSuggestion {
    fn of(scope: &Text, roles: &[&'static Role], needs: &[Need<'_>]) -> Self {
        let mut roles: Vec<_> = roles.iter().map(|role| SuggestedRole::of(role, needs)).collect();
        roles.sort_by_key(|role| role.name);
        let uncovered = needs.iter().filter(|need| need.roles.is_empty());
        Self {
            scope: scope.clone(),
            roles,
            uncovered: uncovered.map(|need| need.permission.clone()).collect(),
        }
    }
}

impl SuggestedRole {
    fn of(role: &'static Role, needs: &[Need<'_>]) -> Self {
        let granted: Vec<&Permission> =
            needs.iter().filter(|need| need.is_granted_by(role)).map(|need| need.permission).collect();
        Self {
            name: role.name,
            id: role.id,
            beyond: beyond(role, &permissions_of(needs)).collect(),
            is_lenient: !granted.iter().all(|need| role.allows_strictly(need)),
            grants: granted.into_iter().cloned().collect(),
        }
    }
}

/// Returns the cheapest set of roles that grants the needs, as far as roles of the table do.
fn roles_for(needs: &[Need<'_>]) -> Vec<&'static Role> {
    let all = permissions_of(needs);
    let mut open: Vec<&Need<'_>> = needs.iter().filter(|need| !need.roles.is_empty()).collect();
    let mut chosen: Vec<&'static Role> = Vec::new();
    while !open.is_empty() {
        // The price for each need that a role grants; the name makes the choice unambiguous.
        let rank = |role: &&'static Role| {
            let count = open.iter().filter(|need| need.is_granted_by(role)).count();
            let count = u64::try_from(count.max(1)).unwrap_or(u64::MAX);
            (u64::from(price(role, &all)) * 1000 / count, role.name)
        };
        let Some(best) = open.iter().flat_map(|need| need.roles.iter().copied()).min_by_key(rank) else {
            break;
        };
        open.retain(|need| !need.is_granted_by(best));
        chosen.push(best);
    }
    without_redundant(chosen, needs)
}

/// Removes each role whose needs the others grant, the dearest first.
fn without_redundant(mut chosen: Vec<&'static Role>, needs: &[Need<'_>]) -> Vec<&'static Role> {
    let all = permissions_of(needs);
    let mut by_price = chosen.clone();
    by_price.sort_by_key(|role| (Reverse(price(role, &all)), role.name));
    for role in by_price {
        let others: Vec<_> = chosen.iter().filter(|other| other.id != role.id).copied().collect();
        let is_spare = |need: &Need<'_>| {
            !need.is_granted_by(role) || others.iter().any(|other| need.is_granted_by(other))
        };
        if needs.iter().all(is_spare) {
            chosen = others;
        }
    }
    chosen
}

fn permissions_of<'a>(needs: &[Need<'a>]) -> Vec<&'a Permission> {
    needs.iter().map(|need| need.permission).collect()
}

/// Returns the roles that may be suggested for a need: by the strict reading, unless it leaves only roles that may do
/// everything.
fn candidates(need: &Permission) -> Vec<&'static Role> {
    let with = |reading| {
        let is_fit =
            move |role: &&Role| role.is_home(&need.action) && role.allows(&need.action, need.plane, reading);
        built_in().iter().filter(is_fit).collect::<Vec<&Role>>()
    };
    let is_modest = |roles: &[&'static Role]| roles.iter().any(|role| price(role, &[]) < EVERYTHING);
    let strict = with(Reading::Strict);
    if is_modest(&strict) {
        return strict;
    }
    let lenient = with(Reading::Lenient);
    if is_modest(&lenient) { lenient } else { strict }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Arg;
    use arcbook_engine::value::Origins;

    use super::*;

    const ARC: &str = "Microsoft.HybridCompute/machines";
    const VAULTS: &str = "Microsoft.KeyVault/vaults";
    const CONTAINERS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";

    fn control(action: &str, scope: &str) -> Permission {
        Permission::control(action.to_owned(), scope.into())
    }

    fn data(action: &str, scope: &str) -> Permission {
        Permission::data(action.to_owned(), scope.into())
    }

    fn names(suggestion: &Suggestion) -> Vec<(String, Vec<&'static str>)> {
        let name = |scope: &ScopeSuggestion| {
            (scope.scope.to_string(), scope.roles.iter().map(|role| role.name).collect())
        };
        suggestion.scopes.iter().map(name).collect()
    }

    #[test]
    fn each_permission_has_a_sensible_role() {
        let machine = |rest: &str| control(&format!("{ARC}/{rest}"), "/x");
        let vault = |rest: &str| control(&format!("{VAULTS}/{rest}"), "/x");
        let secret = |rest: &str| data(&format!("{VAULTS}/{rest}"), "/x");
        let container = |rest: &str| control(&format!("{CONTAINERS}/{rest}"), "/x");
        let blob = |rest: &str| data(&format!("{CONTAINERS}/blobs/{rest}"), "/x");
        let plain = |action: &str| control(action, "/x");
        for (need, role) in [
            (plain("*/read"), "Reader"),
            (plain("Microsoft.Resources/subscriptions/resourceGroups/resources/read"), "Reader"),
            (plain("Microsoft.Resources/subscriptions/resourceGroups/write"), "Contributor"),
            (plain("Microsoft.Resources/tags/write"), "Tag Contributor"),
            (plain("Microsoft.HybridCompute/register/action"), "Contributor"),
            (machine("read"), "Reader"),
            (machine("write"), "Azure Connected Machine Onboarding"),
            (machine("delete"), "Azure Connected Machine Resource Administrator"),
            (machine("extensions/write"), "Azure Connected Machine Resource Administrator"),
            (machine("RUNCOMMANDS/write"), "Azure Connected Machine Resource Administrator"),
            (vault("read"), "Reader"),
            (vault("write"), "Key Vault Contributor"),
            (secret("secrets/getSecret/action"), "Key Vault Secrets User"),
            (secret("secrets/readMetadata/action"), "Key Vault Reader"),
            (secret("secrets/setSecret/action"), "Key Vault Secrets Officer"),
            (secret("certificates/import/action"), "Key Vault Certificates Officer"),
            (secret("keys/sign/action"), "Key Vault Crypto User"),
            (
                plain("Microsoft.Storage/storageAccounts/listKeys/action"),
                "Storage Account Key Operator Service Role",
            ),
            (container("read"), "Reader"),
            (container("write"), "Storage Blob Data Contributor"),
            (container("delete"), "Storage Blob Data Contributor"),
            (blob("read"), "Storage Blob Data Reader"),
            (blob("write"), "Storage Blob Data Contributor"),
            (blob("delete"), "Storage Blob Data Contributor"),
            (blob("tags/write"), "Storage Blob Data Owner"),
            (plain("Microsoft.OperationalInsights/workspaces/query/read"), "Reader"),
            (plain("Microsoft.GuestConfiguration/guestConfigurationAssignments/read"), "Reader"),
            (
                plain("Microsoft.Authorization/roleAssignments/write"),
                "Role Based Access Control Administrator",
            ),
            (plain("Microsoft.Authorization/roleDefinitions/write"), "User Access Administrator"),
        ] {
            let suggestion = suggest(std::slice::from_ref(&need));
            assert_eq!(names(&suggestion), [("/x".to_owned(), vec![role])], "{}", need.action);
            assert!(!suggestion.scopes[0].roles[0].is_lenient, "{role}");
        }
    }

    #[test]
    fn only_a_lenient_reading_saves_from_a_role_for_everything() {
        let suggestion =
            suggest(&[control("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "/x")]);
        let role = &suggestion.scopes[0].roles[0];
        assert_eq!((role.name, role.is_lenient), ("Managed Identity Operator", true));
    }

    #[test]
    fn one_role_serves_several_permissions_and_a_wider_scope_the_narrower_ones() {
        let group = "/subscriptions/s/resourceGroups/g";
        let machine = format!("{group}/providers/{ARC}/m");
        let container = "https://a.test/c";
        let suggestion = suggest(&[
            control(&format!("{ARC}/read"), &machine),
            control(&format!("{CONTAINERS}/read"), container),
            data(&format!("{CONTAINERS}/blobs/write"), container),
            control("Microsoft.Resources/subscriptions/resourceGroups/resources/read", &group.to_uppercase()),
            data(&format!("{CONTAINERS}/blobs/WRITE"), "https://a.test/c/"),
            control(&format!("{ARC}/write"), &format!("{group}2")),
        ]);
        assert_eq!(
            names(&suggestion),
            [
                (container.to_owned(), vec!["Storage Blob Data Contributor"]),
                (group.to_uppercase(), vec!["Reader"]),
                (format!("{group}2"), vec!["Azure Connected Machine Onboarding"]),
            ]
        );
        let role = &suggestion.scopes[0].roles[0];
        assert_eq!(role.grants.len(), 2);
        let beyond: Vec<_> = role.beyond.iter().map(|(_, pattern)| *pattern).collect();
        assert!(
            beyond.contains(&"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete"),
            "{beyond:?}"
        );
        assert!(
            !beyond.contains(&"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"),
            "{beyond:?}"
        );
    }

    #[test]
    fn an_unknown_scope_covers_no_other() {
        let unknown: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let at = |text: &str| {
            Permission::control("A.B/read", Text::new().then_arg(&unknown, Clone::clone).then(text))
        };
        assert_eq!(suggest(&[at(""), at("/x"), at("")]).scopes.len(), 2);
    }

    #[test]
    fn a_permission_without_a_role_is_named() {
        let need = data("Microsoft.HybridCompute/locations/publishers/extensionTypes/versions/read", "/x");
        let suggestion = suggest(std::slice::from_ref(&need));
        assert_eq!((suggestion.scopes[0].roles.len(), &suggestion.scopes[0].uncovered), (0, &vec![need]));
        assert_eq!(suggest(&[]).scopes, []);
    }
}

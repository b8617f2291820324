//! Suggests the roles for a set of permissions.

use std::collections::HashMap;

use arcbook_engine::step::{Permission, Plane, RoleSource, Roles, ScopeRoles, SuggestedRole, Text};

use super::block::Reading;
use super::choose::{Need, roles_for};
use super::directory;
use super::price::{EVERYTHING, price};
use super::risk;
use super::role::{Origin, Role};
use super::table::RoleTable;
use crate::words;

/// The needs at one scope.
struct Group<'a> {
    scope: &'a Text,
    /// The scope, if all of it is known.
    known: Option<String>,
    is_directory: bool,
    /// The positions of the needs.
    needs: Vec<usize>,
}

/// The way to grant a permission at the root.
const BELOW_ROOT: &str =
    "the same role at the subscriptions or resource groups whose objects the answers shall have";

/// A permission without its scope.
type Key = (Plane, String);

impl Roles for RoleTable {
    fn source(&self) -> RoleSource {
        RoleTable::source(self).clone()
    }

    fn at_scopes(&self, needs: &[Permission]) -> Vec<ScopeRoles> {
        let is_limited = self.roles().iter().any(|role| !role.assignable.is_empty());
        let (candidates, choices) = (HashMap::new(), HashMap::new());
        Suggesting { table: self, needs, candidates, choices, is_limited }.at_scopes()
    }

    fn risk(&self, need: &Permission) -> Option<&'static str> {
        risk::of(need)
    }
}

/// The chosen roles, and the suggestion of them.
type Choice<'a> = (Vec<&'a Role>, Vec<SuggestedRole>);

/// A suggestion that is being made.
struct Suggesting<'a> {
    table: &'a RoleTable,
    needs: &'a [Permission],
    /// The roles that may be suggested for each permission.
    candidates: HashMap<Key, Vec<&'a Role>>,
    /// The suggestion for each set of permissions, and each scope if that matters.
    choices: HashMap<(Vec<Key>, Option<String>), Choice<'a>>,
    /// True if some roles cannot be assigned at every scope.
    is_limited: bool,
}

impl<'a> Suggesting<'a> {
    fn at_scopes(mut self) -> Vec<ScopeRoles> {
        let groups = groups(self.needs);
        // A role at a wider scope holds at the narrower ones, so the wider ones come first.
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|at| groups[*at].known.as_ref().map_or(usize::MAX, String::len));
        let mut assigned: HashMap<String, Vec<&'a Role>> = HashMap::new();
        let mut found: Vec<Option<ScopeRoles>> = groups.iter().map(|_| None).collect();
        for at in order {
            let group = &groups[at];
            found[at] = Some(if group.is_directory {
                self.of_directory(group)
            } else {
                self.of_azure(group, &mut assigned)
            });
        }
        found.into_iter().flatten().collect()
    }

    fn of_directory(&self, group: &Group<'_>) -> ScopeRoles {
        let needs: Vec<&Permission> = group.needs.iter().map(|at| &self.needs[*at]).collect();
        ScopeRoles { ways: directory::ways(&needs), ..group.without_roles() }
    }

    fn of_azure(&mut self, group: &Group<'_>, assigned: &mut HashMap<String, Vec<&'a Role>>) -> ScopeRoles {
        let inherited: Vec<&Role> =
            group.ancestors().filter_map(|scope| assigned.get(scope)).flatten().copied().collect();
        let is_open = |at: &&usize| !inherited.iter().any(|role| role.allows_strictly(&self.needs[**at]));
        let open: Vec<usize> = group.needs.iter().filter(is_open).copied().collect();
        let needs: Vec<Need<'a>> = open.iter().map(|at| self.need(&self.needs[*at], group)).collect();
        let mut key: Vec<Key> = needs.iter().map(|need| key_of(need.permission)).collect();
        key.sort();
        key.dedup();
        let key = (key, group.known.clone().filter(|_| self.is_limited));
        let (chosen, roles) = self.choices.entry(key).or_insert_with(|| suggested(&needs)).clone();
        if let Some(known) = &group.known {
            // A role for everything is the last resort, and not what people assign: it spares nobody a narrower one.
            let modest = chosen.into_iter().filter(|role| price(role, &[]) < EVERYTHING);
            assigned.insert(known.clone(), modest.collect());
        }
        let uncovered = open.iter().zip(&needs).filter(|(_, need)| need.roles.is_empty());
        let uncovered = uncovered.map(|(at, _)| *at).collect();
        // A role for the whole tenant is never the only way: what asks all of it is answered with what the caller may read.
        let ways = if group.known.as_deref() == Some("") { vec![BELOW_ROOT.to_owned()] } else { Vec::new() };
        ScopeRoles { uncovered, roles, ways, ..group.without_roles() }
    }

    fn need(&mut self, permission: &'a Permission, group: &Group<'_>) -> Need<'a> {
        let table = self.table.roles();
        let roles =
            self.candidates.entry(key_of(permission)).or_insert_with(|| candidates(table, permission));
        let is_fit = |role: &&&Role| role.is_assignable(group.known.as_deref());
        Need { permission, roles: roles.iter().filter(is_fit).copied().collect() }
    }
}

fn key_of(permission: &Permission) -> Key {
    (permission.plane, permission.action.to_ascii_lowercase())
}

/// Collects the needs at each scope, in their order.
fn groups(needs: &[Permission]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut by_scope: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, need) in needs.iter().enumerate() {
        let shown = need.scope.to_string().to_ascii_lowercase();
        let near = by_scope.entry(shown.trim_end_matches('/').to_owned()).or_default();
        let same = near.iter().find(|at| groups[**at].is_of(need)).copied();
        let at = same.unwrap_or_else(|| {
            near.push(groups.len());
            groups.push(Group::of(need));
            groups.len() - 1
        });
        groups[at].needs.push(number);
    }
    groups
}

impl<'a> Group<'a> {
    fn of(need: &'a Permission) -> Self {
        let known = need.scope.reveal().map(|known| known.trim_end_matches('/').to_ascii_lowercase());
        let is_directory = need.plane == Plane::Directory;
        Self { scope: &need.scope, known, is_directory, needs: Vec::new() }
    }

    /// Returns true if the need is at the scope, as far as it is known.
    fn is_of(&self, need: &Permission) -> bool {
        let is_same = match (&self.known, need.scope.reveal()) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other.trim_end_matches('/')),
            _ => self.scope.is_alike(&need.scope),
        };
        is_same && self.is_directory == (need.plane == Plane::Directory)
    }

    /// Returns the scopes that are certainly around this one.
    fn ancestors(&self) -> impl Iterator<Item = &str> {
        let known = self.known.as_deref().unwrap_or_default();
        known.match_indices('/').map(|(at, _)| &known[..at])
    }

    fn without_roles(&self) -> ScopeRoles {
        ScopeRoles {
            scope: self.scope.clone(),
            name: words::scope(self.scope),
            needs: self.needs.clone(),
            roles: Vec::new(),
            ways: Vec::new(),
            uncovered: Vec::new(),
        }
    }
}

/// Returns the cheapest roles, and the suggestion of them by name.
fn suggested<'a>(needs: &[Need<'a>]) -> Choice<'a> {
    let mut distinct: Vec<Need<'a>> = Vec::new();
    for need in needs {
        if !distinct.iter().any(|known| key_of(known.permission) == key_of(need.permission)) {
            distinct.push(need.clone());
        }
    }
    let chosen = roles_for(&distinct);
    let all: Vec<&Permission> = distinct.iter().map(|need| need.permission).collect();
    let mut roles: Vec<SuggestedRole> =
        chosen.iter().map(|role| suggested_role(role, &distinct, &all)).collect();
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    (chosen, roles)
}

fn suggested_role(role: &Role, needs: &[Need<'_>], all: &[&Permission]) -> SuggestedRole {
    let granted = needs.iter().filter(|need| need.is_granted_by(role)).map(|need| need.permission);
    let granted: Vec<&Permission> = granted.collect();
    SuggestedRole {
        name: role.name.clone(),
        id: role.id.clone(),
        by_wildcard: !granted.iter().all(|need| role.allows_strictly(need)),
        grants: granted.iter().map(|need| need.action.to_string()).collect(),
        surplus: risk::surplus(role, all),
    }
}

/// Returns the roles that may be suggested for a need: by the strict reading and without roles of unknown purpose, unless
/// that leaves only roles that may do everything; and these last, whatever they are made for.
fn candidates<'a>(table: &'a [Role], need: &Permission) -> Vec<&'a Role> {
    let with = |reading, has_list: bool| {
        let is_fit = move |role: &&Role| {
            (has_list || role.origin != Origin::List)
                && role.is_home(&need.action)
                && role.allows(&need.action, need.plane, reading)
        };
        table.iter().filter(is_fit).collect::<Vec<&Role>>()
    };
    let is_modest = |roles: &Vec<&Role>| roles.iter().any(|role| price(role, &[]) < EVERYTHING);
    let tries = [(Reading::Strict, false), (Reading::Strict, true), (Reading::Lenient, true)];
    let found = tries.into_iter().map(|(reading, has_list)| with(reading, has_list)).find(is_modest);
    let found = found.unwrap_or_else(|| with(Reading::Strict, true));
    if !found.is_empty() {
        return found;
    }
    // A list may have nothing but roles for everything, whose purpose nobody has judged.
    let is_everything = |role: &&Role| price(role, &[]) >= EVERYTHING && role.allows_strictly(need);
    table.iter().filter(is_everything).collect()
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::{Arg, Form};
    use arcbook_engine::value::Origins;

    use super::super::table::built_in;
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

    fn suggest(needs: &[Permission]) -> Vec<ScopeRoles> {
        built_in().at_scopes(needs)
    }

    /// Returns the scopes at which roles are assigned, and their names.
    fn names(scopes: &[ScopeRoles]) -> Vec<(String, Vec<&str>)> {
        let name = |scope: &'_ ScopeRoles| scope.scope.to_string();
        let roles = scopes.iter().filter(|scope| !scope.roles.is_empty());
        roles
            .map(|scope| (name(scope), scope.roles.iter().map(|role| role.name.as_str()).collect()))
            .collect()
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
            (
                plain("Microsoft.Authorization/roleAssignmentScheduleRequests/write"),
                "User Access Administrator",
            ),
            (plain("Microsoft.Authorization/elevateAccess/action"), "User Access Administrator"),
            (plain("Microsoft.Authorization/locks/write"), "Locks Contributor"),
            (plain("Microsoft.Authorization/LOCKS/delete"), "Locks Contributor"),
            (plain("Microsoft.Authorization/policyAssignments/write"), "Resource Policy Contributor"),
            (plain("Microsoft.Authorization/policyDefinitions/delete"), "Resource Policy Contributor"),
            (plain("*/delete"), "Contributor"),
        ] {
            let suggestion = suggest(std::slice::from_ref(&need));
            assert_eq!(names(&suggestion), [("/x".to_owned(), vec![role])], "{}", need.action);
            assert!(!suggestion[0].roles[0].by_wildcard, "{role}");
        }
    }

    #[test]
    fn only_a_lenient_reading_saves_from_a_role_for_everything() {
        let suggestion =
            suggest(&[control("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "/x")]);
        let role = &suggestion[0].roles[0];
        assert_eq!((role.name.as_str(), role.by_wildcard), ("Managed Identity Operator", true));
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
        // The role at the group grants the read of the machine in it.
        assert_eq!((suggestion[0].scope.to_string(), suggestion[0].roles.len()), (machine, 0));
        let role = &suggestion[1].roles[0];
        assert_eq!(role.grants.len(), 2);
        let beyond = &role.surplus;
        let blobs = format!("{CONTAINERS}/blobs");
        assert_eq!(beyond.deletes, [format!("{CONTAINERS}/delete"), format!("{blobs}/delete")]);
        assert!(!beyond.changes.contains(&format!("{blobs}/write")), "{beyond:?}");
    }

    #[test]
    fn an_unknown_scope_covers_no_other() {
        let unknown: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let at = |text: &str| {
            Permission::control("A.B/read", Text::new().then_arg(&unknown, Clone::clone).then(text))
        };
        assert_eq!(suggest(&[at(""), at("/x"), at("")]).len(), 2);
    }

    #[test]
    fn an_unknown_scope_is_listed_once_whatever_argument_names_it() {
        let at = |origin: &str, form| {
            Permission::control("A.B/read", Text::new().then_unknown(Origins::of(origin), form))
        };
        let (any, path) = (Form::Any, Form::Path);
        let needs = [at("step.a.b", any), at("step.a.b", path), at("step.a.c", any)];
        let scopes = suggest(&needs);
        assert_eq!(scopes.iter().map(|scope| scope.needs.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![2]]);
    }

    #[test]
    fn a_permission_without_a_role_is_named() {
        let need = data("Microsoft.HybridCompute/locations/publishers/extensionTypes/versions/read", "/x");
        let suggestion = suggest(std::slice::from_ref(&need));
        assert_eq!((suggestion[0].roles.len(), &suggestion[0].uncovered), (0, &vec![0]));
        assert_eq!(suggest(&[]), []);
    }
}

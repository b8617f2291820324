//! Writes a custom role, as `az role definition create --role-definition FILE` takes it.
//!
//! Source of the keys and limits: "Azure custom roles", and the command line of Azure.

use std::collections::BTreeMap;

use arcbook_engine::step::{Permission, Plane};
use serde_json::{Value as Json, json};
use thiserror::Error;

/// The limits of Azure.
const LONGEST_NAME: usize = 512;
const LONGEST_DESCRIPTION: usize = 2048;
const MOST_SCOPES: usize = 2000;

/// A role with exactly the needed actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    name: String,
    description: String,
    actions: Vec<String>,
    data_actions: Vec<String>,
    scopes: Vec<String>,
}

/// The reason why there is no custom role.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CustomRoleError {
    /// The name is empty or too long.
    #[error("the name of a custom role has 1 to {LONGEST_NAME} characters")]
    Name,
    /// Roles of Azure cannot grant anything that the identity needs.
    #[error("the identity needs no permission that a role of Azure grants")]
    Nothing,
    /// The name of an action has several unknown parts.
    #[error("the action {0} has several unknown parts, and an action of a role has one `*` at most")]
    Unknown(String),
    /// Scopes are unknown before the run, or have no id.
    #[error("a custom role needs the ids of its scopes, and these are not known: {}", .0.join(", "))]
    Scopes(Vec<String>),
    /// A role cannot be assignable there.
    #[error("{0} cannot be an assignable scope of a custom role")]
    Scope(String),
    /// There are too many scopes.
    #[error("a custom role has at most {MOST_SCOPES} assignable scopes, and {0} are needed")]
    TooMany(usize),
    /// There are several management groups.
    #[error("a custom role has at most one management group among its assignable scopes")]
    Groups,
    /// A role with data actions cannot be assignable at a management group.
    #[error("a custom role with data actions cannot be assignable at a management group")]
    DataInGroup,
}

impl CustomRole {
    /// Returns a role that grants `needs`, assignable at `scopes`; without any, at the resource groups and subscriptions
    /// of the needs.
    ///
    /// # Errors
    ///
    /// If Azure would not take such a role.
    pub fn new(
        name: &str,
        description: &str,
        needs: &[Permission],
        scopes: &[String],
    ) -> Result<Self, CustomRoleError> {
        if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(CustomRoleError::Name);
        }
        let [actions, data_actions] = [Plane::Control, Plane::Data].map(|plane| actions(needs, plane));
        if actions.is_empty() && data_actions.is_empty() {
            return Err(CustomRoleError::Nothing);
        }
        let several = |action: &&String| action.matches('*').count() > 1;
        if let Some(action) = actions.iter().chain(&data_actions).find(several) {
            return Err(CustomRoleError::Unknown(action.clone()));
        }
        let scopes = if scopes.is_empty() { known_scopes(needs)? } else { checked(scopes)? };
        let is_group = |scope: &&String| scope.starts_with("/providers/");
        match scopes.iter().filter(is_group).count() {
            _ if scopes.len() > MOST_SCOPES => return Err(CustomRoleError::TooMany(scopes.len())),
            0 => {}
            1 if data_actions.is_empty() => {}
            1 => return Err(CustomRoleError::DataInGroup),
            _ => return Err(CustomRoleError::Groups),
        }
        let description = description.chars().take(LONGEST_DESCRIPTION).collect();
        Ok(Self { name: name.to_owned(), description, actions, data_actions, scopes })
    }

    /// Returns the definition.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({
            "Name": self.name,
            "IsCustom": true,
            "Description": self.description,
            "Actions": self.actions,
            "NotActions": [],
            "DataActions": self.data_actions,
            "NotDataActions": [],
            "AssignableScopes": self.scopes,
        })
    }

    /// Returns the actions with an unknown part, which the role grants for anything in its place.
    pub fn wide(&self) -> impl Iterator<Item = &str> {
        self.actions
            .iter()
            .chain(&self.data_actions)
            .map(String::as_str)
            .filter(|action| action.contains('*'))
    }
}

/// Returns the needed actions of a plane, in order, each once in any case.
fn actions(needs: &[Permission], plane: Plane) -> Vec<String> {
    let own = needs.iter().filter(|need| need.plane == plane);
    let by_name: BTreeMap<String, &str> =
        own.map(|need| (need.action.to_ascii_lowercase(), &*need.action)).collect();
    by_name.into_values().map(ToOwned::to_owned).collect()
}

/// Returns the resource groups and subscriptions of the needs, without those within another.
fn known_scopes(needs: &[Permission]) -> Result<Vec<String>, CustomRoleError> {
    let (mut known, mut unknown) = (BTreeMap::new(), Vec::new());
    for need in needs.iter().filter(|need| need.plane != Plane::Directory) {
        // The definition of a role is no place for a secret.
        let public = need.scope.reveal().filter(|_| !need.scope.is_sensitive());
        match public.as_deref().and_then(assignable) {
            Some(scope) => drop(known.insert(scope.to_ascii_lowercase(), scope)),
            None => unknown.push(need.scope.to_string()),
        }
    }
    unknown.sort();
    unknown.dedup();
    if !unknown.is_empty() {
        return Err(CustomRoleError::Scopes(unknown));
    }
    let all: Vec<String> = known.keys().cloned().collect();
    let is_within = |scope: &String| all.iter().any(|outer| scope.starts_with(&format!("{outer}/")));
    Ok(known.into_iter().filter(|(scope, _)| !is_within(scope)).map(|(_, scope)| scope).collect())
}

/// Returns the resource group or the subscription of an id.
fn assignable(id: &str) -> Option<String> {
    let segments: Vec<&str> = id.trim_end_matches('/').split('/').collect();
    match segments.as_slice() {
        ["", kind, subscription, group, name, ..]
            if is(kind, "subscriptions") && is(group, "resourceGroups") =>
        {
            Some(format!("/subscriptions/{subscription}/resourceGroups/{name}"))
        }
        ["", kind, subscription, ..] if is(kind, "subscriptions") && !subscription.is_empty() => {
            Some(format!("/subscriptions/{subscription}"))
        }
        _ => None,
    }
}

fn checked(scopes: &[String]) -> Result<Vec<String>, CustomRoleError> {
    let is_group = |scope: &str| {
        let segments: Vec<&str> = scope.split('/').collect();
        matches!(segments.as_slice(), ["", providers, provider, kind, name]
            if is(providers, "providers") && is(provider, "Microsoft.Management")
                && is(kind, "managementGroups") && !name.is_empty())
    };
    let mut kept: Vec<String> = Vec::new();
    for scope in scopes.iter().map(|scope| scope.trim_end_matches('/')) {
        let is_whole = assignable(scope).is_some_and(|own| own.eq_ignore_ascii_case(scope));
        if scope.contains('*') || !(is_whole || is_group(scope)) {
            return Err(CustomRoleError::Scope(if scope.is_empty() {
                "/".to_owned()
            } else {
                scope.to_owned()
            }));
        }
        if !kept.iter().any(|known| known.eq_ignore_ascii_case(scope)) {
            kept.push(scope.to_owned());
        }
    }
    Ok(kept)
}

fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Arg;
    use arcbook_engine::value::Origins;

    use super::*;

    const GROUP: &str = "/subscriptions/s/resourceGroups/g";

    fn needs() -> Vec<Permission> {
        let vault = format!("{GROUP}/providers/Microsoft.KeyVault/vaults/v");
        vec![
            Permission::control("Microsoft.KeyVault/vaults/write", vault.as_str().into()),
            Permission::control("microsoft.keyvault/vaults/WRITE", vault.as_str().into()),
            Permission::control("Microsoft.KeyVault/vaults/read", GROUP.to_uppercase().into()),
            Permission::data("A.B/c/read", "/subscriptions/t/providers/x".into()),
            Permission::control("A.B/d/read", "/subscriptions/t/resourceGroups/h".into()),
            Permission::directory("GroupMember.Read.All", "https://graph.test/v1.0/groups/g".into()),
        ]
    }

    #[test]
    fn the_definition_has_the_keys_of_azures_command_line() {
        let role = CustomRole::new("own", "Made for x.", &needs(), &[]).unwrap();
        let expected = json!({
            "Name": "own",
            "IsCustom": true,
            "Description": "Made for x.",
            "Actions": ["A.B/d/read", "Microsoft.KeyVault/vaults/read", "microsoft.keyvault/vaults/WRITE"],
            "NotActions": [],
            "DataActions": ["A.B/c/read"],
            "NotDataActions": [],
            "AssignableScopes": ["/subscriptions/S/resourceGroups/G", "/subscriptions/t"],
        });
        assert_eq!(role.to_json(), expected);
    }

    #[test]
    fn azures_limits_are_kept() {
        let management = "/providers/Microsoft.Management/managementGroups/m";
        let control = &needs()[..2];
        let with = |needs: &[Permission], scopes: &[&str]| {
            let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            CustomRole::new("own", "", needs, &scopes).map(|role| role.scopes)
        };
        assert_eq!(
            with(control, &[management, "/subscriptions/S/"]).unwrap(),
            [management, "/subscriptions/S"]
        );
        assert_eq!(with(&needs(), &[management]), Err(CustomRoleError::DataInGroup));
        assert_eq!(with(control, &[management, &format!("{management}2")]), Err(CustomRoleError::Groups));
        for scope in ["/", "*", "/subscriptions/*", "g", &format!("{GROUP}/providers/A.B/c/d")] {
            assert!(matches!(with(control, &[scope]), Err(CustomRoleError::Scope(_))), "{scope}");
        }
        let many: Vec<String> = (0..2001).map(|number| format!("/subscriptions/{number}")).collect();
        assert_eq!(CustomRole::new("own", "", control, &many), Err(CustomRoleError::TooMany(2001)));
        assert_eq!(CustomRole::new(" ", "", control, &[]), Err(CustomRoleError::Name));
        assert_eq!(CustomRole::new(&"x".repeat(513), "", control, &[]), Err(CustomRoleError::Name));
        assert_eq!(with(&needs()[5..], &[]), Err(CustomRoleError::Nothing));
        let wide = [Permission::control("*/a/*/read", GROUP.into())];
        assert_eq!(with(&wide, &[]), Err(CustomRoleError::Unknown("*/a/*/read".to_owned())));
    }

    #[test]
    fn unknown_scopes_are_named() {
        let vault: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let vault = arcbook_engine::step::Text::from("https://").then_arg(&vault, Clone::clone);
        let needs = [&needs()[..1], &[Permission::data("A.B/c/read", vault)]].concat();
        let unknown = vec!["https://(known after step.a.b)".to_owned()];
        assert_eq!(CustomRole::new("own", "", &needs, &[]), Err(CustomRoleError::Scopes(unknown)));
        let role = CustomRole::new("own", "", &needs, &[GROUP.to_owned()]).unwrap();
        assert_eq!(role.scopes, [GROUP]);
    }
}

//! Makes the report from the needs.

use indexmap::{IndexMap, IndexSet};

use super::needs::{Actor, DatabaseNeed, Need, Needs, TokenNeed};
use super::report::{
    DatabaseLogin, IdentityNeeds, LocalRight, Login, NeededPermission, NeedingRequest, OpenToken,
    PermissionReport, ScopeNeeds,
};
use crate::step::{Permission, Plane, Roles, ScopeRoles};

/// The format number; this format stays readable for programs that read it today.
const FORMAT: u32 = 1;

impl PermissionReport {
    /// Reports the needs of a plan, with roles of `roles`.
    #[must_use]
    pub fn of(needs: &Needs, roles: &dyn Roles) -> Self {
        let of_nobody = needs.databases.iter().filter(|need| need.acts_as.is_none());
        Self {
            format: FORMAT,
            runbook: needs.runbook.clone(),
            setting: needs.setting.clone(),
            roles: roles.source(),
            identities: needs.actors.iter().map(|actor| identity(actor, needs, roles)).collect(),
            databases: databases(of_nobody),
            local: local(needs),
            programs: needs.programs.clone(),
        }
    }
}

fn identity(actor: &Actor, needs: &Needs, roles: &dyn Roles) -> IdentityNeeds {
    let own: Vec<&Need> = needs.permissions.iter().filter(|need| need.acts_as == actor.address).collect();
    let permissions: Vec<Permission> = own.iter().map(|need| need.permission.clone()).collect();
    let scopes = roles.at_scopes(&permissions);
    let logins = needs.databases.iter().filter(|need| need.acts_as.as_ref() == Some(&actor.address));
    IdentityNeeds {
        identity: actor.address.clone(),
        source: actor.source.clone(),
        scopes: scopes.into_iter().map(|scope| scope_needs(scope, &own, roles)).collect(),
        databases: databases(logins),
        open: open(needs.tokens.iter().filter(|need| need.acts_as == actor.address)),
    }
}

/// Returns the uses of tokens, each once with its steps.
fn open<'a>(needs: impl Iterator<Item = &'a TokenNeed>) -> Vec<OpenToken> {
    let mut uses: IndexMap<(&str, Option<&str>), IndexSet<&str>> = IndexMap::new();
    for TokenNeed { audience, host, step, .. } in needs {
        uses.entry((audience, host.as_deref())).or_default().insert(step);
    }
    let all = uses.into_iter().map(|((audience, host), steps)| OpenToken {
        audience: audience.to_owned(),
        host: host.map(ToOwned::to_owned),
        steps: steps.into_iter().map(ToOwned::to_owned).collect(),
    });
    all.collect()
}

fn scope_needs(scope: ScopeRoles, own: &[&Need], roles: &dyn Roles) -> ScopeNeeds {
    let mut permissions: IndexMap<(Plane, String), NeededPermission> = IndexMap::new();
    for need in scope.needs.iter().filter_map(|at| own.get(*at)) {
        let Permission { action, plane, .. } = &need.permission;
        let new = || NeededPermission {
            action: action.to_string(),
            plane: *plane,
            risk: roles.risk(&need.permission).map(ToOwned::to_owned),
            needed_by: Vec::new(),
        };
        // Azure does not distinguish upper and lower case in actions.
        let known = permissions.entry((*plane, action.to_ascii_lowercase())).or_insert_with(new);
        let Need { step, place, request, .. } = *need;
        let (step, place, request) = (step.clone(), place.clone(), request.clone());
        known.needed_by.push(NeedingRequest { step, place, request });
    }
    let uncovered = scope.uncovered.iter().filter_map(|at| own.get(*at));
    let uncovered: IndexSet<String> = uncovered.map(|need| need.permission.action.to_string()).collect();
    ScopeNeeds {
        scope: scope.scope.to_string(),
        scope_name: scope.name,
        permissions: permissions.into_values().collect(),
        inherited: scope.roles.is_empty() && scope.ways.is_empty() && uncovered.is_empty(),
        roles: scope.roles,
        ways: scope.ways,
        uncovered: uncovered.into_iter().collect(),
    }
}

/// Returns the logins, each once with its steps.
fn databases<'a>(needs: impl Iterator<Item = &'a DatabaseNeed>) -> Vec<DatabaseLogin> {
    let mut logins: Vec<DatabaseLogin> = Vec::new();
    for need in needs {
        let login = match need {
            DatabaseNeed { acts_as: Some(_), .. } => Login::Token,
            DatabaseNeed { password: true, .. } => Login::Password,
            _ => Login::Other,
        };
        let DatabaseNeed { host, database, user, step, .. } = need;
        let is_same = |known: &&mut DatabaseLogin| {
            (&known.host, &known.database, &known.user, known.login) == (host, database, user, login)
        };
        match logins.iter_mut().find(is_same) {
            Some(known) => known.steps.push(step.clone()),
            None => logins.push(DatabaseLogin {
                host: host.clone(),
                database: database.clone(),
                user: user.clone(),
                login,
                steps: vec![step.clone()],
            }),
        }
    }
    for login in &mut logins {
        login.steps.dedup();
    }
    logins
}

fn local(needs: &Needs) -> Vec<LocalRight> {
    let mut rights: IndexMap<&str, IndexSet<&str>> = IndexMap::new();
    for need in &needs.local {
        rights.entry(need.right).or_default().insert(&need.step);
    }
    let right = |(right, steps): (&str, IndexSet<&str>)| LocalRight {
        right: right.to_owned(),
        steps: steps.into_iter().map(ToOwned::to_owned).collect(),
    };
    rights.into_iter().map(right).collect()
}

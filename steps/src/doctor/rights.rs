//! The rights of the identity: at its own machine, and at the scopes that the runbook names.

use std::collections::BTreeMap;

use arcbook_engine::step::{Action, Arg, HttpRequest, Method, Permission, Platform as _, StepError, Text};
use serde::Deserialize;

use super::Finding;
use super::examination::{Examination, Machine};
use super::propagation::recent;
use crate::arc::{self, MACHINES};
use crate::arm::{self, ResourcePath};
use crate::cloud::Service;
use crate::http::clean;
use crate::json::or_empty;
use crate::permission;
use crate::preflight::{Asker, arm_scope, is_held};
use crate::roles::Block;

const MACHINE: &str = "rights.machine";
const RUNBOOK: &str = "rights.runbook";

/// The remedy for a role that does not count yet.
const LATE: &str = "a new role assignment takes up to ten minutes to take effect";

/// The API version of virtual machines.
const VM_VERSION: &str = "2024-07-01";

#[derive(Deserialize)]
struct Resource {
    #[serde(default, deserialize_with = "or_empty")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "or_empty")]
    status: String,
    #[serde(default, deserialize_with = "or_empty")]
    agent_version: String,
}

/// Reads the machine's own resource.
pub(super) async fn machine(it: &mut Examination<'_>) {
    if !it.begin(MACHINE, None) {
        return;
    }
    let Some(machine) = it.machine.clone() else { return };
    let finding = match read(it, &machine).await {
        Ok(resource) => judge(&resource.properties),
        Err(error) => match error.status() {
            Some(403) => {
                it.is_refused_at_machine = true;
                let finding = Finding::failed(MACHINE, &error);
                let summary = "the identity may not read the resource of this machine".to_owned();
                // A runbook may do without.
                Finding { status: super::Status::Warning, summary, ..finding }
            }
            Some(404) => Finding::error(MACHINE, "Azure does not know this machine any more")
                .detail(format!("There is no {}.", clean(&machine.id)))
                .remedy(crate::os::Os::HERE.agent_help().connect),
            _ => Finding::failed(MACHINE, &error),
        },
    };
    it.add(finding);
}

async fn read(it: &Examination<'_>, machine: &Machine) -> Result<Resource, StepError> {
    let path = ResourcePath::parse(&machine.id).map_err(StepError::internal)?;
    let path = Arg::known(path);
    let is_arc = machine.id.to_ascii_lowercase().contains(&MACHINES.to_ascii_lowercase());
    let action = if is_arc {
        arc::read_machine(it.azure, &path)
    } else {
        let path = arc::path(&path);
        let url = arm::versioned(it.azure, &path, &VM_VERSION.into());
        get(it, url, permission::arm(Method::Get, &path))
    };
    it.session(std::slice::from_ref(&action)).send(&action).await?.json()
}

fn get(it: &Examination<'_>, url: Text, need: Permission) -> Action {
    let request = HttpRequest::new(Method::Get, url).audience(it.azure.cloud().audience(Service::Arm));
    request.action().needs(need)
}

fn judge(properties: &Properties) -> Finding {
    let Properties { status, agent_version } = properties;
    let version = match agent_version.as_str() {
        "" => String::new(),
        version => format!(", agent {}", clean(version)),
    };
    match status.as_str() {
        "" => Finding::ok(MACHINE, "the identity reads the resource of this machine"),
        "Connected" => Finding::ok(MACHINE, format!("Azure sees this machine as Connected{version}")),
        other => Finding::warning(MACHINE, format!("Azure sees this machine as {}{version}", clean(other)))
            .detail("The agent of this machine does not reach Azure, or has not for a while.")
            .remedy("check the connections of the agent: sudo azcmagent check"),
    }
}

/// Compares the permissions that the runbook needs with those that the identity holds, scope by scope.
pub(super) async fn runbook(it: &mut Examination<'_>) {
    let (mut scopes, mut later): (BTreeMap<String, Vec<&Permission>>, usize) = (BTreeMap::new(), 0);
    for need in &it.case.needs {
        match arm_scope(need) {
            Some(scope) => scopes.entry(scope).or_default().push(need),
            None => later += 1,
        }
    }
    for (scope, needs) in scopes {
        if !it.begin(RUNBOOK, Some(&scope)) {
            continue;
        }
        let finding = match asker(it).permissions(&scope).await {
            Ok((_, allowed)) => compare(it, &scope, &needs, &allowed).await,
            Err(error) if error.status() == Some(403) => refused(it, &needs),
            Err(error) => Finding::failed(RUNBOOK, &error),
        };
        it.add(finding.about(scope));
    }
    if later > 0 {
        let permissions = if later == 1 { "1 permission".to_owned() } else { format!("{later} permissions") };
        let reason =
            format!("{permissions} at objects that are known only during the run, or have no id here");
        it.add(
            Finding::skipped(RUNBOOK, reason).detail("`arcbook plan -live` asks the services about them."),
        );
    }
}

fn asker<'a>(it: &Examination<'a>) -> Asker<'a> {
    Asker { azure: it.azure, context: it.context() }
}

async fn compare(it: &Examination<'_>, scope: &str, needs: &[&Permission], allowed: &[Block]) -> Finding {
    let is_missing = |need: &&&Permission| !is_held(allowed, need);
    let missing: Vec<Permission> = needs.iter().filter(is_missing).map(|need| (**need).clone()).collect();
    if missing.is_empty() {
        return Finding::ok(RUNBOOK, "the identity holds every permission that the runbook needs there");
    }
    let names = names(missing.iter());
    let finding = Finding::error(RUNBOOK, "the identity lacks a permission that the runbook needs there");
    let finding = finding.detail(format!("It lacks {names}."));
    match recent(it, scope, &missing).await {
        Some(role) => finding.remedy(format!("wait, and look again: {role}")),
        None => give(it, finding, &missing),
    }
}

/// Returns the finding for an identity that may not ask about its own permissions.
fn refused(it: &Examination<'_>, needs: &[&Permission]) -> Finding {
    let needed: Vec<Permission> = needs.iter().map(|need| (*need).clone()).collect();
    let detail = format!(
        "The runbook needs {} there. Without Microsoft.Authorization/permissions/read, which Reader has, the identity cannot ask.",
        names(needed.iter())
    );
    let finding = Finding::warning(RUNBOOK, "the identity may not ask what it may do there").detail(detail);
    // Without a role at its own machine either, it has most likely none.
    let status = if it.is_refused_at_machine { super::Status::Error } else { finding.status };
    give(it, Finding { status, ..finding }, &needed)
}

fn names<'a>(needs: impl Iterator<Item = &'a Permission>) -> String {
    let mut names: Vec<&str> = needs.map(|need| &*need.action).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// Adds the roles that have the permissions.
fn give(it: &Examination<'_>, finding: Finding, needs: &[Permission]) -> Finding {
    let rights = it.azure.rights(needs);
    let finding = rights.iter().filter(|right| !right.roles.is_empty()).fold(finding, |finding, right| {
        let roles = right.roles.join(" and ");
        finding.remedy(format!("give the identity of this machine {roles} at the {}", right.scope_name))
    });
    finding.remedy(LATE)
}

//! `arcbook doctor`: the page, its JSON, the needs of a runbook, and the documentation.

use std::collections::BTreeSet;

use arcbook_steps::doctor::CHECKS;
use serde_json::{Value as Json, json};

use crate::support::{Place, Ran, finished, repository, settings};

/// A world in which the identity of the machine has no role.
const WITHOUT_ROLES: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }
"#;

const LISTS: &str = r#"
step "metadata" "machine" {}

step "arm_list" "resources" {
  scope = step.metadata.machine.resource_group_id
}

output "names" { value = step.arm_list.resources.body.value[*].name }
"#;

fn findings(ran: &Ran) -> Vec<Json> {
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    lines.filter_map(|line| line.get("finding").cloned()).collect()
}

/// Returns the finding of a check about this subject.
fn finding<'a>(all: &'a [Json], id: &str, subject: &str) -> &'a Json {
    let is_it = |finding: &&Json| {
        finding["id"] == id && finding["subject"].as_str().unwrap_or_default().contains(subject)
    };
    all.iter().find(is_it).unwrap_or_else(|| panic!("no {id} about {subject:?} in {all:#?}"))
}

#[cfg(unix)]
#[test]
fn the_page_at_80_columns() {
    let place = Place::new();
    // The name of a directory that is not there yet would be in the page.
    place.write(".arcbook/runs/.keep", "");
    let mut command = place.command(&["doctor", "-lab"]);
    let ran = Ran::of(finished(command.env("COLUMNS", "80").env_remove("HOME")));
    let mut settings = settings();
    for (pattern, name) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2030-01-31T12:00:00Z"),
        (r"localhost:\[port\]", "localhost:41335"),
        (r"\d+ [GM]iB free", "20 GiB free"),
    ] {
        settings.add_filter(pattern, name);
    }
    settings.bind(|| insta::assert_snapshot!(ran.seen()));
}

#[test]
fn tools_get_one_object_a_finding_and_their_numbers() {
    let place = Place::new();
    let ran = place.run(&["doctor", "-lab", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let all = findings(&ran);
    let of = |status: &str| all.iter().filter(|finding| finding["status"] == status).count();
    let last: Json = serde_json::from_str(ran.out.lines().last().expect("a line")).expect("JSON");
    let numbers = json!({ "ok": of("ok"), "warning": of("warning"), "error": 0, "skipped": of("skipped") });
    assert_eq!(last["findings"], numbers, "{}", ran.seen());
    assert_eq!(of("ok") + of("warning") + of("skipped"), all.len());
    let token = finding(&all, "identity.token", "management");
    assert_eq!(token["status"], "ok", "{token}");
    assert!(!ran.seen().contains("eyJ0"), "a token is shown: {}", ran.seen());
    // Nothing was made: no directory of records, no state.
    assert_eq!(place.files(), Vec::new());
}

#[test]
fn the_needs_of_a_runbook_are_those_of_its_plan() {
    let place = Place::jumpstart();
    let ran = place.run(&["doctor", "-lab", "-json", "jumpstart"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let all = findings(&ran);
    // The machine told its resource group, so the permission there is known and asked about.
    let right = finding(&all, "rights.runbook", "/resourceGroups/");
    assert_eq!(right["status"], "ok", "{right}");
    let vault = finding(&all, "endpoint.connection", "vault");
    assert_eq!((&vault["status"], vault.get("because")), (&json!("skipped"), None), "{vault}");
    for audience in ["vault", "storage", "management"] {
        let token = finding(&all, "identity.token", audience);
        assert_eq!(token["status"], "ok", "{token}");
    }
}

/// A fleet asks before it onboards a machine, which has no identity then.
#[test]
fn a_machine_that_a_runbook_connects_need_not_be_connected() {
    let place = Place::new();
    let onboard = repository().join("runbooks/onboard");
    let ran = place.run(&["doctor", "-lab", "-json", onboard.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    for (id, subject) in [("agent.machine", ""), ("identity.token", "management")] {
        let found = findings(&ran);
        let found = finding(&found, id, subject);
        assert_eq!(found["status"], "skipped", "{found}");
    }
    let found = findings(&ran);
    let machine = finding(&found, "agent.machine", "")["summary"].as_str().unwrap_or_default().to_owned();
    assert!(machine.starts_with("not yet, step.arc_connect.machine connects this machine: "), "{machine}");
    // Another runbook needs the machine to be connected.
    let world = onboard.join("onboard.lab.hcl");
    place.write("main.runbook.hcl", LISTS);
    let other = place.run(&["doctor", "-lab", "-world", world.to_str().expect("UTF-8"), "."]);
    assert_eq!(other.code, Some(1), "{}", other.seen());
}

#[test]
fn a_role_that_the_runbook_needs_and_the_identity_lacks_is_an_error() {
    let place = Place::with(LISTS);
    place.write("world.lab.hcl", WITHOUT_ROLES);
    let ran = place.run(&["doctor", "-lab", "-json", "."]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let all = findings(&ran);
    let right = finding(&all, "rights.runbook", "/resourceGroups/rg");
    assert_eq!(right["status"], "error", "{right}");
    let remedies = right["remedies"].to_string();
    assert!(remedies.contains("Reader") && remedies.contains("ten minutes"), "{right}");

    // A role that lists its own permissions and not the resources.
    let role = "role \"Asks\" { actions = [\"Microsoft.Authorization/permissions/read\"] }";
    let world = format!("{WITHOUT_ROLES}\n{role}\n\nrole_assignment {{ role = \"Asks\" }}\n");
    place.write("world.lab.hcl", world);
    let all = findings(&place.run(&["doctor", "-lab", "-json", "."]));
    let right = finding(&all, "rights.runbook", "/resourceGroups/rg");
    let lacks = "It lacks Microsoft.Resources/subscriptions/resourceGroups/resources/read.";
    assert_eq!((&right["status"], &right["detail"]), (&json!("error"), &json!(lacks)), "{right}");
}

#[test]
fn a_runbook_without_values_or_with_other_identities_is_checked_as_far_as_it_is_known() {
    let place = Place::with(
        r#"
variable "tenant" { type = string }

variable "host" { type = string }

variable "key" {
  type      = string
  sensitive = true
}

identity "client_secret" "operator" {
  tenant    = var.tenant
  client_id = "30000000-0000-4000-8000-000000000001"
  secret    = var.key
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.client_secret.operator
}

step "http" "status" { url = "https://${var.host}/status" }

output "all" { value = [step.arm_get.subscriptions.status, step.http.status.status] }
"#,
    );
    let ran = place.run(&["doctor", "-lab", "-json", "."]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let all = findings(&ran);
    assert_eq!(finding(&all, "endpoint.connection", "var.host")["status"], "skipped");
    assert_eq!(finding(&all, "identity.token", "identity.client_secret.operator")["status"], "skipped");
}

/// The upload of the record is no step: it has needs of its own.
#[test]
fn the_place_of_the_record_is_checked_like_a_step() {
    let place = Place::with(
        r#"
runbook {
  record {
    account   = "nosuchacct"
    container = "records"
  }
}

step "echo" "a" { input = 1 }

output "a" { value = step.echo.a.output }
"#,
    );
    let all = findings(&place.run(&["doctor", "-lab", "-json", "."]));
    finding(&all, "endpoint.connection", "nosuchacct");
    assert_eq!(finding(&all, "identity.token", "storage")["status"], "ok");
    let permissions = finding(&all, "rights.runbook", "");
    assert_ne!(permissions["status"], "ok", "{permissions}");
    // In a cloud whose names are real, nobody has that account.
    let mut command = place.command(&["doctor", "-json", "."]);
    let all = findings(&Ran::of(finished(command.env("ARCBOOK_CLOUD", "AzureCloud"))));
    let reached = finding(&all, "endpoint.connection", "nosuchacct.blob.core.windows.net");
    assert_ne!(reached["status"], "ok", "{reached}");
}

#[test]
fn a_wrong_runbook_is_wrong_and_nothing_is_checked() {
    let place = Place::with("step \"arm_gett\" \"a\" {}\n");
    for arguments in
        [&["doctor", "-lab", "."][..], &["doctor", "-lab", "missing"], &["doctor", "-lab", "-var", "a=b"]]
    {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(!ran.out.contains("agent.port"), "{}", ran.seen());
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error() {
    let place = Place::new();
    place.write("file", "");
    let ran = place.run(&["doctor", "-lab", "-json", "-journal", "file/runs"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let all = findings(&ran);
    let directory = finding(&all, "records.directory", "runs");
    assert_eq!(directory["status"], "error", "{directory}");
    assert!(directory["detail"].to_string().contains("no directory"), "{directory}");
}

#[test]
fn every_finding_is_documented() {
    let page = std::fs::read_to_string(repository().join("docs/doctor.md")).expect("the page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")).filter(|line| line.contains('.'));
    let documented: BTreeSet<(&str, &str)> = rows
        .filter_map(|row| {
            let (id, rest) = row.split_once("` | ")?;
            Some((id, rest.split_once(" | ")?.0))
        })
        .filter(|(id, _)| id.contains('.'))
        .collect();
    let known: BTreeSet<(&str, &str)> = CHECKS.iter().map(|check| (check.id, check.meaning)).collect();
    assert_eq!(documented, known);
}

#[test]
fn values_are_those_of_the_runbook_here() {
    let place =
        Place::with("variable \"host\" { type = string }\nstep \"endpoint\" \"a\" { host = var.host }\n");
    place.write("own.vars.hcl", "host = \"b.invalid\"\n");
    for (arguments, host) in [
        (&["-var", "host=a.invalid"][..], "a.invalid"),
        (&["-var-file", "own.vars.hcl"], "b.invalid"),
        (&["-var", "host=a.invalid", "."], "a.invalid"),
    ] {
        let ran = place.run(&[&["doctor", "-lab", "-json"], arguments].concat());
        assert!(ran.out.contains(host), "{arguments:?}: {}", ran.seen());
    }
    let none = place.run(&["doctor", "-lab", "-json"]);
    assert!(!none.out.contains("a.invalid"), "{}", none.seen());
    let elsewhere = Place::new().run(&["doctor", "-lab", "-var", "host=a.invalid"]);
    assert_eq!(elsewhere.code, Some(3), "{}", elsewhere.seen());
}

//! The fault table: whole runs of one step each, against the lab, with one fault at a time.
//!
//! Each step type that uses a service has a runbook in `runbooks/` and a table in `tables/`, with a line for each fault
//! of each kind of request: the attempts, the exit code, the changes, the requests in the lab's log, and the events of
//! the record. A run of these tests compares each line exactly. `FAULT_TABLE=write` writes the tables anew; a line that
//! changes is to be read like code, because the table is the specification.
//!
//! Beside that, [`invariants`] hold for every line, whatever the table says: no change is made twice, none is lost, no
//! step is done that is not, and a run that failed can be resumed to the same end.

mod cases;
mod cell;
mod fault;
mod invariants;
mod line;
mod place;
mod record;
mod table;

use cases::{CASES, Case, WITHOUT};

/// Defines a test for each case.
macro_rules! cases {
    ($($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            table::check(Case::named(stringify!($name))).await;
        })*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    arc_extension arc_machine arm_action arm_action_reads arm_delete arm_delete_slow arm_deployment arm_get arm_list
    arm_resource arm_resource_slow arm_resource_update blob_container blob_delete blob_download blob_list blob_upload
    blob_upload_replace entra_group_member http http_post keyvault_access_policy keyvault_certificate keyvault_secret
    keyvault_secret_delete keyvault_secret_set keyvault_secret_set_update keyvault_secrets metadata
    provider_registration resource_graph resource_group resource_tags role_assignment token
}

/// The lab runs the scripts of run commands with the shell of its computer.
#[cfg(unix)]
#[tokio::test]
async fn arc_run_command() {
    table::check(Case::named("arc_run_command")).await;
}

#[test]
fn every_case_is_tested() {
    for case in CASES {
        assert!(TESTED.contains(&case.name) || case.name == "arc_run_command", "{}", case.name);
    }
}

#[tokio::test]
async fn every_step_type_has_a_table_or_a_reason() {
    let bench = crate::world::Bench::start().await;
    let registry = arcbook_steps::registry(&bench.azure);
    for name in registry.names() {
        let is_tabled = CASES.iter().any(|case| case.step_type() == name);
        let reason = WITHOUT.iter().find(|(without, _)| *without == name);
        assert!(is_tabled != reason.is_some(), "{name}: either a case or a reason");
    }
    for (name, _) in WITHOUT {
        assert!(registry.get(name).is_some(), "{name} is no step type");
    }
}

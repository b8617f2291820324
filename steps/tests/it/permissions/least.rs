//! With exactly the declared permissions each step succeeds; without any one of them it fails and names that one.

use std::collections::BTreeSet;

use arcbook_engine::step::{Permission, Plane};
use arcbook_lab::Service;

use super::case::{Case, End, Ran};
use super::cases::cases;
use super::granted::Granted;
use super::matching::row_of;
use super::table::{Row, rows};
use crate::world::Bench;

/// The permissions without which the steps of a type succeed as well, with the reason.
const DISPENSABLE: &[(&str, &str, &str)] = &[
    (
        "arm_deployment",
        "Microsoft.Resources/deployments/operationStatuses/read",
        "without it, the step reads the deployment in place of its operation",
    ),
    (
        "keyvault_secret_set",
        "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        "without it, the undo does not wait until the vault has deleted the secret, as Microsoft's clients",
    ),
    (
        "resource_graph",
        "Microsoft.ResourceGraph/resources/read",
        "a query is answered with the rows that the caller may read",
    ),
];

fn is_dispensable(ty: &str, action: &str) -> bool {
    DISPENSABLE.iter().any(|(own, known, _)| *own == ty && known.eq_ignore_ascii_case(action))
}

/// Returns the permissions that the steps of a case declare.
async fn declared(case: &Case, rows: &[Row]) -> Vec<Permission> {
    case.run(&Granted::Everything, rows).await.1.needs
}

/// Returns the requests of a run that no declared permission covers.
fn undeclared(bench: &Bench, ran: &Ran, rows: &[Row]) -> BTreeSet<String> {
    let service = |service| match service {
        Service::Arm => Some("arm"),
        Service::KeyVault => Some("vault"),
        Service::Blob => Some("blob"),
        Service::Graph => Some("graph"),
        _ => None,
    };
    let mut found = BTreeSet::new();
    for request in bench.lab.requests() {
        let Some(service) = service(request.service) else { continue };
        let is_open = request.target.starts_with("/metadata/endpoints");
        let is_poll =
            ["/operationStatuses/", "/operationResults/"].iter().any(|view| request.target.contains(view));
        if is_open || is_poll {
            continue;
        }
        match row_of(rows, &request.method, service, &request.target) {
            Ok((row, names)) => {
                let action = super::table::filled(row.actions[0], &names);
                if !ran.needs.iter().any(|need| need.action.eq_ignore_ascii_case(&action)) {
                    found.insert(format!("{} {} needs {action}", request.method, request.target));
                }
            }
            Err(error) => {
                found.insert(error);
            }
        }
    }
    found
}

#[tokio::test]
async fn a_run_sends_what_its_permissions_are_declared_for() {
    let rows = rows();
    let mut found = Vec::new();
    for case in cases() {
        let (bench, ran) = case.run(&Granted::Everything, &rows).await;
        if !matches!(ran.end, End::Complete) {
            found.push(format!("{} with all rights: {:?}", case.ty, ran.end));
        }
        found.extend(ran.differences.iter().cloned());
        found.extend(undeclared(&bench, &ran, &rows).into_iter().map(|odd| format!("{}: {odd}", case.ty)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn the_declared_permissions_suffice_and_each_is_needed() {
    let rows = rows();
    let mut found = Vec::new();
    for case in cases() {
        let needs = declared(&case, &rows).await;
        let (_, exact) = case.run(&Granted::Exactly(needs.clone()), &rows).await;
        if !matches!(exact.end, End::Complete) {
            found.push(format!("{} with all that it declares: {:?}", case.ty, exact.end));
        }
        for without in needs.iter().filter(|need| !is_needless(need, &needs)) {
            let rest = needs.iter().filter(|need| *need != without).cloned().collect();
            let (_, ran) = case.run(&Granted::Exactly(rest), &rows).await;
            let action = &without.action;
            let named = match &ran.end {
                End::Complete => is_dispensable(case.ty, action),
                End::Unanswered(why) => why.contains("403"),
                End::Failed(why) => {
                    let is_named = why.to_lowercase().contains(&action.to_lowercase());
                    is_named && codes(&rows, action).iter().any(|code| why.contains(code))
                }
            };
            if !named || is_dispensable(case.ty, action) != matches!(ran.end, End::Complete) {
                found.push(format!("{} without {action}: {:?}", case.ty, ran.end));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Returns the codes with which a request is refused that needs a permission.
fn codes(rows: &[Row], action: &str) -> Vec<&'static str> {
    let of_action = |row: &&Row| row.actions.iter().any(|own| own.eq_ignore_ascii_case(action));
    let codes: Vec<_> = rows.iter().filter(of_action).filter_map(|row| row.refusal).collect();
    // The permissions of providers that the table does not list are those of Azure Resource Manager.
    if codes.is_empty() { vec!["AuthorizationFailed"] } else { codes }
}

/// Returns true if another permission of the directory includes this one.
fn is_needless(need: &Permission, needs: &[Permission]) -> bool {
    let wider = need.action.replace(".Read.", ".ReadWrite.");
    need.plane == Plane::Directory && wider != need.action && needs.iter().any(|other| other.action == wider)
}

#[tokio::test]
async fn the_suggested_roles_suffice() {
    let rows = rows();
    let mut found = Vec::new();
    for case in cases() {
        let needs = declared(&case, &rows).await;
        let (_, ran) = case.run(&Granted::Suggested(needs), &rows).await;
        if !matches!(ran.end, End::Complete) {
            found.push(format!("{}: {:?}", case.ty, ran.end));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

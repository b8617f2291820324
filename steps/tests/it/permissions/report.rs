//! The report of a runbook lists exactly the permissions of the table for its requests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::permissions::{Needs, PermissionReport};
use arcbook_engine::plan::{self, KnownResults, Plan};
use arcbook_engine::runbook::{self, Files, Inputs, Missing};
use arcbook_engine::source::Sources;
use arcbook_engine::value::{Layout, show};
use arcbook_steps::{Azure, AzureOptions, Environment, registry, roles};

use super::case::Case;
use super::cases::cases;
use super::comparison::{place_of, scope_of, service_of, shown, wanted};
use super::matching::row_of;
use super::table::{Row, rows};

/// Writes a runbook with the steps of a case.
fn runbook(case: &Case) -> String {
    let mut text = String::new();
    for (number, step) in case.steps.iter().enumerate() {
        let _ = writeln!(text, "step \"{}\" \"s{number}\" {{", step.ty);
        for (name, value) in &step.given {
            let value = show(value, Layout { indent: 2, heredocs: false });
            // A value may be text with a beginning of a template.
            let _ = writeln!(text, "  {name} = {value}");
        }
        text.push_str("}\n");
    }
    text
}

fn planned(text: &str, azure: &Arc<Azure>) -> (Plan, Sources) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.runbook.hcl"), text).unwrap();
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let files = Files::find(directory.path()).unwrap();
    let runbook = runbook::load(&files, &registry(azure), &mut sources, &mut found);
    let variables = Inputs::new().resolve(&runbook, &mut sources, Missing::Unknown, &mut found);
    let plan = plan::make(&runbook, variables, &KnownResults::default(), &mut found);
    assert!(!found.has_errors(), "{text}\n{found:?}");
    (plan.unwrap(), sources)
}

/// Returns the permissions of the table for the requests of a plan, and the actions of those rows that name no scope, or a
/// template, whose resources the table does not know.
fn of_table(plan: &Plan, rows: &[Row]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut exact, mut open) = (BTreeSet::new(), BTreeSet::new());
    for request in plan.requests() {
        let url = request.url.to_string();
        let (host, target) = place_of(&url);
        let Some(service) = service_of(host) else { continue };
        let (row, names) = row_of(rows, request.method.as_str(), service, target).unwrap();
        if row.actions.contains(&"{template}/write") {
            open.insert("/write control".to_owned());
        }
        match row.scope {
            Some(_) => exact.extend(wanted(row, &names, host)),
            None => open.extend(row.actions.iter().map(|action| action.to_lowercase())),
        }
    }
    (exact, open)
}

#[test]
fn the_report_lists_the_permissions_of_the_table() {
    let azure = Arc::new(Azure::new(AzureOptions::new(Environment::default())));
    let rows = rows();
    let mut odd = Vec::new();
    for case in cases() {
        let (plan, sources) = planned(&runbook(&case), &azure);
        let report = PermissionReport::of(&Needs::of_plan(&plan, "x", &sources, &*azure), roles::built_in());
        let found: BTreeSet<String> = report
            .all()
            .map(|(_, scope, need)| shown(&need.action, need.plane, &scope_of(&scope.scope)))
            .collect();
        let (exact, open) = of_table(&plan, &rows);
        let more: Vec<&String> = found.difference(&exact).collect();
        let is_open = |need: &&&String| open.iter().any(|part| need.contains(part.as_str()));
        if !exact.is_subset(&found) || !more.iter().all(|need| is_open(&need)) {
            odd.push(format!("{}: {found:#?} in place of {exact:#?}", case.ty));
        }
        // Each permission names the step that needs it, with its place.
        let requests = report.all().flat_map(|(_, _, need)| &need.needed_by);
        for request in requests {
            let place = request.place.as_ref().unwrap();
            assert!(request.step.starts_with("step.") && place.line > 0, "{request:?}");
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

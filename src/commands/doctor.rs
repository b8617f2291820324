//! `arcbook doctor`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::plan::{self, Plan};
use arcbook_engine::run::Approval;
use arcbook_engine::runbook::Missing;
use arcbook_engine::step::StepError;
use arcbook_steps::doctor::{Case, Finding, Status, examine};
use arcbook_steps::{Azure, registry};
use serde_json::json;

use super::live_azure::with_azure_as_far_as_known;
use super::{JournalArguments, block_on, failed, findings, origin};
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::known_results::Asking;
use crate::loaded::{Loaded, RunbookArguments};
use crate::progress::Phase;
use crate::screen::Screen;
use crate::state;
use crate::values::ValueArguments;

#[derive(clap::Args)]
pub struct Arguments {
    /// The runbook whose needs are checked: a directory with `*.runbook.hcl` files, or one such file; by
    /// default, the needs of every run, or with values of variables those of the runbook here.
    path: Option<PathBuf>,
    #[command(flatten)]
    values: ValueArguments,
    #[command(flatten)]
    lab: LabArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

impl Arguments {
    /// Returns the runbook whose needs are checked; none if those of every run are. Values are those of a runbook, so they
    /// mean the one here, as in other commands.
    fn runbook(&self) -> Option<RunbookArguments> {
        let here = (!self.values.given.is_empty()).then(|| PathBuf::from("."));
        let path = self.path.clone().or(here)?;
        Some(RunbookArguments { path, values: self.values.clone() })
    }
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match block_on(check(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn check(arguments: &Arguments, screen: &Screen) -> Exit {
    let path = arguments.path.as_deref().unwrap_or(Path::new("."));
    with_azure_as_far_as_known(&arguments.lab, path, None, screen, async |azure, undiscovered| {
        check_with(arguments, screen, azure, undiscovered).await
    })
    .await
}

async fn check_with(
    arguments: &Arguments,
    screen: &Screen,
    azure: &Arc<Azure>,
    undiscovered: Option<StepError>,
) -> Exit {
    let (name, case) = match (undiscovered, arguments.runbook()) {
        // Without the endpoints of the cloud, the needs of a runbook are not known.
        (Some(error), _) => ("this machine".to_owned(), Case::of_endpoint(azure, error)),
        (None, None) => ("this machine".to_owned(), Case::of_cloud(azure)),
        (None, Some(runbook)) => {
            let loaded =
                match arguments.lab.with_values(&runbook).load(&registry(azure), Missing::Unknown, screen) {
                    Ok(loaded) => loaded,
                    Err(rejected) => return rejected.tell(screen),
                };
            let plan = planned(&loaded, azure, screen).await;
            let case = Case::of_plan(plan.as_ref().unwrap_or(&loaded.plan), azure);
            (loaded.runbook.name.clone(), case)
        }
    };
    let case =
        case.writing_to([Some(arguments.journal.journal.clone()), state::directory()].into_iter().flatten());
    let findings = {
        let _phase = Phase::begin(screen, || "checking this machine and its network".to_owned());
        examine(azure, &case, screen.secrets()).await
    };
    show(&findings, &format!("{name} · doctor · {}", azure.cloud().name), screen);
    let has_error = findings.iter().any(|finding| finding.status == Status::Error);
    if has_error { Exit::Failed } else { Exit::Done }
}

/// Returns the plan of a loaded runbook with the results of the steps that ask this machine who it is; none without such
/// steps, or if the plan cannot be made.
pub(super) async fn planned(loaded: &Loaded, azure: &Arc<Azure>, screen: &Screen) -> Option<Plan> {
    plan::register_plan_secrets(screen.secrets(), &loaded.plan);
    let steps = Case::steps_about_machine(&loaded.plan);
    if steps.is_empty() {
        return None;
    }
    let origin = origin::of_process(Approval::NotNeeded);
    let mut plan = Asking { screen, azure, loaded, parallelism: 1, origin }.these(&steps).await?;
    plan.select(loaded.plan.selection.clone()).ok()?;
    plan.record.clone_from(&loaded.plan.record);
    plan::register_plan_secrets(screen.secrets(), &plan);
    Some(plan)
}

fn show(found: &[Finding], title: &str, screen: &Screen) {
    if screen.json {
        for finding in found {
            screen.object(&json!({ "finding": finding }));
        }
        screen.object(&json!({ "findings": findings::count(found) }));
        return;
    }
    let secrets = screen.secrets();
    screen.page(&findings::page(found, title, screen.page_style(), |text| secrets.redact(text).into_owned()));
}

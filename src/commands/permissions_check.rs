//! `arcbook permissions -check`.

use std::sync::Arc;

use arcbook_engine::permissions::Needs;
use arcbook_engine::plan::register_plan_secrets;
use arcbook_engine::run::Approval;
use arcbook_engine::runbook::Missing;
use arcbook_steps::{Azure, registry};

use super::live_azure::with_live_azure;
use super::{doctor, origin};
use crate::embedded::LabArguments;
use crate::exit::Exit;
use crate::known_results::Asking;
use crate::loaded::{Loaded, RunbookArguments};
use crate::preflight;
use crate::screen::Screen;
use crate::selection::SelectionArguments;

/// The maximum number of steps that are asked at once.
const PARALLELISM: u16 = 10;

/// The runbook whose permissions are checked.
pub struct Checked<'a> {
    pub runbook: &'a RunbookArguments,
    pub selection: &'a SelectionArguments,
    pub lab: &'a LabArguments,
    /// True if the steps that only read run first.
    pub live: bool,
}

pub async fn perform(arguments: &Checked<'_>, screen: &Screen) -> Exit {
    with_live_azure(arguments.lab, &arguments.runbook.path, None, screen, async |azure| {
        check(arguments, screen, azure).await
    })
    .await
}

async fn check(arguments: &Checked<'_>, screen: &Screen, azure: &Arc<Azure>) -> Exit {
    let runbook = arguments.lab.with_values(arguments.runbook);
    let loaded = runbook.load(&registry(azure), Missing::Unknown, screen).and_then(|mut loaded| {
        arguments.selection.select(&mut loaded)?;
        Ok(loaded)
    });
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(rejected) => return rejected.tell(screen),
    };
    screen.diagnostics(&loaded.warnings, &loaded.sources);
    register_plan_secrets(screen.secrets(), &loaded.plan);
    let answered = if arguments.live { live(&loaded, azure, screen).await } else { None };
    let answered = match answered {
        Some(plan) => Some(plan),
        None => doctor::planned(&loaded, azure, screen).await,
    };
    let plan = answered.as_ref().unwrap_or(&loaded.plan);
    let needs = Needs::of_plan(plan, &loaded.runbook.name, &loaded.sources, &**azure);
    let judged = preflight::judge(plan, &needs, azure, screen).await;
    let title = format!("{} · permissions · {}", loaded.runbook.name, azure.cloud().name);
    preflight::show(&judged, &title, arguments.live, screen)
}

/// Returns the plan with the results of the steps that only read; none if it cannot be made.
async fn live(loaded: &Loaded, azure: &Arc<Azure>, screen: &Screen) -> Option<arcbook_engine::plan::Plan> {
    let origin = origin::of_process(Approval::NotNeeded);
    let asked = Asking { screen, azure, loaded, parallelism: PARALLELISM, origin }.services().await;
    screen.diagnostics(&asked.found, &loaded.sources);
    let plan = asked.plan?;
    register_plan_secrets(screen.secrets(), &plan);
    Some(plan)
}

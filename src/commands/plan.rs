//! `arcbook plan`.

use arcbook_engine::plan;
use arcbook_engine::runbook::Missing;
use arcbook_engine::step::Platform;

use arcbook_steps::registry;

use crate::exit::Exit;
use crate::loaded::{Rejected, RunbookArguments};
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let planned = super::with_azure(|azure| {
        let loaded = arguments.runbook.load(&registry(azure), Missing::Refuse)?;
        Ok((loaded, azure.identity()))
    });
    match planned {
        Ok((loaded, identity)) => {
            screen.diagnostics(&loaded.warnings, &loaded.sources);
            plan::teach_plan(screen.secrets(), &loaded.plan);
            if screen.json {
                screen.object(&plan::to_json(&loaded.plan, &loaded.runbook, &identity));
            } else {
                screen.print(&plan::show(&loaded.plan, &loaded.runbook, &identity));
            }
            Exit::Done
        }
        Err(Rejected { sources, diagnostics }) => {
            screen.diagnostics(&diagnostics, &sources);
            Exit::Wrong
        }
    }
}

//! `arcbook plan`.

use std::sync::Arc;

use arcbook_engine::plan;
use arcbook_engine::runbook::Missing;

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
    let planned = super::with_azure(screen, |azure| {
        let loaded = arguments.runbook.load(&registry(azure), Missing::Refuse, screen)?;
        Ok((loaded, Arc::clone(azure)))
    });
    match planned {
        Ok((loaded, azure)) => {
            screen.diagnostics(&loaded.warnings, &loaded.sources);
            plan::teach_plan(screen.secrets(), &loaded.plan);
            if screen.json {
                screen.object(&plan::to_json(&loaded.plan, &loaded.runbook, &*azure));
            } else {
                screen.print(&plan::show(&loaded.plan, &loaded.runbook, &*azure));
            }
            Exit::Done
        }
        Err(Rejected { sources, diagnostics }) => {
            screen.diagnostics(&diagnostics, &sources);
            Exit::Wrong
        }
    }
}

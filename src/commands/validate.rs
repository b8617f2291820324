//! `arcbook validate`.

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::runbook::Missing;
use serde_json::json;

use arcbook_steps::registry;

use crate::exit::Exit;
use crate::loaded::{Loaded, RunbookArguments};
use crate::progress::plural;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let result =
        super::with_azure(screen, |azure| arguments.runbook.load(&registry(azure), Missing::Unknown, screen));
    let (valid, diagnostics, sources) = match &result {
        Ok(loaded) => (true, &loaded.warnings, &loaded.sources),
        Err(rejected) => (false, &rejected.diagnostics, &rejected.sources),
    };
    if screen.json {
        let found = diagnostics.iter().map(|diagnostic| JsonDiagnostic::new(diagnostic, sources));
        screen.object(&json!({ "valid": valid, "diagnostics": found.collect::<Vec<_>>() }));
    } else {
        screen.diagnostics(diagnostics, sources);
    }
    match result {
        Ok(loaded) => {
            if !screen.json {
                screen.line(&praise(&loaded));
            }
            Exit::Done
        }
        Err(_) => Exit::Wrong,
    }
}

fn praise(loaded: &Loaded) -> String {
    let Loaded { runbook, .. } = loaded;
    let steps = plural(runbook.steps.len(), "step");
    format!("The runbook {} is valid: {steps} in {}.", runbook.name, plural(runbook.files.len(), "file"))
}

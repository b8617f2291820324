//! `arcbook validate`.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::runbook::Missing;
use arcbook_engine::source::Sources;
use serde_json::{Value as Json, json};

use arcbook_steps::registry;

use crate::exit::Exit;
use crate::loaded::{Loaded, RunbookArguments};
use crate::progress::plural;
use crate::revision::RevisionArguments;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    revision: RevisionArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let result = super::with_azure(screen, |azure| {
        let Arguments { runbook, revision } = arguments;
        revision.load(runbook, &registry(azure), Missing::Unknown, screen)
    });
    let (valid, diagnostics, sources) = match &result {
        Ok(loaded) => (true, &loaded.warnings, &loaded.sources),
        Err(rejected) => (false, &rejected.diagnostics, &rejected.sources),
    };
    if screen.json {
        screen.object(&answer(valid, diagnostics, sources));
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

/// Returns the output for tools.
pub fn answer(valid: bool, diagnostics: &Diagnostics, sources: &Sources) -> Json {
    let found = diagnostics.iter().map(|diagnostic| JsonDiagnostic::new(diagnostic, sources));
    json!({ "valid": valid, "diagnostics": found.collect::<Vec<_>>() })
}

fn praise(loaded: &Loaded) -> String {
    let Loaded { runbook, .. } = loaded;
    let steps = plural(runbook.steps.len(), "step");
    format!("The runbook {} is valid: {steps} in {}.", runbook.name, plural(runbook.files.len(), "file"))
}

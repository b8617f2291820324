//! `arcbook export`.

use arcbook_engine::export;
use arcbook_engine::plan::register_plan_secrets;
use arcbook_engine::runbook::Missing;
use arcbook_steps::registry;
use clap::ValueEnum;

use crate::exit::Exit;
use crate::loaded::RunbookArguments;
use crate::screen::Screen;
use crate::selection::SelectionArguments;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    runbook: RunbookArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// The output format.
    #[arg(long, value_enum, default_value_t = Format::Bash)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A script of bash, curl and jq for an Azure Arc-enabled server.
    Bash,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let Format::Bash = arguments.format;
    let exported = super::with_azure(screen, |azure| {
        let mut loaded = arguments.runbook.load(&registry(azure), Missing::Refuse, screen)?;
        arguments.selection.select(&mut loaded)?;
        register_plan_secrets(screen.secrets(), &loaded.plan);
        let script = export::bash(&loaded.runbook, &loaded.plan, &**azure);
        Ok((loaded, script))
    });
    match exported {
        Ok((loaded, script)) => {
            screen.diagnostics(&loaded.warnings, &loaded.sources);
            match script {
                Ok(script) => {
                    screen.print_exactly(&script);
                    Exit::Done
                }
                Err(diagnostics) => {
                    screen.diagnostics(&diagnostics, &loaded.sources);
                    Exit::Wrong
                }
            }
        }
        Err(rejected) => rejected.tell(screen),
    }
}

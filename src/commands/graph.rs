//! `arcbook graph`.

use arcbook_engine::graph::{self, Drawing, Outcomes, Picture};
use arcbook_engine::plan::drawn;
use arcbook_engine::runbook::Missing;
use arcbook_steps::registry;
use clap::ValueEnum;
use serde_json::json;

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
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Graphviz: `arcbook graph | dot -Tsvg`.
    Dot,
    /// Mermaid, which many sites render within Markdown.
    Mermaid,
    /// A picture, which browsers show: at most 300 boxes, each of which says how many steps it stands for.
    Svg,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let loaded = super::with_azure(screen, |azure| {
        let mut loaded = arguments.runbook.load(&registry(azure), Missing::Unknown, screen)?;
        arguments.selection.select(&mut loaded)?;
        Ok(loaded)
    });
    match loaded {
        Ok(loaded) => {
            screen.diagnostics(&loaded.warnings, &loaded.sources);
            let parts = drawn(&loaded.plan);
            if screen.json {
                screen.object(&json!({ "graph": parts }));
                return Exit::Done;
            }
            let drawing = Drawing::of_parts(&parts, &Outcomes::new());
            screen.print(&match arguments.format {
                Format::Dot => graph::dot(&drawing),
                Format::Mermaid => graph::mermaid(&drawing),
                Format::Svg => Picture::of(&drawing).document(),
            });
            Exit::Done
        }
        Err(rejected) => rejected.tell(screen),
    }
}

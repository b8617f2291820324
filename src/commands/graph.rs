//! `arcbook graph`.

use std::collections::HashMap;

use arcbook_engine::graph::{self, Drawing, NodeId, Picture};
use arcbook_engine::plan::secret_chains;
use arcbook_engine::runbook::Missing;
use arcbook_engine::step::Effect;
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
            let plan = &loaded.plan;
            let effects: HashMap<NodeId, Effect> =
                plan.steps.iter().map(|step| (step.node, step.effect)).collect();
            let effect = |id| effects.get(&id).copied().unwrap_or(Effect::Nothing);
            let leaves_out = |id| plan.target_filter.leaves_out(id);
            let chains = secret_chains(plan);
            let drawing = Drawing::new(&plan.graph, &plan.state.modules, effect, leaves_out, &chains);
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

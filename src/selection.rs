//! Which part of a runbook a command is about.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::plan::Selection;
use clap::Args;

use crate::loaded::{Loaded, Rejected};

/// Which part of a runbook.
#[derive(Args, Clone)]
pub struct SelectionArguments {
    /// Only this and what it needs: a step, one instance of it, a module, an output; may be repeated. `all` is everything.
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,
    /// Not this and what needs it; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    exclude: Vec<String>,
}

impl SelectionArguments {
    /// What was typed; none when nothing was.
    pub fn typed(&self) -> Result<Option<Selection>, Diagnostics> {
        if self.target.is_empty() && self.exclude.is_empty() {
            return Ok(None);
        }
        Selection::parse(&self.target, &self.exclude).map(Some)
    }

    /// Leaves out of a runbook what was not selected.
    pub fn select(&self, loaded: &mut Loaded) -> Result<(), Rejected> {
        let selection = self.typed()?;
        Ok(loaded.select(selection.unwrap_or_default())?)
    }
}

//! The options that select a part of a runbook.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::plan::Selection;
use clap::Args;

use crate::loaded::{Loaded, Rejected};

/// The options that select a part of a runbook.
#[derive(Args, Clone)]
pub struct SelectionArguments {
    /// Select an address and its dependencies: a step, one of its instances, a module or an output; may be
    /// repeated. `all` selects everything.
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,
    /// Exclude an address and its dependents; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    exclude: Vec<String>,
}

impl SelectionArguments {
    /// Returns the selection as typed; none if there is none.
    pub fn typed(&self) -> Result<Option<Selection>, Diagnostics> {
        if self.target.is_empty() && self.exclude.is_empty() {
            return Ok(None);
        }
        Selection::parse(&self.target, &self.exclude).map(Some)
    }

    /// Removes unselected steps from a loaded runbook.
    pub fn select(&self, loaded: &mut Loaded) -> Result<(), Rejected> {
        let selection = self.typed()?;
        Ok(loaded.select(selection.unwrap_or_default())?)
    }
}

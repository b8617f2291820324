//! Evaluates the identities that a runbook declares, for the plan and the run alike.

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::graph::{Acting, Item, Module, ModuleId};
use crate::step::{ArgumentError, ArgumentValues, Identity, Platform};
use crate::value::Value;

use super::arguments::{arguments, refused};
use super::{EvaluatedIdentity, State, When};

/// Evaluates the identity with that index in a module; none if the module does not run. Appends warnings to
/// `warnings`.
pub fn identity(
    state: &State,
    module: ModuleId,
    index: usize,
    warnings: &mut Diagnostics,
) -> Result<Option<EvaluatedIdentity>, Diagnostics> {
    if *state.when(module) == When::No {
        return Ok(None);
    }
    let declared = &state.runbook(module).identities[index];
    let scope = state.scope(module);
    let address = state.address(module, Item::Identity(index));
    let typed = declared.typed();
    let values = arguments(&scope, typed, &address, warnings)?;
    if !declared.is_whole {
        // The errors in its block are reported already.
        return Err(Diagnostics::new());
    }
    let report = |errors: Vec<ArgumentError>| -> Diagnostics {
        errors.into_iter().map(|error| refused(&scope, typed, &address, &values, error)).collect()
    };
    let identity = declared.kind.prepare(&values).map_err(report)?;
    let arguments = in_order(&values, declared.arguments.iter().map(|argument| &*argument.name.value));
    Ok(Some(EvaluatedIdentity { identity, arguments: arguments.into() }))
}

/// Returns true if nothing is wrong with an identity but that an argument is null.
#[must_use]
pub fn is_absent(errors: &Diagnostics) -> bool {
    !errors.is_empty() && errors.iter().all(|error| error.code == "null-argument")
}

/// Returns the values in source order.
fn in_order<'a>(values: &ArgumentValues, names: impl Iterator<Item = &'a str>) -> Vec<(String, Value)> {
    names.filter_map(|name| Some((name.to_owned(), values.get(name)?.clone()))).collect()
}

impl State {
    /// Returns the addresses of the identities that are evaluated, and the identities.
    pub fn identities(&self) -> impl Iterator<Item = (String, Arc<dyn Identity>)> {
        self.modules.iter().flat_map(move |(module, Module { runbook, .. })| {
            (0..runbook.identities.len()).filter_map(move |index| {
                let evaluated = self.identity(module, index)?;
                Some((self.address(module, Item::Identity(index)), Arc::clone(&evaluated.identity)))
            })
        })
    }

    /// Returns the identity that acts, as far as it is evaluated.
    #[must_use]
    pub fn acting(&self, acting: Acting, platform: &dyn Platform) -> Option<Arc<dyn Identity>> {
        match acting {
            Acting::Machine => Some(platform.machine()),
            Acting::Declared { module, index } => Some(Arc::clone(&self.identity(module, index)?.identity)),
        }
    }
}

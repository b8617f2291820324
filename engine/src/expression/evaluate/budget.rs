//! Limits the cost of an evaluation.

use crate::diagnostic::Diagnostic;
use crate::value::{Value, Weight};

/// The limit: more than any runbook needs, and well under a second of work; lower in tests, which run slower.
const MAX_STEPS: usize = if cfg!(test) { 500_000 } else { 10_000_000 };

/// The remaining steps.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_STEPS)
    }
}

impl Budget {
    /// Returns the number of bytes of text that the budget still allows.
    pub fn text(&self) -> usize {
        self.0.saturating_mul(TEXT_STEP)
    }

    /// Spends `steps`; fails if fewer remain.
    pub fn spend(&mut self, steps: usize) -> Result<(), Box<Diagnostic>> {
        if let Some(left) = self.0.checked_sub(steps) {
            self.0 = left;
            return Ok(());
        }
        Err(too_costly(format!("It was given up after {MAX_STEPS} steps.")))
    }

    /// Spends the steps to traverse values beyond their size in memory, since shared parts are visited
    /// repeatedly.
    pub fn spend_on<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> Result<(), Box<Diagnostic>> {
        let (parts, bytes) = Weight::of(values).repeated();
        let steps = parts.saturating_add(bytes / TEXT_STEP as u64);
        self.spend(usize::try_from(steps).unwrap_or(usize::MAX))
    }
}

/// Returns the error that an evaluation stopped early because of `detail`.
pub(super) fn too_costly(detail: impl Into<String>) -> Box<Diagnostic> {
    let error = Diagnostic::error("too-costly", "this expression takes too long to evaluate");
    Box::new(
        error
            .detail(detail)
            .help("make the collections smaller that its `for`s go through, or that its functions make"),
    )
}

/// The number of bytes of text that cost one step.
const TEXT_STEP: usize = 16;

/// Returns the cost of making `bytes` of text.
pub(super) fn text_cost(bytes: usize) -> usize {
    bytes / TEXT_STEP
}

//! What an evaluation may cost.

use crate::diagnostic::Diagnostic;
use crate::value::{Value, Weight};

/// More than any runbook needs, and well under a second's work; our own slower tests use it up sooner.
const MAX_STEPS: usize = if cfg!(test) { 500_000 } else { 10_000_000 };

/// The steps that are left.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_STEPS)
    }
}

impl Budget {
    /// How many bytes of text can still be paid for.
    pub fn text(&self) -> usize {
        self.0.saturating_mul(TEXT_STEP)
    }

    /// Takes `steps`, if there are as many.
    pub fn spend(&mut self, steps: usize) -> Result<(), Box<Diagnostic>> {
        if let Some(left) = self.0.checked_sub(steps) {
            self.0 = left;
            return Ok(());
        }
        Err(too_costly(format!("It was given up after {MAX_STEPS} steps.")))
    }

    /// Takes the steps for what of these values is in memory once and is gone through more often.
    pub fn spend_on<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> Result<(), Box<Diagnostic>> {
        let (parts, bytes) = Weight::of(values).repeated();
        let steps = parts.saturating_add(bytes / TEXT_STEP as u64);
        self.spend(usize::try_from(steps).unwrap_or(usize::MAX))
    }
}

/// The error that an expression is not evaluated to its end, because of `detail`.
pub(super) fn too_costly(detail: impl Into<String>) -> Box<Diagnostic> {
    let error = Diagnostic::error("too-costly", "this expression takes too long to evaluate");
    Box::new(
        error
            .detail(detail)
            .help("make the collections smaller that its `for`s go through, or that its functions make"),
    )
}

/// Bytes of text that take as long to make as one step.
const TEXT_STEP: usize = 16;

/// What making `bytes` of text costs.
pub(super) fn text_cost(bytes: usize) -> usize {
    bytes / TEXT_STEP
}

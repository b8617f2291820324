//! What an evaluation may cost.

use crate::diagnostic::Diagnostic;

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
    /// Takes `steps`, if there are as many.
    pub fn spend(&mut self, steps: usize) -> Result<(), Box<Diagnostic>> {
        if let Some(left) = self.0.checked_sub(steps) {
            self.0 = left;
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error("too-costly", "this expression takes too long to evaluate")
                .detail(format!("It was given up after {MAX_STEPS} steps."))
                .help("make the collections smaller that its `for`s go through, or that its functions make"),
        ))
    }
}

/// What making `bytes` of text costs.
pub(super) fn text_cost(bytes: usize) -> usize {
    bytes / 64
}

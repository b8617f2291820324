//! A failure outside of any run, as a diagnostic.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::run::described;
use arcbook_engine::step::StepError;

/// The diagnostic for `error`.
pub fn of(error: &StepError) -> Diagnostic {
    described(error)
}

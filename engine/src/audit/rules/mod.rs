//! The rules that know no step type, with one file per subject.

mod processes;
mod robustness;
mod secret_ends;
mod secrets;
mod supply;
mod transport;

use super::AuditRule;

/// The rules of the engine.
pub(super) const ALL: [&[AuditRule]; 6] = [
    secret_ends::RULES,
    secrets::RULES,
    transport::RULES,
    processes::RULES,
    robustness::RULES,
    supply::RULES,
];

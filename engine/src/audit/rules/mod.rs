//! The rules that know no step type, with one file per subject.

mod downloads;
mod private_files;
mod robustness;
mod scripts;
mod secret_ends;
mod secrets;
mod supply;
mod transport;

use super::AuditRule;

/// The rules of the engine.
pub(super) const ALL: [&[AuditRule]; 8] = [
    secret_ends::RULES,
    secrets::RULES,
    transport::RULES,
    private_files::RULES,
    scripts::RULES,
    downloads::RULES,
    robustness::RULES,
    supply::RULES,
];

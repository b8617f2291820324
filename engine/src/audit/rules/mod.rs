//! The rules that know no step type, with one file per subject.

mod addresses;
mod code;
mod copies;
mod digests;
mod downloads;
mod loaders;
mod private_files;
mod private_path;
mod robustness;
mod scripts;
mod secret_ends;
mod secrets;
mod senders;
mod shown_files;
mod statements;
mod supply;
mod text_direction;
mod transport;
mod values;
mod words;

use super::AuditRule;

/// The rules of the engine.
pub(super) const ALL: [&[AuditRule]; 11] = [
    secret_ends::RULES,
    secrets::RULES,
    transport::RULES,
    private_files::RULES,
    shown_files::RULES,
    scripts::RULES,
    statements::RULES,
    downloads::RULES,
    robustness::RULES,
    supply::RULES,
    text_direction::RULES,
];

//! Examines a runbook and its plan by rules, without running anything.
//!
//! A rule is data ([`AuditRule`]) with one function that finds the places which break it. The rules that know a step type or
//! Azure are those of the step types; [`Rules::with`] adds them to the engine's own. A comment in the runbook may allow a
//! finding, and a [`Baseline`] holds the findings that are known.

mod all;
mod allowing;
mod baseline;
mod block_text;
mod comments;
mod declassified;
mod examine;
mod finding;
mod fingerprint;
mod found;
mod junit;
mod last_lines;
mod level;
mod policy_rules;
mod reason;
mod refused_rules;
mod report;
mod rule;
mod rules;
mod sarif;
mod subject;
mod suppression;
mod suppression_rules;
mod text;

pub use all::Rules;
pub use baseline::Baseline;
pub use examine::examine;
pub use finding::{Allowed, Finding, Release};
pub use found::Found;
pub use junit::junit;
pub use level::Level;
pub use report::AuditReport;
pub use rule::AuditRule;
pub use sarif::sarif;
pub use subject::{StepView, Subject};
pub use suppression::allowed_lines;
pub use text::{page, text};

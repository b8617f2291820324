//! For each rule of an audit: a runbook that breaks it, one that does not, and one that comes near.

mod others;
mod refused;
mod rights;
mod secrets;

pub use others::OTHERS;
pub use refused::REFUSED;
pub use rights::RIGHTS;
pub use secrets::SECRETS;

/// A rule with its three runbooks.
pub struct Case {
    pub rule: &'static str,
    pub breaks: &'static str,
    pub keeps: &'static str,
    pub near: &'static str,
}

/// Returns a case.
const fn case(rule: &'static str, breaks: &'static str, keeps: &'static str, near: &'static str) -> Case {
    Case { rule, breaks, keeps, near }
}
